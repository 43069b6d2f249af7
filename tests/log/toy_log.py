"""A log that does what a test wants: grows, signs anything, forks; its tree is the oracle's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from assent.log.checkpoint import Checkpoint, format_body, sign
from assent.log.note import Signer, VerifierKey
from assent.log.tree import Frontier, hash_leaf
from assent.log.witness import format_request
from tests.log.trees import Tree, leaf

ORIGIN = "log.example/consent"
AT = datetime(2031, 3, 1, 12, tzinfo=UTC)

SIGNER = Signer.of(ORIGIN, bytes(32))
OTHER = Signer.of(ORIGIN, b"\x01" * 32)
STRANGER = Signer.of("log.example/other", b"\x02" * 32)


class ToyLog:
    """A log whose entries are all known."""

    def __init__(self, size: int, *, fork_at: int | None = None, signer: Signer = SIGNER) -> None:
        """Make one of `size` entries, which from `fork_at` on are not those of others."""
        own = fork_at if fork_at is not None else size
        self.entries = [leaf(n) if n < own else b"fork %d" % n for n in range(size)]
        self.tree = Tree(self.entries)
        self.signer = signer

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(origin=self.signer.vkey.name, size=size, root=self.tree.root(size))

    def note(self, size: int) -> bytes:
        return sign(self.checkpoint(size), [self.signer])

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        return self.tree.proof(old, new) if 0 < old < new else ()

    def request(self, old: int, new: int) -> bytes:
        return format_request(old, self.proof(old, new), self.note(new))


def signed_by(checkpoint: Checkpoint, *signers: Signer) -> bytes:
    return sign(checkpoint, signers)


def text_of(checkpoint: Checkpoint) -> bytes:
    return format_body(checkpoint)


def vkeys(*signers: Signer) -> dict[str, tuple[VerifierKey, ...]]:
    """The logs that a witness knows."""
    found = dict[str, tuple[VerifierKey, ...]]()
    for signer in signers:
        found[signer.vkey.name] = (*found.get(signer.vkey.name, ()), signer.vkey)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyState:
    """How far a ledger has come."""

    origin: str
    frontier: Frontier


class ToyLedger:
    """The promises of a catalogue: what was added has its place at once."""

    def __init__(self, entries: Sequence[bytes] = (), origin: str = ORIGIN) -> None:
        self.origin = origin
        self.all = list(entries)

    def state(self) -> ToyState:
        frontier = Frontier().extended(map(hash_leaf, self.all))
        return ToyState(origin=self.origin, frontier=frontier)

    def sequence(self) -> int:
        return 0

    def entries(self, start: int, stop: int) -> list[bytes]:
        return self.all[start:stop]


class ToyStore:
    """A store in memory."""

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
        yield from sorted(self.files)
