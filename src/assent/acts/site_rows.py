"""What goes with a person from the tables of the site: their rows, and those about what is theirs.

Files on their way lie beside the tables: one that no row names any more goes, too. Playlists of
others lose the recordings that are gone and keep their order; comments of others under a recording
go with it.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import Connection, Table, delete, select, update

from assent.acts.house import House
from assent.catalogue.site_tables import (
    OF_ACCOUNT,
    OF_ARTIST,
    OF_RECORDING,
    challenges,
    comments,
    playlist_items,
    playlists,
    uploads,
)
from assent.disk import storage

__all__ = ["forget_rows", "forget_uploads", "uploads_folder"]

_MOST_VALUES = 5_000
"""How many values are listed in one statement of SQL; SQLite takes 32,766."""


def forget_rows(
    connection: Connection,
    account: str,
    recordings: Collection[str],
    artists: Collection[str] = (),
) -> None:
    """Delete a person's rows from every table of the site; the connection must be one that writes.

    Args:
        connection: The transaction in which they leave.
        account: The account's id; one that nobody has if recordings alone go.
        recordings: The recordings that go with it.
        artists: The artists' names that go with it.
    """
    mine = select(playlists.c.id).where(playlists.c.account == account)
    connection.execute(delete(playlist_items).where(playlist_items.c.playlist.in_(mine)))
    # a comment that they hid stays hidden, and does not say by whom
    hid = update(comments).where(comments.c.hidden_by == account).values(hidden_by="")
    connection.execute(hid)
    # what is kept for one use tells of its account in JSON
    about = challenges.c.value.contains(f'"{account}"', autoescape=True)
    connection.execute(delete(challenges).where(about))
    for table in OF_ACCOUNT:
        connection.execute(delete(table).where(table.c.account == account))
    for table in OF_RECORDING:
        _delete(connection, table, "recording", sorted(recordings))
    for table in OF_ARTIST:
        _delete(connection, table, "artist", sorted(artists))


def _delete(connection: Connection, table: Table, column: str, values: Sequence[str]) -> None:
    for low in range(0, len(values), _MOST_VALUES):
        some = values[low : low + _MOST_VALUES]
        connection.execute(delete(table).where(table.c[column].in_(some)))


def uploads_folder(house: House) -> Path:
    """Return the folder of all files that are on their way."""
    return house.settings.data / "uploads"


def forget_uploads(house: House) -> None:
    """Remove the files on their way that no row names any more.

    A row is written before its file is made, and deleted before it is removed.

    Raises:
        StorageFailed: The disk refused.
    """
    folder = uploads_folder(house)
    if not folder.is_dir():
        return
    files = list(folder.iterdir())  # before the rows: what comes later is not looked at
    with house.reading() as connection:
        known = set(connection.execute(select(uploads.c.id)).scalars())
    for path in files:
        if path.name.lstrip(".").partition(".")[0] not in known:
            with storage("remove the upload", path):
                path.unlink(missing_ok=True)
