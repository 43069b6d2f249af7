"""Suspicions: the earlier is never the copy, nobody copies themselves, and chains have one top."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.acts.copies import Found, Suspicion, declare_copy
from assent.acts.holders import Share
from assent.acts.house import House
from assent.acts.reviews import decide
from assent.catalogue.cases import State
from assent.identity.proof import Finding
from assent.identity.sighting import Sighting, evidence
from assent.identity.suspicions import suspicions
from tests.acts.disputes import suspected
from tests.houses import add, platform
from tests.identity.matches import a_match, a_proof
from tests.identity.music import thorough

PEOPLE = ("Ada Quill", "Bo Tarn", "Cy Loom")


def sighted(number: int, *, finding: Finding = Finding.SAME, start_s: float = 1.0) -> Sighting:
    """Thirty seconds of a recording."""
    match = a_match(
        recording=number,
        start_s=start_s,
        end_s=start_s + 30,
        original_start_s=60.0,
        original_end_s=93.0,
        tempo=1.1,
        semitones=1.65,
    )
    proof = a_proof(
        finding=finding, together=1.0, on_line=1.0, on_curve=1.0, likeness=0.9, by_chance=0.1
    )
    return Sighting(match=match, proof=proof)


def found(
    house: House, recording: str, sightings: Sequence[Sighting]
) -> dict[str, list[Suspicion]]:
    with house.reading() as connection:
        return suspicions(connection, recording, sightings)


def pairs(house: House, recording: str, others: Iterable[int]) -> set[tuple[str, str]]:
    """Return who is suspected of what, if these others are found in a recording."""
    told = found(house, recording, [sighted(other) for other in others])
    return {(copy, it.original) for copy, several in told.items() for it in several}


def subsets(some: Sequence[int]) -> Iterable[tuple[int, ...]]:
    return chain.from_iterable(combinations(some, many) for many in range(len(some) + 1))


def held_by(house: House, folder: Path, names: Sequence[str]) -> str:
    """Take in a recording that these hold; nobody's, if there is none."""
    if not names:
        return add(house, folder, "")
    shares = tuple(Share(name=name, share_ppm=100_000) for name in names)
    return add(house, folder, names[0], holders=shares)


# ---- laws


@thorough
@given(st.data())
def test_the_earlier_is_never_the_copy(data: st.DataObject) -> None:
    with TemporaryDirectory() as name, platform(Path(name) / "data") as house:
        numbers = range(5)
        for _ in numbers:
            who = data.draw(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=3))
            held_by(house, Path(name), who)
        for copy, original in data.draw(
            st.lists(st.tuples(st.sampled_from(numbers), st.sampled_from(numbers)), max_size=3)
        ):
            if copy > original:
                declare_copy(house, f"r{copy}", f"r{original}", "desk")
        seen = data.draw(
            st.lists(
                st.builds(
                    lambda number, finding: sighted(number, finding=finding),
                    st.sampled_from(numbers),
                    st.sampled_from(Finding),
                ),
                max_size=6,
            )
        )
        asked = data.draw(st.sampled_from(numbers))
        told = found(house, f"r{asked}", seen)
        claimed = {it.match.recording for it in seen if it.is_claimed}
        for copy_name, several in told.items():
            originals = [it.original for it in several]
            assert len(set(originals)) == len(originals) > 0
            for it in several:
                assert int(it.original[1:]) < int(copy_name[1:])
                assert it.found is Found.FINGERPRINT
                assert it.evidence
                way = {each.get("by_way_of", it.original) for each in it.evidence}
                assert {int(one[1:]) for one in {*way, copy_name}} <= claimed | {asked}


def test_own_is_what_whoever_brings_it_holds_alone(house: House, tmp_path: Path) -> None:
    groups = [[PEOPLE[at] for at in some] for some in subsets(range(3))]
    originals = [held_by(house, tmp_path, group) for group in groups]
    copies = [held_by(house, tmp_path, group) for group in groups]
    own = 0
    for original, theirs in zip(originals, groups, strict=True):
        for copy, mine in zip(copies, groups, strict=True):
            suspected_of = pairs(house, copy, [int(original[1:])])
            if mine and theirs == mine[:1]:  # the first is who brings it
                assert suspected_of == set(), (theirs, mine)
                own += 1
            else:
                assert suspected_of == {(copy, original)}, (theirs, mine)
    assert own == 4 + 2 + 1  # of each person, the groups that they are the first of


@pytest.fixture
def line(house: House, tmp_path: Path) -> House:
    """Give r0 of Ada, r1 of Bo made of r0, r2 of Cy made of r1; r3 is Tess Vane's, r4 Bo's."""
    for artist in (*PEOPLE, "Tess Vane", "Bo Tarn"):
        add(house, tmp_path, artist)
    suspected(house, "r1", "r0")
    suspected(house, "r2", "r1")
    return house


def test_of_a_line_of_copies_the_topmost_that_is_found_is_the_original(line: House) -> None:
    for some in subsets(range(3)):
        for order in (some, some[::-1]):
            expected = {("r3", f"r{min(some)}")} if some else set()
            assert pairs(line, "r3", order) == expected


def test_what_is_no_copy_after_all_is_an_original_of_its_own(line: House) -> None:
    decide(line, ("r1", "r0"), State.REJECTED, "I have listened", "Kim")
    assert pairs(line, "r3", [0, 1]) == {("r3", "r0"), ("r3", "r1")}
    assert pairs(line, "r3", [0, 1, 2]) == {("r3", "r0"), ("r3", "r1")}


# ---- examples


def test_what_came_later_is_the_copy_of_what_is_looked_at(line: House) -> None:
    seen = sighted(3)
    told = found(line, "r0", [seen])
    assert told.keys() == {"r3"}
    (it,) = told["r3"]
    assert (it.original, it.found) == ("r0", Found.FINGERPRINT)
    assert it.evidence == evidence([seen.turned(0)])
    assert (it.evidence[0]["start_s"], it.evidence[0]["original_start_s"]) == (60.0, 1.0)
    assert pairs(line, "r3", [3]) == set(), "itself"


def test_one_original_has_one_suspicion_with_all_that_speaks_for_it(line: House) -> None:
    seen = [sighted(0), sighted(0, start_s=50.0)]
    told = found(line, "r3", [seen[0], sighted(1), seen[1]])
    assert told == {
        "r3": [Suspicion(original="r0", found=Found.FINGERPRINT, evidence=evidence(seen))]
    }


@pytest.mark.parametrize("change", [{"end_s": 4.9}, {"repeated": 0.9}])
def test_what_is_not_claimed_is_no_suspicion(line: House, change: dict[str, float]) -> None:
    seen = sighted(0)
    assert found(line, "r3", [seen])
    match = replace(seen.match, **change)  # type: ignore[arg-type]  # floats
    loop = replace(seen, match=match, proof=replace(seen.proof, likeness=0.7))
    assert found(line, "r3", [loop]) == {}
    assert found(line, "r3", [sighted(0, finding=Finding.ALIKE)]) == {}


def test_who_brings_a_copy_twice_has_a_copy_of_the_others_all_the_same(line: House) -> None:
    told = found(line, "r4", [sighted(1)])  # Bo's own first upload, which is made of Ada's
    assert told.keys() == {"r4"}
    (it,) = told["r4"]
    assert it.original == "r0"
    assert [each["by_way_of"] for each in it.evidence] == ["r1"]
    decide(line, ("r1", "r0"), State.REJECTED, "I have listened", "Kim")
    assert pairs(line, "r4", [1]) == set()


def test_what_the_owner_brings_again_is_no_copy_of_what_was_made_of_it(
    line: House, tmp_path: Path
) -> None:
    again = add(line, tmp_path, "Ada Quill")
    for some in subsets(range(3)):
        if 0 in some:
            assert pairs(line, again, some) == set()


def test_a_medley_has_as_many_originals_as_it_is_made_of(line: House, tmp_path: Path) -> None:
    other = add(line, tmp_path, "Wren Holt")
    medley = add(line, tmp_path, "Tess Vane")
    number = int(other[1:])
    assert pairs(line, medley, [0, number, 2]) == {(medley, "r0"), (medley, other)}
