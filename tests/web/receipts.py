"""A small platform on paper: logs, receipts, proofs and evidence, made from docs/log.md alone.

Nothing of `assent.log` is used, so what is made here checks the document as well as the page.
"""

import base64
import hmac
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

BASE = "log.example/one"
DAY_S = 24 * 60 * 60
COSIGNED = int(datetime(2025, 3, 1, 12, tzinfo=UTC).timestamp())
NOW = COSIGNED + 600
EMPTY = bytes(32)
PUBLIC = {
    "terms.publish": "id title granted opt_out opt_in digest",
    "program.propose": "id owner actor uses purpose models territories start end"
    " retention_days contract",
    "program.approve": "id",
    "training-set": "id program head manifest items root",
    "index.root": "head n root",
    "erasure": "events",
}

Json = dict[str, Any]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def drawn(*names: object) -> bytes:
    """Bytes that stand for random ones, the same at every run."""
    return sha256(repr(names).encode()).digest()


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs notes (kind 1) or cosigns (kind 4)."""

    name: str
    kind: int

    @property
    def secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(drawn("key", self.name, self.kind))

    @property
    def material(self) -> bytes:
        return bytes([self.kind]) + self.secret.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + self.material).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(self.material)}"

    def line(self, value: bytes) -> str:
        return f"\u2014 {self.name} {b64(self.id + value)}\n"

    def sign(self, text: str) -> str:
        return self.line(self.secret.sign(text.encode()))

    def cosign(self, text: str, time: int) -> str:
        message = f"cosignature/v1\ntime {time}\n{text}".encode()
        return self.line(time.to_bytes(8, "big") + self.secret.sign(message))


CONSENT, INDEX = Key(f"{BASE}/consent", 1), Key(f"{BASE}/index", 1)
ELSEWHERE = Key("log.example/two/consent", 1)
WITNESSES = tuple(Key(f"witness.example/{name}", 4) for name in ("ada", "ben", "eve"))
POLICY = "".join(
    (
        "# whom one trusts\n",
        *(f"log {log.vkey}\n" for log in (CONSENT, INDEX)),
        *(f"witness {key.name.rpartition('/')[2]} {key.vkey}\n" for key in WITNESSES),
        "group all-of-them 2 ada ben eve\n",
        "quorum all-of-them\n",
    )
).encode()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root_of(hashes[:k]), root_of(hashes[k:]))


def path_of(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """RFC 6962, section 2.1.1, word for word."""
    if len(hashes) == 1:
        return []
    k = 1 << (len(hashes) - 1).bit_length() - 1
    if index < k:
        return [*path_of(hashes[:k], index), root_of(hashes[k:])]
    return [*path_of(hashes[k:], index - k), root_of(hashes[:k])]


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def list_root(elements: Sequence[Any]) -> Json:
    hashes = [leaf_hash(rfc8785.dumps(element)) for element in elements]
    return {"n": len(elements), "root": root_of(hashes).hex()}


def listed(elements: Sequence[Any], index: int) -> Json:
    """One element of a list, shown."""
    hashes = [leaf_hash(rfc8785.dumps(element)) for element in elements]
    path = [value.hex() for value in path_of(hashes, index)]
    return {"index": index, "entry": elements[index], "path": path}


def _shortened(value: Any) -> Any:  # any value of JSON
    if isinstance(value, str) and len(value) > 256:
        return {"sha256": sha256(value.encode()).hexdigest()}
    return value


@dataclass(frozen=True, slots=True)
class Said:
    """An event, with its opening."""

    number: int
    kind: str
    at: str
    by: str
    body: Json

    @property
    def opening(self) -> bytes:
        return drawn("opening", self.number)

    @property
    def record(self) -> Json:
        body = {
            name: list_root(value) if name in {"holders", "counts"} else value
            for name, value in self.body.items()
            if (self.kind, name) != ("training-set", "members")
        }
        by = mac(self.opening, b"by/v1\n" + self.by.encode()).hex()
        return {"at": self.at, "body": body, "by": by, "kind": self.kind, "number": self.number}

    @property
    def entry(self) -> Json:
        said = self.opening + rfc8785.dumps(self.record)
        code = b64(mac(b"assent leaf commitment 1", said))
        if self.kind not in PUBLIC:
            return {"c": code, "k": self.kind, "t": self.at[:13] + "Z", "v": 1}
        clear = {
            name: _shortened(value)
            for name, value in self.body.items()
            if name in PUBLIC[self.kind].split()
        }
        entry: Json = {"b": clear, "c": code, "k": self.kind, "t": self.at, "v": 1}
        if len(rfc8785.dumps(entry)) > 8192:
            entry["b"] = {"sha256": sha256(rfc8785.dumps(clear)).hexdigest()}
        return entry


def salted(*values: Any) -> list[Any]:
    return [*values, drawn("salt", values).hex()[:32]]


HOLDERS = [
    {"holder": f"a{i}", "share_ppm": 200_000, "salt": drawn("salt", i).hex()[:32]} for i in range(5)
]
COUNTS = [salted(f"r{i}", 3 * i + 1) for i in range(3)]
WORD: Json = {"event": 7, "programs": {"recommend": "00000000000000ff"}, "word": "000000000000007f"}
MANIFEST = b"PAR1 a manifest, as far as this test goes PAR1"
MANIFEST_SHA = sha256(MANIFEST).hexdigest()
ITEMS = [{"recording": f"r{i}", "title": f"Song {i}"} for i in range(20)]


def handle(recording: int) -> bytes:
    """The handle of r1, r2, ... or, for the tree only, of one never registered."""
    number = {0: 3, 1: 4, 99: 5}.get(recording)
    opening = drawn("opening", number) if number else drawn("elsewhere", recording)
    return mac(opening, b"handle/v1")


def state_pair(recording: int, state: Json) -> tuple[bytes, bytes]:
    secret = handle(recording)
    value = mac(secret, b"value/v1\n" + rfc8785.dumps(state))
    return mac(secret, b"state/v1"), value


def item_pair(recording: int) -> tuple[bytes, bytes]:
    secret = handle(recording)
    value = mac(secret, b"value/v1\n" + rfc8785.dumps(ITEMS[recording]))
    return mac(secret, b"set/v1\n" + MANIFEST_SHA.encode()), value


STATES = [state_pair(i, WORD) for i in range(9)]
MEMBERS = [item_pair(i) for i in range(len(ITEMS))]


def prefix_root(pairs: Sequence[tuple[bytes, bytes]], depth: int = 0) -> bytes:
    """The prefix tree of docs/log.md, word for word."""
    if not pairs:
        return EMPTY
    if len(pairs) == 1:
        return sha256(b"\x02" + pairs[0][0] + pairs[0][1]).digest()
    halves = [prefix_root([p for p in pairs if bit(p[0], depth) == b], depth + 1) for b in (0, 1)]
    return sha256(b"\x03" + halves[0] + halves[1]).digest()


def bit(key: bytes, depth: int) -> int:
    return int.from_bytes(key, "big") >> (255 - depth) & 1


def prefix_path(pairs: Sequence[tuple[bytes, bytes]], key: bytes) -> Json:
    siblings: list[str] = []
    here = list(pairs)
    while len(here) > 1:
        depth = len(siblings)
        other = [p for p in here if bit(p[0], depth) != bit(key, depth)]
        here = [p for p in here if bit(p[0], depth) == bit(key, depth)]
        hashed = prefix_root(other, depth + 1)
        siblings.append("" if hashed == EMPTY else hashed.hex())
    found = {"key": here[0][0].hex(), "value": here[0][1].hex()} if here else None
    return {"depth": len(siblings), "found": found, "siblings": siblings}


TEXT = "terms " * 60
_SAID: list[tuple[str, Json]] = [
    (
        "terms.publish",
        {"id": "t1", "title": TEXT, "granted": [], "opt_out": [], "opt_in": []}
        | {"digest": sha256(TEXT.encode()).hexdigest(), "source": TEXT},
    ),
    ("account", {"id": "a0", "name": "Ada", "role": "artist"}),
    ("recording", {"id": "r0", "title": "Blue \u00e9\U0001f3b5", "holders": HOLDERS}),
    ("recording", {"id": "r1", "title": "Red", "holders": HOLDERS[:1]}),
    ("recording", {"id": "r99", "title": "Never used", "holders": HOLDERS[:2]}),
    (
        "statement",
        {
            "holder": "a0",
            "recording": "r0",
            "program": None,
            "grants": ["platform/search", "platform/recommend", "group/recommend"],
            "refuses": ["public/train-voice", "public/train-style", "partner/supply"],
            "withdraws": [],
            "lifts": [],
            "all_programs": False,
            "since": None,
            "until": "2026-01-01T00:00:00.000Z",
            "preset": None,
            "asks": None,
            "notice": "0" * 64,
        },
    ),
    ("use", {"program": "recommend", "hour": "2025-02-07T09Z", "counts": COUNTS}),
    ("index.root", {"head": 7, "n": len(STATES), "root": prefix_root(STATES).hex()}),
    (
        "training-set",
        {
            "id": "s0",
            "program": "recommend",
            "head": 8,
            "manifest": MANIFEST_SHA,
            "items": len(MEMBERS),
            "members": "AAAA",
            "root": prefix_root(MEMBERS).hex(),
        },
    ),
    ("erasure", {"events": 1}),
    ("program.approve", {"id": "recommend"}),
    ("program.propose", {"id": "p2", "purpose": "\U0001f3b5" * 256, "models": ["m" * 300]}),
    ("program.propose", {"id": "p3", "purpose": "x", "models": ["m" * 300] * 40}),
]
EVENTS = tuple(
    Said(number, kind, f"2025-02-{number:02}T09:30:15.123Z", "Ada", body)
    for number, (kind, body) in enumerate(_SAID, start=1)
)
INDEXED = tuple(said for said in EVENTS if said.kind in {"index.root", "training-set"})
LOGS: Mapping[Key, tuple[Said, ...]] = {CONSENT: EVENTS, INDEX: INDEXED, ELSEWHERE: EVENTS}
HASHES = {
    log: [leaf_hash(rfc8785.dumps(said.entry)) for said in events] for log, events in LOGS.items()
}


def said_of(kind: str) -> Said:
    return next(said for said in EVENTS if said.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The pieces of a `.tlog-proof`, to be put together, or put together wrongly."""

    said: Said
    log: Key = CONSENT
    extra: Json | None = None
    shown: Json | None = None
    prefix: Json | None = None
    witnesses: Sequence[Key] = WITNESSES[:2]
    time: int = COSIGNED

    @property
    def index(self) -> int:
        return LOGS[self.log].index(self.said)

    def checkpoint(self) -> str:
        hashes = HASHES[self.log]
        return f"{self.log.name}\n{len(hashes)}\n{b64(root_of(hashes))}\n"

    def note(self) -> str:
        text = self.checkpoint()
        cosigned = "".join(key.cosign(text, self.time) for key in self.witnesses)
        return f"{text}\n{self.log.sign(text)}{cosigned}"

    def extras(self) -> Json:
        if self.extra is not None:
            return self.extra
        parts = {"shown": self.shown, "prefix": self.prefix}
        return {
            "opening": b64(self.said.opening),
            "record": self.said.record,
            **{name: part for name, part in parts.items() if part is not None},
        }

    def around(self, extra: bytes) -> bytes:
        """The file, whatever its `extra`."""
        path = "".join(f"{b64(value)}\n" for value in path_of(HASHES[self.log], self.index))
        head = f"c2sp.org/tlog-proof@v1\nextra {b64(extra)}\nindex {self.index}\n"
        return f"{head}{path}\n{self.note()}".encode()

    def bytes(self) -> bytes:
        return self.around(rfc8785.dumps(self.extras()))


def registration(recording: int = 0, **proof: Any) -> str:
    said = next(event for event in EVENTS if event.body.get("id") == f"r{recording}")
    return Proof(said=said, **proof).bytes().decode()


def word_proof(**changed: Any) -> Proof:
    pair = STATES[0]
    prefix = {
        "claim": "state",
        "path": prefix_path(STATES, pair[0]),
        "registration": registration(),
        "value": WORD,
        **changed,
    }
    return Proof(said=said_of("index.root"), log=INDEX, prefix=prefix)


def set_proof(recording: int = 1, **changed: Any) -> Proof:
    key = mac(handle(recording), b"set/v1\n" + MANIFEST_SHA.encode())
    prefix = {
        "claim": "member",
        "path": prefix_path(MEMBERS, key),
        "registration": registration(recording),
        **({"value": ITEMS[recording]} if recording < len(ITEMS) else {"claim": "absent"}),
        **changed,
    }
    return Proof(said=said_of("training-set"), log=INDEX, prefix=prefix)


def evidence_files(**proof: Any) -> dict[str, bytes]:
    """The files of an evidence.zip but the signed list."""
    items = b"".join(
        item_line(item, pair) for pair, item in sorted(zip(MEMBERS, ITEMS, strict=True), key=first)
    )
    said = [event for event in EVENTS if event.kind in {"recording", "statement", "terms.publish"}]
    return {
        "training-set.tlog-proof": Proof(said=said_of("training-set"), log=INDEX, **proof).bytes(),
        "items.jsonl": items,
        "manifest.parquet": MANIFEST,
        **{
            f"receipts/{event.number}.tlog-proof": Proof(said=event, **proof).bytes()
            for event in said
        },
    }


def first(row: tuple[tuple[bytes, bytes], Json]) -> tuple[bytes, bytes]:
    return row[0]


def item_line(item: Json | None, pair: tuple[bytes, bytes]) -> bytes:
    key, value = pair
    return rfc8785.dumps({"item": item, "key": key.hex(), "value": value.hex()}) + b"\n"


def evidence_after_erasure(gone: int = 1, **proof: Any) -> dict[str, bytes]:
    """The same after somebody was erased: members without their items, and no manifest."""
    files = evidence_files(**proof)
    lines = files["items.jsonl"].splitlines(keepends=True)
    pairs = sorted(MEMBERS)[2 : 2 + gone]
    erasure = said_of("erasure")
    del files["manifest.parquet"]
    return {
        **files,
        "items.jsonl": b"".join(
            [*lines[:2], *(item_line(None, pair) for pair in pairs), *lines[2 + gone :]]
        ),
        f"receipts/{erasure.number}.tlog-proof": Proof(said=erasure, **proof).bytes(),
    }


def evidence_note(files: Mapping[str, bytes], signer: Key = CONSENT) -> bytes:
    lines = [f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    text = "assent evidence 1\n" + "".join(lines)
    return f"{text}\n{signer.sign(text)}".encode()


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 3, 1, 0, 0, 0)), data, method)
    return held.getvalue()


def evidence(files: Mapping[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = evidence_files() if files is None else files
    return zipped({"evidence.note": evidence_note(held), **held}, method)
