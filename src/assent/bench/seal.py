"""How fast audio is sealed and opened, beside Tink, whose format it is.

Everything is in memory and on one core, both sides read and write through the same loops, and each
figure is the best of three passes. Tink's Python stream cannot seek, so a range costs it everything
before the range; the row says so.
"""

import io
from collections.abc import Callable
from secrets import token_bytes
from typing import TYPE_CHECKING, BinaryIO, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assent.bench.row import Row
from assent.clock import monotonic_s
from assent.vault.blob import HeldBlob
from assent.vault.keys import new_data_key
from assent.vault.seal import SEGMENT_BYTES, SealedReader, seal, sealed_size

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Streams", "rows", "tink_streams"]

_MIB = 1 << 20
_RANGE_BYTES = 64 << 10
_HEADER_BYTES = 40
_BOUND = b"bench"
_PASSES = 3


class Streams(Protocol):
    """What Tink calls a streaming AEAD."""

    def new_encrypting_stream(self, sink: BinaryIO, associated_data: bytes, /) -> BinaryIO:
        """Return a stream that seals what is written to it."""

    def new_decrypting_stream(self, source: BinaryIO, associated_data: bytes, /) -> BinaryIO:
        """Return a stream of the plain bytes."""


def tink_streams(key: bytes) -> Streams | None:
    """Return Tink's own AES256-GCM-HKDF-1MB under a raw key [32 bytes], or None without Tink."""
    try:
        from tink import proto_keyset_format, secret_key_access, streaming_aead
        from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2
    except ImportError:
        return None
    streaming_aead.register()
    form = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(key_value=key)
    form.params.ciphertext_segment_size = SEGMENT_BYTES
    form.params.derived_key_size = len(key)
    form.params.hkdf_hash_type = common_pb2.SHA256
    keyset = tink_pb2.Keyset(primary_key_id=1)
    keyset.key.add(
        key_id=1,
        status=tink_pb2.ENABLED,
        output_prefix_type=tink_pb2.RAW,
        key_data=tink_pb2.KeyData(
            type_url="type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
            value=form.SerializeToString(),
            key_material_type=tink_pb2.KeyData.SYMMETRIC,
        ),
    )
    handle = proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    streams: Streams = handle.primitive(streaming_aead.StreamingAead)
    return streams


def rows(quick: bool = False) -> list[Row]:  # noqa: FBT001, FBT002 - every bench is called so
    """Measure and return the table.

    Args:
        quick: Smaller audio: 64 MiB instead of 256, and a range from 256 MiB instead of 1 GiB.
    """
    key = new_data_key()
    tink = tink_streams(key)
    peer_name = "tink" if tink is not None else "tink (not installed)"
    flow = (64 if quick else 256) * _MIB
    return [
        _limit(flow),
        _reading(key, tink, peer_name, flow),
        _sealing(key, tink, peer_name, flow),
        *_range(key, tink, peer_name, (256 if quick else 1024) * _MIB),
    ]


class _Room(io.RawIOBase):
    """Memory that is there already: new pages would cost more than the sealing."""

    def __init__(self, room: bytearray) -> None:
        super().__init__()
        self.room, self.filled = memoryview(room), 0

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        view = memoryview(data)
        self.room[self.filled : self.filled + len(view)] = view
        self.filled += len(view)
        return len(view)


class _Counted(io.BytesIO):
    """A file in memory that counts what is read of it."""

    fetched = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.fetched += len(data)
        return data

    def close(self) -> None:
        """Stay open: Tink closes its source, and the next pass wants it."""


class _CountedBlob:
    """A blob in memory that counts what is read of it."""

    def __init__(self, data: "ReadableBuffer") -> None:
        self._blob, self.fetched = HeldBlob(data), 0

    @property
    def size(self) -> int:
        return self._blob.size

    def read_at(self, offset: int, length: int) -> memoryview:
        self.fetched += length
        return self._blob.read_at(offset, length)

    def close(self) -> None:
        self._blob.close()


def _best_s(act: Callable[[], object]) -> float:
    """Return how long `act` takes at its fastest [seconds]."""
    times = []
    for _ in range(_PASSES):
        start = monotonic_s()
        act()
        times.append(monotonic_s() - start)
    return min(times)


def _limit(size: int) -> Row:
    """Measure the cipher alone: what this machine allows."""
    cipher, nonce = AESGCM(new_data_key()), token_bytes(12)
    sealed = cipher.encrypt(nonce, bytes(_MIB), None)

    def opened() -> None:
        for _ in range(size // _MIB):
            cipher.decrypt(nonce, sealed, None)

    return Row(
        what="this machine's limit: AES-256-GCM opening one MiB again and again",
        unit="GB/s",
        ours=size / _best_s(opened) / 1e9,
    )


def _reading(key: bytes, tink: Streams | None, peer_name: str, size: int) -> Row:
    """Measure reading a whole blob in order."""
    sealed = _sealed(key, size)
    room = bytearray(_MIB)

    def drain(stream: io.RawIOBase | BinaryIO) -> None:
        while stream.readinto(room):  # type: ignore[union-attr] # BinaryIO's stub lacks it
            pass

    def peers() -> None:
        if tink is not None:
            drain(tink.new_decrypting_stream(io.BytesIO(sealed), _BOUND))

    ours_s = _best_s(lambda: drain(SealedReader(HeldBlob(sealed), key, _BOUND)))
    return Row(
        what=f"reading {size // _MIB} MiB of sealed audio in order, from memory",
        unit="GB/s",
        ours=size / ours_s / 1e9,
        peer=size / _best_s(peers) / 1e9 if tink is not None else None,
        peer_name=peer_name,
        goal=1.0,
    )


def _sealing(key: bytes, tink: Streams | None, peer_name: str, size: int) -> Row:
    """Measure sealing from memory into memory."""
    plain, room = bytes(size), bytearray(b"\xff" * sealed_size(size))

    def peers() -> None:
        if tink is not None:
            source = io.BytesIO(plain)
            with tink.new_encrypting_stream(_Room(room), _BOUND) as stream:  # type: ignore[arg-type] # a raw file will do
                while chunk := source.read(_MIB):
                    stream.write(chunk)

    ours_s = _best_s(lambda: seal(io.BytesIO(plain), _Room(room), key, _BOUND))
    return Row(
        what=f"sealing {size // _MIB} MiB of audio, from memory into memory",
        unit="GB/s",
        ours=size / ours_s / 1e9,
        peer=size / _best_s(peers) / 1e9 if tink is not None else None,
        peer_name=peer_name,
    )


def _range(key: bytes, tink: Streams | None, peer_name: str, size: int) -> list[Row]:
    """Measure one small range in the middle: the time, and what was fetched for it."""
    sealed = _sealed(key, size)
    middle = size // 2 // SEGMENT_BYTES * SEGMENT_BYTES  # well inside a segment, not across two
    blob, file = _CountedBlob(sealed), _Counted(sealed)

    def ours() -> None:
        blob.fetched = 0
        stream = SealedReader(blob, key, _BOUND)
        stream.seek(middle)
        stream.read(_RANGE_BYTES)

    def peers() -> None:
        if tink is not None:
            file.seek(0)
            file.fetched = 0
            stream = tink.new_decrypting_stream(file, _BOUND)
            for _ in range(middle // _MIB):
                stream.read(_MIB)
            stream.read(_RANGE_BYTES)

    ours_ms = _best_s(ours) * 1e3
    peer_ms = _best_s(peers) * 1e3 if tink is not None else None
    reads_up_to_it = f"{peer_name}, which reads up to it"
    return [
        Row(
            what=f"{_RANGE_BYTES >> 10} KiB from the middle of {size // _MIB} MiB of sealed audio",
            unit="ms",
            ours=ours_ms,
            peer=peer_ms,
            peer_name=reads_up_to_it if tink is not None else peer_name,
            higher_is_better=False,
        ),
        Row(
            what=f"sealed bytes fetched for these {_RANGE_BYTES >> 10} KiB",
            unit="bytes",
            ours=blob.fetched,
            peer=file.fetched if tink is not None else None,
            peer_name=reads_up_to_it if tink is not None else peer_name,
            goal=SEGMENT_BYTES + _HEADER_BYTES,
            higher_is_better=False,
        ),
    ]


def _sealed(key: bytes, size: int) -> bytes:
    room = bytearray(sealed_size(size))
    block = token_bytes(_MIB)
    seal((block for _ in range(size // _MIB)), _Room(room), key, _BOUND)
    return bytes(room)  # `io.BytesIO` shares bytes and copies all else, within Tink's time
