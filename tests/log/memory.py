"""A ledger and a store in memory, and a log made of them: for tests that need many, fast."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from assent.log.checkpoint import Checkpoint, parse_body
from assent.log.fsck import Finding, Promised, fsck
from assent.log.note import Signature, Signer, VerifierKey
from assent.log.policy import Policy, PolicyLog
from assent.log.store import LogStore
from assent.log.tree import Frontier, hash_leaf
from assent.log.writer import Writer

__all__ = [
    "AT",
    "ORIGIN",
    "SIGNER",
    "MemoryLedger",
    "MemoryState",
    "MemoryStore",
    "check_one_history",
    "entry",
    "findings",
    "grown",
    "policy_of",
    "published_log",
    "remembering",
]

ORIGIN = "log.example/consent"
AT = datetime(2031, 3, 1, 12, tzinfo=UTC)
SIGNER = Signer.of(ORIGIN, bytes(range(32)))


def entry(number: int) -> bytes:
    """An entry like no other, and of another length than its neighbours."""
    return f'{{"n":{number},"s":"{"x" * (number % 7)}"}}'.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryState:
    """How far a log has come."""

    origin: str
    frontier: Frontier


@dataclass(kw_only=True)
class MemoryLedger:
    """A ledger: what happened, and how much of it has its place.

    Args:
        events: The entries of all that happened; grows.
        step: How many get their places at once.
    """

    events: list[bytes] = field(default_factory=list)
    step: int = 4_096
    origin: str = ORIGIN
    frontier: Frontier = field(default_factory=Frontier)

    def state(self) -> MemoryState:
        return MemoryState(origin=self.origin, frontier=self.frontier)

    def sequence(self) -> int:
        some = self.events[self.frontier.size :][: self.step]
        self.frontier = self.frontier.extended(map(hash_leaf, some))
        return len(some)

    def entries(self, start: int, stop: int) -> list[bytes]:
        assert 0 <= start <= stop <= self.frontier.size, "these have no places"
        return self.events[start:stop]

    def grow(self, size: int) -> None:
        """Have more happen, until there is so much."""
        self.events += map(entry, range(len(self.events), size))


class MemoryStore:
    """A store that is a dictionary, which tests may change behind a writer's back."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})

    def get(self, path: str) -> bytes | None:
        return self.files.get(path)

    def put(self, files: Mapping[str, bytes]) -> None:
        self.files.update(files)

    def delete_under(self, folder: str) -> None:
        for path in [path for path in self.files if path.startswith(f"{folder}/")]:
            del self.files[path]

    def names(self) -> Iterator[str]:
        yield from list(self.files)


def remembering(signed: list[Checkpoint]) -> Signer:
    """The log's key, which also notes down every checkpoint that it signs."""

    class Remembering(Signer):
        def sign(self, text: bytes) -> Signature:
            signed.append(parse_body(text))
            return super().sign(text)

    return Remembering(vkey=SIGNER.vkey, seed=SIGNER.seed)


def policy_of(*keys: VerifierKey) -> Policy:
    """Trust these logs, and ask for no witness."""
    logs = tuple(PolicyLog(key=key) for key in keys)
    return Policy(logs=logs, witnesses=(), groups=(), quorum=None)


def findings(store: LogStore, ledger: MemoryLedger | None = None) -> list[Finding]:
    """What is wrong with a log; against the ledger as well if it is given."""
    promised = None if ledger is None else [Promised(entry=e, made=e) for e in ledger.events]
    return list(fsck(store.get, policy_of(SIGNER.vkey), names=store.names, promised=promised))


def published_log(size: int, *, events: Sequence[bytes] = ()) -> MemoryStore:
    """A log that was published once, with these events first."""
    return grown(MemoryStore(), size, events=events)


def grown(store: MemoryStore, size: int, *, events: Sequence[bytes] = ()) -> MemoryStore:
    """A published log, published at one size more."""
    ledger = MemoryLedger(events=list(events))
    ledger.grow(size)
    while ledger.sequence():
        pass
    Writer(ledger, store, [SIGNER]).publish(AT)
    return store


def check_one_history(signed: Sequence[Checkpoint]) -> None:
    """No two checkpoints of one size differ."""
    roots: dict[int, bytes] = {}
    for checkpoint in signed:
        assert roots.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
