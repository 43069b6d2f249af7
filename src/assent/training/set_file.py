"""`set.json`: what a training set's folder holds, written last, so that a folder with one is whole.

It stands under its own digest and is read back only if it is written byte for byte as it would be
written again, so no bit of it can change unseen.
"""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from assent.errors import BadInput
from assent.training.shard import Form

__all__ = ["MANIFEST", "SET", "SetFile", "ShardEntry", "format_set", "parse_set", "read_set"]

SET = "set.json"
MANIFEST = "manifest.parquet"
_FORMAT = "assent-training-set/1"
_MOST_BYTES = 1 << 26


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardEntry:
    """One shard.

    Args:
        file: Its name in the folder.
        sha256: The digest of the file [64 hexadecimal digits].
        size_bytes: The size of the file.
        items: How many recordings it holds.
    """

    file: str
    sha256: str
    size_bytes: int
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFile:
    """What a training set's folder holds.

    Args:
        id: The set's id.
        event: Number of the event that put its manifest on record.
        program: For which program.
        head: Number of the last event that its selection knows of.
        form: How its audio is packed.
        manifest: SHA-256 of its manifest file [64 hexadecimal digits].
        permitted: How many recordings the manifest names.
        items: How many recordings the shards hold.
        size_bytes: How much audio that is, as files.
        frames: How much sound that is, in samples per channel of each recording's own rate.
        shards: The shards, in order.
        withdrawn: Recordings that the manifest names and that were taken back during the build.
    """

    id: str
    event: int
    program: str
    head: int
    form: Form
    manifest: str
    permitted: int
    items: int
    size_bytes: int
    frames: int
    shards: tuple[ShardEntry, ...]
    withdrawn: tuple[str, ...] = ()


def format_set(described: SetFile) -> bytes:
    """Return the file."""
    fields = {"format": _FORMAT, **asdict(described)}
    return _text({**fields, "digest": sha256(_text(fields)).hexdigest()})


def _text(fields: dict[str, Any]) -> bytes:  # JSON
    return (json.dumps(fields, indent=1, sort_keys=True) + "\n").encode()


def parse_set(text: bytes) -> SetFile:
    """Return what the file says.

    Raises:
        BadInput: It is not written as `format_set` writes it.
    """
    try:
        fields = json.loads(text)
        if fields.pop("format") != _FORMAT:
            raise BadInput(f"{SET} is not of the format {_FORMAT}")
        del fields["digest"]
        shards = tuple(ShardEntry(**shard) for shard in fields.pop("shards"))
        described = SetFile(
            **{
                **fields,
                "form": Form(fields["form"]),
                "shards": shards,
                "withdrawn": tuple(fields["withdrawn"]),
            }
        )
        _check_kinds(described)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadInput(f"{SET} cannot be read") from error
    if format_set(described) != text:
        raise BadInput(f"{SET} was changed after it was written")
    return described


def _check_kinds(described: SetFile) -> None:
    """Raise `TypeError` unless text is text and numbers are whole and not negative."""
    for value in (described, *described.shards):
        for name, kind in type(value).__annotations__.items():
            found = getattr(value, name)
            wrong_text = kind is str and not isinstance(found, str)
            wrong_number = kind is int and (type(found) is not int or found < 0)
            if wrong_text or wrong_number:
                raise TypeError(name)
    if not all(isinstance(recording, str) for recording in described.withdrawn):
        raise TypeError("withdrawn")


def read_set(folder: Path) -> SetFile:
    """Return what the set in a folder says of itself.

    Raises:
        BadInput: There is none, or it is not written as a build writes it.
    """
    path = folder / SET
    try:
        if path.is_symlink() or not path.is_file():
            raise BadInput(f"there is no {SET}: this is no training set, or not a whole one")
        if path.stat().st_size > _MOST_BYTES:
            raise BadInput(f"{SET} is larger than any that a build writes")
        return parse_set(path.read_bytes())
    except OSError as error:
        raise BadInput(f"{SET} cannot be read: {error.strerror}") from error
