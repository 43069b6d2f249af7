"""Whom one trusts: which logs, which witnesses, and how many of them must have seen a checkpoint.

Touches no clock (time enters as `at`) and no disk. Names of witnesses and groups are octets; here
they are text in the way of `os.fsdecode`: octets that are not UTF-8 become lone surrogates, so two
names are the same only if their octets are.

Source: C2SP tlog-policy, text of 2026-06-22.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn

from assent.errors import BadProof, NotProved
from assent.log.checkpoint import Checkpoint, parse_signed
from assent.log.cosignature import cosigned_seconds, verify_cosignature
from assent.log.note import (
    COSIGNATURE,
    ED25519,
    MLDSA,
    Note,
    VerifierKey,
    format_vkey,
    matching,
    parse_vkey,
    verified,
)

__all__ = [
    "AHEAD",
    "MOST_BYTES",
    "Group",
    "Policy",
    "PolicyLog",
    "Trusted",
    "Witness",
    "format_policy",
    "parse_policy",
]

MOST_BYTES: Final = 1 << 20
AHEAD: Final = timedelta(minutes=5)  # how far a witness's clock may be before ours

_LOG_KINDS: Final = frozenset({ED25519, MLDSA})
_WITNESS_KINDS: Final = frozenset({COSIGNATURE, MLDSA})
_NONE: Final = "none"
_FORBIDDEN: Final = re.compile(rb"[^\x09\x0a\x20-\x7e\x80-\xff]")
_ITEM: Final = re.compile(rb"[\x21-\x7e\x80-\xff]+")
_THRESHOLD: Final = re.compile(r"[1-9][0-9]{0,5}")


def _malformed(text: str) -> BadProof:
    return BadProof(text, reason="malformed")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLog:
    """A log that is trusted.

    Args:
        key: Its key, of the type `ED25519`, or `MLDSA` for a second one; its name is the origin.
        url: Where it is, or None.
    """

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness that is trusted.

    Args:
        name: What the policy calls it.
        key: Its key, of the type `COSIGNATURE` or `MLDSA`.
        url: Where it is, or None.
    """

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some witnesses or groups, of whom so many must have seen a checkpoint.

    Args:
        name: What the policy calls it.
        threshold: How many [1 to the number of members].
        members: Their names, each defined before.
    """

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """A checkpoint that a trusted log signed.

    Args:
        checkpoint: What it says.
        log: The log's key.
        cosigned: The policy's witnesses that cosigned it, in the policy's order, with the newest
            time of each [aware datetime].
        witnessed: Whether they are a quorum.
        newest: The newest of their times [aware datetime], or None.
    """

    checkpoint: Checkpoint
    log: VerifierKey
    cosigned: tuple[tuple[str, datetime], ...]
    witnessed: bool
    newest: datetime | None

    def __bool__(self) -> NoReturn:
        raise TypeError("a checkpoint is not a truth value; ask for .witnessed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Whom one trusts.

    Args:
        logs: The logs; any of them will do.
        witnesses: The witnesses.
        groups: The groups; each names only witnesses and groups before it.
        quorum: Name of the witness or group that must have seen a checkpoint; None: nobody must.
    """

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str | None

    def __post_init__(self) -> None:
        rules = _Rules()
        for log in self.logs:
            rules.add_log(log)
        for witness in self.witnesses:
            rules.add_witness(witness)
        for group in self.groups:
            rules.add_group(group)
        rules.check_quorum(self.quorum)

    def holds_quorum(self, witnesses: Collection[str]) -> bool:
        """Return whether these witnesses are enough.

        Args:
            witnesses: The names of those who cosigned; names of others count for nothing.
        """
        if self.quorum is None:
            return True
        seen = {witness.name for witness in self.witnesses}.intersection(witnesses)
        for group in self.groups:  # each stands after its members
            if len(seen.intersection(group.members)) >= group.threshold:
                seen.add(group.name)
        return self.quorum in seen

    def check(self, data: bytes, at: datetime | None = None) -> Trusted:
        """Return what a signed checkpoint is worth under this policy.

        Every signature of a known key must verify, also of one that the quorum does not need.

        Args:
            data: The signed checkpoint.
            at: Now, to refuse cosignatures from the future [aware datetime]; None: not refused.

        Raises:
            BadProof: It is not a signed checkpoint.
            NotProved: No Ed25519 key of the policy for its origin signed it (`unknown-log`), a
                known key's signature does not verify (`bad-signature`), or a cosignature is more
                than `AHEAD` after `at` (`future-time`).
        """
        checkpoint, note = parse_signed(data)
        log = self._log(checkpoint, note)
        times = self._times(checkpoint, note)
        if log is None:
            raise NotProved("the log did not sign this checkpoint", reason="unknown-log")
        newest = max(times.values(), default=None)
        if at is not None and newest is not None and newest > at + AHEAD:
            raise NotProved("a cosignature is from the future", reason="future-time")
        return Trusted(
            checkpoint=checkpoint,
            log=log,
            cosigned=tuple((w.name, times[w.name]) for w in self.witnesses if w.name in times),
            witnessed=self.holds_quorum(times),
            newest=newest,
        )

    def _log(self, checkpoint: Checkpoint, note: Note) -> VerifierKey | None:
        """Return the first key that signed for this origin, all known logs' signatures verified."""
        keys = tuple(log.key for log in self.logs)
        if all(key.name != checkpoint.origin for key in keys):
            raise NotProved(
                "no log of the policy has this origin",
                reason="unknown-log",
                origin=checkpoint.origin,
            )
        for key, signature in matching(note, (key for key in keys if key.kind == MLDSA)):
            cosigned_seconds(key, checkpoint, signature)  # a second line adds no trust, but holds
        signed = verified(note, keys)
        return next((key for key in signed if key.name == checkpoint.origin), None)

    def _times(self, checkpoint: Checkpoint, note: Note) -> dict[str, datetime]:
        """Return the newest time of each witness that cosigned, all of them verified."""
        names = {witness.key: witness.name for witness in self.witnesses}
        times = dict[str, datetime]()
        for key, signature in matching(note, names):
            time = verify_cosignature(key, checkpoint, signature)
            times[names[key]] = max(time, times.get(names[key], time))
        return times


class _Rules:
    """What no policy may break, definition by definition, in the order of a file."""

    def __init__(self) -> None:
        self._defined = {_NONE}
        self._members = set[str]()
        self._log_keys = set[bytes]()
        self._witness_keys = set[bytes]()
        self._publics = dict[tuple[str, bytes], bytes]()

    def add_log(self, log: PolicyLog) -> None:
        if log.key.kind not in _LOG_KINDS:
            raise _malformed("a log's key is not of a type for logs")
        self._check_url(log.url)
        self._add_key(log.key, self._log_keys)

    def add_witness(self, witness: Witness) -> None:
        if witness.key.kind not in _WITNESS_KINDS:
            raise _malformed("a witness's key is not of a type for witnesses")
        self._check_url(witness.url)
        self._define(witness.name)
        self._add_key(witness.key, self._witness_keys)

    def add_group(self, group: Group) -> None:
        if not 1 <= group.threshold <= len(group.members):
            raise _malformed("a group asks for none of its members, or for more than it has")
        for member in group.members:
            if member == _NONE or member not in self._defined:
                raise _malformed("a group's member is not defined before it")
            if member in self._members:
                raise _malformed("a witness or group is a member twice")
            self._members.add(member)
        self._define(group.name)

    def check_quorum(self, name: str | None) -> None:
        if name == _NONE or (name is not None and name not in self._defined):
            raise _malformed("the quorum is not defined before its line")

    def _define(self, name: str) -> None:
        _check_item(name)
        if name in self._defined:
            raise _malformed("a name is defined twice, or is `none`")
        self._defined.add(name)

    def _add_key(self, key: VerifierKey, others: set[bytes]) -> None:
        if key.public in others:
            raise _malformed("the same key is there twice")
        others.add(key.public)
        # two keys of one name and id can be made; then no line would say whose it is
        if self._publics.setdefault((key.name, key.key_id), key.public) != key.public:
            raise _malformed("two keys have the same name and id")

    @staticmethod
    def _check_url(url: str | None) -> None:
        if url is not None:
            _check_item(url)


def _text(octets: bytes) -> str:
    return octets.decode(errors="surrogateescape")


def _octets(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _check_item(text: str) -> None:
    """Refuse what could not stand as one item of a line and be read back as it was."""
    try:
        octets = _octets(text)
    except UnicodeEncodeError as error:
        raise _malformed("a name or address is not made of octets") from error
    if _ITEM.fullmatch(octets) is None or _text(octets) != text:
        raise _malformed("a name or address is empty, or has a space or control character")


class _Reader:
    """Takes the lines of a file, one after the other."""

    def __init__(self) -> None:
        self._rules = _Rules()
        self._logs = list[PolicyLog]()
        self._witnesses = list[Witness]()
        self._groups = list[Group]()
        self._quorum = list[str]()
        self._takes: dict[str, Callable[[list[str]], None]] = {
            "log": self._take_log,
            "witness": self._take_witness,
            "group": self._take_group,
            "quorum": self._take_quorum,
        }

    def take(self, line: bytes) -> None:
        if _FORBIDDEN.search(line):
            raise _malformed("there is a control character")
        items = [_text(item) for item in line.split()]  # what else `split` splits at is forbidden
        if not items or items[0].startswith("#"):
            return
        if items[0] not in self._takes:
            raise _malformed("it is none of log, witness, group and quorum")
        self._takes[items[0]](items[1:])

    def policy(self) -> Policy:
        if not self._quorum:
            raise _malformed("there is no quorum line")
        return Policy(
            logs=tuple(self._logs),
            witnesses=tuple(self._witnesses),
            groups=tuple(self._groups),
            quorum=None if self._quorum[0] == _NONE else self._quorum[0],
        )

    def _take_log(self, items: list[str]) -> None:
        match items:
            case [vkey, *url] if len(url) <= 1:
                log = PolicyLog(key=parse_vkey(vkey), url=url[0] if url else None)
            case _:
                raise _malformed("a log is a key and perhaps an address")
        self._rules.add_log(log)
        self._logs.append(log)

    def _take_witness(self, items: list[str]) -> None:
        match items:
            case [name, vkey, *url] if len(url) <= 1:
                witness = Witness(name=name, key=parse_vkey(vkey), url=url[0] if url else None)
            case _:
                raise _malformed("a witness is a name, a key and perhaps an address")
        self._rules.add_witness(witness)
        self._witnesses.append(witness)

    def _take_group(self, items: list[str]) -> None:
        match items:
            case [name, number, *members] if members:
                pass
            case _:
                raise _malformed("a group is a name, a number, `any` or `all`, and its members")
        if number not in {"all", "any"} and _THRESHOLD.fullmatch(number) is None:
            raise _malformed("a group's number is not a decimal from 1, `any` or `all`")
        threshold = {"all": len(members), "any": 1}.get(number) or int(number)
        group = Group(name=name, threshold=threshold, members=tuple(members))
        self._rules.add_group(group)
        self._groups.append(group)

    def _take_quorum(self, items: list[str]) -> None:
        if len(items) != 1:
            raise _malformed("a quorum is one name")
        if self._quorum:
            raise _malformed("there is a second quorum line")
        self._rules.check_quorum(None if items[0] == _NONE else items[0])
        self._quorum += items


def parse_policy(data: bytes) -> Policy:
    """Return the policy that a file states; its comments are not kept.

    Args:
        data: The whole file [at most 1 MiB].

    Raises:
        BadProof: It is too large, or breaks the format; `facts["line"]` counts from 1.
    """
    if len(data) > MOST_BYTES:
        raise BadProof("a policy is larger than any should be", reason="too-large")
    *lines, rest = data.split(b"\n")
    if rest:
        raise _at_line(_malformed("it does not end with a newline"), len(lines) + 1)
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        try:
            reader.take(line)
        except BadProof as error:
            raise _at_line(error, number) from error
    try:
        return reader.policy()
    except BadProof as error:
        raise _at_line(error, len(lines)) from error


def _at_line(error: BadProof, number: int) -> BadProof:
    text = f"line {number} of a policy: {error.text}"
    return BadProof(text, **{**error.facts, "line": number})


def format_policy(policy: Policy) -> bytes:
    """Return a file that states the policy: logs, witnesses, groups, quorum."""
    lines = [
        *(("log", format_vkey(log.key), log.url) for log in policy.logs),
        *(("witness", w.name, format_vkey(w.key), w.url) for w in policy.witnesses),
        *(("group", group.name, str(group.threshold), *group.members) for group in policy.groups),
        ("quorum", policy.quorum or _NONE),
    ]
    return b"".join(_octets(" ".join(filter(None, line))) + b"\n" for line in lines)
