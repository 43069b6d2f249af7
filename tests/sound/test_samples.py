import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadAudio
from assent.sound.block import BLOCK_FRAMES
from assent.sound.encode import Format
from assent.sound.samples import gathered, sample_format
from tests.sound.sounds import decoded, encoded, frame_of, joined, noise, patient

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
VALUES = {
    "u8": ([0, 64, 128, 255], [-1.0, -0.5, 0.0, 127 / 128]),
    "s16": ([-32768, -1, 0, 32767], [-1.0, -1 / 32768, 0.0, 32767 / 32768]),
    "s32": ([-(2**31), -256, 0, 2**30], [-1.0, -1 / 2**23, 0.0, 0.5]),
    "flt": ([-2.0, 0.25, 0.0, 1.0], [-2.0, 0.25, 0.0, 1.0]),
    "dbl": ([-2.0, 0.25, 0.0, 1.0], [-2.0, 0.25, 0.0, 1.0]),
}


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("name", VALUES)
def test_every_sample_format_comes_to_the_same_scale(name: str, planar: bool) -> None:
    given_values, expected = VALUES[name]
    full = f"{name}p" if planar else name
    left = np.array(given_values, sample_format(full).dtype)
    both = np.stack([left, left[::-1]])
    array = both if planar else both.T.reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(array), format=full, layout="stereo")
    frame.sample_rate = 44_100
    block = joined(gathered([frame], sr=44_100, channels=2, name="it"))
    assert block.dtype == np.float32
    assert block.tolist() == [expected, expected[::-1]]


def test_long_integers_come_to_the_same_scale() -> None:
    form = sample_format("s64p")
    assert form.dtype == np.dtype(np.int64)
    assert (form.planar, form.zero, form.full_scale) == (True, 0, 2**63)


@patient
@given(
    st.lists(st.integers(1, 70_000), min_size=1, max_size=8),
    st.sampled_from([1, 2, 6]),
)
def test_blocks_are_full_but_the_last_and_nothing_is_lost(sizes: list[int], channels: int) -> None:
    sound = noise((channels, sum(sizes)))
    edges = np.cumsum(sizes)
    frames = [frame_of(sound[:, end - size : end]) for end, size in zip(edges, sizes, strict=True)]
    blocks = list(gathered(frames, sr=44_100, channels=channels, name="it"))
    assert np.array_equal(joined(blocks), sound)
    assert all(block.shape[1] == BLOCK_FRAMES for block in blocks[:-1])
    assert 0 < blocks[-1].shape[1] <= BLOCK_FRAMES


def test_blocks_stay_as_they_were_when_later_ones_come() -> None:
    sound = noise((2, 3 * BLOCK_FRAMES))
    planar = [
        av.AudioFrame.from_ndarray(np.ascontiguousarray(part), format="fltp", layout="stereo")
        for part in np.split(sound, 12, axis=1)
    ]
    for frame in planar:
        frame.sample_rate = 44_100
    assert np.array_equal(joined(list(gathered(planar, sr=44_100, channels=2, name="it"))), sound)


def test_a_change_of_sample_format_loses_nothing() -> None:
    sound = np.array([[0.5, -0.25]], np.float32)
    integers = av.AudioFrame.from_ndarray(
        (sound * 32768).astype(np.int16), format="s16", layout="mono"
    )
    integers.sample_rate = 44_100
    frames = [frame_of(sound), integers, frame_of(sound)]
    block = joined(gathered(frames, sr=44_100, channels=1, name="it"))
    assert block.tolist() == [[0.5, -0.25] * 3]


def test_a_change_of_format_just_after_a_full_block_loses_nothing() -> None:
    full = noise((1, BLOCK_FRAMES))
    integers = av.AudioFrame.from_ndarray(np.ones((1, 5), np.int16), format="s16", layout="mono")
    integers.sample_rate = 44_100
    blocks = list(gathered([frame_of(full), integers], sr=44_100, channels=1, name="it"))
    assert [block.shape[1] for block in blocks] == [BLOCK_FRAMES, 5]


def test_no_frames_give_no_blocks() -> None:
    assert list(gathered([], sr=44_100, channels=1, name="it")) == []


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (frame_of(noise((1, 10))), "changes its number of channels on the way"),
        (frame_of(noise((2, 10)), sr=48_000), "changes its sample rate on the way"),
    ],
)
def test_a_recording_must_stay_what_it_began_as(frame: av.AudioFrame, what: str) -> None:
    frames = [frame_of(noise((2, 10))), frame]
    with pytest.raises(BadAudio, match=f"^it {what}$"):
        list(gathered(frames, sr=44_100, channels=2, name="it"))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", [0, 70_000])
def test_a_sample_that_is_not_a_number_is_refused(value: float, at: int) -> None:
    sound = noise((2, 80_000))
    sound[1, at] = value
    with pytest.raises(BadAudio, match="samples that are not numbers"):
        decoded(encoded(sound, Format.WAV_FLOAT))


def test_a_double_too_large_for_a_float_is_refused() -> None:
    frame = av.AudioFrame.from_ndarray(np.array([[1e300]]), format="dbl", layout="mono")
    frame.sample_rate = 44_100
    with pytest.raises(BadAudio, match="samples that are not numbers"):
        list(gathered([frame], sr=44_100, channels=1, name="it"))
