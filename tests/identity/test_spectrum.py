"""Spectra: the same however the samples are cut, and what a slow transform says."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.identity import spectrum
from assent.identity.design import DESIGN
from assent.identity.spectrum import Floats, Spectrum
from tests.identity.music import patient, plain, seeds


def _noise(seed: int, count: int) -> Floats:
    return np.random.default_rng(seed).standard_normal(count).astype(np.float32)


def _middles() -> npt.NDArray[np.float64]:
    return DESIGN.lowest_hz * 2.0 ** (np.arange(DESIGN.bands) / DESIGN.bands_per_octave)


def _slowly(samples: Floats) -> npt.NDArray[np.float64]:
    """Powers by the formula, a frame and a band at a time."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(DESIGN.window) / DESIGN.window)
    bin_hz = DESIGN.sr / DESIGN.window
    rows = []
    for start in range(0, len(samples) - DESIGN.window + 1, DESIGN.hop):
        frame = samples[start : start + DESIGN.window].astype(np.float64)
        power = np.abs(np.fft.rfft(frame * window)) ** 2
        row = []
        for middle in _middles():
            half = max(middle * (2 ** (1 / DESIGN.bands_per_octave) - 1), bin_hz)
            away = np.abs(np.arange(len(power)) * bin_hz - middle) / half
            triangle = np.maximum(1 - away, 0)
            row.append(float(power @ triangle / triangle.sum()))
        rows.append(row)
    return np.array(rows).reshape(-1, DESIGN.bands)


@patient
@given(seeds, st.integers(0, 6_000), st.lists(st.integers(0, 3_000), min_size=1, max_size=8))
def test_the_spectra_are_the_same_however_the_samples_are_cut(
    seed: int, count: int, sizes: list[int]
) -> None:
    samples = _noise(seed, count)
    whole = Spectrum(DESIGN).add(samples)
    taken = Spectrum(DESIGN)
    pieces = np.split(samples, np.minimum(np.cumsum(sizes), count))
    cut = np.concatenate([taken.add(piece) for piece in pieces])
    assert len(whole) == max((count - DESIGN.window) // DESIGN.hop + 1, 0)
    np.testing.assert_array_equal(cut, whole)


@patient
@given(seeds, st.integers(0, 3_000))
def test_the_spectra_are_those_of_the_formula(seed: int, count: int) -> None:
    samples = _noise(seed, count)
    np.testing.assert_allclose(Spectrum(DESIGN).add(samples), _slowly(samples), rtol=1e-3)


def test_more_frames_than_are_transformed_together_are_the_same_frames() -> None:
    count = DESIGN.window + 1_030 * DESIGN.hop
    samples = _noise(5, count)
    whole = Spectrum(DESIGN).add(samples)
    for at in (0, 511, 512, 513, 1_023, 1_024, 1_030):
        one = samples[at * DESIGN.hop : at * DESIGN.hop + DESIGN.window]
        np.testing.assert_allclose(whole[at], Spectrum(DESIGN).add(one)[0], rtol=1e-5)


@patient
@given(seeds, st.floats(1e-3, 1e3))
def test_power_grows_with_the_square_of_the_level(seed: int, gain: float) -> None:
    samples = _noise(seed, 1_500)
    louder = Spectrum(DESIGN).add(samples * np.float32(gain))
    expected = Spectrum(DESIGN).add(samples) * gain**2
    np.testing.assert_allclose(louder, expected, rtol=1e-3)


@pytest.mark.parametrize("band", range(0, DESIGN.bands, 5))
def test_a_full_tone_is_loudest_in_its_own_band(band: int) -> None:
    time = np.arange(DESIGN.window) / DESIGN.sr
    tone = np.sin(2 * np.pi * _middles()[band] * time).astype(np.float32)
    (powers,) = Spectrum(DESIGN).add(tone)
    # where bands are narrower than a bin, neighbours have the same bins
    assert abs(int(powers.argmax()) - band) <= (5 if band < 40 else 1)
    assert 5_000 < powers.max() < 65_600


def test_a_click_is_as_loud_in_every_band() -> None:
    click = np.zeros(DESIGN.window, np.float32)
    click[DESIGN.window // 2] = 1
    (powers,) = Spectrum(DESIGN).add(click)
    np.testing.assert_allclose(powers, 1, rtol=1e-4)


def test_the_gathering_that_is_compiled_is_the_python_it_was_made_of() -> None:
    rng = np.random.default_rng(1)
    shape = (3, DESIGN.window // 2 + 1)
    spectra = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(np.complex64)
    starts, weights, first = spectrum._bands(DESIGN)
    quick, slow = (np.zeros((3, DESIGN.bands), np.float32) for _ in range(2))
    spectrum._gather(spectra, first, starts, weights, quick)
    plain(spectrum._gather)(spectra, first, starts, weights, slow)
    np.testing.assert_allclose(quick, slow, rtol=1e-5)
    assert quick.min() > 0
