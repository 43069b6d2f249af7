"""Uploads on their way: what has arrived stays, whatever happens to the connection or to us.

A file arrives in parts, in order, and lies in the data folder until it is taken in, dropped, or a
day old. Everybody sees and changes their own uploads alone.

Source: tus resumable upload protocol 1.0.0: core, creation, checksum, expiration, termination.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, func, select, update

from assent.acts.house import House
from assent.acts.site_rows import forget_uploads
from assent.catalogue.site_tables import uploads
from assent.catalogue.titles import is_shown
from assent.clock import format_instant, parse_instant
from assent.errors import BadInput, Unknown
from assent.studio.uploads_file import (
    GONE,
    arrived_bytes,
    create_file,
    held,
    path_of,
    remove_files,
)

__all__ = [
    "KEPT_FOR",
    "MOST_AT_ONCE",
    "TooLarge",
    "TooMany",
    "Upload",
    "begin",
    "drop",
    "found",
    "mark_taken",
    "note_error",
    "sweep",
    "under_way",
]

KEPT_FOR = timedelta(days=1)
"""How long an upload may be on its way."""
MOST_AT_ONCE = 100
"""How many uploads of one account may be on their way."""
_MOST_LARGEST_AT_ONCE = 4
_LONGEST_NAME = 255


class TooLarge(BadInput):
    """It is larger than what is taken; `facts["largest"]` says what is [bytes]."""


class TooMany(BadInput):
    """Somebody has too much on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on its way.

    Args:
        id: Its id.
        account: The id of the account that it is for.
        name: What its file is called.
        size_bytes: How large it will be.
        arrived_bytes: How much of it is here.
        until: When it is dropped.
        error: Why it could not be taken in; empty as long as nobody tried.
        recording: What it has become, or what was here already.
        taken: Whether it was taken in.
        broken: Whether nothing that is said of it could help.
    """

    id: str
    account: str
    name: str
    size_bytes: int
    arrived_bytes: int
    until: datetime
    error: str = ""
    recording: str = ""
    taken: bool = False
    broken: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all of it is here."""
        return self.taken or self.arrived_bytes == self.size_bytes


def begin(house: House, account: str, name: str, size_bytes: int) -> Upload:
    """Make room for a file.

    Args:
        house: The platform.
        account: The id of the account that it is for.
        name: What the file is called.
        size_bytes: How large it is.

    Raises:
        BadInput: It has no size, or nothing in it.
        StorageFailed: The disk has no room for it.
        TooLarge: It is larger than what is taken.
        TooMany: The account has too much on its way.
    """
    largest = house.settings.largest_upload_bytes
    if size_bytes < 0:
        raise BadInput("the size of a file is a number of bytes")
    if not size_bytes:
        raise BadInput("it is empty: it has no bytes")
    if size_bytes > largest:
        raise TooLarge(f"it is larger than {largest >> 20} MB, which is the most", largest=largest)
    made = token_hex(16)
    row = {
        "id": made,
        "account": account,
        "name": _kept_name(name),
        "size_bytes": size_bytes,
        "at": format_instant(house.clock()),
        "state": "arriving",
    }
    with house.writing() as connection:
        _check_room(connection, account, size_bytes, largest)
        connection.execute(uploads.insert().values(row))
    try:
        create_file(house, made, size_bytes)  # after its row: a file without one is swept
    except BaseException:
        with house.writing() as connection:
            connection.execute(uploads.delete().where(uploads.c.id == made))
        raise
    return found(house, account, made)


def _kept_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c if is_shown(c) else "\N{REPLACEMENT CHARACTER}" for c in last)
    return shown[-_LONGEST_NAME:] or "a file"


def _check_room(connection: Connection, account: str, size_bytes: int, largest: int) -> None:
    total = func.coalesce(func.sum(uploads.c.size_bytes), 0)
    query = select(func.count(), total).where(
        uploads.c.account == account, uploads.c.state != "taken"
    )
    there, bytes_there = connection.execute(query).one()
    if there >= MOST_AT_ONCE or int(bytes_there) + size_bytes > _MOST_LARGEST_AT_ONCE * largest:
        raise TooMany("too much is on its way; finish or drop some of it first")


def found(house: House, account: str, upload: str) -> Upload:
    """Return an upload of somebody.

    Raises:
        Unknown: They have none of that id, or it was dropped.
    """
    with house.reading() as connection:
        query = select(uploads).where(uploads.c.id == upload, uploads.c.account == account)
        row = connection.execute(query).one_or_none()
    one = None if row is None else _upload(house, row)
    if one is None or house.clock() >= one.until:
        raise Unknown(GONE)
    return one


def under_way(house: House, account: str) -> list[Upload]:
    """Return what somebody has on its way, the earliest first; what was taken in is not."""
    with house.reading() as connection:
        query = select(uploads).where(uploads.c.account == account, uploads.c.state != "taken")
        rows = connection.execute(query.order_by(uploads.c.at, uploads.c.id)).all()
    some = [_upload(house, row) for row in rows]
    return [one for one in some if one is not None and house.clock() < one.until]


def _upload(house: House, row: Any) -> Upload | None:  # a row of `uploads`; rows carry no types
    taken = row.state == "taken"
    arrived = row.size_bytes if taken else arrived_bytes(path_of(house, row.id))
    if arrived is None:
        return None  # its file is gone
    return Upload(
        id=row.id,
        account=row.account,
        name=row.name,
        size_bytes=row.size_bytes,
        arrived_bytes=arrived,
        until=parse_instant(row.at) + KEPT_FOR,
        error=row.error or "",
        recording=row.recording or "",
        taken=taken,
        broken=row.state == "broken",
    )


def drop(house: House, upload: Upload) -> None:
    """Drop an upload.

    Raises:
        Busy: A part of it is arriving, or it is being taken in.
        StorageFailed: The disk refused.
    """
    with held(path_of(house, upload.id)):
        with house.writing() as connection:
            connection.execute(uploads.delete().where(uploads.c.id == upload.id))
        remove_files(house, upload.id)


def note_error(
    house: House, upload: str, error: str, recording: str = "", *, broken: bool = False
) -> None:
    """Write down why an upload could not be taken in.

    Args:
        house: The platform.
        upload: The upload's id.
        error: Why.
        recording: As which recording it is here already, if it is.
        broken: Whether nothing that is said of it could help.
    """
    state = "broken" if broken else "arriving"
    with house.writing() as connection:
        row = update(uploads).where(uploads.c.id == upload, uploads.c.state != "taken")
        connection.execute(row.values(error=error, recording=recording or None, state=state))


def mark_taken(connection: Connection, upload: str, recording: str) -> None:
    """Write down what an upload has become; the connection must be one that writes."""
    row = update(uploads).where(uploads.c.id == upload)
    connection.execute(row.values(state="taken", error=None, recording=recording))


def sweep(house: House) -> int:
    """Drop what is older than a day, and files that no upload has; return how many uploads went."""
    old = format_instant(house.clock() - KEPT_FOR)
    with house.writing() as connection:
        count = connection.execute(uploads.delete().where(uploads.c.at <= old)).rowcount
    forget_uploads(house)
    return int(count)
