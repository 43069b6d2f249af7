import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.sound.resample import resample
from tests.sound.sounds import cut, joined, noise, patient, tone

RATES = st.sampled_from([8_000, 11_025, 16_000, 44_100, 48_000, 96_000])


@patient
@given(RATES, RATES, st.lists(st.integers(1, 5_000), max_size=6), st.integers(1, 3))
def test_how_the_sound_is_cut_does_not_matter(
    from_sr: int, to_sr: int, sizes: list[int], channels: int
) -> None:
    sound = noise((channels, 12_000))
    whole = joined(resample([sound], from_sr, to_sr))
    pieces = joined(resample(cut(sound, sizes), from_sr, to_sr))
    assert pieces.shape == whole.shape
    assert np.abs(pieces - whole).max() < 1e-6


@patient
@given(RATES, RATES, st.integers(1, 20_000))
def test_the_length_follows_the_rates(from_sr: int, to_sr: int, count: int) -> None:
    made = list(resample([noise((1, count))], from_sr, to_sr))
    assert sum(block.shape[1] for block in made) == pytest.approx(count * to_sr / from_sr, abs=1)


@pytest.mark.parametrize(
    ("from_sr", "to_sr"), [(44_100, 48_000), (48_000, 16_000), (8_000, 96_000)]
)
def test_a_tone_stays_the_same_tone(from_sr: int, to_sr: int) -> None:
    made = joined(resample([tone(997, sr=from_sr, seconds=1, channels=2)], from_sr, to_sr))
    expected = tone(997, sr=to_sr, seconds=1, channels=2)
    middle = slice(to_sr // 10, -to_sr // 10)
    assert np.abs(made - expected)[:, middle].max() < 1e-4


def test_the_same_rate_hands_the_blocks_through() -> None:
    blocks = [noise((2, 5)), noise((2, 7))]
    assert all(a is b for a, b in zip(resample(blocks, 44_100, 44_100), blocks, strict=True))


def test_nothing_becomes_nothing() -> None:
    assert list(resample([], 44_100, 48_000)) == []
