"""The evidence of a set: what is in it, and what a stranger finds as time goes on."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from assent.acts.house import House
from assent.acts.log_keys import rotate
from assent.acts.logs import Logs
from assent.acts.say import About, grant
from assent.catalogue import tables
from assent.errors import StorageFailed, Tampered
from assent.log.keys import load_keys
from assent.log.note import Signer
from assent.log.proof import parse_proof
from assent.log.receipt import Verdict
from assent.training import evidence_exclusions, evidence_sources
from assent.training.build import build
from assent.training.evidence_check import check_evidence
from assent.training.evidence_exclusions import Exclusions
from assent.training.forget import forget
from assent.training.item import Item
from assent.training.listing import find_set
from assent.training.manifest import opened, write
from assent.training.members import kept_manifest
from tests.houses import Clock, publish_at_last
from tests.training.evidence_lies import (
    PROGRAM,
    as_another,
    cut_falsely,
    files_of,
    json_of,
    packed,
    signers_of,
)
from tests.training.evidence_story import (
    FALSE,
    MEMBERS,
    TOOL,
    TRUE,
    UNKNOWN,
    USUAL,
    WIDER_TERMS,
    Told,
    evidence_of,
    states,
    tell,
    text_of,
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell(tmp_path_factory.mktemp("told"))


@pytest.fixture
def house(told: Told, tmp_path: Path) -> Iterator[House]:
    """Give the platform as it was at the cut, to change."""
    with told.reopened("cut", tmp_path) as opened:
        yield opened


@pytest.fixture
def later(told: Told, tmp_path: Path) -> Iterator[House]:
    """Give the platform as it was when the evidence was made, to change."""
    with told.reopened("data", tmp_path) as opened:
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
    # a month later than before: the wider text of the story waits for its notice first
    assert all(one["deadline"].startswith("2032-03-31") for one in said["recalled"])
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
    assert states(found) == {**USUAL, 1: UNKNOWN, 3: UNKNOWN, 8: UNKNOWN, 9: UNKNOWN}
    assert (found.verdict, found.reason) == (Verdict.ERASED, "erased")
    assert (found.members, found.checked) == (7, 5)
    assert found.holds
    assert found.part(9).text.endswith("beside 2 members that an erasure took")
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
    publish_at_last(house, wider, "Kim")
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
    assert isinstance(house.clock, Clock)
    since, until = house.clock() + timedelta(minutes=1), house.clock() + timedelta(minutes=5)
    about = About(holder="Bo Ferrum", recording="r3", program=PROGRAM)
    grant(house, about, TOOL, since=since, until=until)
    house.clock.turn(minutes=2)

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


def test_the_other_log_of_the_platform_cannot_sign_the_list(told: Told, tmp_path: Path) -> None:
    (key,) = load_keys(told.folder / "data" / "log-keys" / "index")
    assert isinstance(key, Signer)
    found = told.check(packed(tmp_path, files_of(told.data), [key]))
    assert (found.verdict, found.reason) == (Verdict.INVALID, "bad-signature")


def test_another_platform_that_is_trusted_too_cannot_sign_for_this_one(
    told: Told, tmp_path: Path
) -> None:
    stranger = Signer.of("elsewhere.example/consent", bytes(32))
    logs = (*told.policy.logs, replace(told.policy.logs[0], key=stranger.vkey))
    data = packed(tmp_path, files_of(told.data), [stranger])
    found = check_evidence(io.BytesIO(data), replace(told.policy, logs=logs))
    assert (found.verdict, found.reason) == (Verdict.INVALID, "unknown-log")
    assert "of another platform" in found.part(0).text


def test_a_manifest_that_was_not_kept_leaves_all_members_unknown(
    later: House, told: Told, tmp_path: Path
) -> None:
    kept_manifest(later, find_set(later, "s0").manifest).unlink()
    made = evidence_of(later, tmp_path / "e.zip")
    assert (made.items, made.erased) == (0, 7)
    found = told.check(tmp_path / "e.zip")
    assert "no erasure came after the set" in text_of(found, 3)
    forget(later, Logs(later), "Di Marrow", "Kim")
    evidence_of(later, tmp_path / "e.zip")
    found = told.check(tmp_path / "e.zip")
    assert (found.part(3).state, found.verdict) == (UNKNOWN, Verdict.ERASED)
    assert not found.holds  # nothing is left that could


def test_no_more_members_can_be_said_to_be_erased_than_events_were(
    house: House, told: Told, tmp_path: Path
) -> None:
    with house.act("Kim") as act:
        act.record("erasure", {"events": 6})
    kept_manifest(house, find_set(house, "s0").manifest).unlink()
    assert evidence_of(house, tmp_path / "e.zip").erased == 7
    found = told.check(tmp_path / "e.zip")
    assert text_of(found, 3) == "7 members are said to be erased, and 6 events were"


@pytest.mark.parametrize("number", [3, 99])
def test_a_kept_manifest_with_other_members_is_tampered_with(
    later: House, tmp_path: Path, number: int
) -> None:
    kept = kept_manifest(later, find_set(later, "s0").manifest)
    with opened(kept) as manifest:
        heading, items = manifest.heading, list(manifest.items())
    if number == 3:
        more = as_another(later, "r3", items[0])
    else:
        more = replace(items[0], recording="r99", number=99, file="r99.wav")
    kept.unlink()
    write(kept, heading, sorted([*items, more], key=lambda item: item.number))
    with pytest.raises(Tampered, match=r"is not what was put on record|lacks r99"):
        evidence_of(later, tmp_path / "e.zip")


def test_a_set_without_its_program_is_tampered_with(later: House, tmp_path: Path) -> None:
    with later.act("Kim") as act:
        act.connection.execute(tables.programs.delete())
    with pytest.raises(Tampered, match="the events of s0 are not there"):
        evidence_of(later, tmp_path / "e.zip")


def test_a_root_that_knows_less_than_the_selection_covers_nothing(
    house: House, told: Told, tmp_path: Path
) -> None:
    with house.act("index") as act:
        act.record("index.root", {"head": 3, "n": 0, "root": "00" * 32})
    evidence_of(house, tmp_path / "e.zip")
    found = told.check(tmp_path / "e.zip")
    assert found.part(2).state is TRUE
    assert "no root over the latest words has come after it yet" in found.part(2).text


def test_a_chain_of_copies_that_is_cut_short_proves_nothing(
    later: House, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_sources, "LONGEST_CHAIN", 1)
    evidence_of(later, tmp_path / "e.zip")
    text = text_of(told.check(tmp_path / "e.zip"), 3)
    assert text == "r6: the receipts do not show who holds r0"


def test_samples_of_what_was_left_out_are_small() -> None:
    left = Exclusions(every=40, recomputed=True)
    for number in range(30):
        left.add("held", f"r{number}")
    (said,) = left.as_json()
    assert said == {"count": 30, "reason": "held", "sample": [f"r{n}" for n in range(10)]}
