"""What other sites show of a recording: a player in a frame, its picture, and where to find both.

Only what is public is shown there. Source: oEmbed 1.0; The Open Graph protocol.
"""

from html import escape
from typing import Annotated, Final
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from fastapi import Query
from sqlalchemy import select
from starlette.responses import JSONResponse, Response

from assent.catalogue import tables
from assent.errors import Unknown
from assent.listening.hearing import may_hear
from assent.web.face import Face
from assent.web.feed_xml import clean
from assent.web.headers import policy
from assent.web.picture import picture_answer
from assent.web.player import PlayerView, player_of
from assent.web.rendering import rendered
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("embed")

_WIDTH, _HEIGHT, _LEAST = 600, 230, 280
_WIDE: Final = (1_200, 630)
_SQUARE_LEAST, _SQUARE_MOST = 16, 3_000
_HOUR: Final = 3_600


class EmbedView(View):
    """A player for a page of others.

    Args:
        player: The player.
        page: The recording's own page.
        site: The address of this site.
    """

    player: PlayerView
    page: str
    site: str


@face.raw("/embed/{recording}")
def embed(visit: Visit, recording: str) -> Response:
    """Show a player that other sites may frame; it asks for no cookies and sets none."""
    _public(visit, recording)
    view = EmbedView(
        player=player_of(visit, recording, embedded=True),
        page=visit.address(f"/r/{recording}"),
        site=visit.site.url,
    )
    answer = rendered(visit, "embed.html", view)
    answer.headers["content-security-policy"] = policy(visit.nonce, framed_by="*")
    return answer


def _public(visit: Visit, recording: str) -> None:
    """Refuse what is not public, also to those who might hear it elsewhere.

    Raises:
        Unknown: It is not, or there is no such recording.
    """
    may_hear(visit.db, recording, None, at=visit.at).require()


@face.raw("/r/{recording}/cover.png")
def picture(
    visit: Visit,
    recording: str,
    size: Annotated[int, Query(ge=0, le=_SQUARE_MOST)] = 0,
) -> Response:
    """Give a picture of a public recording: wide, or a square of `size` points."""
    _public(visit, recording)
    width, height = (max(size, _SQUARE_LEAST),) * 2 if size else _WIDE
    return picture_answer(visit, recording, width, height)


@face.raw("/oembed")
def oembed(
    visit: Visit,
    url: Annotated[str, Query(max_length=2_000)],
    format_: Annotated[str, Query(alias="format", max_length=10)] = "json",
    maxwidth: Annotated[int, Query(ge=1, le=10_000)] = _WIDTH,
    maxheight: Annotated[int, Query(ge=1, le=10_000)] = _HEIGHT,
) -> Response:
    """Say how other sites show a recording (oEmbed): by the address of its page, as JSON or XML."""
    recording = _recording_of(visit, url)
    _public(visit, recording)
    if format_ not in {"json", "xml"}:
        return Response("json and xml are what there is\n", 501, media_type="text/plain")
    said = _oembed(visit, recording, max(min(maxwidth, _WIDTH), _LEAST), min(maxheight, _HEIGHT))
    if format_ == "json":
        return JSONResponse(said)
    root = ET.Element("oembed")
    for name, value in said.items():
        ET.SubElement(root, name).text = clean(str(value))
    return Response(ET.tostring(root, "utf-8", xml_declaration=True), media_type="text/xml")


def _recording_of(visit: Visit, url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Unknown("this address is not one of a recording here") from error
    here = {urlsplit(visit.site.url).netloc, visit.request.headers.get("host", "")}
    start, _, recording = parts.path.rpartition("/")
    if parts.netloc not in here or start != "/r" or not recording:
        raise Unknown("this address is not one of a recording here")
    return recording


def _oembed(visit: Visit, recording: str, width: int, height: int) -> dict[str, str | int]:
    recordings, artists = tables.recordings.c, tables.artists.c
    query = (
        select(recordings.title, recordings.artist, artists.name)
        .join(tables.artists, artists.id == recordings.artist)
        .where(recordings.id == recording)
    )
    row = visit.db.execute(query).one()
    address = escape(visit.address(f"/embed/{recording}"))
    title = escape(f"{row.title} - {row.name}")
    return {
        "version": "1.0",
        "type": "rich",
        "provider_name": "Assent",
        "provider_url": visit.site.url,
        "title": row.title,
        "author_name": row.name,
        "author_url": visit.address(f"/artists/{row.artist}"),
        "cache_age": _HOUR,
        "thumbnail_url": visit.address(f"/r/{recording}/cover.png"),
        "thumbnail_width": _WIDE[0],
        "thumbnail_height": _WIDE[1],
        "width": width,
        "height": height,
        "html": f'<iframe src="{address}" width="{width}" height="{height}" title="{title}"'
        ' frameborder="0" allow="autoplay" loading="lazy"></iframe>',
    }
