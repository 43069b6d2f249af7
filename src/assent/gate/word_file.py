"""The words of all recordings in one memory-mapped file that every process of a machine shares.

    offset  size  field
    0       8     magic "ASSENTW1"
    8       8     head: number of the last event that the words know of
    16      8     count: how many recordings there are
    24      8     capacity: how many fit
    32      8     retired: 1 once a larger file has taken this one's place
    40      8     mark of the event at the head, so that another history is noticed
    48      8     boot: which start of the machine wrote it
    56      8     writing: 1 while words are ahead of the head
    64      8*n   word of recording n

All numbers are unsigned, little-endian. A word is written in one aligned store, so a reader never
sees half of one; the head is written after the words, and `writing` tells that they are ahead of
it. Nothing is flushed: the catalogue is the truth, and after a restart of the machine, when pages
may have been lost, the file is made anew. Writers hold an exclusive lock on a file beside it, a
reader that needs all words to be of one head holds a shared one.
"""

import fcntl
import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import RLock

import numpy as np

from assent.errors import StorageFailed
from assent.permission.algebra import Words

__all__ = ["WordFile"]

_MAGIC = int.from_bytes(b"ASSENTW1", "little")
_HEADER = 8
"""Words of the header: 64 bytes."""
_HEAD, _COUNT, _CAPACITY, _RETIRED, _MARK, _BOOT, _WRITING = range(1, 8)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LEAST = 1 << 16
"""Room of a new file [words]: half a mebibyte, and sparse until written."""


def _boot() -> int:
    try:
        name = _BOOT_ID.read_bytes()
    except OSError:
        return 0  # not Linux: then a crash of the machine is not told from an orderly start
    return int.from_bytes(sha256(name).digest()[:8], "little")


class WordFile:
    """A mapped file of words; `words[n]` is the word of recording `n`.

    Args:
        folder: Where the file is, or will be.

    Raises:
        StorageFailed: The folder or the file cannot be made or mapped.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "words"
        self._threads = RLock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            with self._locked(fcntl.LOCK_EX):
                if not self._is_sound():
                    self._make(_LEAST, b"")
                self._map()
        except OSError as error:
            raise StorageFailed(f"the snapshot cannot be kept: {error.strerror}") from error

    def _is_sound(self) -> bool:
        try:
            front = np.fromfile(self._path, np.uint64, _HEADER)
        except FileNotFoundError:
            return False
        size = self._path.stat().st_size
        return (
            len(front) == _HEADER
            and int(front[0]) == _MAGIC
            and int(front[_BOOT]) == _boot()
            and size == 8 * (_HEADER + int(front[_CAPACITY]))
        )

    def _make(self, capacity: int, content: bytes) -> None:
        """Put a file of that capacity in place; `content` is its words, and its count and head."""
        fresh = self._path.with_suffix(".new")
        front = np.zeros(_HEADER, np.uint64)
        front[0], front[_CAPACITY], front[_BOOT] = _MAGIC, capacity, _boot()
        if content:
            front[_HEAD], front[_COUNT], front[_MARK] = self.head, self.count, self.mark
        with fresh.open("wb") as file:
            file.write(front.tobytes())
            file.write(content)
            file.truncate(8 * (_HEADER + capacity))
        fresh.replace(self._path)

    def _map(self) -> None:
        handle = os.open(self._path, os.O_RDWR)
        try:
            # never closed by hand: views of it may be out; it goes with the last of them
            whole = memoryview(mmap.mmap(handle, 0)).cast("Q")
        finally:
            os.close(handle)
        self._front = whole[:_HEADER]
        self.words = whole[_HEADER:]

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        # the file lock keeps processes apart, the other one threads of this process
        with self._threads:
            fcntl.flock(self._lock, kind)
            try:
                yield
            finally:
                fcntl.flock(self._lock, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the lock's handle back."""
        os.close(self._lock)

    @property
    def head(self) -> int:
        """Number of the last event that the words know of."""
        return self._front[_HEAD]

    @property
    def count(self) -> int:
        """How many recordings there are."""
        return self._front[_COUNT]

    @property
    def mark(self) -> int:
        """Mark of the event at the head."""
        return self._front[_MARK]

    def is_at(self, head: int) -> bool:
        """Say whether the words are of one head, and of that one.

        A writer that died in the middle leaves them of none, until another one writes.
        """
        return self._front[_HEAD] == head and not self._front[_WRITING]

    def discard(self) -> None:
        """Forget all words; whoever looks next reads them from the catalogue."""
        with self.writing():
            self.words[: self.count] = memoryview(bytes(8 * self.count)).cast("Q")
            self.write((), 0, 0, 0)

    def follow(self) -> None:
        """Map the larger file if one has taken this one's place."""
        while self._front[_RETIRED]:
            with self._locked(fcntl.LOCK_SH):
                self._map()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep all others out; what is inside sees the newest file."""
        with self._locked(fcntl.LOCK_EX):
            if self._front[_RETIRED]:
                self._map()
            yield

    def write(self, words: Iterable[tuple[int, int]], count: int, head: int, mark: int) -> None:
        """Write words by number, then how many there are, the head and its mark; in `writing`."""
        if count > self._front[_CAPACITY]:
            self._grow(count)
        self._front[_WRITING] = 1
        for number, word in words:
            self.words[number] = word
        self._front[_COUNT] = count
        self._front[_MARK] = mark
        self._front[_HEAD] = head
        self._front[_WRITING] = 0

    def _grow(self, count: int) -> None:
        old = self._front
        capacity = max(2 * old[_CAPACITY], count)
        self._make(capacity, self.words[: old[_COUNT]].tobytes())
        self._map()
        old[_RETIRED] = 1

    @contextmanager
    def all_words(self) -> Iterator[Words]:
        """Give all words, of one head while the block lasts [shape=(count,), uint64]."""
        with self._locked(fcntl.LOCK_SH):
            if self._front[_RETIRED]:
                self._map()
            yield np.frombuffer(self.words, np.uint64, self.count)
