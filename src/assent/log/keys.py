"""The signing keys of a log, in a file that only its owner can read.

One key a line, as Go's note package writes secret keys. The first is the log's own; all of them
sign, so that after a rotation those who trust the old key and those who trust the new one can both
check, until the old one is retired. An ML-DSA key may stand on a further line; it is never alone.
"""

from pathlib import Path
from secrets import token_bytes

from assent.disk import storage
from assent.errors import BadProof, KeyFailed, Unknown
from assent.log.cosignature import MldsaCosigner, parse_cosigner_skey
from assent.log.key_file import not_keys_of, place_keys, read_keys, replace_keys
from assent.log.note import Signer, parse_skey

__all__ = [
    "LogKey",
    "add_mldsa_key",
    "create_keys",
    "load_keys",
    "new_key",
    "retire_key",
    "rotate_key",
]

LogKey = Signer | MldsaCosigner

_WHOSE = "the log"
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
    keys = read_keys(path, _WHOSE, _parsed)
    if not isinstance(keys[0], Signer):
        raise not_keys_of(path, _WHOSE)
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
    with storage("look for the keys of the log", path):
        missing = not path.exists()
    if missing:
        place_keys(path, _WHOSE, [new_key(origin)])
    return load_keys(path)


def rotate_key(path: Path) -> Signer:
    """Add a fresh key as the log's own; the others go on signing. Return it.

    Raises:
        KeyFailed: There is no file of keys.
        StorageFailed: The disk refused; nothing has changed.
    """
    keys = load_keys(path)
    fresh = new_key(keys[0].vkey.name)
    replace_keys(path, _WHOSE, [fresh, *keys])
    return fresh


def add_mldsa_key(path: Path) -> MldsaCosigner:
    """Add an ML-DSA-44 key, whose line stands below the log's own. Return it.

    Raises:
        KeyFailed: There is no file of keys, or it has such a key already.
        StorageFailed: The disk refused; nothing has changed.
    """
    keys = load_keys(path)
    if any(isinstance(key, MldsaCosigner) for key in keys):
        raise KeyFailed("the log has an ML-DSA key already: retire it first")
    fresh = MldsaCosigner.of(keys[0].vkey.name, token_bytes(_SEED_BYTES))
    replace_keys(path, _WHOSE, [*keys, fresh])
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
    replace_keys(path, _WHOSE, [key for key in keys if key != found])
    return found
