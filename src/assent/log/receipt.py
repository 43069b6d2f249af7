"""The verdict on a receipt: is what it says in the log, signed, seen by witnesses, and what is it?

Needs no network, no account and no trust in the operator; only a policy that says whose signature
counts. Whatever the bytes are, the answer is a verdict with a reason, never another exception.
Touches no clock and no disk: time enters as `at`.

Source: docs/log.md; RFC 6962; C2SP tlog-proof and tlog-policy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple, NoReturn

import rfc8785

from assent.errors import BadProof, NotProved
from assent.log.leaf import (
    CLEAR_KINDS,
    OPENING_BYTES,
    by_mac,
    commitment,
    element_hash,
    entry,
    handle_of,
    parse_json,
    sealed_value,
    set_key,
    state_key,
)
from assent.log.note import parse_base64
from assent.log.policy import Policy, Trusted
from assent.log.prefix import check_absent, check_present, parse_path
from assent.log.proof import MOST_BYTES, Proof, parse_proof
from assent.log.tree import check_inclusion, hash_leaf

__all__ = ["SENTENCES", "Checked", "Claim", "Verdict", "check_receipt"]

_KIND = re.compile(r"[a-z]+(?:[.-][a-z]+)*")
_HOUR = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3])"
_TIMES = {
    True: re.compile(_HOUR + r":[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"),
    False: re.compile(_HOUR + "Z"),
}
"""How an entry writes its time, by whether everybody may read what it says."""
_HEX_32 = re.compile(r"[0-9a-f]{64}")
_LISTS = ("counts", "holders")
_CLAIMS = {"index.root": ("state",), "training-set": ("member", "absent")}
"""What can be claimed under the root of which kind of entry."""
_CONSENT, _INDEX = "/consent", "/index"
_COMMITMENT_BYTES = 32
_MOST_DEPTH = 64
"""How deep JSON may be nested; no event comes near."""
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[][{}]")


class Verdict(Enum):
    """What a receipt is worth, the worst last."""

    VALID = "valid"
    ERASED = "valid, content erased"
    STALE = "stale"
    UNWITNESSED = "unwitnessed"
    INVALID = "invalid"


SENTENCES: Mapping[str, str] = {
    "ok": "It is in the log, just as it is shown here.",
    "erased": "It is in the log; what it said is not shown: erased since, as the person may ask,"
    " or kept back.",
    "too-old": "It holds, but the newest time in it that a witness vouches for is too long ago.",
    "no-time": "It holds, but no witness vouches for any time in it.",
    "quorum": "The log signed it, but not enough independent witnesses have seen it: the log could"
    " be showing others something else.",
    "too-large": "The file is larger than any receipt.",
    "malformed": "The file is not written as a receipt is.",
    "wrong-format": "The file is of a kind that is not known here.",
    "unknown-log": "No log that the trust file names has signed it.",
    "bad-signature": "A signature does not hold: it was changed, or signed by somebody else.",
    "bad-inclusion": "What it shows is not in the log.",
    "bad-record": "What it shows does not go with its own record.",
    "bad-shown": "A part that it shows is not the part that was recorded.",
    "bad-prefix": "What it says about a recording's word or a set is not what the log says.",
    "bad-registration": "It does not show which recording it is about.",
    "future-time": "A witness's time in it is still to come.",
}
"""What each reason code means, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a receipt proves about one recording beyond what was said.

    Args:
        kind: `state`, `member` or `absent`.
        recording: Which recording, by the id it was registered under.
        registered: Number of the event that registered it: whoever has a receipt of that event
            can see that no other one was put in its place.
        value: What is said of it there; None for `absent`.
    """

    kind: str
    recording: str
    registered: int
    value: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check came to. It is no truth value: ask for the verdict.

    Args:
        verdict: What it is worth.
        reason: Why, as a code.
        trusted: The checkpoint and who vouches for it; None if nobody does.
        index: The entry's place in the log.
        entry: The entry, as JSON.
        record: What was said; None if it was erased.
        shown: Parts that the record only commits to.
        claim: What it proves about one recording, if it does.
    """

    verdict: Verdict
    reason: str
    trusted: Trusted | None = None
    index: int | None = None
    entry: Mapping[str, Any] | None = None
    record: Mapping[str, Any] | None = None
    shown: Mapping[str, Any] | None = None
    claim: Claim | None = None

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is not a truth value; ask for .verdict")

    @property
    def holds(self) -> bool:
        """Whether it is in a trusted log, witnessed as the policy wants, and new enough."""
        return self.verdict in {Verdict.VALID, Verdict.ERASED}


def check_receipt(
    data: bytes,
    policy: Policy,
    *,
    at: datetime | None = None,
    max_age: timedelta | None = None,
) -> Checked:
    """Check a receipt.

    Args:
        data: The file.
        policy: Whose signatures count.
        at: Now, to refuse what comes from the future, and for `max_age` [aware datetime].
        max_age: How old the newest trusted time in it may be; any age if None.

    Raises:
        ValueError: An age was asked for, and not said what is now.
    """
    if max_age is not None and at is None:
        raise ValueError("how old it is cannot be told without now")
    try:
        if len(data) > MOST_BYTES:
            raise BadProof("the file is larger than any receipt", reason="too-large")
        found = _checked(parse_proof(data), policy, at)
    except (BadProof, NotProved) as error:
        return Checked(verdict=Verdict.INVALID, reason=str(error.facts.get("reason", "malformed")))
    return _graded(found, at, max_age)


def _graded(found: Checked, at: datetime | None, max_age: timedelta | None) -> Checked:
    """Return what a receipt is worth all of whose proofs hold."""
    trusted = _trusted(found)
    if found.verdict is Verdict.UNWITNESSED or not trusted.witnessed:
        return replace(found, verdict=Verdict.UNWITNESSED, reason="quorum")
    if max_age is not None and at is not None:
        newest = trusted.newest
        if newest is None:
            return replace(found, verdict=Verdict.STALE, reason="no-time")
        if at - newest > max_age:
            return replace(found, verdict=Verdict.STALE, reason="too-old")
    return found


def _checked(proof: Proof, policy: Policy, at: datetime | None) -> Checked:
    """Check all that a receipt claims, but for quorum and age."""
    trusted = policy.check(proof.checkpoint, at)
    extra = _json(proof.extra)
    record, opening = extra.get("record"), extra.get("opening")
    if set(extra) == {"entry"}:
        made, record, opening = _as_entry(extra["entry"]), None, None
    elif {"opening", "record"} <= set(extra) <= {"opening", "record", "shown", "prefix"}:
        opening = _opening(opening)
        made = _entry_of(record, opening)
    else:
        raise BadProof("a receipt shows neither a record nor an entry", reason="malformed")
    checkpoint = trusted.checkpoint
    check_inclusion(hash_leaf(made), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    said: Mapping[str, Any] = parse_json(made)
    _check_entry(said)
    if record is not None and opening is not None:
        _check_place(record, proof.index, checkpoint.origin)
        _check_shown(extra.get("shown", {}), record, opening)
    found = Checked(
        verdict=Verdict.VALID if record is not None else Verdict.ERASED,
        reason="ok" if record is not None else "erased",
        trusted=trusted,
        index=proof.index,
        entry=said,
        record=record,
        shown=extra.get("shown", {}),
    )
    return _claiming(found, extra["prefix"], policy, at) if "prefix" in extra else found


def _json(data: bytes | None) -> dict[str, Any]:
    """Return the object that canonical JSON says."""
    if data is None:
        raise BadProof("a receipt without what it is about", reason="malformed")
    _check_depth(data)
    try:
        said = parse_json(data)
        if not isinstance(said, dict) or rfc8785.dumps(said) != data:
            raise BadProof("what a receipt shows is not canonical JSON", reason="malformed")
    except ValueError as error:  # rfc8785's own errors are ValueErrors
        raise BadProof("what a receipt shows is not JSON", reason="malformed") from error
    return said


def _check_depth(data: bytes) -> None:
    """Refuse what would be nested deeper than all that read it can go."""
    depth = 0
    for bracket in _BRACKET.finditer(_TEXT.sub(b"", data)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > _MOST_DEPTH:
            raise BadProof("what a receipt shows is nested too deeply", reason="malformed")


def _opening(said: object) -> bytes:
    opening = parse_base64(said) if isinstance(said, str) else b""
    if len(opening) != OPENING_BYTES:
        raise BadProof("an opening is not 32 bytes", reason="malformed")
    return opening


def _as_entry(said: object) -> bytes:
    """Return the bytes of an entry that is shown without its content."""
    if not isinstance(said, dict) or not {"c", "k", "t", "v"} <= set(said) <= set("bcktv"):
        raise BadProof("an entry is not written as one", reason="malformed")
    return rfc8785.dumps(said)


def _entry_of(record: object, opening: bytes) -> bytes:
    """Return the entry that goes with a record and its opening."""
    if not isinstance(record, dict) or set(record) != {"at", "body", "by", "kind", "number"}:
        raise BadProof("a record is not written as one", reason="malformed")
    kind, at, body, by, number = (record[name] for name in ("kind", "at", "body", "by", "number"))
    fits = (
        isinstance(kind, str)
        and _KIND.fullmatch(kind)
        and isinstance(at, str)
        and _TIMES[True].fullmatch(at)
        and isinstance(by, str)
        and _HEX_32.fullmatch(by)
        and isinstance(body, dict)
        and type(number) is int
    )
    if not fits:
        raise BadProof("a record is not written as one", reason="malformed")
    code = commitment(opening, rfc8785.dumps(record))
    return entry(kind=kind, at=at, body=body, commitment=code)


def _check_entry(said: Mapping[str, Any]) -> None:
    """Refuse an entry that no log of this kind has, though a log holds it."""
    kind, at, code = said["k"], said["t"], said["c"]
    is_clear = isinstance(kind, str) and kind in CLEAR_KINDS
    fits = (
        isinstance(kind, str)
        and _KIND.fullmatch(kind)
        and isinstance(at, str)
        and _TIMES[is_clear].fullmatch(at)
        and isinstance(said.get("b"), dict) is is_clear
        and ("b" in said) is is_clear
        and isinstance(code, str)
        and len(parse_base64(code)) == _COMMITMENT_BYTES
        and type(said["v"]) is int
        and said["v"] == 1
    )
    if not fits:
        raise BadProof("an entry is not written as one", reason="malformed")


def _check_place(record: Mapping[str, Any], index: int, origin: str) -> None:
    if origin.endswith(_CONSENT) and record["number"] != index + 1:
        raise NotProved("an event is not where the log has it", reason="bad-record")


def _check_shown(shown: object, record: Mapping[str, Any], opening: bytes) -> None:
    """Check what a receipt shows beyond its record."""
    if not isinstance(shown, dict) or not set(shown) <= {"by", *_LISTS}:
        raise BadProof("a receipt shows parts that no record has", reason="malformed")
    if "by" in shown:
        by = shown["by"]
        if not isinstance(by, str) or by_mac(opening, by) != record["by"]:
            raise NotProved("the name shown is not the one recorded", reason="bad-shown")
    for name in _LISTS:
        for element in _elements(shown.get(name, [])):
            _check_element(element, record["body"].get(name))


def _elements(said: object) -> list[Any]:
    if not isinstance(said, list):
        raise BadProof("a receipt shows something else than a list", reason="malformed")
    return said


def _check_element(element: object, of: object) -> None:
    if not isinstance(element, dict) or set(element) != {"index", "entry", "path"}:
        raise BadProof("a part shown is not written as one", reason="malformed")
    if not isinstance(of, dict) or set(of) != {"n", "root"}:
        raise BadProof("a part is shown of what the record has no list of", reason="malformed")
    index, said, size = element["index"], element["entry"], of["n"]
    if not type(index) is type(size) is int or not isinstance(said, dict | list):
        raise BadProof("a part shown is not written as one", reason="malformed")
    path, root = [_hash(beside) for beside in _elements(element["path"])], _hash(of["root"])
    try:
        check_inclusion(element_hash(said), index, size, path, root)
    except NotProved as error:
        raise NotProved("a part shown is not the one recorded", reason="bad-shown") from error


def _hash(said: object) -> bytes:
    if not isinstance(said, str) or not _HEX_32.fullmatch(said):
        raise BadProof("a hash is not 64 hexadecimal digits", reason="malformed")
    return bytes.fromhex(said)


def _claiming(found: Checked, said: object, policy: Policy, at: datetime | None) -> Checked:
    """Check what a receipt says of one recording's place in a prefix tree."""
    if not isinstance(said, dict) or not {"claim", "path", "registration"} <= set(said) <= {
        "claim",
        "path",
        "registration",
        "value",
    }:
        raise BadProof("a claim about a recording is not written as one", reason="malformed")
    registered = _registered(said["registration"], found, policy, at)
    claim = Claim(
        kind=str(said["claim"]),
        recording=registered.recording,
        registered=registered.number,
        value=said.get("value"),
    )
    _check_claim(found, claim, said, registered.handle)
    witnessed = registered.trusted.witnessed
    return replace(found, verdict=found.verdict if witnessed else Verdict.UNWITNESSED, claim=claim)


class _Registered(NamedTuple):
    recording: str
    number: int
    handle: bytes
    trusted: Trusted


def _registered(said: object, of: Checked, policy: Policy, at: datetime | None) -> _Registered:
    """Return which recording a receipt of its registration is about."""
    try:
        if not isinstance(said, str):
            raise BadProof("a registration is no receipt", reason="malformed")
        proof = parse_proof(said.encode())
        extra = _json(proof.extra)
        if "prefix" in extra:
            raise BadProof("a registration makes claims of its own", reason="malformed")
        found = _checked(proof, policy, at)
    except (BadProof, NotProved) as error:
        raise NotProved("the registration does not hold", reason="bad-registration") from error
    record = found.record
    recording = None if record is None else record["body"].get("id")
    if record is None or record["kind"] != "recording" or not isinstance(recording, str):
        raise NotProved("the registration is of no recording", reason="bad-registration")
    trusted, beside = _trusted(found), _trusted(of).checkpoint.origin
    # absence from the index of another platform would say nothing
    if trusted.checkpoint.origin != re.sub(r"index\Z", "consent", beside):
        raise NotProved("the registration is another platform's", reason="bad-registration")
    return _Registered(recording, record["number"], handle_of(_opening(extra["opening"])), trusted)


def _trusted(found: Checked) -> Trusted:
    assert found.trusted is not None  # noqa: S101  # `_checked` has it from the policy
    return found.trusted


def _check_claim(found: Checked, claim: Claim, said: Mapping[str, Any], handle: bytes) -> None:
    """Check a path in the tree whose root the entry gives."""
    kind, public = (found.entry or {}).get("k"), (found.entry or {}).get("b")
    in_index = _trusted(found).checkpoint.origin.endswith(_INDEX)
    if not isinstance(public, dict) or claim.kind not in _CLAIMS.get(str(kind), ()) or not in_index:
        raise NotProved("the entry holds no root for this claim", reason="bad-prefix")
    try:
        root = _hash(public["root"])
        key = state_key(handle) if kind == "index.root" else set_key(handle, public["manifest"])
    except (BadProof, KeyError, AttributeError) as error:
        raise NotProved("the entry holds no root for this claim", reason="bad-prefix") from error
    if claim.kind == "absent" and "value" not in said:
        check_absent(root, key, parse_path(said["path"]))
    elif claim.kind in {"state", "member"} and isinstance(claim.value, Mapping):
        value = sealed_value(handle, rfc8785.dumps(dict(claim.value)))
        check_present(root, key, value, parse_path(said["path"]))
    else:
        raise BadProof("a claim about a recording is not written as one", reason="malformed")
