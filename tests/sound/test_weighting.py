import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import sosfreqz

from assent.sound.weighting import channel_weights, k_weighting
from tests.sound.sounds import patient

# BS.1770-4, Annex 1, tables 1 and 2: shelf and high-pass for 48 kHz
PRINTED = [
    [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585],
    [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
]
SIDE = 1.41


def test_at_48_khz_it_is_the_filter_that_the_standard_prints() -> None:
    assert np.abs(k_weighting(48_000) - PRINTED).max() < 1e-9


def gain_db(sr: int, hz: float) -> float:
    _, response = sosfreqz(k_weighting(sr), worN=[hz], fs=sr)
    return float(20 * math.log10(abs(response[0])))


@patient
@given(st.integers(8_000, 192_000), st.floats(20, 2_000))
def test_every_rate_weighs_a_frequency_alike(sr: int, hz: float) -> None:
    # bilinear filters bend towards half the sample rate; 8 kHz is the worst that is used
    assert gain_db(sr, hz) == pytest.approx(gain_db(48_000, hz), abs=0.5)


@patient
@given(st.integers(4_000, 768_000))
def test_every_rate_gives_a_stable_filter(sr: int) -> None:
    for section in k_weighting(sr):
        assert np.abs(np.roots(section[3:])).max() < 1


@pytest.mark.parametrize(
    ("layout", "weights"),
    [
        ("FC", [1]),
        ("FL FR", [1, 1]),
        ("FL FR FC LFE BL BR", [1, 1, 1, 0, SIDE, SIDE]),
        ("FL FR FC LFE SL SR", [1, 1, 1, 0, SIDE, SIDE]),
        ("FL FR FC LFE BL BR SL SR", [1, 1, 1, 0, 1, 1, SIDE, SIDE]),
        ("FL FR FC LFE BC SL SR", [1, 1, 1, 0, 1, SIDE, SIDE]),
        ("FL FR FC BC", [1, 1, 1, 1]),
        ("FL FR LFE LFE2 WL WR TFL TFR", [1, 1, 0, 0, SIDE, SIDE, 1, 1]),
    ],
)
def test_each_loudspeaker_counts_by_its_place(layout: str, weights: list[float]) -> None:
    names = layout.split()
    assert channel_weights(len(names), names).tolist() == weights


@pytest.mark.parametrize(
    ("channels", "weights"),
    [
        (1, [1]),
        (2, [1, 1]),
        (3, [1, 1, 1]),
        (4, [1, 1, SIDE, SIDE]),
        (5, [1, 1, 1, SIDE, SIDE]),
        (6, [1, 1, 1, 0, SIDE, SIDE]),
        (7, [1, 1, 1, 0, 1, SIDE, SIDE]),
        (8, [1, 1, 1, 0, 1, 1, SIDE, SIDE]),
        (9, [1] * 9),
    ],
)
def test_unnamed_channels_are_taken_for_the_usual_ones(channels: int, weights: list[float]) -> None:
    assert channel_weights(channels).tolist() == weights
    assert channel_weights(channels, ["FL"] * (channels + 1)).tolist() == weights
