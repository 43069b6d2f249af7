"""What is done to a recording so that nobody should know it again, each by a name.

All take and give one channel at 44.1 kHz [shape=(n,), float32]: whatever is not said to be of the
left channel is of both, downmixed. Nothing beside the libraries of the project is needed; whoever
speaks over the music is `demo.speech` unless `espeak-ng` is installed. The same generator does the
same.
"""

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, TypeAlias, cast

import av
import numpy as np
import numpy.typing as npt
import soxr
from av.audio.frame import AudioFrame
from scipy.signal import butter, fftconvolve, sosfilt

from assent.demo.instruments import SR as SPEECH_SR
from assent.demo.speech import speech
from assent.sound.decode import decode

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

__all__ = ["ATTACKS", "MIXED", "SR", "Attack", "Samples", "attacked", "spoken"]

SR = 44_100
Samples: TypeAlias = npt.NDArray[np.float32]
Attack = Callable[[Samples, np.random.Generator], Samples]

_TEXT = (
    "Whatever you have made is yours, and nobody may learn from it unless you say so. This is a"
    " long meeting about songs, loops, samples and licences, and everybody is talking at once."
)
_MOST_CODED = {"libopus": 48_000}


def coded(samples: Samples, _rng: np.random.Generator, *, codec: str, kbps: int) -> Samples:
    """Return what a lossy codec leaves."""
    sr = _MOST_CODED.get(codec, SR)
    there = _resampled(samples, SR, sr)
    held = io.BytesIO()
    container = {"libmp3lame": "mp3", "aac": "adts", "libopus": "ogg"}[codec]
    with av.open(held, "w", format=container) as output:
        stream = cast("AudioStream", output.add_stream(codec, rate=sr, layout="mono"))
        stream.bit_rate = kbps * 1_000
        fifo, convert = av.AudioFifo(), av.AudioResampler(stream.format, "mono", sr)
        for frame in _frames(np.clip(there, -1, 1), sr):
            for converted in convert.resample(frame):
                fifo.write(converted)
        size = stream.frame_size or 1_024
        while (piece := fifo.read(size)) or (piece := fifo.read(0)):
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    held.seek(0)
    return np.concatenate([block.mean(axis=0) for block in decode(held, sr=SR)])


def _resampled(samples: Samples, sr: float, to_sr: float) -> Samples:
    return samples if sr == to_sr else soxr.resample(samples, sr, to_sr, quality="HQ")


def stretched(samples: Samples, factor: float) -> Samples:
    """Return the same pitch, faster by a factor (FFmpeg's `atempo`)."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=SR, format="flt", layout="mono", time_base=Fraction(1, SR)
    )
    tempo, sink = graph.add("atempo", f"{factor:.6f}"), graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    made = []
    for frame in _frames(samples, SR):
        graph.push(frame)
        made += _pulled(graph)
    graph.push(None)
    return np.concatenate([*made, *_pulled(graph)])


def _frames(samples: Samples, sr: int) -> Iterator[AudioFrame]:
    """Yield samples as FFmpeg takes them: it has room for a few thousand at once."""
    for low in range(0, len(samples), 4_096):
        piece = np.ascontiguousarray(samples[None, low : low + 4_096])
        frame = AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = sr, Fraction(1, sr), low
        yield frame


def _pulled(graph: "av.filter.Graph") -> list[Samples]:
    made = []
    while True:
        try:
            made.append(graph.pull().to_ndarray().reshape(-1).astype(np.float32))
        except (BlockingIOError, EOFError):
            return made


def _tempo(samples: Samples, _rng: np.random.Generator, *, percent: float) -> Samples:
    return stretched(samples, 1 + percent / 100)


def _speed(samples: Samples, _rng: np.random.Generator, *, percent: float) -> Samples:
    return _resampled(samples, SR * (1 + percent / 100), SR)


def _pitch(samples: Samples, _rng: np.random.Generator, *, semitones: float) -> Samples:
    factor = 2 ** (semitones / 12)
    return stretched(_resampled(samples, SR * factor, SR), 1 / factor)


def _over(samples: Samples, other: Samples, snr_db: float) -> Samples:
    """Return samples with something laid over them, so many decibels softer than they are."""
    other = np.resize(other, len(samples)).astype(np.float32)
    power = float(np.mean(samples**2)) / max(float(np.mean(other**2)), 1e-12)
    mixed = samples + other * np.float32(np.sqrt(power / 10 ** (snr_db / 10)))
    return np.asarray(mixed / max(1.0, float(np.abs(mixed).max())), np.float32)


def _white(samples: Samples, rng: np.random.Generator, *, snr_db: float) -> Samples:
    return _over(samples, rng.standard_normal(len(samples)).astype(np.float32), snr_db)


def _pink(samples: Samples, rng: np.random.Generator, *, snr_db: float) -> Samples:
    spectrum = np.fft.rfft(rng.standard_normal(len(samples)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    return _over(samples, np.fft.irfft(spectrum, len(samples)).astype(np.float32), snr_db)


@cache
def spoken(voice: int) -> Samples:
    """Return somebody who speaks [shape=(n,), at 44.1 kHz].

    Args:
        voice: Which of three.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        said = speech(20.0, np.random.default_rng(voice)).astype(np.float32)
        return _resampled(said, SPEECH_SR, SR)
    name = ("en+m3", "en+f2", "de+m7")[voice]
    wave = subprocess.run(  # noqa: S603  # a program of the system, with text of ours
        [program, "-v", name, "--stdout", _TEXT], check=True, capture_output=True
    ).stdout
    return np.concatenate([block.mean(axis=0) for block in decode(io.BytesIO(wave), sr=SR)])


def _speech(samples: Samples, rng: np.random.Generator, *, snr_db: float) -> Samples:
    voice = spoken(int(rng.integers(3)))
    return _over(samples, np.roll(voice, int(rng.integers(len(voice)))), snr_db)


def _room(samples: Samples, rng: np.random.Generator) -> Samples:
    """A room with a reverberation time of 0.8 s, as loud as the sound itself."""
    length = int(0.8 * SR)
    tail = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
    tail[0] = np.sqrt(np.sum(tail**2))
    heard = fftconvolve(samples, tail)[: len(samples)]
    return np.asarray(heard / max(1.0, float(np.abs(heard).max())), np.float32)


def _phone(samples: Samples, _rng: np.random.Generator) -> Samples:
    bands = butter(4, [300, 3_400], "bandpass", fs=SR, output="sos")
    return np.asarray(sosfilt(bands, samples), np.float32)


def _equaliser(samples: Samples, _rng: np.random.Generator) -> Samples:
    """Bass up and middle down by about 12 dB."""
    low = sosfilt(butter(2, 250, "lowpass", fs=SR, output="sos"), samples)
    high = sosfilt(butter(2, 2_500, "highpass", fs=SR, output="sos"), samples)
    mixed = 2.0 * low + 0.25 * samples + 2.0 * high
    return np.asarray(mixed / max(1.0, float(np.abs(mixed).max())), np.float32)


def _clipped(samples: Samples, _rng: np.random.Generator) -> Samples:
    most = float(np.sqrt(np.mean(samples**2))) or 1.0
    return np.clip(samples, -most, most)


def _reversed(samples: Samples, _rng: np.random.Generator) -> Samples:
    return -samples


def _cropped(samples: Samples, _rng: np.random.Generator) -> Samples:
    """What is inside: seven of ten parts."""
    cut = len(samples) * 3 // 20
    return samples[cut : len(samples) - cut]


def _as_it_is(samples: Samples, _rng: np.random.Generator) -> Samples:
    return samples


def _then(first: Attack, second: Attack) -> Attack:
    return lambda samples, rng: second(first(samples, rng), rng)


_MONO = "mono, the left channel alone"
MIXED = "two tracks mixed"
"""The attack that needs another track."""
_MP3 = partial(coded, codec="libmp3lame", kbps=64)

_PLAIN: dict[str, Attack] = {
    "as it is": _as_it_is,
    "crop inside": _cropped,
    "AAC 96 kbps": partial(coded, codec="aac", kbps=96),
    "Opus 32 kbps": partial(coded, codec="libopus", kbps=32),
    "phone band": _phone,
    **{f"noise {db} dB": partial(_white, snr_db=db) for db in (10, 5, 0)},
    "pink noise 0 dB": partial(_pink, snr_db=0),
    "room": _room,
    **{f"speech {db} dB": partial(_speech, snr_db=db) for db in (0, -6)},
    **{f"pitch {st:+d} semitones": partial(_pitch, semitones=st) for st in (1, -1, 2, -2, 4, -4)},
    **{f"tempo {by:+d} %": partial(_tempo, percent=by) for by in (5, -5, 10, -10, 20, -20)},
    **{f"speed {by:+d} %": partial(_speed, percent=by) for by in (3, -3, 6, -6, 10, -10)},
    "equaliser": _equaliser,
    "clipping": _clipped,
    "polarity": _reversed,
    _MONO: _as_it_is,  # of the left channel, see `attacked`
    MIXED: _as_it_is,  # with another track, see `attacked`
    "speed +8 %, speech 6 dB": _then(partial(_speed, percent=8), partial(_speech, snr_db=6)),
}

ATTACKS: Mapping[str, Attack] = {
    **_PLAIN,
    "MP3 64 kbps": _MP3,
    **{
        f"{name}, MP3": _then(attack, _MP3) for name, attack in _PLAIN.items() if name != "as it is"
    },
}
"""Each by its name; all but the codecs come with MP3 at 64 kbps after them, too."""


def attacked(
    name: str,
    samples: Samples,
    seed: int,
    *,
    left: Samples | None = None,
    beside: Samples | None = None,
) -> Samples:
    """Return what an attack makes of samples; the same seed does the same.

    Args:
        name: Which attack.
        samples: Both channels, downmixed.
        seed: Draws what it leaves to chance.
        left: The left channel alone; there is only one if it is left out.
        beside: Some of another track, to be as loud; needed where two tracks are mixed.

    Raises:
        ValueError: Two tracks are to be mixed and there is but one.
    """
    start = samples
    if name.startswith(_MONO) and left is not None:
        start = left
    elif name.startswith(MIXED):
        if beside is None:
            raise ValueError("there is no other track to mix it with")
        start = _over(samples, beside, 0.0)
    return ATTACKS[name](start, np.random.default_rng(seed))
