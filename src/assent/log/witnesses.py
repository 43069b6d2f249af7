"""Asking witnesses to cosign: all at once, none for longer than a given time, none believed.

What a witness says counts only if it is signed: a cosignature by its key in the policy, a larger or
other history by the log's own. So a dead, slow or lying witness costs that time and its own
cosignature, nothing else; an honest one that knows another history of the log stops it.

Source: C2SP tlog-witness v1.0.0, "add-checkpoint" and "Monitor Retrieval Mechanism".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Lock
from typing import Final

from assent.clock import now
from assent.errors import AssentError, BadProof, NotProved, Tampered
from assent.log.ask import Asker, in_time
from assent.log.checkpoint import Checkpoint, parse_number, parse_signed
from assent.log.cosignature import verify_cosignature
from assent.log.note import (
    MOST_SIGNATURES,
    Note,
    Signature,
    VerifierKey,
    matching,
    parse_signatures,
)
from assent.log.policy import Policy
from assent.log.tree import HashAt, prove_consistency, root_at
from assent.log.witness import (
    MOST_BYTES,
    TEXT_TYPE,
    format_request,
    log_signatures,
    origin_hash,
)

__all__ = ["AHEAD", "HttpWitnesses", "Shown", "checkpoint_url", "keys_by_url", "parse_shown"]

AHEAD: Final = timedelta(minutes=1)
"""How far a witness's clock may be before ours; stricter than those who check (`policy.AHEAD`), for
one cosignature from their future would spoil the whole checkpoint for them."""

_SILENT: Final = -1
_MOST_SIZE_BYTES: Final = 20  # 19 digits and a newline


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A checkpoint that somebody shows and that the log itself signed.

    Args:
        checkpoint: What it says.
        note: The same, as it was shown.
    """

    checkpoint: Checkpoint
    note: bytes


def keys_by_url(policy: Policy) -> dict[str, tuple[VerifierKey, ...]]:
    """Return the keys of a policy's witnesses by their addresses; one without is left out."""
    found = dict[str, tuple[VerifierKey, ...]]()
    for witness in policy.witnesses:
        if witness.url is not None:
            url = witness.url.rstrip("/")
            found[url] = (*found.get(url, ()), witness.key)
    return found


def checkpoint_url(url: str, origin: str) -> str:
    """Return where a witness shows the latest checkpoint of a log that it cosigned."""
    return f"{url}/{origin_hash(origin)}/checkpoint"


def parse_shown(note: bytes, origin: str, policy: Policy) -> Shown | None:
    """Return a checkpoint that a log of a policy signed; None for anything else.

    Args:
        note: What was shown.
        origin: Which log it must be of.
        policy: Whose signatures count. Those of witnesses are not looked at.
    """
    keys = tuple(log.key for log in policy.logs if log.key.name == origin)
    try:
        checkpoint, parsed = parse_signed(note)
        log_signatures(checkpoint, parsed, keys)
    except (BadProof, NotProved):
        return None
    return Shown(checkpoint=checkpoint, note=note) if checkpoint.origin == origin else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the witnesses are asked to cosign.

    Args:
        checkpoint: The log at its new size.
        note: The same, signed.
        hash_at: The hashes of its tree, for one caller at a time.
    """

    checkpoint: Checkpoint
    note: bytes
    hash_at: HashAt


class HttpWitnesses:
    """The witnesses of a policy that have an address.

    Args:
        policy: Which they are, and by which keys the log is known.
        timeout_s: How long all of them together may take [seconds].
        clock: What tells the time.
    """

    def __init__(
        self,
        policy: Policy,
        timeout_s: float = 2.0,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._policy = policy
        self._keys = keys_by_url(policy)
        self._timeout_s = timeout_s
        self._clock = clock
        self._asker = Asker(timeout_s)
        self._sizes = dict[tuple[str, str], int]()  # that a witness knows, by address and origin
        self._busy = set[str]()
        self._lock = Lock()
        self._forked: Tampered | None = None

    def close(self) -> None:
        """Close the connections."""
        self._asker.close()

    def largest(self, origin: str) -> int | None:
        """Return the largest size that any witness shows of a log, signed by the log itself.

        Args:
            origin: Which log.

        Returns:
            0 if none shows any; None if none answers in time, and the policy needs one.
        """

        def look(url: str) -> int:
            reply = self._asker.look(checkpoint_url(url, origin), MOST_BYTES)
            if reply is None:
                return _SILENT
            known = reply.status == HTTPStatus.OK
            shown = parse_shown(reply.body, origin, self._policy) if known else None
            if shown is None:
                return 0
            self._sizes[url, origin] = shown.checkpoint.size
            return shown.checkpoint.size

        tasks = [lambda url=url: look(url) for url in self._keys]
        found = max(in_time(tasks, self._timeout_s), default=_SILENT)
        needed = bool(self._keys) and self._policy.quorum is not None
        return None if found == _SILENT and needed else max(found, 0)

    def cosign(self, checkpoint: bytes, hash_at: HashAt) -> Sequence[Signature]:
        """Return the cosignatures that could be had in time, the newest of each key.

        Args:
            checkpoint: The signed checkpoint.
            hash_at: The hashes of its tree.

        Raises:
            Tampered: A witness shows a checkpoint that the log signed, of a larger tree
                (`rolled-back`) or of one that this did not grow from (`forked`).
            StorageFailed: The log's own tiles could not be read.
        """
        if self._forked is not None:  # found by a thread after the time of its round
            raise self._forked
        ours, note = parse_signed(checkpoint)
        reading = Lock()

        def one_at_a_time(level: int, index: int) -> bytes:
            with reading:
                return hash_at(level, index)

        asked = _Asked(checkpoint=ours, note=checkpoint, hash_at=one_at_a_time)
        found = list[Signature]()
        tasks = [lambda url=url: self._answer(url, asked) for url in self._keys]
        for answer in in_time(tasks, self._timeout_s):
            if isinstance(answer, AssentError):
                raise answer
            found += answer
        return found[: MOST_SIGNATURES - len(note.signatures)]

    def _answer(self, url: str, asked: _Asked) -> Sequence[Signature] | AssentError:
        """Return the cosignatures of one witness, or why the log must stop; runs in a thread."""
        with self._lock:
            if url in self._busy:  # still not done with the last one: no second thread for it
                return ()
            self._busy.add(url)
        try:
            return self._cosigned(url, asked)
        except AssentError as error:
            if error.facts.get("reason") == "forked" and isinstance(error, Tampered):
                # larger trees are no lasting alarm: after its time this thread may itself be stale
                self._forked = error
            return error
        finally:
            with self._lock:
                self._busy.discard(url)

    def _cosigned(self, url: str, asked: _Asked) -> Sequence[Signature]:
        place = url, asked.checkpoint.origin
        old = min(self._sizes.get(place, 0), asked.checkpoint.size)
        for _ in range(2):  # the witness says once what it knows
            if old > asked.checkpoint.size:
                break
            proof = prove_consistency(old, asked.checkpoint.size, asked.hash_at)
            body = format_request(old, proof, asked.note)
            reply = self._asker.post(f"{url}/add-checkpoint", MOST_BYTES, body, TEXT_TYPE)
            if reply is None:
                return ()
            if reply.status == HTTPStatus.OK:
                self._sizes[place] = asked.checkpoint.size
                return _verified(reply.body, asked, self._keys[url], self._clock() + AHEAD)
            known = _parse_size(reply.body) if reply.status == HTTPStatus.CONFLICT else None
            if known is None:
                break
            old = known
        self._check_same_history(url, asked)
        return ()

    def _check_same_history(self, url: str, asked: _Asked) -> None:
        """Look at what a witness knows that refused; it convinces only with the log's signature."""
        ours = asked.checkpoint
        shown = self._shown(url, ours.origin)
        if shown is None:
            return
        theirs = shown.checkpoint
        if theirs.size > ours.size:
            raise Tampered(
                f"a witness knows {theirs.size} entries of the log, and here are {ours.size}: this"
                " log was restored from an older copy",
                reason="rolled-back",
                known=theirs.size,
                size=ours.size,
                witness=url,
                note=shown.note,
            )
        if root_at(theirs.size, asked.hash_at) != theirs.root:
            raise Tampered(
                "a witness knows another history that this log has signed; nothing is published",
                reason="forked",
                size=theirs.size,
                witness=url,
                note=shown.note,
            )

    def _shown(self, url: str, origin: str) -> Shown | None:
        note = self._asker.get(checkpoint_url(url, origin), MOST_BYTES)
        return None if note is None else parse_shown(note, origin, self._policy)


def _parse_size(body: bytes) -> int | None:
    """Return the size in a witness's refusal, if it is written as one."""
    if len(body) > _MOST_SIZE_BYTES or not body.isascii() or not body.endswith(b"\n"):
        return None
    try:
        return parse_number(body[:-1].decode())
    except BadProof:
        return None


def _verified(
    body: bytes, asked: _Asked, keys: Sequence[VerifierKey], latest: datetime
) -> tuple[Signature, ...]:
    """Return the newest cosignature of each known key; none at all if one of them is wrong.

    Args:
        body: What the witness answered.
        asked: What it was asked.
        keys: Its keys.
        latest: The latest time that is believed [aware datetime].
    """
    found = dict[VerifierKey, tuple[datetime, Signature]]()
    try:
        note = Note(text=parse_signed(asked.note)[1].text, signatures=parse_signatures(body))
        for key, signature in matching(note, keys):
            at = verify_cosignature(key, asked.checkpoint, signature)
            if at > latest:
                return ()
            if key not in found or found[key][0] < at:
                found[key] = at, signature
    except (BadProof, NotProved):
        return ()
    return tuple(signature for _, signature in found.values())
