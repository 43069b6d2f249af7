"""From an event to its entry in the log: record, commitment, what is public of it, and handles.

An entry about a person holds its kind, its hour and a commitment; who has the opening and the
record can show what was said, and once both are deleted nobody can. Lists that name several people
are committed by Merkle roots over salted elements, so one can be shown, or erased, by itself.

Invariant: erasing an element, or deriving an entry again, gives the same bytes.
Source: docs/log.md; RFC 8785; RFC 6962, section 2.1; commitments as in KEYTRANS.
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import rfc8785

from assent.log.tree import HashAt, hash_children, hash_leaf, root_of_hashes

__all__ = [
    "CLEAR_KINDS",
    "LONGEST_ENTRY",
    "OPENING_BYTES",
    "Body",
    "author_mac",
    "by_mac",
    "commitment",
    "committed",
    "element_hash",
    "element_tree",
    "entry",
    "erased_author",
    "handle_of",
    "is_erased_author",
    "parse_json",
    "record",
    "salted",
    "sealed_value",
    "set_key",
    "state_key",
]

Body = Mapping[str, Any]
"""JSON: what an event says, by field."""

OPENING_BYTES = 32
LONGEST_ENTRY = 8_192
_LONGEST_CLEAR = 256
"""A longer text stands in a public body by its digest [characters]."""

_ERASED = "erased:"
_HEX, _HEX_DIGITS = frozenset("0123456789abcdef"), 64
_COMMITMENT_KEY = b"assent leaf commitment 1"
_LISTS = ("counts", "holders")
"""Fields of a body that list what is several people's; committed by their roots."""
_UNCOMMITTED = {"training-set": ("members",)}
"""Fields that something else in the body covers."""

CLEAR_KINDS: Mapping[str, tuple[str, ...]] = {
    "terms.draft": (
        "id",
        "title",
        "granted",
        "opt_out",
        "opt_in",
        "digest",
        "against",
        "widens",
        "widens_cells",
        "less_notice",
        "days",
        "in_force",
    ),
    "terms.notice": ("text", "timing", "channel", "chance", "told"),
    "terms.publish": ("id", "title", "granted", "opt_out", "opt_in", "digest"),
    "terms.withdraw": ("id",),
    "program.propose": (
        "id",
        "owner",
        "actor",
        "uses",
        "purpose",
        "models",
        "territories",
        "start",
        "end",
        "retention_days",
        "contract",
    ),
    "program.approve": ("id",),
    "program.suspend": ("id",),
    "program.resume": ("id",),
    "program.end": ("id",),
    "training-set": ("id", "program", "head", "manifest", "items", "root"),
    "index.root": ("head", "n", "root"),
    "key.rotate": ("log", "vkey"),
    "key.retire": ("log", "vkey"),
    "erasure": ("events",),
}
"""The kinds of which everybody may read what they say, and the fields that are public."""


_LARGEST = 2**53 - 1
"""The largest int that canonical JSON takes."""


def parse_json(data: bytes | str) -> Any:
    """Return what canonical JSON says, so that writing it again gives the same bytes.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It is nested deeper than Python goes.
    """
    # bytes would be taken for UTF-16 where they look like it
    return json.loads(data if isinstance(data, str) else data.decode(), parse_int=_number)


def _number(digits: str) -> int | float:
    # canonical JSON writes a large whole float without a point; what it reads so was no int,
    # because it takes only those that a float can hold
    number = int(digits)
    return number if abs(number) <= _LARGEST else float(digits)


def salted(body: Body, salt: Callable[[], str]) -> dict[str, Any]:
    """Return a body in which every element of a list of several people's has its salt.

    Args:
        body: What is about to be recorded; elements are objects or lists.
        salt: Gives 16 random bytes in hex, anew each time.
    """
    return {
        name: [_salted(element, salt) for element in value] if name in _LISTS else value
        for name, value in body.items()
    }


def _salted(element: Any, salt: Callable[[], str]) -> Any:  # an element of JSON
    if isinstance(element, Mapping):
        return {**element, "salt": salt()}
    return [*element, salt()]


def element_hash(element: Any) -> bytes:
    """Return the leaf hash of an element; of an erased one, which is its hash in hex, that.

    Raises:
        ValueError: It is text, and no hash in hex.
    """
    if isinstance(element, str):
        return bytes.fromhex(element)
    return hash_leaf(rfc8785.dumps(element))


def element_tree(elements: Sequence[Any]) -> HashAt:
    """Return the hashes of the tree over a list's elements."""
    levels = [[element_hash(element) for element in elements]]
    while len(levels[-1]) > 1:
        twins = iter(levels[-1])
        # the last of an odd number has no twin, so no complete subtree above it
        levels.append([hash_children(*pair) for pair in zip(twins, twins, strict=False)])
    return lambda level, index: levels[level][index]


def committed(kind: str, body: Body) -> dict[str, Any]:
    """Return a body as its record has it: each list by length and root, covered fields left out."""
    left_out = _UNCOMMITTED.get(kind, ())
    return {
        name: _list_root(value) if name in _LISTS else value
        for name, value in body.items()
        if name not in left_out
    }


def _list_root(elements: Sequence[Any]) -> dict[str, Any]:
    return {"n": len(elements), "root": root_of_hashes(map(element_hash, elements)).hex()}


def by_mac(opening: bytes, name: str) -> str:
    """Return what stands for a name in a record [64 hexadecimal digits]."""
    return hmac.digest(opening, b"by/v1\n" + name.encode(), "sha256").hex()


def erased_author(opening: bytes, name: str) -> str:
    """Return what an event keeps of the name of somebody who was erased."""
    return _ERASED + author_mac(opening, name)


def author_mac(opening: bytes, name: str) -> str:
    """Return what stands for an event's author in its record, also when the author was erased."""
    return name.removeprefix(_ERASED) if is_erased_author(name) else by_mac(opening, name)


def is_erased_author(name: str) -> bool:
    """Say whether a name is what is left of somebody's who was erased."""
    left = name.removeprefix(_ERASED)
    return left != name and len(left) == _HEX_DIGITS and not set(left) - _HEX


def record(*, number: int, kind: str, at: str, by: str, body: str) -> bytes:
    """Return the record of an event: what is committed to, as canonical JSON.

    Args:
        number: The event's number.
        kind: Its kind; plain ASCII.
        at: Its instant, as text.
        by: What stands for its author's name (`by_mac`).
        body: Its body, as canonical JSON.
    """
    if kind in _UNCOMMITTED or any(f'"{name}":' in body for name in _LISTS):
        body = rfc8785.dumps(committed(kind, parse_json(body))).decode()
    # canonical already: names in order, and no value that needs an escape
    return f'{{"at":"{at}","body":{body},"by":"{by}","kind":"{kind}","number":{number}}}'.encode()


def commitment(opening: bytes, said: bytes) -> bytes:
    """Return the commitment to a record under an opening [32 bytes]: hiding and binding."""
    return hmac.digest(_COMMITMENT_KEY, opening + said, "sha256")


def entry(*, kind: str, at: str, body: str | Body, commitment: bytes) -> bytes:
    """Return the entry of an event: a leaf's bytes, canonical JSON, at most 8,192.

    Args:
        kind: The event's kind.
        at: Its instant, as text.
        body: Its body, as canonical JSON or read from it; looked at only where it is public.
        commitment: The commitment to its record [32 bytes].
    """
    code = b64encode(commitment).decode()
    public = CLEAR_KINDS.get(kind)
    if public is None:
        hour = at[: len("2031-01-31T09")] + "Z"
        return f'{{"c":"{code}","k":"{kind}","t":"{hour}","v":1}}'.encode()
    fields = parse_json(body) if isinstance(body, str) else body
    clear = {name: _shortened(fields[name]) for name in public if name in fields}
    made = rfc8785.dumps({"b": clear, "c": code, "k": kind, "t": at, "v": 1})
    if len(made) > LONGEST_ENTRY:
        clear = {"sha256": sha256(rfc8785.dumps(clear)).hexdigest()}
        made = rfc8785.dumps({"b": clear, "c": code, "k": kind, "t": at, "v": 1})
    return made


def _shortened(value: Any) -> Any:  # any value of JSON
    if isinstance(value, str) and len(value) > _LONGEST_CLEAR:
        return {"sha256": sha256(value.encode()).hexdigest()}
    return value


def handle_of(opening: bytes) -> bytes:
    """Return a recording's handle, from the opening of its `recording` event [32 bytes]."""
    return hmac.digest(opening, b"handle/v1", "sha256")


def state_key(handle: bytes) -> bytes:
    """Return where a recording stands in the tree of the latest words [32 bytes]."""
    return hmac.digest(handle, b"state/v1", "sha256")


def set_key(handle: bytes, manifest: str) -> bytes:
    """Return where a recording stands in the tree of a training set [32 bytes].

    Args:
        handle: The recording's handle.
        manifest: SHA-256 of the set's manifest [64 hexadecimal digits].
    """
    return hmac.digest(handle, b"set/v1\n" + manifest.encode(), "sha256")


def sealed_value(handle: bytes, said: bytes) -> bytes:
    """Return what a tree holds of what is said there of a recording [32 bytes].

    Args:
        handle: The recording's handle.
        said: Canonical JSON.
    """
    return hmac.digest(handle, b"value/v1\n" + said, "sha256")
