"""Erasing a person: what they said and what they brought is gone, and every proof of others holds.

An event about the person loses opening, author and text, and keeps number, kind and hour; its leaf
stays what it was, and nobody can tell any more what was in it. Where an event lists several
people's, only their elements go, and their hashes stay. The data keys of their recordings are
deleted, so every copy of the sealed audio, in whatever backup, is noise.

Erasing opens nothing: recordings of others in which the person held rights, or which stand under
an agreement with the person, and copies of the person's recordings, are held from then on, because
nobody can say yes in the person's place.

What this cannot reach: backups of the database (they age out; keep them as short as you promise),
receipts and training sets that were handed out, and names that others wrote into their own texts.
A name that others' recordings bear stays theirs, and beside it which account brought it, by number.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785
from pyroaring import BitMap
from sqlalchemy import Connection, select, update

from assent.acts.accounts import find_account
from assent.acts.copies import original_of
from assent.acts.count_uses import count_uses
from assent.acts.house import Act, House
from assent.acts.logs import Logs
from assent.acts.site_rows import forget_rows, forget_uploads
from assent.catalogue import tables
from assent.catalogue.cases import sources
from assent.catalogue.engine import compact
from assent.catalogue.events import Body, Event, head
from assent.catalogue.names import folded
from assent.catalogue.projection import rebuild
from assent.catalogue.site_tables import renditions
from assent.clock import format_instant
from assent.disk import replace_file, storage, sync_folder
from assent.errors import Stale, Unknown
from assent.gate.snapshot import recording_number
from assent.log.leaf import element_hash, erased_author, parse_json
from assent.permission.uses import ALL, labels

__all__ = ["Erased", "Person", "erase", "erase_found", "finish", "person"]

_ABOUT: dict[str, tuple[tuple[str, str], ...]] = {
    "account": (("id", "account"),),
    "artist": (("id", "artist"),),
    "terms.accept": (("account", "account"),),
    "agreement": (("party", "account"),),
    "recording": (("id", "recording"),),
    "recording.edit": (("recording", "recording"),),
    "holding": (("recording", "recording"),),
    "statement": (("holder", "account"), ("recording", "recording")),
    "hold": (("recording", "recording"),),
    "hold.lift": (("recording", "recording"),),
    "copy": (("recording", "recording"), ("original", "recording")),
    "copy.suspect": (("recording", "recording"), ("original", "recording")),
    "copy.decide": (("recording", "recording"), ("original", "recording")),
    "claim": (("recording", "recording"), ("original", "recording"), ("account", "account")),
    "claim.answer": (("recording", "recording"), ("original", "recording"), ("account", "account")),
    "copies.clear": (("account", "account"),),
    "request.answer": (("account", "account"),),
    "staff": (("account", "account"), ("recording", "recording")),
}
"""Which fields of which kinds of events name an account, an artist or a recording."""


_HELD = "somebody who held rights in it was erased"
_AGREED = "whom the agreement over it was with was erased"
_COPIED = "the original of this copy was erased"
_TRIES = 5
_KEYS, _TAKEN = tables.data_keys, tables.fingerprints
_PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is erased.

    Args:
        account: The account's id.
        name: How it is called.
        recordings: The recordings that go with it: those under its own artists' names in which it
            holds rights, and those that nobody else holds.
        artists: The artists' names that go with it: those it brought and the one that it has
            itself, if no other recording bears them.
    """

    account: str
    name: str
    recordings: frozenset[str]
    artists: frozenset[str]

    def is_told_in(self, kind: str, body: Body) -> bool:
        """Say whether an event is about the person, so that all of it goes."""
        meant = {
            "account": {self.account},
            "artist": self.artists,
            "recording": self.recordings,
        }
        return any(body.get(name) in meant[what] for name, what in _ABOUT.get(kind, ()))

    def is_named_in(self, element: object) -> bool:
        """Say whether an element of a list is the person's, so that it goes alone."""
        if isinstance(element, dict):
            return element.get("holder") == self.account
        return isinstance(element, list) and element[0] in self.recordings


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased.

    Args:
        events: How many events lost what they said.
        recordings: How many recordings are gone.
        held: The recordings of others that are held from now on.
        event: The event that says how many events there were, and not whose.
    """

    events: int
    recordings: int
    held: tuple[str, ...]
    event: Event


def person(house: House, name: str) -> Person:
    """Return who is meant, and what goes with them.

    Raises:
        NotAllowed: It is an artist whose rights others hold.
        Unknown: Nobody is called that. If it is because their erasure was cut short after they
            were gone, it is brought to its end first.
    """
    try:
        with house.reading() as connection:
            return _person(connection, name)
    except Unknown:
        finish(house)
        raise


def _person(connection: Connection, name: str) -> Person:
    account = find_account(connection, name)
    artists = tables.artists.c
    own = select(artists.id).where(artists.account == account.id)
    names = frozenset(connection.execute(own).scalars())
    recordings = _recordings(connection, account.id, names)
    # whoever brought it, an artist's name is also that of the account that is called so
    called = select(artists.id).where(artists.folded == folded(account.name))
    names |= set(connection.execute(called).scalars())
    return Person(
        account=account.id,
        name=account.name,
        recordings=recordings,
        artists=names - _credited(connection, names, recordings),
    )


def _recordings(connection: Connection, account: str, names: frozenset[str]) -> frozenset[str]:
    recordings, holdings = tables.recordings.c, tables.holdings.c
    query = select(recordings.id, recordings.artist, holdings.holder).outerjoin(
        tables.holdings, holdings.recording == recordings.id
    )
    holders: dict[tuple[str, str], set[str]] = {}
    for recording, artist, holder in connection.execute(query):
        holders.setdefault((recording, artist), set()).update({holder} - {None})
    return frozenset(
        recording
        for (recording, artist), who in holders.items()
        if who == {account} or (artist in names and (account in who or not who))
    )


def _credited(
    connection: Connection, names: frozenset[str], gone: frozenset[str]
) -> frozenset[str]:
    """Return the names under which recordings stay."""
    recordings = tables.recordings.c
    rows = connection.execute(select(recordings.id, recordings.artist))
    return frozenset(artist for recording, artist in rows if recording not in gone) & names


def erase(house: House, logs: Logs, name: str, by: str, purge: Callable[[Person], None]) -> Erased:
    """Erase a person; what was published of them before stays provable by who was handed it.

    Args:
        house: The platform.
        logs: Its logs.
        name: Who: an account's name.
        by: Who does it.
        purge: Removes what is kept of the person beside the catalogue; called while nothing else
            can happen, and perhaps again if the erasure is.

    Raises:
        Busy: Another process is publishing.
        NotAllowed: It is an artist whose rights others hold.
        Unknown: Nobody is called that.
        Stale: The person is still being spoken of faster than it can be published.
        StorageFailed: The disk refused; doing it again goes on where it stopped.
    """
    person(house, name)
    return erase_found(house, logs, lambda connection: _person(connection, name), by, purge)


def erase_found(
    house: House,
    logs: Logs,
    find: Callable[[Connection], Person],
    by: str,
    purge: Callable[[Person], None],
) -> Erased:
    """Erase what is found within the transaction that erases it; arguments and errors as above.

    Args:
        house: The platform.
        logs: Its logs.
        find: Returns what goes, as of the connection's transaction.
        by: Who does it.
        purge: Removes what is kept beside the catalogue.
    """
    count_uses(house)
    for _ in range(_TRIES):
        logs.publish()  # an event that has no place in the log yet could not be given one any more
        placed = logs.consent.ledger.state().frontier.size
        with house.act(by) as act:
            meant = find(act.connection)  # as of now: who else speaks has to wait
            changes = list(_changes(act.connection, meant))
            if any(gone and number > placed for number, gone, _ in changes):
                continue
            _begin(house)
            purge(meant)
            blobs = _blobs(act.connection, meant)
            forget_rows(act.connection, meant.account, meant.recordings, meant.artists)
            erased = _erase(act, meant, changes)
            for blob in blobs:
                act.connection.execute(_KEYS.delete().where(_KEYS.c.blob == blob))
            for recording in meant.recordings:
                number = recording_number(recording)
                act.connection.execute(_TAKEN.delete().where(_TAKEN.c.recording == number))
            rebuild(act.connection, act.connection)
        house.gate.snapshot.discard()
        for blob in blobs:
            house.gate.forget(blob)
        finish(house)
        logs.publish()
        return erased
    raise Stale("somebody still speaks of them faster than it can be published; try again")


def _erase(act: Act, meant: Person, changes: list["_Change"]) -> Erased:
    last = head(act.connection)
    held = _hold(act, meant)
    gone = sum(gone for _, gone, _ in changes)
    event = act.record("erasure", {"events": gone})
    # whoever erases themselves is named by what has just been recorded
    _write(act, [*changes, *_changes(act.connection, meant, last)])
    return Erased(events=gone, recordings=len(meant.recordings), held=held, event=event)


def _unfinished(house: House) -> Path:
    return house.settings.data / "erasing"


def _begin(house: House) -> None:
    """Note that something will be left to do, should this process die after the commit."""
    with storage("begin to erase", _unfinished(house)):
        replace_file(_unfinished(house), b"")


def finish(house: House) -> None:
    """Remove what an erasure has made noise or left behind in files; nothing if none has.

    Raises:
        StorageFailed: The disk refused.
    """
    if not _unfinished(house).exists():
        return
    house.gate.sweep()
    forget_uploads(house)
    compact(house.engine)
    with storage("come to the end of erasing", _unfinished(house)):
        _unfinished(house).unlink(missing_ok=True)
        sync_folder(house.settings.data)


def _blobs(connection: Connection, meant: Person) -> list[str]:
    """Return where their audio lies, the originals and what was made of them for players."""
    recordings, made = tables.recordings.c, renditions.c
    both = select(recordings.id, recordings.blob).union_all(select(made.recording, made.blob))
    return [blob for recording, blob in connection.execute(both) if recording in meant.recordings]


def _hold(act: Act, meant: Person) -> tuple[str, ...]:
    """Hold what would be open because nobody is left to say no."""
    holdings, texts = tables.holdings.c, tables.texts.c
    recordings = tables.recordings.c
    shared = select(holdings.recording).where(holdings.holder == meant.account)
    causes = dict.fromkeys(act.connection.execute(shared).scalars(), _HELD)
    # of a text that is gone its id is free again, and the next one of that id says something else
    theirs = select(texts.id).where(texts.party == meant.account)
    under = select(recordings.id).where(recordings.agreement.in_(theirs))
    for recording in act.connection.execute(under).scalars():
        causes.setdefault(recording, _AGREED)
    left = _left(act.connection, meant)
    for recording in left:
        causes.setdefault(recording, _COPIED)
    held = sorted(causes.keys() - meant.recordings)
    for recording in held:
        body = {"recording": recording, "uses": list(labels(ALL)), "cause": causes[recording]}
        act.record("hold", body)
    for recording in sorted(left.keys() - meant.recordings):
        mask = original_of(act.connection, recording)
        if mask in meant.recordings and left[recording]:
            # what made it a copy of that is about to go: it follows another of its originals
            act.record("copy", {"recording": recording, "original": left[recording][0]})
    return tuple(held)


def _left(connection: Connection, meant: Person) -> dict[str, list[str]]:
    """Return the copies of what goes, each with its other originals, the earliest found first."""
    recordings, copies = tables.recordings.c, tables.copies.c
    masked = select(recordings.id).where(recordings.original.is_not(None))
    copied = masked.union(select(copies.recording), select(copies.original))
    made_of = {name: sources(connection, name) for name in connection.execute(copied).scalars()}
    return {
        name: [one for one in originals if one not in meant.recordings]
        for name, originals in made_of.items()
        if not meant.recordings.isdisjoint(originals)
    }


_Change = tuple[int, bool, dict[str, Any]]
"""Number of an event, whether all of it goes, and its new columns."""


def _changes(connection: Connection, meant: Person, after: int = 0) -> Iterator[_Change]:
    """Yield what has to change in the events after one."""
    numbers = BitMap(recording_number(recording) for recording in meant.recordings)
    names, low = _names(connection, meant), after
    query = select(tables.events).order_by(tables.events.c.number).limit(_PAGE)
    while rows := connection.execute(query.where(tables.events.c.number > low)).all():
        for row in rows:
            if row.opening is None:
                continue
            body = parse_json(row.body)
            if meant.is_told_in(row.kind, body):
                hour = f"{row.at[: len('2031-01-31T09')]}:00:00.000Z"
                yield row.number, True, {"at": hour, "by": "", "body": "", "opening": None}
                continue
            new = _without(body, meant, numbers)
            by = erased_author(row.opening, row.by) if folded(row.by) in names else row.by
            if new != body or by != row.by:
                yield row.number, False, {"by": by, "body": rfc8785.dumps(new).decode()}
        low = rows[-1].number


def _names(connection: Connection, meant: Person) -> frozenset[str]:
    """Return by which names the person may have written events."""
    artists, accounts = tables.artists.c, tables.accounts.c
    brought = connection.execute(select(artists.folded).where(artists.id.in_(meant.artists)))
    maybe = {folded(meant.account), *brought.scalars()}
    others = connection.execute(select(accounts.folded).where(accounts.folded.in_(maybe)))
    return frozenset({folded(meant.name), *(maybe - set(others.scalars()))})


def _without(body: dict[str, Any], meant: Person, numbers: BitMap) -> dict[str, Any]:
    """Return a body without the person's elements, of which only the hashes stay."""
    new = dict(body)
    for name in ("counts", "holders"):
        if isinstance(body.get(name), list):
            new[name] = [
                element_hash(element).hex() if meant.is_named_in(element) else element
                for element in body[name]
            ]
    if "members" in body and numbers:
        left = BitMap.deserialize(b64decode(body["members"])) - numbers
        left.run_optimize()
        new["members"] = b64encode(left.serialize()).decode()
    return new


def _write(act: Act, changes: list[_Change]) -> None:
    """Write the changes, which the database lets happen only while an erasure is under way."""
    erasing, events = tables.erasing, tables.events
    act.connection.execute(erasing.insert().values(since=format_instant(act.at)))
    for number, _, values in changes:
        act.connection.execute(update(events).where(events.c.number == number).values(**values))
    act.connection.execute(erasing.delete())
