"""The keys of a witness, in a file that only its owner can read.

One key a line, as in the file of a log's keys: an Ed25519 cosigner's first, perhaps an ML-DSA one
on a further line. A witness has no other proof of who it is, and two witnesses that share a key are
one that may sign two histories.
"""

import os
from pathlib import Path
from secrets import token_bytes, token_hex
from stat import S_IMODE

from assent.disk import make_folder, storage, sync_folder, write_all
from assent.errors import BadProof, KeyFailed
from assent.log.cosignature import Cosigner, MldsaCosigner, parse_cosigner_skey
from assent.log.note import format_skey

__all__ = ["WitnessKey", "create_cosigners", "load_cosigners"]

WitnessKey = Cosigner | MldsaCosigner

_MOST_BYTES = 1 << 16
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
        _write_new(path, "".join(f"{format_skey(key)}\n" for key in keys).encode())
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
    with storage("read the witness's keys", path):
        try:
            with path.open("rb") as file:
                mode, data = S_IMODE(os.fstat(file.fileno()).st_mode), file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            raise KeyFailed(f"there are no keys of a witness at {path}") from None
    if mode & 0o077:
        raise KeyFailed(f"others can read the witness's keys at {path}: run chmod 600 on it")
    try:
        keys = tuple(map(parse_cosigner_skey, data.decode("ascii").splitlines()))
    except (BadProof, UnicodeDecodeError):
        keys = ()
    if not keys or len(data) > _MOST_BYTES or not isinstance(keys[0], Cosigner):
        raise KeyFailed(f"{path} does not hold the keys of a witness: put your copy of it back")
    return keys


def _write_new(path: Path, data: bytes) -> None:
    """Put a file in place unless one is there by then: whole or not at all, to last."""
    arriving = path.with_name(f".{path.name}.{token_hex(8)}")
    with storage("store the witness's keys", path):
        make_folder(path.parent)
        try:
            handle = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                write_all(handle, data)
                os.fsync(handle)
            finally:
                os.close(handle)
            try:
                path.hardlink_to(arriving)  # the commit point; unlike a rename it replaces nothing
            except FileExistsError:
                return
            sync_folder(path.parent)
        finally:
            arriving.unlink(missing_ok=True)
