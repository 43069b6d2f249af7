"""Every number that a fingerprint hangs on, in one place and under one name.

Two fingerprints can be compared only if they are of one design; a number that is changed makes
another design, with another name. Where no source is given, a value was tried on the music that its
figures in `docs/identity.md` are of; no other music has confirmed it yet.
"""

from dataclasses import dataclass

__all__ = ["DESIGN", "Design"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A way to take fingerprints.

    Args:
        name: What it is called in files and tables.
        sr: Sample rate that everything is brought to [Hz]; what is above 4 kHz differs most
            between copies.
        window: Length of a spectrum [samples]: 128 ms.
        hop: From one spectrum to the next [samples]: 16 ms; a frame is a spectrum.
        bands_per_octave: Bands of pitch; so a change of pitch is a shift, and a semitone three.
        lowest_hz: Middle of the lowest band [Hz].
        bands: How many there are; the highest is near 3.7 kHz.
        floor: The power under which there is nothing [of a full-scale sine: about 65,000].
        peak_frames: A peak is the loudest among so many frames before and after [frames].
        peak_bands: And among so many bands below and above [bands].
        peaks_per_s: At most so many peaks a second go into the index, the loudest.
        asked_frames: The same as `peak_frames` where a copy is looked for: more peaks, so that
            those of the original are among them, whatever was laid over it.
        asked_bands: The same as `peak_bands` there.
        fan: A landmark is a peak and three of the next so many in the index.
        quick_fan: The same where what was hardly changed is looked for, among the same peaks.
        asked_fan: The same where what was changed is, among more.
        nearest: The next peak is at least so far away [frames].
        farthest: The last is at most so far away [frames]: 1.28 s.
        reach: Every peak is at most so many bands from the first.
        band_bin: Bands to a bin in a landmark's key.
        ratio_bins: Bins of the two ratios of times.

    Source: quads: Sonnleitner and Widmer, "Robust quad-based audio fingerprinting", IEEE/ACM
    TASLP 24(3), 2016; pitch as a shift of bands: Six and Leman, "Panako", ISMIR 2014.
    """

    name: str = "quads-1"
    sr: int = 8_000
    window: int = 1_024
    hop: int = 128
    bands_per_octave: int = 36
    lowest_hz: float = 180.0
    bands: int = 156
    floor: float = 5.5e-8
    peak_frames: int = 6
    peak_bands: int = 9
    peaks_per_s: int = 30
    asked_frames: int = 4
    asked_bands: int = 6
    fan: int = 4
    quick_fan: int = 5
    asked_fan: int = 8
    nearest: int = 3
    farthest: int = 80
    reach: int = 36
    band_bin: float = 2.5
    ratio_bins: int = 8

    @property
    def frames_per_s(self) -> float:
        """Spectra a second."""
        return self.sr / self.hop


DESIGN = Design()
"""The one in use."""
