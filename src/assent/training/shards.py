"""The shards of one set while it is built: filled one after the other, each to about one size.

Invariant: audio whose reading was stopped leaves no byte in a shard, and a recording that was
written before can be taken out again until the set is put in place.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

from pyroaring import BitMap

from assent.sound.source import ByteStream
from assent.training.item import Item, describe, file_number
from assent.training.manifest import opened
from assent.training.parquet_shard import ParquetWriter, read_parquet
from assent.training.set_file import ShardEntry
from assent.training.shard import Form, ShardReader, ShardWriter
from assent.training.tar_shard import TarWriter, read_tar

__all__ = ["READERS", "Shards", "digest_of", "shard_name"]

READERS: dict[Form, ShardReader] = {Form.WEBDATASET: read_tar, Form.PARQUET: read_parquet}
_ENDINGS = {Form.WEBDATASET: "tar", Form.PARQUET: "parquet"}


def shard_name(form: Form, number: int) -> str:
    """Return what a shard is called.

    >>> shard_name(Form.WEBDATASET, 12)
    'shard-000012.tar'
    """
    return f"shard-{number:06}.{_ENDINGS[form]}"


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file [64 hexadecimal digits].

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@dataclass(slots=True)
class _Full:
    """A shard that is written.

    Args:
        path: Where.
        numbers: The numbers of its recordings.
    """

    path: Path
    numbers: BitMap = field(default_factory=BitMap)


class Shards:
    """Writes the shards of one set.

    Args:
        folder: Where.
        form: In which form.
        shard_bytes: How large one may grow before the next is begun; it holds one recording at
            least.
        training_set: The set's id.
    """

    def __init__(self, folder: Path, form: Form, shard_bytes: int, training_set: str) -> None:
        self._folder = folder
        self._form = form
        self._shard_bytes = shard_bytes
        self._set = training_set
        self._full: list[_Full] = []
        self._writer: ShardWriter | None = None

    @property
    def numbers(self) -> BitMap:
        """The numbers of all recordings in the shards."""
        return BitMap.union(BitMap(), *(full.numbers for full in self._full))

    def add(self, item: Item, audio: ByteStream) -> None:
        """Add a recording; if its audio cannot be read to its end, it is as if never begun.

        Raises:
            Tampered: The audio is not what was taken in.
            OSError: The disk refuses.
        """
        description = describe(item, self._set)
        grown = item.size_bytes + len(description)
        if self._writer is not None and self._writer.size_bytes + grown > self._shard_bytes:
            self._finish()
        if self._writer is None:
            self._full.append(_Full(self._folder / shard_name(self._form, len(self._full))))
            self._writer = self._begun(self._full[-1].path)
        self._writer.add(item, audio, description)
        self._full[-1].numbers.add(item.number)

    def _begun(self, path: Path) -> ShardWriter:
        return TarWriter(path) if self._form is Form.WEBDATASET else ParquetWriter(path)

    def _finish(self) -> None:
        if self._writer is not None:
            self._writer.finish()
            self.close()

    def finish(self) -> None:
        """Write the end of the last shard.

        Raises:
            OSError: The disk refuses.
        """
        self._finish()

    def close(self) -> None:
        """Let the file under way go, finished or not."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def take_out(self, gone: BitMap, manifest: Path) -> None:
        """Write the finished shards that hold some recordings anew, without these.

        Raises:
            OSError: The disk refuses.
        """
        for full in self._full:
            if full.numbers & gone:
                full.numbers -= gone
                self._rewrite(full, manifest)

    def _rewrite(self, full: _Full, manifest: Path) -> None:
        fresh = full.path.with_suffix(".new")
        with closing(self._begun(fresh)) as writer, _picked(manifest, full.numbers) as items:
            for found in READERS[self._form](full.path):
                number = file_number(found.file)
                if number is not None and number in full.numbers:
                    writer.add(next(items), found.audio, found.description)
            writer.finish()
        fresh.replace(full.path)

    def entries(self) -> tuple[ShardEntry, ...]:
        """Return what `set.json` says of the finished shards; empty ones are removed.

        Raises:
            OSError: The disk refuses.
        """
        for full in self._full:
            if not full.numbers:
                full.path.unlink()
        self._full = [full for full in self._full if full.numbers]
        for number, full in enumerate(self._full):
            full.path = full.path.replace(self._folder / shard_name(self._form, number))
        return tuple(
            ShardEntry(
                file=full.path.name,
                sha256=digest_of(full.path),
                size_bytes=full.path.stat().st_size,
                items=len(full.numbers),
            )
            for full in self._full
        )


@contextmanager
def _picked(manifest: Path, numbers: BitMap) -> Iterator[Iterator[Item]]:
    with opened(manifest) as whole:
        yield (item for item in whole.items() if item.number in numbers)
