"""A part of an upload: its bytes on their way to the disk, counted, and compared if asked.

Source: tus resumable upload protocol 1.0.0, "Checksum".
"""

import hashlib
import hmac
from base64 import b64decode
from binascii import Error
from typing import TYPE_CHECKING, NamedTuple

from assent.disk import write_all
from assent.errors import BadInput

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["ALGORITHMS", "Checksum", "ChecksumMismatch", "Overflow", "Part", "checksum_of"]

ALGORITHMS = ("sha256", "sha1")
"""The checksums that are understood; tus asks for the second, which keeps no attacker away."""
_NAMES = {"sha256": "sha256", "sha-256": "sha256", "sha1": "sha1"}


class ChecksumMismatch(BadInput):
    """A part is not what it should be; it was changed on its way."""


class Overflow(BadInput):
    """More comes than was announced."""


class Checksum(NamedTuple):
    """What a part is compared with.

    Args:
        algorithm: Which one of `ALGORITHMS`.
        digest: What it must come to.
    """

    algorithm: str
    digest: bytes


def checksum_of(text: str) -> Checksum:
    """Return a checksum as tus writes it: the algorithm, a space, base64.

    Raises:
        BadInput: It is not written so, or by another algorithm.
    """
    name, _, written = text.strip().partition(" ")
    algorithm = _NAMES.get(name.lower())
    if algorithm is None:
        raise BadInput(f"the checksums that are understood are {' and '.join(ALGORITHMS)}")
    try:
        digest = b64decode(written.strip(), validate=True)
    except (Error, ValueError):
        raise BadInput("the checksum is not written in base64") from None
    return Checksum(algorithm, digest)


class Part:
    """A part of an upload on its way to the disk.

    Args:
        handle: The open file, at its end.
        offset: Where that is [bytes].
        size_bytes: How large the whole file will be.
        expected: What the part is compared with; None if with nothing.
    """

    def __init__(
        self, handle: int, offset: int, size_bytes: int, expected: Checksum | None
    ) -> None:
        self.offset = offset
        self._handle, self._size = handle, size_bytes
        self._expected = expected
        algorithm = expected.algorithm if expected else ALGORITHMS[0]
        self._digest = hashlib.new(algorithm, usedforsecurity=False)

    def write(self, data: "ReadableBuffer") -> None:
        """Take the next bytes.

        Raises:
            Overflow: They are more than was announced; as many as were are kept.
        """
        view = memoryview(data).cast("B")
        room = self._size - self.offset
        fits = view[:room]
        write_all(self._handle, fits)
        if self._expected is not None:
            self._digest.update(fits)
        self.offset += len(fits)
        if len(fits) < len(view):
            raise Overflow("more came than was announced")

    def check(self) -> None:
        """Compare the part with its checksum, if it has one.

        Raises:
            ChecksumMismatch: It is something else.
        """
        expected = self._expected
        if expected is not None and not hmac.compare_digest(self._digest.digest(), expected.digest):
            raise ChecksumMismatch("this part was changed on its way; send it again")
