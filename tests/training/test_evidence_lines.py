"""Receipts and lines that are missing, forged or strange, signed by the operator all the same."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assent.acts.house import House
from assent.acts.logs import Logs
from assent.catalogue.events import append
from assent.log.receipt import Verdict
from assent.training import evidence_files
from assent.training.evidence_proofs import shortened
from assent.training.forget import forget
from tests.training.evidence_lies import (
    Files,
    as_if_erased,
    changed_extra,
    cut_falsely,
    files_of,
    kinds_of,
    line_of,
    lines_of,
    receipt_of,
    with_lines,
)
from tests.training.evidence_story import (
    FALSE,
    MEMBERS,
    TAKEN_BACK,
    UNKNOWN,
    Told,
    evidence_of,
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


def with_receipt(files: Files, recording: str, name: str) -> Files:
    """Return files in which a shared receipt stands in the line of a recording, too."""
    lines = files["recordings.jsonl"].split(b"\n")
    at = line_of(files, recording)
    lines[at] = lines[at][:-1] + b"," + shortened(files[name]) + b"]"
    return {**files, "recordings.jsonl": b"\n".join(lines)}


def test_a_line_shows_nothing_from_after_the_cut_and_nothing_of_others(
    told: Told, tmp_path: Path
) -> None:
    files = files_of(told.data)
    withdrawn = receipt_of(files, "statement", -1)
    found = told.resigned(tmp_path, with_receipt(files, "r2", withdrawn))
    assert f"r2: event {TAKEN_BACK} came after the set was selected" in text_of(found, 3)
    accepted = receipt_of(files, "terms.accept", -1)
    found = told.resigned(tmp_path, with_receipt(files, "r2", accepted))
    assert "r2: a line about a recording shows an event of kind terms.accept" in text_of(found, 3)


def test_a_line_with_erased_content_leaves_its_member_unknown(
    later: House, told: Told, tmp_path: Path
) -> None:
    forget(later, Logs(later), "Di Marrow", "Kim")
    evidence_of(later, tmp_path / "e.zip")
    files = files_of((tmp_path / "e.zip").read_bytes())
    lines = lines_of(files)
    line = lines[line_of(files, "r5")]
    line[0]["extra"] = as_if_erased(line[0]["extra"])
    found = told.resigned(tmp_path, with_lines(files, lines))
    assert found.part(3).state is UNKNOWN
    assert found.part(3).text.startswith("4 members with the grounds needed; of 3 nobody can tell")


def test_a_recording_with_a_number_beyond_all_is_found(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    items = lines_of(files, "items.jsonl")
    number = 2**40
    items[0]["item"] |= {"recording": f"r{number}", "number": number, "file": f"r{number}.wav"}
    found = told.resigned(tmp_path, with_lines(files, items, "items.jsonl"))
    assert f"r{number}: nothing shows that it was registered" in text_of(found, 3)


def test_copies_that_lead_in_a_circle_prove_nothing(
    told: Told, house: House, tmp_path: Path
) -> None:
    """No platform lets them; an operator can write what it likes into its own log."""
    with house.act("Kim") as act:
        for recording, original in (("r0", "r6"), ("r6", "r0")):
            append(
                act.connection,
                "copy",
                act.at,
                "Kim",
                {"recording": recording, "original": original},
            )
    name = cut_falsely(house, tmp_path, lambda items: items)
    evidence_of(house, tmp_path / "e.zip", name)
    text = text_of(told.check(tmp_path / "e.zip"), 3)
    assert "the receipts do not show who holds r" in text


@pytest.mark.parametrize(
    ("part", "other"), [(b"},{", b"};{"), (b"},{", b"} ,{"), (b"[{", b"({"), (b"}]", b"})")]
)
def test_what_stands_between_and_around_receipts_is_looked_at(
    told: Told, tmp_path: Path, part: bytes, other: bytes
) -> None:
    files = files_of(told.data)
    lines = files["recordings.jsonl"].splitlines()
    at = line_of(files, "r2")
    whole, last = lines[at], lines[at].rindex(part) if part == b"}]" else None
    place = last if last is not None else whole.index(part + b'"extra"' if part == b"},{" else part)
    lines[at] = whole[:place] + other + whole[place + len(part) :]
    assert lines[at] != whole
    found = told.resigned(tmp_path, {**files, "recordings.jsonl": b"\n".join([*lines, b""])})
    assert "r2: a line about a recording is" in text_of(found, 3)
