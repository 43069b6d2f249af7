"""Importing a folder: every audio file in it, with what an index says of each.

An index is a CSV with the columns `file`, `artist` and `title`, and where wanted `licence`,
`origin`, `isrc`, `agreement`, and `holders` (NAME=SHARE%,ROLE,TERRITORIES; parted by semicolons).
Other columns are left alone. A bad file is listed and the import goes on; what was taken in before
stays, and importing again takes in only what is not there yet.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assent.acts.hearing import DEAF, Recogniser
from assent.acts.holders import parse_share
from assent.acts.house import House
from assent.acts.upload import Uploaded, Work, upload
from assent.errors import AssentError, BadInput, BadTable, StorageFailed, Unknown

__all__ = ["Arrival", "Planned", "arrive", "plan"]

_NEEDED = ("file", "artist", "title")
_MOST_BYTES = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A file to take in.

    Args:
        path: Where it is.
        name: How it is called in messages: its path within the folder.
        work: What is said of it; or what is wrong with what is said of it.
    """

    path: Path
    name: str
    work: Work | BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What became of a file.

    Args:
        name: How it is called.
        uploaded: The recording, if it was taken in or is here already.
        error: Why it was not, otherwise.
    """

    name: str
    uploaded: Uploaded | None = None
    error: AssentError | None = None


def plan(
    folder: Path, artist: str = "", agreement: str = "", index: Path | None = None
) -> list[Planned]:
    """Return what there is to take in; changes nothing.

    Args:
        folder: The folder.
        artist: Whose the files are, where no index says so.
        agreement: Under which agreement they are delivered.
        index: The CSV that says what each file is.

    Raises:
        BadTable: The index is no CSV of that kind.
        Unknown: There is no such folder or index.
    """
    if not folder.is_dir():
        raise Unknown(f"there is no folder {str(folder)!r}", folder=str(folder))
    if index is not None:
        rows = _rows(index)
        _refuse_twice(index, rows)
        return [_row(folder, row, agreement) for row in rows]
    if not artist:
        raise BadInput("say whose recordings these are: --artist NAME, or --index FILE.csv")
    work = Work(artist=artist, agreement=agreement)
    return [
        Planned(path=path, name=str(path.relative_to(folder)), work=work)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]


def _refuse_twice(index: Path, rows: list[dict[str, str]]) -> None:
    seen: set[str] = set()
    for row in rows:
        name = row["file"].strip()
        if name in seen:
            raise BadTable(f"{index.name!r} says two things of the file {name!r}", file=name)
        seen.add(name)


def _rows(index: Path) -> list[dict[str, str]]:
    try:
        if index.stat().st_size > _MOST_BYTES:
            raise BadTable(f"{index.name!r} is too large to be an index")
        text = index.read_text("utf-8-sig")
    except FileNotFoundError:
        raise Unknown(f"there is no index {str(index)!r}", index=str(index)) from None
    except UnicodeDecodeError:
        raise BadTable(f"{index.name!r} is not text in UTF-8") from None
    except OSError as error:
        raise StorageFailed(f"{index.name!r} cannot be read: {error.strerror}") from error
    try:
        reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
        columns = reader.fieldnames or []
        if lacking := [column for column in _NEEDED if column not in columns]:
            raise BadTable(
                f"{index.name!r} has no column {lacking[0]!r}; it needs file, artist and title"
            )
        return list(_whole(index, reader))
    except csv.Error as error:
        raise BadTable(f"{index.name!r} is no CSV: {error}") from None


def _whole(index: Path, reader: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    for row in reader:
        if None in row or None in row.values():
            raise BadTable(
                f"{index.name!r}, line {reader.line_num}, has not as many fields as its first line"
            )
        yield row


def _row(folder: Path, row: dict[str, str], agreement: str) -> Planned:
    name = row["file"].strip()
    path = folder / name
    return Planned(path=path, name=name, work=_work(folder, path, row, agreement))


def _work(folder: Path, path: Path, row: dict[str, str], agreement: str) -> Work | BadInput:
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        holders = [share for share in row.get("holders", "").split(";") if share.strip()]
        if not row["file"].strip() or not inside:
            return BadInput("the index names a file outside its folder")
        return Work(
            artist=row["artist"].strip(),
            title=row["title"].strip(),
            licence=row.get("licence", "").strip(),
            origin=row.get("origin", "").strip(),
            isrc=row.get("isrc", "").strip(),
            agreement=row.get("agreement", "").strip() or agreement,
            holders=tuple(parse_share(share) for share in holders),
        )
    except BadInput as error:
        return error
    except (OSError, ValueError):
        return BadInput("the index names a file that no disk can have")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False  # a name that no disk can have


def arrive(house: House, planned: Planned, by: str, recogniser: Recogniser = DEAF) -> Arrival:
    """Take one file in; what is wrong with it becomes part of the answer.

    Args:
        house: The platform.
        planned: The file.
        by: Who uploads.
        recogniser: Who says whose it is.

    Raises:
        CouldNot: The vault or the catalogue cannot be written: no other file would fare better.
        Unknown: There is no such agreement.
    """
    if isinstance(planned.work, BadInput):
        return Arrival(name=planned.name, error=planned.work)
    if not _is_file(planned.path):
        return Arrival(name=planned.name, error=Unknown("there is no such file"))
    try:
        uploaded = upload(house, planned.path, planned.work, by, recogniser)
    except BadInput as error:
        return Arrival(name=planned.name, error=error)
    return Arrival(name=planned.name, uploaded=uploaded)
