"""What is said of an upload before it is a recording; kept, so that nothing is typed twice."""

import json
from dataclasses import dataclass
from typing import Any

from assent.acts.edit import Edit, Part, Tool, Voice
from assent.acts.holders import Share
from assent.acts.house import House
from assent.catalogue.public import PUBLIC
from assent.disk import replace_file, storage
from assent.errors import BadInput
from assent.permission.territories import format_territories, parse_territories
from assent.studio.uploads import Upload
from assent.studio.uploads_file import said_of

__all__ = ["LONGEST_ABOUT", "PRIVATE", "VISIBILITIES", "Said", "keep_said", "kept_said"]

PRIVATE = "private"
VISIBILITIES = (PUBLIC, PRIVATE)
LONGEST_ABOUT = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a creator says of a file.

    Args:
        title: Its title; from its tags, or its file's name, if empty.
        artist: Under which of their names it appears; the account's own if empty.
        licence: Under which licence others may use it.
        isrc: Its ISRC; from its tags if empty.
        holders: Who holds rights in it; the account alone if empty.
        made_with: Which AI tools helped; none if none did, None if nothing is said of it.
        about: What is told of it on its page.
        visibility: `public`, or `private`.
        downloads: Whether listeners may download it.
        agreement: The agreement that it is delivered under; empty for an own upload.
    """

    title: str = ""
    artist: str = ""
    licence: str = ""
    isrc: str = ""
    holders: tuple[Share, ...] = ()
    made_with: tuple[Tool, ...] | None = None
    about: str = ""
    visibility: str = PUBLIC
    downloads: bool = False
    agreement: str = ""

    def check(self) -> None:
        """Look whether it can be meant, before anything is measured.

        Raises:
            BadInput: Something of it cannot.
        """
        title = self.title if self.title.strip() else "untitled"
        Edit(title=title, licence=self.licence, isrc=self.isrc, made_with=self.made_with).fields()
        if self.visibility not in VISIBILITIES:
            raise BadInput("a recording is public or private", field="visibility")
        if len(self.about) > LONGEST_ABOUT:
            raise BadInput(f"tell of it in {LONGEST_ABOUT} characters at most", field="about")


def keep_said(house: House, upload: Upload, said: Said) -> None:
    """Keep what is said of an upload, in place of what was said before.

    Raises:
        StorageFailed: The disk refused.
    """
    fields: dict[str, Any] = {
        name: getattr(said, name) for name in Said.__slots__ if name not in {"holders", "made_with"}
    }
    fields["holders"] = [
        [share.name, share.share_ppm, share.role, format_territories(share.territories)]
        for share in said.holders
    ]
    fields["made_with"] = None
    if said.made_with is not None:
        fields["made_with"] = [[it.part.value, it.name, it.voice.value] for it in said.made_with]
    path = said_of(house, upload.id)
    with storage("keep what is said of the upload", path):
        replace_file(path, json.dumps(fields).encode(), 0o600)


def kept_said(house: House, upload: Upload) -> Said:
    """Return what is said of an upload so far."""
    path = said_of(house, upload.id)
    try:
        fields = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Said()
    holders = tuple(
        Share(name=name, share_ppm=ppm, role=role, territories=parse_territories(places.split()))
        for name, ppm, role, places in fields.pop("holders")
    )
    tools = fields.pop("made_with")
    made_with = None
    if tools is not None:
        made_with = tuple(Tool(part=Part(p), name=name, voice=Voice(v)) for p, name, v in tools)
    return Said(holders=holders, made_with=made_with, **fields)
