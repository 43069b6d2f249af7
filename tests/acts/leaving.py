"""What must hold before and after somebody is erased, whoever it is and whatever has happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assent.acts.audit import audit
from assent.acts.erase import Erased, Person, person
from assent.acts.index_root import prove_word
from assent.acts.rebuild import findings
from assent.acts.receipts import receipt, receipts
from assent.catalogue import tables
from assent.catalogue.events import Event, replay
from assent.catalogue.leaves import INDEX_KINDS
from assent.errors import BadInput, Unknown
from assent.log.receipt import Checked, check_receipt
from assent.training.forget import forget
from assent.training.manifest import opened
from tests.acts.stories import Story, allowed

__all__ = ["Before", "check_gone", "check_sound", "erase_and_check", "traces"]

_SECRET = {"master.key", "log-keys"}
"""What holds keys, and nothing of anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A platform as it was.

    Args:
        meant: Who is about to leave.
        events: All that has happened, by number.
        receipts: The receipt of every event, and of those in the second log once more.
        words: The proof of every recording's word.
        allowed: What every program might use.
        needles: What must not be found any more.
        ids: Which values must not stand anywhere any more.
        blobs: Names of the sealed audio that goes.
        counters: How many ids of each kind were given.
    """

    meant: Person
    events: dict[int, Event]
    receipts: dict[tuple[str, int], bytes]
    words: dict[str, bytes]
    allowed: dict[tuple[str, str], bool]
    needles: dict[str, bytes]
    ids: frozenset[str]
    blobs: frozenset[str]
    counters: dict[str, int]

    @classmethod
    def of(cls, story: Story, name: str, *, words: bool = True) -> "Before":
        """Look at a platform; publishes what has happened."""
        house, logs = story.house, story.logs
        story.count()
        proofs = {}
        with house.reading() as connection:
            recordings = list(connection.execute(select(tables.recordings.c.id)).scalars())
        if words:
            proofs = {name: prove_word(house, logs, name) for name in recordings}
        logs.publish()
        meant = person(house, name)
        with house.reading() as connection:
            events = {event.number: event for event in replay(connection)}
            needles, ids, blobs = _needles(connection, meant, events)
            counters = {row.kind: row.last for row in connection.execute(select(tables.counters))}
        numbers = range(1, len(events) + 1)
        made = {
            ("consent", number): data
            for number, data in zip(numbers, receipts(house, logs.consent, numbers), strict=True)
        }
        made |= {
            ("index", number): receipt(house, logs.index, number)
            for number, event in events.items()
            if event.kind in INDEX_KINDS
        }
        return cls(
            meant=meant,
            events=events,
            receipts=made,
            words=proofs,
            allowed=allowed(house),
            needles=needles,
            ids=ids,
            blobs=blobs,
            counters=counters,
        )

    def is_told_of(self, number: int) -> bool:
        """Say whether an event was about who left."""
        event = self.events[number]
        return not event.erased and self.meant.is_told_in(event.kind, event.body)


def _needles(
    connection: Any, meant: Person, events: dict[int, Event]
) -> tuple[dict[str, bytes], frozenset[str], frozenset[str]]:
    rows = connection.execute(select(tables.recordings)).all()
    gone = [row for row in rows if row.id in meant.recordings]
    stays = {value for row in rows if row not in gone for value in (row.digest, row.audio_digest)}
    artists = connection.execute(select(tables.artists)).all()
    # a name that others' recordings bear stays, and beside it which account brought it
    borne = {row.artist for row in rows if row not in gone}
    ids = {*meant.recordings, *meant.artists}
    found = {f"{row.id}'s title": row.title for row in gone}
    found |= {f"{row.id}'s blob": row.blob for row in gone}
    for row in gone:
        # the same sound under another name stays what it is
        found |= {f"{row.id}'s digest": it for it in {row.digest, row.audio_digest} - stays}
    others = {
        row.name for row in connection.execute(select(tables.accounts)) if row.id != meant.account
    }
    leaving = [row for row in artists if row.id in meant.artists and row.name not in others]
    found |= {f"the artist {row.id}": row.name for row in leaving}
    if not any(row.account == meant.account and row.id in borne for row in artists):
        ids.add(meant.account)
    if not any(row.name == meant.name and row.id in borne for row in artists):
        found["the name"] = meant.name
    found |= {f"{name} in quotes": f'"{name}"' for name in ids}
    needles = {label: text.encode() for label, text in found.items()}
    for event in events.values():
        for number, salt in enumerate(_salts(meant, event)):
            needles[f"salt {number} of event {event.number}"] = salt.encode()
    openings = connection.execute(select(tables.events.c.number, tables.events.c.opening)).all()
    for number, opening in openings:
        if opening is not None and meant.is_told_in(events[number].kind, events[number].body):
            needles[f"the opening of event {number}"] = bytes(opening)
    keys = connection.execute(select(tables.data_keys)).all()
    blobs = frozenset(row.blob for row in gone)
    needles |= {f"the key of {row.blob}": bytes(row.wrapped) for row in keys if row.blob in blobs}
    return needles, frozenset(ids), blobs


def _salts(meant: Person, event: Event) -> Iterator[str]:
    for name in ("holders", "counts"):
        for element in event.body.get(name, ()):
            whole = meant.is_told_in(event.kind, event.body)
            if not isinstance(element, str) and (whole or meant.is_named_in(element)):
                yield element["salt"] if isinstance(element, dict) else element[-1]


def traces(story: Story, before: Before) -> list[str]:
    """Return where anything is left of somebody: in files, in rows, in what is kept of sets."""
    house, found = story.house, []
    house.gate.close()
    for path in sorted(house.settings.data.rglob("*")):
        if path.is_file() and not _SECRET & set(path.relative_to(house.settings.data).parts):
            found += _matches(path.name, path.name.encode() + b"\n" + _readable(path), before)
    with house.reading() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(select(table)).all():
                found += [f"{table.name}: {it}" for it in before.ids & set(map(str, row))]
                cells = (it if isinstance(it, bytes) else str(it).encode() for it in row)
                found += _matches(table.name, b"\n".join(cells), before)
    return found


def _readable(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix != ".parquet":
        return data
    try:
        with opened(path) as manifest:
            return data + repr(list(manifest.items())).replace("'", '"').encode()
    except BadInput:
        return data


def _matches(where: str, data: bytes, before: Before) -> list[str]:
    return [f"{where}: {label}" for label, needle in before.needles.items() if needle in data]


def erase_and_check(story: Story, name: str, *, words: bool = True) -> Erased:
    """Erase somebody, and check everything that must hold then."""
    before = Before.of(story, name, words=words)
    erased = forget(story.house, story.logs, name, "Lee")
    assert erased.recordings == len(before.meant.recordings)
    assert erased.events == sum(map(before.is_told_of, before.events))
    assert erased.event.body == {"events": erased.events}
    check_gone(story, before)
    for recording in erased.held:
        assert not any(yes for (_, it), yes in allowed(story.house).items() if it == recording)
    return erased


def check_gone(story: Story, before: Before) -> None:
    """Check that somebody has left, and that nothing else has changed."""
    house = story.house
    left = traces(story, before)
    assert not left, left
    check_sound(story)
    _check_receipts(story, before)
    _check_words(story, before)
    now = allowed(house)
    assert not [it for it, yes in now.items() if yes and not before.allowed[it]]
    assert {recording for _, recording in now} == {
        recording for _, recording in before.allowed if recording not in before.meant.recordings
    }
    with house.reading() as connection:
        counters = {row.kind: row.last for row in connection.execute(select(tables.counters))}
        kept = set(connection.execute(select(tables.data_keys.c.blob)).scalars())
    assert counters == before.counters
    assert not before.blobs & kept
    names = {path.name for path in Path(house.settings.blobs).rglob("*")}
    assert kept <= names
    assert not before.blobs & names
    for recording in before.meant.recordings:
        with pytest.raises(Unknown):
            house.gate.listen(recording)
    with pytest.raises(Unknown):
        person(house, before.meant.account)


def check_sound(story: Story) -> None:
    """Check that tables follow from events, and that both logs are what was promised."""
    assert findings(story.house) == []
    assert list(audit(story.house, story.logs)) == []


def _check_receipts(story: Story, before: Before) -> None:
    house, policy = story.house, story.logs.policy()
    for (name, number), data in before.receipts.items():
        old = check_receipt(data, policy)
        again = receipt(house, story.logs.log(name), number)
        new = check_receipt(again, policy)
        assert old.holds, "what was handed out holds for good"
        gone = before.is_told_of(number) or before.events[number].erased
        assert new.reason == ("erased" if gone else "ok"), before.events[number]
        assert new.entry == old.entry
        assert new.record == (None if gone else old.record)
        if not gone:
            _check_shown(old, new, before)


def _check_shown(old: Checked, new: Checked, before: Before) -> None:
    """Check that everybody else's parts are shown as they were."""
    assert old.shown is not None
    assert new.shown is not None
    for name in ("holders", "counts"):
        theirs = [
            part for part in old.shown.get(name, ()) if not before.meant.is_named_in(part["entry"])
        ]
        assert new.shown.get(name, []) == theirs
    names = {before.meant.name.casefold(), before.meant.account}
    by = old.shown.get("by", "")
    assert ("by" in new.shown) is (by != "" and by.casefold() not in names)


def _check_words(story: Story, before: Before) -> None:
    policy = story.logs.policy()
    for recording, data in before.words.items():
        assert check_receipt(data, policy).reason == "ok"
        if recording in before.meant.recordings:
            with pytest.raises(Unknown):
                prove_word(story.house, story.logs, recording)
        else:
            found = check_receipt(prove_word(story.house, story.logs, recording), policy)
            assert found.reason == "ok"
            assert found.claim is not None
            assert found.claim.recording == recording
