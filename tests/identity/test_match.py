"""Matches: copies are found at their places, changed as they are, and strangers are not."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from assent.bench.attacks import SR, attacked
from assent.identity.design import DESIGN
from assent.identity.fingerprint import Fingerprint
from assent.identity.index import Index, Place
from assent.identity.match import Kind, Looks, Match, _apart, _join, _Run, match
from assent.identity.peaks import PEAK
from tests.identity.conftest import Known
from tests.identity.music import heard, mono, pieces

Samples = npt.NDArray[np.float32]


def _cut(number: int, start_s: float, end_s: float) -> Samples:
    return mono(number)[round(start_s * SR) : round(end_s * SR)]


def _only(found: list[Match]) -> Match:
    (one,) = found
    assert 0 <= one.chance <= 1e-4
    return one


def _is_at(one: Match, start_s: float, original_start_s: float, length_s: float) -> None:
    """Check where a match begins and that it covers most of a length, in both."""
    shift = original_start_s - start_s * one.tempo
    assert one.original_start_s - one.start_s * one.tempo == pytest.approx(shift, abs=0.2)
    assert start_s - 0.3 <= one.start_s < one.end_s <= start_s + length_s + 0.3
    assert one.end_s - one.start_s > 0.75 * length_s
    spans = one.original_end_s - one.original_start_s, one.end_s - one.start_s
    assert spans[0] / spans[1] == pytest.approx(one.tempo, abs=0.01)


@pytest.mark.parametrize("number", range(5))
def test_a_recording_is_itself(known: Known, number: int) -> None:
    one = _only(known.of(heard(mono(number))))
    assert (one.recording, one.kind) == (number, Kind.SAME)
    assert one.tempo == pytest.approx(1, abs=0.002)
    assert one.semitones == pytest.approx(0, abs=0.2)
    assert one.original_end_s <= known.lengths_s[number]
    _is_at(one, 0, 0, known.lengths_s[number])


@pytest.mark.parametrize("number", [0, 2, 3, 4])
def test_a_part_is_found_where_it_was_cut(known: Known, number: int) -> None:
    one = _only(known.of(heard(_cut(number, 12.34, 24.34))))
    assert (one.recording, one.kind) == (number, Kind.PART)
    _is_at(one, 0, 12.34, 12)


@pytest.mark.parametrize(
    ("attack", "tempo", "semitones"),
    [
        ("pitch +2 semitones", 1.0, 2.0),
        ("pitch -4 semitones", 1.0, -4.0),
        ("tempo +10 %", 1.1, 0.0),
        ("tempo -10 %", 0.9, 0.0),
        ("speed +6 %", 1.06, 1.01),
        ("noise 5 dB", 1.0, 0.0),
        ("equaliser", 1.0, 0.0),
        ("phone band", 1.0, 0.0),
        ("polarity", 1.0, 0.0),
        ("MP3 64 kbps", 1.0, 0.0),
    ],
)
def test_a_changed_copy_is_found_with_its_change(
    known: Known, attack: str, tempo: float, semitones: float
) -> None:
    one = _only(known.of(heard(attacked(attack, _cut(0, 5, 25), 1))))
    assert (one.recording, one.kind) == (0, Kind.PART)
    assert one.tempo == pytest.approx(tempo, abs=0.005)
    assert one.semitones == pytest.approx(semitones, abs=0.25)
    _is_at(one, 0, 5, 20 / tempo)


def test_a_medley_is_both_of_its_parts(known: Known) -> None:
    sound = np.concatenate([_cut(0, 5, 20), _cut(3, 10, 25)])
    first, second = sorted(known.of(heard(sound)), key=lambda one: one.start_s)
    assert (first.recording, first.kind) == (0, Kind.PART)
    assert (second.recording, second.kind) == (3, Kind.PART)
    _is_at(first, 0, 5, 15)
    _is_at(second, 15, 10, 15)


def test_two_recordings_at_once_are_both_found(known: Known) -> None:
    both = np.stack([_cut(0, 5, 25), _cut(4, 5, 25)]).mean(axis=0, dtype=np.float32)
    found = known.of(heard(both))
    assert {one.recording for one in found} == {0, 4}


def test_a_part_of_a_long_mix_is_found_where_it_is(known: Known) -> None:
    stranger = mono(8)
    one = _only(known.of(heard(np.concatenate([stranger, _cut(2, 10, 30), stranger]))))
    assert (one.recording, one.kind) == (2, Kind.PART)
    _is_at(one, len(stranger) / SR, 10, 20)


@pytest.mark.parametrize("turned", [0, 1])
def test_a_channel_that_is_turned_over_is_no_escape(known: Known, turned: int) -> None:
    sound = np.concatenate(pieces()[0].blocks, axis=1)[:, 5 * SR : 25 * SR].copy()
    sound[turned] *= -1
    one = _only(known.of(heard(sound)))
    assert one.recording == 0
    _is_at(one, 0, 5, 20)


@pytest.mark.parametrize("number", range(5, 9))
def test_a_recording_that_was_never_indexed_is_not_found(known: Known, number: int) -> None:
    assert known.of(heard(mono(number))) == []


def _clicks() -> Samples:
    made = np.zeros(20 * SR, np.float32)
    made[:: SR // 3] = 1
    return made


def _tone() -> Samples:
    return np.sin(2 * np.pi * 440 * np.arange(20 * SR) / SR).astype(np.float32)


def _noise(channels: int, sr: int, seconds: float) -> Samples:
    rng = np.random.default_rng(5)
    return rng.normal(0, 0.2, (channels, round(sr * seconds))).astype(np.float32)


@pytest.mark.parametrize(
    ("sound", "sr"),
    [
        pytest.param(np.zeros(0, np.float32), SR, id="nothing"),
        pytest.param(np.zeros(20 * SR, np.float32), SR, id="silence"),
        pytest.param(np.ones(20 * SR, np.float32), SR, id="a level"),
        pytest.param(_tone(), SR, id="a tone"),
        pytest.param(_clicks(), SR, id="clicks"),
        pytest.param(_noise(1, SR, 20), SR, id="noise"),
        pytest.param(_noise(8, 192_000, 3), 192_000, id="eight channels"),
    ],
)
def test_what_is_no_music_is_not_found(known: Known, sound: Samples, sr: int) -> None:
    assert known.of(heard(sound, sr)) == []


@pytest.mark.parametrize(("seconds", "many"), [(0.2, 0), (1.9, 0), (8.0, 1)])
def test_what_is_too_short_tells_nothing(known: Known, seconds: float, many: int) -> None:
    assert len(known.of(heard(_cut(0, 10, 10 + seconds)))) == many


def test_nothing_is_found_in_an_index_of_nothing(known: Known) -> None:
    index = Index(known.archive._folder / "nothing")
    assert match(heard(_cut(0, 5, 25)), index, lengths_s={}) == []


def test_what_could_be_an_accident_is_left_out(known: Known) -> None:
    asked = heard(_cut(0, 5, 25))
    (one,) = known.of(asked)
    for most, many in ((one.chance, 1), (one.chance / 2, 0)):
        found = match(asked, known.archive, lengths_s=known.lengths_s, most_chance=most)
        assert len(found) == many


def test_matches_come_with_the_surest_first(known: Known) -> None:
    sound = np.concatenate([_cut(1, 5, 13), _cut(0, 5, 25), _cut(3, 5, 17)])
    chances = [one.chance for one in known.of(heard(sound))]
    assert len(chances) == 3
    assert chances == sorted(chances)


@pytest.mark.parametrize("seconds", [0.0, 1.9, 2.1, 20.0, 20.1, 30.0, 35.0, 301.7])
def test_windows_cover_all_and_overlap(known: Known, seconds: float) -> None:
    frames = round(seconds * DESIGN.frames_per_s)
    asked = Fingerprint(design=DESIGN, peaks=np.empty(0, PEAK), frames=frames)
    windows = list(Looks(asked, known.archive, 1.0).windows())
    if seconds < 2:
        assert windows == []
        return
    # windows are of blocks now: of what is asked about all is in one, and the last may be shorter
    assert windows[0].start == 0
    assert 10 * (windows[-1].stop - 1) < frames / DESIGN.frames_per_s <= 10 * windows[-1].stop
    assert all(1 <= len(window) <= 2 for window in windows)
    for one, other in pairwise(windows):
        assert other.start == one.start + 1
        assert len(other) == 2


_PLACE = Place(3, 50, 1.0, 100.0, 0.0, 0.0, 1_200.0)
_NEXT = _PLACE._replace(votes=60, start=625.0, end=1_850.0)


@pytest.mark.parametrize(
    "other",
    [
        _NEXT._replace(recording=4),
        _NEXT._replace(start=3_000.0, end=4_000.0),
        _NEXT._replace(ratio=1.02),
        _NEXT._replace(shift=2.0),
        _NEXT._replace(offset=130.0),
    ],
)
def test_windows_on_another_line_are_another_run(other: Place) -> None:
    runs: list[_Run] = []
    _join(runs, _PLACE, 1e-9)
    _join(runs, other, 1e-9)
    assert [run.place for run in runs] == [_PLACE, other]


def test_windows_on_one_line_are_one_run() -> None:
    runs: list[_Run] = []
    _join(runs, _PLACE, 1e-9)
    _join(runs, _NEXT._replace(offset=102.0), 1e-12)
    _join(runs, _NEXT._replace(votes=10, end=2_000.0), 1e-5)
    (run,) = runs
    assert (run.start, run.end, run.votes, run.chance) == (0, 2_000, 120, 1e-12)
    assert run.place.votes == 60


def test_a_run_in_the_time_of_one_with_more_votes_is_dropped() -> None:
    def run(place: Place) -> _Run:
        return _Run(place, place.start, place.end, place.votes, 1e-9)

    repeated = run(_PLACE._replace(votes=20, offset=900.0))
    later = run(_PLACE._replace(votes=30, start=1_000.0, end=3_000.0, offset=900.0))
    other = run(_PLACE._replace(recording=5, votes=10))
    best = run(_PLACE)
    assert _apart([repeated, other, best, later]) == [best, later, other]


def test_how_much_there_is_may_be_said_and_counts_as_if_it_were_added_up(known: Known) -> None:
    asked = heard(_cut(0, 5, 25))
    added_up = known.of(asked)
    assert added_up
    hours = sum(known.lengths_s.values()) / 3600

    def of(hours: float | None, most_chance: float = 1e-4) -> list[Match]:
        return match(
            asked,
            known.archive,
            lengths_s=known.lengths_s,
            hours=hours,
            most_chance=most_chance,
        )

    assert of(None) == of(hours) == added_up
    many = of(hours * 1e6, 1.0)
    (mine,) = [one for one in many if one.recording == 0 and one.votes == added_up[0].votes]
    assert mine.chance > added_up[0].chance, "in more of it the same is likelier"


def test_what_has_no_length_is_not_found(known: Known) -> None:
    asked = heard(_cut(0, 5, 25))
    others = {number: length for number, length in known.lengths_s.items() if number != 0}
    assert match(asked, known.archive, lengths_s=others) == []
    assert match(asked, known.archive, lengths_s={}, hours=1.0) == []
