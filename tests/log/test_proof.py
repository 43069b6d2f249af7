from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadProof
from assent.log.checkpoint import MOST_LEAVES, sign
from assent.log.proof import MOST_BYTES, Proof, format_proof, parse_proof
from tests.log.made import by_name, every_flip, octets, outcome
from tests.log.vectors_notes import CHECKPOINT, LOG, Vector, proofs

SIGNED = sign(CHECKPOINT, [LOG])

hashes = st.binary(min_size=32, max_size=32)
made = st.builds(
    Proof,
    index=st.one_of(st.integers(0, 9), st.integers(0, MOST_LEAVES)),
    hashes=st.lists(hashes, max_size=63).map(tuple),
    checkpoint=st.one_of(st.just(SIGNED), st.binary().map(lambda data: data + b"\n")),
    extra=st.one_of(st.none(), st.binary(min_size=1)),
)


@pytest.mark.parametrize("row", proofs(), ids=by_name)
def test_a_proof_is_what_the_vectors_say(row: Vector) -> None:
    data = octets(row, "data_b64")
    assert outcome(lambda: parse_proof(data)) == row["reason"]
    if not row["valid"]:
        return
    proof = parse_proof(data)
    assert str(proof.index) == row["index"]
    assert [value.hex() for value in proof.hashes] == row["hashes"]
    assert proof.checkpoint == octets(row, "checkpoint_b64")
    assert proof.extra == (None if row["extra_b64"] is None else octets(row, "extra_b64"))
    assert format_proof(proof) == data


@given(made)
def test_a_proof_comes_back_from_its_bytes(proof: Proof) -> None:
    assert parse_proof(format_proof(proof)) == proof


shapes = st.lists(
    st.sampled_from([b"index ", b"extra ", b"0", b"7", b"AAAA", b"\n", b"A" * 43 + b"=", b"\xff"])
).map(lambda some: b"c2sp.org/tlog-proof@v1\n" + b"".join(some) + b"\n\na\n")


@given(st.one_of(st.binary(), shapes))
def test_any_bytes_are_a_proof_written_as_it_would_be_or_refused(data: bytes) -> None:
    came = outcome(lambda: parse_proof(data))
    if came == "ok":
        assert format_proof(parse_proof(data)) == data
    else:
        assert came in {"malformed", "wrong-format"}


def test_a_proof_with_any_bit_flipped_is_another_or_refused() -> None:
    proof = Proof(index=5, hashes=(bytes(32), b"\xff" * 32), checkpoint=SIGNED, extra=b"{}")
    data = format_proof(proof)
    for flipped in every_flip(data):
        if outcome(partial(parse_proof, flipped)) == "ok":
            assert parse_proof(flipped) != proof


@pytest.mark.parametrize(
    "fields",
    [
        {"index": -1},
        {"index": MOST_LEAVES + 1},
        {"hashes": (bytes(31),)},
        {"hashes": (bytes(33),)},
        {"hashes": (bytes(32),) * 64},
        {"checkpoint": b""},
        {"checkpoint": b"no newline"},
        {"extra": b""},
    ],
    ids=str,
)
def test_what_could_not_be_read_back_is_no_proof(fields: dict[str, object]) -> None:
    every = {"index": 0, "hashes": (), "checkpoint": SIGNED, **fields}
    assert outcome(lambda: Proof(**every)) == "malformed"  # type: ignore[arg-type]  # of one field each


def test_a_proof_larger_than_any_should_be_is_not_looked_at() -> None:
    data = format_proof(Proof(index=0, hashes=(), checkpoint=SIGNED))
    fits = data + b"x" * (MOST_BYTES - len(data) - 1) + b"\n"
    assert parse_proof(fits).checkpoint.startswith(SIGNED)
    with pytest.raises(BadProof) as caught:
        parse_proof(fits + b"\n")
    assert caught.value.facts["reason"] == "too-large"
