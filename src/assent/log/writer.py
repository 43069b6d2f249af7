"""The writer: brings what the ledger promised into public, and signs it.

    ledger.sequence   the promise: events have their indices, the log its size
    tiles, bundles    written so that they last
    read again        every new entry is hashed anew from what the store gives back
    sign, cosign      only what was read again is signed
    checkpoint        replaced last, in one step

A publication begins where the last checkpoint in the store ends, so one that was cut short anywhere
is finished by the next; there is no other recovery. A checkpoint that a writer finds is written
once more before it is acknowledged: whoever put it there may not have lived to sync it.

After a failure of the store, or where somebody knows a larger log than the ledger has, nothing is
signed any more until a person has looked.

Touches no table: the ledger is handed in, and so are keys, witnesses and time. Only one writer may
be at work on a log: whoever makes it holds the lock.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assent.errors import BadProof, CouldNot, KeyFailed, NotProved, StorageFailed, Tampered
from assent.log.checkpoint import Checkpoint, format_body, parse_signed
from assent.log.cosignature import MldsaCosigner
from assent.log.note import Note, Signature, Signer, format_note, verified
from assent.log.store import LogStore
from assent.log.tile import (
    TILE_WIDTH,
    TileReader,
    bundle_path,
    format_bundle,
    parse_bundle,
    split_hashes,
    tile_path,
    tile_root,
    tiles_of,
)
from assent.log.tree import EMPTY_ROOT, Frontier, HashAt, hash_leaf, root_at

__all__ = ["CHECKPOINT", "Promises", "Published", "State", "Witnesses", "Writer", "read_published"]

CHECKPOINT = "checkpoint"
"""The path of the signed checkpoint in a log's store."""

_BUNDLES_AT_ONCE = 16
"""Bundles written in one go: 4,096 entries, whose folders are synced once."""


class State(Protocol):
    """How far a log has come."""

    @property
    def origin(self) -> str:
        """Its name in checkpoints."""

    @property
    def frontier(self) -> Frontier:
        """Its right edge."""


class Promises(Protocol):
    """A ledger: `catalogue.leaves.Ledger` is one."""

    def state(self) -> State:
        """Return how far the log has come."""

    def sequence(self) -> int:
        """Give the next events their places; return how many there were, 0 if none is left."""

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Return entries by their indices, `stop` not included."""


class Witnesses(Protocol):
    """Those who cosign; `log.witnesses` asks real ones."""

    def largest(self, origin: str) -> int | None:
        """Return the largest size that any of them has seen of a log; 0 if none has.

        None says that nobody who matters answers, so that nobody can say.
        """

    def cosign(self, checkpoint: bytes, hash_at: HashAt) -> Sequence[Signature]:
        """Return the cosignatures that could be had in time for a signed checkpoint.

        Raises:
            Tampered: One of them knows another history of this log.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What stands in public now.

    Args:
        checkpoint: The log at its newest published size.
        note: The same, signed and cosigned.
        fresh: How many entries this publication added.
    """

    checkpoint: Checkpoint
    note: bytes
    fresh: int


def read_published(store: LogStore) -> tuple[Checkpoint, bytes] | None:
    """Return the checkpoint in a store and its note, or None where none was published.

    Raises:
        Tampered: It is no checkpoint.
        StorageFailed: It cannot be read.
    """
    note = store.get(CHECKPOINT)
    if note is None:
        return None
    try:
        return parse_signed(note)[0], note
    except BadProof as error:
        raise Tampered("the published checkpoint cannot be read; run assent log fsck") from error


class Writer:
    """Publishes one log.

    Args:
        ledger: What was promised.
        store: Where its public files lie.
        signers: Whose signatures stand under its checkpoints, an Ed25519 key first.
        witnesses: Who cosigns; nobody if None.
    """

    def __init__(
        self,
        ledger: Promises,
        store: LogStore,
        signers: Sequence[Signer | MldsaCosigner],
        witnesses: Witnesses | None = None,
    ) -> None:
        self._ledger = ledger
        self._store = store
        self._signers = signers
        self._witnesses = witnesses
        self._failed = False
        self._asked = False
        self._lasts = b""  # the note of which this writer knows that it is there to stay

    def publish(self, at: datetime, *, again: bool = False) -> Published:
        """Publish all that has happened; one linear story, whose last step is the commit point.

        Args:
            at: Now [aware datetime].
            again: Sign and have cosigned anew even if nothing has happened.

        Raises:
            CouldNot: No witness that the policy needs could be asked what it has seen.
            KeyFailed: The keys are those of another log.
            StorageFailed: The catalogue refused, and nothing was published; or the store did, now
                or before, and this writer signs nothing any more.
            Tampered: What is public is not what the ledger says, or somebody knows more than the
                ledger does: nothing was signed.
        """
        if self._failed:
            raise StorageFailed("the log has stopped, because its disk failed; start it again")
        old = self._published()
        self._check_nobody_knows_more(old)
        while self._ledger.sequence():
            pass
        state = self._ledger.state()
        try:
            if old is None or old[0].size != state.frontier.size or again:
                return self._grown(old, state, at)
            self._check_same(old[0], state)
            self._commit(old[1])
        except StorageFailed:
            # what the disk holds after a failed sync nobody knows, so nothing is signed on it
            self._failed = True
            raise
        return Published(checkpoint=old[0], note=old[1], fresh=0)

    def _grown(self, old: tuple[Checkpoint, bytes] | None, state: State, at: datetime) -> Published:
        """Publish the log at its new size."""
        before = old[0] if old else Checkpoint(origin=state.origin, size=0, root=EMPTY_ROOT)
        checkpoint = Checkpoint(
            origin=state.origin, size=state.frontier.size, root=state.frontier.root()
        )
        reader = TileReader(self._store.get, checkpoint.size)
        try:
            self._write(before.size, checkpoint.size)
            self._check_written(before, checkpoint, reader)
        except BadProof as error:
            raise Tampered(
                "the log's files are not what was written; nothing is signed", reason="unreadable"
            ) from error
        note = self._signed(checkpoint, reader, at)
        self._commit(note)
        self._tidy(before.size, checkpoint.size)
        return Published(checkpoint=checkpoint, note=note, fresh=checkpoint.size - before.size)

    def _commit(self, note: bytes) -> None:
        """Put a checkpoint in place: the commit point of a publication."""
        if note != self._lasts:
            self._store.put({CHECKPOINT: note})
            self._lasts = note

    def _published(self) -> tuple[Checkpoint, bytes] | None:
        """Return what was published last, if keys, files and ledger are all of one log."""
        origin = self._ledger.state().origin
        if any(signer.vkey.name != origin for signer in self._signers):
            raise KeyFailed(f"these are not the keys of the log {origin}")
        found = read_published(self._store)
        if found is None:
            return None
        if found[0].origin != origin:
            raise Tampered(f"the files of the log {found[0].origin} lie where {origin} writes")
        ours = [signer.vkey for signer in self._signers if isinstance(signer, Signer)]
        try:
            signed = verified(parse_signed(found[1])[1], ours)
        except NotProved as error:
            raise Tampered("the published checkpoint's signature does not verify") from error
        if not signed:
            raise Tampered("the published checkpoint is not signed by any key of this log")
        return found

    def _check_nobody_knows_more(self, old: tuple[Checkpoint, bytes] | None) -> None:
        state = self._ledger.state()
        known = old[0].size if old else 0
        if self._witnesses is not None and not self._asked:
            seen = self._witnesses.largest(state.origin)
            if seen is None:
                raise CouldNot(
                    "no witness answers that could say whether this is the newest copy of the log;"
                    " nothing is signed"
                )
            known = max(known, seen)
        if known > state.frontier.size:
            raise Tampered(
                f"{known} entries of the log are known elsewhere, and the catalogue has"
                f" {state.frontier.size}: it was restored from an older copy; nothing is signed",
                known=known,
                size=state.frontier.size,
                reason="rolled-back",
            )
        self._asked = True  # only now: what was refused once is asked about again

    def _check_same(self, old: Checkpoint, state: State) -> None:
        if old.root != state.frontier.root():
            raise Tampered(
                "the published log is not what the catalogue says; nothing is signed",
                size=old.size,
                reason="forked",
            )

    def _write(self, old: int, new: int) -> None:
        """Write the tiles and bundles of a log that grows from one size to another."""
        first, fresh = old // TILE_WIDTH, list[bytes]()
        last = -(-new // TILE_WIDTH)
        if old == new:
            return
        for low in range(first, last, _BUNDLES_AT_ONCE):
            high = min(low + _BUNDLES_AT_ONCE, last)
            start = low * TILE_WIDTH
            entries = self._ledger.entries(start, min(high * TILE_WIDTH, new))
            files: dict[str, bytes] = {}
            for index in range(low, high):
                some = entries[index * TILE_WIDTH - start :][:TILE_WIDTH]
                tile = b"".join(hash_leaf(entry) for entry in some)
                files[bundle_path(index, len(some))] = format_bundle(some)
                files[tile_path(0, index, len(some))] = tile
                if len(some) == TILE_WIDTH:
                    fresh.append(tile_root(tile))
            self._store.put(files)
        self._write_above(old, new, fresh)

    def _write_above(self, old: int, new: int, fresh: list[bytes]) -> None:
        """Write the tiles above the leaves.

        Args:
            old: The log's old size.
            new: Its new size.
            fresh: The roots of the tiles of level 0 that have become full.
        """
        reader, level = TileReader(self._store.get, old), 1
        had, has = old // TILE_WIDTH, new // TILE_WIDTH  # hashes of the level, then and now
        while had < has:
            start = had // TILE_WIDTH * TILE_WIDTH
            hashes = [reader(8 * level, index) for index in range(start, had)] + fresh
            files: dict[str, bytes] = {}
            fresh = []
            for low in range(0, len(hashes), TILE_WIDTH):
                some = hashes[low : low + TILE_WIDTH]
                tile = b"".join(some)
                files[tile_path(level, (start + low) // TILE_WIDTH, len(some))] = tile
                if len(some) == TILE_WIDTH:
                    fresh.append(tile_root(tile))
            self._store.put(files)
            had, has, level = had // TILE_WIDTH, has // TILE_WIDTH, level + 1

    def _check_written(self, before: Checkpoint, now: Checkpoint, reader: TileReader) -> None:
        """Read back what was written, hash it again, and compare it with what is to be signed.

        Raises:
            BadProof: A file is missing or is not what the files beside it say.
            Tampered: The files hold together, and another log.
        """
        for level, index, width in tiles_of(before.size, now.size):
            self._check_tile(level, index, width, reader)
        roots = root_at(now.size, reader), root_at(before.size, reader)
        if roots != (now.root, before.root):
            raise Tampered(
                "the published log is not what the catalogue says; nothing is signed",
                size=before.size,
                reason="forked",
            )

    def _check_tile(self, level: int, index: int, width: int, reader: TileReader) -> None:
        data = self._read(tile_path(level, index, width))
        hashes = split_hashes(data, width)
        if level == 0:
            entries = parse_bundle(self._read(bundle_path(index, width)), width)
            if tuple(map(hash_leaf, entries)) != hashes:
                raise BadProof("entries do not hash to their tile", reason="malformed", index=index)
        if width == TILE_WIDTH and reader(8 * (level + 1), index) != tile_root(data):
            raise BadProof("a tile does not hash to the one above", reason="malformed", index=index)

    def _read(self, path: str) -> bytes:
        data = self._store.get(path)
        if data is None:
            raise BadProof("a file of the log is missing", reason="malformed", path=path)
        return data

    def _signed(self, checkpoint: Checkpoint, reader: HashAt, at: datetime) -> bytes:
        text = format_body(checkpoint)
        note = Note(
            text=text,
            signatures=tuple(
                signer.sign(text) if isinstance(signer, Signer) else signer.cosign(checkpoint, at)
                for signer in self._signers
            ),
        )
        if self._witnesses is not None:
            note = note.plus(*self._witnesses.cosign(format_note(note), reader))
        return format_note(note)

    def _tidy(self, old: int, new: int) -> None:
        """Remove partial tiles of which the full one is there; whoever wants them takes that."""
        with suppress(StorageFailed):  # it is published already, and what is left does no harm
            for level, index, width in _filled(old, new):
                self._store.delete_under(f"{tile_path(level, index, width)}.p")
                if level == 0:
                    self._store.delete_under(f"{bundle_path(index, width)}.p")


def _filled(old: int, new: int) -> Iterator[tuple[int, int, int]]:
    """Yield the tiles that were partial and have become full."""
    level = 0
    while old < new:
        index, width = divmod(old, TILE_WIDTH)
        if width and new // TILE_WIDTH > index:
            yield level, index, TILE_WIDTH
        level, old, new = level + 1, old // TILE_WIDTH, new // TILE_WIDTH
