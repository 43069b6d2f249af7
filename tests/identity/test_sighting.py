"""Sightings: when one is claimed to be a copy, whatever it hangs on; and as evidence."""

import json
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from assent.bench.attacks import SR
from assent.errors import BadInput
from assent.identity.design import DESIGN
from assent.identity.match import Kind, Match
from assent.identity.proof import Finding, Proof
from assent.identity.sighting import Sighting, evidence, sighting_of
from tests.identity.conftest import Known
from tests.identity.matches import a_match, a_proof
from tests.identity.music import heard, mono, patient

SHORT, LONG = (0.0, 3.9, 3.99), (4.0, 4.1, 600.0)
SURE, UNSURE, DOUBTFUL = (0.0, 1e-300, 1e-9), (1.1e-9, 1e-4), (1.1e-4, 1.0)
EXAMINED = (None, 0.0, 0.9)
OWN, LOOPED = (0.0, 0.5, 0.79), (0.8, 1.0)
LIKE, UNLIKE = (
    ((0.95, 0.2), (0.55, -0.1), (0.6, 0.0), (0.93, 0.0), (1.0, 0.1)),
    ((0.9, 0.7), (0.0, 0.0), (-0.5, 0.5), (0.44, -0.1)),
)

_share = st.floats(0, 1)
_finite = st.floats(-1e6, 1e6)


def seen(
    *,
    finding: Finding = Finding.SAME,
    kind: Kind = Kind.SAME,
    length_s: float = 30.0,
    repeated: float = 0.0,
    chance: float = 0.0,
    like: tuple[float, float] = (0.0, 0.0),
    together: float | None = None,
) -> Sighting:
    match = a_match(
        recording=3,
        kind=kind,
        end_s=length_s,
        original_start_s=5.0,
        original_end_s=5.0 + length_s * 1.06,
        tempo=1.06,
        semitones=1.01,
        chance=chance,
        repeated=repeated,
    )
    proof = a_proof(finding=finding, together=together, likeness=like[0], by_chance=like[1])
    return Sighting(match=match, proof=proof)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("finding", Finding)
def test_what_is_claimed_is_long_no_loop_and_proved_or_very_sure(
    finding: Finding, kind: Kind
) -> None:
    claimed = {True: 0, False: 0}
    chances = SURE + UNSURE + DOUBTFUL
    everything = product(SHORT + LONG, OWN + LOOPED, chances, LIKE + UNLIKE, EXAMINED)
    for length_s, repeated, chance, like, together in everything:
        it = seen(
            finding=finding,
            kind=kind,
            length_s=length_s,
            repeated=repeated,
            chance=chance,
            like=like,
            together=together,
        )
        unsure = chance in SURE or (chance in UNSURE and like in LIKE)
        twins = like[0] >= 0.93
        holds = {
            Finding.SAME: True,
            Finding.ALIKE: twins,
            # where the phases could be looked at, those of a copy agree
            Finding.OPEN: unsure if together is None else twins,
        }[finding]
        alone = repeated in OWN or like[0] >= 0.8  # no loop, or all that sounds with it, too
        expected = holds and (kind is Kind.SAME or (length_s in LONG and alone))
        assert it.is_claimed is expected, it
        assert it.stands is (finding is Finding.SAME or chance not in DOUBTFUL)
        claimed[expected] += 1
    assert claimed[True]
    # all of a recording whose samples agree is always claimed
    assert bool(claimed[False]) is not (finding is Finding.SAME and kind is Kind.SAME)


AXES: dict[str, list[Any]] = {  # Any: findings, kinds, numbers and pairs, each by rising evidence
    "finding": [Finding.ALIKE, Finding.OPEN, Finding.SAME],
    "kind": [Kind.PART, Kind.SAME],
    "length_s": sorted(SHORT + LONG),
    "repeated": sorted(OWN + LOOPED, reverse=True),
    "chance": sorted(SURE + UNSURE, reverse=True),
    "like": [(like, 0.0) for like in (-0.5, 0.0, 0.3, 0.5, 0.8, 0.93, 1.0)],
}


def test_more_evidence_never_takes_a_claim_back() -> None:
    def claimed(at: tuple[int, ...]) -> bool:
        said = {name: AXES[name][place] for name, place in zip(AXES, at, strict=True)}
        return seen(**said).is_claimed

    steps = 0
    for at in filter(claimed, product(*(range(len(axis)) for axis in AXES.values()))):
        for place, axis in enumerate(AXES.values()):
            if at[place] + 1 < len(axis):
                assert claimed((*at[:place], at[place] + 1, *at[place + 1 :]))
                steps += 1
    assert steps > 1_000


matches = st.builds(
    Match,
    recording=st.integers(0, 2**32 - 2),
    kind=st.sampled_from(Kind),
    start_s=_finite,
    end_s=_finite,
    original_start_s=_finite,
    original_end_s=_finite,
    tempo=st.floats(0.5, 2),
    semitones=st.floats(-12, 12),
    votes=st.integers(0, 2**40),
    chance=_share,
    repeated=_share,
)
proofs = st.builds(
    Proof,
    finding=st.sampled_from(Finding),
    together=st.none() | _share,
    on_line=st.none() | _share,
    on_curve=st.none() | _share,
    likeness=st.floats(-1, 1),
    by_chance=st.floats(-1, 1),
)
sightings = st.builds(Sighting, match=matches, proof=proofs)


@patient
@given(sightings, st.integers(0, 2**32 - 2))
def test_turned_twice_it_is_the_same(it: Sighting, number: int) -> None:
    turned = it.turned(number)
    assert turned.match.recording == number
    assert (turned.match.start_s, turned.match.end_s) == (
        it.match.original_start_s,
        it.match.original_end_s,
    )
    assert turned.match.tempo * it.match.tempo == pytest.approx(1)
    assert turned.match.semitones == -it.match.semitones
    back = turned.turned(it.match.recording)
    assert back.match.tempo == pytest.approx(it.match.tempo, rel=1e-15)
    assert replace(back.match, tempo=it.match.tempo) == it.match
    assert back.proof == turned.proof == it.proof


@patient
@given(st.lists(sightings, max_size=4))
def test_evidence_is_json_that_is_read_as_it_was_written(some: list[Sighting]) -> None:
    told = evidence(some)
    assert len(told) == len(some)
    text = rfc8785.dumps([dict(each) for each in told])
    read = json.loads(text)
    assert read == told
    assert rfc8785.dumps(read) == text


FIELDS = set(Match.__dataclass_fields__) - {"recording"} | set(Proof.__dataclass_fields__)


def test_evidence_says_all_that_is_known_but_for_which_recording_the_case_names() -> None:
    (told,) = evidence([seen()])
    assert told.keys() == FIELDS | {"design"}
    assert told["design"] == DESIGN.name
    assert (told["kind"], told["finding"]) == ("same recording", "the samples agree")
    assert (told["start_s"], told["end_s"], told["tempo"]) == (0.0, 30.0, 1.06)
    assert evidence([]) == []


def test_evidence_of_what_was_really_found_is_plain_json(known: Known) -> None:
    asked = heard(mono(2)[5 * SR : 17 * SR])
    found = known.of(asked)
    assert found
    proof = a_proof(together=0.91234, on_line=1.0, likeness=0.5, by_chance=-0.01)
    told = evidence([Sighting(match=it, proof=proof) for it in found])
    for each in told:
        assert not any(isinstance(value, np.generic) for value in each.values())
        assert each["together"] == 0.912
    assert json.loads(rfc8785.dumps([dict(each) for each in told])) == told


@patient
@given(sightings, st.integers(0, 2**32 - 2))
def test_what_evidence_tells_is_read_as_a_sighting_that_tells_the_same(
    it: Sighting, number: int
) -> None:
    (told,) = json.loads(rfc8785.dumps([dict(each) for each in evidence([it])]))
    read = sighting_of(number, {**told, "by_way_of": "r3"})
    assert evidence([read]) == [told]
    assert (read.match.recording, read.match.kind) == (number, it.match.kind)
    assert read.proof.finding is it.proof.finding


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_what_is_no_evidence_of_fingerprints_has_no_sighting(field: str) -> None:
    (told,) = evidence([seen()])
    with pytest.raises(BadInput, match="not of fingerprints"):
        sighting_of(1, {name: value for name, value in told.items() if name != field})
    for name in ("kind", "finding"):
        with pytest.raises(BadInput, match="not of fingerprints"):
            sighting_of(1, {**told, name: "something else"})
