"""What a verification has found wrong."""

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Finding", "Findings", "Kind"]

_MOST = 1000


class Kind(StrEnum):
    """What is wrong."""

    NO_SET = "no-set"
    """There is no readable `set.json`."""
    MANIFEST = "manifest"
    """The manifest is not the one that was put on record, or is none."""
    SHARD = "shard"
    """A shard is not what was written."""
    MISSING = "missing"
    """Something that should be there is not."""
    EXTRA = "extra"
    """Something is there that should not be."""
    AUDIO = "audio"
    """Audio is not what the manifest says."""
    DESCRIPTION = "description"
    """What stands beside audio is not what the manifest says."""
    COUNTS = "counts"
    """The set's own counts do not add up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    Args:
        kind: What kind of thing.
        where: The file or the recording.
        text: One clause for a person.
    """

    kind: Kind
    where: str
    text: str


@dataclass(slots=True)
class Findings:
    """What was found so far; a set that is all wrong does not fill the memory.

    Args:
        listed: The first thousand.
        more: How many more there are.
    """

    listed: list[Finding] = field(default_factory=list)
    more: int = 0

    def add(self, kind: Kind, where: str, text: str) -> None:
        """Note one."""
        if len(self.listed) < _MOST:
            self.listed.append(Finding(kind=kind, where=where, text=text))
        else:
            self.more += 1
