"""The signing keys of a log, in a file that only its owner can read.

One key a line, as Go's note package writes secret keys. The first is the log's own; all of them
sign, so that after a rotation those who trust the old key and those who trust the new one can both
check, until the old one is retired. An ML-DSA key may stand on a further line; it is never alone.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from secrets import token_bytes
from stat import S_IMODE

from assent.disk import replace_file, storage
from assent.errors import BadProof, KeyFailed, Unknown
from assent.log.cosignature import MldsaCosigner, parse_cosigner_skey
from assent.log.note import Signer, format_skey, parse_skey

__all__ = ["LogKey", "create_keys", "load_keys", "new_key", "retire_key", "rotate_key"]

LogKey = Signer | MldsaCosigner

_MOST_BYTES = 1 << 16
_SEED_BYTES = 32


def new_key(origin: str) -> Signer:
    """Return a fresh Ed25519 key of a log."""
    return Signer.of(origin, token_bytes(_SEED_BYTES))


def load_keys(path: Path) -> tuple[LogKey, ...]:
    """Return the keys in a file, the log's own first.

    Raises:
        KeyFailed: The file is missing, readable by others, or no file of keys, Ed25519 first.
        StorageFailed: It cannot be read.
    """
    with storage("read the log's keys", path):
        try:
            with path.open("rb") as file:
                mode, data = S_IMODE(os.fstat(file.fileno()).st_mode), file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            raise KeyFailed(
                f"there are no keys of the log at {path}: put your copy of them back"
            ) from None
    if mode & 0o077:
        raise KeyFailed(f"others can read the log's keys at {path}: run chmod 600 on it")
    try:
        keys = tuple(_parsed(line) for line in data.decode().splitlines())
    except (BadProof, UnicodeDecodeError):
        keys = ()
    if not keys or len(data) > _MOST_BYTES or not isinstance(keys[0], Signer):
        raise KeyFailed(f"{path} does not hold the keys of a log: put your copy of it back")
    return keys


def _parsed(line: str) -> LogKey:
    try:
        return parse_skey(line)
    except BadProof:
        key = parse_cosigner_skey(line)
        if not isinstance(key, MldsaCosigner):
            raise
        return key


def create_keys(path: Path, origin: str) -> tuple[LogKey, ...]:
    """Make a log's first key and the file for it, if there is none; return what the file holds.

    Raises:
        KeyFailed: What is there is no file of keys.
        StorageFailed: The disk refused.
    """
    with storage("read the log's keys", path):
        missing = not path.exists()
    if missing:
        _write(path, [new_key(origin)])
    return load_keys(path)


def rotate_key(path: Path) -> Signer:
    """Add a fresh key as the log's own; the others go on signing. Return it.

    Raises:
        KeyFailed: There is no file of keys.
        StorageFailed: The disk refused; nothing has changed.
    """
    keys = load_keys(path)
    fresh = new_key(keys[0].vkey.name)
    _write(path, [fresh, *keys])
    return fresh


def retire_key(path: Path, key_id: str) -> LogKey:
    """Remove a key, which signs nothing from now on. Return it.

    Args:
        path: The file.
        key_id: Which one [8 hexadecimal digits].

    Raises:
        Unknown: No key has that id.
        KeyFailed: It is the log's own key; rotate first.
        StorageFailed: The disk refused; nothing has changed.
    """
    keys = load_keys(path)
    found = next((key for key in keys if key.vkey.key_id.hex() == key_id), None)
    if found is None:
        raise Unknown(f"the log has no key {key_id!r}", key=key_id)
    if found == keys[0]:
        raise KeyFailed(f"{key_id} is the log's own key: rotate before you retire it")
    _write(path, [key for key in keys if key != found])
    return found


def _write(path: Path, keys: Sequence[LogKey]) -> None:
    text = "".join(f"{format_skey(key)}\n" for key in keys)
    with storage("store the log's keys", path):
        replace_file(path, text.encode(), mode=0o600)
