"""Signed notes: a text and, under it, who signed it; the keys of signers, in their text forms.

Touches no clock, no randomness and no disk, and does not know what the text says. A note or a key
is read only if it is written byte for byte as it would be written again.

Source: C2SP signed-note v1.0.0, and its section "Verifier keys" of 2026-07; RFC 8032, section 5.1
(Ed25519); RFC 4648, section 4. The text form of a secret key, which C2SP leaves open, is the one of
Go's golang.org/x/mod/sumdb/note.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assent.errors import BadProof, NotProved

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "MLDSA",
    "MOST_BYTES",
    "MOST_SIGNATURES",
    "Note",
    "SecretKey",
    "Signature",
    "Signer",
    "VerifierKey",
    "format_base64",
    "format_note",
    "format_signature",
    "format_skey",
    "format_vkey",
    "matching",
    "parse_base64",
    "parse_note",
    "parse_signatures",
    "parse_skey",
    "parse_vkey",
    "split_skey",
    "verified",
    "verify_ed25519",
]

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
MLDSA: Final = 0x06

MOST_BYTES: Final = 1 << 20
MOST_SIGNATURES: Final = 100
_MOST_KEY_CHARACTERS: Final = 4096

_PUBLIC_BYTES: Final = {ED25519: 32, COSIGNATURE: 32, MLDSA: 1312}
_SEED_BYTES: Final = 32
_ID_BYTES: Final = 4
_ED25519_BYTES: Final = 64
_MOST_MLDSA_NAME_BYTES: Final = 255
_DASH: Final = "\u2014 "
_SKEY: Final = "PRIVATE+KEY+"

# The White_Space property is spelled out: Python's and JavaScript's own notions of a space differ
_NAME: Final = re.compile(
    r"[^+\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]+"
)
_CONTROL: Final = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_EIGHTH: Final = 0x5FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# The points of order 1, 2, 4 and 8, by their y: the two with the same y differ in sign only
_SMALL_ORDER: Final = frozenset({0, 1, _P - 1, _EIGHTH, _P - _EIGHTH})


def _malformed(text: str) -> BadProof:
    return BadProof(text, reason="malformed")


def parse_base64(text: str) -> bytes:
    """Return the bytes that a text stands for.

    Raises:
        BadProof: It is not the one text in base64 that stands for them.
    """
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise _malformed("there is something else where base64 should be") from error
    if format_base64(data) != text:
        raise _malformed("base64 has stray bits or signs at its end")
    return data


def format_base64(data: bytes) -> str:
    """Return the one text that stands for `data`."""
    return b64encode(data).decode("ascii")


def _check_name(name: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise _malformed("a key's name is empty or has a space, a plus or a control character")


def _key_id(name: str, kind: int, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:_ID_BYTES]


def _y(encoded: bytes) -> int:
    """Return the y of an encoded point; the topmost bit is the sign of its x."""
    return int.from_bytes(encoded, "little") & ((1 << 255) - 1)


def _check_point(encoded: bytes) -> None:
    """Refuse a public key on which two verifiers could differ.

    A key with a part of small order beside its own is let through: those differ on it who multiply
    by the cofactor, which neither OpenSSL nor Web Cryptography does.

    Raises:
        BadProof: It is no point, is encoded in a second way, or is of small order.

    Source: RFC 8032, section 5.1.3 (decoding); Chalkias, Garillot and Nikolaenko, "Taming the many
    EdDSAs", 2020, table 1 (points of small order).
    """
    y = _y(encoded)
    if y >= _P:
        raise _malformed("an Ed25519 key is not encoded in the one way it should be")
    if y in _SMALL_ORDER:  # a wrong sign of x = 0 is possible with y = 1 and y = -1 only
        raise _malformed("an Ed25519 key is of small order: anything would verify under it")
    # the divisor is never 0, since -1 is a square and _D is none
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if pow(x_squared, (_P - 1) // 2, _P) != 1:
        raise _malformed("an Ed25519 key is no point of the curve")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key and the name it signs under.

    Args:
        name: Whose it is: a URL without its scheme, by custom.
        key_id: The first bytes of the hash of all the rest [4 bytes].
        kind: The type of signature: `ED25519`, `COSIGNATURE` or `MLDSA`.
        public: The key [32 bytes; for `MLDSA` 1,312].
    """

    name: str
    key_id: bytes
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if any("\x7f" <= character <= "\x9f" for character in self.name):
            raise _malformed("a key's name has a control character")
        if len(self.public) != _PUBLIC_BYTES.get(self.kind):
            raise _malformed("a key is of an unknown type, or of the wrong length for its type")
        if self.kind != MLDSA:
            _check_point(self.public)
        elif len(self.name.encode()) > _MOST_MLDSA_NAME_BYTES:  # one byte gives its length
            raise _malformed("a name is too long for an ML-DSA key")
        if self.key_id != _key_id(self.name, self.kind, self.public):
            raise _malformed("a key's id does not go with its name and bytes")

    @classmethod
    def of(cls, name: str, kind: int, public: bytes) -> Self:
        """Return the key with its id.

        Raises:
            BadProof: The name or the key cannot be used.
        """
        _check_name(name)
        if kind not in _PUBLIC_BYTES:
            raise _malformed("a key is of an unknown type")
        return cls(name=name, key_id=_key_id(name, kind, public), kind=kind, public=public)


def parse_vkey(text: str) -> VerifierKey:
    """Return the key that a text stands for.

    Raises:
        BadProof: It is not `<name>+<id in hexadecimal>+<base64 of type and key>`, its id is wrong,
            or its key cannot be used.

    Source: C2SP signed-note, "Verifier keys".
    """
    name, key_id, kind, public = _split_key(text)
    return VerifierKey(name=name, key_id=key_id, kind=kind, public=public)


def format_vkey(key: VerifierKey) -> str:
    """Return the text of a key."""
    return f"{key.name}+{key.key_id.hex()}+{format_base64(bytes([key.kind]) + key.public)}"


def _split_key(text: str) -> tuple[str, bytes, int, bytes]:
    if len(text) > _MOST_KEY_CHARACTERS:
        raise BadProof("a key is longer than any can be", reason="too-large")
    name, _, rest = text.partition("+")
    key_id, _, base64 = rest.partition("+")  # base64 has plus signs of its own
    if _KEY_ID.fullmatch(key_id) is None:
        raise _malformed("a key is not written as name, id and base64 with plus signs between")
    material = parse_base64(base64)
    if not material:
        raise _malformed("a key has no bytes")
    return name, bytes.fromhex(key_id), material[0], material[1:]


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` is `public`'s under `message`.

    Refuses, as Web Cryptography must and OpenSSL does not, a signature whose first half is a point
    of small order: no honest signer makes one, and browsers would differ from us on it.

    Args:
        public: An Ed25519 key [32 bytes].
        message: What was signed.
        signature: The signature [64 bytes].

    Source: RFC 8032, section 5.1.7, without the cofactor; W3C Web Cryptography Level 2, Ed25519,
    "Verify".
    """
    if len(public) != _PUBLIC_BYTES[ED25519] or len(signature) != _ED25519_BYTES:
        return False
    if _y(signature[:32]) % _P in _SMALL_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One line under a note.

    Args:
        name: The name of the key that is said to have signed.
        key_id: Its id [4 bytes].
        value: The signature [at least 1 byte].
    """

    name: str
    key_id: bytes
    value: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.key_id) != _ID_BYTES or not self.value:
            raise _malformed("a signature is too short")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and the signatures under it, none of them verified yet.

    Args:
        text: What is signed: UTF-8, with its last newline.
        signatures: Who is said to have signed it, in order [1 to 100].
    """

    text: bytes
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        try:
            self.text.decode()
        except UnicodeDecodeError as error:
            raise _malformed("a note is not UTF-8") from error
        if not self.text.endswith(b"\n") or _CONTROL.search(self.text):
            raise _malformed("a note's text has control characters or no newline at its end")
        if not 1 <= len(self.signatures) <= MOST_SIGNATURES:
            raise _malformed(f"a note has no signature or more than {MOST_SIGNATURES}")

    def plus(self, *signatures: Signature) -> "Note":
        """Return the note with more signatures under it; those it has already are left out.

        Raises:
            BadProof: There would be too many.
        """
        every = dict.fromkeys((*self.signatures, *signatures))
        return Note(text=self.text, signatures=tuple(every))


def parse_note(data: bytes) -> Note:
    """Return a note as it is written; its signatures are not verified.

    Args:
        data: The whole note [at most 1 MiB].

    Raises:
        BadProof: It is too large, or not a text, an empty line and signature lines.

    Source: C2SP signed-note, "Format".
    """
    if len(data) > MOST_BYTES:
        raise BadProof("a note is larger than any should be", reason="too-large")
    text, blank, lines = data.rpartition(b"\n\n")  # the last empty line: the text may have others
    if not blank:
        raise _malformed("a note has no empty line before its signatures")
    return Note(text=text + b"\n", signatures=parse_signatures(lines))


def format_note(note: Note) -> bytes:
    """Return the note as it is written."""
    return note.text + b"\n" + b"".join(map(format_signature, note.signatures))


def parse_signatures(data: bytes) -> tuple[Signature, ...]:
    """Return signature lines, as under a note or in a witness's answer.

    Raises:
        BadProof: They are too large or too many, or one is not a dash, a name and base64.
    """
    if len(data) > MOST_BYTES:
        raise BadProof("signatures are larger than any should be", reason="too-large")
    try:
        *lines, rest = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise _malformed("a signature line is not UTF-8") from error
    if rest or len(lines) > MOST_SIGNATURES:
        raise _malformed("signature lines are too many, or the last does not end")
    return tuple(map(_parse_signature, lines))


def _parse_signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise _malformed("a signature line does not begin with a dash")
    name, _, base64 = line.removeprefix(_DASH).partition(" ")
    value = parse_base64(base64)
    return Signature(name=name, key_id=value[:_ID_BYTES], value=value[_ID_BYTES:])


def format_signature(signature: Signature) -> bytes:
    """Return the line of a signature, with its newline."""
    value = format_base64(signature.key_id + signature.value)
    return f"{_DASH}{signature.name} {value}\n".encode()


def matching(note: Note, keys: Iterable[VerifierKey]) -> Iterator[tuple[VerifierKey, Signature]]:
    """Yield each signature with each known key of its name and id; unknown ones are passed over."""
    known = tuple(keys)
    for signature in note.signatures:
        for key in known:
            if (key.name, key.key_id) == (signature.name, signature.key_id):
                yield key, signature


def verified(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return the keys that signed the note, in the order of their first signatures.

    Args:
        note: The note.
        keys: The known keys; those that are not of the type `ED25519` sign something else than a
            note's text (`cosignature`), so they are passed over.

    Returns:
        None of them is for the caller to refuse.

    Raises:
        NotProved: A known key's signature does not verify; then nothing of the note holds.

    Source: C2SP signed-note, "Signatures".
    """
    found = dict[VerifierKey, None]()
    for key, signature in matching(note, (key for key in keys if key.kind == ED25519)):
        if not verify_ed25519(key.public, note.text, signature.value):
            raise NotProved("a signature does not verify", reason="bad-signature", name=key.name)
        found[key] = None
    return tuple(found)


class SecretKey(Protocol):
    """What has a secret that can be written down."""

    @property
    def vkey(self) -> VerifierKey:
        """The public side."""
        ...

    @property
    def seed(self) -> bytes:
        """The secret [32 bytes]."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Signs notes with Ed25519.

    Args:
        vkey: The public side.
        seed: The secret [32 bytes].
    """

    vkey: VerifierKey
    seed: bytes = field(repr=False)

    @classmethod
    def of(cls, name: str, seed: bytes) -> Self:
        """Return the signer of a name and a secret [32 bytes].

        Raises:
            BadProof: One of them cannot be used.
        """
        if len(seed) != _SEED_BYTES:
            raise _malformed("a secret key has the wrong length")
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        return cls(vkey=VerifierKey.of(name, ED25519, public), seed=seed)

    def sign(self, text: bytes) -> Signature:
        """Return the signature under a note's text."""
        value = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text)
        return Signature(name=self.vkey.name, key_id=self.vkey.key_id, value=value)


def parse_skey(text: str) -> Signer:
    """Return the signer that a secret text stands for.

    Raises:
        BadProof: It is not `PRIVATE+KEY+<name>+<id in hexadecimal>+<base64 of 01 and seed>`.
    """
    name, key_id, kind, seed = split_skey(text)
    signer = Signer.of(name, seed)
    if kind != ED25519 or signer.vkey.key_id != key_id:
        raise _malformed("a secret key is of another type, or its id does not go with it")
    return signer


def split_skey(text: str) -> tuple[str, bytes, int, bytes]:
    """Return name, id, type and seed as a secret text has them, not checked against each other.

    Raises:
        BadProof: It is not written as one. The error does not repeat it.
    """
    if not text.startswith(_SKEY):
        raise _malformed("a secret key does not begin as one")
    return _split_key(text.removeprefix(_SKEY))


def format_skey(key: SecretKey) -> str:
    """Return the text of a secret key, for nobody but its owner to read."""
    public = key.vkey
    secret = format_base64(bytes([public.kind]) + key.seed)
    return f"{_SKEY}{public.name}+{public.key_id.hex()}+{secret}"
