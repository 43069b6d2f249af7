"""Copies and renderings, by their samples."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st

from assent.bench.attacks import SR, attacked
from assent.demo.instruments import SR as TONE_SR
from assent.demo.instruments import hertz, pluck
from assent.identity.design import DESIGN
from assent.identity.match import Kind, Match
from assent.identity.proof import Finding, Proof, looked_at, prove, prove_span
from tests.identity.matches import a_match
from tests.identity.music import mono, patient

Samples = npt.NDArray[np.float32]
LENGTH_S = 30.0
WHOLE = a_match(kind=Kind.SAME, end_s=LENGTH_S, original_end_s=LENGTH_S)


def low(samples: Samples, sr: int = SR) -> Samples:
    return np.asarray(soxr.resample(samples, sr, DESIGN.sr, quality="LQ"), np.float32)


def proved(name: str, number: int, changed: Match = WHOLE) -> Proof:
    whole = mono(number)[: int(LENGTH_S * SR)]
    return prove(low(attacked(name, whole, number)), low(whole), changed)


@pytest.mark.parametrize(
    "name", ["as it is", "MP3 64 kbps", "noise 5 dB", "speech 0 dB", "room", "clipping", "polarity"]
)
@pytest.mark.parametrize("number", [0, 3])
def test_of_a_copy_the_samples_agree_whatever_was_laid_over_it(name: str, number: int) -> None:
    found = proved(name, number)
    assert found.finding is Finding.SAME
    assert found.on_line is not None
    assert found.on_line >= 0.85
    assert found.likeness > found.by_chance


@pytest.mark.parametrize(("by", "every_s", "agree"), [(0.002, 5.0, True), (0.003, 1.0, False)])
@pytest.mark.parametrize("number", [0, 3])
def test_a_copy_that_was_played_unevenly_lies_on_a_curve_or_has_the_same_spectra(
    by: float, every_s: float, number: int, *, agree: bool
) -> None:
    whole = low(mono(number)[: int(LENGTH_S * SR)])
    at_s = np.arange(len(whole)) / DESIGN.sr
    swing = by * every_s / (2 * np.pi) * (1 - np.cos(2 * np.pi * at_s / every_s))
    uneven = np.interp((at_s + swing) * DESIGN.sr, np.arange(len(whole)), whole)
    found = prove(uneven.astype(np.float32), whole, WHOLE)
    assert found.on_line is not None
    assert found.on_line < 0.85
    assert found.likeness >= 0.93
    assert found.finding is Finding.SAME or not agree


@pytest.mark.parametrize("percent", [6, -10])
def test_a_copy_that_was_played_faster_or_slower_is_one_yet(percent: int) -> None:
    factor = 1 + percent / 100
    faster = replace(
        WHOLE, tempo=factor, semitones=12 * float(np.log2(factor)), end_s=LENGTH_S / factor
    )
    assert proved(f"speed {percent:+d} %", 0, faster).finding is Finding.SAME


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("tempo +10 %", {"tempo": 1.1, "end_s": LENGTH_S / 1.1}),
        ("pitch +2 semitones", {"semitones": 2.0}),
        ("pitch -2 semitones", {"semitones": -2.0}),
    ],
)
def test_after_a_stretch_the_samples_cannot_tell_and_the_spectra_are_alike(
    name: str, changed: dict[str, float]
) -> None:
    found = proved(name, 0, replace(WHOLE, **changed))  # type: ignore[arg-type]  # floats all
    assert (found.finding, found.together, found.on_line) == (Finding.OPEN, None, None)
    assert found.likeness > 0.6
    assert found.likeness > found.by_chance + 0.3


def rendering(notes: int, jitter: int, seed: int) -> Samples:
    """Notes on the same strings, each begun a little late."""
    drawn, late = np.random.default_rng(1), np.random.default_rng(seed)
    strings = [pluck(hertz(pitch), 1.5, np.random.default_rng(pitch)) for pitch in range(48, 73)]
    made = np.zeros(int(LENGTH_S * TONE_SR) + 2 * TONE_SR)
    for start in np.sort(drawn.integers(0, int(LENGTH_S * TONE_SR), notes)):
        string = strings[int(drawn.integers(len(strings)))]
        at = int(start) + int(late.integers(0, jitter + 1))
        made[at : at + len(string)] += 0.2 * string
    return low(made[: int(LENGTH_S * TONE_SR)].astype(np.float32), TONE_SR)


def test_the_same_notes_on_the_same_samples_are_no_copy() -> None:
    played, again = rendering(240, 0, 1), rendering(240, 150, 2)  # 3 ms: nobody hears it
    found = prove(again, played, WHOLE)
    assert found.finding is Finding.ALIKE
    assert found.together is not None
    assert found.together > 0.5
    assert found.likeness > 0.8
    assert prove(played, played, WHOLE).finding is Finding.SAME


def test_other_music_silence_and_what_is_short_tell_nothing() -> None:
    one, other = low(mono(0)), low(mono(4))
    assert prove(one, other, WHOLE).finding is not Finding.SAME
    silence = np.zeros_like(one)
    nothing = prove(silence, one, WHOLE)
    assert (nothing.finding, nothing.together) == (Finding.OPEN, None)
    assert abs(nothing.likeness) < 1e-9
    short = replace(WHOLE, end_s=1.0, original_end_s=1.0)
    assert prove(one, one, short).finding is Finding.OPEN
    none = replace(WHOLE, end_s=0.0, original_end_s=0.0)
    assert prove(one, one, none).likeness == 0.0


def test_what_goes_together_here_and_there_only_is_left_open() -> None:
    one, rng = low(mono(0)), np.random.default_rng(3)
    noise = rng.standard_normal(len(one)).astype(np.float32) * np.float32(one.std())
    mixed = noise.copy()
    mixed[: len(one) // 40] = one[: len(one) // 40]
    found = prove(mixed, one, WHOLE)
    assert found.finding is Finding.OPEN
    assert found.together is not None
    assert found.together < 0.15


@patient
@given(st.floats(0, 40_000), st.floats(0, 40_000), st.floats(0, 40_000), st.floats(0.76, 1.32))
def test_at_most_ten_minutes_are_looked_at_and_those_in_the_middle(
    start_s: float, length_s: float, original_start_s: float, tempo: float
) -> None:
    match = replace(
        WHOLE,
        tempo=tempo,
        start_s=start_s,
        end_s=start_s + length_s,
        original_start_s=original_start_s,
        original_end_s=original_start_s + length_s * tempo,
    )
    near = looked_at(match)
    if length_s <= 600:
        assert near.end_s - near.start_s == pytest.approx(length_s, abs=1e-6)
    else:
        assert near.end_s - near.start_s == pytest.approx(600)
        assert near.start_s + near.end_s == pytest.approx(match.start_s + match.end_s)
    # what is looked at lies within, and where one began in the other stays
    assert match.start_s <= near.start_s <= near.end_s <= match.end_s
    assert near.original_start_s - near.start_s * tempo == pytest.approx(
        match.original_start_s - match.start_s * tempo, abs=1e-6
    )
    assert near.original_end_s - near.end_s * tempo == pytest.approx(
        match.original_end_s - match.end_s * tempo, abs=1e-6
    )
    assert replace(near, **{name: getattr(match, name) for name in _SPANS}) == match
    assert looked_at(near) == near or length_s > 600
    assert looked_at(replace(match, end_s=start_s + 599, tempo=1.0)).end_s == start_s + 599


_SPANS = ("start_s", "end_s", "original_start_s", "original_end_s")


def test_a_span_is_proved_as_it_is_within_the_whole() -> None:
    whole = low(mono(0))
    middle = replace(WHOLE, start_s=4.0, end_s=20.0, original_start_s=4.0, original_end_s=20.0)
    span = whole[4 * DESIGN.sr : 20 * DESIGN.sr]
    assert prove_span(span, span, middle) == prove(whole, whole, middle)
    assert prove_span(span, span, middle).finding is Finding.SAME
