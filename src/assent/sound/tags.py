"""What is written inside a recording about it: title, artist, licence, ISRC and the rest.

Tags come from strangers, so their number and length are limited and control characters are
taken out; otherwise they are kept as they stand. Nothing is believed here: what a tag is worth
is for others to judge.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assent.sound.decode import opened
from assent.sound.isrc import normalised_isrc
from assent.sound.source import Source

__all__ = ["Tags", "read_tags", "tags_from"]

_MOST_TAGS = 200
_LONGEST_KEY = 64
_LONGEST_VALUE = 4_096
_LONGEST_ALL = 65_536  # characters of all values together

# one name for what the formats call differently; FFmpeg has already united most of them
_NAMES = {
    "author": "artist",
    "comments": "comment",
    "copyright_url": "licence",
    "description": "comment",
    "license": "licence",
    "tsrc": "isrc",
    "wcop": "licence",
    "year": "date",
}

# what a container says of itself rather than of the music
_TECHNICAL = {
    "compatible_brands", "duration", "encoder", "handler_name", "language", "major_brand",
    "minor_version", "vendor_id",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """The tags of one recording.

    Args:
        raw: All tags kept, by lower-case name, in order of name; at most 200.
        isrc: The ISRC [12 characters]; None if there is none or it is malformed, in which case
            `raw` still has what was written.
    """

    raw: tuple[tuple[str, str], ...] = ()
    isrc: str | None = None

    def get(self, name: str) -> str | None:
        """Return one tag, None if it is not there.

        Args:
            name: In lower case: `title artist album date isrc licence copyright comment` …
        """
        return next((value for key, value in self.raw if key == name), None)


def tags_from(metadata: Iterable[Mapping[str, str]]) -> Tags:
    """Return the tags within what a container and its streams say.

    Args:
        metadata: Names and values; where two say the same name, the first is kept.
    """
    kept: dict[str, str] = {}
    room = _LONGEST_ALL
    for key, value in (pair for each in metadata for pair in each.items()):
        if len(kept) == _MOST_TAGS or not room:
            break
        name = _clean(key[: 2 * _LONGEST_KEY]).strip().lower()[:_LONGEST_KEY]
        text = _clean(value[:_LONGEST_VALUE]).strip()[:room]
        if not name or not text or name in _TECHNICAL or name in kept:
            continue
        kept[name] = text
        room -= len(text)
    # only now: where both names were written, whichever came first, each keeps its own
    for name in [name for name in kept if name in _NAMES]:
        if _NAMES[name] not in kept:
            kept[_NAMES[name]] = kept.pop(name)
    # several values of one name come joined by semicolons
    codes = (normalised_isrc(code) for code in kept.get("isrc", "").split(";"))
    return Tags(raw=tuple(sorted(kept.items())), isrc=next((code for code in codes if code), None))


def read_tags(source: Source) -> Tags:
    """Return the tags inside a recording.

    Args:
        source: A path, or a readable and seekable binary stream.

    Raises:
        BadAudio: It is empty, not audio, or has no sound in it.
        Unknown: There is no such file.
        StorageFailed: It cannot be read.
    """
    with opened(source) as recording:
        return tags_from(recording.metadata)


def _clean(text: str) -> str:
    """Return the text without control characters, save line ends and tabs."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
