"""The verdict on a receipt: vectors, every change, replays, and what no parser may fear."""

import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assent.log.leaf import parse_json
from assent.log.policy import parse_policy
from assent.log.proof import MOST_BYTES, format_proof, parse_proof
from assent.log.receipt import SENTENCES, Checked, Claim, Verdict, check_receipt
from tests.log import vectors_receipts as paper
from tests.log.vectors_receipts import AT, CONSENT, EVENTS, INDEX, said, shown_of

Json = dict[str, Any]
CASES: list[Json] = paper.receipts()["cases"]
POLICIES = {name: parse_policy(text.encode()) for name, text in paper.POLICIES.items()}
TRUST = POLICIES["two witnesses"]
FREE = POLICIES["nobody must have seen it"]


def data_of(case: Json) -> bytes:
    return b64decode(case["data_b64"]) + b"\n" * int(case.get("newlines", 0))


def checked(case: Json) -> Checked:
    at, age = case["at"], case["max_age"]
    return check_receipt(
        data_of(case),
        POLICIES[case["policy"]],
        at=None if at is None else datetime.fromtimestamp(int(at), UTC),
        max_age=None if age is None else timedelta(seconds=int(age)),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_verdict_is_as_published(case: Json) -> None:
    found = checked(case)
    assert (found.verdict.value, found.reason) == (case["verdict"], case["reason"])
    invalid = found.verdict is Verdict.INVALID
    assert (found.trusted is None) is invalid
    assert (found.entry is None) is invalid
    assert found.holds is (case["verdict"].startswith("valid"))
    if "claim" in case:
        assert found.claim == Claim(**case["claim"])


def test_every_reason_code_of_the_contract_is_reached_and_has_a_sentence() -> None:
    assert {case["reason"] for case in CASES} == set(SENTENCES)


def test_a_verdict_is_not_taken_for_a_truth_value() -> None:
    found = check_receipt(b"", TRUST)
    with pytest.raises(TypeError, match="verdict"):
        bool(found)
    assert not found.holds


def test_an_age_without_now_is_refused_and_not_left_out() -> None:
    with pytest.raises(ValueError, match="now"):
        check_receipt(CONSENT.receipt(said("statement")), TRUST, max_age=timedelta(days=1))


def test_any_age_can_be_asked_for() -> None:
    whole = CONSENT.receipt(said("statement"))
    assert check_receipt(whole, TRUST, at=AT, max_age=timedelta.max).reason == "ok"
    assert check_receipt(whole, TRUST, at=AT, max_age=timedelta.min).reason == "too-old"


def test_what_is_given_back_is_what_was_shown() -> None:
    event = said("use", 1)
    found = check_receipt(CONSENT.receipt(event, shown=shown_of(event, 1)), TRUST, at=AT)
    assert found.record == parse_json(event.record)
    assert found.entry == parse_json(event.entry)
    assert found.shown == shown_of(event, 1)
    assert found.index == event.number - 1
    assert found.trusted is not None
    assert found.trusted.checkpoint == CONSENT.checkpoint()
    assert found.trusted.newest == AT


# ---- every change


def samples(*times: int) -> Iterator[tuple[str, bytes]]:
    """One receipt of each form, witnessed at these times."""
    consent, index = CONSENT.note(*times), INDEX.note(*times)
    for event in (said("statement"), said("use", 1), said("terms.publish")):
        yield event.kind, CONSENT.receipt(event, consent, shown=shown_of(event))
    yield "erased", CONSENT.file(8, {"entry": parse_json(said("statement").entry)}, consent)
    yield "word", INDEX.receipt(said("index.root"), index, prefix=paper.word_claim("r0", consent))
    absent = paper.member_claim("r2", consent)
    yield "absence", INDEX.receipt(said("training-set"), index, prefix=absent)


SAMPLES = dict(samples(paper.SECONDS, paper.SECONDS))
UNSEEN = dict(samples())  # quicker to check: three signatures less
LARGE = {"word", "absence"}
"""Of these, seven in eight places are left to the slow test, of the others every second."""


@pytest.mark.parametrize("form", SAMPLES)
def test_no_byte_of_the_file_can_be_another(form: str) -> None:
    whole = SAMPLES[form]
    for at in range(0, len(whole), 8 if form in LARGE else 2):
        changed = flipped(whole, at, at // 8)
        assert not check_receipt(changed, TRUST, at=AT).holds, (at, changed)


@pytest.mark.parametrize("form", SAMPLES)
def test_no_byte_of_what_it_shows_can_be_another(form: str) -> None:
    extra = parse_proof(UNSEEN[form]).extra or b""
    for at in range(0, len(extra), 8 if form in LARGE else 2):
        bit = (0, 1, 5)[at // 2 % 3]  # the second makes another digit, the third a capital
        changed = flipped(extra, at, bit)
        found = check_receipt(_with_extra(UNSEEN[form], changed), FREE, at=AT)
        assert not found.holds, (at, changed)


@pytest.mark.slow
@pytest.mark.parametrize("form", SAMPLES)
def test_no_bit_anywhere_can_be_another(form: str) -> None:
    whole, extra = SAMPLES[form], parse_proof(SAMPLES[form]).extra or b""
    for at in range(8 * len(whole)):
        assert not check_receipt(flipped(whole, at // 8, at), TRUST, at=AT).holds, at
    for at in range(8 * len(extra)):
        changed = _with_extra(whole, flipped(extra, at // 8, at))
        assert not check_receipt(changed, TRUST, at=AT).holds, at


def flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit % 8]) + data[at + 1 :]


@pytest.mark.parametrize("form", ["word", "absence"])
def test_no_byte_of_the_registration_within_can_be_another(form: str) -> None:
    extra = parse_json(parse_proof(UNSEEN[form]).extra or b"")
    inner = extra["prefix"]["registration"].encode()
    for at in range(0, len(inner), 6):
        changed = flipped(inner, at, at // 6 % 2).decode("utf-8", "replace")
        claim = {**extra["prefix"], "registration": changed}
        data = _with_extra(UNSEEN[form], rfc8785.dumps({**extra, "prefix": claim}))
        assert not check_receipt(data, FREE, at=AT).holds, (at, changed)


@pytest.mark.parametrize("form", SAMPLES)
def test_nothing_can_be_left_out_or_added(form: str) -> None:
    whole = SAMPLES[form]
    for at in range(0, len(whole), 7):
        assert not check_receipt(whole[:at], TRUST, at=AT).holds, at
    lines = whole.splitlines(keepends=True)
    for at in range(len(lines)):
        without = b"".join(lines[:at] + lines[at + 1 :])
        twice = b"".join([*lines[: at + 1], *lines[at:]])
        assert not check_receipt(without, TRUST, at=AT).holds, lines[at]
        # a signature that stands there twice is one signature
        assert check_receipt(twice, TRUST, at=AT).holds is lines[at].startswith("\u2014".encode())


def test_lines_of_unknown_signers_are_passed_over_as_c2sp_has_it() -> None:
    event = said("statement")
    whole = CONSENT.receipt(event)
    stranger = "\u2014 stranger.example AAAAAAA=\n".encode()
    assert check_receipt(whole + stranger, TRUST, at=AT).reason == "ok"
    # so under a policy that asks for nobody, a witness may be renamed, and counts no more
    renamed = whole.replace(b"witness.example/w1", b"witness.example/w9")
    found = check_receipt(renamed, FREE, at=AT)
    assert found.reason == "ok"
    assert found.trusted is not None
    assert [name for name, _ in found.trusted.cosigned] == ["w0"]
    assert check_receipt(renamed, TRUST, at=AT).reason == "quorum"


def test_what_anybody_can_make_is_only_the_receipt_of_an_entry() -> None:
    """The log is public: an entry without its content can be shown by all, erased or not."""
    whole = parse_proof(SAMPLES["statement"])
    bare = _with_extra(SAMPLES["statement"], b'{"entry":%b}' % said("statement").entry)
    assert whole.hashes == parse_proof(bare).hashes
    found = check_receipt(bare, TRUST, at=AT)
    assert (found.reason, found.record) == ("erased", None)
    assert found.entry == {
        "c": parse_json(said("statement").entry)["c"],
        "k": "statement",
        "t": "2031-01-09T09Z",
        "v": 1,
    }


def _with_extra(whole: bytes, extra: bytes) -> bytes:
    proof = parse_proof(whole)
    return format_proof(
        type(proof)(
            index=proof.index, hashes=proof.hashes, checkpoint=proof.checkpoint, extra=extra
        )
    )


# ---- replays


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: f"{event.number} {event.kind}")
def test_no_event_passes_for_another(event: paper.Said) -> None:
    for other in EVENTS:
        if other.number == event.number:
            continue
        data = CONSENT.file(event.number - 1, paper.extra_of(other))
        assert check_receipt(data, TRUST, at=AT).reason == "bad-inclusion"
        mixed = {**paper.extra_of(event), "opening": paper.extra_of(other)["opening"]}
        found = check_receipt(CONSENT.file(event.number - 1, mixed), TRUST, at=AT)
        assert found.reason == "bad-inclusion"


def test_no_claim_passes_for_another() -> None:
    root, built = said("index.root"), said("training-set")
    claims = [
        *((root, paper.word_claim(name)) for name in paper.RECORDINGS),
        *((built, paper.member_claim(name)) for name in paper.RECORDINGS),
    ]
    for event, claim in claims:
        for other, theirs in claims:
            mixes = [{**claim, part: theirs[part]} for part in ("path", "registration", "claim")]
            mixes += [{**claim, "value": theirs["value"]}] if "value" in theirs else []
            mixes += [theirs]
            for mix in mixes:
                same = mix == claim or (mix == theirs and other is event)
                found = check_receipt(INDEX.receipt(event, prefix=mix), TRUST, at=AT)
                assert found.holds is same, (event.kind, mix)


# ---- whatever the bytes


texts = st.text(st.characters(), max_size=9)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | st.sampled_from(["a0", "r0", "00" * 32, "AA==", "statement", "/consent"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def refuses(data: bytes, policy: object = TRUST) -> Checked:
    found = check_receipt(data, policy, at=AT)  # type: ignore[arg-type]  # one of the policies
    assert found.verdict is Verdict.INVALID
    assert found.reason in SENTENCES
    return found


@given(st.binary(max_size=300))
@settings(deadline=None)
@example(b"")
@example(b"c2sp.org/tlog-proof@v1\n\n\n")
def test_no_bytes_raise_anything(data: bytes) -> None:
    refuses(data)
    refuses(b"c2sp.org/tlog-proof@v1\n" + data)
    refuses(_with_extra(SAMPLES["statement"], data or b"x"))


@given(anything)
@settings(deadline=None)
def test_no_json_raises_anything(value: Any) -> None:
    try:
        extra = rfc8785.dumps(value)
    except (ValueError, UnicodeEncodeError):  # half a letter
        extra = repr(value).encode("utf-8", "surrogatepass") or b"x"
    refuses(_with_extra(SAMPLES["statement"], extra))


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place within JSON."""
    yield here
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for name, part in parts:
            yield from places(part, (*here, name))


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """The same with another value at a place."""
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = put(value[place[0]], place[1:], new)
    return copy


EXTRAS = {form: parse_json(parse_proof(data).extra or b"") for form, data in SAMPLES.items()}
PLACES = [(form, place) for form, extra in EXTRAS.items() for place in places(extra)]


@given(st.sampled_from(PLACES), anything)
@settings(max_examples=200, deadline=None)
def test_no_value_anywhere_in_it_raises_anything(
    where: tuple[str, tuple[Any, ...]], new: Any
) -> None:
    form, place = where
    changed = put(EXTRAS[form], place, new)
    if changed == EXTRAS[form]:
        return
    try:
        extra = rfc8785.dumps(changed)
    except ValueError:
        return
    found = check_receipt(_with_extra(SAMPLES[form], extra), TRUST, at=AT)
    # what is shown may be left out: an empty list of parts is a list of parts
    if found.holds:
        assert place in {("shown",), ("shown", "counts"), ("shown", "holders")}
        assert new in ({}, [])


@pytest.mark.parametrize("depth", [2, 60, 64, 65, 66, 900, 990, 1_000, 1_010, 100_000])
@pytest.mark.parametrize("form", ["list", "object"])
@pytest.mark.parametrize("where", ["record", "shown", "value", "whole"])
def test_no_nesting_is_too_deep_for_a_verdict(where: str, form: str, depth: int) -> None:
    """Python's stack ends somewhere between these, also in what runs after parsing."""
    deep = b"[" * depth + b"]" * depth if form == "list" else b'{"a":' * depth + b"1" + b"}" * depth
    sample, old = {
        "record": ("statement", b'"holder":"a0"'),
        "shown": ("use", b'"entry":["r0",'),
        "value": ("word", b'"event":9'),
        "whole": ("statement", b""),
    }[where]
    extra = parse_proof(SAMPLES[sample]).extra or b""
    name = old.partition(b":")[0]
    refuses(
        _with_extra(SAMPLES[sample], deep if not old else extra.replace(old, name + b":" + deep, 1))
    )


def test_what_is_deepest_and_still_read_is_64() -> None:
    def nested(depth: int) -> bytes:
        event = said("statement")
        inner: object = 1
        for _ in range(depth - 3):  # extra, record and body are three
            inner = [inner]
        body = {**event.body, "deep": inner}
        deep = paper.Said(number=1, kind="statement", body=body)
        log = paper.PaperLog(f"{paper.BASE}/consent", [deep.entry])
        return log.file(0, paper.extra_of(deep), log.note(paper.SECONDS, paper.SECONDS))

    assert check_receipt(nested(64), TRUST, at=AT).reason == "ok"
    assert check_receipt(nested(65), TRUST, at=AT).reason == "malformed"


def test_brackets_in_texts_nest_nothing() -> None:
    event = said("statement")
    for text in ("[" * 99, '"[' * 99, "\\" * 3 + "[" * 99, '\\"' + "{" * 99):
        body = {**event.body, "note": text}
        odd = paper.Said(number=1, kind="statement", body=body)
        log = paper.PaperLog(f"{paper.BASE}/consent", [odd.entry])
        data = log.file(0, paper.extra_of(odd), log.note(paper.SECONDS, paper.SECONDS))
        assert check_receipt(data, TRUST, at=AT).reason == "ok", text


@pytest.mark.parametrize(
    "number",
    ["NaN", "-Infinity", "1e999", "-0", "9.0", "09", "1E1", "9" * 400, "9" * 5_000, "0x9", "9_0"],
)
def test_no_number_raises_anything(number: str) -> None:
    extra = parse_proof(SAMPLES["statement"]).extra or b""
    changed = extra.replace(b'"number":9', b'"number":' + number.encode())
    assert changed != extra
    refuses(_with_extra(SAMPLES["statement"], changed))


def test_the_size_limit_is_exact() -> None:
    whole = SAMPLES["statement"]
    line = "\u2014 stranger.example AAAAAAA=\n".encode()
    room = MOST_BYTES - len(whole) - len(line)
    # one long line of a stranger fills the file: base64 grows by fours
    name = b"s" * (16 + room)
    filled = whole + line.replace(b"stranger.example", name)
    assert len(filled) == MOST_BYTES
    assert check_receipt(filled, TRUST, at=AT).reason == "ok"
    longer = filled.replace(name, name + b"s")
    assert check_receipt(longer, TRUST, at=AT).reason == "too-large"


def test_sentences_are_sentences() -> None:
    assert all(re.fullmatch(r"[A-Z].*\.", text) for text in SENTENCES.values())
