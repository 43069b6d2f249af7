"""The small parts of evidence: decision, agreements, who ran what, models, withdrawals, holds.

Each is one object of JSON that the platform states and signs; what others can check of it stands on
receipts that are named here and handed out beside it. Reads the catalogue, and changes nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from assent import __version__
from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.events import Event, read
from assent.clock import format_instant
from assent.disk import storage
from assent.errors import BadInput, Tampered
from assent.permission.uses import REGISTER_VERSION
from assent.training.listing import TrainingSet
from assent.training.recall import recalled

__all__ = [
    "Asked",
    "Part",
    "asked_of",
    "complaints",
    "decision",
    "exempt",
    "models",
    "revocations",
    "run",
    "texts_of",
]

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part as JSON, and the events that it stands on.

    Args:
        said: The part.
        events: Numbers of the events whose receipts belong to it.
        blind: Numbers of those of which only the entry is shown.
    """

    said: dict[str, Any]
    events: frozenset[int] = frozenset()
    blind: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A set and the events it came from.

    Args:
        found: The set.
        event: The event that put it on record.
        proposal: The event that proposed its program.
        until: Number of the last event that the evidence knows of.
    """

    found: TrainingSet
    event: Event
    proposal: Event
    until: int


def asked_of(house: House, found: TrainingSet, until: int) -> Asked:
    """Return a set with the events it came from.

    Raises:
        Tampered: They are not there.
    """
    programs = tables.programs.c
    with house.reading() as connection:
        event = read(connection, found.event)
        query = select(programs.proposed).where(programs.id == found.program)
        number = connection.execute(query).scalar_one_or_none()
        proposal = None if number is None else read(connection, number)
    if event is None or proposal is None:
        raise Tampered(f"the events of {found.id} are not there; run assent doctor")
    return Asked(found=found, event=event, proposal=proposal, until=until)


def texts_of(house: House, shared: Collection[int]) -> list[Event]:
    """Return the events among some by which terms or agreements came to be, by number."""
    events = tables.events.c
    query = select(events.number).where(
        events.kind.in_(["terms.publish", "agreement"]), events.opening.is_not(None)
    )
    with house.reading() as connection:
        numbers = sorted(set(connection.execute(query).scalars()) & set(shared))
        found = [read(connection, number) for number in numbers]
    return [event for event in found if event is not None]


def decision(house: House, asked: Asked, texts: Iterable[Event]) -> Part:
    """Return what the selection was decided by: program, texts, register, head, instant."""
    body = asked.proposal.body
    with house.reading() as connection:
        root = _index_root(connection, asked.found.head)
    said = {
        "at": format_instant(asked.event.at),
        "event": asked.event.number,
        "head": asked.found.head,
        "index_root": root and {"event": root.number, "head": root.body["head"]},
        "program": {
            "id": body["id"],
            "proposed": asked.proposal.number,
            "territories": body["territories"],
            "uses": body["uses"],
        },
        "register": REGISTER_VERSION,
        "texts": [
            {
                "digest": text.body["digest"],
                "event": text.number,
                "id": text.body["id"],
                "kind": text.kind,
            }
            for text in texts
        ],
    }
    return Part(said=said, events=frozenset({root.number} if root else ()))


def _index_root(connection: Connection, head: int) -> Event | None:
    """Return the first root over the latest words that knows of all that the selection knew."""
    events = tables.events.c
    query = select(events.number).where(events.kind == "index.root", events.number > head)
    for number in connection.execute(query.order_by(events.number)).scalars():
        event = read(connection, number)
        if event is not None and event.body["head"] >= head:
            return event
    return None


def exempt(texts: Iterable[Event], members: Mapping[str, int]) -> Part:
    """Return the agreements that members stand on, and how many on each."""
    said = {
        "agreements": [
            {
                "digest": text.body["digest"],
                "event": text.number,
                "id": text.body["id"],
                "members": members[text.body["id"]],
            }
            for text in texts
            if text.kind == "agreement" and members.get(text.body["id"])
        ]
    }
    return Part(said=said)


def run(asked: Asked) -> Part:
    """Return who built the set for what, and with which code."""
    body = asked.proposal.body
    said = {
        "code": _digest(files("assent")),
        "event": asked.event.number,
        "owner": body["owner"],
        "program": body["id"],
        "purpose": body["purpose"],
        "set": asked.found.id,
        "version": __version__,
    }
    return Part(said=said)


def _digest(package: Traversable) -> str:
    """Return the SHA-256 over those of a package's source files, as `sha256sum` lists them."""
    lines = sorted(f"{name}\n{sha256(data).hexdigest()}" for name, data in _sources(package, ""))
    listed = (line.split("\n") for line in lines)
    return sha256("".join(f"{code}  {name}\n" for name, code in listed).encode()).hexdigest()


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for found in folder.iterdir():
        name = f"{path}{found.name}"
        if found.is_dir():
            yield from _sources(found, f"{name}/")
        elif name.endswith((".py", ".js", ".css", ".html", ".toml")):
            yield name, found.read_bytes()


def models(found: TrainingSet, paths: Iterable[Path]) -> Part:
    """Return the digests of models that are said to come from the set.

    Raises:
        BadInput: There is no such file, or it is not one.
        StorageFailed: One cannot be read.
    """
    said = {
        "manifest": found.manifest,
        "models": [_model(path) for path in paths],
        "root": found.root,
    }
    return Part(said=said)


def _model(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise BadInput(f"there is no file {str(path)!r} that could be a model", path=str(path))
    digest, size_bytes = sha256(), 0
    with storage("read the model", path), path.open("rb") as file:
        while some := file.read(_CHUNK):
            digest.update(some)
            size_bytes += len(some)
    return {"name": path.name, "sha256": digest.hexdigest(), "size_bytes": size_bytes}


def revocations(house: House, asked: Asked) -> Part:
    """Return what was taken back since, by which events, and until when it must be gone."""
    days = asked.proposal.body["retention_days"]
    told, numbers, holds = [], set[int](), set[int]()
    with house.reading() as connection:
        for one in recalled(house, asked.found.id):
            events = [event for number in one.events if (event := read(connection, number))]
            first = min((event.at for event in events), default=None)
            told.append(
                {
                    "deadline": first and format_instant(first + timedelta(days=days)),
                    "events": [event.number for event in events],
                    "reasons": sorted({reason.kind.value for reason in one.reasons}),
                    "recording": one.recording,
                }
            )
            # a hold's event says its cause, which is nobody's business here
            holds |= {event.number for event in events if event.kind == "hold"}
            numbers |= {event.number for event in events}
    said = {"as_of": asked.until, "recalled": told, "retention_days": days}
    return Part(said=said, events=frozenset(numbers - holds), blind=frozenset(holds))


def complaints(house: House, asked: Asked) -> Part:
    """Return the holds placed on members since, and that there is no log of complaints."""
    holds = tables.holds.c
    members = {f"r{number}" for number in asked.found.members}
    query = select(tables.holds).where(holds.event > asked.found.head).order_by(holds.event)
    with house.reading() as connection:
        placed = [row for row in connection.execute(query) if row.recording in members]
    said = {
        "as_of": asked.until,
        "complaint_log": False,
        "holds": [{"event": row.event, "lifted": row.lifted} for row in placed],
    }
    lifted = {row.lifted for row in placed if row.lifted is not None}
    return Part(said=said, blind=frozenset({row.event for row in placed} | lifted))
