import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from assent.sound.block import Block
from assent.sound.decode import decode
from assent.sound.true_peak import OVERSAMPLING, TruePeak, interpolator
from tests.sound.sounds import MUSIC, cut, joined, needs_music, noise, tone


def peak(sound: Block) -> float:
    meter = TruePeak(sound.shape[0])
    meter.add(sound)
    return meter.linear()


def oracle(sound: Block) -> float:
    """Every point there is, without pruning, in double precision."""
    taps = interpolator()
    padded = np.pad(sound.astype(np.float64), ((0, 0), (taps.shape[1], taps.shape[1])))
    points = [np.convolve(row, tap[::-1], "valid") for row in padded for tap in taps]
    return max(float(np.abs(sound).max()), *(float(np.abs(each).max()) for each in points))


SOUNDS = st.one_of(
    st.builds(
        lambda channels, count, seed, smooth: np.stack(
            [
                np.convolve(row, np.ones(smooth) / smooth, "same")
                for row in noise((channels, count), seed=seed, level=1)
            ]
        ).astype(np.float32),
        st.integers(1, 3),
        st.integers(40, 6_000),
        st.integers(0, 2**32),
        st.sampled_from([1, 3, 40]),
    ),
    st.lists(st.sampled_from([-1.0, 0.0, 1.0, 0.5]), min_size=1, max_size=200).map(
        lambda values: np.array([values], np.float32)
    ),
)


@settings(deadline=None, max_examples=200)
@given(SOUNDS)
def test_pruning_never_loses_the_highest_point(sound: Block) -> None:
    assert peak(sound) == pytest.approx(oracle(sound), rel=1e-5)


@settings(deadline=None, max_examples=200)
@given(SOUNDS, st.lists(st.integers(0, 700), max_size=8))
def test_how_the_sound_is_cut_does_not_matter(sound: Block, sizes: list[int]) -> None:
    pieces = TruePeak(sound.shape[0])
    for piece in cut(sound, sizes):
        pieces.add(piece)
        pieces.linear()  # reading on the way changes nothing
    assert pieces.linear() == pytest.approx(peak(sound), rel=1e-5)


@given(st.integers(70_000, 140_000), st.integers(0, 2**32))
@settings(deadline=None, max_examples=10)
def test_a_piece_longer_than_a_block_is_taken_too(count: int, seed: int) -> None:
    sound = noise((2, count), seed=seed)
    assert peak(sound) == pytest.approx(oracle(sound), rel=1e-5)


def test_every_point_between_equal_samples_is_that_sample() -> None:
    assert interpolator().sum(axis=1) == pytest.approx(1)
    assert interpolator().shape == (OVERSAMPLING - 1, 24)


@pytest.mark.parametrize("sr", [44_100, 48_000, 96_000])
def test_a_sine_between_the_samples_is_found(sr: int) -> None:
    # at a quarter of the rate and 45 degrees off, all samples are 3 dB below the crest
    sound = tone(sr / 4, sr=sr, phase=np.pi / 4, channels=2)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-3.01, abs=0.01)
    inner = sound * np.hanning(sound.shape[1]).astype(np.float32)  # without the jump at each end
    assert 20 * np.log10(peak(inner)) == pytest.approx(0, abs=0.02)


# EBU Tech 3341, table 1, cases 15 to 19: (frequency as a part of the rate, phase [degrees],
# amplitude, reading [dBTP]), allowed +0.2 and -0.4 dB
EBU = [(4, 0, 0.5, -6), (4, 45, 0.5, -6), (6, 60, 0.5, -6), (8, 67.5, 0.5, -6), (4, 45, 1.41, 3)]


@pytest.mark.parametrize(("part", "degrees", "amplitude", "dbtp"), EBU)
def test_the_reference_signals_of_the_ebu_read_as_they_must(
    part: int, degrees: float, amplitude: float, dbtp: float
) -> None:
    sound = tone(48_000 / part, phase=np.deg2rad(degrees), dbfs=20 * np.log10(amplitude))
    fade = np.minimum(1, np.minimum(np.arange(48_000), np.arange(48_000)[::-1]) / 480)
    meter = TruePeak(1)
    meter.add((sound * fade).astype(np.float32))
    reading = meter.dbtp()
    assert reading is not None
    assert dbtp - 0.4 <= reading <= dbtp + 0.2


@pytest.mark.parametrize("part", [3, 5, 7, 11, 50])
def test_a_sine_of_any_phase_is_read_within_what_four_points_can_tell(part: int) -> None:
    for phase in np.linspace(0, np.pi, 9):
        sound = tone(48_000 / part, phase=float(phase)) * np.hanning(48_000).astype(np.float32)
        # between two of the points a crest can hide by the cosine of half their distance
        hidden = np.cos(np.pi / part / OVERSAMPLING)
        assert hidden - 0.005 <= peak(sound) <= 1.005


def test_a_lone_sample_is_its_own_peak() -> None:
    for at in (0, 1, 15, 16, 99):
        sound = np.zeros((1, 100), np.float32)
        sound[0, at] = -0.5
        assert peak(sound) == 0.5


def test_a_peak_beyond_the_last_sample_is_found() -> None:
    rising = np.array([[0.0, 1.0, 1.0]], np.float32)
    assert peak(rising) == pytest.approx(oracle(rising), rel=1e-5)
    assert peak(rising) > 1.1


def test_silence_and_nothing_have_no_peak() -> None:
    meter = TruePeak(2)
    assert meter.dbtp() is None
    meter.add(np.zeros((2, 1_000), np.float32))
    assert meter.dbtp() is None


@needs_music
def test_real_music_reads_like_a_longer_filter_reads_it() -> None:
    sound = joined(decode(MUSIC / "librosa-solo-trumpet.ogg"))
    longer = float(np.abs(resample_poly(sound.astype(np.float64), 4, 1, axis=1)).max())
    assert peak(sound) == pytest.approx(oracle(sound), rel=1e-5)
    assert peak(sound) == pytest.approx(longer, rel=0.01)
