"""The vault: plain audio in, sealed blobs at rest, plain audio out to the gate.

A recording's blob has a random name, known before the recording has an id. The name is what the
wrapped data key and the sealed bytes are bound to, so neither can be swapped for another's. Without
the wrapped key, which the catalogue keeps, a blob and all its copies are noise.

Decides nothing: who may open what is the gate's to say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING

from assent.vault.blobs import Blobs
from assent.vault.keys import KeyWrapper, new_data_key
from assent.vault.seal import Plain, SealedReader, plain_chunks, sealed_chunks

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["StoredAudio", "Vault", "new_blob_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAudio:
    """What the catalogue keeps of audio in the vault.

    Attributes:
        name: The blob's name.
        wrapped_key: Its data key, wrapped; deleting every copy of this erases the audio.
        size_bytes: The size of the plain audio.
        sealed_bytes: The size of the blob.
        sha256: The digest of the plain audio [32 bytes].
    """

    name: str
    wrapped_key: bytes
    size_bytes: int
    sealed_bytes: int
    sha256: bytes


def new_blob_name() -> str:
    """Return a name that no other blob has [128 random bits in hex]."""
    return token_hex(16)


class Vault:
    """Seals audio into blobs and opens it again.

    Args:
        blobs: Where the sealed bytes are kept.
        wrapper: What wraps the data keys: a `MasterKey`, or a KMS.
    """

    def __init__(self, blobs: Blobs, wrapper: KeyWrapper) -> None:
        self.blobs = blobs
        self._wrapper = wrapper

    def store(self, name: str, plain: Plain) -> StoredAudio:
        """Seal audio under a fresh data key and keep it, in one pass and flat memory.

        Args:
            name: A new blob name, as `new_blob_name` gives.
            plain: A file open for reading bytes, or chunks of any sizes.

        Raises:
            BadInput: The name could not be a blob's.
            StorageFailed: The store did not take it; nothing is under the name. What reading
                `plain` raises passes as it is, with nothing under the name either.
        """
        data_key, bound = new_data_key(), name.encode()
        wrapped_key = self._wrapper.wrap(data_key, bound)
        digest, size_bytes = sha256(), 0

        def digested() -> Iterator["ReadableBuffer"]:
            nonlocal size_bytes
            for chunk in plain_chunks(plain):
                digest.update(chunk)
                size_bytes += memoryview(chunk).nbytes
                yield chunk

        sealed_bytes = self.blobs.put_stream(name, sealed_chunks(digested(), data_key, bound))
        return StoredAudio(
            name=name,
            wrapped_key=wrapped_key,
            size_bytes=size_bytes,
            sealed_bytes=sealed_bytes,
            sha256=digest.digest(),
        )

    def open(self, name: str, wrapped_key: bytes) -> SealedReader:
        """Open audio as a readable and seekable stream of its plain bytes.

        Raises:
            KeyFailed: It was sealed under another master key.
            StorageFailed: The blob is not there, or cannot be read.
            Tampered: The wrapped key or the blob was changed, or they do not belong together; for
                the blob's bytes this shows when they are read.
        """
        data_key = self._wrapper.unwrap(wrapped_key, name.encode())
        blob = self.blobs.reader(name)
        try:
            return SealedReader(blob, data_key, name.encode())
        except BaseException:
            blob.close()
            raise

    def delete(self, name: str) -> None:
        """Remove a blob; erasing also takes deleting its wrapped key from the catalogue.

        Raises:
            StorageFailed: The store refuses.
        """
        self.blobs.delete(name)
