"""Feeds as podcast apps need them: valid, stable, without cookies, and only what may be kept."""

import re
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from assent.acts.say import About, refuse
from assent.acts.upload import Work, upload
from assent.catalogue import tables
from assent.permission.uses import parse_uses
from assent.sound.encode import Format
from assent.web.listening import maker_of
from tests.sound.sounds import decoded, encoded, tone
from tests.web.conftest import Staged
from tests.web.test_hearing import page, plays

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"


def feed_of(client: TestClient, artist: str) -> ET.Element:
    answer = client.get(f"/artists/{artist}/feed.xml")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/rss+xml")
    assert not answer.cookies
    channel = ET.fromstring(answer.content).find("channel")
    assert channel is not None
    return channel


def said(element: ET.Element, name: str) -> str:
    found = element.find(name)
    assert found is not None, name
    return found.text or ""


def artist_of(staged: Staged, name: str) -> str:
    view = staged.client().get(f"/r/{staged.recordings[name][0]}.json").json()
    return str(view["artist"]["id"])


def song(staged: Staged, tmp_path: Path, title: str, kind: Format = Format.MP3) -> str:
    path = tmp_path / f"{len(title)}.{kind.value}"
    path.write_bytes(encoded(tone(300 + 7 * len(title), seconds=25, sr=48_000), kind, sr=48_000))
    recording = upload(staged.house, path, Work(artist="Wren", title=title), "Wren").recording
    page(staged, recording, downloads=True)
    return recording


def test_a_feed_has_what_podcast_apps_need(staged: Staged, tmp_path: Path) -> None:
    recording = song(staged, tmp_path, "A song")
    client = staged.client()
    channel = feed_of(client, artist_of(staged, "Wren"))
    address = f"http://testserver/artists/{artist_of(staged, 'Wren')}/feed.xml"
    assert (said(channel, "title"), said(channel, "language")) == ("Wren", "en")
    for name in ("link", "description", f"{ITUNES}author", f"{ITUNES}explicit", f"{ITUNES}type"):
        assert said(channel, name)
    category, image = channel.find(f"{ITUNES}category"), channel.find(f"{ITUNES}image")
    assert category is not None
    assert category.get("text") == "Music"
    assert image is not None
    assert client.get(str(image.get("href"))).headers["content-type"] == "image/png"
    own = channel.find(f"{ATOM}link")
    assert own is not None
    assert own.attrib == {"href": address, "rel": "self", "type": "application/rss+xml"}
    assert UUID(said(channel, f"{PODCAST}guid")).version == 5

    (item,) = channel.findall("item")
    guid = item.find("guid")
    assert guid is not None
    # no address of the site: that may change, and apps would show every episode as new
    assert re.fullmatch(rf"urn:assent:{recording}:[0-9a-f]{{16}}", guid.text or "")
    assert guid.get("isPermaLink") == "false"
    assert said(item, "title") == "A song"
    assert parsedate_to_datetime(said(item, "pubDate")).utcoffset() is not None
    assert said(item, f"{ITUNES}duration") == "25"


def test_what_a_feed_leads_to_is_what_it_says_without_a_cookie(
    staged: Staged, tmp_path: Path
) -> None:
    song(staged, tmp_path, "A song")
    client = staged.client()
    (item,) = feed_of(client, artist_of(staged, "Wren")).findall("item")
    enclosure = item.find("enclosure")
    assert enclosure is not None
    url, length = str(enclosure.get("url")), int(str(enclosure.get("length")))
    assert url.endswith(".mp3")
    head = client.head(url)
    assert (head.status_code, head.headers["content-length"]) == (200, str(length))
    assert head.headers["content-type"] == enclosure.get("type") == "audio/mpeg"
    whole = client.get(url)
    assert len(whole.content) == length
    part = client.get(url, headers={"range": "bytes=100-"})
    assert (part.status_code, part.content) == (206, whole.content[100:])
    assert [row["via"] for row in plays(staged)] == ["feed"]  # what begins in the middle adds none
    assert not client.cookies


def test_what_apps_do_not_play_is_there_as_a_rendition(staged: Staged, tmp_path: Path) -> None:
    recording = song(staged, tmp_path, "A flac", Format.FLAC)
    client, artist = staged.client(), artist_of(staged, "Wren")
    (before,) = feed_of(client, artist).findall("item")
    maker_of(staged.site).finish()
    (after,) = feed_of(client, artist).findall("item")
    assert said(before, "guid") == said(after, "guid")
    was, now = before.find("enclosure"), after.find("enclosure")
    assert was is not None
    assert now is not None
    assert (was.get("type"), now.get("type")) == ("audio/flac", "audio/mp4")
    answer = client.get(str(now.get("url")))
    assert len(answer.content) == int(str(now.get("length")))
    assert decoded(answer.content).any()
    assert client.get(str(was.get("url"))).status_code == 200  # an app that has it goes on
    assert client.get(f"/r/{recording}/episode.exe").status_code == 404


@pytest.mark.parametrize("how", ["private", "no downloads", "kept out of search"])
def test_a_feed_has_only_what_is_public_and_may_be_kept(
    staged: Staged, tmp_path: Path, how: str
) -> None:
    recording = song(staged, tmp_path, "A song")
    client, artist = staged.client(), artist_of(staged, "Wren")
    (item,) = feed_of(client, artist).findall("item")
    enclosure = item.find("enclosure")
    assert enclosure is not None
    if how == "private":
        page(staged, recording, visibility="private", downloads=True)
    elif how == "no downloads":
        page(staged, recording)
    else:
        refuse(staged.house, About(holder="Wren"), parse_uses(["platform/search"]))
    assert feed_of(client, artist).findall("item") == []
    answer = client.get(str(enclosure.get("url")))
    assert answer.status_code == {"private": 404, "no downloads": 403}.get(how, 200)


@pytest.mark.parametrize(
    "title", ["שיר \u202e", "a & <b> ]]>", "<script>alert(1)</script>", "tab\tand \x7f", "𝄞 海"]
)
def test_any_title_leaves_a_feed_whole(staged: Staged, tmp_path: Path, title: str) -> None:
    recording = song(staged, tmp_path, "A song")
    with staged.house.writing() as connection:
        connection.execute(
            tables.recordings.update()
            .where(tables.recordings.c.id == recording)
            .values(title=f"{title}\x01\ufffe")
        )
    (item,) = feed_of(staged.client(), artist_of(staged, "Wren")).findall("item")
    assert said(item, "title") == title


def test_an_artist_without_anything_to_keep_has_an_empty_feed(staged: Staged) -> None:
    channel = feed_of(staged.client(), artist_of(staged, "Mara Fen"))
    assert channel.findall("item") == []
    assert "Mara Fen" in said(channel, "description")
    assert staged.client().get("/artists/n999/feed.xml").status_code == 404
