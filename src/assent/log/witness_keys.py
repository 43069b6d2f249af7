"""The keys of a witness, in a file that only its owner can read.

One key a line, as in the file of a log's keys: an Ed25519 cosigner's first, perhaps an ML-DSA one
on a further line. A witness has no other proof of who it is, and two witnesses that share a key are
one that may sign two histories.
"""

from pathlib import Path
from secrets import token_bytes

from assent.errors import KeyFailed
from assent.log.cosignature import Cosigner, MldsaCosigner, parse_cosigner_skey
from assent.log.key_file import not_keys_of, place_keys, read_keys

__all__ = ["WitnessKey", "create_cosigners", "load_cosigners"]

WitnessKey = Cosigner | MldsaCosigner

_WHOSE = "a witness"
_SEED_BYTES = 32


def create_cosigners(path: Path, name: str, *, mldsa: bool = False) -> tuple[WitnessKey, ...]:
    """Make a witness's keys and the file for them, if there is none; return what the file holds.

    Of several processes that start at once, all get the same keys.

    Args:
        path: The file.
        name: The witness's name, such as `witness.example/w1`.
        mldsa: Whether to make an ML-DSA-44 key as well.

    Raises:
        BadProof: The name cannot be used.
        KeyFailed: What is there is no file of keys, or of a witness of another name.
        StorageFailed: The disk refused.
    """
    if not path.exists():
        keys: list[WitnessKey] = [Cosigner.of(name, token_bytes(_SEED_BYTES))]
        if mldsa:
            keys.append(MldsaCosigner.of(name, token_bytes(_SEED_BYTES)))
        place_keys(path, _WHOSE, keys)
    found = load_cosigners(path)
    if any(key.vkey.name != name for key in found):
        raise KeyFailed(f"the keys at {path} are those of {found[0].vkey.name}, not of {name}")
    return found


def load_cosigners(path: Path) -> tuple[WitnessKey, ...]:
    """Return the keys in a file.

    Raises:
        KeyFailed: The file is missing, readable by others, or no file of keys, Ed25519 first.
        StorageFailed: It cannot be read.
    """
    keys = read_keys(path, _WHOSE, parse_cosigner_skey)
    if not isinstance(keys[0], Cosigner):
        raise not_keys_of(path, _WHOSE)
    return keys
