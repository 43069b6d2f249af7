"""Notes, names and checkpoints for properties, and what came of an attempt in one word."""

from base64 import b64decode
from collections.abc import Callable, Iterator

from hypothesis import strategies as st

from assent.errors import BadProof, NotProved
from assent.log.checkpoint import MOST_LEAVES, Checkpoint
from assent.log.note import Signature
from tests.log.vectors_notes import Vector

names = st.text(
    st.characters(codec="utf-8", exclude_categories=["Z", "C"], exclude_characters="+"), min_size=1
)
seeds = st.binary(min_size=32, max_size=32)
texts = st.text(
    st.one_of(st.sampled_from("\n\n— +"), st.characters(codec="utf-8", min_codepoint=0x20))
).map(lambda text: text.encode() + b"\n")
signatures = st.builds(
    Signature,
    name=names,
    key_id=st.binary(min_size=4, max_size=4),
    value=st.binary(min_size=1, max_size=70),
)
checkpoints_made = st.builds(
    Checkpoint,
    origin=st.text(st.characters(codec="utf-8", min_codepoint=0x20), min_size=1, max_size=60),
    size=st.one_of(st.integers(0, 9), st.integers(0, MOST_LEAVES)),
    root=st.binary(min_size=32, max_size=32),
)


def by_name(row: Vector) -> str:
    """A vector's name, for pytest."""
    return str(row["name"])


def octets(row: Vector, field: str) -> bytes:
    """A vector's bytes."""
    return b64decode(str(row[field]))


def outcome(attempt: Callable[[], object]) -> object:
    """`ok`, or the reason for which it was refused; any other error passes."""
    try:
        attempt()
    except (BadProof, NotProved) as error:
        return error.facts["reason"]
    return "ok"


def every_flip(data: bytes) -> Iterator[bytes]:
    """The same bytes with one bit another way, for each bit."""
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bytes(flipped)
