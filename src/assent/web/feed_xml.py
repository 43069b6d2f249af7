"""A feed for podcast apps, as XML.

Source: RSS 2.0; Apple, "A Podcaster's Guide to RSS"; the Podcast namespace; RFC 4287 (atom:link).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

__all__ = ["Channel", "Episode", "clean", "feed"]

_ITUNES: Final = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_PODCAST: Final = "https://podcastindex.org/namespace/1.0"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_FEEDS: Final = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The space of names in which a feed's address has its id, in the Podcast namespace."""
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A recording in a feed.

    Args:
        id: What it is known by, whatever else changes.
        title: What it is called.
        about: What is said of it.
        page: Its page.
        picture: Its picture.
        at: When it came [aware datetime].
        url: Where its audio is.
        type: The audio's type.
        size_bytes: How long the audio is [bytes].
        duration_s: How long it sounds [seconds].
    """

    id: str
    title: str
    about: str
    page: str
    picture: str
    at: datetime
    url: str
    type: str
    size_bytes: int
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """An artist's feed.

    Args:
        title: What it is called.
        about: What is said of it.
        page: The artist's page.
        url: Its own address.
        picture: Its picture; empty if it has none.
    """

    title: str
    about: str
    page: str
    url: str
    picture: str


def clean(text: str) -> str:
    """Return a text without the characters that no XML can hold."""
    return _NOT_XML.sub("", text)


def feed(channel: Channel, episodes: Sequence[Episode]) -> bytes:
    """Return a feed.

    Args:
        channel: Whose.
        episodes: What is in it, the newest first.
    """
    for prefix, space in (("itunes", _ITUNES), ("podcast", _PODCAST), ("atom", _ATOM)):
        ET.register_namespace(prefix, space)
    rss = ET.Element("rss", version="2.0")
    root = ET.SubElement(rss, "channel")
    _say(root, "title", channel.title)
    _say(root, "link", channel.page)
    _say(root, "description", channel.about)
    _say(root, "language", "en")
    _say(root, "generator", "Assent")
    ET.SubElement(
        root, f"{{{_ATOM}}}link", href=channel.url, rel="self", type="application/rss+xml"
    )
    _say(root, f"{{{_ITUNES}}}author", channel.title)
    _say(root, f"{{{_ITUNES}}}type", "episodic")
    _say(root, f"{{{_ITUNES}}}explicit", "false")
    ET.SubElement(root, f"{{{_ITUNES}}}category", text="Music")
    if channel.picture:
        ET.SubElement(root, f"{{{_ITUNES}}}image", href=channel.picture)
    bare = channel.url.partition("://")[2].rstrip("/")
    _say(root, f"{{{_PODCAST}}}guid", str(uuid5(_FEEDS, bare)))
    _say(root, f"{{{_PODCAST}}}medium", "music")
    _say(root, f"{{{_PODCAST}}}locked", "no")
    if episodes:
        _say(root, "pubDate", format_datetime(episodes[0].at))
    for episode in episodes:
        _add(root, episode)
    said: bytes = ET.tostring(rss, "utf-8", xml_declaration=True)
    return said


def _add(root: ET.Element, episode: Episode) -> None:
    item = ET.SubElement(root, "item")
    _say(item, "title", episode.title)
    _say(item, "link", episode.page)
    _say(item, "description", episode.about)
    ET.SubElement(item, "guid", isPermaLink="false").text = clean(episode.id)
    _say(item, "pubDate", format_datetime(episode.at))
    ET.SubElement(
        item, "enclosure", url=episode.url, length=str(episode.size_bytes), type=episode.type
    )
    _say(item, f"{{{_ITUNES}}}title", episode.title)
    _say(item, f"{{{_ITUNES}}}duration", str(max(round(episode.duration_s), 1)))
    _say(item, f"{{{_ITUNES}}}explicit", "false")
    _say(item, f"{{{_ITUNES}}}episodeType", "full")
    ET.SubElement(item, f"{{{_ITUNES}}}image", href=episode.picture)


def _say(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = clean(text)
