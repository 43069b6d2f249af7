import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.sound.block import Block
from assent.sound.decode import decode, probe
from assent.sound.loudness import Loudness, Meter
from tests.sound.sounds import MUSIC, cut, joined, needs_music, noise, patient, tone


def read(sound: Block, *, sr: int = 48_000, layout: str = "") -> Loudness:
    meter = Meter(sr, sound.shape[0], layout=layout.split())
    meter.add(sound)
    return meter.result()


def lufs(sound: Block, *, sr: int = 48_000, layout: str = "") -> float:
    reading = read(sound, sr=sr, layout=layout).integrated_lufs
    assert reading is not None
    return reading


def peer(sound: Block, sr: int) -> float:
    """The same, by another library and the same filter."""
    meter = pyloudnorm.Meter(sr, filter_class="DeMan")
    return float(meter.integrated_loudness(sound.T.astype(np.float64)))


@patient
@given(
    st.sampled_from([8_000, 11_025, 22_050, 44_100, 48_000, 96_000]),
    st.integers(1, 6),
    st.lists(st.integers(0, 30_000), max_size=8),
    st.integers(0, 2**32),
)
def test_how_the_sound_is_cut_does_not_matter(
    sr: int, channels: int, sizes: list[int], seed: int
) -> None:
    sound = noise((channels, 50_000), seed=seed) * np.linspace(0, 1, 50_000, dtype=np.float32)
    whole, pieces = read(sound, sr=sr), Meter(sr, channels)
    for piece in cut(sound, sizes):
        pieces.add(piece)
    result = pieces.result()
    assert result.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=1e-9)
    assert result.true_peak_dbtp == pytest.approx(whole.true_peak_dbtp, abs=1e-4)


@given(
    st.sampled_from([8_000, 11_025, 44_100, 48_000, 96_000]),
    st.integers(1, 5),
    st.integers(5, 40),
    st.integers(0, 2**32),
)
@settings(deadline=None, max_examples=50)
def test_another_library_reads_the_same(sr: int, channels: int, tenths: int, seed: int) -> None:
    count = -(-sr * tenths // 10)  # it counts a last block that is not complete, so give none
    generator = np.random.default_rng(seed)
    # levels from loud to below the gates, so that both gates have work to do
    envelope = 10 ** (np.repeat(generator.uniform(-90, 0, 8), -(-count // 8))[:count] / 20)
    sound = (noise((channels, count), seed=seed, level=0.3) * envelope).astype(np.float32)
    places = ["FL", "FR", "FC", "BL", "BR"][:channels]
    ours = read(sound, sr=sr, layout=" ".join(places)).integrated_lufs
    theirs = peer(sound, sr)
    assert ours == (None if theirs == -np.inf else pytest.approx(theirs, abs=1e-6))


@patient
@given(st.floats(-50, 12), st.integers(0, 2**32))
def test_so_many_decibels_more_are_so_many_units_more(gain_db: float, seed: int) -> None:
    # in one level, because the gates look at differences of it
    sound = noise((2, 48_000), seed=seed, level=1e-1)
    louder = (sound * 10 ** (gain_db / 20)).astype(np.float32)
    assert lufs(louder) - lufs(sound) == pytest.approx(gain_db, abs=1e-3)


@pytest.mark.parametrize("sr", [8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_a_sine_at_full_scale_reads_as_the_standard_says(sr: int) -> None:
    # 997 Hz at 0 dBFS in one front channel is -3.01 LUFS: BS.1770-4, Annex 1, last note
    assert lufs(tone(997, sr=sr, seconds=5), sr=sr) == pytest.approx(-3.01, abs=0.05)
    assert lufs(tone(997, sr=sr, seconds=5, channels=2), sr=sr) == pytest.approx(0, abs=0.05)


# EBU Tech 3341, table 1, cases 1 to 6: (level of a 1 kHz sine [dBFS], duration [s]) …, reading
EBU: dict[str, tuple[list[tuple[float, float]], float]] = {
    "1: -23 dBFS": ([(-23, 20)], -23),
    "2: -33 dBFS": ([(-33, 20)], -33),
    "3: the relative gate": ([(-36, 10), (-23, 60), (-36, 10)], -23),
    "4: the absolute gate": ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
    "5: unlike levels": ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
}


@pytest.mark.parametrize("case", EBU)
def test_the_reference_signals_of_the_ebu_read_as_they_must(case: str) -> None:
    parts, expected = EBU[case]
    sound = joined(tone(1_000, dbfs=level, seconds=seconds, channels=2) for level, seconds in parts)
    assert lufs(sound) == pytest.approx(expected, abs=0.1)


def test_the_surround_reference_signal_reads_as_it_must() -> None:
    levels = {"FL": -28, "FR": -28, "FC": -24, "LFE": 0, "BL": -30, "BR": -30}  # case 6
    sound = np.concatenate([tone(1_000, dbfs=level, seconds=20) for level in levels.values()])
    assert lufs(sound, layout=" ".join(levels)) == pytest.approx(-23, abs=0.1)


def test_silence_has_no_loudness_and_no_peak() -> None:
    assert read(np.zeros((2, 96_000), np.float32)) == Loudness(
        integrated_lufs=None, true_peak_dbtp=None
    )


def test_what_is_below_the_absolute_gate_has_a_peak_but_no_loudness() -> None:
    reading = read(tone(997, dbfs=-75, seconds=2))
    assert reading.integrated_lufs is None
    assert reading.true_peak_dbtp == pytest.approx(-75, abs=0.1)


@pytest.mark.parametrize(("count", "is_read"), [(19_199, False), (19_200, True)])
def test_loudness_takes_four_tenths_of_a_second(count: int, is_read: bool) -> None:
    assert (read(tone(997)[:, :count]).integrated_lufs is not None) == is_read


def test_no_samples_have_no_loudness() -> None:
    assert Meter(48_000, 2).result() == Loudness(integrated_lufs=None, true_peak_dbtp=None)


def test_the_stream_may_go_on_after_a_reading() -> None:
    sound, meter = noise((2, 96_000)), Meter(48_000, 2)
    for piece in np.split(sound, 6, axis=1):
        meter.add(piece)
        meter.result()
    result, whole = meter.result(), read(sound)
    assert result.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=1e-9)
    assert result.true_peak_dbtp == pytest.approx(whole.true_peak_dbtp, abs=1e-4)


def test_a_constant_offset_does_not_spoil_a_quiet_sound_at_a_high_rate() -> None:
    quiet = tone(997, sr=192_000, seconds=3, dbfs=-40)
    # the jump at the beginning is heard for a moment: it gives way to the relative gate or not
    # at all, so let the offset rise slowly
    rise = np.minimum(np.arange(quiet.shape[1]) / 192_000, 0.9).astype(np.float32)
    assert lufs(quiet + rise, sr=192_000) == pytest.approx(lufs(quiet, sr=192_000), abs=0.1)


def test_silence_after_sound_comes_to_rest() -> None:
    meter = Meter(48_000, 2)
    meter.add(noise((2, 48_000)))
    assert meter._energy._state.any()
    for _ in range(3):  # left alone, it would go on in ever smaller numbers, slowly
        meter.add(np.zeros((2, 48_000), np.float32))
    assert not meter._energy._state.any()


@needs_music
@pytest.mark.parametrize(
    "name", ["librosa-solo-trumpet.ogg", "speech-librivox-1.ogg", "supertux-fortress_old.ogg"]
)
def test_real_music_reads_as_another_library_reads_it(name: str) -> None:
    seen, blocks = probe(MUSIC / name), list(decode(MUSIC / name))
    meter = Meter(seen.sr, seen.channels, layout=seen.layout)
    for block in blocks:
        meter.add(block)
    reading = meter.result().integrated_lufs
    assert reading == pytest.approx(peer(joined(blocks), seen.sr), abs=1e-6)
    # and with that library's own filter, which is a slightly different one
    other = pyloudnorm.Meter(seen.sr).integrated_loudness(joined(blocks).T.astype(np.float64))
    assert reading == pytest.approx(other, abs=0.15)
