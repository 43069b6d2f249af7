"""Audio over HTTP: by range, by links that renew, only for who may hear it; and what counts."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.requests import Request
from starlette.testclient import TestClient

from assent.acts.copies import Found, Suspicion, suspect
from assent.acts.upload import Work, upload
from assent.catalogue import site_tables, tables
from assent.catalogue.events import replay
from assent.catalogue.play_parts import days, parts, plays_folder, read
from assent.clock import format_instant
from assent.sound.encode import Format
from assent.training.forget import forget
from assent.web.listening import maker_of, plays_of
from assent.web.player import PlayerView, player_of
from assent.web.visit import Visit
from tests.sound.sounds import decoded, encoded, tone
from tests.web.conftest import Staged


def page(
    staged: Staged, recording: str, *, visibility: str = "public", downloads: bool = False
) -> None:
    row = {"recording": recording, "visibility": visibility, "downloads": downloads, "about": ""}
    pages = site_tables.recording_pages
    with staged.house.writing() as connection:
        connection.execute(pages.delete().where(pages.c.recording == recording))
        connection.execute(pages.insert().values(row))


def link(client: TestClient, recording: str, **wish: object) -> Response:
    return client.post(f"/api/r/{recording}/link", json=wish)


def original(staged: Staged, recording: str) -> bytes:
    with staged.house.gate.listen(recording) as file:
        return file.read()


def test_a_public_recording_is_heard_by_a_stranger_with_a_link(staged: Staged) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    said = link(client, recording).json()
    answer = client.get(said["url"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == said["type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.content == original(staged, recording)
    assert not answer.cookies


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-", 0, None), ("bytes=100-199", 100, 200), ("bytes=-50", -50, None)],
)
def test_any_part_of_it_is_given(staged: Staged, asked: str, start: int, end: int | None) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    url = link(client, recording).json()["url"]
    answer = client.get(url, headers={"range": asked})
    assert answer.status_code == 206
    whole = original(staged, recording)
    assert answer.content == whole[start:end]
    assert answer.headers["content-range"].endswith(f"/{len(whole)}")
    head = client.head(url, headers={"range": asked})
    assert (head.status_code, head.content) == (206, b"")
    assert head.headers["content-length"] == str(len(answer.content))


def test_a_part_behind_the_end_is_told_how_long_the_file_is(staged: Staged) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    url = link(client, recording).json()["url"]
    answer = client.get(url, headers={"range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(original(staged, recording))}"


def test_what_a_player_has_already_is_not_sent_again(staged: Staged) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    url = link(client, recording).json()["url"]
    tag = client.head(url).headers["etag"]
    assert client.get(url, headers={"if-none-match": tag}).status_code == 304
    part = client.get(url, headers={"range": "bytes=5-", "if-range": tag})
    assert part.status_code == 206
    whole = client.get(url, headers={"range": "bytes=5-", "if-range": '"another"'})
    assert whole.status_code == 200


def test_a_private_recording_is_not_there_for_strangers(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    before = link(staged.client(), recording).json()["url"]
    page(staged, recording, visibility="private")
    for name in ("", "Lio", "Mara Fen", "Rhea", "Odd"):
        client = staged.client(name)
        refused, missing = link(client, recording), link(client, "r999")
        assert refused.status_code == missing.status_code == 404
        assert refused.json()["error"].replace(recording, "r999") == missing.json()["error"]
        assert client.get(before).status_code == 404  # what was open a moment ago is not any more
        assert client.get(f"/r/{recording}/download").status_code == 404
    own = staged.client("Wren")
    assert own.get(link(own, recording).json()["url"]).status_code == 200


def test_a_link_without_which_nothing_is_heard(staged: Staged) -> None:
    client, (recording, other) = staged.client(), staged.recordings["Wren"]
    url = link(client, recording).json()["url"]
    assert client.get(f"/r/{recording}/audio").status_code == 422
    assert client.get(url.replace(recording, other, 1)).status_code == 403
    assert client.get(f"{url}x").status_code == 403
    assert client.get(f"/r/{recording}/audio?k=%FF").status_code == 403


def test_a_link_that_ran_out_is_renewed_for_a_page_of_this_site_and_for_nobody_else(
    staged: Staged,
) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    said = link(client, recording).json()
    url = said["url"]
    staged.clock.turn(minutes=10, seconds=50)
    assert client.get(url).status_code == 200  # the clocks of two machines may differ
    staged.clock.turn(hours=8)
    refused = client.get(url, headers={"accept": "application/json"})
    assert refused.status_code == 403
    assert refused.json()["error"] == "this link has run out; open the page again"
    for elsewhere in ({"sec-fetch-site": "cross-site"}, {"referer": "http://other.example/x"}):
        assert client.get(url, headers=elsewhere).status_code == 403
    for here in ({"sec-fetch-site": "same-origin"}, {"referer": "http://testserver/r/r1"}):
        answer = client.get(url, headers={**here, "range": "bytes=10-19"})
        assert answer.status_code == 307
        assert answer.headers["cache-control"] == "private, no-store"
        fresh = answer.headers["location"]
        assert fresh.split("~")[1] == url.split("~")[1]  # it is the same play
        again = client.get(fresh, headers={"range": "bytes=10-19"})
        assert again.content == original(staged, recording)[10:20]


def test_whoever_is_signed_in_and_may_still_hear_it_goes_on(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    page(staged, recording, visibility="private")
    own = staged.client("Wren")
    url = link(own, recording).json()["url"]
    staged.clock.turn(hours=3)
    answer = own.get(url)
    assert answer.status_code == 307
    assert own.get(answer.headers["location"]).status_code == 200
    assert staged.client().get(url).status_code == 403


def test_a_private_link_opens_and_closes(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    page(staged, recording, visibility="private")
    until = format_instant(staged.house.clock() + timedelta(hours=2))
    row = {"id": "for-mara", "recording": recording, "label": "", "at": "", "until": until}
    with staged.house.writing() as connection:
        connection.execute(site_tables.private_links.insert().values(row))
    client = staged.client()
    assert link(client, recording, link="for-lio").status_code == 404
    url = link(client, recording, link="for-mara").json()["url"]
    assert client.get(url).status_code == 200
    staged.clock.turn(minutes=30)
    here = {"sec-fetch-site": "same-origin"}
    fresh = client.get(url, headers=here).headers["location"]
    assert client.get(fresh).status_code == 200
    with staged.house.writing() as connection:
        connection.execute(site_tables.private_links.delete())
    assert client.get(fresh).status_code == 404  # at once
    staged.clock.turn(minutes=30)
    assert client.get(fresh, headers=here).status_code == 403


def test_staff_hears_what_is_not_public_for_a_case_and_that_is_on_record(staged: Staged) -> None:
    original_, copy = staged.recordings["Wren"][0], staged.recordings["Mara Fen"][0]
    with staged.house.act("desk") as act:
        found = Suspicion(original=original_, found=Found.FINGERPRINT, evidence=())
        suspect(act, copy, [found])
    reviewer = staged.client("Rhea")
    url = link(reviewer, copy).json()["url"]
    assert heard_by_staff(staged) == []
    for _ in range(2):
        assert reviewer.get(url, headers={"range": "bytes=0-99"}).status_code == 206
    assert heard_by_staff(staged) == [("Rhea", "hear", copy)]
    assert link(staged.client("Auri"), copy).status_code == 404


def heard_by_staff(staged: Staged) -> list[tuple[str, str, str]]:
    with staged.house.reading() as connection:
        found = [it for it in replay(connection) if it.kind == "staff"]
    return [
        (it.by, it.body["act"], it.body["recording"]) for it in found if it.body["act"] == "hear"
    ]


def plays(staged: Staged) -> list[dict[str, object]]:
    plays_of(staged.site).flush()
    folder = plays_folder(staged.house.settings.data)
    return [row for day in days(folder) for row in read(parts(folder, day)).to_pylist()]


def long_one(staged: Staged, tmp_path: Path, kind: Format = Format.WAV16) -> str:
    path = tmp_path / f"long.{kind.value}"
    path.write_bytes(encoded(tone(377, seconds=30, sr=48_000), kind, sr=48_000))
    return upload(staged.house, path, Work(artist="Wren", title="Long"), "Wren").recording


def tell(client: TestClient, recording: str, key: str, seconds: float) -> Response:
    return client.post(f"/api/r/{recording}/heard", json={"play": key, "seconds": seconds})


def test_what_a_player_tells_counts_once_and_never_more_than_has_gone_by(
    staged: Staged, tmp_path: Path
) -> None:
    client, recording = staged.client(), long_one(staged, tmp_path)
    key = link(client, recording).json()["key"]
    assert tell(client, recording, key, 9).json() == {"counts": False}
    assert plays(staged) == []
    staged.clock.turn(seconds=12)
    for seconds in (12, 9_999, 12):
        assert tell(client, recording, key, seconds).json() == {"counts": True}
    assert max(float(str(row["heard_s"])) for row in plays(staged)) < 13
    staged.clock.turn(hours=1)
    assert tell(client, recording, key, 9_999).json() == {"counts": True}
    assert {(row["id"], row["via"]) for row in plays(staged)} == {(key.split("~")[1], "player")}
    assert max(float(str(row["heard_s"])) for row in plays(staged)) == 30


def test_a_play_that_was_never_given_counts_nothing(staged: Staged, tmp_path: Path) -> None:
    client, recording = staged.client(), long_one(staged, tmp_path)
    key = link(client, recording).json()["key"]
    other = staged.recordings["Mara Fen"][0]
    staged.clock.turn(minutes=5)
    assert tell(client, recording, f"{key}x", 20).status_code == 403
    assert tell(client, other, key, 20).status_code == 403
    assert tell(client, recording, "", 20).status_code == 422
    assert client.post(f"/api/r/{recording}/heard", content=b"{nonsense").status_code == 422
    assert plays(staged) == []


def page_url(staged: Staged, client: TestClient, recording: str) -> str:
    """Return where the audio element of a page without scripts finds its file."""
    return view_of(staged, client, recording).sources[0].url


def view_of(staged: Staged, client: TestClient, recording: str, **more: object) -> PlayerView:
    cookies = "; ".join(f"{it.name}={it.value}" for it in client.cookies.jar)
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/r/{recording}",
        "query_string": b"",
        "headers": [(b"cookie", cookies.encode()), (b"host", b"testserver")],
    }
    with Visit(staged.site, Request(scope)) as visit:
        return player_of(visit, recording, **more)  # type: ignore[arg-type]  # the same by name


def test_without_scripts_fetching_more_than_ten_seconds_is_a_play(
    staged: Staged, tmp_path: Path
) -> None:
    client, recording = staged.client(), long_one(staged, tmp_path)
    url = page_url(staged, client, recording)
    size = len(original(staged, recording))
    client.get(url, headers={"range": f"bytes=0-{size // 6}"})
    client.head(url)
    assert plays(staged) == []
    client.get(url, headers={"range": f"bytes={size // 6}-{size // 2}"})
    client.get(url, headers={"range": f"bytes={size // 2}-"})
    (row,) = {str(it["id"]): it for it in plays(staged)}.values()
    assert (row["via"], row["account"]) == ("page", None)
    # what is fetched with scripts is counted by what the player tells
    client.get(link(client, recording).json()["url"])
    assert len({row["id"] for row in plays(staged)}) == 1


def test_own_plays_do_not_count(staged: Staged, tmp_path: Path) -> None:
    own, recording = staged.client("Wren"), long_one(staged, tmp_path)
    own.get(page_url(staged, own, recording))
    key = link(own, recording).json()["key"]
    staged.clock.turn(minutes=5)
    assert tell(own, recording, key, 30).json() == {"counts": False}
    assert plays(staged) == []


def test_a_listener_who_keeps_a_history_is_named_and_nobody_else(
    staged: Staged, tmp_path: Path
) -> None:
    recording, account = long_one(staged, tmp_path), staged.people["Lio"].account
    with staged.house.writing() as connection:
        row = {"account": account, "keeps_history": True}
        connection.execute(site_tables.listeners.insert().values(row))
    for name in ("Lio", "Mara Fen"):
        client = staged.client(name)
        client.get(page_url(staged, client, recording))
    assert sorted(str(row["account"]) for row in plays(staged)) == sorted(["None", account])


def test_a_download_is_given_where_its_artist_allows_it(staged: Staged) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    refused = client.get(f"/r/{recording}/download", headers={"accept": "application/json"})
    assert refused.status_code == 403
    assert refused.json()["error"] == "Wren has not allowed to download this"
    assert staged.client("Wren").get(f"/r/{recording}/download").status_code == 200
    page(staged, recording, downloads=True)
    answer = client.get(f"/r/{recording}/download")
    assert answer.content == original(staged, recording)
    assert answer.headers["content-disposition"].startswith(
        'attachment; filename="Wren - Tone 330.wav"'
    )
    assert client.get(f"/r/{recording}/download", headers={"range": "bytes=3-"}).status_code == 206


@pytest.mark.parametrize("title", ["שלום", "海の歌", 'a/b\\c:"d"?', "\u202eevil", "x" * 400])
def test_a_download_is_called_as_the_recording_in_any_script(
    staged: Staged, tmp_path: Path, title: str
) -> None:
    path = tmp_path / "song"
    path.write_bytes(encoded(tone(801), Format.FLAC))
    recording = upload(staged.house, path, Work(artist="Wren", title=title), "Wren").recording
    named = staged.client("Wren").get(f"/r/{recording}/download").headers["content-disposition"]
    assert named.isascii()
    assert not set(named.split("filename=", 1)[1].split('"')[1]) & set('/\\:*?"<>|')
    assert "filename*=UTF-8''" in named
    assert len(named) < 1_500


def test_what_no_browser_plays_is_made_playable_first(staged: Staged, tmp_path: Path) -> None:
    recording = long_one(staged, tmp_path)
    with staged.house.writing() as connection:  # as if it had come as AIFF
        connection.execute(
            tables.recordings.update()
            .where(tables.recordings.c.id == recording)
            .values(container="aiff", codec="pcm_s16be")
        )
    client = staged.client()
    said = link(client, recording).json()
    answer = client.get(said["url"])
    assert (answer.status_code, said["type"]) == (200, "audio/mp4")
    assert answer.headers["content-type"] == "audio/mp4"
    assert decoded(answer.content).shape[1] == pytest.approx(30 * 48_000, abs=1_024)
    (source, *_) = view_of(staged, client, recording).sources
    assert client.get(source.url).status_code == 200


def test_playlists_lead_to_every_byte_of_a_rendition(staged: Staged, tmp_path: Path) -> None:
    client, recording = staged.client(), long_one(staged, tmp_path)
    first = link(client, recording).json()
    assert first["hls"] == ""  # it is asked for, and the original plays meanwhile
    maker_of(staged.site).finish()
    url = link(client, recording).json()["hls"]
    master = client.get(url)
    assert master.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    assert 'CODECS="mp4a.40.2"' in master.text
    assert 'CODECS="opus"' in master.text
    for media in [line for line in master.text.splitlines() if not line.startswith("#")]:
        playlist = client.get(f"/r/{recording}/{media}").text.splitlines()
        name = playlist[-2]
        assert not name.startswith("#")
        file = b""
        for line in playlist:
            if "BYTERANGE" in line:
                size, _, start = line.partition("BYTERANGE")[2].strip(':="').partition("@")
                ranged = {"range": f"bytes={start}-{int(start) + int(size) - 1}"}
                part = client.get(f"/r/{recording}/hls/{name}", headers=ranged)
                assert (part.status_code, len(part.content)) == (206, int(size))
                file += part.content
        assert decoded(file).shape[1] == pytest.approx(30 * 48_000, abs=1_024)


def test_playlists_outlive_the_recording(staged: Staged, tmp_path: Path) -> None:
    client, recording = staged.client(), long_one(staged, tmp_path)
    link(client, recording)
    maker_of(staged.site).finish()
    master = client.get(link(client, recording).json()["hls"]).text
    media = next(line for line in master.splitlines() if not line.startswith("#"))
    staged.clock.turn(minutes=10, seconds=30 + 59)
    assert client.get(f"/r/{recording}/{media}").status_code == 200
    staged.clock.turn(minutes=5)
    assert client.get(f"/r/{recording}/{media}").status_code == 403
    here = {"sec-fetch-site": "same-origin"}
    assert client.get(f"/r/{recording}/{media}", headers=here).status_code == 307


def test_a_player_says_all_that_a_page_needs(staged: Staged, tmp_path: Path) -> None:
    client, recording = staged.client(), long_one(staged, tmp_path)
    view = view_of(staged, client, recording, start_s=12.5)
    assert (view.title, view.artist, view.duration_s) == ("Long", "Wren", 30)
    assert len(view.peaks) == 200
    assert all(0 <= peak <= 1 for peak in view.peaks)
    assert max(view.peaks) > 0.9
    assert view.sources[0].url.endswith("#t=12.5")
    assert (view.download, view.hls, view.is_public) == ("", "", True)
    maker_of(staged.site).finish()
    page(staged, recording, downloads=True)
    view = view_of(staged, client, recording)
    assert [source.type for source in view.sources] == ["audio/wav", "audio/mp4"]
    assert client.get(view.sources[1].url).headers["content-type"] == "audio/mp4"
    assert client.get(view.hls).status_code == 200
    assert view.download == f"/r/{recording}/download"
    json.dumps(view.model_dump())


def test_an_erased_recording_is_heard_by_nobody(staged: Staged) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    url = link(client, recording).json()["url"]
    forget(staged.house, staged.site.logs, "Wren", "Odd")
    assert client.get(url).status_code == 404
    with staged.house.reading() as connection:
        assert connection.execute(select(site_tables.renditions)).first() is None
