"""A file of secret keys that only its owner can read: one key a line, as Go's note package does."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from stat import S_IMODE
from typing import TypeVar

from assent.disk import place_file, replace_file, storage
from assent.errors import BadProof, KeyFailed
from assent.log.note import SecretKey, format_skey

__all__ = ["not_keys_of", "place_keys", "read_keys", "replace_keys"]

_MOST_BYTES = 1 << 16
_MODE = 0o600

Key = TypeVar("Key")


def read_keys(path: Path, whose: str, parse: Callable[[str], Key]) -> tuple[Key, ...]:
    """Return the keys in a file, in order [at least one].

    Args:
        path: The file.
        whose: Whose keys, in words, such as "the log".
        parse: Reads one line; raises `BadProof` for what is no key of this kind.

    Raises:
        KeyFailed: The file is missing, readable by others, or no file of such keys.
        StorageFailed: It cannot be read.
    """
    with storage(f"read the keys of {whose}", path):
        try:
            with path.open("rb") as file:
                mode, data = S_IMODE(os.fstat(file.fileno()).st_mode), file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            raise KeyFailed(
                f"there are no keys of {whose} at {path}: put your copy of them back"
            ) from None
    if mode & 0o077:
        raise KeyFailed(f"others can read the keys of {whose} at {path}: run chmod 600 on it")
    try:
        keys = tuple(map(parse, data.decode().splitlines()))
    except (BadProof, UnicodeDecodeError):
        keys = ()
    if not keys or len(data) > _MOST_BYTES:
        raise not_keys_of(path, whose)
    return keys


def not_keys_of(path: Path, whose: str) -> KeyFailed:
    """Return the error for a file that holds something else."""
    return KeyFailed(f"{path} does not hold the keys of {whose}: put your copy of it back")


def place_keys(path: Path, whose: str, keys: Iterable[SecretKey]) -> None:
    """Make a file of keys, unless one is there by then.

    Raises:
        StorageFailed: The disk refused.
    """
    with storage(f"store the keys of {whose}", path):
        place_file(path, _text(keys), _MODE)


def replace_keys(path: Path, whose: str, keys: Iterable[SecretKey]) -> None:
    """Write a file of keys in place of the one that was there.

    Raises:
        StorageFailed: The disk refused; nothing has changed.
    """
    with storage(f"store the keys of {whose}", path):
        replace_file(path, _text(keys), _MODE)


def _text(keys: Iterable[SecretKey]) -> bytes:
    return "".join(f"{format_skey(key)}\n" for key in keys).encode()
