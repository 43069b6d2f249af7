"""The files that the story imports, and an index that says whose they are.

They are composed on the spot, or they are real recordings out of a folder. Real recordings keep
their file's name, licence and origin, and stand under the names of people who do not exist: nobody
real is made to say yes or no to anything.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assent.demo.cast import SLOTS
from assent.demo.compose import tracks, write
from assent.errors import BadAudio, BadInput, StorageFailed, Unknown
from assent.sound.measure import measure

__all__ = ["Material", "composed", "found"]

_COLUMNS = ("file", "artist", "title", "licence", "origin", "agreement", "holders")
_SHORTEST_S = 4.0
"""The story interrupts a training loop in the middle of a recording [seconds]."""
_COMPOSED_LICENCE = "CC0-1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What there is to import.

    Args:
        folder: Where the files are.
        index: The CSV that says what each is.
    """

    folder: Path
    index: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    title: str
    licence: str
    origin: str


def composed(folder: Path, longest_s: float) -> Material:
    """Compose the music of the story, and write it into a folder.

    Args:
        folder: An empty folder.
        longest_s: How long a track may be [seconds].

    Raises:
        StorageFailed: It cannot be written.
    """
    music = folder / "music"
    _make(music)
    files = [
        _File(
            path=write(track, music),
            title=track.title,
            licence=_COMPOSED_LICENCE,
            origin="composed in code for assent demo",
        )
        for track in tracks(longest_s)
    ]
    return _indexed(folder / "index.csv", music, files)


def found(folder: Path, music: Path) -> Material:
    """Choose as many real recordings as the story needs, the smallest files first.

    Args:
        folder: Where the index goes; an empty folder.
        music: Where the recordings are; `index.csv` there may say their licence and origin.

    Raises:
        BadInput: There are too few that can be played.
        StorageFailed: The index cannot be written.
        Unknown: There is no such folder.
    """
    if not music.is_dir():
        raise Unknown(f"there is no folder {str(music)!r}", folder=str(music))
    said = _said(music / "index.csv")
    files: list[_File] = []
    for path in _playable(music):
        row = said.get(str(path.relative_to(music)), {})
        files.append(
            _File(
                path=path,
                title=path.stem,
                licence=row.get("licence") or "",
                origin=row.get("origin") or path.name,
            )
        )
        if len(files) == len(SLOTS):
            _make(folder)
            return _indexed(folder / "index.csv", music, files)
    raise BadInput(
        f"the story needs {len(SLOTS)} different recordings of at least {_SHORTEST_S:.0f} seconds,"
        f" and {str(music)!r} has {len(files)} that can be played"
    )


def _playable(music: Path) -> Iterator[Path]:
    """Give the files that sound from beginning to end, each sound once."""
    heard: set[str] = set()
    paths = (path for path in music.rglob("*") if path.is_file() and _is_plain(path))
    for path in sorted(paths, key=lambda path: (path.stat().st_size, path)):
        try:
            measured = measure(path)
        except BadAudio:
            continue
        if measured.duration_s >= _SHORTEST_S and measured.audio_digest not in heard:
            heard.add(measured.audio_digest)
            yield path


def _is_plain(path: Path) -> bool:
    """Say whether a file's name can stand in an index and on a terminal."""
    return path.name[:1] != "." and str(path).isprintable()


def _said(index: Path) -> dict[str, dict[str, str]]:
    """Return the rows of an index by file; none where there is no index that can be read."""
    try:
        with index.open(newline="", encoding="utf-8-sig") as file:
            return {row.get("file") or "": row for row in csv.DictReader(file)}
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}


def _indexed(index: Path, music: Path, files: Sequence[_File]) -> Material:
    rows = [
        (
            str(file.path.relative_to(music)),
            slot.artist,
            file.title,
            file.licence,
            file.origin,
            slot.agreement,
            slot.holders,
        )
        for file, slot in zip(files, SLOTS, strict=True)
    ]
    try:
        with index.open("x", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([_COLUMNS, *rows])
    except OSError as error:
        raise StorageFailed(f"{index.name} cannot be written: {error.strerror}") from error
    return Material(folder=music, index=index)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(f"{folder} cannot be made: {error.strerror}") from error
