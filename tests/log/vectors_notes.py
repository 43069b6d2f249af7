"""Vectors of keys, notes, checkpoints, cosignatures, policies and proofs, with what is to come out.

Each function returns a list of rows ready for JSON, the same every time. A row has

- `name`: what it is about;
- `valid`: whether it is read, and all of it holds;
- `reason`: `ok`, or the reason code of `docs/log.md`;
- `needs` (where it matters): what a verifier must know to come to that, such as `ml-dsa-44`.

Bytes are base64 under names that end in `_b64`, hashes are hexadecimal, sizes and times are decimal
text (they may be larger than a JavaScript number), times are seconds since 1970.
"""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512

from assent.log.checkpoint import Checkpoint, format_body, sign
from assent.log.cosignature import Cosigner, MldsaCosigner
from assent.log.note import (
    MLDSA,
    Note,
    Signature,
    Signer,
    VerifierKey,
    format_note,
    format_signature,
    format_vkey,
    parse_note,
)
from tests.log.mldsa_signatures import LOG_SECOND_LINE, W5

__all__ = [
    "SMALL_ORDER",
    "Vector",
    "checkpoints",
    "cosignatures",
    "notes",
    "policies",
    "policy_checks",
    "proofs",
    "small_order_signature",
    "vkeys",
]

Vector = dict[str, object]

AT = datetime(2031, 1, 31, 9, tzinfo=UTC)
SECONDS = 1_927_616_400
CHECKPOINT = Checkpoint(origin="example.com/log", size=7, root=sha256(b"root 7").digest())
BODY = format_body(CHECKPOINT)
TEXT = b"Nobody listens before they asked.\n"
L = 2**252 + 27742317777372353535851937790883648493  # the order of the base point


def seed(name: str) -> bytes:
    return sha256(f"assent vectors: {name}".encode()).digest()


LOG = Signer.of("example.com/log", seed("log"))
ROTATED = Signer.of("example.com/log", seed("log, next key"))
OTHER = Signer.of("example.com/other", seed("other"))
WITNESSES = [Cosigner.of(f"witness.example/w{n}", seed(f"w{n}")) for n in range(5)]
LOG_MLDSA = MldsaCosigner.of("example.com/log", seed("log, second line"))
WITNESS_MLDSA = MldsaCosigner.of("witness.example/w5", seed("w5"))
# two keys of one name and one id, found by trying some 190,000: the birthday bound of four bytes
TWINS = [Signer.of("example.com/log", sha256(b"collision %d" % n).digest()) for n in (4410, 189102)]

# Every encoding of a point of order 1, 2, 4 or 8, the canonical ones first. Source: Chalkias,
# Garillot and Nikolaenko, "Taming the many EdDSAs", 2020, table 1
_EIGHTH = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc"
_EIGHTH_BACK = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03"
SMALL_ORDER = tuple(
    bytes.fromhex(text)
    for text in (
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "00" * 32,
        "00" * 31 + "80",
        _EIGHTH + "05",
        _EIGHTH + "85",
        _EIGHTH_BACK + "7a",
        _EIGHTH_BACK + "fa",
        "01" + "00" * 30 + "80",
        "ec" + "ff" * 31,
        "ed" + "ff" * 30 + "7f",
        "ed" + "ff" * 31,
        "ee" + "ff" * 30 + "7f",
        "ee" + "ff" * 31,
    )
)


def small_order_signature(secret: bytes, message: bytes, point: bytes = SMALL_ORDER[0]) -> bytes:
    """A signature whose first half is a point of small order, which gives the secret away.

    With R = 0 the equation S·B = R + k·A is met by S = k·a.
    """
    scalar = int.from_bytes(sha512(secret).digest()[:32], "little")
    scalar = scalar & ((1 << 254) - 8) | (1 << 254)
    public = Signer.of("x", secret).vkey.public
    k = int.from_bytes(sha512(point + public + message).digest(), "little") % L
    return point + (k * scalar % L).to_bytes(32, "little")


def _b64(data: bytes) -> str:
    return b64encode(data).decode()


def _row(name: str, reason: str = "ok", **facts: object) -> Vector:
    return {"name": name, "valid": reason == "ok", "reason": reason, **facts}


# ---- keys


def _vkey_text(name: str, kind: int, public: bytes) -> str:
    """The text of a key as anybody could write it, its id right."""
    key_id = sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{_b64(bytes([kind]) + public)}"


def _good_vkey(name: str, key: VerifierKey) -> Vector:
    needs: Vector = {"needs": ["ml-dsa-44"]} if key.kind == MLDSA else {}
    return needs | _row(
        name,
        text=format_vkey(key),
        key_name=key.name,
        key_id=key.key_id.hex(),
        kind=key.kind,
        public=key.public.hex(),
    )


def vkeys() -> list[Vector]:
    """Texts of verifier keys."""
    text = format_vkey(LOG.vkey)
    name, key_id, base64 = text.split("+", 2)
    padded = format_vkey(WITNESS_MLDSA.vkey)  # 1,313 bytes are; 33 are not
    public = LOG.vkey.public
    accented = Signer.of("müsik.example/журнал", seed("accents"))
    good = [
        _good_vkey("a log's Ed25519 key", LOG.vkey),
        _good_vkey("a witness's Ed25519 key", WITNESSES[0].vkey),
        _good_vkey("an ML-DSA-44 key", WITNESS_MLDSA.vkey),
        _good_vkey("a name beyond ASCII", accented.vkey),
        _good_vkey("one of two keys of one name and id", TWINS[0].vkey),
        _good_vkey("the other of them", TWINS[1].vkey),
    ]
    bad = {
        "nothing": "",
        "a name alone": name,
        "no base64": f"{name}+{key_id}",
        "empty base64": f"{name}+{key_id}+",
        "no id": f"{name}+{base64}",
        "a fourth part": text + "+AAAA",
        "an id in capitals": f"{name}+{key_id.upper()}+{base64}",
        "an id of seven digits": f"{name}+{key_id[1:]}+{base64}",
        "an id of nine digits": f"{name}+0{key_id}+{base64}",
        "an id with a sign": f"{name}+-{key_id[1:]}+{base64}",
        "another id": f"{name}+{'0' * 8}+{base64}",
        "another name": f"{name}x+{key_id}+{base64}",
        "an empty name": _vkey_text("", 1, public),
        "a name with a space": _vkey_text("example.com/a log", 1, public),
        "a name with a space that does not break": _vkey_text("example.com/a\u00a0log", 1, public),
        "a name with an ideographic space": _vkey_text("example.com/a\u3000log", 1, public),
        "a name with a line separator": _vkey_text("example.com/a\u2028log", 1, public),
        "a name with a newline": _vkey_text("example.com/a\nlog", 1, public),
        "a name with a delete character": _vkey_text("example.com/a\x7flog", 1, public),
        "a name with an escape of the second set": _vkey_text("example.com/\x9b", 1, public),
        "base64 without padding": padded.rstrip("="),
        "base64 of the other alphabet": f"{name}+{key_id}+-{base64[1:]}",
        "base64 with stray bits": _stray(padded),
        "a newline after it": text + "\n",
        "a space before it": " " + text,
        "a key of 31 bytes": _vkey_text(name, 1, public[:31]),
        "a key of 33 bytes": _vkey_text(name, 1, public + b"\x00"),
        "type 0, which nobody assigned": _vkey_text(name, 0, public),
        "type 2, ECDSA": _vkey_text(name, 2, public),
        "type 5, of certificates": _vkey_text(name, 5, public),
        "type 255, which says to read on": _vkey_text(name, 255, public),
        "an Ed25519 key said to be ML-DSA-44": _vkey_text(name, 6, public),
        "an ML-DSA-44 key said to be Ed25519": _vkey_text(name, 1, WITNESS_MLDSA.vkey.public),
        "an ML-DSA-44 key with a name of 256 bytes": _vkey_text(
            "n" * 256, 6, WITNESS_MLDSA.vkey.public
        ),
        "an ML-DSA-44 key with a name of 128 letters and 256 bytes": _vkey_text(
            "é" * 128, 6, WITNESS_MLDSA.vkey.public
        ),
        "a key that is no point": _vkey_text(name, 1, b"\x02" + bytes(31)),
        "a key with y = p + 3, encoded a second way": _vkey_text(
            name, 1, b"\xf0" + b"\xff" * 30 + b"\x7f"
        ),
        **{
            f"a key of small order, {point.hex()}": _vkey_text(name, kind, point)
            for kind in (1, 4)
            for point in SMALL_ORDER
        },
    }
    return good + [_row(title, "malformed", text=text) for title, text in bad.items()]


def _stray(base64: str) -> str:
    """The same bytes, written with bits that stand for nothing."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = base64.rstrip("=")
    padding = base64[len(body) :]
    assert padding, "only padded base64 has stray bits"
    return body[:-1] + digits[digits.index(body[-1]) + 1] + padding


# ---- notes


def _line(signature: Signature) -> bytes:
    return format_signature(signature)


def _value(signature: Signature) -> str:
    return _b64(signature.key_id + signature.value)


def _note(text: bytes, *signatures: Signature) -> bytes:
    return format_note(Note(text=text, signatures=signatures))


def _stranger(number: int, text: bytes) -> Signature:
    return Signer.of(f"stranger.example/{number}", seed(f"stranger {number}")).sign(text)


def _good_notes() -> list[Vector]:
    ours = LOG.sign(TEXT)
    later = OTHER.sign(TEXT)
    crowd = [_stranger(n, TEXT) for n in range(99)]
    same_name = Signature(name=ours.name, key_id=b"\x00" * 4, value=ours.value)
    same_id = Signature(name="example.com/else", key_id=ours.key_id, value=b"\x00" * 64)
    long_value = Signature(name="stranger.example/pq", key_id=b"\x01" * 4, value=bytes(4627))
    texts = {
        "a text with empty lines": b"one\n\n\ntwo\n\n",
        "a text that is one newline": b"\n",
        "a text with a note in it": _note(b"inner\n", LOG.sign(b"inner\n")),
        "a text that begins with a byte order mark": "\ufeffmark\n".encode(),
        "a text beyond ASCII": "Ein Lied, 歌, 🎶, e\u0301\n".encode(),
        "a text with a delete character": b"\x7f\n",
        "a text with a line separator, which ends no line": "a\u2028b\u0085c\n".encode(),
    }
    keys = [LOG.vkey, OTHER.vkey]
    rows: list[tuple[str, bytes, list[VerifierKey]]] = [
        ("one signature", _note(TEXT, ours), [LOG.vkey]),
        ("two known signatures", _note(TEXT, later, ours), [OTHER.vkey, LOG.vkey]),
        ("sixteen signatures", _note(TEXT, *crowd[:15], ours), [LOG.vkey]),
        ("a hundred signatures", _note(TEXT, *crowd, ours), [LOG.vkey]),
        ("the same signature twice", _note(TEXT, ours, ours), [LOG.vkey]),
        ("a long signature of somebody unknown", _note(TEXT, long_value, ours), [LOG.vkey]),
        ("an unknown id under a known name", _note(TEXT, same_name, ours), [LOG.vkey]),
        ("a known id under an unknown name", _note(TEXT, same_id, ours), [LOG.vkey]),
        ("signatures of strangers alone", _note(TEXT, *crowd[:2]), []),
        *((name, _note(text, LOG.sign(text)), [LOG.vkey]) for name, text in texts.items()),
    ]
    return [
        _row(
            name,
            data_b64=_b64(data),
            vkeys=list(map(format_vkey, keys)),
            text_b64=_b64(parse_note(data).text),
            verified=[format_vkey(key) for key in verified],
        )
        for name, data, verified in rows
    ]


def _unproved_notes() -> dict[str, bytes]:
    ours = LOG.sign(TEXT)
    moved = Signature(name=ours.name, key_id=ours.key_id, value=ours.value[:32] + ours.value[:32])
    short = Signature(name=ours.name, key_id=ours.key_id, value=ours.value[:63])
    longer = Signature(name=ours.name, key_id=ours.key_id, value=ours.value + b"\x00")
    forged = Signature(
        name=ours.name, key_id=ours.key_id, value=small_order_signature(LOG.seed, TEXT)
    )
    s = int.from_bytes(ours.value[32:], "little") + L
    malleable = Signature(
        name=ours.name, key_id=ours.key_id, value=ours.value[:32] + s.to_bytes(32, "little")
    )
    return {
        "another text": _note(TEXT.replace(b"Nobody", b"Anyone"), ours),
        "a signature of two wrong halves": _note(TEXT, moved),
        "a signature of 63 bytes": _note(TEXT, short),
        "a signature of 65 bytes": _note(TEXT, longer),
        "a signature with S beyond the order": _note(TEXT, malleable),
        "a signature with R of small order, which OpenSSL takes": _note(TEXT, forged),
        "a good signature and a bad one of the same key": _note(TEXT, ours, moved),
        "a good signature and a bad one of another known key": _note(
            TEXT, ours, Signature(name=OTHER.vkey.name, key_id=OTHER.vkey.key_id, value=bytes(64))
        ),
    }


def _malformed_notes() -> dict[str, bytes]:
    good = _note(TEXT, LOG.sign(TEXT))
    value = _value(LOG.sign(TEXT))
    name = LOG.vkey.name

    def with_line(line: str) -> bytes:
        return TEXT + b"\n" + line.encode()

    return {
        "nothing": b"",
        "a newline": b"\n",
        "a text alone": TEXT,
        "no signature": TEXT + b"\n",
        "no empty line": TEXT + good.removeprefix(TEXT + b"\n"),
        "no text": good.removeprefix(TEXT),
        "no newline at the end": good[:-1],
        "an empty line at the end": good + b"\n",
        "a line after the signatures": good + b"and so on\n",
        "newlines of another system": good.replace(b"\n", b"\r\n"),
        "a tab in the text": good.replace(b" ", b"\t", 1),
        "a zero byte in the text": good.replace(b" ", b"\x00", 1),
        "a text that is not UTF-8": good.replace(b"Nobody", b"Nobod\xff"),
        "a text with half a surrogate pair": good.replace(b"Nobody", b"Nob\xed\xa0\x80"),
        "a text with an overlong form": good.replace(b"Nobody", b"Nobo\xc1\xbf"),
        "a name that is not UTF-8": good.replace(b"example", b"exampl\xe9"),
        "a control character in a signature line": good[:-1] + b"\x0b\n",
        "a hyphen for the dash": with_line(f"- {name} {value}\n"),
        "a dash without a space": with_line(f"\u2014{name} {value}\n"),
        "an empty name": with_line(f"\u2014  {value}\n"),
        "a name with a plus": with_line(f"\u2014 {name}+ {value}\n"),
        "a name with a space that does not break": with_line(f"\u2014 a\u00a0b {value}\n"),
        "a name with the space of a line separator": with_line(f"\u2014 a\u2028b {value}\n"),
        "two spaces before the base64": with_line(f"\u2014 {name}  {value}\n"),
        "a space after the base64": with_line(f"\u2014 {name} {value} \n"),
        "no base64": with_line(f"\u2014 {name}\n"),
        "empty base64": with_line(f"\u2014 {name} \n"),
        "base64 without padding": with_line(f"\u2014 {name} {value.rstrip('=')}\n"),
        "base64 with too much padding": with_line(f"\u2014 {name} {value}=\n"),
        "base64 with stray bits": with_line(f"\u2014 {name} {_stray(value)}\n"),
        "base64 of the other alphabet": with_line(f"\u2014 {name} -_-_{value[4:]}\n"),
        "a signature of no bytes": with_line(f"\u2014 {name} {_b64(LOG.vkey.key_id)}\n"),
        "an id of three bytes": with_line(f"\u2014 {name} AAAA\n"),
        "a hundred and one signatures": TEXT + b"\n" + _line(LOG.sign(TEXT)) * 101,
    }


def notes() -> list[Vector]:
    """Signed notes and the keys known to their reader."""
    known = [format_vkey(LOG.vkey), format_vkey(OTHER.vkey)]
    bad = [("bad-signature", _unproved_notes()), ("malformed", _malformed_notes())]
    return _good_notes() + [
        _row(name, reason, data_b64=_b64(data), vkeys=known)
        for reason, rows in bad
        for name, data in rows.items()
    ]


# ---- checkpoints


def checkpoints() -> list[Vector]:
    """Signed checkpoints; their signatures are not verified here."""
    good = [
        CHECKPOINT,
        Checkpoint(origin="example.com/log", size=0, root=sha256().digest()),
        Checkpoint(origin="an origin with spaces, 歌", size=1, root=bytes(32)),
        Checkpoint(origin="example.com/log", size=2**53 + 1, root=bytes(32)),
        Checkpoint(origin="example.com/log", size=2**63 - 1, root=bytes(32)),
        Checkpoint(origin="\ufeffmarked", size=1, root=bytes(32)),
    ]
    root = _b64(CHECKPOINT.root)
    bad = {
        "two lines": "example.com/log\n7\n",
        "an extension line": f"example.com/log\n7\n{root}\nmore\n",
        "an empty fourth line": f"example.com/log\n7\n{root}\n\n",
        "an empty origin": f"\n7\n{root}\n",
        "an empty size": f"example.com/log\n\n{root}\n",
        "an empty root": "example.com/log\n7\n\n",
        "a leading zero": f"example.com/log\n07\n{root}\n",
        "two zeroes": f"example.com/log\n00\n{root}\n",
        "a plus": f"example.com/log\n+7\n{root}\n",
        "a minus": f"example.com/log\n-7\n{root}\n",
        "an underscore": f"example.com/log\n1_0\n{root}\n",
        "a fraction": f"example.com/log\n7.0\n{root}\n",
        "an exponent": f"example.com/log\n1e3\n{root}\n",
        "hexadecimal": f"example.com/log\n0x7\n{root}\n",
        "a space before the size": f"example.com/log\n 7\n{root}\n",
        "digits of another script": f"example.com/log\n\u0667\n{root}\n",
        "a size of 2 ** 63": f"example.com/log\n{2**63}\n{root}\n",
        "a size of a thousand digits": f"example.com/log\n{'9' * 1000}\n{root}\n",
        "a root of 31 bytes": f"example.com/log\n7\n{_b64(CHECKPOINT.root[:31])}\n",
        "a root of 33 bytes": f"example.com/log\n7\n{_b64(CHECKPOINT.root + b'x')}\n",
        "a root in hexadecimal": f"example.com/log\n7\n{CHECKPOINT.root.hex()}\n",
        "a root with stray bits": f"example.com/log\n7\n{_stray(root)}\n",
        "a space after the root": f"example.com/log\n7\n{root} \n",
    }
    return [
        _row(
            f"size {checkpoint.size} of {checkpoint.origin}",
            data_b64=_b64(sign(checkpoint, [LOG])),
            origin=checkpoint.origin,
            size=str(checkpoint.size),
            root=checkpoint.root.hex(),
        )
        for checkpoint in good
    ] + [
        _row(name, "malformed", data_b64=_b64(_note(text.encode(), LOG.sign(text.encode()))))
        for name, text in bad.items()
    ]


# ---- cosignatures


def mldsa(key: VerifierKey, base64: str, seconds: int = SECONDS) -> Signature:
    """A kept signature as a line under `CHECKPOINT`; it verifies with `SECONDS` only."""
    value = seconds.to_bytes(8, "big") + b64decode(base64)
    return Signature(name=key.name, key_id=key.key_id, value=value)


def _cosigned(cosigner: Cosigner, seconds: int, body: bytes = BODY) -> Signature:
    """What a cosigner could sign that minds no rule."""
    message = b"cosignature/v1\ntime %d\n" % seconds + body
    raw = Signer.of("x", cosigner.seed).sign(message).value
    value = seconds.to_bytes(8, "big") + raw
    return Signature(name=cosigner.vkey.name, key_id=cosigner.vkey.key_id, value=value)


def cosignatures() -> list[Vector]:
    """Cosignature lines under the body of one checkpoint."""
    cosigner = WITNESSES[0]
    good = cosigner.cosign(CHECKPOINT, AT)
    retimed = Signature(
        name=good.name, key_id=good.key_id, value=bytes(7) + b"\x01" + good.value[8:]
    )
    plain = Signature(
        name=good.name, key_id=good.key_id, value=Signer.of("x", cosigner.seed).sign(BODY).value
    )
    elsewhere = BODY.replace(b"7", b"8", 1)
    rows: list[tuple[str, str, Signature]] = [
        ("Ed25519", "ok", good),
        ("Ed25519 in the first second", "ok", _cosigned(cosigner, 1)),
        ("Ed25519 in the last second of the year 9999", "ok", _cosigned(cosigner, 253402300799)),
        ("Ed25519 after the year 9999", "future-time", _cosigned(cosigner, 253402300800)),
        ("Ed25519 at 2 ** 63 - 1", "future-time", _cosigned(cosigner, 2**63 - 1)),
        ("Ed25519 at 2 ** 63", "bad-signature", _cosigned(cosigner, 2**63)),
        ("Ed25519 without a time", "bad-signature", _cosigned(cosigner, 0)),
        ("Ed25519 with another time than was signed", "bad-signature", retimed),
        ("Ed25519 over the bare note", "bad-signature", plain),
        ("Ed25519 over another size", "bad-signature", _cosigned(cosigner, SECONDS, elsewhere)),
    ]
    other = mldsa(WITNESS_MLDSA.vkey, LOG_SECOND_LINE)
    mldsa_rows: list[tuple[str, str, Signature]] = [
        ("ML-DSA-44", "ok", mldsa(WITNESS_MLDSA.vkey, W5)),
        ("ML-DSA-44, another time", "bad-signature", mldsa(WITNESS_MLDSA.vkey, W5, SECONDS + 1)),
        ("ML-DSA-44, another's signature", "bad-signature", other),
    ]
    return [_cosignature_row(name, reason, cosigner.vkey, line) for name, reason, line in rows] + [
        {**_cosignature_row(name, reason, WITNESS_MLDSA.vkey, line), "needs": ["ml-dsa-44"]}
        for name, reason, line in mldsa_rows
    ]


def _cosignature_row(name: str, reason: str, key: VerifierKey, line: Signature) -> Vector:
    time = {"time": str(int.from_bytes(line.value[:8], "big"))} if reason == "ok" else {}
    return _row(
        name,
        reason,
        vkey=format_vkey(key),
        body_b64=_b64(BODY),
        line_b64=_b64(_line(line)),
        **time,
    )


# ---- policies

W = [format_vkey(witness.vkey) for witness in WITNESSES]
LOG_LINE = f"log {format_vkey(LOG.vkey)}\n"
WITNESS_LINES = "".join(f"witness w{n} {vkey}\n" for n, vkey in enumerate(W))
NESTED = (
    f"{LOG_LINE}{WITNESS_LINES}"
    "group x 2 w0 w1 w2\ngroup y any w3 w4\ngroup x-and-y all x y\nquorum x-and-y\n"
)


def policies() -> list[Vector]:
    """Policy files; each invalid one says in which line it breaks, counted from 1."""
    return [
        _row(name, data_b64=_b64(data), logs=logs, witnesses=witnesses)
        for name, (data, logs, witnesses) in _good_policies().items()
    ] + [
        _row(name, "malformed", data_b64=_b64(data), line=line)
        for name, (data, line) in _bad_policies().items()
    ]


def _good_policies() -> dict[str, tuple[bytes, int, int]]:
    """By name: a file, and how many logs and witnesses it has."""
    second = format_vkey(LOG_MLDSA.vkey)
    many = "".join(
        f"witness m{n} {format_vkey(Cosigner.of(f'm.example/{n}', seed(f'm{n}')).vkey)}\n"
        for n in range(40)
    )
    chain = "group g0 1 m0\n" + "".join(f"group g{n} all g{n - 1} m{n}\n" for n in range(1, 40))
    return {
        "the least there is": (b"quorum none\n", 0, 0),
        "a log": (f"{LOG_LINE}quorum none\n".encode(), 1, 0),
        "a log with an address": (
            f"log {format_vkey(LOG.vkey)} https://example.com/log/\nquorum none\n".encode(),
            1,
            0,
        ),
        "a log with two keys": (
            f"{LOG_LINE}log {format_vkey(ROTATED.vkey)}\nquorum none\n".encode(),
            2,
            0,
        ),
        "a log with a second line": (f"{LOG_LINE}log {second}\nquorum none\n".encode(), 2, 0),
        "one witness": (f"witness w0 {W[0]} https://w.example\nquorum w0\n".encode(), 0, 1),
        "nested groups": (NESTED.encode(), 1, 5),
        "logs last": (f"quorum none\n{WITNESS_LINES}{LOG_LINE}".encode(), 1, 5),
        "comments, empty lines, tabs": (
            f"# who\n\n \t\n\t# and\n  log\t{format_vkey(LOG.vkey)} \t\nquorum  none\t\n".encode(),
            1,
            0,
        ),
        "names like words of the format": (
            f"witness any {W[0]}\nwitness 2 {W[1]}\ngroup all 2 any 2\nquorum all\n".encode(),
            0,
            2,
        ),
        "a name that begins with a hash": (f"witness #1 {W[0]}\nquorum #1\n".encode(), 0, 1),
        "names that are not UTF-8": (
            b"witness \xff "
            + W[0].encode()
            + b"\nwitness \xfe "
            + W[1].encode()
            + b"\ngroup \x80 all \xff \xfe\n"
            + b"quorum \x80\n",
            0,
            2,
        ),
        "K and the Kelvin sign": (
            f"witness K {W[0]}\nwitness \u212a {W[1]}\nquorum K\n".encode(),
            0,
            2,
        ),
        "forty witnesses in a chain of groups": (f"{many}{chain}quorum g39\n".encode(), 0, 40),
    }


def _bad_policies() -> dict[str, tuple[bytes, int]]:
    """By name: a file, and the line in which it breaks."""
    log, witness = format_vkey(LOG.vkey), W[0]
    renamed = format_vkey(Cosigner.of("another.example", WITNESSES[0].seed).vkey)
    twins = [format_vkey(twin.vkey) for twin in TWINS]
    relabelled = format_vkey(Signer.of("another.example", LOG.seed).vkey)
    texts = {
        "nothing": ("", 0),
        "no quorum": (LOG_LINE, 1),
        "two quorums": ("quorum none\nquorum none\n", 2),
        "a quorum of nobody known": ("quorum w0\n", 1),
        "a quorum defined after it": (f"quorum w0\nwitness w0 {witness}\n", 1),
        "a quorum of two": (f"{WITNESS_LINES}quorum w0 w1\n", 6),
        "a quorum without a name": ("quorum\n", 1),
        "an unknown word": ("logs none\nquorum none\n", 1),
        "a word in capitals": ("Quorum none\n", 1),
        "no newline at the end": ("quorum none", 1),
        "newlines of another system": ("quorum none\r\n", 1),
        "a vertical tab": ("quorum\vnone\n", 1),
        "a zero byte in a comment": ("# \0\nquorum none\n", 1),
        "a delete character in a comment": ("# \x7f\nquorum none\n", 1),
        "a log without a key": ("log\nquorum none\n", 1),
        "a log with two addresses": (f"log {log} a b\nquorum none\n", 1),
        "a log with a broken key": (f"log {log[:-1]}\nquorum none\n", 1),
        "a log with a witness's key": (f"log {witness}\nquorum none\n", 1),
        "the same log twice": (f"{LOG_LINE}{LOG_LINE}quorum none\n", 2),
        "the same log under two names": (f"{LOG_LINE}log {relabelled}\nquorum none\n", 2),
        "a witness without a key": ("witness w0\nquorum none\n", 1),
        "a witness with two addresses": (f"witness w0 {witness} a b\nquorum none\n", 1),
        "a witness with a log's key": (f"witness w0 {log}\nquorum none\n", 1),
        "a witness called none": (f"witness none {witness}\nquorum none\n", 1),
        "two witnesses of one name": (f"witness w {W[0]}\nwitness w {W[1]}\nquorum w\n", 2),
        "one witness under two names": (f"witness a {witness}\nwitness b {witness}\nquorum a\n", 2),
        "one witness under two names, and two in its keys": (
            f"witness a {witness}\nwitness b {renamed}\nquorum a\n",
            2,
        ),
        "two keys with the same name and id": (
            f"log {twins[0]}\nlog {twins[1]}\nquorum none\n",
            2,
        ),
        "a group without members": (f"{WITNESS_LINES}group g 1\nquorum g\n", 6),
        "a group of none": (f"{WITNESS_LINES}group g all none\nquorum g\n", 6),
        "a group called none": (f"{WITNESS_LINES}group none all w0\nquorum none\n", 6),
        "a group called like a witness": (f"{WITNESS_LINES}group w0 all w1\nquorum w0\n", 6),
        "a group in itself": (f"{WITNESS_LINES}group g all g\nquorum g\n", 6),
        "a group of somebody later": (f"group g all w0\n{WITNESS_LINES}quorum g\n", 1),
        "a member twice in a group": (f"{WITNESS_LINES}group g 1 w0 w0\nquorum g\n", 6),
        "a member of two groups": (
            f"{WITNESS_LINES}group g any w0 w1\ngroup h any w1 w2\nquorum g\n",
            7,
        ),
        "a group in two groups": (
            f"{WITNESS_LINES}group g any w0\ngroup h any g\ngroup i any g\nquorum h\n",
            8,
        ),
        "none of the members": (f"{WITNESS_LINES}group g 0 w0\nquorum g\n", 6),
        "more than the members": (f"{WITNESS_LINES}group g 3 w0 w1\nquorum g\n", 6),
        "a number with a leading zero": (f"{WITNESS_LINES}group g 01 w0\nquorum g\n", 6),
        "a number with a sign": (f"{WITNESS_LINES}group g +1 w0\nquorum g\n", 6),
        "a number in words": (f"{WITNESS_LINES}group g one w0\nquorum g\n", 6),
        "a number of a thousand digits": (
            f"{WITNESS_LINES}group g {'9' * 1000} w0\nquorum g\n",
            6,
        ),
    }
    return {name: (text.encode(), line) for name, (text, line) in texts.items()}


def _check_row(name: str, reason: str, data: bytes, **facts: object) -> Vector:
    row = {"policy_b64": _b64(NESTED.encode()), "at": str(SECONDS), **facts}
    return _row(name, reason, checkpoint_b64=_b64(data), **row)


def _witnessed(*numbers: int, at: datetime = AT) -> list[Signature]:
    return [WITNESSES[number].cosign(CHECKPOINT, at) for number in numbers]


def policy_checks() -> list[Vector]:
    """Signed checkpoints under policies."""
    return _good_checks() + _mldsa_checks() + _bad_checks()


def _good_checks() -> list[Vector]:
    late = AT + timedelta(minutes=5)
    early = AT - timedelta(days=400)

    def row(name: str, *lines: Signature, seen: dict[str, datetime], quorum: bool) -> Vector:
        times = {who: str(int(time.timestamp())) for who, time in seen.items()}
        newest = str(int(max(seen.values()).timestamp())) if seen else None
        data = _note(BODY, LOG.sign(BODY), *lines)
        facts = {"cosigned": times, "witnessed": quorum, "newest": newest}
        return _check_row(name, "ok", data, log=format_vkey(LOG.vkey), **facts)

    enough = {"w0": AT, "w1": AT, "w3": AT}
    twice = {**enough, "w0": late}
    stranger = Cosigner.of("stranger.example", seed("stranger")).cosign(CHECKPOINT, AT)
    return [
        row("no witness", seen={}, quorum=False),
        row("two of x", *_witnessed(0, 1), seen={"w0": AT, "w1": AT}, quorum=False),
        row("one of y", *_witnessed(4), seen={"w4": AT}, quorum=False),
        row("two of x and one of y", *_witnessed(0, 1, 3), seen=enough, quorum=True),
        row(
            "one of x and two of y",
            *_witnessed(0, 3, 4),
            seen={"w0": AT, "w3": AT, "w4": AT},
            quorum=False,
        ),
        row(
            "one of x twice, and one of y",
            *_witnessed(0, 0, 3),
            seen={"w0": AT, "w3": AT},
            quorum=False,
        ),
        row(
            "one at two times",
            *_witnessed(0, 1, 3),
            *_witnessed(0, at=late),
            seen=twice,
            quorum=True,
        ),
        row(
            "one at two times, the newer first",
            *_witnessed(0, at=late),
            *_witnessed(0, 1, 3),
            seen=twice,
            quorum=True,
        ),
        row(
            "a stranger does not count",
            *_witnessed(0, 3),
            stranger,
            seen={"w0": AT, "w3": AT},
            quorum=False,
        ),
        row("five minutes ahead", *_witnessed(0, at=late), seen={"w0": late}, quorum=False),
        row(
            "long ago",
            *_witnessed(0, 1, 3, at=early),
            seen=dict.fromkeys(enough, early),
            quorum=True,
        ),
    ]


def _mldsa_checks() -> list[Vector]:
    policy = (
        f"{LOG_LINE}log {format_vkey(LOG_MLDSA.vkey)}\n"
        f"witness w5 {format_vkey(WITNESS_MLDSA.vkey)}\nquorum w5\n"
    )
    second = mldsa(LOG_MLDSA.vkey, LOG_SECOND_LINE)
    witness = mldsa(WITNESS_MLDSA.vkey, W5)
    wrong = mldsa(LOG_MLDSA.vkey, W5)
    facts = {
        "log": format_vkey(LOG.vkey),
        "cosigned": {"w5": str(SECONDS)},
        "witnessed": True,
        "newest": str(SECONDS),
    }
    unseen = {**facts, "cosigned": {}, "witnessed": False, "newest": None}
    first = LOG.sign(BODY)
    rows: list[tuple[str, str, tuple[Signature, ...], Vector]] = [
        (
            "a log's second line and a witness, both ML-DSA-44",
            "ok",
            (first, second, witness),
            facts,
        ),
        ("a log's second line first", "ok", (second, first), unseen),
        ("a log's second line that is wrong", "bad-signature", (first, wrong), {}),
        ("a log's second line alone", "unknown-log", (second, witness), {}),
    ]
    return [
        _check_row(
            name,
            reason,
            _note(BODY, *lines),
            policy_b64=_b64(policy.encode()),
            needs=["ml-dsa-44"],
            **more,
        )
        for name, reason, lines, more in rows
    ]


def _bad_checks() -> list[Vector]:
    ours = LOG.sign(BODY)
    liar = Signature(name=W[3].split("+")[0], key_id=WITNESSES[3].vkey.key_id, value=bytes(72))
    unsigned = _note(BODY, *_witnessed(0, 1, 3))
    elsewhere = CHECKPOINT.origin.encode() + b"/elsewhere"
    moved = BODY.replace(CHECKPOINT.origin.encode(), elsewhere)
    ahead = _witnessed(0, at=AT + timedelta(minutes=5, seconds=1))
    spoilt = Signature(name=ours.name, key_id=ours.key_id, value=OTHER.sign(BODY).value)
    return [
        _check_row("no log's signature", "unknown-log", unsigned),
        _check_row("another key of the log", "unknown-log", _note(BODY, ROTATED.sign(BODY))),
        _check_row(
            "another origin, signed by this log", "unknown-log", _note(moved, LOG.sign(moved))
        ),
        _check_row(
            "another origin, and a witness that lies", "unknown-log", _note(moved, ours, liar)
        ),
        _check_row(
            "no log in the policy",
            "unknown-log",
            _note(BODY, ours),
            policy_b64=_b64(b"quorum none\n"),
        ),
        _check_row("a bad signature of the log", "bad-signature", _note(BODY, spoilt)),
        _check_row(
            "a lying witness among enough",
            "bad-signature",
            _note(BODY, ours, *_witnessed(0, 1, 4), liar),
        ),
        _check_row("a lying witness and no log's signature", "bad-signature", _note(BODY, liar)),
        _check_row(
            "a time five minutes and a second ahead", "future-time", _note(BODY, ours, *ahead)
        ),
        _check_row(
            "a time after the year 9999",
            "future-time",
            _note(BODY, ours, _cosigned(WITNESSES[0], 253402300800)),
        ),
        _check_row(
            "a witness without a time",
            "bad-signature",
            _note(BODY, ours, _cosigned(WITNESSES[0], 0)),
        ),
        _check_row("not a checkpoint", "malformed", _note(TEXT, LOG.sign(TEXT))),
    ]


# ---- proofs


def proofs() -> list[Vector]:
    """`.tlog-proof` files; nothing in them is verified here."""
    signed = sign(CHECKPOINT, [LOG]).decode()
    hashes = [sha256(b"hash %d" % n).digest() for n in range(63)]
    good: list[tuple[str, int, list[bytes], bytes | None]] = [
        ("a leaf alone", 0, [], None),
        ("three hashes", 5, hashes[:3], None),
        ("something extra", 5, hashes[:3], b'{"a":1}'),
        ("extra that is no text", 5, hashes[:1], b"\xff\x00"),
        ("sixty-three hashes", 2**63 - 1, hashes, b"x"),
        ("an index beyond JavaScript's numbers", 2**53 + 1, hashes[:1], None),
    ]
    return [
        _row(
            name,
            data_b64=_b64(_proof_text(index, some, extra, signed).encode()),
            index=str(index),
            hashes=[value.hex() for value in some],
            extra_b64=None if extra is None else _b64(extra),
            checkpoint_b64=_b64(signed.encode()),
        )
        for name, index, some, extra in good
    ] + [
        _row(name, reason, data_b64=_b64(data))
        for name, (data, reason) in _bad_proofs(signed, hashes).items()
    ]


def _proof_text(index: int, hashes: list[bytes], extra: bytes | None, signed: str) -> str:
    extra_line = "" if extra is None else f"extra {_b64(extra)}\n"
    lines = "".join(f"{_b64(value)}\n" for value in hashes)
    return f"c2sp.org/tlog-proof@v1\n{extra_line}index {index}\n{lines}\n{signed}"


def _bad_proofs(signed: str, hashes: list[bytes]) -> dict[str, tuple[bytes, str]]:
    good = _proof_text(5, hashes[:2], b"{}", signed)
    first = _b64(hashes[0])
    malformed = {
        "a header alone": "c2sp.org/tlog-proof@v1\n",
        "no checkpoint": good.removesuffix(signed),
        "no newline at the end": good[:-1],
        "no empty line": good.replace("\n\n", "\n", 1),
        "no index": good.replace("index 5\n", ""),
        "two indices": good.replace("index 5\n", "index 5\nindex 5\n"),
        "an index with a leading zero": good.replace("index 5", "index 05"),
        "an index with a sign": good.replace("index 5", "index +5"),
        "an index of 2 ** 63": good.replace("index 5", f"index {2**63}"),
        "an index without a space": good.replace("index 5", "index5"),
        "an index before extra": good.replace("extra e30=\nindex 5", "index 5\nextra e30="),
        "extra twice": good.replace("extra e30=\n", "extra e30=\n" * 2),
        "extra that is empty": good.replace("extra e30=", "extra "),
        "extra without a space": good.replace("extra e30=", "extra"),
        "extra with stray bits": good.replace("extra e30=", "extra e31="),
        "extra without padding": good.replace("extra e30=", "extra e30"),
        "an unknown line": good.replace("index", "note x\nindex"),
        "a hash of 31 bytes": good.replace(first, _b64(hashes[0][:31])),
        "a hash of 33 bytes": good.replace(first, _b64(hashes[0] + b"x")),
        "a hash with stray bits": good.replace(first, _stray(first)),
        "a hash with a space after it": good.replace(first, first + " "),
        "sixty-four hashes": _proof_text(5, [*hashes, hashes[0]], None, signed),
        "a head beyond ASCII": good.replace("index", "índex"),
        "newlines of another system after the header": good.replace(
            "\nextra e30=\nindex 5\n", "\nextra e30=\r\nindex 5\r\n"
        ),
    }
    wrong_format = {
        "nothing": "",
        "a checkpoint alone": signed,
        "another version": good.replace("@v1", "@v2"),
        "a byte order mark": "\ufeff" + good,
        "newlines of another system": good.replace("\n", "\r\n"),
        "a header that goes on": good.replace("@v1", "@v1 "),
        "a header that does not end": "c2sp.org/tlog-proof@v1",
    }
    return {
        **{name: (text.encode(), "malformed") for name, text in malformed.items()},
        **{name: (text.encode(), "wrong-format") for name, text in wrong_format.items()},
    }
