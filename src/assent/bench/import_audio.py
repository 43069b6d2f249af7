"""How fast music is imported, in times real time on one core.

All steps from one decode: loudness, true peak, waveform, digests, tags, sealing, the catalogue's
transaction. The peer decodes the same files with PyAV and measures loudness alone, with pyloudnorm:
no true peak, no waveform, no digest, nothing sealed, nothing written.
"""

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assent.acts.house import House
from assent.acts.publish import publish_default
from assent.acts.upload import Work, upload
from assent.bench.row import Row
from assent.clock import monotonic_s
from assent.demo.compose import tracks
from assent.settings import Settings
from assent.sound.decode import decode, probe
from assent.sound.encode import Format, encode
from assent.sound.measure import measure

__all__ = ["rows"]

_REPEATS = 6
"""How often each composed track is played over within its file: longer, as songs are."""


def rows(quick: bool = False) -> list[Row]:  # noqa: FBT001, FBT002  # the one switch all benches have
    """Measure on the demo's own composed tracks, as Ogg Vorbis.

    Args:
        quick: Each track once.
    """
    with TemporaryDirectory(prefix="assent-bench-") as folder:
        files = _compose(Path(folder) / "music", 1 if quick else _REPEATS)
        seconds = sum(measure(path).duration_s for path in files)
        imported = _timed(lambda: _import(Path(folder) / "data", files))
        measured = _timed(lambda: [measure(path) for path in files])
        decoded = _timed(lambda: [sum(block.shape[1] for block in decode(path)) for path in files])
        peer = _peer_s(files)
    name = "PyAV and pyloudnorm (loudness alone)"
    return [
        Row(
            what="import, all steps",
            unit="times real time a core",
            ours=seconds / imported,
            peer=None if peer is None else seconds / peer,
            peer_name=name if peer is not None else "pyloudnorm (not installed)",
            goal=100,
        ),
        Row(what="measuring alone", unit="times real time a core", ours=seconds / measured),
        Row(what="decoding alone", unit="times real time a core", ours=seconds / decoded),
    ]


def _timed(work: Callable[[], object]) -> float:
    since = monotonic_s()
    work()
    return monotonic_s() - since


def _compose(folder: Path, repeats: int) -> list[Path]:
    folder.mkdir()
    paths = []
    for number, track in enumerate(tracks()):
        blocks = list(track.blocks) * repeats
        paths.append(folder / f"{number}.ogg")
        encode(paths[-1], blocks, track.sr, format=Format.VORBIS)
    return paths


def _import(data: Path, files: list[Path]) -> None:
    house = House.open(Settings(data=data), create=True)
    try:
        publish_default(house)
        for path in files:
            upload(house, path, Work(artist="Bench Artist"), "bench")
    finally:
        house.close()


def _peer_s(files: list[Path]) -> float | None:
    try:
        import pyloudnorm
    except ImportError:
        return None

    def work() -> None:
        for path in files:
            source = io.BytesIO(path.read_bytes())
            samples = np.concatenate(list(decode(source)), axis=1).T
            pyloudnorm.Meter(probe(path).sr).integrated_loudness(samples)

    return _timed(work)
