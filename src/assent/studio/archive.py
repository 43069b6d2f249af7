"""Everything that is somebody's, in one archive: original audio, records, receipts.

    README.txt                       what this is, and how to check it without anybody
    records.json                     all that is on record, section by section
    audio/r12 Title.flac             every recording of theirs, as it was brought here
    receipts/1034 statement.tlog-proof   a receipt of every event of theirs that is published
    receipts/trust.policy            by whose signatures they can be checked

It is written while it is read, so it needs no room here, however large it is.
"""

from collections.abc import Iterator
from itertools import chain

from sqlalchemy import Select, select

from assent.acts.accounts import Account
from assent.acts.house import House
from assent.acts.logs import Head, Logs
from assent.acts.receipts import NoReceiptYet, receipt
from assent.catalogue import tables
from assent.clock import format_instant
from assent.disk import storage
from assent.errors import BadInput, StorageFailed, Unknown
from assent.studio.archive_records import records
from assent.studio.archive_zip import Entry, file_name, zipped
from assent.studio.editing import own_numbers

__all__ = ["archive", "entries"]

_PIECE = 1 << 18
_ENDINGS = {"aac": "aac", "matroska,webm": "mka", "mov,mp4,m4a,3gp,3g2,mj2": "m4a"}
"""How files end whose container FFmpeg calls otherwise."""


def archive(house: House, logs: Logs, account: Account) -> Iterator[bytes]:
    """Yield somebody's archive, a little at a time.

    Args:
        house: The platform.
        logs: Its logs.
        account: Who.

    Raises:
        StorageFailed: Something cannot be read; what was handed out is no whole archive then.
    """
    yield from zipped(entries(house, logs, account), house.clock())


def entries(house: House, logs: Logs, account: Account) -> Iterator[Entry]:
    """Yield the files of somebody's archive; each is read before the next is asked for."""
    yield Entry("README.txt", [_read_me(house, account)])
    yield Entry("records.json", records(house, account))
    yield from _audio(house, account)
    yield from _receipts(house, logs, account)


def _read_me(house: House, account: Account) -> bytes:
    at = format_instant(house.clock())
    return f"""Everything of {account.name} on this platform, as of {at}.

records.json   What is on record: your account, your recordings and who holds rights in them, what
               you said of AI (statements), what you were asked and answered, who used what (uses,
               by program and hour), plays, comments, likes, playlists, sessions. No secrets.
audio/         Every recording of yours as it was brought here, byte for byte; its SHA-256 is its
               "digest" in records.json.
receipts/      A receipt of everything of that which is in the public log, by its number. Each
               proves what was said and when, also once nothing of it is left here.

To check a receipt without asking anybody:

    assent verify "receipts/NUMBER KIND.tlog-proof" --trust receipts/trust.policy

or open the page /verify of any site that runs Assent, which does it in your browser. The policy
says whose signatures count; compare it with one that you had before, or that somebody else has.
""".encode()


def _audio(house: House, account: Account) -> Iterator[Entry]:
    recordings = tables.recordings.c
    with house.reading() as connection:
        mine = own_numbers(connection, account.id).subquery()
        query = (
            select(recordings.id, recordings.title, recordings.container)
            .join(mine, mine.c.number == recordings.number)
            .order_by(recordings.number)
        )
        rows = connection.execute(query).all()
    for row in rows:
        first, *more = row.container.split(",")
        ending = _ENDINGS.get(row.container, first if not more else "audio")
        name = f"audio/{row.id} {file_name(row.title)}"
        pieces = _sound(house, row.id)
        try:
            beginning = next(pieces, b"")
        except (StorageFailed, Unknown) as error:
            yield Entry(f"{name}.missing.txt", [f"It cannot be read: {error.text}.\n".encode()])
            continue
        yield Entry(f"{name}.{ending}", chain([beginning], pieces))


def _sound(house: House, recording: str) -> Iterator[bytes]:
    with house.gate.listen(recording) as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _receipts(house: House, logs: Logs, account: Account) -> Iterator[Entry]:
    """Yield the receipt of every event of theirs that is published."""
    policy = house.settings.policy
    try:
        head = logs.consent.head()
        with storage("read the policy", policy):
            yield Entry("receipts/trust.policy", [policy.read_bytes()])
    except (StorageFailed, Unknown):
        why = b"Nothing was published in the log yet, so there are no receipts.\n"
        yield Entry("receipts/NONE.txt", [why])
        return
    shown = _shown(house, account)
    for number, kind in _events(house, account):
        made = _receipt(house, logs, head, number, shown if kind in _OF_SEVERAL else None)
        if made is not None:
            yield Entry(f"receipts/{number} {kind}.tlog-proof", [made])


_OF_SEVERAL = ("use", "recording", "holding")
"""The kinds that list what is several people's; of others' parts nothing is shown."""


def _receipt(
    house: House, logs: Logs, head: Head, number: int, shown: set[str] | None
) -> bytes | None:
    try:
        return receipt(house, logs.consent, number, head=head, show=shown)
    except (BadInput, NoReceiptYet, Unknown):
        return None  # too late for this head, or more than a receipt can show


def _shown(house: House, account: Account) -> set[str]:
    recordings = tables.recordings.c
    with house.reading() as connection:
        mine = own_numbers(connection, account.id).subquery()
        query = select(recordings.id).join(mine, mine.c.number == recordings.number)
        return {account.id, *connection.execute(query).scalars()}


def _events(house: House, account: Account) -> Iterator[tuple[int, str]]:
    """Yield number and kind of every event that is about somebody, in order."""
    me, events = account.id, tables.events.c
    with house.reading() as connection:
        mine = own_numbers(connection, me).subquery()
        recordings = tables.recordings.c
        theirs = select(recordings.id).join(mine, mine.c.number == recordings.number)
        queries: list[Select[tuple[int]]] = [
            select(tables.accounts.c.event).where(tables.accounts.c.id == me),
            select(tables.accounts.c.accepted_event).where(tables.accounts.c.id == me),
            select(tables.artists.c.event).where(tables.artists.c.account == me),
            select(recordings.event).where(recordings.id.in_(theirs)),
            select(tables.statements.c.event).where(tables.statements.c.holder == me),
            select(tables.request_answers.c.event).where(tables.request_answers.c.account == me),
            select(tables.claims.c.event).where(tables.claims.c.account == me),
            select(tables.answers.c.event).where(tables.answers.c.account == me),
        ]
        for table in (tables.holdings, tables.disclosures, tables.holds, tables.uses):
            queries.append(select(table.c.event).where(table.c.recording.in_(theirs)))
        numbers = queries[0].union(*queries[1:]).subquery()
        found = select(events.number, events.kind).where(events.number.in_(select(numbers.c[0])))
        rows = connection.execute(found.order_by(events.number)).all()
    yield from ((row.number, row.kind) for row in rows)
