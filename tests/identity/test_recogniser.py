"""The recogniser: whoever brings what is somebody else's, changed or not, waits and gets no more.

And nobody else does; it outlives lost files, others beside it, and people who leave.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from assent.acts.copies import SEVERAL, original_of
from assent.acts.count_uses import count_uses
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.programs import resume, suspend
from assent.acts.publish import make_agreement
from assent.acts.rebuild import findings
from assent.acts.say import About, grant, lift, refuse
from assent.bench.attacks import attacked
from assent.catalogue import tables
from assent.catalogue.cases import Found, waits
from assent.catalogue.events import replay
from assent.errors import NotAllowed
from assent.identity import recogniser as rules
from assent.identity.design import DESIGN
from assent.identity.program import PROGRAM
from assent.identity.proof import Finding
from assent.identity.recogniser import Recogniser
from assent.identity.segment import segment_of
from assent.identity.store import kept
from assent.permission.uses import ALL, parse_uses
from assent.training.forget import forget
from tests.acts.disputes import case_rows, holds_for, rows, words
from tests.houses import RIVAL, Clock, add_program, agreement_toml
from tests.identity.arrivals import (
    Samples,
    bring,
    cut,
    fingerprinted,
    index_on_disk,
    looked_for,
)
from tests.identity.music import made_up
from tests.identity.postings import said, said_in

ADA, BO, TESS = "Ada Quill", "Bo Tarn", "Tess Vane"
ALTERED = ("speed +6 %", "noise 5 dB", "speech 0 dB", "crop inside", "MP3 64 kbps", "polarity")


def altered(name: str, samples: Samples) -> Samples:
    return attacked(name, samples, 1)


def may(house: House, program: str) -> list[str]:
    """Return what a program may use."""
    recordings = sorted(words(house))
    house.gate.snapshot.refresh()
    allowed = [one for one in recordings if house.gate.snapshot.allows(program, one)]
    assert allowed == [one for one in recordings if house.gate.explain(program, one).allowed]
    return allowed


def waiting(house: House) -> list[str]:
    with house.reading() as connection:
        return [one for one in sorted(words(house)) if waits(connection, one)]


def mask(house: House, recording: str) -> str | None:
    with house.reading() as connection:
        return original_of(connection, recording)


def known(recogniser: Recogniser, samples: Samples) -> list[str]:
    """Return which recordings are claimed to be in some sound, each as often as it is found."""
    seen = looked_for(recogniser, samples)
    return sorted(f"r{it.match.recording}" for it in seen if it.is_claimed)


# ---- a thief


@pytest.mark.parametrize("change", ALTERED)
def test_whoever_brings_it_altered_waits_and_gets_no_more(house: House, change: str) -> None:
    add_program(house)
    first = bring(house, cut(0), ADA)
    assert (first.recording, first.found, first.copy_of) == ("r0", (), None)
    stolen = bring(house, altered(change, cut(0)), TESS)
    assert (stolen.recording, stolen.new, stolen.copy_of) == ("r1", True, "r0")
    (it,) = stolen.found
    assert (it.original, it.found) == ("r0", Found.FINGERPRINT)
    assert sum(each["end_s"] - each["start_s"] for each in it.evidence) > 8
    (case,) = rows(house, tables.copies)
    assert (case.recording, case.original, case.state) == ("r1", "r0", "suspected")
    assert (mask(house, "r1"), waiting(house)) == ("r0", ["r1"])
    assert findings(house) == []


def test_what_a_thief_grants_opens_nothing_that_the_original_refuses(
    house: House, tmp_path: Path
) -> None:
    add_program(house)
    bring(house, cut(0), ADA)
    bring(house, altered("speed +6 %", cut(0)), TESS)
    bring(house, cut(5), TESS)  # her own
    refuse(house, About(holder=ADA), ALL)
    for about in (About(holder=TESS), About(holder=TESS, recording="r1")):
        grant(house, about, ALL, all_programs=True)
    told = words(house)
    assert told["r1"] & ~told["r0"] == 0
    assert told["r2"] & ~told["r0"] != 0, "her own opens by the same words"
    assert may(house, "rival-train") == ["r2"]
    lift(house, About(holder=ADA), ALL)
    grant(house, About(holder=ADA), RIVAL, all_programs=True)
    assert may(house, "rival-train") == ["r0", "r1", "r2"], "the case alone closes nothing more"
    refuse(house, About(holder=ADA, recording="r0"), RIVAL)
    assert may(house, "rival-train") == ["r2"]


def test_what_a_thief_refuses_changes_nothing_for_the_original(house: House) -> None:
    add_program(house)
    bring(house, cut(0), ADA)
    grant(house, About(holder=ADA), RIVAL, all_programs=True)
    before = words(house)["r0"]
    assert may(house, "rival-train") == ["r0"]
    bring(house, altered("noise 5 dB", cut(0)), TESS)
    assert words(house)["r0"] == before
    assert words(house)["r1"] & ~before == 0
    refuse(house, About(holder=TESS), ALL)
    refuse(house, About(holder=TESS, recording="r1"), ALL)
    assert words(house)["r0"] == before
    assert words(house)["r1"] & RIVAL == 0
    assert may(house, "rival-train") == ["r0"]


def test_the_evidence_says_where_and_how_it_was_changed(house: House) -> None:
    bring(house, cut(3, 0, 30), ADA)
    middle = cut(3, 8, 22)
    faster = bring(house, altered("speed +6 %", middle), TESS)
    (it,) = faster.found
    (each,) = it.evidence
    assert each["finding"] == Finding.SAME.value
    assert each["tempo"] == pytest.approx(1.06, abs=0.003)
    assert each["semitones"] == pytest.approx(1.01, abs=0.1)
    # each second of the copy is a second and a bit of the original, from the eighth on
    for at in ("start_s", "end_s"):
        assert each[f"original_{at}"] == pytest.approx(8 + 1.06 * each[at], abs=0.3)
    assert each["end_s"] - each["start_s"] > 9


# ---- who is none


def test_strangers_are_no_copies_of_each_other(house: House) -> None:
    recogniser = Recogniser(house)
    for number in range(9):
        assert bring(house, cut(number), f"Artist {number}", recogniser).found == ()
    assert case_rows(house) == {}
    assert waiting(house) == []
    assert fingerprinted(house) == list(range(9))


def test_who_brings_their_own_again_is_no_thief(house: House) -> None:
    recogniser = Recogniser(house)
    bring(house, cut(0), ADA, recogniser)
    again = bring(house, altered("MP3 64 kbps", cut(0)), ADA, recogniser)
    assert (again.recording, again.new, again.found) == ("r1", True, ())
    bring(house, cut(5), BO, recogniser)  # by which he accepts the terms
    assert fingerprinted(house) == [0, 1, 2]
    assert case_rows(house) == {}


def test_naming_the_holder_of_the_original_is_no_leave(house: House) -> None:
    recogniser = Recogniser(house)
    bring(house, cut(0), ADA, recogniser)
    bring(house, cut(5), BO, recogniser)  # by which he accepts the terms
    named = bring(house, altered("speed +6 %", cut(0)), BO, recogniser, holders=[BO, ADA])
    assert [it.original for it in named.found] == ["r0"]
    assert mask(house, "r2") == "r0"


def test_whoever_leaves_out_a_co_holder_is_one(house: House) -> None:
    recogniser = Recogniser(house)
    bring(house, cut(5), BO, recogniser)  # by which he accepts the terms
    bring(house, cut(0), ADA, recogniser, holders=[ADA, BO])
    alone = bring(house, altered("noise 5 dB", cut(0)), ADA, recogniser)
    assert [it.original for it in alone.found] == ["r1"]
    assert mask(house, "r2") == "r1"


def test_what_somebody_holds_who_has_accepted_no_terms_is_not_looked_at(house: House) -> None:
    recogniser = Recogniser(house)
    bring(house, cut(0), ADA, recogniser, holders=[ADA, BO])
    assert fingerprinted(house) == []
    bring(house, cut(3), "", recogniser)  # nobody's
    assert fingerprinted(house) == []


def test_what_is_too_short_or_silent_is_taken_in_and_suspected_of_nothing(house: House) -> None:
    recogniser = Recogniser(house)
    bring(house, cut(0), ADA, recogniser)
    for made in (cut(0, 3, 3.5), cut(0, 3, 6), np.zeros(44_100 * 6, np.float32)):
        assert bring(house, made, TESS, recogniser).found == ()
    assert fingerprinted(house) == [0, 1, 2, 3]
    assert findings(house) == []


# ---- of several


def test_a_medley_has_a_case_for_each_original_and_is_on_hold(house: House) -> None:
    recogniser = Recogniser(house)
    bring(house, cut(0), ADA, recogniser)
    bring(house, cut(3), BO, recogniser)
    parts = [cut(0, 2, 13), cut(5, 0, 4), cut(3, 1, 12)]
    medley = bring(house, np.concatenate(parts), TESS, recogniser)
    assert sorted(it.original for it in medley.found) == ["r0", "r1"]
    assert case_rows(house) == {("r2", "r0"): "suspected", ("r2", "r1"): "suspected"}
    assert holds_for(house, SEVERAL) == ["r2"]
    grant(house, About(holder=TESS), ALL, all_programs=True)
    assert words(house)["r2"] == 0


def test_the_very_same_sound_is_one_case_with_what_matches_beside_it(house: House) -> None:
    recogniser = Recogniser(house)
    bring(house, cut(0), ADA, recogniser)
    same = bring(house, cut(0), TESS, recogniser)
    (it,) = same.found
    assert (it.original, it.found) == ("r0", Found.DIGEST)
    assert it.evidence[0]["kind"] == "same recording"
    assert case_rows(house) == {("r1", "r0"): "suspected"}


def test_a_copy_of_a_copy_leads_to_the_original(house: House) -> None:
    recogniser = Recogniser(house)
    bring(house, cut(0), ADA, recogniser)
    bring(house, altered("noise 5 dB", cut(0)), TESS, recogniser)
    third = bring(house, altered("speed +6 %", cut(0)), BO, recogniser)
    assert [it.original for it in third.found] == ["r0"]
    again = bring(house, altered("crop inside", cut(0)), TESS, recogniser)
    assert [it.original for it in again.found] == ["r0"]
    assert {mask(house, one) for one in ("r1", "r2", "r3")} == {"r0"}


# ---- what it may not look at


def _barring(name: str = "lantern-1") -> str:
    return agreement_toml(name).replace(', "platform/identify"', "")


def test_what_may_not_be_identified_leaves_no_fingerprint_and_no_suspicion(house: House) -> None:
    make_agreement(house, _barring(), "desk")
    recogniser = Recogniser(house)
    barred = bring(house, cut(0), "The Lamps", recogniser, agreement="lantern-1")
    assert barred.found == ()
    assert fingerprinted(house) == []
    assert bring(house, altered("noise 5 dB", cut(0)), TESS, recogniser).found == ()
    # and the other way: what is barred is not even compared
    late = bring(house, altered("speed +6 %", cut(0)), "The Lamps", agreement="lantern-1")
    assert late.found == ()
    assert fingerprinted(house) == [1]
    assert case_rows(house) == {}
    assert _times(house, "r0") == _times(house, "r2") == 0


def test_an_agreement_that_lets_it_look_has_its_recordings_known(house: House) -> None:
    make_agreement(house, agreement_toml(), "desk")
    bring(house, cut(0), "The Lamps", agreement="lantern-1")
    assert fingerprinted(house) == [0]
    assert [it.original for it in bring(house, cut(0, 2, 14), TESS).found] == ["r0"]


def test_suspended_it_keeps_nothing_and_suspects_nothing(house: House) -> None:
    recogniser = Recogniser(house)
    bring(house, cut(0), ADA, recogniser)
    suspend(house, PROGRAM, "Kim")
    stolen = bring(house, altered("noise 5 dB", cut(0)), TESS, recogniser)
    assert stolen.found == ()
    assert fingerprinted(house) == [0]
    assert _times(house, "r1") == 0
    resume(house, PROGRAM, "Kim")
    again = bring(house, altered("speed +6 %", cut(0)), BO, recogniser)
    assert [it.original for it in again.found] == ["r0"]
    assert fingerprinted(house) == [0, 2]


def test_no_other_program_may_have_its_name(house: House) -> None:
    add_program(house, PROGRAM)
    with pytest.raises(NotAllowed, match="needs that name for its own"):
        Recogniser(house)


def test_its_program_is_registered_once_with_the_first_recording(house: House) -> None:
    recogniser = Recogniser(house)
    assert rows(house, tables.programs) == []
    for number in (0, 3):
        bring(house, cut(number, 0, 4), ADA, recogniser)
    with house.reading() as connection:
        told = [event for event in replay(connection) if event.kind.startswith("program.")]
    assert [(event.kind, event.body["id"]) for event in told] == [
        ("program.propose", PROGRAM),
        ("program.approve", PROGRAM),
    ]
    assert told[0].by != told[1].by
    (program,) = rows(house, tables.programs)
    assert program.uses == parse_uses(["platform/identify"])


# ---- uses


def _times(house: House, recording: str) -> int:
    """Return how often the program was noted to have used a recording."""
    house.gate.close()
    count_uses(house)
    used = tables.uses.c
    query = select(used.count).where(used.recording == recording, used.program == PROGRAM)
    with house.reading() as connection:
        return sum(connection.execute(query).scalars())


def test_each_look_is_counted_as_a_use(house: House) -> None:
    recogniser = Recogniser(house)
    bring(house, cut(0), ADA, recogniser)
    assert _times(house, "r0") == 1, "when it was taken in"
    bring(house, cut(5), BO, recogniser)
    assert (_times(house, "r0"), _times(house, "r1")) == (1, 1)
    bring(house, altered("noise 5 dB", cut(0)), TESS, recogniser)
    assert _times(house, "r0") == 2, "its samples were looked at beside the copy's"
    assert (_times(house, "r1"), _times(house, "r2")) == (1, 1)


# ---- its memory


def test_two_beside_each_other_see_what_the_other_has_taken_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_AT_ONCE", 3)
    one, other = Recogniser(house), Recogniser(house)
    for number in range(8):
        mine, its = (one, other) if number % 3 else (other, one)
        bring(house, cut(number, 0, 8), f"Artist {number}", mine)
        for recogniser in (its, mine):
            (seen,) = looked_for(recogniser, cut(number, 1, 7))
            assert seen.match.recording == number
    assert len(index_on_disk(house).recordings) >= 6
    for number in range(8):
        assert known(one, cut(number, 1, 7)) == known(other, cut(number, 1, 7)) == [f"r{number}"]


def test_whoever_was_quicker_in_between_is_seen(house: House) -> None:
    """Between listening to a file and writing it down, somebody else brings the original."""
    recogniser, other = Recogniser(house), Recogniser(house)

    class Interrupted(Recogniser):
        """Looks, and is then overtaken."""

        def sightings(self, *asked: object) -> list[object]:  # type: ignore[override]  # as it is called
            found = Recogniser.sightings(self, *asked)  # type: ignore[arg-type]  # passed on
            if not fingerprinted(house):
                bring(house, cut(0), ADA, other)
            return list(found)

    late = bring(house, altered("noise 5 dB", cut(0)), TESS, Interrupted(house))
    assert (late.recording, [it.original for it in late.found]) == ("r1", ["r0"])
    # the gate opens what was brought a moment ago, too
    assert {each["finding"] for each in late.found[0].evidence} == {Finding.SAME.value}
    assert known(recogniser, cut(0)) == ["r0", "r1"]


def test_what_is_in_memory_and_on_the_disk_counts_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Recogniser(house), Recogniser(house)
    bring(house, cut(0), ADA, one)
    (before,) = looked_for(one, cut(0, 2, 14))
    monkeypatch.setattr(rules, "_AT_ONCE", 1)
    looked_for(other, cut(5, 0, 3))  # it takes the recording into the index on disk
    assert index_on_disk(house).recordings == {0}
    for recogniser in (one, other, Recogniser(house)):
        (after,) = looked_for(recogniser, cut(0, 2, 14))
        assert after.match == before.match


def _lose(folder: Path, lost: str) -> None:
    said = {
        "a segment's name": b'{"design": "quads-1", "segments": []}',
        "what it said": b"\x00 not what was written",
        "its design": b'{"design": "quads-0", "segments": []}',
    }
    if lost == "all of it":
        shutil.rmtree(folder)
    elif lost == "what it says":
        (folder / "index.json").unlink()
    elif lost == "a segment":
        for path in folder.glob("*/postings.u64"):
            path.write_bytes(b"seven b")
    else:
        (folder / "index.json").write_bytes(said[lost])


@pytest.mark.parametrize(
    "lost",
    ["all of it", "what it says", "a segment's name", "what it said", "its design", "a segment"],
)
def test_an_index_that_is_lost_is_made_again(
    house: House, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr(rules, "_AT_ONCE", 2)
    for number in range(4):
        bring(house, cut(number, 0, 8), ADA)
    with house.reading() as connection:
        Recogniser(house).follow(connection)
        read = [(it.recording, it.peaks) for it in kept(connection, range(4))]
    before = said(segment_of(read, DESIGN))
    assert said_in(index_on_disk(house)) == before
    folder = house.settings.data / "identity"
    _lose(folder, lost)
    recogniser = Recogniser(house)
    assert said_in(index_on_disk(house)) == before
    for number in range(4):
        assert known(recogniser, cut(number, 1, 7)) == [f"r{number}"]


def test_what_is_on_record_and_in_no_index_is_known_again(house: House) -> None:
    """Whoever takes in dies after the commit; there are landmarks of it nowhere yet."""
    bring(house, cut(0), ADA)
    bring(house, cut(3), BO)
    assert index_on_disk(house).recordings == set()
    recogniser = Recogniser(house)
    assert known(recogniser, cut(0, 2, 14)) == ["r0"]
    index_on_disk(house).add([(7, made_up(7))])
    assert known(recogniser, cut(3, 2, 14)) == ["r1"], "and what nobody has is let go"
    assert index_on_disk(house).recordings == set()


# ---- who leaves


@pytest.mark.parametrize("waiting_in_memory", [False, True])
def test_whoever_leaves_leaves_no_peak_and_no_landmark(
    house: House, monkeypatch: pytest.MonkeyPatch, waiting_in_memory: bool
) -> None:
    monkeypatch.setattr(rules, "_AT_ONCE", 4 if waiting_in_memory else 3)
    recogniser = Recogniser(house)
    bring(house, cut(0, 0, 8), ADA, recogniser)
    bring(house, cut(3, 0, 8), BO, recogniser)
    bring(house, altered("noise 5 dB", cut(0, 0, 8)), TESS, recogniser)
    looked_for(recogniser, cut(5, 0, 3))
    assert index_on_disk(house).recordings == (set() if waiting_in_memory else {0, 1, 2})
    forget(house, Logs(house), ADA, "Kim")
    assert fingerprinted(house) == [1, 2]
    # one that was there before the erasure goes on taking in
    bring(house, cut(4, 0, 8), BO, recogniser)
    bring(house, cut(6, 0, 8), BO, recogniser)
    bring(house, cut(7, 0, 8), BO, recogniser)
    looked_for(recogniser, cut(5, 0, 3))
    assert index_on_disk(house).recordings <= {1, 2, 3, 4, 5}
    assert all(row[0] != 0 for row in said_in(index_on_disk(house)))
    assert "r0" not in known(recogniser, cut(0, 1, 7))
    with house.reading() as connection:
        recogniser.follow(connection)
    kept = dict.fromkeys(fingerprinted(house), 1)
    assert {row[0] for row in said_in(index_on_disk(house))} <= kept.keys()
    assert findings(house) == []


def test_of_whoever_leaves_not_one_byte_of_a_segment_is_left(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index after somebody has left is that of a platform on which they never were."""
    monkeypatch.setattr(rules, "_AT_ONCE", 1)
    bring(house, cut(3, 0, 8), BO)
    looked_for(Recogniser(house), cut(5, 0, 3))
    never = said_in(index_on_disk(house))
    bring(house, cut(0, 0, 8), ADA)
    looked_for(Recogniser(house), cut(5, 0, 3))
    assert len(said_in(index_on_disk(house))) > len(never)
    forget(house, Logs(house), ADA, "Kim")
    with house.reading() as connection:
        Recogniser(house).follow(connection)
    assert said_in(index_on_disk(house)) == never
    # eight bytes each: there is no room for another in the files
    folder = house.settings.data / "identity"
    sizes = [path.stat().st_size for path in folder.rglob("postings.u64")]
    assert sum(sizes) == 8 * len(never)
    assert {0, 2**32 - 1} >= {
        number
        for path in folder.rglob("tracks.u32")
        for number in np.fromfile(path, np.uint32)[::2].tolist()
    }


def test_a_copy_of_what_is_gone_stays_closed(house: House, clock: Clock) -> None:
    bring(house, cut(0), ADA)
    bring(house, altered("noise 5 dB", cut(0)), TESS)
    grant(house, About(holder=TESS), ALL, all_programs=True)
    forget(house, Logs(house), ADA, "Kim")
    assert words(house)["r1"] == 0
    clock.turn(days=400)
    assert words(house)["r1"] == 0


# ---- what does not grow


def test_segments_are_never_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_AT_ONCE", 1)
    recogniser = Recogniser(house)
    for number in range(9):
        bring(house, cut(number, 0, 5), ADA, recogniser)
        looked_for(recogniser, cut(0, 0, 3))  # it hears of what was taken in
        if recogniser._merging is not None:
            recogniser._merging.result()  # merged in the background; here we wait for it
    assert index_on_disk(house).recordings == set(range(9))
    assert len(index_on_disk(house)._segments) < 5
    for number in range(9):
        assert [it.match.recording for it in looked_for(recogniser, cut(number, 0, 5))] == [number]
