"""Entries against docs/log.md, written a second time; erasing changes nothing; none are alike."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assent.log.leaf import (
    CLEAR_KINDS,
    LONGEST_ENTRY,
    Body,
    author_mac,
    by_mac,
    commitment,
    committed,
    element_hash,
    element_tree,
    entry,
    erased_author,
    handle_of,
    is_erased_author,
    parse_json,
    record,
    salted,
    sealed_value,
    set_key,
    state_key,
)
from assent.log.tree import prove_inclusion, root_of_hashes
from tests.log import vectors_receipts as paper
from tests.log.trees import Tree

Json = dict[str, Any]

# ---- docs/log.md a second time

PUBLIC = {
    "terms.draft": "id title granted opt_out opt_in digest against widens widens_cells less_notice"
    " days in_force",
    "terms.notice": "text timing channel chance told",
    "terms.publish": "id title granted opt_out opt_in digest",
    "terms.withdraw": "id",
    "program.propose": "id owner actor uses purpose models territories start end retention_days"
    " contract",
    "program.approve": "id",
    "program.suspend": "id",
    "program.resume": "id",
    "program.end": "id",
    "training-set": "id program head manifest items root",
    "index.root": "head n root",
    "key.rotate": "log vkey",
    "key.retire": "log vkey",
    "erasure": "events",
}
PERSONAL = ("account", "statement", "recording", "holding", "use", "hold.lift", "statement.expire")


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, sha256).digest()


def listed(elements: list[Any]) -> Json:
    """The length of a list and the root over it, some of its elements perhaps erased."""
    leaves = [
        bytes.fromhex(it) if isinstance(it, str) else sha256(b"\0" + rfc8785.dumps(it)).digest()
        for it in elements
    ]

    def root(nodes: list[bytes]) -> bytes:
        if len(nodes) < 2:
            return nodes[0] if nodes else sha256().digest()
        k = 1
        while 2 * k < len(nodes):
            k *= 2
        return sha256(b"\1" + root(nodes[:k]) + root(nodes[k:])).digest()

    return {"n": len(elements), "root": root(leaves).hex()}


def record_of(number: int, kind: str, at: str, by: str, body: Body) -> Json:
    said = {}
    for name, value in body.items():
        if (kind, name) != ("training-set", "members"):
            said[name] = listed(value) if name in {"holders", "counts"} else value
    return {"at": at, "body": said, "by": by, "kind": kind, "number": number}


def entry_of(kind: str, at: str, body: Body, code: bytes) -> Json:
    said: Json = {"c": b64encode(code).decode(), "k": kind, "v": 1}
    if kind not in PUBLIC:
        return {**said, "t": f"{at[:13]}Z"}
    clear: Json = {}
    for name in PUBLIC[kind].split():
        if name in body:
            value = body[name]
            long = isinstance(value, str) and len(list(value)) > 256
            clear[name] = {"sha256": sha256(value.encode()).hexdigest()} if long else value
    whole = {**said, "t": at, "b": clear}
    if len(rfc8785.dumps(whole)) > 8192:
        whole["b"] = {"sha256": sha256(rfc8785.dumps(clear)).hexdigest()}
    return whole


# ---- any bodies

SALTS = st.binary(min_size=16, max_size=16).map(bytes.hex)
texts = st.text(st.characters(codec="utf-8"), max_size=12)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | st.sampled_from(["\u20ac", "\ufb33", "\U0001f600", "\x7f\x00\x1f", '"\\/', "\u2028"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
long_texts = st.builds(
    lambda part, times: part * times,
    st.sampled_from(["x", "\u00e9", "\U0001f3b5"]),
    st.integers(250, 262),
)
holder = st.fixed_dictionaries({"holder": texts, "share_ppm": st.integers(1, 10**6)})
counted = st.tuples(texts, st.integers(1, 10**6)).map(list)
fields = sorted({name for names in PUBLIC.values() for name in names.split()})
KINDS = (*PUBLIC, *PERSONAL)


@st.composite
def bodies(draw: st.DrawFn, *, salt: bool = True) -> Json:
    """Draw a body: any fields, those that are public among them, and lists of several people's."""
    names = texts | st.sampled_from([*fields, "members", "holders ", '"holders":'])
    body: Json = draw(st.dictionaries(names, values | long_texts, max_size=6))
    body.pop("holders", None)
    body.pop("counts", None)
    if draw(st.booleans()):
        body["purpose"] = draw(long_texts)
    if draw(st.booleans()):
        size = draw(st.integers(0, 40))
        body["models"] = ["m" * draw(st.sampled_from([1, 250, 257])) for _ in range(size)]
    for name, element in (("holders", holder), ("counts", counted)):
        if draw(st.booleans()):
            body[name] = draw(st.lists(element, max_size=9))
    numbers = count()
    return salted(body, lambda: f"{next(numbers):032x}") if salt and draw(st.booleans()) else body


said = st.fixed_dictionaries(
    {
        "number": st.integers(1, 2**53 - 1),
        "kind": st.sampled_from(KINDS),
        "by": st.binary(min_size=32, max_size=32).map(bytes.hex),
        "body": bodies(),
    }
)
AT = "2031-01-31T09:30:15.123Z"
OPENING = paper.drawn("opening of a test")


def text_of(body: Body) -> str:
    return rfc8785.dumps(dict(body)).decode()


@given(said)
@settings(deadline=None, max_examples=60)
def test_a_record_and_an_entry_are_what_the_contract_says(event: Json) -> None:
    made = record(**{**event, "body": text_of(event["body"])}, at=AT)
    assert made == rfc8785.dumps(record_of(at=AT, **event))
    code = commitment(OPENING, made)
    assert code == mac(b"assent leaf commitment 1", OPENING + made)
    kind, body = event["kind"], event["body"]
    leaf = entry(kind=kind, at=AT, body=text_of(body), commitment=code)
    assert leaf == rfc8785.dumps(entry_of(kind, AT, body, code))
    assert leaf == entry(kind=kind, at=AT, body=body, commitment=code)
    assert len(leaf) <= LONGEST_ENTRY
    # from the record alone the same entry comes, so who has a receipt can make it
    assert leaf == entry(kind=kind, at=AT, body=parse_json(made)["body"], commitment=code)


@given(said)
@settings(deadline=None, max_examples=60)
def test_an_entry_about_a_person_says_its_kind_its_hour_and_no_more(event: Json) -> None:
    if event["kind"] in PUBLIC:
        return
    code = commitment(OPENING, b"")
    made = entry(kind=event["kind"], at=AT, body=text_of(event["body"]), commitment=code)
    assert json.loads(made) == {
        "c": b64encode(code).decode(),
        "k": event["kind"],
        "t": "2031-01-31T09Z",
        "v": 1,
    }


def test_the_public_kinds_and_their_fields_are_those_of_the_contract() -> None:
    assert {kind: " ".join(names) for kind, names in CLEAR_KINDS.items()} == PUBLIC


@pytest.mark.parametrize("length", [255, 256, 257, 300])
@pytest.mark.parametrize("letter", ["x", "\u00e9", "\U0001f3b5"])
def test_a_text_is_shortened_by_its_code_points(letter: str, length: int) -> None:
    made = entry(kind="terms.publish", at=AT, body={"title": letter * length}, commitment=bytes(32))
    title = json.loads(made)["b"]["title"]
    digest = {"sha256": sha256((letter * length).encode()).hexdigest()}
    assert title == (letter * length if length <= 256 else digest)


@pytest.mark.parametrize("spare", [-1, 0, 1])
def test_an_entry_of_8192_bytes_stands_and_a_longer_one_gives_its_digest(spare: int) -> None:
    empty = len(entry(kind="program.propose", at=AT, body={"models": [""]}, commitment=bytes(32)))
    models = ["m" * (LONGEST_ENTRY - empty + spare)]
    made = entry(kind="program.propose", at=AT, body={"models": models}, commitment=bytes(32))
    body = {"models": models}
    digest = {"sha256": sha256(rfc8785.dumps(body)).hexdigest()}
    assert json.loads(made)["b"] == (body if spare <= 0 else digest)
    assert len(made) == LONGEST_ENTRY + spare or spare > 0


# ---- erasing


@given(st.data(), bodies(salt=True))
@settings(deadline=None, max_examples=60)
def test_erasing_any_elements_changes_neither_record_nor_entry(
    data: st.DataObject, body: Json
) -> None:
    erased = dict(body)
    for name in ("holders", "counts"):
        if name in body:
            erased[name] = [
                element_hash(element).hex() if data.draw(st.booleans()) else element
                for element in body[name]
            ]
    for kind in ("recording", "use"):
        before, after = (
            record(number=7, kind=kind, at=AT, by="00" * 32, body=text_of(it))
            for it in (body, erased)
        )
        assert before == after
    assert committed("use", body) == committed("use", erased)


def test_what_covers_the_members_of_a_set_is_their_root_alone() -> None:
    body = {"id": "s0", "root": "00" * 32, "members": "AAAA"}
    less = {**body, "members": "BBBB"}
    none = {name: value for name, value in body.items() if name != "members"}
    made = {
        record(number=7, kind="training-set", at=AT, by="00" * 32, body=text_of(it))
        for it in (body, less, none)
    }
    assert len(made) == 1
    # of another kind they are a field like any other
    other = record(number=7, kind="statement", at=AT, by="00" * 32, body=text_of(body))
    assert b"AAAA" in other


@given(st.lists(counted | holder, max_size=20))
@settings(deadline=None, max_examples=60)
def test_each_element_can_be_shown_alone(elements: list[Any]) -> None:
    tree, again = element_tree(elements), Tree([rfc8785.dumps(it) for it in elements])
    root = root_of_hashes(element_hash(it) for it in elements)
    assert root == again.root(len(elements))
    assert listed(elements)["root"] == root.hex()
    for index in range(len(elements)):
        path = prove_inclusion(index, len(elements), tree)
        assert path == again.path(index, 0, len(elements))


@given(bodies(salt=False))
def test_every_element_is_salted_and_nothing_else_is_touched(body: Json) -> None:
    numbers = count(1)
    made = salted(body, lambda: f"salt {next(numbers)}")
    elements = [it for name in ("holders", "counts") for it in made.get(name, [])]
    salts = [it["salt"] if isinstance(it, dict) else it[-1] for it in elements]
    assert sorted(salts) == sorted(f"salt {number}" for number in range(1, len(elements) + 1))
    assert made.keys() == body.keys()
    for name, value in body.items():
        if name not in {"holders", "counts"}:
            assert made[name] is value
            continue
        for new, old in zip(made[name], value, strict=True):
            if isinstance(old, dict):
                assert {**new, "salt": None} == {**old, "salt": None}
            else:
                assert new[:-1] == old


@pytest.mark.parametrize("text", ["", "zz" * 32, "0" * 63])
def test_an_element_that_is_text_is_a_hash(text: str) -> None:
    assert element_hash("ab" * 32) == b"\xab" * 32
    if text:
        with pytest.raises(ValueError, match="hex"):
            element_hash(text)


# ---- authors


@given(texts)
def test_an_author_stands_in_the_record_by_a_mac_also_when_erased(name: str) -> None:
    stands = mac(OPENING, b"by/v1\n" + name.encode()).hex()
    assert by_mac(OPENING, name) == stands
    kept = erased_author(OPENING, name)
    assert author_mac(OPENING, kept) == author_mac(OPENING, name) == stands
    assert erased_author(OPENING, kept) == kept
    assert is_erased_author(kept)
    assert not is_erased_author(name)


@pytest.mark.parametrize("name", ["erased:", "erased:" + "g" * 64, "erased:" + "a" * 63, "a" * 64])
def test_a_name_that_looks_like_an_erased_one_is_a_name(name: str) -> None:
    assert author_mac(OPENING, name) == by_mac(OPENING, name)


# ---- no two are alike


def flips(data: bytes) -> Iterator[bytes]:
    for bit in range(8 * len(data)):
        yield data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


def test_no_bit_of_record_or_opening_can_be_another_under_one_commitment() -> None:
    event = paper.said("statement")
    code = commitment(event.opening, event.record)
    codes = {commitment(event.opening, other) for other in flips(event.record)}
    codes |= {commitment(other, event.record) for other in flips(event.opening)}
    assert code not in codes
    assert len(codes) == 8 * (len(event.record) + 32)
    # what ends the opening and what begins the record are told apart by the opening's length
    assert commitment(event.opening + event.record[:1], event.record[1:]) == code


@given(said, said)
@settings(deadline=None, max_examples=60)
@example(
    {"number": 1, "kind": "use", "by": "00" * 32, "body": {"a": 1}},
    {"number": 1, "kind": "use", "by": "00" * 32, "body": {"a": 1.5}},
)
def test_two_events_never_have_one_record_unless_their_hidden_parts_are_one(
    one: Json, other: Json
) -> None:
    first, second = (
        record(**{**event, "body": text_of(event["body"])}, at=AT) for event in (one, other)
    )
    same = record_of(at=AT, **one) == record_of(at=AT, **other)
    assert (first == second) is same


@given(said)
@settings(deadline=None, max_examples=60)
def test_a_record_is_read_back_as_it_was_written(event: Json) -> None:
    made = record(**{**event, "body": text_of(event["body"])}, at=AT)
    assert rfc8785.dumps(parse_json(made)) == made


# ---- JSON as it was written


@given(values)
@example(1e21)
@example(1e20)
@example(float(2**53))
@example(-float(2**60))
@example(2**53 - 1)
@example(5e-324)
def test_json_is_written_again_as_it_was(value: Any) -> None:
    text = rfc8785.dumps(value)
    assert rfc8785.dumps(parse_json(text)) == text
    assert rfc8785.dumps(parse_json(text.decode())) == text


def test_bytes_are_utf_8_and_nothing_else() -> None:
    with pytest.raises(ValueError, match="decode"):
        parse_json('{"a":1}'.encode("utf-16"))
    with pytest.raises(ValueError, match="BOM"):
        parse_json(b'\xef\xbb\xbf{"a":1}')


# ---- handles


@given(st.binary(min_size=32, max_size=32), values)
def test_handles_keys_and_values_are_those_of_the_contract(opening: bytes, value: Any) -> None:
    handle, text = handle_of(opening), rfc8785.dumps(value)
    assert handle == mac(opening, b"handle/v1")
    assert state_key(handle) == mac(handle, b"state/v1")
    assert set_key(handle, "ab" * 32) == mac(handle, b"set/v1\n" + b"ab" * 32)
    assert sealed_value(handle, text) == mac(handle, b"value/v1\n" + text)


# ---- the vectors, by the second reading


@pytest.mark.parametrize("case", paper.entries()["cases"], ids=lambda case: case["name"])
def test_entries_are_as_published(case: Json) -> None:
    body, opening = json.loads(b64decode(case["body_b64"])), b64decode(case["opening_b64"])
    by = mac(opening, b"by/v1\n" + case["by"].encode()).hex()
    made = rfc8785.dumps(
        record_of(
            case["number"], case["kind"], case["at"], by, parse_json(b64decode(case["body_b64"]))
        )
    )
    assert made == b64decode(case["record_b64"])
    code = mac(b"assent leaf commitment 1", opening + made)
    assert code.hex() == case["commitment"]
    leaf = rfc8785.dumps(entry_of(case["kind"], case["at"], body, code))
    assert leaf == b64decode(case["entry_b64"])
    assert sha256(b"\0" + leaf).hexdigest() == case["leaf_hash"]
    for name, told in case["lists"].items():
        assert listed(body[name]) == {"n": told["n"], "root": told["root"]}
        assert [rfc8785.dumps(it) for it in body[name]] == [
            b64decode(it) for it in told["elements_b64"]
        ]
        tree = Tree([b64decode(it) for it in told["elements_b64"]])
        assert [sha256(b"\0" + it).hexdigest() for it in tree.entries] == told["hashes"]
        assert [
            [node.hex() for node in tree.path(at, 0, told["n"])] for at in range(told["n"])
        ] == told["paths"]


@pytest.mark.parametrize("told", paper.entries()["handles"], ids=lambda told: told["name"])
def test_handles_are_as_published(told: Json) -> None:
    handle = mac(b64decode(told["opening_b64"]), b"handle/v1")
    assert handle.hex() == told["handle"]
    assert mac(handle, b"state/v1").hex() == told["state_key"]
    assert mac(handle, b"value/v1\n" + b64decode(told["state_b64"])).hex() == told["state_value"]
    assert mac(handle, f"set/v1\n{told['manifest']}".encode()).hex() == told["set_key"]
