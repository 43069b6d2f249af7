from base64 import b64decode
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadProof
from assent.log.checkpoint import (
    MOST_LEAVES,
    Checkpoint,
    format_body,
    parse_body,
    parse_number,
    parse_signed,
    sign,
)
from assent.log.note import VerifierKey, parse_vkey, verified
from tests.log.made import by_name, checkpoints_made, every_flip, octets, outcome
from tests.log.trees import VECTORS, needs
from tests.log.vectors_notes import CHECKPOINT, LOG, OTHER, Vector, checkpoints


@pytest.mark.parametrize("row", checkpoints(), ids=by_name)
def test_a_checkpoint_is_what_the_vectors_say(row: Vector) -> None:
    data = octets(row, "data_b64")
    if not row["valid"]:
        assert outcome(lambda: parse_signed(data)) == "malformed"
        return
    checkpoint, note = parse_signed(data)
    assert checkpoint.origin == row["origin"]
    assert str(checkpoint.size) == row["size"]
    assert checkpoint.root.hex() == row["root"]
    assert note.text == format_body(checkpoint)
    assert sign(checkpoint, [LOG]) == data


@given(checkpoints_made)
def test_a_checkpoint_comes_back_from_its_lines(checkpoint: Checkpoint) -> None:
    assert parse_body(format_body(checkpoint)) == checkpoint


@given(checkpoints_made)
def test_a_signed_checkpoint_comes_back_and_verifies(checkpoint: Checkpoint) -> None:
    read, note = parse_signed(sign(checkpoint, [LOG, OTHER]))
    assert read == checkpoint
    assert verified(note, [OTHER.vkey, LOG.vkey]) == (LOG.vkey, OTHER.vkey)


lines = st.lists(st.sampled_from([b"\n", b"a", b"7", b"0", b"A" * 42, b"A=", b"\xff", b" "]))


@given(st.one_of(st.binary(), lines.map(b"".join)))
def test_any_bytes_are_a_checkpoint_written_as_it_would_be_or_refused(data: bytes) -> None:
    if outcome(lambda: parse_body(data)) != "malformed":
        assert format_body(parse_body(data)) == data


@given(st.one_of(st.integers(0, MOST_LEAVES).map(str), st.text("0123456789+-_ .e", max_size=20)))
def test_a_number_is_read_only_as_it_would_be_written(text: str) -> None:
    try:
        number = parse_number(text)
    except BadProof:
        assert not (text.isdecimal() and str(int(text)) == text and int(text) <= MOST_LEAVES)
        return
    assert str(number) == text


def test_a_signed_checkpoint_with_any_bit_flipped_is_refused_or_nobodys() -> None:
    data = sign(CHECKPOINT, [LOG])

    def verified_bytes(data: bytes) -> tuple[VerifierKey, ...]:
        return verified(parse_signed(data)[1], [LOG.vkey])

    assert verified_bytes(data) == (LOG.vkey,)
    for flipped in every_flip(data):
        came = outcome(partial(verified_bytes, flipped))
        assert came in {"malformed", "bad-signature"} or verified_bytes(flipped) == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"origin": ""},
        {"origin": "two\nlines"},
        {"origin": "half a pair \ud83c"},
        {"size": -1},
        {"size": MOST_LEAVES + 1},
        {"root": b""},
        {"root": bytes(31)},
        {"root": bytes(33)},
    ],
    ids=str,
)
def test_what_could_not_be_read_back_is_no_checkpoint(fields: dict[str, object]) -> None:
    every = {"origin": "a", "size": 1, "root": bytes(32), **fields}
    assert outcome(lambda: Checkpoint(**every)) == "malformed"  # type: ignore[arg-type]  # of one field each


def test_extension_lines_are_refused_for_a_reason() -> None:
    with pytest.raises(BadProof, match="which no audit covers"):
        parse_body(format_body(CHECKPOINT) + b"more\n")


def test_a_checkpoint_without_a_signature_is_none() -> None:
    assert outcome(lambda: sign(CHECKPOINT, [])) == "malformed"


def test_a_body_without_its_last_newline_is_refused() -> None:
    body = format_body(CHECKPOINT)
    assert outcome(lambda: parse_body(body[:-1])) == "malformed"
    assert outcome(lambda: parse_body(body + b"more")) == "malformed"


def test_a_body_that_is_not_utf8_is_refused() -> None:
    assert outcome(lambda: parse_body(b"\xff\n7\n")) == "malformed"


@needs("tessera-log")
@pytest.mark.parametrize("size", range(16))
def test_tesseras_checkpoints_verify(size: int) -> None:
    folder = VECTORS / "tessera-log"
    key = parse_vkey((folder / "log.vkey").read_text().strip())
    data = (folder / f"checkpoint.{size}").read_bytes()
    checkpoint, note = parse_signed(data)
    assert verified(note, [key]) == (key,)
    assert (checkpoint.origin, checkpoint.size) == (key.name, size)
    assert checkpoint.root == b64decode(data.split(b"\n")[2])
    assert format_body(checkpoint) == note.text
