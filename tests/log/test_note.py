import re
from base64 import b64encode
from functools import partial
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadProof, NotProved
from assent.log.note import (
    COSIGNATURE,
    ED25519,
    MLDSA,
    MOST_BYTES,
    MOST_SIGNATURES,
    Note,
    Signature,
    Signer,
    VerifierKey,
    format_base64,
    format_note,
    format_signature,
    format_skey,
    format_vkey,
    matching,
    parse_base64,
    parse_note,
    parse_signatures,
    parse_skey,
    parse_vkey,
    verified,
    verify_ed25519,
)
from tests.log.made import by_name, every_flip, names, octets, outcome, seeds, signatures, texts
from tests.log.vectors_notes import LOG, OTHER, TEXT, TWINS, WITNESS_MLDSA, Vector, notes, vkeys

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"

notes_made = st.builds(
    Note, text=texts, signatures=st.lists(signatures, min_size=1, max_size=3).map(tuple)
)


# ---- base64


@given(st.binary())
def test_bytes_have_one_text_in_base64(data: bytes) -> None:
    text = format_base64(data)
    assert text == b64encode(data).decode()
    assert parse_base64(text) == data


@given(st.one_of(st.text(), st.text("AQgwz/+=-_ \n", max_size=9)))
def test_a_text_is_the_base64_of_its_bytes_or_refused(text: str) -> None:
    try:
        data = parse_base64(text)
    except BadProof:
        return
    assert format_base64(data) == text


def test_every_pair_of_last_digits_of_one_byte_but_the_canonical_ones_is_refused() -> None:
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    read = 0
    for text in (f"{first}{second}==" for first in digits for second in digits):
        try:
            parse_base64(text)
        except BadProof:
            continue
        read += 1
    assert read == 256


# ---- keys


@pytest.mark.parametrize("row", vkeys(), ids=by_name)
def test_a_key_is_read_as_the_vectors_say(row: Vector) -> None:
    text = str(row["text"])
    if not row["valid"]:
        assert outcome(lambda: parse_vkey(text)) == "malformed"
        return
    key = parse_vkey(text)
    assert (key.name, key.kind) == (row["key_name"], row["kind"])
    assert (key.key_id.hex(), key.public.hex()) == (row["key_id"], row["public"])
    assert format_vkey(key) == text


@given(names, seeds)
def test_a_key_comes_back_from_its_text(name: str, seed: bytes) -> None:
    key = Signer.of(name, seed).vkey
    assert parse_vkey(format_vkey(key)) == key


@given(names, names, seeds)
def test_a_key_of_one_name_or_type_is_not_the_key_of_another(a: str, b: str, seed: bytes) -> None:
    public = Signer.of(a, seed).vkey.public
    ids = {VerifierKey.of(name, kind, public).key_id for name in {a, b} for kind in (1, 4)}
    assert len(ids) == 2 * len({a, b})


@given(st.text())
def test_any_text_is_a_key_written_as_it_would_be_or_refused(text: str) -> None:
    with pytest.raises(BadProof):
        parse_vkey(text)


@pytest.mark.parametrize(
    "text", [format_vkey(LOG.vkey), format_vkey(TWINS[0].vkey)], ids=["log", "twin"]
)
def test_a_key_with_any_one_character_changed_or_left_out_is_refused(text: str) -> None:
    for place in range(len(text)):
        for other in ("", "A", "b", "0", "+", "/", "=", " ", "\u0430"):
            mangled = text[:place] + other + text[place + 1 :]
            if mangled != text:
                assert outcome(partial(parse_vkey, mangled)) == "malformed"


def test_a_text_longer_than_any_key_is_not_looked_at() -> None:
    with pytest.raises(BadProof) as caught:
        parse_vkey("x" * 5000)
    assert caught.value.facts["reason"] == "too-large"


@pytest.mark.parametrize("space", SPACES, ids=lambda space: f"{ord(space):04x}")
def test_no_name_has_a_space(space: str) -> None:
    assert outcome(lambda: VerifierKey.of(f"a{space}b", ED25519, LOG.vkey.public)) == "malformed"
    assert outcome(lambda: Signature(name=f"a{space}b", key_id=bytes(4), value=b"x")) == "malformed"


def test_a_name_may_have_every_character_but_spaces_pluses_and_controls() -> None:
    # every one of the scripts, punctuation and surrogates, and some of each plane above
    for code in [*range(0x3100), *range(0xD7FF, 0xE001), *range(0x3100, 0x110000, 251)]:
        character = chr(code)
        allowed = category(character) not in {"Cc", "Cs", "Zs", "Zl", "Zp"} and character != "+"
        try:
            VerifierKey.of(character, MLDSA, WITNESS_MLDSA.vkey.public)
        except BadProof:
            assert not allowed, f"{code:04x}"
        else:
            assert allowed, f"{code:04x}"


def test_a_signature_of_somebody_unknown_may_have_a_name_that_the_format_allows() -> None:
    assert Signature(name="a\x7fb", key_id=bytes(4), value=b"x").name == "a\x7fb"
    assert outcome(lambda: VerifierKey.of("a\x7fb", ED25519, LOG.vkey.public)) == "malformed"


@pytest.mark.parametrize("kind", [-1, 0, 2, 5, 255, 256, 1000])
def test_a_key_of_a_type_that_is_not_known_is_refused(kind: int) -> None:
    assert outcome(lambda: VerifierKey.of("a", kind, LOG.vkey.public)) == "malformed"


def test_two_keys_can_have_the_same_name_and_id() -> None:
    one, other = (twin.vkey for twin in TWINS)
    assert (one.name, one.key_id) == (other.name, other.key_id)
    assert one.public != other.public


# ---- notes


@pytest.mark.parametrize("row", notes(), ids=by_name)
def test_a_note_is_what_the_vectors_say(row: Vector) -> None:
    data = octets(row, "data_b64")
    known = [parse_vkey(text) for text in row["vkeys"]]  # type: ignore[attr-defined]  # a list of text
    if row["reason"] == "malformed":
        assert outcome(lambda: parse_note(data)) == "malformed"
        return
    note = parse_note(data)
    assert format_note(note) == data
    if row["valid"]:
        assert note.text == octets(row, "text_b64")
        assert [format_vkey(key) for key in verified(note, known)] == row["verified"]
        return
    with pytest.raises(NotProved) as caught:
        verified(note, known)
    assert caught.value.facts["reason"] == row["reason"]


@given(notes_made)
def test_a_note_comes_back_from_its_bytes(note: Note) -> None:
    assert parse_note(format_note(note)) == note


shapes = st.lists(
    st.sampled_from([b"\n", b"\n\n", "\u2014 ".encode(), b"a", b" ", b"+", b"AAAAAAA=", b"\x00"])
).map(b"".join)


@given(st.one_of(st.binary(), shapes, shapes.map(lambda data: b"a\n\n" + data)))
def test_any_bytes_are_a_note_written_as_it_would_be_or_refused(data: bytes) -> None:
    if outcome(lambda: parse_note(data)) != "malformed":
        assert format_note(parse_note(data)) == data


def test_a_note_with_any_bit_flipped_is_refused_or_nobodys() -> None:
    data = format_note(Note(text=TEXT, signatures=(LOG.sign(TEXT),)))

    def verified_bytes(data: bytes) -> tuple[VerifierKey, ...]:
        return verified(parse_note(data), [LOG.vkey, OTHER.vkey])

    assert verified_bytes(data) == (LOG.vkey,)
    for flipped in every_flip(data):
        came = outcome(partial(verified_bytes, flipped))
        assert came in {"malformed", "bad-signature"} or verified_bytes(flipped) == ()


def test_a_note_larger_than_any_should_be_is_not_looked_at() -> None:
    fits = format_note(Note(text=TEXT, signatures=(LOG.sign(TEXT),)))
    fits = b"x" * (MOST_BYTES - len(fits)) + fits
    assert parse_note(fits).text.endswith(TEXT)
    for read in (parse_note, parse_signatures):
        with pytest.raises(BadProof) as caught:
            read(b"x" + fits)
        assert caught.value.facts["reason"] == "too-large"


@given(st.lists(signatures, max_size=4))
def test_signature_lines_alone_come_back(lines: list[Signature]) -> None:
    assert parse_signatures(b"".join(map(format_signature, lines))) == tuple(lines)


def test_signature_lines_are_a_hundred_at_most() -> None:
    line = format_signature(LOG.sign(TEXT))
    assert len(parse_signatures(line * MOST_SIGNATURES)) == MOST_SIGNATURES
    assert outcome(lambda: parse_signatures(line * (MOST_SIGNATURES + 1))) == "malformed"


def test_a_note_takes_more_signatures_but_none_twice() -> None:
    ours, others = LOG.sign(TEXT), OTHER.sign(TEXT)
    note = Note(text=TEXT, signatures=(ours,))
    assert note.plus(ours, others, others).signatures == (ours, others)
    many = [Signature(name=f"n{n}", key_id=bytes(4), value=b"x") for n in range(MOST_SIGNATURES)]
    assert outcome(lambda: note.plus(*many)) == "malformed"


@pytest.mark.parametrize("text", [b"", b"no newline", b"a\tb\n", b"\xff\n", b"a\r\n"])
def test_a_text_that_could_not_be_read_back_makes_no_note(text: bytes) -> None:
    assert outcome(lambda: Note(text=text, signatures=(LOG.sign(text),))) == "malformed"


@pytest.mark.parametrize("key_id", [b"", b"abc", b"abcde"])
def test_an_id_is_four_bytes(key_id: bytes) -> None:
    assert outcome(lambda: Signature(name="a", key_id=key_id, value=b"x")) == "malformed"


def test_two_keys_of_one_name_and_id_cannot_both_be_known() -> None:
    one, other = TWINS
    note = Note(text=TEXT, signatures=(one.sign(TEXT),))
    assert verified(note, [one.vkey]) == (one.vkey,)
    for known in ([one.vkey, other.vkey], [other.vkey, one.vkey], [other.vkey]):
        with pytest.raises(NotProved) as caught:
            verified(note, known)
        assert caught.value.facts == {"reason": "bad-signature", "name": "example.com/log"}


def test_a_key_for_cosignatures_signs_no_note() -> None:
    cosigner = VerifierKey.of("example.com/log", COSIGNATURE, LOG.vkey.public)
    value = LOG.sign(TEXT).value
    line = Signature(name=cosigner.name, key_id=cosigner.key_id, value=value)
    note = Note(text=TEXT, signatures=(line,))
    assert list(matching(note, [cosigner])) == [(cosigner, line)]
    assert verified(note, [cosigner]) == ()


@given(seeds, st.binary(), st.binary())
def test_a_signature_holds_for_what_was_signed_only(seed: bytes, one: bytes, other: bytes) -> None:
    signer = Signer.of("a", seed)
    value = signer.sign(one).value
    assert verify_ed25519(signer.vkey.public, other, value) == (one == other)


@pytest.mark.parametrize(("public", "signature"), [(31, 64), (33, 64), (32, 63), (32, 65), (0, 0)])
def test_a_key_or_signature_of_another_length_does_not_verify(public: int, signature: int) -> None:
    assert not verify_ed25519(bytes(public), b"", b"\x07" * signature)


# ---- secrets


@given(names, seeds)
def test_a_signer_comes_back_from_its_secret_text(name: str, seed: bytes) -> None:
    signer = Signer.of(name, seed)
    text = format_skey(signer)
    assert parse_skey(text) == signer
    assert text.startswith(f"PRIVATE+KEY+{name}+{signer.vkey.key_id.hex()}+A")


def test_a_secret_is_not_shown_by_accident() -> None:
    assert str(LOG.seed)[2:-1] not in repr(LOG)
    assert "seed" not in repr(LOG)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_secret_of_another_length_is_refused(length: int) -> None:
    assert outcome(lambda: Signer.of("a", bytes(length))) == "malformed"


def test_a_secret_text_with_any_character_changed_is_refused_and_not_repeated() -> None:
    text = format_skey(LOG)
    for place in range(len(text)):
        for other in ("", "A", "0", "+", " "):
            mangled = text[:place] + other + text[place + 1 :]
            if mangled == text:
                continue
            with pytest.raises(BadProof) as caught:
                parse_skey(mangled)
            assert not re.search(r"[A-Za-z0-9+/]{12}", caught.value.text)


def test_a_secret_of_a_cosigner_signs_no_notes() -> None:
    cosigner = VerifierKey.of("a", COSIGNATURE, LOG.vkey.public)
    secret = format_base64(bytes([COSIGNATURE]) + LOG.seed)
    assert (
        outcome(lambda: parse_skey(f"PRIVATE+KEY+a+{cosigner.key_id.hex()}+{secret}"))
        == "malformed"
    )
