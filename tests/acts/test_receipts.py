"""Receipts of everything that happens: they verify, show whose they are, and give nothing away."""

from base64 import b64decode
from hashlib import sha256
from itertools import product
from random import Random

import pytest
import rfc8785

from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.receipts import NoReceiptYet, named_by, receipt, receipts
from assent.acts.say import About, grant
from assent.catalogue import tables
from assent.catalogue.events import read, replay
from assent.catalogue.leaves import INDEX_KINDS
from assent.errors import BadInput, Unknown
from assent.log.leaf import commitment, element_hash, element_tree, parse_json
from assent.log.proof import MOST_BYTES, parse_proof
from assent.log.receipt import Checked, Verdict, check_receipt
from assent.log.tile import bundle_path, parse_bundle
from assent.log.tree import prove_inclusion
from assent.training.forget import forget
from tests.acts.stories import PROGRAMS, Story, uses
from tests.houses import RIVAL


def size(story: Story) -> int:
    return story.logs.consent.head().checkpoint.size


def checked(story: Story, data: bytes) -> Checked:
    return check_receipt(data, story.logs.policy(), at=story.clock.at)


def kinds(story: Story) -> dict[int, str]:
    with story.house.reading() as connection:
        return {event.number: event.kind for event in replay(connection)}


def test_every_event_has_a_receipt_that_verifies(either: Story) -> None:
    story = either
    logs, happened = story.logs, kinds(story)
    assert len(set(happened.values())) >= 20
    assert max(happened) == size(story)
    together = list(receipts(story.house, logs.consent, range(1, size(story) + 1)))
    for number, kind in happened.items():
        data = receipt(story.house, logs.consent, number)
        assert data == together[number - 1]
        found = checked(story, data)
        assert (found.verdict, found.reason, found.index) == (Verdict.VALID, "ok", number - 1)
        assert found.record is not None
        assert (found.record["kind"], found.record["number"]) == (kind, number)
        if kind in INDEX_KINDS:
            assert checked(story, receipt(story.house, logs.index, number)).reason == "ok"


def test_a_receipt_says_what_was_said(told: Story) -> None:
    for number in kinds(told):
        with told.house.reading() as connection:
            event = read(connection, number)
        assert event is not None
        found = checked(told, receipt(told.house, told.logs.consent, number))
        assert found.record is not None
        assert found.shown is not None
        assert found.shown["by"] == event.by
        body = {name: part for name, part in event.body.items() if name != "members"}
        for name in ("holders", "counts"):
            if name in body:
                assert [part["entry"] for part in found.shown[name]] == body.pop(name)
                assert found.record["body"][name]["n"] == len(found.shown[name])
        said = {name: part for name, part in found.record["body"].items() if name in body}
        assert said == dict(body)
        assert set(found.record["body"]) - set(body) <= {"holders", "counts"}


def test_whom_an_event_names_another_receipt_shows(told: Story) -> None:
    seen = set()
    for number, kind in kinds(told).items():
        for one in named_by(told.house, number):
            found = checked(told, receipt(told.house, told.logs.consent, one.event))
            assert found.record is not None
            body = found.record["body"]
            assert (body["id"], body.get("name", body.get("title"))) == (one.id, one.name)
            seen.add((kind, found.record["kind"]))
    assert {("statement", "account"), ("statement", "recording")} <= seen
    assert named_by(told.house, 10**6) == ()


def test_no_receipt_survives_a_change(told: Story) -> None:
    chance = Random(11)
    for number in kinds(told):
        whole = receipt(told.house, told.logs.consent, number)
        for at in chance.sample(range(len(whole)), 12):
            changed = whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :]
            assert checked(told, changed).verdict is Verdict.INVALID, (number, at)


def test_reading_receipts_changes_nothing(told: Story) -> None:
    def there() -> dict[str, bytes]:
        logs = (told.logs.consent.store, told.logs.index.store)
        return {f"{log}{name}": log.get(name) or b"" for log in logs for name in log.names()}

    before, events = there(), kinds(told)
    for number in events:
        receipt(told.house, told.logs.consent, number)
    assert (there(), kinds(told)) == (before, events)


def test_what_was_not_published_has_no_receipt_yet(told: Story) -> None:
    log, old = told.logs.consent, told.logs.consent.head()
    event = grant(told.house, About(holder="Ada Quill", program=PROGRAMS[0]), RIVAL)
    with pytest.raises(NoReceiptYet, match=f"event {event.number}"):
        receipt(told.house, log, event.number)
    with pytest.raises(NoReceiptYet, match="some of these"):
        list(receipts(told.house, log, range(1, event.number + 1)))
    with pytest.raises(Unknown, match="no event 999"):
        receipt(told.house, log, 999)
    told.logs.publish()
    assert checked(told, receipt(told.house, log, event.number)).reason == "ok"
    # under the checkpoint before, it is not there, and what was there still is
    with pytest.raises(NoReceiptYet):
        receipt(told.house, log, event.number, head=old)
    found = checked(told, receipt(told.house, log, 1, head=old))
    assert found.trusted is not None
    assert found.trusted.checkpoint == old.checkpoint
    with pytest.raises(NoReceiptYet, match="'index'"):
        receipt(told.house, told.logs.index, event.number)


def test_before_anything_was_published_there_is_no_receipt(either_house: House) -> None:
    with pytest.raises(Unknown, match="published yet"):
        receipt(either_house, Logs(either_house).consent, 1)


def test_an_erased_event_shows_its_entry_and_an_erased_author_no_name(told: Story) -> None:
    before = kinds(told)
    forget(told.house, told.logs, "Ada Quill", "Lee")
    seen = set()
    for number, kind in before.items():
        found = checked(told, receipt(told.house, told.logs.consent, number))
        assert found.holds
        assert found.entry is not None
        assert found.entry["k"] == kind
        assert found.index == number - 1
        named = found.shown is not None and "by" in found.shown
        assert (found.record is None) is (found.reason == "erased")
        assert not (named and found.record is None)
        seen.add((found.reason, named))
    # her own acts, those she wrote down for others, and everybody else's
    assert seen == {("erased", False), ("ok", False), ("ok", True)}


# ---- whose is shown


def test_a_creator_sees_their_own_uses_and_nobody_elses(told: Story) -> None:
    number, _, counts = list(uses(told.house))[-1]
    mine = {"r0", "r11"}
    assert mine < {recording for recording, _ in counts}
    data = receipt(told.house, told.logs.consent, number, show=mine)
    found = checked(told, data)
    assert found.reason == "ok"
    assert found.shown is not None
    assert set(found.shown) == {"counts"}, "whoever counted is no matter of theirs"
    shown = {part["entry"][0]: part["entry"][1] for part in found.shown["counts"]}
    assert shown == {recording: times for recording, times in counts if recording in mine}
    assert found.record is not None
    assert found.record["body"]["counts"]["n"] == len(counts)
    extra = parse_proof(data).extra or b""
    for recording in told.recordings:
        assert (f'"{recording}"'.encode() in extra) is (recording in mine)


def test_what_stands_beside_ones_own_cannot_be_guessed(told: Story) -> None:
    number, _, counts = list(uses(told.house))[-1]
    found = checked(told, receipt(told.house, told.logs.consent, number, show={"r0"}))
    assert found.shown is not None
    (own,) = found.shown["counts"]
    assert len(own["path"]) >= 2
    beside = {bytes.fromhex(node) for node in own["path"]}
    salts = ("", "00" * 16, own["entry"][2])
    guesses = {
        element_hash(guess)
        for recording, times in product(told.recordings, range(200))
        for guess in ([recording, times], *([recording, times, salt] for salt in salts))
    }
    assert element_hash(own["entry"]) in guesses
    assert not beside & guesses
    # without salts the same dictionary would tell who was used beside, and how often
    bare: list[list[object]] = [[recording, times] for recording, times in counts]
    path = prove_inclusion(own["index"], len(bare), element_tree(bare))
    assert set(path) & guesses


def test_a_holder_is_shown_alone(told: Story) -> None:
    with told.house.reading() as connection:
        (event,) = [
            event
            for event in replay(connection)
            if event.kind == "recording" and event.body["id"] == "r3"
        ]
    assert len(event.body["holders"]) == 2
    whose = event.body["holders"][1]["holder"]
    data = receipt(told.house, told.logs.consent, event.number, show=[whose])
    found = checked(told, data)
    assert found.shown is not None
    assert [part["entry"]["holder"] for part in found.shown["holders"]] == [whose]
    other = event.body["holders"][0]["holder"]
    assert f'"{other}"'.encode() not in (parse_proof(data).extra or b"")
    with_more = {"prefix": None}
    claimed = receipt(told.house, told.logs.consent, event.number, show=(), more=with_more)
    assert checked(told, claimed).reason == "malformed", "a claim is checked, not passed over"
    nothing = checked(told, receipt(told.house, told.logs.consent, event.number, show=()))
    assert nothing.shown == {"holders": []}
    assert nothing.reason == "ok"


def test_a_receipt_of_many_uses_stays_small_enough_to_be_checked(told: Story) -> None:
    counts = [[f"r{number}", 1] for number in range(900)]
    with told.house.act("gate") as act:
        body = {"program": PROGRAMS[0], "hour": "2031-03-09T09", "counts": counts}
        event = act.record("use", body)
    told.logs.publish()
    log = told.logs.consent
    whole = receipt(told.house, log, event.number)
    assert len(whole) < MOST_BYTES
    found = checked(told, whole)
    assert (found.reason, found.shown) == ("ok", {"by": "gate"})
    assert list(receipts(told.house, log, range(event.number, event.number + 1))) == [whole]
    some = checked(told, receipt(told.house, log, event.number, show=["r899"]))
    assert some.shown is not None
    assert [part["index"] for part in some.shown["counts"]] == [899]
    many = [f"r{number}" for number in range(400)]
    data = receipt(told.house, log, event.number, show=many)
    assert len(data) < MOST_BYTES
    assert checked(told, data).reason == "ok"
    with pytest.raises(BadInput, match="ask for a part"):
        receipt(told.house, log, event.number, show=[f"r{number}" for number in range(900)])


# ---- what the public has


def public_entries(story: Story) -> list[bytes]:
    store, length = story.logs.consent.store, size(story)
    assert length < 256
    data = store.get(bundle_path(0, length))
    assert data is not None
    return list(parse_bundle(data, length))


def test_no_dictionary_of_recordings_and_uses_opens_a_public_commitment(told: Story) -> None:
    """The strongest guesser knows every record to the byte, and lacks only the openings."""
    codes = {b64decode(parse_json(entry)["c"]) for entry in public_entries(told)}
    assert len(codes) == size(told)
    own = [
        checked(told, receipt(told.house, told.logs.consent, number))
        for number in range(1, size(told) + 1)
    ]
    records = [rfc8785.dumps(dict(found.record or {})) for found in own]
    guesses = list(records)
    template = next(
        found.record for found in own if found.entry and found.entry["k"] == "statement"
    )
    assert template is not None
    for recording, program, use in product(
        [None, *told.recordings], [None, *PROGRAMS], ["partner/train-rival", "platform/search"]
    ):
        body = {**template["body"], "recording": recording, "program": program, "grants": [use]}
        guesses.append(rfc8785.dumps({**template, "body": body}))
    for guess in guesses:
        without = {commitment(b"", guess), commitment(bytes(32), guess), sha256(guess).digest()}
        assert not codes & without
    # with the openings each is opened, so the guesses are right and only they are missing
    with told.house.reading() as connection:
        rows = connection.execute(tables.events.select().order_by(tables.events.c.number)).all()
    assert {commitment(row.opening, said) for row, said in zip(rows, records, strict=True)} == codes


def test_the_public_files_name_nobody(told: Story) -> None:
    store = told.logs.consent.store
    public = b"".join(store.get(name) or b"" for name in store.names())
    index = told.logs.index.store
    public += b"".join(index.get(name) or b"" for name in index.names())
    with told.house.reading() as connection:
        accounts = connection.execute(tables.accounts.select()).all()
        recordings = connection.execute(tables.recordings.select()).all()
    assert b"Nightjar" in public, "what programs are for is public"
    for row in accounts:
        assert row.name.encode() not in public
        assert f'"{row.id}"'.encode() not in public
    for row in recordings:
        for told_of in (f'"{row.id}"', row.title, row.digest, row.audio_digest, row.blob):
            assert told_of.encode() not in public
