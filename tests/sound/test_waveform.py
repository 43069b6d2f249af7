import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import Tampered
from assent.sound.block import Block
from assent.sound.waveform import POINTS, Peaks, Waveform, from_bytes, to_bytes
from tests.sound.sounds import cut, noise, patient, tone


def outline(*blocks: Block, sr: int = 8_000) -> Peaks:
    waveform = Waveform(sr)
    for block in blocks:
        waveform.add(block)
    return waveform.peaks()


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 400_000),
    st.integers(1, 3),
    st.lists(st.integers(0, 90_000), max_size=8),
    st.sampled_from([8_000, 44_100]),
)
def test_how_the_sound_is_cut_does_not_matter(
    count: int, channels: int, sizes: list[int], sr: int
) -> None:
    sound = noise((channels, count), level=0.3)
    assert np.array_equal(outline(*cut(sound, sizes), sr=sr), outline(sound, sr=sr))


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 400_000), st.integers(0, 2**32))
def test_no_sample_is_outside_the_outline_and_none_is_invented(count: int, seed: int) -> None:
    sound = noise((2, count), seed=seed, level=0.3).clip(-1, 1)
    peaks = outline(sound)
    assert peaks.shape == (POINTS, 2)
    assert peaks.dtype == np.int8
    assert (peaks[:, 0] <= peaks[:, 1]).all()
    assert peaks.min() == np.rint(sound.min() * 127)
    assert peaks.max() == np.rint(sound.max() * 127)


@given(st.integers(8_000, 2_000_000), st.integers(0, POINTS - 1))
@settings(deadline=None, max_examples=30)
def test_a_click_is_drawn_where_it_is(count: int, point: int) -> None:
    sound = np.zeros((1, count), np.float32)
    at = int((point + 0.5) * count / POINTS)
    sound[0, at] = 1.0
    drawn = np.flatnonzero(outline(sound)[:, 1])
    assert 1 <= len(drawn) <= 2
    assert np.abs(drawn - point).min() <= 1


def test_a_swell_looks_like_one() -> None:
    sound = tone(440, sr=8_000, seconds=30, channels=2)
    sound *= np.linspace(0, 1, sound.shape[1], dtype=np.float32)
    peaks = outline(sound)
    expected = np.linspace(0, 127, POINTS)
    assert np.abs(peaks[:, 1] - expected).max() <= 1
    assert np.abs(peaks[:, 0] + expected).max() <= 1


def test_a_short_sound_repeats_its_columns() -> None:
    sound = np.array([[0.5] * 8 + [-1.0] * 8], np.float32)
    peaks = outline(sound)  # two columns of a millisecond
    assert peaks[: POINTS // 2].tolist() == [[64, 64]] * 500
    assert peaks[POINTS // 2 :].tolist() == [[-127, -127]] * 500


def test_nothing_is_a_flat_line() -> None:
    assert not outline().any()
    assert not outline(np.zeros((2, 0), np.float32)).any()


def test_what_is_beyond_full_scale_is_drawn_at_full_scale() -> None:
    assert outline(np.array([[-9.0, 9.0]], np.float32))[0].tolist() == [-127, 127]


def test_reading_on_the_way_changes_nothing() -> None:
    sound, waveform = noise((1, 200_000)), Waveform(8_000)
    for piece in np.split(sound, 10, axis=1):
        waveform.add(piece)
        waveform.peaks()
    assert np.array_equal(waveform.peaks(), outline(sound))


@patient
@given(st.lists(st.tuples(st.integers(-127, 127), st.integers(-127, 127)), max_size=50))
def test_bytes_give_the_outline_back(pairs: list[tuple[int, int]]) -> None:
    peaks = np.array(pairs, np.int8).reshape(-1, 2)
    assert np.array_equal(from_bytes(to_bytes(peaks)), peaks)


def test_a_full_outline_is_two_kilobytes() -> None:
    assert len(to_bytes(outline(noise((2, 100_000))))) == 2_006


@pytest.mark.parametrize("stored", [b"", b"peaks1\0", b"peaks2\0\0", b"\0" * 2_006])
def test_bytes_that_are_no_outline_are_noticed(stored: bytes) -> None:
    with pytest.raises(Tampered, match="stored waveform is damaged"):
        from_bytes(stored)
