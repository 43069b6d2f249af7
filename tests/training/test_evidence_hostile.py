"""Whatever is handed in as evidence, the answer is a verdict with a reason."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import BadProof, NotProved
from assent.log.note import Signer
from assent.log.receipt import SENTENCES, Verdict
from assent.training import evidence_files
from assent.training.evidence_files import (
    format_listing,
    most_bytes,
    parse_listing,
    receipt_name,
    receipt_number,
)
from assent.training.evidence_json import Fields, dump_simple, parse_canonical
from assent.training.evidence_words import Tally, _count, _told
from tests.training.evidence_lies import files_of, packed
from tests.training.evidence_story import FALSE, UNKNOWN, Told, states, tell

SIGNER = Signer.of("log.example/consent", bytes(32))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell(tmp_path_factory.mktemp("told"))


def is_refused(told: Told, data: bytes) -> str:
    found = told.check(data)
    assert found.verdict is Verdict.INVALID
    assert found.reason in SENTENCES
    assert set(states(found)) == set(range(14))
    return found.reason


@settings(deadline=None)
@given(data=st.binary(max_size=2000))
def test_arbitrary_bytes_are_refused(told: Told, data: bytes) -> None:
    is_refused(told, data)
    is_refused(told, b"PK\3\4" + data)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 10**6), st.binary(max_size=4), st.integers(0, 4))
def test_a_changed_archive_is_refused_or_says_the_same(
    told: Told, place: int, some: bytes, gone: int
) -> None:
    at = place % len(told.data)
    found = told.check(told.data[:at] + some + told.data[at + gone :])
    assert found.verdict is Verdict.INVALID or found == told.check(told.data)


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(
            ["evidence.note", "evidence.json", "items.jsonl", "receipts/1.tlog-proof", "other"]
        ),
        st.binary(max_size=200),
    )
)
def test_archives_of_arbitrary_files_are_refused(
    told: Told, tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    is_refused(told, packed(folder, files))
    is_refused(told, packed(folder, files, told.signers))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**53 - 1) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 10**6), JSON)
def test_whatever_an_operator_signs_comes_to_a_verdict(
    told: Told, tmp_path_factory: pytest.TempPathFactory, place: int, value: Any
) -> None:
    """One value anywhere in one of the files of JSON is something else."""
    files = files_of(told.data)
    lines = [
        (name, at)
        for name in sorted(files)
        if ".json" in name
        for at, line in enumerate(files[name].split(b"\n"))
        if line
    ]
    name, at = lines[place % len(lines)]
    whole = files[name].split(b"\n")
    places = list(places_of(json.loads(whole[at])))
    whole[at] = rfc8785.dumps(replaced(json.loads(whole[at]), places[place % len(places)], value))
    files[name] = b"\n".join(whole)
    found = told.check(packed(tmp_path_factory.getbasetemp(), files, told.signers))
    assert found.reason in SENTENCES
    assert set(states(found)) == set(range(14))


def places_of(said: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every value in JSON."""
    yield above
    if isinstance(said, dict | list):
        for at in said if isinstance(said, dict) else range(len(said)):
            yield from places_of(said[at], (*above, at))


def replaced(said: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return JSON that has another value in one place."""
    if not place:
        return value
    said[place[0]] = replaced(said[place[0]], place[1:], value)
    return said


def test_a_file_larger_than_any_of_its_kind_is_refused_unread(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_files, "_MOST_SMALL_BYTES", 2000)
    files = files_of(told.data)
    files["decision.json"] = b" " * 2001
    found = told.check(packed(tmp_path, files, told.signers))
    assert found.part(0).text == "decision.json is larger than any file of its kind"
    assert found.reason == "too-large"


def test_files_that_nobody_knows_are_carried_along(told: Told, tmp_path: Path) -> None:
    files = {**files_of(told.data), "notes/extra.txt": b"hello"}
    assert told.check(packed(tmp_path, files, told.signers)).holds


def test_files_that_are_not_listed_are_named(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    more = {f"{number}.txt": b"" for number in range(7)}
    found = told.check(packed(tmp_path, {**files, **more}))
    text = found.part(0).text
    assert text == "these are not as listed: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 2 more"
    assert states(found) == {0: FALSE, **dict.fromkeys(range(1, 14), UNKNOWN)}
    del files["run.json"]
    text = told.check(packed(tmp_path, files)).part(0).text
    assert text == "these are not as listed: run.json"
    text = told.check(packed(tmp_path, {**files, "run.json": b"{}"})).part(0).text
    assert text == "these were changed: run.json"


def test_an_archive_without_its_list_is_refused(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    del files["evidence.note"]
    assert told.check(packed(tmp_path, files)).part(0).text == "evidence.note is missing"


def test_two_files_of_one_name_are_refused(told: Told) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("evidence.note"), b"x")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(zipfile.ZipInfo("evidence.note"), b"x")
    assert is_refused(told, out.getvalue()) == "malformed"


# the list


def test_a_list_is_read_as_it_was_written() -> None:
    digests = {"b": bytes(32), "a/c": b"\1" * 32, "a.c": b"\2" * 32}
    data = format_listing(digests, [SIGNER])
    assert parse_listing(data, [SIGNER.vkey]) == (digests, SIGNER.vkey)
    assert list(parse_listing(data, [SIGNER.vkey])[0]) == ["a.c", "a/c", "b"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("assent evidence 2\n", "wrong-format"),
        ("assent evidence 1\nx\n", "malformed"),
        (f"assent evidence 1\n{'00' * 32} a\n", "malformed"),
        (f"assent evidence 1\n{'AA' * 32}  a\n", "malformed"),
        (f"assent evidence 1\n{'00' * 32}  b\n{'00' * 32}  a\n", "malformed"),
        (f"assent evidence 1\n{'00' * 32}  a\n{'00' * 32}  a\n", "malformed"),
        (f"assent evidence 1\n{'00' * 32}  \u00e9\n", "malformed"),
    ],
)
def test_a_list_that_is_not_written_as_one_is_refused(text: str, reason: str) -> None:
    signed = text.encode() + b"\n" + _signature(text)
    with pytest.raises(BadProof) as raised:
        parse_listing(signed, [SIGNER.vkey])
    assert raised.value.facts["reason"] == reason


def _signature(text: str) -> bytes:
    from assent.log.note import format_signature

    return format_signature(SIGNER.sign(text.encode()))


def test_a_list_that_nobody_signed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = format_listing({"a": bytes(32)}, [SIGNER])
    with pytest.raises(NotProved, match="nobody whom you trust"):
        parse_listing(data, [])
    with pytest.raises(BadProof, match="is not signed"):
        parse_listing(b"assent evidence 1\n", [SIGNER.vkey])
    monkeypatch.setattr(evidence_files, "_MOST_NOTE_BYTES", 10)
    with pytest.raises(BadProof, match="larger than any") as raised:
        parse_listing(data, [SIGNER.vkey])
    assert raised.value.facts["reason"] == "too-large"


@given(st.integers(1, 10**15))
def test_a_receipt_s_name_says_its_number(number: int) -> None:
    assert receipt_number(receipt_name(number)) == number
    assert receipt_number(f"x{receipt_name(number)}") is None


def test_each_kind_of_file_has_its_limit() -> None:
    assert most_bytes("receipts/1.tlog-proof") == most_bytes("training-set.tlog-proof") == 1 << 20
    assert most_bytes("evidence.note") == 1 << 25
    assert most_bytes("run.json") == 1 << 26
    assert most_bytes("items.jsonl") > 1 << 40


# JSON


SIMPLE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(SIMPLE)
def test_the_fast_way_of_writing_gives_canonical_bytes(said: Any) -> None:
    assert dump_simple(said) == rfc8785.dumps(said)
    assert parse_canonical(dump_simple(said), "it") == said


def test_half_a_character_cannot_be_written() -> None:
    with pytest.raises(BadProof, match="half a character"):
        dump_simple("\ud800")


@pytest.mark.parametrize("data", [b"", b" 1", b"1 ", b'{"b":1,"a":2}', b"\xff", b"1e400", b"NaN"])
def test_what_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(BadProof, match="it is not canonical JSON"):
        parse_canonical(data, "it")


def test_large_whole_floats_are_read_as_they_are_written() -> None:
    assert parse_canonical(b"100000000000000000000", "it") == 1e20


@pytest.mark.parametrize(
    ("method", "good", "bad"),
    [
        ("text", ["", "x"], [1, None, []]),
        ("maybe_text", ["", None], [1, []]),
        ("flag", [True, False], [0, 1, None, "true"]),
        ("number", [0, 2**53 - 1], [-1, 2**53, 1.0, True, None, "1"]),
        ("maybe_number", [0, None], [-1, True, "1"]),
        ("digest", ["00" * 32], ["00" * 31, "0" * 63, "AA" * 32, "zz" * 32, None, 1]),
        ("instant", ["2031-01-31T09:00:00.000Z", None], ["2031-01-31", 1, "2031-01-31T09:00Z"]),
        ("texts", [[], ["x"]], [["x", 1], "x", None, {}]),
        ("numbers", [[], [1]], [[-1], [True], [1.5], 1, None]),
        ("child", [{}], [[], None, 1]),
        ("maybe_child", [{}, None], [[], 1]),
    ],
)
def test_a_field_is_of_its_kind_or_refused(method: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        getattr(Fields({"a": value}, "it"), method)("a")
    for value in bad:
        with pytest.raises(BadProof):
            getattr(Fields({"a": value}, "it"), method)("a")
    with pytest.raises(BadProof, match="it has no a as it should be"):
        getattr(Fields({}, "it"), method)("a")


def test_objects_in_a_list_are_given_one_by_one() -> None:
    fields = Fields({"a": [{"b": 1}, {"b": 2}], "c": [1], "d": {}}, "it")
    assert [one.number("b") for one in fields.children("a")] == [1, 2]
    with pytest.raises(BadProof, match="c of it is not an object"):
        list(fields.children("c"))
    with pytest.raises(BadProof):
        list(fields.children("d"))
    with pytest.raises(BadProof, match="it is not an object"):
        Fields([], "it")


# words


def test_many_names_are_told_in_part_and_too_many_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from assent.training import evidence_words

    tally = Tally()
    for number in range(25):
        _count(tally.codecs, f"codec-{number:02}")
    _count(tally.codecs, "codec-07")
    assert _told(tally.codecs).startswith("codec-07 (2), codec-00 (1), ")
    assert _told(tally.codecs).endswith("codec-19 (1) and 5 more") or "and 5 more" in _told(
        tally.codecs
    )
    monkeypatch.setattr(evidence_words, "_MOST_NAMES", 24)
    assert _told(tally.codecs) == "more than 24 different ones"
    _count(tally.codecs, "another")
    assert "another" not in tally.codecs


def test_names_cannot_break_a_line() -> None:
    tally = Tally()
    _count(tally.licences, "CC0\n## Forged\u202e")
    assert _told(tally.licences) == "CC0 ## Forged (1)"
