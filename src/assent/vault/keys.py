"""Keys: one master key in a file, and the data keys it wraps.

A wrapped data key is 69 bytes and bound to a context; here that is the name of the blob it opens.

    1 || id of the master key [8] || nonce [12] || AES-256-GCM(wrapping key, nonce, data key)
    wrapping key = HKDF-SHA256(master, info = "assent wrap data key 1")[32]
    associated data of the GCM = everything before the nonce || context

The id tells a wrong master key from tampering and is derived, so it gives nothing away. Nonces are
random: good for 2^32 recordings under one master key.

The file is three lines of text, so that it can be printed and typed in again; its id is the check:

    assent master key 1
    id 8 bytes in hex
    key 32 bytes in hex

A KMS fits in by `KeyWrapper`. Source: RFC 5869; NIST SP 800-38D, section 8.2.2.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes, token_hex
from stat import S_IMODE
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assent.disk import make_folder, storage, sync_folder, write_all
from assent.errors import KeyFailed, Tampered

__all__ = ["KeyWrapper", "MasterKey", "new_data_key"]

_KEY_BYTES, _ID_BYTES, _NONCE_BYTES, _TAG_BYTES = 32, 8, 12, 16
_FORM = b"\x01"
_FRONT_BYTES = len(_FORM) + _ID_BYTES
_WRAPPED_BYTES = _FRONT_BYTES + _NONCE_BYTES + _KEY_BYTES + _TAG_BYTES
_FILE = re.compile(r"assent master key 1\s+id ([0-9a-f]{16})\s+key ([0-9a-f]{64})\s*")
_FILE_MOST_BYTES = 1024


class KeyWrapper(Protocol):
    """Keeps data keys safe to store: a master key here, or a KMS elsewhere."""

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """Return `data_key` in a form that only `unwrap` with the same context opens."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the data key.

        Raises:
            KeyFailed: It was wrapped under another master key.
            Tampered: It was changed, or belongs to another context.
        """


def new_data_key() -> bytes:
    """Return a fresh key for one recording [32 bytes]."""
    return token_bytes(_KEY_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKey:
    """The key above all data keys; a `KeyWrapper`.

    Attributes:
        secret: The key itself, never shown [32 bytes].
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != _KEY_BYTES:
            raise KeyFailed(f"a master key has {_KEY_BYTES} bytes, this one {len(self.secret)}")

    @classmethod
    def create(cls, path: Path) -> "MasterKey":
        """Make a new master key and a file for it that only its owner can read.

        The file appears whole or not at all, and never replaces another.

        Raises:
            KeyFailed: There is a file already.
            StorageFailed: The disk does not take it.
        """
        key = cls(secret=token_bytes(_KEY_BYTES))
        arriving = path.with_name(f".{path.name}.{token_hex(8)}")
        with storage("store the master key", path):
            make_folder(path.parent)
            try:
                _write(arriving, key)
                path.hardlink_to(arriving)  # the commit point; unlike a rename it never replaces
            except FileExistsError:
                raise KeyFailed(
                    f"there is a master key at {path} already: use it, or move it away if nothing "
                    "was sealed under it"
                ) from None
            finally:
                arriving.unlink(missing_ok=True)
            sync_folder(path.parent)
        return key

    @classmethod
    def load(cls, path: Path) -> "MasterKey":
        """Read a master key from its file.

        Raises:
            KeyFailed: The file is missing, unreadable, readable by others, or not a key file.
        """
        text, mode = _read(path)
        if mode & 0o077:
            raise KeyFailed(
                f"others can read the master key at {path}: run chmod 600 on it", mode=oct(mode)
            )
        match = _FILE.fullmatch(text)
        if match is None or len(text) > _FILE_MOST_BYTES:
            raise KeyFailed(f"{path} is not a whole master key file: put your copy of it back")
        key = cls(secret=bytes.fromhex(match[2]))
        if key.key_id != match[1]:
            raise KeyFailed(
                f"the master key at {path} has a letter wrong: put your copy of it back"
            )
        return key

    @property
    def key_id(self) -> str:
        """What tells this master key from others, safe to show [8 bytes in hex]."""
        return self._id().hex()

    def derive(self, purpose: str) -> bytes:
        """Return the secret for one other purpose, such as signing tokens [32 bytes].

        Secrets of different purposes, and the master key, cannot be told from one another.
        """
        return self._derived(f"assent derive {purpose}", _KEY_BYTES)

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """Return `data_key` wrapped for `context` [69 bytes].

        Raises:
            KeyFailed: The data key has not 32 bytes.
        """
        if len(data_key) != _KEY_BYTES:
            raise KeyFailed(f"a data key has {_KEY_BYTES} bytes, this one {len(data_key)}")
        front, nonce = _FORM + self._id(), token_bytes(_NONCE_BYTES)
        return front + nonce + self._wrapping().encrypt(nonce, data_key, front + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the data key [32 bytes].

        Raises:
            KeyFailed: It was wrapped under another master key.
            Tampered: It was changed, or belongs to another context.
        """
        if len(wrapped) != _WRAPPED_BYTES or not wrapped.startswith(_FORM):
            raise Tampered("the wrapped key of this audio was cut short or is of an unknown form")
        front = wrapped[:_FRONT_BYTES]
        if front[len(_FORM) :] != self._id():
            theirs = front[len(_FORM) :].hex()
            raise KeyFailed(
                f"this audio was sealed under master key {theirs}, and {self.key_id} is loaded: "
                f"load {theirs}",
                wrapped_under=theirs,
                loaded=self.key_id,
            )
        nonce, body = wrapped[_FRONT_BYTES:][:_NONCE_BYTES], wrapped[_FRONT_BYTES + _NONCE_BYTES :]
        try:
            return self._wrapping().decrypt(nonce, body, front + context)
        except InvalidTag:
            raise Tampered(
                "the wrapped key of this audio was changed or belongs to other audio"
            ) from None

    def _id(self) -> bytes:
        return self._derived("assent master key id 1", _ID_BYTES)

    def _wrapping(self) -> AESGCM:
        return AESGCM(self._derived("assent wrap data key 1", _KEY_BYTES))

    def _derived(self, label: str, length: int) -> bytes:
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=label.encode()).derive(
            self.secret
        )


def _write(path: Path, key: MasterKey) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        text = f"assent master key 1\nid {key.key_id}\nkey {key.secret.hex()}\n"
        write_all(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> tuple[str, int]:
    """Return the text of the file at `path` and its permission bits."""
    try:
        with path.open("rb") as file:  # the bits of what was opened, not of what is there next
            mode = S_IMODE(os.fstat(file.fileno()).st_mode)
            return file.read(_FILE_MOST_BYTES + 1).decode("ascii", "replace"), mode
    except FileNotFoundError:
        raise KeyFailed(
            f"there is no master key at {path}: put your copy of it there, or make a new one if "
            "nothing is sealed yet"
        ) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise KeyFailed(f"the master key at {path} cannot be read: {why}") from error
