"""Projection: what each kind of event writes, that it writes nothing else, and making it anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, select, update
from sqlalchemy.exc import IntegrityError

from assent.catalogue import tables
from assent.catalogue.engine import connect, reading, writing
from assent.catalogue.events import Event, append, head
from assent.catalogue.projection import KINDS, project, rebuild, record
from assent.catalogue.schema import prepare
from assent.permission.uses import parse_use
from tests.catalogue.histories import (
    DIGEST,
    answer_body,
    claim_body,
    decide_body,
    draft_body,
    edit_body,
    holders_body,
    notice_body,
    program_body,
    recording_body,
    staff_body,
    statement_body,
    suspect_body,
    text_body,
)
from tests.databases import undone

AT = datetime(2031, 1, 1, tzinfo=UTC)
LATER = AT + timedelta(days=2)
SEARCH, SUPPLY = parse_use("public/search"), parse_use("partner/supply")
GRANT = ["partner/supply"]


def rows(connection: Connection, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    query = select(*table.c[columns]) if columns else select(table)
    return [tuple(row) for row in connection.execute(query.order_by(*table.primary_key))]


EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("account", {"id": "ada", "name": "Ada", "role": "creator"}),
    ("account", {"id": "eve", "name": "Eve", "role": "label"}),
    ("artist", {"id": "wren", "name": "Wren", "account": "ada"}),
    ("terms.publish", text_body("terms", {"granted": ["public/search"], "opt_in": GRANT})),
    ("terms.accept", {"account": "ada", "text": "terms"}),
    ("agreement", text_body("deal", {"granted": ["public/search"]}) | {"party": "Label"}),
    ("recording", recording_body("song", [("ada", "world")])),
    ("recording", recording_body("tune", [("eve", "world")], "deal")),
    ("program.propose", program_body("rival", LATER)),
    ("program.propose", program_body("local", LATER, "DE FR")),
    ("program.approve", {"id": "rival"}),
    ("program.suspend", {"id": "rival"}),
    ("program.resume", {"id": "rival"}),
    ("program.end", {"id": "rival"}),
    (
        "statement",
        statement_body("ada", grants=GRANT, program="rival", asks=True)
        | {"until": "2031-01-02T00:00:00.000Z"},
    ),
    ("hold", {"recording": "tune", "uses": ["public/search"], "cause": "a dispute"}),
    ("hold", {"recording": "tune", "uses": GRANT, "cause": "a court"}),
    ("hold.lift", {"hold": 17, "recording": "tune"}),
    ("copy", {"recording": "tune", "original": "song"}),
    ("holding", {"recording": "song", "holders": holders_body([("ada", "DE"), ("eve", "FR")])}),
    (
        "training-set",
        {
            "id": "set-1",
            "program": "rival",
            "head": 20,
            "manifest": DIGEST,
            "items": 1,
            "members": DIGEST,
            "root": DIGEST,
        },
    ),
    ("use", {"program": "rival", "hour": "2031-01-01T00", "counts": [["song", 3], ["tune", 1]]}),
    ("use.journals", {"names": ["gate-1", "gate-2"]}),
    ("statement.expire", {}),
    ("index.root", {"head": 24, "n": 2, "root": DIGEST}),
    ("key.rotate", {"log": "consent", "vkey": "k"}),
    ("key.retire", {"log": "consent", "vkey": "k"}),
    ("erasure", {"events": 3}),
    ("copy.suspect", suspect_body("tune", "song")),
    ("claim", claim_body("tune", "song", "ada", "mine")),
    ("claim", claim_body("tune", "song", "eve", "licensed")),
    ("claim.answer", answer_body(30, "tune", "song", "eve")),
    ("copy.decide", decide_body("tune", "song", "confirmed")),
    ("claim", claim_body("tune", "song", "eve", "different")),
    ("copies.clear", {"account": "eve", "cause": "a label that delivers what is out already"}),
    ("terms.draft", draft_body("next", "terms")),
    ("terms.notice", notice_body("next", ["ada", "eve"])),
    ("terms.withdraw", {"id": "next"}),
    ("recording.edit", edit_body("song")),
    ("request", {"program": "rival", "words": "please", "pays": "fair", "until": None}),
    ("request.answer", {"request": 40, "account": "ada", "says": "no"}),
    ("request.answer", {"request": 40, "account": "ada", "says": "yes"}),
    ("request.withdraw", {"request": 40}),
    ("staff", staff_body(recording="song")),
]


def tell_all(connection: Connection, until: int | None = None) -> None:
    for kind, body in EVENTS[:until]:
        record(connection, kind, LATER if kind == "statement.expire" else AT, "op", body)


def until(kind: str) -> int:
    """Return how many events there are up to the last of a kind."""
    return max(number for number, (name, _) in enumerate(EVENTS, 1) if name == kind)


def test_every_kind_of_event_is_told_here() -> None:
    assert {kind for kind, _ in EVENTS} == set(KINDS)


def test_accounts_and_artists(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        assert rows(connection, tables.accounts) == [
            ("ada", "Ada", "ada", "creator", "terms", 5, True, 1),
            ("eve", "Eve", "eve", "label", None, None, False, 2),
        ]
        assert rows(connection, tables.artists) == [("wren", "Wren", "wren", "ada", 3)]


def test_what_gives_a_number_is_counted_and_erasing_it_gives_the_number_to_nobody_else(
    engine: Engine,
) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        counted = [("account", 2), ("artist", 1), ("recording", 2), ("training-set", 1)]
        assert rows(connection, tables.counters) == counted
        erase(connection, 8)
        rebuild(connection, connection)
        assert rows(connection, tables.counters) == counted
        assert rows(connection, tables.recordings, "number", "id") == [(0, "song")]
        record(connection, "recording", AT, "op", recording_body("air", [("ada", "world")]))
        assert rows(connection, tables.recordings, "number", "id") == [(0, "song"), (2, "air")]


def test_what_is_left_of_an_erased_holder_or_use_is_in_no_table(engine: Engine) -> None:
    holders = [*holders_body([("ada", "world")]), "ab" * 32]
    with undone(engine) as connection:
        tell_all(connection, 6)
        erased = {**recording_body("song", []), "holders": holders}
        project(connection, Event(number=7, kind="recording", at=AT, by="op", body=erased))
        assert rows(connection, tables.holdings, "recording", "holder") == [("song", "ada")]
        use = {"program": "rival", "hour": "2031-01-01T00", "counts": ["cd" * 32]}
        project(connection, Event(number=8, kind="use", at=AT, by="op", body=use))
        assert rows(connection, tables.uses) == []


def test_a_draft_is_no_text_and_waits_until_it_is_withdrawn_or_published(engine: Engine) -> None:
    fields = ("id", "against", "days", "in_force", "state", "event", "ended")
    plan = ("next", "terms", 30, "2031-02-01T00:00:00.000Z")
    with undone(engine) as connection:
        tell_all(connection, until("terms.draft"))
        assert rows(connection, tables.drafts, *fields) == [(*plan, "draft", 36, None)]
        for kind, body in EVENTS[until("terms.draft") :]:
            record(connection, kind, AT, "op", body)
        assert rows(connection, tables.drafts, *fields) == [(*plan, "withdrawn", 36, 38)]
        assert rows(connection, tables.texts, "id") == [("deal",), ("terms",)]
        record(connection, "terms.draft", AT, "op", draft_body("other", "terms"))
        record(connection, "terms.publish", AT, "op", text_body("other", {}))
        last = len(EVENTS) + 2  # the two just now; more kinds are told before them than there were
        states = {
            row[0]: row[-2:] for row in rows(connection, tables.drafts, "id", "state", "ended")
        }
        assert states == {"next": ("withdrawn", 38), "other": ("published", last)}


def test_who_was_told_is_kept_by_account_and_an_erased_one_is_only_counted(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        assert rows(connection, tables.told) == [(37, "ada"), (37, "eve")]
        body = {**notice_body("next", ["ada"]), "told": 2}
        body["holders"].append("ab" * 32)
        project(connection, Event(number=39, kind="terms.notice", at=AT, by="op", body=body))
        assert rows(connection, tables.told)[2:] == [(39, "ada")]
        assert rows(connection, tables.notices)[1:] == [
            (39, "next", "before", "inbox", "accept", 2, "2031-01-01T00:00:00.000Z")
        ]


def test_an_edit_changes_what_a_recording_is_called_and_what_helped_with_it(
    engine: Engine,
) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        fields = ("id", "title", "licence", "isrc", "event")
        assert rows(connection, tables.recordings, *fields)[0] == (
            "song",
            "Song, again",
            "CC-BY-4.0",
            None,
            7,  # the event that brought it
        )
        made_with = '[{"role": "vocals", "tool": "a tool", "voice": ""}]'
        assert rows(connection, tables.disclosures) == [("song", made_with, 39)]
        erase(connection, 7)
        rebuild(connection, connection)  # the edit of what is gone writes nothing
        assert rows(connection, tables.disclosures) == []


def test_requests_are_answered_by_account_and_the_newest_answer_counts(engine: Engine) -> None:
    at = "2031-01-01T00:00:00.000Z"
    with undone(engine) as connection:
        tell_all(connection)
        asked = (40, "rival", "please", "fair", None, at, 43)
        assert rows(connection, tables.requests) == [asked]
        assert rows(connection, tables.request_answers) == [(40, "ada", "yes", 42, at)]


def test_what_staff_did_is_kept_with_who_and_why(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        assert rows(connection, tables.staff_acts) == [
            (44, "op", "hear", "song", "a claim", "2031-01-01T00:00:00.000Z")
        ]


def erase(connection: Connection, number: int) -> None:
    """Take an event's text and opening away, as an erasure does."""
    connection.execute(tables.erasing.insert().values(since="now"))
    gone = {"by": "", "body": "", "opening": None}
    events = tables.events
    connection.execute(update(events).where(events.c.number == number).values(gone))
    connection.execute(tables.erasing.delete())


def test_two_accounts_of_one_name_are_refused(engine: Engine) -> None:
    twin = {"id": "x", "name": "Ada", "role": "creator"}
    with undone(engine) as connection:
        tell_all(connection, 2)
        with pytest.raises(IntegrityError):
            record(connection, "account", AT, "op", twin)


def test_texts_are_numbered_and_only_the_last_terms_are_in_force(engine: Engine) -> None:
    names = ("id", "number", "kind", "party", "granted", "opt_out", "opt_in", "current", "event")
    with undone(engine) as connection:
        tell_all(connection)
        assert rows(connection, tables.texts, *names) == [
            ("deal", 2, "agreement", "Label", SEARCH, 0, 0, False, 6),
            ("terms", 1, "terms", None, SEARCH, 0, SUPPLY, True, 4),
        ]
        record(connection, "terms.publish", AT, "op", text_body("terms-2", {}))
        assert rows(connection, tables.texts, "id", "number", "current") == [
            ("deal", 2, False),
            ("terms", 1, False),
            ("terms-2", 3, True),
        ]


def test_a_recording_is_numbered_from_zero_with_its_holders_and_word(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection, until("recording"))
        song, tune = connection.execute(
            select(tables.recordings).order_by(tables.recordings.c.number)
        )
        assert (song.number, song.id, song.agreement, song.word, song.event) == (
            (0, "song", None, SEARCH, 7)
        )
        assert (tune.number, tune.id, tune.agreement, tune.word, tune.word_event) == (
            (1, "tune", "deal", SEARCH, 8)
        )
        assert (song.loudness_lufs, song.true_peak_dbtp, song.held) == (-14.5, None, 0)
        assert song.tags == '{"bpm": 120, "genre": ["dub", "techno"]}'
        assert rows(connection, tables.holdings) == [
            ("song", "ada", 1_000_000, "creator", "world", 0, 0, 7),
            ("tune", "eve", 1_000_000, "creator", "world", 0, 0, 8),
        ]


def test_a_changed_holding_replaces_the_holders_and_nobody_closes(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection, until("holding"))
        holders = rows(
            connection, tables.holdings, "recording", "holder", "share_ppm", "territories"
        )
        assert holders == [
            ("song", "ada", 500_000, "DE"),
            ("song", "eve", 500_000, "FR"),
            ("tune", "eve", 1_000_000, "world"),
        ]
        assert rows(connection, tables.recordings, "id", "word") == [("song", 0), ("tune", 0)]
        record(connection, "holding", AT, "op", {"recording": "song", "holders": []})
        assert rows(connection, tables.holdings, "recording") == [("tune",)]
        assert rows(connection, tables.recordings, "id", "word") == [("song", 0), ("tune", 0)]


def test_a_program_and_its_life(engine: Engine) -> None:
    life = (
        "id",
        "territories",
        "proposed",
        "approved",
        "approved_by",
        "suspended",
        "ended",
        "event",
    )
    expected = {
        10: (9, None, None, None, None, 9),
        11: (9, 11, "op", None, None, 11),
        12: (9, 11, "op", 12, None, 12),
        13: (9, 11, "op", None, None, 13),
        14: (9, 11, "op", None, 14, 14),
    }
    for last, rival in expected.items():
        with undone(engine) as connection:
            tell_all(connection, last)
            assert rows(connection, tables.programs, *life) == [
                ("local", "DE FR", 10, None, None, None, None, 10),
                ("rival", "world", *rival),
            ]
            query = select(*tables.programs.c["uses", "models", "proposed_by"])
            found = {tuple(row) for row in connection.execute(query)}
            assert found == {(parse_use("partner/train-rival"), '["nightjar-1"]', "op")}


def test_a_statement_is_kept_and_changes_the_words_it_reaches(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection, until("statement"))
        assert rows(connection, tables.statements) == [
            (
                *(15, "ada", None, "rival", SUPPLY, 0, 0, 0, False),
                *(None, "2031-01-02T00:00:00.000Z", None, DIGEST, "2031-01-01T00:00:00.000Z"),
            )
        ]
        assert rows(connection, tables.program_words) == [
            ("rival", 0, SEARCH | SUPPLY, "2031-01-02T00:00:00.000Z", 15)
        ]
        assert rows(connection, tables.recordings, "word", "word_event") == [
            (SEARCH, 7),
            (SEARCH, 8),
        ]


def test_asking_is_kept_as_it_was_where_nothing_is_said_of_it(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection, until("statement"))
        record(connection, "statement", AT, "op", statement_body("ada", refuses=GRANT))
        assert rows(connection, tables.accounts, "asks") == [(True,), (False,)]
        record(connection, "statement", AT, "op", statement_body("ada", lifts=GRANT, asks=False))
        assert rows(connection, tables.accounts, "asks") == [(False,), (False,)]


def test_an_expiry_mends_what_time_has_changed(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection, until("statement"))
        record(connection, "statement.expire", LATER, "op", {})
        assert rows(connection, tables.program_words) == [("rival", 0, SEARCH, None, 16)]


def test_holds_switch_off_until_they_are_lifted(engine: Engine) -> None:
    held = {16: (SEARCH, 0), 17: (SEARCH | SUPPLY, 0), 18: (SEARCH, 0)}
    for last, tune in held.items():
        with undone(engine) as connection:
            tell_all(connection, last)
            assert rows(connection, tables.recordings, "held", "word") == [(0, SEARCH), tune]
    with undone(engine) as connection:
        tell_all(connection, until("hold.lift"))
        record(connection, "hold.lift", AT, "op", {"hold": 16, "recording": "tune"})
        assert rows(connection, tables.holds) == [
            (16, "tune", SEARCH, "a dispute", 19),
            (17, "tune", SUPPLY, "a court", 18),
        ]
        assert rows(connection, tables.recordings, "held", "word") == [(0, SEARCH), (0, SEARCH)]


def test_a_copy_gets_no_more_than_its_original_until_it_is_none(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection, until("hold.lift"))
        record(connection, "hold.lift", AT, "op", {"hold": 16, "recording": "tune"})
        record(connection, "hold", AT, "op", {"recording": "song", "uses": ["*/*"], "cause": "-"})
        record(connection, "copy", AT, "op", {"recording": "tune", "original": "song"})
        assert rows(connection, tables.recordings, "original", "word") == [(None, 0), ("song", 0)]
        record(connection, "copy", AT, "op", {"recording": "tune", "original": None})
        assert rows(connection, tables.recordings, "original", "word") == [
            (None, 0),
            (None, SEARCH),
        ]


def test_training_sets_uses_and_journals(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        assert rows(connection, tables.training_sets) == [
            ("set-1", "rival", 20, DIGEST, 1, DIGEST, DIGEST, 21)
        ]
        assert rows(connection, tables.uses) == [
            (22, "song", "rival", "2031-01-01T00", 3),
            (22, "tune", "rival", "2031-01-01T00", 1),
        ]
        assert rows(connection, tables.journals) == [("gate-1", 23), ("gate-2", 23)]


CASE = ("state", "found", "suspected", "decided", "decided_by", "cause")


def test_a_case_is_opened_and_decided_which_closes_its_claims(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection, 32)
        assert rows(connection, tables.copies) == [
            (
                *("tune", "song", "suspected", "fingerprint", '[{"votes": 40}]'),
                *(29, "2031-01-01T00:00:00.000Z", None, None, None),
            )
        ]
        files = f'[{{"name": "stems.zip", "sha256": "{DIGEST}", "size_bytes": 12}}]'
        said = ("they took it", files, "2031-01-15T00:00:00.000Z")
        assert rows(connection, tables.claims) == [
            (30, "tune", "song", "ada", "mine", *said, None),
            (31, "tune", "song", "eve", "licensed", *said, None),
        ]
        assert rows(connection, tables.answers) == [(32, 30, "eve", False, "we did not", files)]
    with undone(engine) as connection:
        tell_all(connection)
        assert rows(connection, tables.copies, *CASE) == [
            ("confirmed", "fingerprint", 29, 33, "op", "the same take")
        ]
        closed = [(30, 33), (31, 33), (34, None)]
        assert rows(connection, tables.claims, "event", "closed") == closed
        assert rows(connection, tables.clearings) == [("eve", 35)]
        # a case alone changes no word: masks and holds do
        assert rows(connection, tables.recordings, "word_event") == [(20,), (16,)]


def test_a_case_that_is_suspected_again_begins_anew(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        record(connection, "copy.suspect", AT, "op", suspect_body("tune", "song", "claim"))
        assert rows(connection, tables.copies, *CASE) == [
            # the next event after all that are told, of which there are more kinds now
            ("suspected", "claim", len(EVENTS) + 1, None, None, None)
        ]


def test_deciding_one_case_leaves_another_of_the_same_recording_alone(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        record(connection, "copy.suspect", AT, "op", suspect_body("tune", "air"))
        record(connection, "copy.decide", AT, "op", decide_body("tune", "air", "rejected"))
        assert rows(connection, tables.copies, "original", "state") == [
            ("air", "rejected"),
            ("song", "confirmed"),
        ]
        assert rows(connection, tables.claims, "event", "closed")[-1] == (34, None)


def test_an_answer_to_a_claim_that_was_erased_is_in_no_table(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        erase(connection, 30)
        rebuild(connection, connection)
        assert rows(connection, tables.claims, "event") == [(31,), (34,)]
        assert rows(connection, tables.answers) == []


def test_clearing_an_account_twice_keeps_the_last(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        record(connection, "copies.clear", AT, "op", {"account": "eve", "cause": "-"})
        # the next event after all that are told, of which there are more kinds now
        assert rows(connection, tables.clearings) == [("eve", len(EVENTS) + 1)]


def test_rebuilding_as_of_every_event_gives_the_rows_of_that_time(engine: Engine) -> None:
    fresh = connect("sqlite://")
    prepare(fresh)
    states = []
    with undone(engine) as connection:
        for number in range(1, len(EVENTS) + 1):
            kind, body = EVENTS[number - 1]
            at = LATER if kind == "statement.expire" else AT
            assert record(connection, kind, at, "op", body).number == number
            states.append({table: rows(connection, table) for table in tables.PROJECTIONS})
        with writing(fresh) as other:
            for number, state in enumerate(states, 1):
                rebuild(other, connection, number)
                assert {table: rows(other, table) for table in tables.PROJECTIONS} == state
            assert head(other) == 0
    fresh.dispose()


def test_rebuilding_from_nothing_empties(engine: Engine) -> None:
    with undone(engine) as connection:
        tell_all(connection)
        rebuild(connection, connection, 0)
        assert not any(rows(connection, table) for table in tables.PROJECTIONS)
        assert head(connection) == len(EVENTS)


def test_rebuilding_leaves_keys_and_fingerprints_alone(engine: Engine) -> None:
    taken = {"recording": 0, "design": "quads-1", "frames": 9, "peaks": b"\x00\xff"}
    with undone(engine) as connection:
        connection.execute(tables.data_keys.insert().values(blob="b", wrapped=b"\x00\xff"))
        connection.execute(tables.fingerprints.insert().values(taken))
        tell_all(connection)
        rebuild(connection, connection)
        assert rows(connection, tables.data_keys) == [("b", b"\x00\xff")]
        assert rows(connection, tables.fingerprints) == [tuple(taken.values())]


def test_an_event_of_an_unknown_kind_stops_a_rebuild(engine: Engine) -> None:
    with writing(engine) as connection:
        tell_all(connection)
        state = {table: rows(connection, table) for table in tables.PROJECTIONS}
        append(connection, "from-the-future", AT, "op", {})
    with pytest.raises(KeyError, match="from-the-future"), writing(engine) as connection:
        rebuild(connection, connection)
    with reading(engine) as connection:
        assert {table: rows(connection, table) for table in tables.PROJECTIONS} == state
