"""The evidence of a set: what is in it, what a stranger finds, and which lies are found out."""

import io
import json
import random
import shutil
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from assent.acts.house import House
from assent.acts.log_keys import rotate
from assent.acts.logs import Logs
from assent.acts.publish import publish_terms
from assent.acts.say import About, grant
from assent.catalogue.events import head
from assent.errors import StorageFailed
from assent.log.leaf import commitment, entry
from assent.log.note import Signer
from assent.log.proof import parse_proof
from assent.log.receipt import Verdict
from assent.settings import Settings
from assent.training import evidence_exclusions, evidence_files
from assent.training.build import build
from assent.training.evidence_check import check_evidence
from assent.training.forget import forget
from assent.training.item import Item
from tests.houses import Clock, platform
from tests.training.evidence_story import (
    FALSE,
    MEMBERS,
    PROGRAM,
    TOOL,
    TRUE,
    UNKNOWN,
    USUAL,
    WIDER_TERMS,
    Files,
    Told,
    changed_extra,
    cut_falsely,
    evidence_of,
    files_of,
    json_of,
    packed,
    receipt_of,
    signers_of,
    states,
    story,
    tell,
    text_of,
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell(tmp_path_factory.mktemp("told"))


@pytest.fixture
def house(told: Told, tmp_path: Path) -> Iterator[House]:
    """Give the platform as it was at the cut, to change."""
    shutil.copytree(told.folder / "cut", tmp_path / "data")
    clock = Clock()
    clock.turn(hours=1)
    with closing(House.open(Settings(data=tmp_path / "data"), clock=clock)) as opened:
        yield opened


@pytest.fixture
def later(told: Told, tmp_path: Path) -> Iterator[House]:
    """Give the platform as it was when the evidence was made, to change."""
    shutil.copytree(told.folder / "data", tmp_path / "data")
    clock = Clock()
    clock.turn(hours=2)
    with closing(House.open(Settings(data=tmp_path / "data"), clock=clock)) as opened:
        yield opened


# what is in it


def test_every_part_is_there_and_holds(told: Told) -> None:
    found = told.check(told.data)
    assert states(found) == USUAL
    assert (found.verdict, found.reason, found.holds) == (Verdict.VALID, "ok", True)
    assert (found.training_set, found.program) == ("s0", PROGRAM)
    assert [part.number for part in found.parts] == list(range(14))


def test_a_verdict_is_no_truth_value(told: Told) -> None:
    with pytest.raises(TypeError, match="not a truth value"):
        bool(told.check(told.data))


def test_it_is_checked_from_a_file_as_from_bytes(told: Told) -> None:
    assert told.check(told.folder / "evidence.zip") == told.check(told.data)
    with pytest.raises(StorageFailed, match="cannot look into the evidence"):
        told.check(told.folder / "nowhere.zip")


def test_equal_platforms_give_equal_bytes(later: House, tmp_path: Path) -> None:
    for name in ("first", "second"):
        evidence_of(later, tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_files_are_in_order_packed_and_without_times(told: Told) -> None:
    with zipfile.ZipFile(io.BytesIO(told.data)) as archive:
        infos = archive.infolist()
    names = [info.filename for info in infos]
    assert names == sorted(names)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.compress_type for info in infos} == {zipfile.ZIP_DEFLATED}


def test_the_list_names_every_file_and_its_digest(told: Told) -> None:
    files = files_of(told.data)
    text = files["evidence.note"].decode().partition("\n\n")[0]
    first, *lines = text.split("\n")
    assert first == "assent evidence 1"
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    held = {name: sha256(data).hexdigest() for name, data in files.items()}
    del held["evidence.note"]
    assert listed == held


def test_the_overview_tells_which_files_each_part_is_in(told: Told) -> None:
    files = files_of(told.data)
    overview = json_of(files, "evidence.json")
    assert [part["number"] for part in overview["parts"]] == list(range(1, 14))
    named = {name for part in overview["parts"] for name in part["files"]}
    folders = tuple(name for name in named if name.endswith("/"))
    others = {name for name in files if not name.startswith(folders)}
    assert others - named == {"evidence.json", "evidence.note"}


def test_members_come_by_rising_key_and_say_what_the_manifest_says(told: Told) -> None:
    lines = [json.loads(line) for line in files_of(told.data)["items.jsonl"].splitlines()]
    keys = [line["key"] for line in lines]
    assert keys == sorted(keys)
    assert {line["item"]["recording"] for line in lines} == set(MEMBERS)


def test_what_is_nobody_s_business_is_not_in_it(told: Told) -> None:
    files = files_of(told.data)
    receipts = [parse_proof(data) for name, data in files.items() if name.endswith("-proof")]
    shown = [json.loads(proof.extra or b"") for proof in receipts]
    lines = [json.loads(line) for line in files["recordings.jsonl"].splitlines()]
    extras = [*shown, *(proof["extra"] for line in lines for proof in line)]
    said = [json.dumps(extras), *(str(data) for name, data in files.items() if "json" in name)]
    for secret in ("a secret dispute", '"desk"', '"Kim"', '"Lee"', "someone@example.org"):
        assert secret not in "".join(said), secret
    assert all("by" not in extra.get("shown", {}) for extra in extras)
    assert "Ada Quill" in "".join(said)


def test_left_out_is_counted_by_its_first_reason(told: Told) -> None:
    said = json_of(files_of(told.data), "exclusions.json")
    found = {one["reason"]: one["sample"] for one in said["reasons"]}
    assert found == {"held": ["r10"], "not-granted": ["r1", "r3"], "refused": ["r7"]}
    assert (said["all"], said["items"], said["recomputed"]) == (11, 7, True)


def test_what_was_taken_back_since_has_a_deadline(told: Told) -> None:
    said = json_of(files_of(told.data), "revocations.json")
    assert [one["recording"] for one in said["recalled"]] == ["r2", "r8"]
    assert [one["reasons"] for one in said["recalled"]] == [["not-granted"], ["held"]]
    assert all(one["deadline"].startswith("2032-02-29") for one in said["recalled"])
    assert len(json_of(files_of(told.data), "complaints.json")["holds"]) == 2


def test_the_agreement_and_the_model_are_named(told: Told) -> None:
    files = files_of(told.data)
    (agreement,) = json_of(files, "exempt.json")["agreements"]
    assert (agreement["id"], agreement["members"]) == ("lantern-1", 1)
    (model,) = json_of(files, "model.json")["models"]
    assert model == {
        "name": "model.bin",
        "sha256": sha256(b"weights").hexdigest(),
        "size_bytes": 7,
    }


def test_the_summary_leaves_blank_what_nobody_knows(told: Told) -> None:
    said = files_of(told.data)["summary.md"].decode()
    assert "- Recordings: 7\n" in said
    assert "- Model: nightjar-1\n" in said
    assert "- of these under agreements: lantern-1 (1)\n" in said
    assert "- Provider: _not known to the platform" in said


# what happens to it as time goes on


def test_without_anything_since_little_is_unknown(house: House, told: Told, tmp_path: Path) -> None:
    evidence_of(house, tmp_path / "e.zip")
    found = told.check(tmp_path / "e.zip")
    assert states(found) == {**USUAL, 8: UNKNOWN}
    assert found.part(9).text.endswith("nothing was taken back")
    assert "model-unknown" in found.part(13).text
    assert "no root over the latest words" in found.part(2).text


def test_an_erasure_leaves_the_rest_provable(later: House, told: Told, tmp_path: Path) -> None:
    forget(later, Logs(later), "Di Marrow", "Kim")
    made = evidence_of(later, tmp_path / "e.zip")
    assert (made.items, made.erased) == (5, 2)
    found = told.check(tmp_path / "e.zip")
    assert states(found) == {**USUAL, 1: UNKNOWN, 3: UNKNOWN, 8: UNKNOWN}
    assert found.holds
    files = files_of((tmp_path / "e.zip").read_bytes())
    assert "manifest.parquet" not in files
    assert b"Di Marrow" not in b"".join(files.values())
    assert "of 2 nobody can tell" in found.part(3).text
    assert "erased, manifest-left-out" in found.part(13).text
    # what was handed out before stays what it was
    assert states(told.check(told.data)) == USUAL


def test_an_erased_holder_of_many_takes_their_recordings_along(
    later: House, told: Told, tmp_path: Path
) -> None:
    forget(later, Logs(later), "Bo Ferrum", "Kim")
    made = evidence_of(later, tmp_path / "e.zip")
    assert (made.items, made.erased) == (5, 2)
    assert told.check(tmp_path / "e.zip").holds
    reasons = json_of(files_of((tmp_path / "e.zip").read_bytes()), "exclusions.json")["reasons"]
    assert {one["reason"]: one["count"] for one in reasons}["erased"] == 1


def test_a_wider_text_that_nobody_accepted_changes_no_ground(
    house: House, told: Told, tmp_path: Path
) -> None:
    wider = WIDER_TERMS.replace("assent-terms-2", "assent-terms-3").replace(
        'status = "opt_in"', 'status = "opt_out"', 1
    )
    publish_terms(house, wider, "Kim")
    build(house, PROGRAM, tmp_path / "set", by="Kim")
    evidence_of(house, tmp_path / "e.zip", "s1")
    found = told.check(tmp_path / "e.zip")
    assert states(found) == {**USUAL, 8: UNKNOWN}
    assert len(json_of(files_of((tmp_path / "e.zip").read_bytes()), "decision.json")["texts"]) == 4


def test_a_grant_that_ran_out_while_the_set_was_made_still_counts(
    house: House, told: Told, tmp_path: Path
) -> None:
    until = house.clock() + timedelta(minutes=5)
    grant(house, About(holder="Bo Ferrum", recording="r3", program=PROGRAM), TOOL, until=until)

    def wait(items: list[Item]) -> list[Item]:
        assert isinstance(house.clock, Clock)
        house.clock.turn(minutes=10)
        return items

    name = cut_falsely(house, tmp_path, wait)
    made = evidence_of(house, tmp_path / "e.zip", name)
    assert made.items == 8
    assert told.check(tmp_path / "e.zip").part(3).state is TRUE


def test_a_grant_that_ran_out_long_before_does_not(
    house: House, told: Told, tmp_path: Path
) -> None:
    until = house.clock() + timedelta(minutes=5)
    grant(house, About(holder="Bo Ferrum", recording="r3", program=PROGRAM), TOOL, until=until)

    def wait(items: list[Item]) -> list[Item]:
        assert isinstance(house.clock, Clock)
        house.clock.turn(days=2)
        return items

    name = cut_falsely(house, tmp_path, wait)
    evidence_of(house, tmp_path / "e.zip", name)
    assert "r3: it may not be in it" in text_of(told.check(tmp_path / "e.zip"), 3)


def test_both_keys_sign_after_a_rotation(later: House, told: Told, tmp_path: Path) -> None:
    rotate(later, Logs(later), "consent", "Kim")
    evidence_of(later, tmp_path / "e.zip")
    assert len(signers_of(later)) == 2
    assert told.check(tmp_path / "e.zip").holds  # by the old policy
    data = (tmp_path / "e.zip").read_bytes()
    assert check_evidence(io.BytesIO(data), Logs(later).policy()).holds


@pytest.mark.parametrize("most", ["MOST_EVENTS", "_MOST_DECIDED"])
def test_too_many_to_look_are_counted_and_said(
    later: House, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: str
) -> None:
    monkeypatch.setattr(evidence_exclusions, most, 1)
    evidence_of(later, tmp_path / "e.zip")
    found = told.check(tmp_path / "e.zip")
    assert states(found) == {**USUAL, 4: UNKNOWN, 8: UNKNOWN}
    assert found.part(4).text == "4 recordings left out; why was not recomputed"
    assert "exclusions-not-recomputed" in found.part(13).text


def test_nothing_left_out_is_said_so(tmp_path: Path) -> None:
    with platform(tmp_path / "data") as house:
        story(house, tmp_path, Clock())
        policy = Logs(house)
        policy.publish()
        made = evidence_of(house, tmp_path / "e.zip")
        assert made.size_bytes == (tmp_path / "e.zip").stat().st_size


# who vouches for it


def test_an_unwitnessed_log_makes_the_whole_unwitnessed_and_no_part_false(told: Told) -> None:
    from assent.log.note import COSIGNATURE, VerifierKey
    from assent.log.policy import Witness

    signer = Signer.of("witness.example/w", bytes(32))
    key = VerifierKey.of("witness.example/w", COSIGNATURE, signer.vkey.public)
    wants = replace(told.policy, witnesses=(Witness(name="w", key=key),), quorum="w")
    found = check_evidence(io.BytesIO(told.data), wants)
    assert (found.verdict, found.reason, found.holds) == (Verdict.UNWITNESSED, "quorum", False)
    assert states(found) == USUAL
    assert "not the same as yours" in found.part(11).text


def test_evidence_without_any_trusted_time_is_stale_where_age_counts(told: Told) -> None:
    found = told.check(told.data, max_age=timedelta(days=1))
    assert (found.verdict, found.reason, found.holds) == (Verdict.STALE, "no-time", False)
    assert states(found) == USUAL


def test_whom_nobody_trusts_proves_nothing(told: Told) -> None:
    stranger = Signer.of("elsewhere.example/consent", bytes(32))
    policy = replace(told.policy, logs=(replace(told.policy.logs[0], key=stranger.vkey),))
    found = check_evidence(io.BytesIO(told.data), policy)
    assert (found.verdict, found.reason) == (Verdict.INVALID, "bad-signature")
    assert set(states(found).values()) == {FALSE, UNKNOWN}


def test_another_platform_that_is_trusted_too_cannot_sign_for_this_one(
    told: Told, tmp_path: Path
) -> None:
    stranger = Signer.of("elsewhere.example/consent", bytes(32))
    logs = (*told.policy.logs, replace(told.policy.logs[0], key=stranger.vkey))
    data = packed(tmp_path, files_of(told.data), [stranger])
    found = check_evidence(io.BytesIO(data), replace(told.policy, logs=logs))
    assert (found.verdict, found.reason) == (Verdict.INVALID, "unknown-log")
    assert "of another platform" in found.part(0).text


# lies


def test_changes_without_the_keys_are_found(told: Told, tmp_path: Path) -> None:
    """Two hundred changes, as they are and signed by another key of the same name."""
    files = files_of(told.data)
    chance = random.Random(1)
    other = Signer.of(told.signers[0].vkey.name, bytes(32))
    for turn in range(200):
        name = chance.choice(sorted(files))
        changed = {**files, name: _mutated(chance, files[name])}
        if turn % 20 == 0:
            changed = {one: data for one, data in files.items() if one != name}
        if turn % 20 == 1:
            changed = {**files, f"{name}.more": files[name]}
        found = told.check(packed(tmp_path, changed))
        assert found.verdict is Verdict.INVALID, (name, turn)
        assert found.part(0).state is FALSE
        changed.pop("evidence.note", None)
        found = told.check(packed(tmp_path, changed, [other]))
        assert (found.verdict, found.reason) == (Verdict.INVALID, "bad-signature"), (name, turn)


def _mutated(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    some = bytes([data[place] ^ chance.randrange(1, 256)])
    return chance.choice(
        [
            data[:place] + some + data[place + 1 :],
            data[:place] + some + data[place:],
            data[:place] + data[place + 1 :],
            data[:place] + data[place:] * 2,
            data[:place],
        ]
    )


def test_every_changed_byte_of_the_signed_list_is_found(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    note = files["evidence.note"]
    for place in range(0, len(note), 97):
        changed = note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :]
        found = told.check(packed(tmp_path, {**files, "evidence.note": changed}))
        assert found.verdict is Verdict.INVALID


def test_a_recording_that_nobody_granted_is_found(house: House, told: Told, tmp_path: Path) -> None:
    def lie(items: list[Item]) -> list[Item]:
        said = next(item for item in items if item.recording == "r2")
        return [*items, _as(house, "r3", said)]

    name = cut_falsely(house, tmp_path, lie)
    evidence_of(house, tmp_path / "e.zip", name)
    found = told.check(tmp_path / "e.zip")
    text = text_of(found, 3)
    assert text.startswith("r3: it may not be in it: Bo Ferrum has not said yes to")
    assert states(found) == {**USUAL, 3: FALSE, 8: UNKNOWN}
    assert found.reason == "bad-record"


def test_a_recording_that_was_taken_back_before_is_found(
    house: House, told: Told, tmp_path: Path
) -> None:
    def lie(items: list[Item]) -> list[Item]:
        return [*items, _as(house, "r1", items[0])]

    name = cut_falsely(house, tmp_path, lie)
    evidence_of(house, tmp_path / "e.zip", name)
    text = text_of(told.check(tmp_path / "e.zip"), 3)
    assert text.startswith("r1: it may not be in it: Ada Quill has not said yes to")


def _as(house: House, recording: str, said: Item) -> Item:
    """Return the item of a recording with the grounds of another, as if they were its own."""
    from sqlalchemy import select

    from assent.catalogue import tables

    recordings = tables.recordings.c
    with house.reading() as connection:
        query = select(tables.recordings).where(recordings.id == recording)
        row = connection.execute(query).one()
    grounds = tuple(replace(ground, recording=recording) for ground in said.grounds)
    return replace(
        said,
        recording=row.id,
        number=row.number,
        title=row.title,
        file=f"{row.id}.wav",
        digest=row.digest,
        audio_digest=row.audio_digest,
        size_bytes=row.size_bytes,
        frames=row.frames,
        sr=row.sr,
        channels=row.channels,
        codec=row.codec,
        licence=row.licence,
        grounds=grounds,
    )


def changed_item(house: House, folder: Path, recording: str, change: Callable[[Item], Item]) -> str:
    """Put a set on record of which one item was changed; return its id."""

    def lie(items: list[Item]) -> list[Item]:
        return [change(item) if item.recording == recording else item for item in items]

    return cut_falsely(house, folder, lie)


def _without_holder(item: Item) -> Item:
    return replace(item, grounds=tuple(g for g in item.grounds if g.name != "Bo Ferrum"))


def _with_kind(item: Item) -> Item:
    first, *others = item.grounds
    return replace(item, grounds=(replace(first, kind="believed"), *others))


def _with_events(item: Item, *events: int) -> Item:
    first, *others = item.grounds
    return replace(item, grounds=(replace(first, events=events), *others))


def _with_uses(item: Item) -> Item:
    *others, last = item.grounds
    return replace(item, grounds=(*others, replace(last, uses=("partner/supply",))))


@pytest.mark.parametrize(
    ("recording", "change", "text"),
    [
        ("r4", _without_holder, "its grounds are not those that the receipts give"),
        ("r4", _with_uses, "its grounds are not those that the receipts give"),
        ("r0", _with_kind, "it stands on a ground of an unknown kind, 'believed'"),
        ("r0", lambda item: replace(item, title="Another"), "its title is not the one"),
        ("r0", lambda item: replace(item, digest="00" * 32), "its digest is not the one"),
        ("r0", lambda item: replace(item, frames=item.frames + 1), "its frames is not the one"),
        ("r0", lambda item: replace(item, file="r0.mp3"), "its file is not the one"),
        ("r0", lambda item: replace(item, grounds=item.grounds[1:]), "its grounds are not"),
        ("r0", lambda item: replace(item, grounds=item.grounds * 2), "its grounds are not"),
    ],
)
def test_an_item_that_says_what_is_not_so_is_found(
    house: House,
    told: Told,
    tmp_path: Path,
    recording: str,
    change: Callable[[Item], Item],
    text: str,
) -> None:
    name = changed_item(house, tmp_path, recording, change)
    evidence_of(house, tmp_path / "e.zip", name)
    assert f"{recording}: {text}" in text_of(told.check(tmp_path / "e.zip"), 3)


def test_a_ground_from_after_the_cut_is_found(house: House, told: Told, tmp_path: Path) -> None:
    with house.reading() as connection:
        after = head(connection) + 1
    name = changed_item(house, tmp_path, "r0", lambda item: _with_events(item, after))
    evidence_of(house, tmp_path / "e.zip", name)
    text = text_of(told.check(tmp_path / "e.zip"), 3)
    assert text == f"r0: event {after} came after the set was selected"


def test_a_set_for_another_program_s_uses_is_found(
    house: House, told: Told, tmp_path: Path
) -> None:
    """The manifest's heading is the operator's to lie in, too."""
    name = cut_falsely(house, tmp_path, lambda items: items, uses=("partner/train-voice",))
    evidence_of(house, tmp_path / "e.zip", name)
    assert "another program or head" in text_of(told.check(tmp_path / "e.zip"), 1)


# lies of an operator who signs them


def as_if_erased(extra: Any) -> Any:
    """Return what a receipt shows once its content is gone."""
    record, opening = extra["record"], b64decode(extra["opening"])
    made = entry(
        kind=record["kind"],
        at=record["at"],
        body=record["body"],
        commitment=commitment(opening, rfc8785.dumps(record)),
    )
    return {"entry": json.loads(made)}


def test_a_receipt_that_is_left_out_is_found(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    for kind, at, text in [
        ("statement", 0, "there is no receipt of event"),
        ("terms.accept", -1, "there is no receipt of event"),
        ("terms.publish", 0, "r2: it may not be in it: Bo Ferrum has accepted no terms"),
        ("agreement", 0, "there is no receipt of event"),
        ("program.approve", 0, "there is no receipt of event"),
        ("program.resume", 0, "it may not be in it: The program tool-train is suspended"),
    ]:
        left = {**files}
        del left[receipt_of(files, kind, at)]
        assert text in text_of(told.resigned(tmp_path, left), 3), kind


def test_a_program_that_nobody_proposed_is_found(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    del files[receipt_of(files, "program.propose")]
    found = told.resigned(tmp_path, files)
    assert "ever proposed" in text_of(found, 3) or "by nobody" in text_of(found, 3)
    for number in (2, 7, 9, 12, 13):
        assert "ever proposed" in text_of(found, number)


def test_a_forged_receipt_is_found_and_named(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    name = receipt_of(files, "statement")

    def forge(extra: Any) -> Any:
        extra["record"]["body"]["grants"] = ["partner/supply"]
        return extra

    found = told.resigned(tmp_path, {**files, name: changed_extra(files[name], forge)})
    assert f"{name}: a receipt does not hold: what it shows is not in the log" in text_of(found, 3)


def test_a_receipt_under_another_number_is_found(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    name = receipt_of(files, "terms.accept")
    found = told.resigned(tmp_path, {**files, "receipts/40000.tlog-proof": files[name]})
    assert "it is the receipt of another event" in text_of(found, 3)
    found = told.resigned(tmp_path, {**files, "receipts/007.tlog-proof": files[name]})
    assert "it is the receipt of another event" in text_of(found, 3)


def test_a_receipt_of_another_log_is_found(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    files["receipts/1.tlog-proof"] = files["training-set.tlog-proof"]
    assert "a receipt is of another log" in text_of(told.resigned(tmp_path, files), 3)


def test_an_erasure_that_never_was_excuses_nothing(told: Told, tmp_path: Path) -> None:
    """Content that is said to be erased needs an erasure on record."""
    files = files_of(told.data)
    name = receipt_of(files, "terms.accept", -1)
    files[name] = changed_extra(files[name], as_if_erased)
    found = told.resigned(tmp_path, files)
    assert text_of(found, 3) == "members are said to be erased, and no erasure came after the set"


def test_content_that_was_erased_leaves_its_members_unknown(
    later: House, told: Told, tmp_path: Path
) -> None:
    forget(later, Logs(later), "Di Marrow", "Kim")
    evidence_of(later, tmp_path / "e.zip")
    files = files_of((tmp_path / "e.zip").read_bytes())
    name = receipt_of(files, "agreement")
    files[name] = changed_extra(files[name], as_if_erased)
    found = told.resigned(tmp_path, files)
    assert found.part(3).state is UNKNOWN
    assert found.part(3).text.startswith("4 members with the grounds needed; of 3 nobody can tell")


def lines_of(files: Files, name: str = "recordings.jsonl") -> list[Any]:
    return [json.loads(line) for line in files[name].splitlines()]


def with_lines(files: Files, lines: list[Any], name: str = "recordings.jsonl") -> Files:
    return {**files, name: b"".join(rfc8785.dumps(line) + b"\n" for line in lines)}


def line_of(files: Files, recording: str) -> int:
    named = [line["item"]["recording"] for line in lines_of(files, "items.jsonl")]
    return named.index(recording)


def kinds_of(line: list[Any]) -> list[str]:
    return [proof["extra"]["record"]["kind"] for proof in line]


def test_each_line_has_all_that_was_said_of_its_recording_alone(told: Told) -> None:
    files = files_of(told.data)
    lines = lines_of(files)
    found = {one: kinds_of(lines[line_of(files, one)]) for one in MEMBERS}
    assert found == {
        "r0": ["recording"],
        "r2": ["recording", "statement"],
        "r4": ["recording", "statement"],
        "r5": ["recording"],
        "r8": ["recording"],
        "r6": ["recording", "recording", "copy"],
        "r9": ["recording", "holding"],
    }


@pytest.mark.parametrize(
    ("recording", "left_out", "text"),
    [
        ("r0", 0, "nothing shows that it was registered"),
        ("r2", 1, "there is no receipt of event"),
        ("r6", 0, "the receipts do not show who holds r0"),
        ("r6", 2, "its grounds are not those that the receipts give"),
        ("r9", 1, "the receipts do not show who holds r9"),
    ],
)
def test_a_line_that_lacks_a_receipt_is_found(
    told: Told, tmp_path: Path, recording: str, left_out: int, text: str
) -> None:
    files = files_of(told.data)
    lines = lines_of(files)
    del lines[line_of(files, recording)][left_out]
    found = told.resigned(tmp_path, with_lines(files, lines))
    assert f"{recording}: {text}" in text_of(found, 3)


def test_a_holder_who_is_not_shown_is_missed(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    lines = lines_of(files)
    line = lines[line_of(files, "r4")]
    assert len(line[0]["extra"]["shown"]["holders"]) == 2
    del line[0]["extra"]["shown"]["holders"][0]
    found = told.resigned(tmp_path, with_lines(files, lines))
    assert "r4: the receipts do not show who holds r4" in text_of(found, 3)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda line: [*line, line[0]], "receipts do not come by rising number"),
        (lambda line: line[::-1], "receipts do not come by rising number"),
        (lambda line: {"a": line}, "a proof about a recording"),
        (lambda line: [[]], "a proof about a recording is not an object"),
        (lambda line: [{**line[0], "more": 1}], "has other fields"),
        (lambda line: [{**line[0], "path": ["zz"]}], "written in a strange way"),
        (lambda line: [{**line[0], "path": ["00"]}], "not 32 bytes"),
        (lambda line: [{**line[0], "path": ["AA" * 32]}], "written in a strange way"),
        (lambda line: [{**line[0], "extra": []}], "is not an object"),
        (lambda line: [{**line[0], "index": -1}], "has no index as it should be"),
        (lambda line: [{**line[0], "index": 1.5}], "has no index as it should be"),
        (lambda line: [{**line[0], "extra": {}}], "a receipt does not hold"),
        (lambda line: [], "nothing shows that it was registered"),
    ],
)
def test_a_line_that_is_not_written_as_one_is_found(
    told: Told, tmp_path: Path, change: Callable[[Any], Any], text: str
) -> None:
    files = files_of(told.data)
    lines = lines_of(files)
    at = line_of(files, "r2")
    lines[at] = change(lines[at])
    assert text in text_of(told.resigned(tmp_path, with_lines(files, lines)), 3)


@pytest.mark.parametrize(
    "line", [b"\xff", b"[", b"[] ", b" []", b"", b"[[]]", b"[1,2]", b'"a"', b"[" * 100_000]
)
def test_a_line_of_receipts_that_is_no_list_is_found(
    told: Told, tmp_path: Path, line: bytes
) -> None:
    files = files_of(told.data)
    lines = files["recordings.jsonl"].splitlines()
    lines[0] = line
    found = told.resigned(tmp_path, {**files, "recordings.jsonl": b"\n".join([*lines, b""])})
    text_of(found, 3)


def test_receipts_for_somebody_who_is_not_named_are_found(
    later: House, told: Told, tmp_path: Path
) -> None:
    forget(later, Logs(later), "Di Marrow", "Kim")
    evidence_of(later, tmp_path / "e.zip")
    files = files_of((tmp_path / "e.zip").read_bytes())
    lines = lines_of(files)
    gone = lines.index([])
    lines[gone] = next(line for line in lines if line)
    found = told.resigned(tmp_path, with_lines(files, lines))
    assert "a member that is not named has receipts" in text_of(found, 3)


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b"\xff",
        b'{"item":null,"key":"00","value":"00"}',
        b'{"item":null,"key":"%b","value":"%b"}' % (b"zz" * 32, b"00" * 32),
        b'{"item":1,"key":"%b","value":"%b"}' % (b"00" * 32, b"00" * 32),
        b'{"item": null,"key":"%b","value":"%b"}' % (b"00" * 32, b"00" * 32),
        b'{"item":null,"key":"%b","value":"%b"} ' % (b"00" * 32, b"00" * 32),
    ],
)
def test_a_line_of_items_that_is_none_is_found(told: Told, tmp_path: Path, line: bytes) -> None:
    files = files_of(told.data)
    lines = files["items.jsonl"].splitlines()
    changed = b"\n".join([line, *lines[1:], b""])
    found = told.resigned(tmp_path, {**files, "items.jsonl": changed})
    text_of(found, 1)
    text_of(found, 3)
    for number in (5, 9, 12, 13):
        assert "could not be read" in text_of(found, number)


@pytest.mark.parametrize(
    "fields",
    [
        {"sr": 0},
        {"frames": 1.5},
        {"size_bytes": 2**53},
        {"title": 1},
        {"title": "\ud800"},
        {"recording": "r1"},
        {"file": "../r0.wav"},
        {"more": 1},
        {"grounds": [1]},
        {"grounds": {}},
        {"number": True},
    ],
)
def test_an_item_that_cannot_be_one_is_found(
    told: Told, tmp_path: Path, fields: dict[str, Any]
) -> None:
    files = files_of(told.data)
    lines = lines_of(files, "items.jsonl")
    lines[0]["item"] |= fields
    made = [json.dumps(line, sort_keys=True, separators=(",", ":")) for line in lines]
    changed = "".join(line + "\n" for line in made).encode()
    text_of(told.resigned(tmp_path, {**files, "items.jsonl": changed}), 1)


def test_members_that_are_not_those_on_record_are_found(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    items, recordings = lines_of(files, "items.jsonl"), lines_of(files)
    fewer = with_lines(with_lines(files, items[1:], "items.jsonl"), recordings[1:])
    found = told.resigned(tmp_path, fewer)
    assert text_of(found, 1) == "listed: 6 members; on record: 7"
    odd = with_lines(files, recordings[1:])
    assert "not as many" in text_of(told.resigned(tmp_path, odd), 1)
    swapped = with_lines(files, [items[1], items[0], *items[2:]], "items.jsonl")
    assert "rising key" in text_of(told.resigned(tmp_path, swapped), 1)
    items[0]["value"] = "00" * 32
    other = told.resigned(tmp_path, with_lines(files, items, "items.jsonl"))
    assert text_of(other, 1) == "the members listed are not those on record"
    assert "what is said of it is not what went on record" in text_of(other, 3)


def test_an_item_that_is_hidden_is_missed_in_the_manifest(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    items, recordings = lines_of(files, "items.jsonl"), lines_of(files)
    items[0]["item"], recordings[0] = None, []
    files = with_lines(with_lines(files, items, "items.jsonl"), recordings)
    found = told.resigned(tmp_path, files)
    assert text_of(found, 1) == "the manifest names other items than are listed"
    assert "no erasure came after the set" in text_of(found, 3)


def test_another_manifest_is_found_and_not_even_opened(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    found = told.resigned(tmp_path, {**files, "manifest.parquet": b"PAR1 and no more"})
    assert text_of(found, 1) == "the manifest is not the one on record"
    del files["manifest.parquet"]
    found = told.resigned(tmp_path, files)
    assert text_of(found, 1) == "the manifest is missing, though nobody was erased from it"


def test_a_manifest_that_names_other_items_is_found(
    house: House, told: Told, tmp_path: Path
) -> None:
    """The root is over one list, the digest of another: an operator can put both on record."""
    name = cut_falsely(
        house,
        tmp_path,
        lambda items: items,
        after=lambda items: [replace(item, artist="Nobody") for item in items],
    )
    evidence_of(house, tmp_path / "e.zip", name)
    found = told.check(tmp_path / "e.zip")
    assert found.part(1).state is FALSE


@pytest.mark.parametrize("name", sorted(evidence_files.FILES[1] + evidence_files.FILES[2][:1]))
def test_a_file_that_is_left_out_is_missed(told: Told, tmp_path: Path, name: str) -> None:
    files = files_of(told.data)
    del files[name]
    found = told.resigned(tmp_path, files)
    assert found.verdict is Verdict.INVALID
    wrong = [part.text for part in found.parts if part.state is FALSE]
    assert any(name in text or "missing" in text for text in wrong)
