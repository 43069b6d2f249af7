"""Files that people upload: from the corpus of real music where it is, else composed ones."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from assent.demo.compose import tracks, write

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "music"
_REAL = ("librosa-solo-trumpet.ogg", "wesnoth-transience.ogg", "supertux-fortress_old.ogg")


@dataclass(frozen=True, slots=True)
class Files:
    """What somebody uploads at once.

    Args:
        good: Two recordings.
        broken: One that breaks off in its middle.
    """

    good: tuple[Path, Path]
    broken: Path


@cache
def files() -> Files:
    """Return two recordings and a broken one, under names of their own."""
    folder = Path(mkdtemp(prefix="assent-files-"))
    if CORPUS.is_dir():
        sources = [CORPUS / name for name in _REAL]
    else:
        # other titles and other lengths than the story's, so that nothing is a copy of it
        sources = [write(track, folder / "composed") for track in tracks(6.5)][:3]
    names = ("Solo.ogg", "Last Light.ogg", "Half of it.ogg")
    made = [
        folder / f"{Path(name).stem}{source.suffix}"
        for name, source in zip(names, sources, strict=True)
    ]
    for source, target in zip(sources, made, strict=True):
        data = source.read_bytes()
        target.write_bytes(data if target is not made[-1] else data[: len(data) // 2])
    return Files(good=(made[0], made[1]), broken=made[2])
