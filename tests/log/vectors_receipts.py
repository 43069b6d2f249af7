"""Vectors of entries, receipts and proofs about recordings: one small platform, always the same.

`entries` says what each event of it gives: record, commitment, entry, the roots and paths of its
lists, and what follows from the opening of a registration. `receipts` are files with the policy,
the time and the greatest age they are checked under, and the verdict and reason that must come out.

Bytes are base64 under names that end in `_b64`, hashes are hexadecimal, times and ages are decimal
text [seconds]; `at` or `max_age` is null where none is given.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785

from assent.log.checkpoint import Checkpoint, format_body
from assent.log.cosignature import Cosigner
from assent.log.leaf import (
    by_mac,
    commitment,
    element_hash,
    element_tree,
    entry,
    handle_of,
    parse_json,
    record,
    sealed_value,
    set_key,
    state_key,
)
from assent.log.note import Note, Signature, Signer, format_note, format_vkey
from assent.log.prefix import PrefixTree
from assent.log.proof import Proof, format_proof
from assent.log.tree import hash_leaf, prove_inclusion, root_of_hashes
from tests.log.trees import Tree

__all__ = [
    "AT",
    "CONSENT",
    "ELSEWHERE",
    "EVENTS",
    "INDEX",
    "POLICIES",
    "SECONDS",
    "WITNESSES",
    "PaperLog",
    "Said",
    "case",
    "entries",
    "extra_of",
    "member_claim",
    "opened",
    "receipts",
    "said",
    "shown_of",
    "word_claim",
]

Json = dict[str, Any]
Change = Callable[[Json], object]

SECONDS = 1_927_616_400
AT = datetime.fromtimestamp(SECONDS, UTC)
HOUR, DAY = 3_600, 86_400
BASE = "music.example/log"


def drawn(*names: object) -> bytes:
    """Return 32 bytes that stand for random ones, the same at every run."""
    return sha256(f"assent receipt vectors: {names!r}".encode()).digest()


def _b64(data: bytes) -> str:
    return b64encode(data).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event on paper, its lists salted."""

    number: int
    kind: str
    body: Json
    by: str = "Ada Quill"

    @property
    def at(self) -> str:
        return f"2031-01-{self.number:02}T09:30:15.123Z"

    @property
    def opening(self) -> bytes:
        return drawn("opening", self.number)

    @property
    def record(self) -> bytes:
        return record(
            number=self.number,
            kind=self.kind,
            at=self.at,
            by=by_mac(self.opening, self.by),
            body=rfc8785.dumps(self.body).decode(),
        )

    @property
    def entry(self) -> bytes:
        code = commitment(self.opening, self.record)
        return entry(kind=self.kind, at=self.at, body=self.body, commitment=code)


def _salt(*names: object) -> str:
    return drawn("salt", *names).hex()[:32]


def holders(*names: str) -> list[Json]:
    return [
        {"holder": name, "share_ppm": 1_000_000 // len(names), "salt": _salt(name, names)}
        | {"role": "owner", "territories": "world"}
        for name in names
    ]


def _registered(name: str, title: str, *names: str) -> Json:
    return {
        "id": name,
        "title": title,
        "holders": holders(*names),
        "tags": {"genre": ["dub", {"sub": [1, 2.5, -0.0, 1e21, 1e-7]}], "bpm": 120.0},
        "loudness_lufs": -14.5,
        "isrc": None,
    }


LONG = "\u00e9\U0001f3b5" * 128
"""As long as a public text may be, and longer in UTF-16 and in UTF-8."""
RECORDINGS = ("r0", "r1", "r2")
STATES: Mapping[str, Json] = {
    name: {"event": 9, "programs": {"rival": "00000000000000ff"}, "word": f"{number:016x}"}
    for number, name in enumerate(RECORDINGS)
}
MANIFEST = sha256(b"assent receipt vectors: a manifest").hexdigest()
ITEMS: Mapping[str, Json] = {
    name: {"recording": name, "title": f"Song {name}", "grounds": [{"kind": "granted"}]}
    for name in RECORDINGS[:2]
}
_REGISTERED = {"r0": 3, "r1": 4, "r2": 5}


def handle(recording: str) -> bytes:
    return handle_of(drawn("opening", _REGISTERED[recording]))


def _state_pair(recording: str, state: Json) -> tuple[bytes, bytes]:
    secret = handle(recording)
    return state_key(secret), sealed_value(secret, rfc8785.dumps(state))


def _item_pair(recording: str, item: Json) -> tuple[bytes, bytes]:
    secret = handle(recording)
    return set_key(secret, MANIFEST), sealed_value(secret, rfc8785.dumps(item))


WORDS = PrefixTree.build(_state_pair(*state) for state in STATES.items())
MEMBERS = PrefixTree.build(_item_pair(*item) for item in ITEMS.items())

_PROPOSED = {"id": "rival", "owner": "Nightjar", "uses": ["partner/train-rival"], "start": None}
_BODIES: tuple[tuple[str, Json], ...] = (
    ("terms.publish", {"id": "t1", "title": LONG, "granted": [], "digest": "0" * 64, "source": ""}),
    ("account", {"id": "a0", "name": "Ada Quill", "role": "artist"}),
    ("recording", _registered("r0", "Blau\u00e9 \U0001f3b5", "a0", "a1", "a2", "a3", "a4")),
    ("recording", _registered("r1", "Red", "a0")),
    ("recording", _registered("r2", "\u2028\u20ac\r\n\x07\ufb33", "a1", "a2")),
    ("program.propose", {**_PROPOSED, "purpose": LONG + "x", "models": ["m" * 257], "contact": ""}),
    ("program.propose", {**_PROPOSED, "id": "p2", "models": ["\u00e9" * 200] * 30}),
    ("program.approve", {"id": "rival", "note": "not public"}),
    ("statement", {"holder": "a0", "recording": "r0", "grants": ["partner/train-rival"]}),
    ("use", {"program": "rival", "hour": "2031-01-09T09", "counts": []}),
    ("use", {"program": "rival", "counts": [[f"r{n}", n + 1, _salt(n)] for n in range(7)]}),
    ("index.root", {"head": 11, "n": len(STATES), "root": WORDS.root.hex()}),
    (
        "training-set",
        {"id": "s0", "program": "rival", "head": 11, "manifest": MANIFEST, "items": len(ITEMS)}
        | {"members": "OjAAAAEAAAAAAAEAEAAAAAAAAQA=", "root": MEMBERS.root.hex()},
    ),
    ("key.rotate", {"log": "consent", "vkey": "x+00000000+AQ=="}),
    ("key.retire", {"log": "consent", "vkey": "x+00000000+AQ=="}),
    ("erasure", {"events": 4}),
    ("index.root", {"head": 16, "n": 0, "root": "AB" * 32}),
    ("index.root", {"head": 17, "root": None}),
    ("training-set", {"id": "s1", "root": MEMBERS.root.hex()}),
    ("recording", {"id": None, "title": "of no name"}),
    ("hold.lift", {"hold": 3, "large": 1e300, "largest": 2**53 - 1, "beyond": float(2**53)}),
)
EVENTS = tuple(
    Said(number=number, kind=kind, body=body) for number, (kind, body) in enumerate(_BODIES, 1)
)


def said(kind: str, which: int = 0) -> Said:
    """Return an event by its kind."""
    return [event for event in EVENTS if event.kind == kind][which]


def extra_of(event: Said, **more: object) -> Json:
    """Return what a receipt says of an event."""
    return {"opening": _b64(event.opening), "record": parse_json(event.record), **more}


def shown_of(event: Said, *indices: int) -> Json:
    """Return the author and some elements of the event's list, each with its path."""
    shown: Json = {"by": event.by}
    for name in ("counts", "holders"):
        if name in event.body:
            elements = event.body[name]
            tree = element_tree(elements)
            shown[name] = [
                {"index": index, "entry": elements[index], "path": _hex(index, elements, tree)}
                for index in indices or range(len(elements))
            ]
    return shown


def _hex(index: int, elements: Sequence[object], tree: Callable[[int, int], bytes]) -> list[str]:
    return [beside.hex() for beside in prove_inclusion(index, len(elements), tree)]


# ---- logs


class PaperLog:
    """A log of some entries, and whatever is said to be a receipt from it."""

    def __init__(self, origin: str, held: Sequence[bytes]) -> None:
        self.signer = Signer.of(origin, drawn("log", origin))
        self.held = tuple(held)
        self.tree = Tree(self.held)

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = len(self.held) if size is None else size
        return Checkpoint(origin=self.signer.vkey.name, size=size, root=self.tree.root(size))

    def note(self, *times: int, checkpoint: Checkpoint | None = None) -> bytes:
        """Return the signed checkpoint, cosigned by the first witnesses at these times."""
        checkpoint = checkpoint or self.checkpoint()
        text = format_body(checkpoint)
        lines = (
            witness.cosign(checkpoint, datetime.fromtimestamp(time, UTC))
            for witness, time in zip(WITNESSES, times, strict=False)
        )
        return format_note(Note(text=text, signatures=(self.signer.sign(text), *lines)))

    def file(self, index: int, extra: object, note: bytes | None = None) -> bytes:
        """Return the proof of an entry, with what is said beside it [JSON, or bytes]."""
        return format_proof(
            Proof(
                index=index,
                hashes=self.tree.path(index, 0, len(self.held)),
                checkpoint=note or self.note(SECONDS, SECONDS),
                extra=extra if isinstance(extra, bytes) else rfc8785.dumps(extra),  # type: ignore[arg-type]  # JSON
            )
        )

    def receipt(self, event: Said, note: bytes | None = None, **more: object) -> bytes:
        """Return the receipt of an event."""
        return self.file(self.held.index(event.entry), extra_of(event, **more), note)


WITNESSES = [Cosigner.of(f"witness.example/w{n}", drawn("witness", n)) for n in range(3)]
_FORMS: Mapping[str, Json] = {
    "an entry of a future version": {"c": _b64(bytes(32)), "k": "account", "t": "2031-01-31T09Z"}
    | {"v": 2},
    "an entry with a code of 31 bytes": {"c": _b64(bytes(31)), "k": "account"}
    | {"t": "2031-01-31T09Z", "v": 1},
    "an entry about a person to the millisecond": {"c": _b64(bytes(32)), "k": "account"}
    | {"t": "2031-01-31T09:00:00.000Z", "v": 1},
    "an entry about a person with a body": {"b": {}, "c": _b64(bytes(32)), "k": "account"}
    | {"t": "2031-01-31T09Z", "v": 1},
    "a public entry without a body": {"c": _b64(bytes(32)), "k": "erasure"}
    | {"t": "2031-01-31T09:00:00.000Z", "v": 1},
    "a public entry with a body that is none": {"b": [], "c": _b64(bytes(32)), "k": "erasure"}
    | {"t": "2031-01-31T09:00:00.000Z", "v": 1},
    "a public entry by the hour": {"b": {}, "c": _b64(bytes(32)), "k": "erasure"}
    | {"t": "2031-01-31T09Z", "v": 1},
    "an entry of a kind that is none": {"c": _b64(bytes(32)), "k": "Account"}
    | {"t": "2031-01-31T09Z", "v": 1},
    "an entry at no hour": {"c": _b64(bytes(32)), "k": "account", "t": "2031-13-31T09Z", "v": 1},
    "an entry whose version is true": {"c": _b64(bytes(32)), "k": "account"}
    | {"t": "2031-01-31T09Z", "v": True},
}
"""Entries that no platform writes, though a log may hold them."""
_STRANGE = [rfc8785.dumps(form) for form in _FORMS.values()]
_TWICE = replace(said("statement"), number=1)
"""A statement that says it is another event than its place says."""
_INDEXED = [event.entry for event in EVENTS if event.kind in {"index.root", "training-set"}]
CONSENT = PaperLog(f"{BASE}/consent", [*(event.entry for event in EVENTS), *_STRANGE, _TWICE.entry])
# a recording has no place in the second log: what stands there is checked against all the same
INDEX = PaperLog(f"{BASE}/index", [*_INDEXED, said("recording").entry])
ELSEWHERE = PaperLog("other.example/log/consent", [event.entry for event in EVENTS])
OTHER_INDEX = PaperLog("other.example/log/index", _INDEXED)


def _policy(quorum: str, *logs: PaperLog) -> str:
    lines = [f"log {format_vkey(log.signer.vkey)}" for log in logs]
    lines += [f"witness w{n} {format_vkey(one.vkey)}" for n, one in enumerate(WITNESSES)]
    return "\n".join((*lines, "group both 2 w0 w1 w2", f"quorum {quorum}", ""))


_ALL = (CONSENT, INDEX, ELSEWHERE, OTHER_INDEX)
POLICIES: Mapping[str, str] = {
    "two witnesses": _policy("both", *_ALL),
    "nobody must have seen it": _policy("none", *_ALL),
    "one witness": _policy("w2", *_ALL),
    "another log": _policy("none", ELSEWHERE),
}


# ---- claims


def _claim(path: Json, of: str, note: bytes | None, **more: object) -> Json:
    registration = CONSENT.receipt(EVENTS[_REGISTERED[of] - 1], note, shown={})
    return {"path": path, "registration": registration.decode(), **more}


def word_claim(recording: str, note: bytes | None = None) -> Json:
    """Return the claim of the latest word on a recording; its registration under a checkpoint."""
    path = WORDS.path(state_key(handle(recording))).as_json()
    return _claim(path, recording, note, claim="state", value=dict(STATES[recording]))


def member_claim(recording: str, note: bytes | None = None) -> Json:
    """Return the claim that a recording is, or is not, in the set; likewise."""
    path = MEMBERS.path(set_key(handle(recording), MANIFEST)).as_json()
    if recording not in ITEMS:
        return _claim(path, recording, note, claim="absent")
    return _claim(path, recording, note, claim="member", value=ITEMS[recording])


# ---- entries


def entries() -> Json:
    """Return what every event gives."""
    return {
        "about": "From an event and its opening: its record, the commitment to it, its entry, the "
        "Merkle trees over its lists, and of a registration its handle, and key and value in the "
        "prefix trees. `elements_b64` are canonical JSON. Source: docs/log.md.",
        "cases": [_entry(event) for event in EVENTS],
        "handles": [_handle(name) for name in RECORDINGS],
    }


def _entry(event: Said) -> Json:
    made = {
        "name": f"event {event.number}: {event.kind}",
        "number": event.number,
        "kind": event.kind,
        "at": event.at,
        "by": event.by,
        "body_b64": _b64(rfc8785.dumps(event.body)),
        "opening_b64": _b64(event.opening),
        "record_b64": _b64(event.record),
        "commitment": commitment(event.opening, event.record).hex(),
        "entry_b64": _b64(event.entry),
        "leaf_hash": hash_leaf(event.entry).hex(),
    }
    lists = {name: event.body[name] for name in ("counts", "holders") if name in event.body}
    return made | {"lists": {name: _list(elements) for name, elements in lists.items()}}


def _list(elements: list[Any]) -> Json:
    tree = element_tree(elements)
    hashes = [element_hash(element) for element in elements]
    return {
        "n": len(elements),
        "root": root_of_hashes(hashes).hex(),
        "elements_b64": [_b64(rfc8785.dumps(element)) for element in elements],
        "hashes": [value.hex() for value in hashes],
        "paths": [_hex(index, elements, tree) for index in range(len(elements))],
    }


def _handle(recording: str) -> Json:
    secret = handle(recording)
    made: Json = {
        "name": recording,
        "opening_b64": _b64(drawn("opening", _REGISTERED[recording])),
        "handle": secret.hex(),
        "manifest": MANIFEST,
        "state_b64": _b64(rfc8785.dumps(STATES[recording])),
    }
    key, value = _state_pair(recording, STATES[recording])
    made |= {"state_key": key.hex(), "state_value": value.hex()}
    return made | {"set_key": set_key(secret, MANIFEST).hex()}


# ---- receipts


def case(  # noqa: PLR0917  # what a verdict depends on
    name: str,
    data: bytes,
    reason: str = "ok",
    verdict: str = "",
    policy: str = "two witnesses",
    max_age: int | None = None,
    at: int | None = SECONDS + HOUR,
) -> Json:
    """Return a case; its verdict follows from its reason."""
    return {
        "name": name,
        "policy": policy,
        "at": None if at is None else str(at),
        "max_age": None if max_age is None else str(max_age),
        "data_b64": _b64(data),
        "verdict": verdict or _VERDICTS.get(reason, "invalid"),
        "reason": reason,
    }


_VERDICTS = {
    "ok": "valid",
    "erased": "valid, content erased",
    "too-old": "stale",
    "no-time": "stale",
    "quorum": "unwitnessed",
}


def receipts() -> Json:
    """Return files with the verdicts on them."""
    groups = (_valid, _claimed, _lesser, _files, _records, _shown, _prefixes, _registrations)
    cases = [made for group in groups for made in group()]
    assert len({made["name"] for made in cases}) == len(cases), "two cases have one name"
    return {
        "about": "`policies` by name; each case is a file, checked under one of them, with the "
        "verdict and reason code of docs/log.md; where it says `newlines`, the file goes on with "
        "so many of them. `at` is now, `max_age` how old the newest trusted time may be; null "
        "where it is not asked. `claim` is what a valid proof says of one recording.",
        "policies": POLICIES,
        "cases": cases,
    }


def opened(event: Said) -> PaperLog:
    """Return a log that holds an event, the second where it does."""
    return INDEX if event.entry in _INDEXED else CONSENT


def _valid() -> Iterator[Json]:
    for event in EVENTS:
        name = f"event {event.number}, {event.kind}"
        yield case(name, CONSENT.receipt(event, shown=shown_of(event)))
        erased = CONSENT.file(event.number - 1, {"entry": parse_json(event.entry)})
        yield case(f"{name}: its content erased", erased, "erased")
    use = said("use", 1)
    yield case("nothing shown", CONSENT.receipt(use))
    yield case("an empty list of what is shown", CONSENT.receipt(use, shown={}))
    yield case("one of seven counts shown", CONSENT.receipt(use, shown=shown_of(use, 5)))
    yield case("a count shown twice", CONSENT.receipt(use, shown=shown_of(use, 6, 6)))
    yield case("now is not told", CONSENT.receipt(use), at=None)
    root = said("index.root")
    yield case("an event of the second log", INDEX.receipt(root, shown=shown_of(root)))


def _claimed() -> Iterator[Json]:
    root, built = said("index.root"), said("training-set")
    for name in RECORDINGS:
        word, member = word_claim(name), member_claim(name)
        for event, claim in ((root, word), (built, member)):
            told = {
                "kind": claim["claim"],
                "recording": name,
                "registered": _REGISTERED[name],
                "value": claim.get("value"),
            }
            title = f"{name}: {claim['claim']}"
            yield case(title, INDEX.receipt(event, prefix=claim)) | {"claim": told}


def _lesser() -> Iterator[Json]:
    """Yield what holds, and is not worth all that was asked for."""
    event, root = said("statement"), said("index.root")
    unseen, once, future = CONSENT.note(), CONSENT.note(SECONDS), CONSENT.note(SECONDS + DAY)
    free = "nobody must have seen it"
    whole = CONSENT.receipt(event)
    yield case("old, and not too old", whole, max_age=HOUR)
    yield case("a second too old", whole, "too-old", max_age=HOUR - 1)
    yield case("one of two times is new", _two_times(event), max_age=HOUR)
    yield case("no age is small enough", whole, "too-old", max_age=0)
    yield case("nobody has seen it, nor must", CONSENT.receipt(event, unseen), policy=free)
    yield case(
        "there is no time in it",
        CONSENT.receipt(event, unseen),
        "no-time",
        policy=free,
        max_age=DAY,
    )
    yield case("one witness of two", CONSENT.receipt(event, once), "quorum")
    yield case("no witness", CONSENT.receipt(event, unseen), "quorum")
    yield case("other witnesses than asked for", whole, "quorum", policy="one witness")
    yield case("unwitnessed beats too old", CONSENT.receipt(event, once), "quorum", max_age=0)
    yield case("unwitnessed beats no time", CONSENT.receipt(event, unseen), "quorum", max_age=0)
    erased = {"entry": parse_json(event.entry)}
    yield case("unwitnessed beats erased", CONSENT.file(8, erased, once), "quorum")
    yield case("too old beats erased", CONSENT.file(8, erased), "too-old", max_age=0)
    spoilt = CONSENT.file(8, {"entry": parse_json(said("account").entry)}, once)
    yield case("invalid beats unwitnessed", spoilt, "bad-inclusion", max_age=0)
    claim = word_claim("r0")
    claim["registration"] = CONSENT.receipt(said("recording"), once).decode()
    yield case("a registration without a quorum", INDEX.receipt(root, prefix=claim), "quorum")
    claim["registration"] = CONSENT.receipt(said("recording"), future).decode()
    told = case("a registration from the future", INDEX.receipt(root, prefix=claim))
    yield told | {"verdict": "invalid", "reason": "bad-registration"}
    yield case("a witness's clock runs ahead", CONSENT.receipt(event, future), "future-time")
    yield case("now is not told, so nothing is ahead", _ahead(event), at=None)


def _two_times(event: Said) -> bytes:
    note = CONSENT.note(SECONDS - 9 * DAY, SECONDS)
    return CONSENT.receipt(event, note)


def _ahead(event: Said) -> bytes:
    return CONSENT.receipt(event, CONSENT.note(SECONDS + DAY, SECONDS + DAY))


def _files() -> Iterator[Json]:
    """Yield files that are no receipts, or not of a log that one trusts."""
    event = said("statement")
    whole = CONSENT.receipt(event, shown=shown_of(event))
    yield case("another log is trusted", whole, "unknown-log", policy="another log")
    yield case("nothing", b"", "wrong-format")
    yield case("another version", whole.replace(b"@v1", b"@v9", 1), "wrong-format")
    yield case("larger than any", whole, "too-large") | {"newlines": str(1 << 20)}
    yield case("cut short", whole[:-1], "malformed")
    yield case("without extra", _without_extra(event), "malformed")
    turned = whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]
    yield case("a witness's signature is turned", turned, "bad-signature")
    yield case("the log's signature is another note's", _foreign(event), "bad-signature")
    yield case("at the place beside it", CONSENT.file(9, extra_of(event)), "bad-inclusion")
    first, *_ = CONSENT.tree.path(8, 0, len(CONSENT.held))
    moved = whole.replace(_b64(first).encode(), _b64(drawn("foreign")).encode())
    yield case("a hash is another", moved, "bad-inclusion")
    older = CONSENT.checkpoint(20)
    yield case(
        "under an older checkpoint",
        CONSENT.receipt(event, CONSENT.note(SECONDS, SECONDS, checkpoint=older)),
        "bad-inclusion",
    )


def _without_extra(event: Said) -> bytes:
    proof = Proof(index=8, hashes=(), checkpoint=CONSENT.note(SECONDS, SECONDS))
    assert event.number == 9
    return format_proof(proof)


def _foreign(event: Said) -> bytes:
    text = format_body(CONSENT.checkpoint())
    ours = CONSENT.signer.sign(b"another text\n")
    lines: tuple[Signature, ...] = (ours,)
    return CONSENT.receipt(event, format_note(Note(text=text, signatures=lines)))


def _records() -> Iterator[Json]:
    """Yield receipts whose records are not those of their places, or are none."""
    event, other = said("statement"), said("account")
    yield case("it stands at another event's place", _at_other_place(), "bad-record")
    for name, form in _FORMS.items():
        place = CONSENT.held.index(rfc8785.dumps(form))
        yield case(name, CONSENT.file(place, {"entry": form}), "malformed")
    for name, change in _replays(event, other).items():
        yield case(name, CONSENT.file(8, change(extra_of(event))), "bad-inclusion")
    for name, change in _no_extras(event).items():
        yield case(name, CONSENT.file(8, change(extra_of(event))), "malformed")
    for name, data in _no_json(rfc8785.dumps(extra_of(event))).items():
        yield case(name, CONSENT.file(8, data), "malformed")


def _at_other_place() -> bytes:
    return CONSENT.receipt(_TWICE)


def _replays(event: Said, other: Said) -> dict[str, Change]:
    """Return ways to show another record than the one that was committed to."""
    parts = parse_json(event.record)
    changes: dict[str, Json] = {
        "its number": {"number": 10},
        "its time": {"at": "2031-01-09T09:30:15.124Z"},
        "its author": {"by": "00" * 32},
        "its kind": {"kind": "account"},
        "a word of its body": {"body": {**parts["body"], "recording": "r1"}},
        "nothing of its body": {"body": {}},
    }
    made: dict[str, Change] = {
        f"a record with another {name}": _with_record({**parts, **changed})
        for name, changed in changes.items()
    }
    made["the record of another event"] = _with_record(parse_json(other.record))
    made["the opening of another event"] = lambda extra: extra | {"opening": _b64(other.opening)}
    made["record and opening of another event"] = lambda _: extra_of(other)
    made["the entry of another event"] = lambda _: {"entry": parse_json(other.entry)}
    return made


def _with_record(changed: object) -> Change:
    return lambda extra: extra | {"record": changed}


def _no_extras(event: Said) -> dict[str, Change]:
    """Return ways to say what no receipt says."""
    parts, shown = parse_json(event.record), parse_json(event.entry)
    records = {
        "is null": None,
        "is a list": list(parts.values()),
        "has no author": {name: part for name, part in parts.items() if name != "by"},
        "has a note": {**parts, "note": ""},
        "has a kind that is none": {**parts, "kind": "Statement"},
        "has a number that is text": {**parts, "number": "9"},
        "has a number that is true": {**parts, "number": True},
        "has half a number": {**parts, "number": 9.5},
        "has a body that is a list": {**parts, "body": []},
        "has an author in capitals": {**parts, "by": parts["by"].upper()},
        "has a short author": {**parts, "by": parts["by"][:-1]},
        "is at no time": {**parts, "at": "2031-01-32T09:30:15.123Z"},
        "is at an hour": {**parts, "at": "2031-01-09T09Z"},
    }
    made: dict[str, Change] = {
        f"a record that {name}": _with_record(wrong) for name, wrong in records.items()
    }
    openings = {
        "is short": _b64(event.opening[:-1]),
        "is long": _b64(event.opening + b"x"),
        "is hexadecimal": event.opening.hex(),
        "has no padding": _b64(event.opening)[:-1],
        "has stray bits": _stray(_b64(event.opening)),
        "has a space": " " + _b64(event.opening),
        "is null": None,
    }
    for name, wrong in openings.items():
        made[f"an opening that {name}"] = lambda extra, wrong=wrong: extra | {"opening": wrong}  # type: ignore[misc]  # bound at once
    made["no opening"] = lambda extra: {"record": extra["record"]}
    made["no record"] = lambda extra: {"opening": extra["opening"]}
    made["a record and an entry"] = lambda extra: extra | {"entry": shown}
    made["an entry and a claim"] = lambda _: {"entry": shown, "prefix": word_claim("r0")}
    made["a field that nothing covers"] = lambda extra: extra | {"note": "believe me"}
    made["an entry without its kind"] = lambda _: {"entry": {**shown, "k": None, "x": 1}}
    made["an entry that is text"] = lambda _: {"entry": event.entry.decode()}
    made["a list"] = lambda extra: [extra]
    made["nothing in it"] = lambda _: {}
    return made


def _stray(base64: str) -> str:
    """Return base64 that stands for the same bytes, with other bits in its last digit."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = base64.rstrip("=")[-1]
    return base64.replace(f"{last}=", f"{digits[digits.index(last) ^ 1]}=")


def _no_json(data: bytes) -> dict[str, bytes]:
    """Return what is not canonical JSON of an object."""
    return {
        "JSON with a space": data.replace(b",", b", ", 1),
        "JSON with a newline at its end": data + b"\n",
        "JSON after a byte order mark": b"\xef\xbb\xbf" + data,
        "JSON in UTF-16": data.decode().encode("utf-16"),
        "JSON in another order": b'{"record":{},"opening":""}',
        "JSON with a name twice": data[:-1] + b',"record":{}}',
        "JSON cut short": data[:-1],
        "JSON with an escape that needs none": data.replace(b"statement", b"st\\u0061tement", 1),
        "JSON with half a letter": data.replace(b"statement", b"st\\ud800tement", 1),
        "JSON with a byte that is no UTF-8": data.replace(b"statement", b"st\xfftement", 1),
        "a number that is none": data.replace(b":9}", b":NaN}", 1),
        "a number without end": data.replace(b":9}", b":Infinity}", 1),
        "a number of zeros": data.replace(b":9}", b":-0}", 1),
        "a number with a point": data.replace(b":9}", b":9.0}", 1),
        "a number with too many digits": data.replace(b":9}", b":" + b"9" * 5_000 + b"}", 1),
        "a number past all": data.replace(b":9}", b":1e400}", 1),
        "JSON that is nested 65 deep": b'{"record":' + b"[" * 64 + b"]" * 64 + b"}",
        "JSON that is nested 2,000 deep": b'{"record":' + b"[" * 2_000 + b"]" * 2_000 + b"}",
        "JSON that only opens": b"[" * 2_000,
        "a text that does not end": b'"' + b"[" * 9,
        "null": b"null",
        "a number": b"7",
    }


def _shown() -> Iterator[Json]:
    """Yield receipts that show what was not recorded, or what nothing covers."""
    use, kept = said("use", 1), said("recording")
    (one,) = shown_of(use, 2)["counts"]
    lies = {
        "another count": {**one, "entry": ["r2", 4, one["entry"][2]]},
        "another recording's count": {**one, "entry": use.body["counts"][3]},
        "a count at another place": {**one, "index": 3},
        "a count beyond the list": {**one, "index": 7},
        "a count before the list": {**one, "index": -1},
        "a count with a hash of its path missing": {**one, "path": one["path"][:-1]},
        "a count with a hash too many": {**one, "path": [*one["path"], "00" * 32]},
        "a node of the list's tree as a count": {**one, "path": one["path"][1:]},
    }
    for name, lie in lies.items():
        yield case(name, CONSENT.receipt(use, shown={"counts": [lie]}), "bad-shown")
    yield case("another author", CONSENT.receipt(use, shown={"by": "Bo Tarn"}), "bad-shown")
    yield case("an author that is null", CONSENT.receipt(use, shown={"by": None}), "bad-shown")
    theirs = shown_of(said("recording", 2), 0)["holders"]
    yield case(
        "a holder of another recording",
        CONSENT.receipt(kept, shown={"holders": theirs}),
        "bad-shown",
    )
    for name, shown in _no_shown(one).items():
        yield case(f"shown: {name}", CONSENT.receipt(use, shown=shown), "malformed")
    statement = said("statement")
    yield case(
        "shown: a list that the record lacks",
        CONSENT.receipt(statement, shown={"counts": [one]}),
        "malformed",
    )


def _no_shown(one: Json) -> dict[str, object]:
    wrong = {
        "an index that is true": {**one, "index": True},
        "an index that is text": {**one, "index": "2"},
        "the hash of an element": {**one, "entry": hash_leaf(b"").hex()},
        "a path in capitals": {**one, "path": [node.upper() for node in one["path"]]},
        "a path with spaces": {**one, "path": [f"{node[:2]} {node[2:]}" for node in one["path"]]},
        "a path of text": {**one, "path": "".join(one["path"])},
        "a path with a null": {**one, "path": [None]},
        "a path that is an object": {**one, "path": {}},
        "a note beside it": {**one, "note": "and three more"},
        "no path": {"index": 2, "entry": one["entry"]},
        "an element alone": one["entry"],
    }
    return {
        **{name: {"counts": [element]} for name, element in wrong.items()},
        "a list that is an object": {"counts": {"0": one}},
        "a part that no record has": {"members": []},
        "null": None,
        "a list": [],
        "a list of another name": {"holders": [one]},
    }


def _prefixes() -> Iterator[Json]:
    """Yield claims about recordings that do not follow."""
    root, built = said("index.root"), said("training-set")
    word, member, absent = word_claim("r0"), member_claim("r0"), member_claim("r2")
    state = {**word["value"], "word": "ffffffffffffffff"}
    nothing: Json = {"depth": 0, "siblings": [], "found": None}
    lies: dict[str, tuple[Said, Json]] = {
        "another word": (root, {**word, "value": state}),
        "another recording's word": (root, {**word, "value": STATES["r1"]}),
        "another recording's path": (root, {**word, "path": word_claim("r1")["path"]}),
        "another item": (built, {**member, "value": ITEMS["r1"]}),
        "a member said to be absent": (built, _absent(member)),
        "a member said to be absent from nothing": (built, {**_absent(member), "path": nothing}),
        "an absent one said to be a member": (
            built,
            {**absent, "claim": "member", "value": ITEMS["r0"]},
        ),
        "a member's path under the root of words": (root, member),
        "a word's path under the root of a set": (built, word),
        "a state said to be a member": (root, {**word, "claim": "member"}),
        "a claim of no kind": (root, {**word, "claim": "granted"}),
        "a claim that is null": (root, {**word, "claim": None}),
        "a claim about a word to be absent": (root, {**_absent(word)}),
        "a root in capitals": (said("index.root", 1), word),
        "a root that is null": (said("index.root", 2), word),
        "a set without a manifest": (said("training-set", 1), member),
    }
    for name, (event, claim) in lies.items():
        yield case(name, INDEX.receipt(event, prefix=claim), "bad-prefix")
    yield case(
        "a claim under what holds no root", _over_consent(said("statement"), word), "bad-prefix"
    )
    yield case("a claim under the log of all events", _over_consent(root, word), "bad-prefix")
    for name, claim in _no_claims(word, absent).items():
        event = built if claim is not None and "absent" in str(claim) else root
        yield case(f"a claim: {name}", INDEX.receipt(event, prefix=claim), "malformed")


def _absent(claim: Json) -> Json:
    left = {name: part for name, part in claim.items() if name != "value"}
    return {**left, "claim": "absent"}


def _over_consent(event: Said, claim: Json) -> bytes:
    return CONSENT.receipt(event, prefix=claim)


def _no_claims(word: Json, absent: Json) -> dict[str, Any]:
    path = word["path"]
    return {
        "null": None,
        "no path": {name: part for name, part in word.items() if name != "path"},
        "no registration": {name: part for name, part in word.items() if name != "registration"},
        "a field that nothing covers": {**word, "note": ""},
        "no value": {name: part for name, part in word.items() if name != "value"},
        "a value that is null": {**word, "value": None},
        "a value that is a list": {**word, "value": []},
        "an absence with a value that is null": {**absent, "value": None},
        "an absence with a value": {**absent, "value": {}},
        "a path that is null": {**word, "path": None},
        "a path that is deeper than it says": {**word, "path": {**path, "depth": 0}},
        "a path in capitals": {
            **word,
            "path": {**path, "siblings": [node.upper() for node in path["siblings"]]},
        },
    }


def _registrations() -> Iterator[Json]:
    """Yield claims whose registration does not show which recording they are about."""
    root, kept, statement = said("index.root"), said("recording"), said("statement")
    word = word_claim("r0")
    whole = CONSENT.receipt(kept)
    named = CONSENT.receipt(said("recording", 3))
    wrong: dict[str, object] = {
        "null": None,
        "nothing": "",
        "cut short": whole.decode()[:-1],
        "of a statement": CONSENT.receipt(statement).decode(),
        "of a recording without an id": named.decode(),
        "of one that was erased": CONSENT.file(2, {"entry": parse_json(kept.entry)}).decode(),
        "with another opening": CONSENT.file(
            2, extra_of(kept) | {"opening": _b64(statement.opening)}
        ).decode(),
        "with a claim of its own": CONSENT.receipt(kept, prefix=word).decode(),
        "of another platform": ELSEWHERE.receipt(kept).decode(),
        "of the log of roots": INDEX.receipt(kept).decode(),
        "that shows what was not recorded": CONSENT.receipt(kept, shown={"by": "x"}).decode(),
    }
    for name, registration in wrong.items():
        claim = {**word, "registration": registration}
        yield case(f"a registration {name}", INDEX.receipt(root, prefix=claim), "bad-registration")
    absent = {**member_claim("r2"), "registration": ELSEWHERE.receipt(said("recording")).decode()}
    yield case(
        "absence of another platform's recording",
        INDEX.receipt(said("training-set"), prefix=absent),
        "bad-registration",
    )
    other = {**word, "registration": CONSENT.receipt(said("recording", 1)).decode()}
    yield case(
        "the registration of another recording", INDEX.receipt(root, prefix=other), "bad-prefix"
    )
    elsewhere = OTHER_INDEX.receipt(root, prefix=word)
    yield case("a root of another platform", elsewhere, "bad-registration")
