"""What is said of a recording, in forms and in the API alike: words, holders, tools that helped.

A form has rows for holders and tools; empty ones do not count. A program sends lists.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from assent.acts.edit import Part, Tool, Voice
from assent.acts.holders import Share, parse_share
from assent.errors import BadInput
from assent.permission.territories import format_territories
from assent.studio.licences import LICENCES
from assent.studio.uploads_said import Said
from assent.web.view import View
from assent.web.visit import Visit

__all__ = [
    "PARTS",
    "VOICES",
    "Holder",
    "Licence",
    "ToolSaid",
    "UploadSaid",
    "WorkSaid",
    "holders_shown",
    "licences",
    "said_of",
    "shares_of",
    "tools_of",
    "tools_shown",
]

PARTS = [
    (Part.VOCALS.value, "Vocals"),
    (Part.INSTRUMENTATION.value, "Instruments"),
    (Part.COMPOSITION.value, "Composition"),
    (Part.LYRICS.value, "Lyrics"),
    (Part.POST_PRODUCTION.value, "Mixing and mastering"),
]
VOICES = [
    (Voice.NONE.value, "Not the voice of a real person"),
    (Voice.PERMITTED.value, "The voice of a real person, whose permission is on file"),
]
_MILLIONTHS = 10_000


class Holder(BaseModel):
    """Somebody who holds rights.

    Args:
        name: Their name.
        share: How much, in per cent, such as 50%.
        role: As what, such as composer.
        territories: Where; `world`, or codes of countries.
    """

    name: Annotated[str, Field(max_length=200)]
    share: Annotated[str, Field(max_length=20)] = "100%"
    role: Annotated[str, Field(max_length=100)] = "owner"
    territories: Annotated[str, Field(max_length=1000)] = "world"


class ToolSaid(BaseModel):
    """An AI tool that helped.

    Args:
        part: With what.
        name: What it is called, with its version.
        voice: Whether it imitates the voice of a real person, and with their permission.
    """

    part: Part
    name: Annotated[str, Field(max_length=100)]
    voice: Voice = Voice.NONE


class WorkSaid(BaseModel):
    """What is said of a recording.

    Args:
        title: Its title.
        licence: Under which licence others may use it, by its SPDX id.
        isrc: Its ISRC.
        about: What is told of it on its page.
        visibility: Whether everybody hears it, or whoever has a private link.
        downloads: Whether listeners may download it.
        made_with: Which AI tools helped; an empty list says that none did, null says nothing.
    """

    title: Annotated[str, Field(max_length=500)] = ""
    licence: Annotated[str, Field(max_length=100)] = ""
    isrc: Annotated[str, Field(max_length=64)] = ""
    about: Annotated[str, Field(max_length=5000)] = ""
    visibility: Literal["public", "private"] = "public"
    downloads: bool = False
    made_with: Annotated[list[ToolSaid], Field(max_length=50)] | None = None


class UploadSaid(WorkSaid):
    """What is said of a file that becomes a recording.

    Args:
        artist: Under which of your names it appears; your account's if empty.
        holders: Who holds rights in it; you alone if empty.
        agreement: The agreement that it is delivered under, for labels.
    """

    artist: Annotated[str, Field(max_length=200)] = ""
    holders: Annotated[list[Holder], Field(max_length=50)] = []
    agreement: Annotated[str, Field(max_length=200)] = ""


class Licence(View):
    """A licence to choose.

    Args:
        id: Its SPDX id, or "All rights reserved".
        words: What it means.
    """

    id: str
    words: str


def licences(now: str = "") -> list[Licence]:
    """Return the licences to choose, and the one that counts now if it is another."""
    known = [Licence(id=name, words=words) for name, words in LICENCES.items()]
    if now and now not in LICENCES:
        known.append(Licence(id=now, words=f"{now}, as it is now"))
    return known


def said_of(visit: Visit, said: UploadSaid) -> Said:
    """Return what a form or a program says of a file.

    Raises:
        BadInput: It cannot be meant.
    """
    return Said(
        title=said.title,
        artist=said.artist,
        licence=said.licence,
        isrc=said.isrc,
        holders=shares_of(visit, said.holders),
        made_with=tools_of(visit, said.made_with),
        about=said.about,
        visibility=said.visibility,
        downloads=said.downloads,
        agreement=said.agreement,
    )


def _rows(visit: Visit, *names: str) -> list[tuple[str, ...]]:
    """Return the rows of a form that have something in their first field."""
    columns = []
    for name in names:
        typed = visit.form.get(name, [])
        columns.append([typed] if isinstance(typed, str) else typed)
    longest = max(map(len, columns), default=0)
    padded = [[*column, *[""] * (longest - len(column))] for column in columns]
    rows = [tuple(cell.strip() for cell in row) for row in zip(*padded, strict=True)]
    return [row for row in rows if row[0]]


def shares_of(visit: Visit, holders: Sequence[Holder]) -> tuple[Share, ...]:
    """Return who holds rights, as the rows of a form or a program's list say.

    Raises:
        BadInput: A share or a territory cannot be meant.
    """
    rows = [(it.name, it.share, it.role, it.territories) for it in holders]
    if visit.form:
        names = ("holder_name", "holder_share", "holder_role", "holder_where")
        rows = [(row[0], row[1], row[2], row[3]) for row in _rows(visit, *names)]
    return tuple(_share(*row) for row in rows)


def _share(name: str, share: str, role: str, places: str) -> Share:
    name, role = name.strip(), role.strip()
    places = places.replace(",", " ").strip()
    if set(",=") & set(role + share + places):
        raise BadInput(f"{name}: a share, a role or a territory has no '=' or ',' in it")
    text = f"{name}={share.strip() or '100%'},{role or 'owner'},{places or 'world'}"
    try:
        return parse_share(text)
    except BadInput as error:
        raise BadInput(f"{name}: {error.text}", field="holders") from error


def tools_of(visit: Visit, made_with: Sequence[ToolSaid] | None) -> tuple[Tool, ...] | None:
    """Return which tools helped, as the rows of a form or a program's list say.

    Raises:
        BadInput: A part or a voice is none of those that are known, or tools helped and none is
            named.
    """
    if not visit.form:
        if made_with is None:
            return None
        return tuple(Tool(part=it.part, name=it.name, voice=it.voice) for it in made_with)
    helped = visit.typed("tools", "unsaid")
    if helped != "some":
        return () if helped == "none" else None
    rows = _rows(visit, "tool_name", "tool_part", "tool_voice")
    if not rows:
        raise BadInput("name the tools that helped, or say that none did", field="made_with")
    try:
        return tuple(
            Tool(part=Part(part), name=name, voice=Voice(voice or "none"))
            for name, part, voice in rows
        )
    except ValueError:
        raise BadInput("say with what each tool helped", field="made_with") from None


def holders_shown(visit: Visit, shares: Sequence[Share]) -> list[Holder]:
    """Return holders as rows of a form: as they were typed, or else as they are."""
    if visit.form:
        names = ("holder_name", "holder_share", "holder_role", "holder_where")
        typed = _rows(visit, *names)
        return [
            Holder.model_construct(name=it[0], share=it[1], role=it[2], territories=it[3])
            for it in typed
        ]
    return [
        Holder.model_construct(
            name=share.name,
            share=f"{share.share_ppm / _MILLIONTHS:.10g}%",
            role=share.role,
            territories=format_territories(share.territories),
        )
        for share in shares
    ]


def tools_shown(visit: Visit, tools: Sequence[Tool] | None) -> list[ToolSaid] | None:
    """Return tools as rows of a form: as they were typed, or else as they are."""
    if visit.form:
        rows = _rows(visit, "tool_name", "tool_part", "tool_voice")
        return [
            ToolSaid.model_construct(
                name=name,
                part=Part(part) if part in set(Part) else Part.VOCALS,
                voice=Voice(voice) if voice in set(Voice) else Voice.NONE,
            )
            for name, part, voice in rows
        ]
    if tools is None:
        return None
    return [ToolSaid.model_construct(part=it.part, name=it.name, voice=it.voice) for it in tools]
