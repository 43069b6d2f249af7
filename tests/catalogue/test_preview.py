"""The preview of new terms is what happens: published, accepted by one, accepted by all."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from assent.catalogue import preview as module
from assent.catalogue import tables
from assent.catalogue.events import head, read
from assent.catalogue.preview import Preview, Shift, outlooks, preview
from assent.catalogue.projection import record
from assent.catalogue.word_sql import word_query
from assent.permission.algebra import Masks
from assent.permission.uses import ALL, labels, parse_uses
from tests.catalogue.histories import (
    START,
    Step,
    histories,
    holders_body,
    recording_body,
    tell,
    text_body,
)
from tests.catalogue.test_words import play
from tests.databases import undone

many = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NEW = st.tuples(*[st.sampled_from([0, parse_uses(["*/*"]), ALL & 0x5555_5555_5555_5555])] * 3)


def words(connection: Connection) -> dict[int, int]:
    return {row.number: row.word for row in connection.execute(word_query())}


def live(connection: Connection, steps: list[Step]) -> None:
    """Play a history, and put on record what time has changed by its end."""
    play(connection, tell(steps))
    record(connection, "statement.expire", at(connection), "op", {})


def at(connection: Connection) -> datetime:
    """Return when the last event was; all that a test adds is of that instant."""
    last = read(connection, head(connection))
    return last.at if last else START


def publish(connection: Connection, masks: Masks[int]) -> None:
    said = {name: list(labels(word)) for name, word in masks._asdict().items()}
    record(connection, "terms.publish", at(connection), "op", text_body("brand-new", said))


def accept(connection: Connection, account: str) -> None:
    record(
        connection, "terms.accept", at(connection), "op", {"account": account, "text": "brand-new"}
    )


def accounts(connection: Connection) -> list[str]:
    return list(connection.execute(select(tables.accounts.c.id)).scalars())


def holders(connection: Connection) -> Mapping[str, set[int]]:
    recordings, holdings = tables.recordings.c, tables.holdings.c
    query = select(holdings.holder, recordings.number).join(
        tables.recordings, recordings.id == holdings.recording
    )
    found: dict[str, set[int]] = {}
    for holder, number in connection.execute(query):
        found.setdefault(holder, set()).add(number)
    return found


def as_masks(said: tuple[int, int, int]) -> Masks[int]:
    granted, opt_out, opt_in = said
    return Masks(granted, opt_out & ~granted, opt_in & ~opt_out & ~granted)


@many
@given(steps=histories(), said=NEW, batch=st.sampled_from([1, 2, 25_000]))
def test_the_preview_is_what_happens(
    engine: Engine, steps: list[Step], said: tuple[int, int, int], batch: int
) -> None:
    masks = as_masks(said)
    with undone(engine) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BATCH", batch)
        patch.setattr(module, "_MOST_VALUES", batch)
        live(connection, steps)
        before, found, held = words(connection), preview(connection, masks), holders(connection)
        publish(connection, masks)
        after = words(connection)
        for account in accounts(connection):
            accept(connection, account)
        accepted = words(connection)
    expected = Counter(
        Shift(before=word, after=after[n], accepted=accepted[n]) for n, word in before.items()
    )
    assert found.shifts == dict(expected)
    closing = {n for n in before if before[n] & ~after[n]}
    opening = {n for n in before if accepted[n] & ~after[n]}
    counts = {who: (len(own & closing), len(own & opening)) for who, own in held.items()}
    assert found.holders == {who: pair for who, pair in counts.items() if any(pair)}
    assert found.count("closes") == len(closing)
    assert found.count("would_open") == len(opening)


@many
@given(steps=histories(), said=NEW, which=st.integers(0, 9))
def test_what_one_sees_is_what_happens_when_that_one_accepts(
    engine: Engine, steps: list[Step], said: tuple[int, int, int], which: int
) -> None:
    masks = as_masks(said)
    with undone(engine) as connection:
        live(connection, steps)
        everybody = accounts(connection)
        account = everybody[which % len(everybody)]
        found = {it.number: it for it in outlooks(connection, masks, account)}
        own = holders(connection).get(account, set())
        before = words(connection)
        publish(connection, masks)
        after = words(connection)
        accept(connection, account)
        alone = words(connection)
        for other in everybody:
            accept(connection, other)
        accepted = words(connection)
    assert set(found) == own
    for number, it in found.items():
        shift = Shift(before=before[number], after=after[number], accepted=accepted[number])
        assert (it.shift, it.alone) == (shift, alone[number])


def test_an_empty_platform_has_nothing_to_change(sqlite_engine: Engine) -> None:
    with undone(sqlite_engine) as connection:
        assert preview(connection, Masks(ALL, 0, 0)) == Preview(shifts={}, holders={})
        assert list(outlooks(connection, Masks(ALL, 0, 0), "nobody")) == []


def test_uses_are_counted_by_recording() -> None:
    found = Preview(
        shifts={
            Shift(before=0b11, after=0b01, accepted=0b101): 2,
            Shift(before=0b10, after=0b01, accepted=0b01): 3,
        },
        holders={},
    )
    assert found.uses("closes") == {0b10: 5}
    assert found.uses("reopens") == {0b01: 3}
    assert found.uses("would_open") == {0b100: 2}
    assert [found.count(it) for it in ("closes", "reopens", "would_open")] == [5, 3, 2]


def test_an_agreement_that_nobody_knows_and_a_holder_without_an_account_stay_closed(
    sqlite_engine: Engine,
) -> None:
    wide = Masks(ALL, 0, 0)
    with undone(sqlite_engine) as connection:
        for kind, body in (
            ("recording", recording_body("song", [("ada", "world")], "never-made")),
            ("recording", recording_body("tune", [("nobody", "world")])),
            ("recording", {**recording_body("air", []), "holders": holders_body([])[:0]}),
            ("account", {"id": "ada", "name": "Ada", "role": "artist"}),
        ):
            record(connection, kind, START, "op", body)
        assert preview(connection, wide).shifts == {Shift(before=0, after=0, accepted=0): 3}
