"""OpenSubsonic: a stock client reads and plays; each way of signing in; the standard's fields."""

import json
from collections.abc import Iterator
from hashlib import md5
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from assent.community import playlists
from assent.community.playlists import Said
from assent.signin import tokens
from assent.signin.scopes import Scope
from assent.web.app import platform_app
from assent.web.listening import maker_of
from assent.web.subsonic_methods import METHODS
from tests.sound.sounds import decoded
from tests.web.conftest import Staged
from tests.web.served import served
from tests.web.test_hearing import long_one, original, page, plays

BOTH = frozenset({Scope.READ, Scope.SOCIAL})
SPACE = "{http://subsonic.org/restapi}"


def token(staged: Staged, name: str = "Lio", scopes: frozenset[Scope] = BOTH) -> str:
    return tokens.make(staged.house, staged.people[name].account, "an app", scopes)[1]


def ask(staged: Staged, method: str, secret: str = "", **asked: str) -> dict[str, Any]:
    """Return what a method says, and see that XML says the same."""
    client = staged.client()
    key = {"apiKey": secret or token(staged)}
    said = client.get(f"/rest/{method}", params={"f": "json", **key, **asked}).json()
    found: dict[str, Any] = said["subsonic-response"]
    assert (found["version"], found["openSubsonic"]) == ("1.16.1", True)
    assert found["type"]
    assert found["serverVersion"]
    xml = ET.fromstring(client.get(f"/rest/{method}.view", params={**key, **asked}).content)
    assert xml.tag == f"{SPACE}subsonic-response"
    assert xml.get("status") == found["status"]
    return found


def error(answer: Response) -> int:
    assert answer.status_code == 200  # clients read why from the answer
    said = answer.json()["subsonic-response"]
    assert said["status"] == "failed"
    assert said["error"]["message"]
    return int(said["error"]["code"])


# ---- signing in


def test_a_token_signs_in_in_each_way_that_apps_have(staged: Staged) -> None:
    client, secret = staged.client(), token(staged)
    digest = md5(f"{secret}grain".encode()).hexdigest()
    for way in (
        {"apiKey": secret},
        {"u": "Lio", "p": secret},
        {"u": "lio", "p": f"enc:{secret.encode().hex()}"},
        {"u": "Lio", "t": digest, "s": "grain"},
    ):
        said = client.get("/rest/ping", params={**way, "f": "json"}).json()
        assert said["subsonic-response"]["status"] == "ok", way
        posted = client.post("/rest/ping.view", data={**way, "f": "json"}).json()
        assert posted["subsonic-response"]["status"] == "ok", way


@pytest.mark.parametrize(
    ("way", "code"),
    [
        ({}, 10),
        ({"u": "Lio"}, 10),
        ({"u": "Lio", "p": "wrong"}, 40),
        ({"u": "Lio", "p": "enc:zz"}, 40),
        ({"u": "Nobody", "t": "00", "s": "x"}, 40),
        ({"u": "Lio", "t": "é", "s": "x"}, 40),
        ({"apiKey": "wrong"}, 44),
        ({"apiKey": "wrong", "u": "Lio"}, 43),
    ],
)
def test_who_is_not_known_is_told_why(staged: Staged, way: dict[str, str], code: int) -> None:
    assert error(staged.client().get("/rest/ping", params={**way, "f": "json"})) == code


def test_the_token_of_somebody_else_or_of_a_browser_is_no_way_in(staged: Staged) -> None:
    secret = token(staged, "Wren")
    client = staged.client("Lio")  # a cookie says nothing here
    assert error(client.get("/rest/getUser?f=json")) == 10
    assert error(client.get("/rest/ping", params={"u": "Lio", "p": secret, "f": "json"})) == 40


def test_a_token_does_what_its_scopes_say(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    client = staged.client()
    reads = {"apiKey": token(staged, scopes=frozenset({Scope.READ})), "f": "json"}
    assert error(client.get("/rest/star", params={**reads, "id": recording})) == 50
    assert client.get("/rest/getArtists", params=reads).json()["subsonic-response"]["artists"]
    edits = {"apiKey": token(staged, scopes=frozenset({Scope.EDIT})), "f": "json"}
    assert error(client.get("/rest/getArtists", params=edits)) == 50


def test_the_extensions_are_told_to_everybody(staged: Staged) -> None:
    said = staged.client().get("/rest/getOpenSubsonicExtensions?f=json").json()
    names = {it["name"] for it in said["subsonic-response"]["openSubsonicExtensions"]}
    assert names == {"apiKeyAuthentication", "formPost"}


# ---- what is said

SONG = {
    *("id", "parent", "isDir", "title", "artist", "album", "duration", "size", "suffix"),
    *("contentType", "coverArt", "created", "albumId", "artistId", "type", "mediaType"),
}
ALBUM = {"id", "name", "artist", "artistId", "songCount", "duration", "created", "coverArt"}
ARTIST = {"id", "name", "albumCount"}


def test_the_library_has_the_fields_of_the_standard(staged: Staged) -> None:
    index = ask(staged, "getArtists")["artists"]["index"]
    artists = {it["name"]: it for letter in index for it in letter["artist"]}
    assert set(artists) == {"Wren", "Mara Fen"}
    assert [letter["name"] for letter in index] == ["M", "W"]
    for one in artists.values():
        assert set(one) >= ARTIST
    artist = ask(staged, "getArtist", id=artists["Wren"]["id"])["artist"]
    (album,) = artist["album"]
    assert set(album) >= ALBUM
    assert album["songCount"] == 2
    full = ask(staged, "getAlbum", id=album["id"])["album"]
    assert [song["title"] for song in full["song"]] == ["Tone 440", "Tone 330"]
    for song in full["song"]:
        assert set(song) >= SONG
        assert ask(staged, "getSong", id=song["id"])["song"] == song
    directory = ask(staged, "getMusicDirectory", id=artists["Wren"]["id"])["directory"]
    assert directory["child"] == full["song"]
    assert ask(staged, "getIndexes")["indexes"]["index"] == index


def test_what_is_not_public_is_in_no_list_and_plays_for_nobody(staged: Staged) -> None:
    hidden, shown = staged.recordings["Wren"]
    page(staged, hidden, visibility="private")
    secret, client = token(staged), staged.client()
    (album,) = ask(staged, "getArtist", secret, id=artist_of(staged, "Wren"))["artist"]["album"]
    assert album["songCount"] == 1
    for method, asked in (
        ("search3", {"query": ""}),
        ("search3", {"query": "Tone"}),
        ("getAlbum", {"id": album["id"]}),
        ("getRandomSongs", {"size": "50"}),
    ):
        text = json.dumps(ask(staged, method, secret, **asked))
        assert f'"id": "{hidden}"' not in text
        assert f'"id": "{shown}"' in text
    for method in ("getSong", "stream", "download", "getCoverArt", "star", "scrobble"):
        asked = {"apiKey": secret, "f": "json", "id": hidden}
        assert error(client.get(f"/rest/{method}", params=asked)) == 70, method
    own = {"apiKey": token(staged, "Wren"), "id": hidden}
    assert client.get("/rest/stream", params=own).content == original(staged, hidden)


def artist_of(staged: Staged, name: str) -> str:
    view = staged.client().get(f"/r/{staged.recordings[name][-1]}.json").json()
    return str(view["artist"]["id"])


def test_a_song_is_played_kept_and_pictured(staged: Staged) -> None:
    recording, client = staged.recordings["Wren"][0], staged.client()
    asked = {"apiKey": token(staged), "id": recording, "f": "json"}
    whole = client.get("/rest/stream", params=asked)
    assert (whole.content, whole.headers["content-type"]) == (
        original(staged, recording),
        "audio/wav",
    )
    part = client.get("/rest/stream", params=asked, headers={"range": "bytes=10-"})
    assert (part.status_code, part.content) == (206, whole.content[10:])
    assert error(client.get("/rest/download", params=asked)) == 50
    page(staged, recording, downloads=True)
    assert client.get("/rest/download", params=asked).content == whole.content
    for name in (recording, artist_of(staged, "Wren"), f"al-{artist_of(staged, 'Wren')}"):
        picture = client.get("/rest/getCoverArt", params={**asked, "id": name, "size": "64"})
        assert picture.content.startswith(b"\x89PNG")


def test_an_app_that_wants_less_gets_a_rendition_once_it_is_made(
    staged: Staged, tmp_path: Any
) -> None:
    recording, client = long_one(staged, tmp_path), staged.client()
    asked = {"apiKey": token(staged), "id": recording}
    first = client.get("/rest/stream", params={**asked, "maxBitRate": "128"})
    assert first.headers["content-type"] == "audio/wav"  # at once, rather than after a wait
    maker_of(staged.site).finish()
    then = client.get("/rest/stream", params={**asked, "maxBitRate": "128"})
    assert then.headers["content-type"] == "audio/mp4"
    assert decoded(then.content).any()
    opus = client.get("/rest/stream", params={**asked, "format": "opus"})
    assert opus.content != then.content
    raw = client.get("/rest/stream", params={**asked, "format": "raw", "maxBitRate": "128"})
    assert raw.content == first.content


def test_fetching_a_song_and_saying_so_is_one_play(staged: Staged, tmp_path: Any) -> None:
    recording, client = long_one(staged, tmp_path), staged.client()
    asked = {"apiKey": token(staged), "id": recording, "f": "json"}
    client.get("/rest/stream", params=asked)
    staged.clock.turn(seconds=31)
    client.get("/rest/scrobble", params={**asked, "submission": "false"})
    client.get("/rest/scrobble", params=asked)
    client.get("/rest/scrobble", params=asked)
    assert len({row["id"] for row in plays(staged)}) == 1
    assert max(float(str(row["heard_s"])) for row in plays(staged)) == 30
    staged.clock.turn(hours=1)
    client.get("/rest/scrobble", params=asked)
    assert len({row["id"] for row in plays(staged)}) == 2


def test_what_is_liked_there_is_liked_here(staged: Staged) -> None:
    recording, secret = staged.recordings["Wren"][0], token(staged)
    artist = artist_of(staged, "Wren")
    ask(staged, "star", secret, id=recording, artistId=artist)
    starred = ask(staged, "getStarred2", secret)["starred2"]
    assert [it["id"] for it in starred["song"]] == [recording]
    assert [it["id"] for it in starred["artist"]] == [artist]
    albums = ask(staged, "getAlbumList2", secret, type="starred")["albumList2"]["album"]
    assert [it["artistId"] for it in albums] == [artist]
    assert staged.client("Lio").get(f"/r/{recording}.json").json()["liked"]
    ask(staged, "unstar", secret, id=recording, albumId=f"al-{artist}")
    after = ask(staged, "getStarred2", secret)["starred2"]
    assert after == {"artist": [], "album": [], "song": []}


def test_playlists_are_read_by_whose_they_are(staged: Staged) -> None:
    lio, house = staged.people["Lio"].account, staged.house
    name = playlists.make(house, lio, Said(title="Evening"))
    for recording in (staged.recordings["Mara Fen"][0], staged.recordings["Wren"][0]):
        playlists.add(house, lio, name, recording)
    (one,) = ask(staged, "getPlaylists")["playlists"]["playlist"]
    assert (one["name"], one["owner"], one["songCount"]) == ("Evening", "Lio", 2)
    entry = ask(staged, "getPlaylist", id=name)["playlist"]["entry"]
    assert [song["artist"] for song in entry] == ["Mara Fen", "Wren"]
    other = {"apiKey": token(staged, "Mara Fen"), "id": name, "f": "json"}
    assert error(staged.client().get("/rest/getPlaylist", params=other)) == 70


def test_searching_finds_and_goes_on(staged: Staged) -> None:
    found = ask(staged, "search3", query="tone 330")["searchResult3"]
    assert [it["title"] for it in found["song"]] == ["Tone 330"]
    assert ask(staged, "search3", query="Mara")["searchResult3"]["artist"][0]["name"] == "Mara Fen"
    all_ = ask(staged, "search3", query='""')["searchResult3"]
    assert (len(all_["song"]), len(all_["album"]), len(all_["artist"])) == (3, 2, 2)
    pieces = [
        ask(staged, "search3", query="", songCount="1", songOffset=str(at))["searchResult3"]["song"]
        for at in range(4)
    ]
    assert [it for piece in pieces for it in piece] == all_["song"]


@pytest.mark.parametrize(
    "kind", ["newest", "alphabeticalByName", "alphabeticalByArtist", "random", "byYear"]
)
def test_each_list_of_albums_has_all_that_there_are(staged: Staged, kind: str) -> None:
    albums = ask(staged, "getAlbumList2", type=kind)["albumList2"]["album"]
    assert {it["name"] for it in albums} == {"Wren", "Mara Fen"}
    if kind != "random":
        one = ask(staged, "getAlbumList2", type=kind, size="1", offset="1")["albumList2"]["album"]
        assert one == albums[1:]


def test_nothing_is_chosen_for_anybody_by_a_machine(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    for method, name in (("getSimilarSongs2", "similarSongs2"), ("getTopSongs", "topSongs")):
        assert ask(staged, method, id=recording)[name] == {"song": []}


@pytest.mark.parametrize("method", [*METHODS, "stream", "download", "getCoverArt", "scrobble"])
def test_nonsense_is_answered_in_the_standards_own_way(staged: Staged, method: str) -> None:
    client, secret = staged.client(), token(staged)
    for asked in ({}, {"id": "nonsense", "type": "x", "size": "x", "query": '\x00("*'}):
        params = {"apiKey": secret, **asked}
        answer = client.get(f"/rest/{method}", params={**params, "f": "json"})
        assert answer.status_code == 200, (method, answer.text)
        assert answer.json()["subsonic-response"]["status"] in {"ok", "failed"}
        ET.fromstring(client.get(f"/rest/{method}", params=params).content)
    unknown = client.get("/rest/getMagic", params={"apiKey": secret, "f": "json"})
    assert error(unknown) == 0


# ---- a stock client


@pytest.fixture
def stock(staged: Staged) -> Iterator[Any]:
    knuckles = pytest.importorskip("knuckles", reason="the client is not installed")
    with served(platform_app(staged.site)) as url:
        yield knuckles.Subsonic(
            url=url.removeprefix("http://"),
            user="Lio",
            password=token(staged),
            client="a test",
            use_https=False,
        )


def test_a_stock_client_finds_plays_and_likes(staged: Staged, stock: Any, tmp_path: Any) -> None:
    assert stock.system.ping().status == "ok"
    assert stock.system.get_license().valid
    artists = stock.browsing.get_artists()
    assert {it.name for it in artists} == {"Wren", "Mara Fen"}
    (album,) = stock.browsing.get_artist(artists[-1].id).albums
    (first, second) = stock.browsing.get_album(album.id).songs
    assert (first.title, second.title) == ("Tone 440", "Tone 330")
    assert stock.searching.search(query="330").songs[0].id == second.id
    assert len(stock.lists.get_random_songs(10)) == 3
    got = TestClient(platform_app(staged.site)).get(stock.media_retrieval.stream(second.id))
    assert got.content == original(staged, second.id)
    stock.media_annotation.star_song(second.id)
    assert [song.id for song in stock.lists.get_starred().songs] == [second.id]
    stock.media_annotation.scrobble([second.id], [staged.house.clock()])
    assert [row["via"] for row in plays(staged)] == ["subsonic"]
