"""Fingerprints: the same however a recording is cut, louder, turned over or in more channels."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.bench.attacks import SR
from assent.errors import BadAudio, Unknown
from assent.identity.design import DESIGN
from assent.identity.fingerprint import Fingerprint, Fingerprinter, fingerprint, samples_of
from assent.identity.peaks import Peaks
from assent.sound.encode import Format
from assent.sound.measure import measure
from tests.identity.music import blocks_of, heard, mono, patient, streamed, thorough
from tests.sound.sounds import encoded, noise

_SHORT = mono(0)[: 4 * SR]


def _same(one: Fingerprint, other: Fingerprint) -> None:
    assert one.frames == other.frames
    np.testing.assert_array_equal(one.peaks, other.peaks)


def _shared(one: Peaks, other: Peaks) -> float:
    """How many of the first's peaks are among the second's, nearly in their places [0 to 1]."""
    away = np.abs(one["frame"][:, None] - other["frame"]) + np.abs(
        one["band"][:, None] - other["band"]
    )
    return float(np.mean(away.min(axis=1) < 0.5))


@thorough
@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=6).filter(any))
def test_a_fingerprint_is_the_same_however_the_samples_are_cut(sizes: list[int]) -> None:
    whole = streamed([_SHORT[None]])
    assert len(whole.peaks) > 50
    _same(streamed(blocks_of(_SHORT[None], sizes)), whole)


def test_a_fingerprint_of_two_channels_is_the_same_however_they_are_cut() -> None:
    other = _SHORT * np.float32(0.7) + mono(3)[: len(_SHORT)] * np.float32(0.01)
    sound = np.stack([_SHORT, other])  # they go together, in whatever piece
    whole = streamed([sound])
    for sizes in ([65_536], [100_000], [9_970, 4_000, 0]):
        _same(streamed(blocks_of(sound, sizes)), whole)


def test_a_fingerprint_is_as_long_as_the_recording() -> None:
    for seconds in (0.2, 1.0, 3.5):
        taken = heard(_SHORT[: round(seconds * SR)])
        assert taken.duration_s == pytest.approx(seconds, abs=0.15)
        assert taken.frames == pytest.approx(taken.duration_s * DESIGN.frames_per_s)


@pytest.mark.parametrize("samples", [0, 1, 1_000])
def test_what_is_shorter_than_a_window_has_no_peaks(samples: int) -> None:
    taken = heard(_SHORT[:samples])
    assert (taken.frames, len(taken.peaks), len(taken.kept())) == (0, 0, 0)


def test_peaks_come_by_rising_frame_and_within_the_recording() -> None:
    taken = heard(_SHORT)
    assert np.all(np.diff(np.floor(taken.peaks["frame"] + 0.5)) >= 0)
    assert 0 < taken.peaks["frame"].min() <= taken.peaks["frame"].max() < taken.frames
    assert 0 < taken.peaks["band"].min() <= taken.peaks["band"].max() < DESIGN.bands


def test_what_is_kept_is_the_loudest_of_those_that_stand_out() -> None:
    taken = heard(_SHORT)
    kept = taken.kept()
    assert 0 < len(kept) < len(taken.peaks)
    assert kept["dominant"].all()
    assert len(kept) <= DESIGN.peaks_per_s * (taken.duration_s + 1)
    assert {one.tobytes() for one in kept} <= {one.tobytes() for one in taken.peaks}


@pytest.mark.parametrize("gain", [-1.0, 0.25, 4.0])
def test_a_fingerprint_is_the_same_louder_and_turned_over(gain: float) -> None:
    before, after = heard(_SHORT), heard(_SHORT * np.float32(gain))
    assert _shared(before.kept(), after.peaks) > 0.98
    if gain == -1:
        np.testing.assert_allclose(before.peaks["frame"], after.peaks["frame"], atol=1e-3)


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
def test_a_fingerprint_is_the_same_in_more_channels(channels: int) -> None:
    many = heard(np.tile(_SHORT, (channels, 1)))
    assert _shared(heard(_SHORT).kept(), many.peaks) > 0.99


def test_a_channel_that_is_turned_over_does_not_cancel_the_other() -> None:
    one, other = heard(np.stack([_SHORT, -_SHORT])), heard(_SHORT)
    _same(one, other)


def test_channels_that_cancel_out_in_part_are_heard() -> None:
    rng = np.random.default_rng(1)
    left = _SHORT
    right = -left + rng.standard_normal(len(left)).astype(np.float32) * np.float32(1e-3)
    assert _shared(heard(left).kept(), heard(np.stack([left, right])).peaks) > 0.9


def test_two_different_channels_are_both_heard() -> None:
    other = mono(3)[: len(_SHORT)]
    both = heard(np.stack([_SHORT, other]))
    for alone in (_SHORT, other):
        assert _shared(both.kept(), heard(alone).peaks) < 1
        assert _shared(heard(alone).kept(), both.peaks) > 0.2


@pytest.mark.parametrize("sr", [8_000, 22_050, 48_000, 96_000])
def test_a_fingerprint_is_nearly_the_same_at_another_rate(sr: int) -> None:
    import soxr

    other = heard(soxr.resample(_SHORT, SR, sr), sr)
    assert other.frames == pytest.approx(heard(_SHORT).frames, abs=1)
    assert _shared(heard(_SHORT).kept(), other.peaks) > 0.9


def test_a_file_has_the_fingerprint_of_its_samples(tmp_path: Path) -> None:
    data = encoded(_SHORT[None], Format.WAV_FLOAT)
    (tmp_path / "one.wav").write_bytes(data)
    expected = heard(_SHORT)
    _same(fingerprint(tmp_path / "one.wav"), expected)
    _same(fingerprint(io.BytesIO(data)), expected)
    assert expected.design is DESIGN


def test_a_fingerprint_is_taken_while_a_recording_is_measured() -> None:
    tap = Fingerprinter(SR)
    measure(io.BytesIO(encoded(_SHORT[None], Format.WAV_FLOAT)), taps=[lambda _: tap])
    _same(tap.result(), heard(_SHORT))


@pytest.mark.parametrize("what", ["silence", "full scale", "half scale"])
def test_what_does_not_move_has_no_peaks(what: str) -> None:
    level = {"silence": 0, "full scale": 1, "half scale": -0.5}[what]
    taken = heard(np.full(3 * SR, level, np.float32))
    steady = taken.peaks[(taken.peaks["frame"] > 20) & (taken.peaks["frame"] < taken.frames - 20)]
    assert len(steady) == 0


def test_a_file_that_is_no_audio_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_bytes(b"this is no audio" * 100)
    with pytest.raises(BadAudio):
        fingerprint(tmp_path / "no.wav")
    with pytest.raises(BadAudio):
        fingerprint(io.BytesIO(b""))
    with pytest.raises(Unknown):
        fingerprint(tmp_path / "none.wav")


def test_eight_channels_at_192_khz_are_taken() -> None:
    sound = noise((8, 192_000))
    taken = fingerprint(io.BytesIO(encoded(sound, Format.WAV_FLOAT, sr=192_000)))
    assert taken.duration_s == pytest.approx(1, abs=0.15)
    assert len(taken.peaks) > 10


_SPANNED = np.stack([_SHORT, -_SHORT * np.float32(0.9)])
_DATA = encoded(_SPANNED, Format.WAV_FLOAT)
_ends = st.floats(-1, 6) | st.sampled_from([0.0, 1.0, 4.0, 4.5 / DESIGN.sr, 16_384.5 / DESIGN.sr])


@patient
@given(_ends, _ends | st.just(np.inf))
def test_samples_of_a_span_are_a_slice_of_all(start_s: float, end_s: float) -> None:
    whole = samples_of(io.BytesIO(_DATA))
    assert len(whole) == pytest.approx(4 * DESIGN.sr, abs=2)
    low, high = (min(max(at, 0) * DESIGN.sr, len(whole)) for at in (start_s, end_s))
    span = samples_of(io.BytesIO(_DATA), start_s, end_s)
    np.testing.assert_array_equal(span, whole[round(low) : round(high)])


def test_samples_of_a_file_are_what_its_fingerprint_is_taken_of(tmp_path: Path) -> None:
    (tmp_path / "one.wav").write_bytes(_DATA)
    samples = samples_of(tmp_path / "one.wav")
    assert samples.dtype == np.float32
    again = heard(samples, DESIGN.sr)
    # brought to the rate by another filter: as near as at other rates
    assert _shared(again.kept(), fingerprint(tmp_path / "one.wav").peaks) > 0.9
    with pytest.raises(BadAudio):
        samples_of(io.BytesIO(_DATA[: len(_DATA) // 2]))
    with pytest.raises(Unknown):
        samples_of(tmp_path / "none.wav")
