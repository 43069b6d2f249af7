"""Sealing: plain audio in, authenticated ciphertext out, and any range of it back.

The format is Tink's streaming AEAD with the parameters of its template AES256_GCM_HKDF_1MB and no
prefix, so a stock tool that has the data key can read what this module wrote, and the other way
round. A blob is a header and then segments of 1 MiB, each under its own nonce; only the last
segment carries the end mark, so cutting, swapping or appending shows.

    header    = 40 || salt[32] || prefix[7]
    key       = HKDF-SHA256(ikm = data key, salt = salt, info = associated data)[32]
    segment i = AES-256-GCM(key, nonce = prefix || be32(i) || (1 if last else 0), no further data)

The first segment lies behind the header within the first MiB, so every later one starts at a whole
MiB. The last segment holds at least one byte unless all the plain bytes are none.

A bad tag cannot say whether the bytes, the key or the associated data are the wrong ones: the
vault, which binds the data key to the blob's name when it wraps it, can.

Touches no disk: it reads through `ReadAt` and writes into whatever has `write`.

Source: Tink, "AES-GCM-HKDF Streaming AEAD", sections "Encryption function" and "Partial
decryption".
"""

import io
from collections.abc import Iterable, Iterator
from secrets import token_bytes
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assent.errors import KeyFailed, Tampered
from assent.vault.blob import ReadAt

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

__all__ = [
    "KEY_BYTES",
    "SEGMENT_BYTES",
    "Plain",
    "SealedReader",
    "Sink",
    "plain_chunks",
    "plain_size",
    "seal",
    "sealed_chunks",
    "sealed_size",
]

KEY_BYTES = 32
SEGMENT_BYTES = 1 << 20
_SALT_BYTES, _PREFIX_BYTES, _TAG_BYTES = 32, 7, 16
_HEADER_BYTES = 1 + _SALT_BYTES + _PREFIX_BYTES
_REST = SEGMENT_BYTES - _TAG_BYTES  # plain bytes in every segment but the first
_FIRST = _REST - _HEADER_BYTES
_CHANGED = "the sealed audio was changed, cut short or mixed up, or this key is not its own"


@runtime_checkable
class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


@runtime_checkable
class _Filler(Protocol):
    def readinto(self, buffer: "WriteableBuffer", /) -> int: ...


class Sink(Protocol):
    """Takes bytes and says how many it took, as every binary file does."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Take bytes from the start of `data` and return how many [bytes]."""


Plain: TypeAlias = "_Source | Iterable[ReadableBuffer]"


def sealed_size(plain_bytes: int) -> int:
    """Return how large so many plain bytes are once sealed [bytes]."""
    last = max(plain_bytes - 1 + _HEADER_BYTES, 0) // _REST
    return plain_bytes + _HEADER_BYTES + _TAG_BYTES * (last + 1)


def plain_size(sealed_bytes: int) -> int:
    """Return how many plain bytes a blob of this size holds [bytes].

    Raises:
        Tampered: No blob has this size, so this one was cut.
    """
    last = max(sealed_bytes - 1, 0) // SEGMENT_BYTES
    plain_bytes = sealed_bytes - _HEADER_BYTES - _TAG_BYTES * (last + 1)
    if plain_bytes < 0 or sealed_size(plain_bytes) != sealed_bytes:
        raise Tampered("the sealed audio was cut short", sealed_bytes=sealed_bytes)
    return plain_bytes


def plain_chunks(plain: Plain) -> "Iterable[ReadableBuffer]":
    """Return a file's or an iterable's bytes as chunks, each good until the next is asked for."""
    if not isinstance(plain, _Source):  # a file is an iterable too, but of lines
        return plain
    return _file_chunks(plain)


def _file_chunks(file: _Source) -> "Iterator[ReadableBuffer]":
    if isinstance(file, _Filler):  # one buffer for the whole file: fresh pages cost more than AES
        room = memoryview(bytearray(SEGMENT_BYTES))
        while count := file.readinto(room):
            yield room[:count]
    else:
        while chunk := file.read(SEGMENT_BYTES):
            yield chunk


def seal(plain: Plain, sink: Sink, key: bytes, associated_data: bytes) -> int:
    """Seal everything in `plain` into `sink`, a segment at a time.

    Args:
        plain: A file open for reading bytes, or chunks of any sizes.
        sink: Where the sealed bytes go.
        key: The data key [32 bytes].
        associated_data: What the blob is bound to; it must be given again to read it.

    Returns:
        How many sealed bytes were written [bytes].

    Raises:
        KeyFailed: The key has not 32 bytes.
    """
    total = 0
    for chunk in sealed_chunks(plain, key, associated_data):
        rest = memoryview(chunk)
        while rest:  # a raw file may take less than it was given
            rest = rest[sink.write(rest) :]
        total += len(chunk)
    return total


def sealed_chunks(plain: Plain, key: bytes, associated_data: bytes) -> Iterator[bytes]:
    """Yield the header and then each sealed segment, holding one segment at a time.

    Args:
        plain: A file open for reading bytes, or chunks of any sizes.
        key: The data key [32 bytes].
        associated_data: What the blob is bound to.

    Raises:
        KeyFailed: The key has not 32 bytes.
    """
    salt, prefix = token_bytes(_SALT_BYTES), token_bytes(_PREFIX_BYTES)
    cipher = _cipher(key, salt, associated_data)
    yield bytes([_HEADER_BYTES]) + salt + prefix
    for index, (segment, is_last) in enumerate(_segments(plain_chunks(plain))):
        yield cipher.encrypt(_nonce(prefix, index, is_last=is_last), segment, None)


def _segments(
    chunks: "Iterable[ReadableBuffer]",
) -> Iterator[tuple[memoryview, bool]]:
    """Yield each segment's plain bytes and whether it is the last; it is good until the next."""
    held, filled, room = memoryview(bytearray(_REST)), 0, _FIRST
    for chunk in chunks:
        view = memoryview(chunk).cast("B")
        while filled + len(view) > room:  # strictly: a full segment may yet be the last one
            take = room - filled
            if filled:
                held[filled:room] = view[:take]
                yield held[:room], False
            else:  # nothing held over, so no copy
                yield view[:take], False
            view, filled, room = view[take:], 0, _REST
        held[filled : filled + len(view)] = view
        filled += len(view)
    yield held[:filled], True


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise KeyFailed(f"a data key has {KEY_BYTES} bytes, this one {len(key)}")


def _cipher(key: bytes, salt: bytes, associated_data: bytes) -> AESGCM:
    _check_key(key)
    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=associated_data)
    return AESGCM(hkdf.derive(key))


def _nonce(prefix: bytes, index: int, *, is_last: bool) -> bytes:
    return prefix + index.to_bytes(4, "big") + bytes([is_last])


class SealedReader(io.RawIOBase):
    """The plain bytes of a sealed blob, as a readable and seekable stream.

    A read opens the segments it touches and no others, and hands nothing out that was not
    authenticated. That the blob ends where it says is known once its last segment was opened: a
    read at the end does so before it answers that there is no more.

    Not for several threads at once; open one each.

    Args:
        blob: The sealed bytes; closed with this reader.
        key: The data key [32 bytes].
        associated_data: What the blob was bound to when it was sealed.

    Raises:
        KeyFailed: The key has not 32 bytes.
        Tampered: No blob has this size; and, while reading, bytes that fail their check.
    """

    def __init__(self, blob: ReadAt, key: bytes, associated_data: bytes) -> None:
        super().__init__()
        self._blob = blob
        self._key, self._associated_data = key, associated_data
        self._opened: tuple[AESGCM, bytes] | None = None  # the cipher and the nonce prefix
        self._held: tuple[int, bytes] = (-1, b"")  # the segment opened last
        self._is_end_proved = False
        self._at = 0
        _check_key(key)
        self._size = plain_size(blob.size)
        self._last = (blob.size - 1) // SEGMENT_BYTES

    @property
    def size(self) -> int:
        """How many plain bytes there are [bytes]."""
        return self._size

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position [bytes]."""
        self._check_open()
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move, possibly beyond the end, and return the new position [bytes]."""
        self._check_open()
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}
        if whence not in start or start[whence] + offset < 0:
            raise OSError(f"cannot seek to {offset} from {whence}")
        self._at = start[whence] + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill `buffer` as far as there are bytes and return how many [bytes].

        Raises:
            Tampered: A segment in the range fails its check; the position is unchanged.
        """
        view = memoryview(buffer).cast("B")
        filled = 0
        for piece in self._pieces(len(view)):
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
        self._at += filled
        return filled

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next `size` bytes, or all that are left.

        Unlike other raw streams it returns fewer only at the end.

        Raises:
            Tampered: A segment in the range fails its check; the position is unchanged.
        """
        if size is None or size < 0:
            return self.readall()
        data = b"".join(self._pieces(size))
        self._at += len(data)
        return data

    def readall(self) -> bytes:
        """Return all bytes that are left.

        Raises:
            Tampered: A segment fails its check; the position is unchanged.
        """
        gathered = io.BytesIO()  # unlike a join it needs no second copy of everything
        for piece in self._pieces(self._size):
            gathered.write(piece)
        self._at += gathered.tell()
        return gathered.getvalue()

    def close(self) -> None:
        """Close the stream and the blob, and forget the segment held."""
        if not self.closed:
            self._blob.close()
            self._held, self._opened = (-1, b""), None
        super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("this sealed stream is closed")

    def _pieces(self, length: int) -> "Iterator[bytes | memoryview]":
        """Yield the plain bytes of the next `length`, segment by segment."""
        self._check_open()
        at, end = self._at, min(self._at + length, self._size)
        if at >= self._size and not self._is_end_proved:
            self._segment(self._last)
        while at < end:
            index, start = divmod(at + _HEADER_BYTES, _REST)
            if index == 0:
                start = at
            segment = self._segment(index)
            stop = min(start + end - at, len(segment))
            is_whole = stop - start == len(segment)
            yield segment if is_whole else memoryview(segment)[start:stop]
            at += stop - start

    def _segment(self, index: int) -> bytes:
        """Return the plain bytes of one segment, fetching and opening it unless it is held."""
        if self._held[0] == index:
            return self._held[1]
        offset = index * SEGMENT_BYTES
        sealed = self._fetch(offset, min(SEGMENT_BYTES, self._blob.size - offset))
        if self._opened is None:  # the first segment's MiB begins with the header
            self._opened = self._open(sealed if index == 0 else self._fetch(0, _HEADER_BYTES))
        cipher, prefix = self._opened
        is_last = index == self._last
        nonce = _nonce(prefix, index, is_last=is_last)
        try:
            body = sealed[_HEADER_BYTES:] if index == 0 else sealed
            plain = cipher.decrypt(nonce, body, None)
        except InvalidTag:
            raise Tampered(_CHANGED, segment=index, offset_bytes=offset) from None
        self._held = (index, plain)
        self._is_end_proved |= is_last
        return plain

    def _fetch(self, offset: int, length: int) -> memoryview:
        view = memoryview(self._blob.read_at(offset, length))
        if view.nbytes != length:
            raise Tampered("the sealed audio was cut short", offset_bytes=offset)
        return view

    def _open(self, sealed: memoryview) -> tuple[AESGCM, bytes]:
        if sealed[0] != _HEADER_BYTES:
            raise Tampered("the sealed audio does not begin as sealed audio does")
        salt = bytes(sealed[1 : 1 + _SALT_BYTES])
        prefix = bytes(sealed[1 + _SALT_BYTES : _HEADER_BYTES])
        return _cipher(self._key, salt, self._associated_data), prefix
