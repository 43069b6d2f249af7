"""The composed music: sound in every sense, each piece its own, the same each time."""

from hashlib import sha256
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from assent.demo.compose import Track, tracks, write
from assent.demo.instruments import SR, hertz, pluck
from assent.demo.mixdown import LOUDNESS_LUFS, Mixdown
from assent.sound.loudness import Meter
from assent.sound.measure import measure

Spectrum = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def composed() -> tuple[Track, ...]:
    return tracks()


def samples(track: Track) -> npt.NDArray[np.float32]:
    return np.concatenate(track.blocks, axis=1)


def spectrum(track: Track) -> Spectrum:
    """Return how much of a track lies in each of 72 semitones from 55 Hz up, summing to 1."""
    power = np.abs(np.fft.rfft(samples(track).sum(axis=0))) ** 2
    hz = np.fft.rfftfreq(samples(track).shape[1], 1 / SR)
    edges = 55 * 2 ** (np.arange(73) / 12 - 1 / 24)
    found = np.histogram(hz, edges, weights=power)[0]
    return np.asarray(found / found.sum())


def onsets_per_s(track: Track) -> float:
    """Return how often the treble's level leaps up."""
    mono = np.diff(samples(track).sum(axis=0))
    level = np.sqrt((mono[: len(mono) // 441 * 441].reshape(-1, 441) ** 2).mean(axis=1))
    leaps = np.flatnonzero(level[1:] > 1.6 * level[:-1] + 1e-3)
    return len(leaps) / track.duration_s


def test_every_track_is_whole_and_nothing_clips(composed: tuple[Track, ...]) -> None:
    for track in composed:
        meter = Meter(track.sr, 2)
        for block in track.blocks:
            assert block.dtype == np.float32
            assert block.shape[0] == 2
            assert np.isfinite(block).all()
            meter.add(block)
        reading = meter.result()
        assert reading.true_peak_dbtp is not None
        assert reading.true_peak_dbtp < -0.9, track.title
        assert reading.integrated_lufs == pytest.approx(LOUDNESS_LUFS, abs=1), track.title
        assert 8 <= track.duration_s <= 20, track.title


def test_the_files_measure_as_the_tracks_do(composed: tuple[Track, ...], tmp_path: Path) -> None:
    for track in composed:
        measured = measure(write(track, tmp_path))
        assert measured.tags.get("title") == track.title
        assert measured.tags.get("artist") == track.artist
        assert measured.channels == 2
        assert measured.duration_s == pytest.approx(track.duration_s, abs=0.05)
        assert measured.loudness.integrated_lufs == pytest.approx(LOUDNESS_LUFS, abs=1)
        assert measured.loudness.true_peak_dbtp is not None
        assert measured.loudness.true_peak_dbtp < 0
    assert len(list(tmp_path.iterdir())) == len(composed)


def test_the_same_call_gives_the_same_samples() -> None:
    def digests() -> list[str]:
        return [sha256(samples(track).tobytes()).hexdigest() for track in tracks(4)]

    once = digests()
    assert once == digests()
    assert len(set(once)) == len(once)


def test_both_sides_are_heard_and_differ(composed: tuple[Track, ...]) -> None:
    for track in composed:
        left, right = samples(track)
        assert np.abs(left - right).max() > 0.01, track.title
        assert 0.25 < np.std(left) / np.std(right) < 4, track.title


def test_no_two_pieces_share_their_notes(composed: tuple[Track, ...]) -> None:
    spectra = {track.title: spectrum(track) for track in composed}
    for (_, one), (_, other) in combinations(spectra.items(), 2):
        alike = one @ other / np.sqrt((one @ one) * (other @ other))
        assert alike < 0.9


@pytest.mark.parametrize(
    ("title", "tonic"),
    [("Paper Lanterns", 62), ("Slow Ferry", 68), ("Halfway House", 67), ("Long Field", 58)],
)
def test_a_piece_is_in_its_key(composed: tuple[Track, ...], title: str, tonic: int) -> None:
    found = spectrum(next(track for track in composed if track.title == title))
    chroma = found.reshape(6, 12).sum(axis=0)  # from A up
    scale = {(tonic - 69 + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)}
    minor = {(tonic - 69 + step) % 12 for step in (0, 2, 3, 5, 7, 8, 10)}
    inside = max(sum(chroma[list(tones)]) for tones in (scale, minor))
    assert inside > 0.8  # chance gives 7 tones of 12


@pytest.mark.parametrize("pitch", [36, 50, 62, 74, 83])
def test_a_plucked_string_is_in_tune(pitch: int) -> None:
    string = pluck(hertz(pitch), 2.0, np.random.default_rng(pitch))
    size = 1 << 19
    level = np.abs(np.fft.rfft(string * np.hanning(len(string)), size))
    hz = np.fft.rfftfreq(size, 1 / SR)
    near = np.abs(hz / hertz(pitch) - 1) < 0.05
    found = hz[near][level[near].argmax()]
    assert abs(1200 * np.log2(found / hertz(pitch))) < 4  # cents


def test_drums_strike_more_often_than_a_ferry(composed: tuple[Track, ...]) -> None:
    rate = {track.title: onsets_per_s(track) for track in composed}
    assert rate["Second Shift"] > 2 * rate["Slow Ferry"]


def test_speech_pauses_and_music_does_not(composed: tuple[Track, ...]) -> None:
    def quiet_share(title: str) -> float:
        mono = samples(next(t for t in composed if t.title == title)).mean(axis=0)
        level = np.sqrt((mono[: len(mono) // 2205 * 2205].reshape(-1, 2205) ** 2).mean(axis=1))
        return float((level < 0.15 * np.sqrt((mono**2).mean())).mean())

    assert quiet_share("Letter from the Harbour") > 0.08
    assert quiet_share("Long Field") < quiet_share("Letter from the Harbour") / 2


def test_a_shorter_track_keeps_at_least_a_bar() -> None:
    for track, whole in zip(tracks(0.1), tracks(6), strict=True):
        assert 0.5 < track.duration_s <= whole.duration_s
        assert (track.title, track.artist) == (whole.title, whole.artist)


def test_a_sound_too_short_to_have_a_loudness_is_still_whole() -> None:
    rng = np.random.default_rng(1)
    mixdown = Mixdown(0.2, rng)
    mixdown.add(pluck(440, 1.0, rng), 0.05)  # reaches beyond the end
    mixdown.add(pluck(440, 1.0, rng), 5.0)  # begins after it
    (block,) = mixdown.finish()
    assert block.shape == (2, int(0.2 * SR))
    assert 0.1 < np.abs(block).max() < 1
