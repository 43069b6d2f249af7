"""The small parts of evidence, changed and signed again by the operator, and what is found."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import rfc8785

from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.receipts import receipt
from assent.errors import BadInput, StorageFailed, Tampered, Unknown
from assent.settings import Settings
from assent.training import evidence_files
from assent.training.evidence import make_evidence
from assent.training.evidence_claimed import Claimed
from assent.training.listing import find_set
from assent.training.members import kept_manifest
from tests.houses import Clock
from tests.training.evidence_lies import Files, files_of, json_of, receipt_of, rewritten
from tests.training.evidence_story import (
    FALSE,
    LAST,
    LIFTED,
    PLACED,
    ROOT,
    SET,
    TAKEN_BACK,
    UNKNOWN,
    USUAL,
    Told,
    afterwards,
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
    copytree(told.folder / "cut", tmp_path / "data")
    clock = Clock()
    clock.turn(hours=1)
    with closing(House.open(Settings(data=tmp_path / "data"), clock=clock)) as opened:
        yield opened


def first(files: Files, name: str, field: str) -> Any:
    return json_of(files, name)[field][0]


LIES: list[tuple[int, str, Callable[[Any], Any], str]] = [
    (2, "decision.json", lambda said: {**said, "head": 3}, "about another set"),
    (2, "decision.json", lambda said: {**said, "event": 3}, "about another set"),
    (2, "decision.json", lambda said: {**said, "at": None}, "about another set"),
    (2, "decision.json", lambda said: {**said, "at": "yesterday"}, "no at as it should be"),
    (2, "decision.json", lambda said: {**said, "at": "2031-02-30T00:00:00.000Z"}, "is no date"),
    (2, "decision.json", lambda said: {**said, "at": 7}, "no at as it should be"),
    (
        2,
        "decision.json",
        lambda said: {**said, "program": {**said["program"], "uses": ["partner/supply"]}},
        "about another program",
    ),
    (
        2,
        "decision.json",
        lambda said: {**said, "program": {**said["program"], "territories": "DE"}},
        "about another program",
    ),
    (2, "decision.json", lambda said: {**said, "texts": said["texts"][1:]}, "other texts"),
    (2, "decision.json", lambda said: {**said, "texts": []}, "other texts"),
    (
        2,
        "decision.json",
        lambda said: {**said, "texts": [{**text, "digest": "0"} for text in said["texts"]]},
        "other texts",
    ),
    (
        2,
        "decision.json",
        lambda said: {**said, "index_root": {"event": ROOT, "head": ROOT}},
        "a root that does not cover it",
    ),
    (
        2,
        "decision.json",
        lambda said: {**said, "index_root": {"event": 3, "head": SET - 1}},
        "a root that does not cover it",
    ),
    (2, "decision.json", lambda said: {**said, "more": 1}, "other fields"),
    (4, "exclusions.json", lambda said: {**said, "head": 3}, "about another set"),
    (4, "exclusions.json", lambda said: {**said, "all": 12}, "do not add up"),
    (4, "exclusions.json", lambda said: {**said, "reasons": said["reasons"][1:]}, "not add up"),
    (
        4,
        "exclusions.json",
        lambda said: {**said, "reasons": [said["reasons"][0]] * 2},
        "names a reason twice",
    ),
    (
        4,
        "exclusions.json",
        lambda said: {**said, "reasons": [{"count": 4, "reason": "shy", "sample": []}]},
        "a reason that there is not, 'shy'",
    ),
    (
        4,
        "exclusions.json",
        lambda said: {**said, "reasons": [{"count": 0, "reason": "held", "sample": []}]},
        "a reason that there is not, 'held'",
    ),
    (
        4,
        "exclusions.json",
        lambda said: {**said, "reasons": [{"count": 4, "reason": "held", "sample": ["r0"]}]},
        "names a member",
    ),
    (
        4,
        "exclusions.json",
        lambda said: {**said, "reasons": [{"count": 4, "reason": "held", "sample": ["Ada"]}]},
        "names no recording",
    ),
    (
        4,
        "exclusions.json",
        lambda said: {**said, "reasons": [{"count": 1, "reason": "held", "sample": ["r1", "r3"]}]},
        "a sample is too large",
    ),
    (
        4,
        "exclusions.json",
        lambda said: {**said, "reasons": [{"count": 2, "reason": "held", "sample": ["r1"] * 2}]},
        "a sample is too large",
    ),
    (
        4,
        "exclusions.json",
        lambda said: {
            **said,
            "reasons": [{"count": 4, "reason": "not-recomputed", "sample": []}],
        },
        "two things about how it was made",
    ),
    (5, "exempt.json", lambda said: {"agreements": []}, "stand on other agreements"),
    (
        5,
        "exempt.json",
        lambda said: {"agreements": [{**said["agreements"][0], "members": 2}]},
        "stand on other agreements",
    ),
    (
        5,
        "exempt.json",
        lambda said: {"agreements": [{**said["agreements"][0], "digest": "0"}]},
        "is not the one on record",
    ),
    (
        5,
        "exempt.json",
        lambda said: {"agreements": [{**said["agreements"][0], "id": "another"}]},
        "'another' is not the one on record",
    ),
    (6, "signals.json", lambda said: {**said, "captured": True}, "names signals"),
    (6, "signals.json", lambda said: {**said, "signals": [{}]}, "names signals"),
    (6, "signals.json", lambda said: {**said, "captured": 1}, "no captured as it should be"),
    (7, "run.json", lambda said: {**said, "set": "s9"}, "about another set"),
    (7, "run.json", lambda said: {**said, "purpose": "To be kind."}, "another owner or purpose"),
    (7, "run.json", lambda said: {**said, "owner": "Somebody"}, "another owner or purpose"),
    (7, "run.json", lambda said: {**said, "code": "zz" * 32}, "no code as it should be"),
    (7, "run.json", lambda said: {**said, "version": 1}, "no version as it should be"),
    (8, "model.json", lambda said: {**said, "manifest": "0"}, "about another set"),
    (8, "model.json", lambda said: {**said, "root": "00" * 32}, "about another set"),
    (8, "model.json", lambda said: {**said, "models": [{"name": "m"}]}, "other fields"),
    (9, "revocations.json", lambda said: {**said, "as_of": 3}, "of another day or program"),
    (9, "revocations.json", lambda said: {**said, "retention_days": 3}, "another day or program"),
    (
        9,
        "revocations.json",
        lambda said: {**said, "recalled": [said["recalled"][0]] * 2},
        "names a recording twice",
    ),
    (
        9,
        "revocations.json",
        lambda said: {**said, "recalled": [{**said["recalled"][0], "recording": "r7"}]},
        "r7 was never in the set",
    ),
    (
        9,
        "revocations.json",
        lambda said: {**said, "recalled": [{**said["recalled"][0], "recording": "x"}]},
        "names no recording",
    ),
    (
        9,
        "revocations.json",
        lambda said: {**said, "recalled": [{**said["recalled"][0], "events": [9999]}]},
        "no receipt of event 9999",
    ),
    (
        9,
        "revocations.json",
        lambda said: {**said, "recalled": [{**said["recalled"][0], "events": [1]}]},
        "is not what it is said to be",
    ),
    (
        9,
        "revocations.json",
        lambda said: {**said, "recalled": [{**said["recalled"][0], "events": [ROOT]}]},
        "nobody took r2 back by that",
    ),
    (
        9,
        "revocations.json",
        lambda said: {**said, "recalled": [{**said["recalled"][0], "events": []}]},
        "a deadline and no event",
    ),
    (
        9,
        "revocations.json",
        lambda said: {**said, "recalled": [{**said["recalled"][0], "deadline": None}]},
        "another deadline",
    ),
    (
        9,
        "revocations.json",
        lambda said: {
            **said,
            "recalled": [{**said["recalled"][0], "deadline": "2039-01-01T00:00:00.000Z"}],
        },
        "another deadline",
    ),
    (10, "complaints.json", lambda said: {**said, "as_of": 3}, "of another day"),
    (10, "complaints.json", lambda said: {**said, "complaint_log": True}, "that there is not"),
    (
        10,
        "complaints.json",
        lambda said: {**said, "holds": [{"event": TAKEN_BACK, "lifted": None}]},
        f"event {TAKEN_BACK} is not what it is said to be",
    ),
    (
        10,
        "complaints.json",
        lambda said: {**said, "holds": [{"event": PLACED, "lifted": LAST}]},
        f"event {LAST} is not what it is said to be",
    ),
    (
        10,
        "complaints.json",
        lambda said: {**said, "holds": [{"event": PLACED, "lifted": "no"}]},
        "no lifted as it should be",
    ),
    (13, "exclusions.json", lambda said: {**said, "recomputed": False}, "does not say all"),
    (12, "model.json", lambda said: {**said, "models": 3}, "no models as it should be"),
]


@pytest.mark.parametrize(("number", "name", "change", "text"), LIES)
def test_a_part_that_says_what_is_not_so_is_found(
    told: Told,
    tmp_path: Path,
    number: int,
    name: str,
    change: Callable[[Any], Any],
    text: str,
) -> None:
    files = files_of(told.data)
    files[name] = rfc8785.dumps(change(json_of(files, name)))
    found = told.resigned(tmp_path, files)
    assert text in text_of(found, number)
    assert found.part(0).state is not FALSE


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (2, "decision.json"),
        (4, "exclusions.json"),
        (5, "exempt.json"),
        (6, "signals.json"),
        (7, "run.json"),
        (8, "model.json"),
        (9, "revocations.json"),
        (10, "complaints.json"),
        (11, "verifier.html"),
        (11, "trust.policy"),
        (12, "summary.md"),
        (13, "gaps.md"),
    ],
)
def test_a_part_that_is_left_out_or_is_no_json_is_found(
    told: Told, tmp_path: Path, number: int, name: str
) -> None:
    files = files_of(told.data)
    left = {one: data for one, data in files.items() if one != name}
    assert text_of(told.resigned(tmp_path, left), number) == f"{name} is missing"
    if not name.endswith("json"):
        return
    for data in (b"", b"[]", b"{", b"\xff", b"null", b'{"a": 1}', b"[" * 100_000, b'{"a":1e400}'):
        found = told.resigned(tmp_path, {**files, name: data})
        assert name in text_of(found, number)


def test_words_that_are_not_those_that_must_be_are_found(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    more = {**files, "summary.md": files["summary.md"].replace(b"Recordings: 7", b"Recordings: 6")}
    assert "something else than the members do" in text_of(told.resigned(tmp_path, more), 12)
    fewer = {**files, "gaps.md": files["gaps.md"].replace(b"- withheld: ", b"- nothing: ")}
    assert "does not say all that is missing" in text_of(told.resigned(tmp_path, fewer), 13)
    assert text_of(told.resigned(tmp_path, {**files, "gaps.md": b"\xff"}), 13) == "it is not text"


def test_another_version_s_words_are_not_held_against_it_and_its_gaps_are(
    told: Told, tmp_path: Path
) -> None:
    files = rewritten(files_of(told.data), "evidence.json", version="0.9")
    files["summary.md"] += b"and more\n"
    files["gaps.md"] += b"- more: There is more.\n"
    found = told.resigned(tmp_path, files)
    assert states(found) == {**USUAL, 12: UNKNOWN}
    assert found.part(12).text == "it is as Assent 0.9 wrote it"
    files["gaps.md"] = files["gaps.md"].replace(b"- code: ", b"- cod: ")
    text = text_of(told.resigned(tmp_path, files), 13)
    assert text == "it does not say what is missing: code"


def test_another_register_of_uses_leaves_the_decision_unknown(told: Told, tmp_path: Path) -> None:
    files = rewritten(files_of(told.data), "decision.json", register=2)
    assert states(told.resigned(tmp_path, files)) == {**USUAL, 2: UNKNOWN}


def test_terms_that_are_not_those_on_record_are_found(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    files["texts/assent-terms-1.toml"] += b"\n"
    found = told.resigned(tmp_path, files)
    assert text_of(found, 2) == "assent-terms-1 is another text"
    del files["texts/assent-terms-1.toml"]
    found = told.resigned(tmp_path, files)
    assert text_of(found, 2) == "texts/assent-terms-1.toml is missing"


def test_a_root_that_knows_less_than_the_selection_does_not_cover_it(
    told: Told, house: House, tmp_path: Path
) -> None:
    with house.act("index") as act:
        event = act.record("index.root", {"head": 3, "n": 0, "root": "00" * 32})
    evidence_of(house, tmp_path / "e.zip")
    files = files_of((tmp_path / "e.zip").read_bytes())
    assert json_of(files, "decision.json")["index_root"] is None
    logs = Logs(house)
    name = evidence_files.receipt_name(event.number)
    files[name] = receipt(house, logs.consent, event.number, show=())
    files = rewritten(files, "decision.json", index_root={"event": event.number, "head": 3})
    found = told.resigned(tmp_path, files)
    assert text_of(found, 2) == "it names a root that does not cover it"


def test_a_withdrawal_by_a_statement_that_takes_nothing_back_is_found(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receipt of a grant, shown as if it were what took a recording back."""
    files = files_of(told.data)
    granted = receipt_of(files, "statement")
    number = evidence_files.receipt_number(granted)
    said = json_of(files, "revocations.json")
    said["recalled"][0]["events"] = [number]
    files["revocations.json"] = rfc8785.dumps(said)
    # as if it had come after the set, which an honest receipt cannot say
    happened = Claimed.happened
    monkeypatch.setattr(
        Claimed,
        "happened",
        lambda self, one, *kinds: (
            self.book.happened[one] if one == number else happened(self, one, *kinds)
        ),
    )
    assert "nobody took r2 back by that" in text_of(told.resigned(tmp_path, files), 9)


# the file itself


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"format": "assent-evidence/2"}, "evidence of another format"),
        ({"format": 1}, "no format as it should be"),
        ({"set": "s9"}, "about another set"),
        ({"program": "other"}, "about another set"),
        ({"head": 3}, "about another set"),
        ({"event": 3}, "about another set"),
        ({"published": LIFTED}, "its checkpoint is of another time"),
        ({"version": None}, "no version as it should be"),
    ],
)
def test_an_overview_of_something_else_is_found(
    told: Told, tmp_path: Path, fields: dict[str, Any], text: str
) -> None:
    files = rewritten(files_of(told.data), "evidence.json", **fields)
    found = told.resigned(tmp_path, files)
    assert text in text_of(found, 0)
    assert {part.state for part in found.parts[1:]} == {UNKNOWN}
    assert found.training_set is None


def test_the_set_s_receipt_must_be_one_and_of_a_set(
    told: Told, house: House, tmp_path: Path
) -> None:
    files, name = files_of(told.data), "training-set.tlog-proof"
    found = told.resigned(tmp_path, {**files, name: files[receipt_of(files, "statement")]})
    assert text_of(found, 0) == "the set's receipt is of another platform"
    found = told.resigned(tmp_path, {**files, name: files[name][:-3]})
    assert text_of(found, 0).startswith("the set's receipt does not hold")
    afterwards(house)
    logs = Logs(house)
    logs.publish()
    root = receipt(house, logs.index, ROOT, show=())
    found = told.resigned(tmp_path, {**files, name: root})
    assert text_of(found, 0) == "it is not the receipt of a training set"


def test_the_checkpoint_must_be_of_the_same_log(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    proof = files["training-set.tlog-proof"]
    files["consent.checkpoint"] = proof[proof.index(b"\n\n") + 2 :]
    found = told.resigned(tmp_path, files)
    assert text_of(found, 0) == "its checkpoint is of another log"
    files["consent.checkpoint"] = b"x\n"
    assert told.resigned(tmp_path, files).reason == "malformed"


def test_a_set_that_went_on_record_before_it_was_selected_is_found(
    house: House, told: Told, tmp_path: Path
) -> None:
    found = find_set(house, "s0")
    with house.act("Kim") as act:
        body = {"id": "s1", "program": found.program, "head": 4000, "manifest": found.manifest}
        act.record("training-set", {**body, "items": 7, "members": _members(house), "root": "0"})
    logs = Logs(house)
    logs.publish()
    files = files_of(told.data)
    files["training-set.tlog-proof"] = receipt(house, logs.index, SET + 1, show=())
    assert "no root as it should be" in text_of(told.resigned(tmp_path, files), 0)


def _members(house: House) -> str:
    from sqlalchemy import select

    from assent.catalogue import tables

    with house.reading() as connection:
        return str(connection.execute(select(tables.training_sets.c.members)).scalar_one())


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"head": 4000}, "the set went on record before it was selected"),
        ({"items": -1}, "no items as it should be"),
        ({"manifest": "x"}, "no manifest as it should be"),
        ({"root": None}, "no root as it should be"),
    ],
)
def test_a_set_that_was_recorded_wrongly_is_found(
    house: House, told: Told, tmp_path: Path, fields: dict[str, Any], text: str
) -> None:
    files = files_of(told.data)
    files["training-set.tlog-proof"] = _recorded(house, **fields)
    assert text in text_of(told.resigned(tmp_path, files), 0)


def _recorded(house: House, **fields: Any) -> bytes:
    """Put a set on record; return its receipt."""
    found = find_set(house, "s0")
    body: dict[str, Any] = {
        "id": "s0",
        "program": found.program,
        "head": found.head,
        "manifest": found.manifest,
        "items": found.items,
        "members": _members(house),
        "root": found.root,
        **fields,
    }
    with house.act("Kim") as act:
        from assent.catalogue.events import append

        event = append(act.connection, "training-set", act.at, "Kim", body)
    logs = Logs(house)
    logs.publish()
    return receipt(house, logs.index, event.number, show=())


def test_a_set_of_version_0_1_is_told_so(house: House, told: Told, tmp_path: Path) -> None:
    found = find_set(house, "s0")
    with house.act("Kim") as act:
        body = {"id": "s1", "program": found.program, "head": found.head}
        body |= {"manifest": found.manifest, "items": found.items, "members": _members(house)}
        event = act.record("training-set", body)
    with pytest.raises(BadInput, match=r"s1 was built by version 0\.1, which put no root"):
        evidence_of(house, tmp_path / "e.zip", "s1")
    assert not (tmp_path / "e.zip").exists()
    logs = Logs(house)
    files = rewritten(files_of(told.data), "evidence.json", set="s1", event=event.number)
    files["training-set.tlog-proof"] = receipt(house, logs.index, event.number, show=())
    text = text_of(told.resigned(tmp_path, files), 1)
    assert text.startswith("the set went on record without a root over its members, as version 0.1")


# making it


def test_what_does_not_exist_is_told(house: House, tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="there is no training set 's9'"):
        evidence_of(house, tmp_path / "e.zip", "s9")
    with pytest.raises(Unknown, match="there is no folder"):
        evidence_of(house, tmp_path / "nowhere" / "e.zip")
    with pytest.raises(BadInput, match="that could be a model"):
        evidence_of(house, tmp_path / "e.zip", models=[tmp_path / "nowhere"])
    assert not list(tmp_path.glob("*e.zip*"))


def test_what_was_not_published_cannot_be_shown(house: House, tmp_path: Path) -> None:
    afterwards(house)
    with pytest.raises(Unknown, match="is not in the published log"):
        make_evidence(house, Logs(house), "s0", tmp_path / "e.zip", page=lambda policy: policy)
    assert not list(tmp_path.glob("*e.zip*"))


def test_what_was_kept_must_be_what_was_put_on_record(house: House, tmp_path: Path) -> None:
    kept = kept_manifest(house, find_set(house, "s0").manifest)
    tree = kept.with_name("tree.npy")
    whole = tree.read_bytes()
    tree.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Tampered, match="is not what was put on record"):
        evidence_of(house, tmp_path / "e.zip")


def test_an_archive_that_is_there_is_replaced_and_only_by_a_whole_one(
    house: House, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "e.zip"
    path.write_bytes(b"the old one")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("assent.training.evidence.write_archive", full)
        with pytest.raises(StorageFailed, match="the disk is full"):
            evidence_of(house, path)
    assert path.read_bytes() == b"the old one"
    assert list(tmp_path.glob("*e.zip*")) == [path]
    evidence_of(house, path)
    assert told.check(path).holds
