"""The pages of music: what they say to whom, in any script, and what is not there for others."""

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from assent.acts.accounts import Account
from assent.acts.edit import Edit, Part, Tool, edit
from assent.catalogue.site_tables import play_days, private_links, recording_pages
from assent.clock import format_instant
from assent.community import comments, playlists
from assent.community.playlists import Said, Visibility
from tests.web.conftest import Staged, submit

SCRIPT = "<script>alert('x')</script>"
WORDS = ["مدّ وجزر", "שלום עולם", "夜の海 🎵", "Flöße & <b>", "a\"b'c", SCRIPT]


def page(staged: Staged, recording: str, **columns: object) -> None:
    values = {"visibility": "public", "downloads": False, "about": "", **columns}
    with staged.house.writing() as connection:
        connection.execute(recording_pages.delete().where(recording_pages.c.recording == recording))
        connection.execute(recording_pages.insert().values(recording=recording, **values))


def titles(client: TestClient, path: str, *keys: str) -> list[str]:
    said = client.get(path).json()
    for key in keys:
        said = said[key]
    return [one["title"] for one in said]


# The first page.


def test_a_stranger_hears_what_is_new(staged: Staged) -> None:
    client = staged.client()
    text = client.get("/").text
    assert text.index("Tone 550") < text.index("Tone 440") < text.index("Tone 330")
    assert "No machine chooses them for you" in text
    assert "From whom you follow" not in text
    assert titles(client, "/index.json", "newest") == ["Tone 550", "Tone 440", "Tone 330"]


def test_a_listener_hears_first_of_whom_they_follow(staged: Staged) -> None:
    client = staged.client("Lio")
    assert client.get("/following.json").json() == {"recordings": [], "after": ""}
    assert "Find somebody to follow" in client.get("/following").text
    answer = submit(client, "/artists/n0/follow")
    assert (answer.status_code, answer.headers["location"]) == (303, "/artists/n0")
    assert titles(client, "/index.json", "followed") == ["Tone 440", "Tone 330"]
    assert titles(client, "/following.json", "recordings") == ["Tone 440", "Tone 330"]
    text = client.get("/").text
    assert text.index("From whom you follow") < text.index("New here")


def test_lists_go_on_where_the_page_before_ended(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.community.browse.newest.__kwdefaults__", {"after": "", "limit": 2})
    client = staged.client()
    first = client.get("/new.json").json()
    assert [one["title"] for one in first["recordings"]] == ["Tone 550", "Tone 440"]
    assert f'href="/new?after={first["after"]}"' in client.get("/new").text
    second = client.get(f"/new.json?after={first['after']}").json()
    assert [one["title"] for one in second["recordings"]] == ["Tone 330"]
    assert second["after"] == ""
    assert client.get("/new?after=nonsense").status_code == 422


def test_what_was_played_most_is_a_plain_count_and_follows_what_may_be_found(
    staged: Staged,
) -> None:
    client, (one, two) = staged.client(), staged.recordings["Wren"]
    assert "Nobody has played anything" in client.get("/").text
    staged.clock.turn(minutes=2)  # counts are kept for one
    day = staged.clock().date().isoformat()
    with staged.house.writing() as connection:
        for recording, plays in ((one, 1), (two, 1_200)):
            row = {"recording": recording, "day": day, "plays": plays, "heard_s": 1}
            connection.execute(play_days.insert().values(row))
    said = client.get("/index.json").json()["most_played"]
    assert [(it["recording"]["title"], it["plays"]) for it in said] == [
        ("Tone 440", 1_200),
        ("Tone 330", 1),
    ]
    page(staged, two, visibility="private")
    said = client.get("/index.json").json()["most_played"]
    assert [it["recording"]["title"] for it in said] == ["Tone 330"], "at once, kept or not"


# Search.


def test_search_finds_by_words_and_says_when_it_finds_nothing(staged: Staged) -> None:
    client = staged.client()
    assert titles(client, "/search.json?q=tone 4", "recordings") == ["Tone 440"]
    said = client.get("/search.json?q=mara").json()
    assert [one["name"] for one in said["artists"]] == ["Mara Fen"]
    assert "Nothing here matches that" in client.get("/search?q=zzz").text
    assert "in any script" in client.get("/search").text


@pytest.mark.parametrize("words", [*WORDS, '"', "* OR *", "'; DROP TABLE recordings; --"])
def test_what_was_typed_is_shown_as_text(staged: Staged, words: str) -> None:
    answer = staged.client().get("/search", params={"q": words})
    assert answer.status_code == 200
    assert SCRIPT not in answer.text
    assert staged.client().get("/search.json", params={"q": words}).json()["q"] == words


# A recording.


def test_a_recording_says_everything_of_itself(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    wren = staged.people["Wren"]
    said = Edit(
        title="مدّ وجزر",
        licence="CC-BY-4.0",
        isrc="GBABC3100001",
        made_with=[Tool(part=Part.VOCALS, name="Larynx 2")],
    )
    edit(staged.house, recording, said, Account(id=wren.account, name=wren.name))
    page(staged, recording, about="Played\nat night.")
    text = staged.client().get(f"/r/{recording}").text
    assert '<h1 dir="auto">مدّ وجزر</h1>' in text
    for words in ("Larynx 2", "Vocals", "CC BY 4.0", "GBABC3100001", "Played\nat night."):
        assert words in text, words
    assert "has not allowed it, and is the one who can" in text
    assert "Sign in</a> to say something" in text
    twin = staged.client().get(f"/r/{recording}.json").json()
    # the twin says what the page says: the part in words, too
    helped = {"role": "vocals", "part": "Vocals", "tool": "Larynx 2", "voice": "none"}
    assert twin["credits"]["made_with"] == [helped]
    assert twin["credits"]["makers"] == [{"name": "Wren", "role": "owner"}]
    assert twin["ground"] == "public"
    assert twin["ai"]["recording"] == recording


def test_a_recording_without_words_says_that_nothing_was_said(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    text = staged.client().get(f"/r/{recording}").text
    assert "Nothing was said of AI tools. That proves nothing, either way." in text
    twin = staged.client().get(f"/r/{recording}.json").json()
    assert twin["credits"]["made_with"] is None
    assert "Nobody has said anything yet." in text


def test_a_private_recording_is_not_there_for_strangers(staged: Staged) -> None:
    recording = staged.recordings["Wren"][1]
    page(staged, recording, visibility="private")
    for name in ("", "Lio", "Mara Fen", "Rhea", "Quiet Harbour"):
        for path in (f"/r/{recording}", f"/r/{recording}.json"):
            answer = staged.client(name).get(path)
            assert answer.status_code == 404
            assert "Tone 440" not in answer.text
        assert "Tone 440" not in staged.client(name).get("/").text
        assert staged.client(name).get("/search.json?q=tone 440").json()["recordings"] == []
    text = staged.client("Wren").get(f"/r/{recording}").text
    assert "Only you see this" in text
    assert 'content="noindex"' in text


def test_a_private_link_opens_it_until_it_runs_out(staged: Staged) -> None:
    recording = staged.recordings["Wren"][1]
    page(staged, recording, visibility="private")
    staged.clock.turn(minutes=1)
    until = format_instant(staged.clock())
    with staged.house.writing() as connection:
        row = {"id": "open", "recording": recording, "label": "", "at": until, "until": None}
        connection.execute(private_links.insert().values(row))
        connection.execute(private_links.insert().values({**row, "id": "over", "until": until}))
    answer = staged.client().get(f"/r/{recording}?link=open")
    assert answer.status_code == 200
    assert "by a private link" in answer.text
    assert "Share it" not in answer.text
    over = staged.client().get(f"/r/{recording}?link=over")
    assert over.status_code == 403
    assert "whoever sent it to you can make another one" in over.text
    # one that was ended, one that is not whole, and one to what was never here say the same
    texts = set()
    for there in (f"{recording}?link=none", f"{recording}?link=ope", "r999?link=open"):
        none = staged.client().get(f"/r/{there}")
        assert none.status_code == 404
        assert "This link was ended, or is not whole; ask whoever gave it to you." in none.text
        assert "Tone 440" not in none.text
        texts.add(none.text.split("<main")[1].split("</main>")[0])
    assert len(texts) == 1
    twin = staged.client().get(f"/r/{recording}.json?link=none")
    assert (
        twin.json()["error"] == "this link was ended, or is not whole; ask whoever gave it to you"
    )


def test_what_its_holders_keep_out_of_search_is_found_by_its_address_alone(
    staged: Staged,
) -> None:
    from assent.acts.say import About, refuse
    from assent.permission.uses import parse_uses

    recording = staged.recordings["Wren"][0]
    about = About(holder="Wren", recording=recording, by="Wren")
    refuse(staged.house, about, parse_uses(["platform/search", "public/search"]))
    client = staged.client()
    for path, key in (("/index", "newest"), ("/new", "recordings"), ("/artists/n0", "recordings")):
        assert "Tone 330" not in titles(client, f"{path}.json", key)
    assert titles(client, "/search.json?q=330", "recordings") == []
    answer = client.get(f"/r/{recording}")
    assert answer.status_code == 200
    assert 'content="noindex"' in answer.text
    assert "Search and lists leave this out" in staged.client("Wren").get(f"/r/{recording}").text


def test_a_listener_likes_and_takes_it_back(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    client = staged.client("Lio")
    submit(client, f"/r/{recording}/like")
    text = client.get(f"/r/{recording}").text
    assert "Liked · 1" in text
    assert "1 person likes this" in staged.client().get(f"/r/{recording}").text
    assert titles(client, "/library.json", "likes") == ["Tone 330"]
    submit(client, f"/r/{recording}/unlike")
    assert titles(client, "/library.json", "likes") == []


def test_a_comment_is_text_and_stands_at_its_moment(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    client = staged.client("Lio")
    for words in WORDS:
        answer = submit(client, f"/r/{recording}/comment", words=words, at="0:00.4")
        assert answer.status_code == 303, answer.text
        assert re.fullmatch(rf"/r/{recording}#c-[\w-]+", answer.headers["location"])
    text = client.get(f"/r/{recording}").text
    assert SCRIPT not in text
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in text
    twin = client.get(f"/r/{recording}.json").json()["talk"]
    assert sorted(one["words"] for one in twin["comments"]) == sorted(WORDS)
    assert {one["at_ms"] for one in twin["comments"]} == {400}
    assert {one["by"] for one in twin["comments"]} == {"Lio"}


def test_a_comment_that_cannot_be_is_refused_and_not_lost(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    client = staged.client("Lio")
    answer = submit(client, f"/r/{recording}/comment", words="long thoughts", at="9:59")
    assert answer.status_code == 422
    assert "the recording ends after" in answer.text
    assert "long thoughts</textarea>" in answer.text
    assert 'value="9:59"' in answer.text
    answer = submit(client, f"/r/{recording}/comment", words=" ", at="0:00")
    assert "a comment has 1 to 2,000 characters" in answer.text


def test_who_may_tidy_up_below_a_recording(staged: Staged) -> None:
    recording, lio = staged.recordings["Wren"][0], staged.people["Lio"]
    name = comments.comment(staged.house, lio.account, recording, 0, "rude words")
    for other in ("Mara Fen", "Quiet Harbour", "Auri", "Rhea"):
        answer = submit(staged.client(other), f"/comments/{name}/hide")
        assert answer.status_code == 403
        answer = submit(staged.client(other), f"/comments/{name}/delete")
        assert answer.status_code == 404
    for other in ("Mara Fen", "Wren", "Lio", "Auri"):
        answer = submit(staged.client(other), f"/comments/{name}/hide-as-staff", cause="no")
        assert answer.status_code == 403
    assert "rude words" in staged.client().get(f"/r/{recording}").text
    submit(staged.client("Wren"), f"/comments/{name}/hide")
    assert "rude words" not in staged.client().get(f"/r/{recording}").text
    assert "rude words" in staged.client("Wren").get(f"/r/{recording}").text
    submit(staged.client("Wren"), f"/comments/{name}/show")
    assert "rude words" in staged.client().get(f"/r/{recording}").text
    assert "Hide it as a reviewer" in staged.client("Rhea").get(f"/r/{recording}").text
    answer = submit(staged.client("Rhea"), f"/comments/{name}/hide-as-staff", cause="It is rude.")
    assert answer.status_code == 303
    assert "rude words" not in staged.client().get(f"/r/{recording}").text
    assert submit(staged.client("Lio"), f"/comments/{name}/delete").status_code == 303


def test_a_moment_in_an_address_begins_there(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    for said, start in (("0:00.4", 0.4), ("x", 0), ("9:00", 0.5), ("", 0)):
        twin = staged.client().get(f"/r/{recording}.json", params={"t": said}).json()
        assert twin["player"]["start_s"] == start


# An artist.


def test_an_artists_page_is_written_by_whom_the_name_belongs_to(staged: Staged) -> None:
    wren = staged.client("Wren")
    answer = submit(wren, "/artists/n0/describe", about=SCRIPT, link="https://wren.example/")
    assert answer.status_code == 303
    text = staged.client().get("/artists/n0").text
    assert SCRIPT not in text
    assert "&lt;script&gt;" in text
    assert 'href="https://wren.example/" rel="nofollow ugc noopener"' in text
    assert "Say something of yourself" not in text
    assert "Say something of yourself" in wren.get("/artists/n0").text
    for other in ("Lio", "Mara Fen", "Rhea", "Odd"):
        answer = submit(staged.client(other), "/artists/n0/describe", about="I am Wren")
        assert answer.status_code == 403
    assert submit(staged.client(), "/artists/n0/describe", about="x").status_code in {303, 401}
    assert staged.client().get("/artists/n0.json").json()["about"] == SCRIPT


def test_a_link_that_is_none_is_refused_and_what_was_typed_stays(staged: Staged) -> None:
    answer = submit(
        staged.client("Wren"), "/artists/n0/describe", about="Hello", link="javascript:alert(1)"
    )
    assert answer.status_code == 422
    assert "a link begins with https://" in answer.text
    assert "Hello</textarea>" in answer.text
    assert 'href="javascript' not in answer.text


def test_an_artist_who_is_not_there(staged: Staged) -> None:
    assert staged.client().get("/artists/n99").status_code == 404
    assert submit(staged.client("Lio"), "/artists/n99/follow").status_code == 404


# Playlists and the library.


def test_an_empty_library_says_what_to_do_next(staged: Staged) -> None:
    text = staged.client("Lio").get("/library").text
    for words in ("You have liked nothing yet", "You follow nobody yet", "Make a playlist"):
        assert words in text
    assert staged.client().get("/library").headers["location"].startswith("/sign-in?")
    assert staged.client().get("/library.json").status_code == 401


def test_a_playlist_is_made_filled_and_ordered_by_forms_alone(staged: Staged) -> None:
    client, (one, two) = staged.client("Lio"), staged.recordings["Wren"]
    made = submit(client, "/playlists", title="夜 <b>", visibility="public")
    path = made.headers["location"]
    for recording in (one, two):
        submit(client, f"/r/{recording}/collect", playlist=path.split("/")[-1])
    text = client.get(path).text
    assert "夜 &lt;b&gt;" in text
    assert text.index("Tone 330") < text.index("Tone 440")
    submit(client, f"{path}/move", recording=two, place="0")
    entries = staged.client().get(f"{path}.json").json()["entries"]
    assert [it["recording"]["id"] for it in entries] == [two, one]
    submit(client, f"{path}/remove", recording=two)
    entries = staged.client().get(f"{path}.json").json()["entries"]
    assert [(it["place"], it["recording"]["id"]) for it in entries] == [(0, one)]
    submit(client, f"{path}/change", title="Night", about=SCRIPT, visibility="private")
    assert SCRIPT not in client.get(path).text
    assert staged.client().get(path).status_code == 404
    assert submit(client, f"{path}/delete").headers["location"] == "/library"
    assert client.get(path).status_code == 404


def test_a_new_playlist_is_made_from_a_recordings_page(staged: Staged) -> None:
    client, recording = staged.client("Lio"), staged.recordings["Wren"][0]
    answer = submit(client, f"/r/{recording}/collect", title="Mine")
    assert titles(client, "/library.json", "playlists") == ["Mine"]
    assert "only you see it" in client.get(answer.headers["location"]).text
    answer = submit(client, f"/r/{recording}/collect")
    assert answer.status_code == 422
    assert "choose a playlist" in answer.text


def test_nobody_reads_or_changes_the_list_of_another(staged: Staged) -> None:
    lio = staged.people["Lio"].account
    name = playlists.make(staged.house, lio, Said(title="Secret"))
    public = Said(title="Ours", visibility=Visibility.PUBLIC)
    shown = playlists.make(staged.house, lio, public)
    recording = staged.recordings["Wren"][0]
    for other in ("", "Wren", "Rhea", "Odd", "Auri"):
        client = staged.client(other)
        assert client.get(f"/playlists/{name}").status_code == 404
        assert client.get(f"/playlists/{name}.json").status_code == 404
        assert "Take off" not in client.get(f"/playlists/{shown}").text
        if not other:
            continue
        for path in (name, shown):
            for act, fields in (
                ("add", {"recording": recording}),
                ("remove", {"recording": recording}),
                ("move", {"recording": recording, "place": "0"}),
                ("change", {"title": "Theirs"}),
                ("delete", {}),
            ):
                answer = submit(client, f"/playlists/{path}/{act}", **fields)
                assert answer.status_code == 404, (other, act)
    assert staged.client().get(f"/playlists/{shown}.json").json()["title"] == "Ours"


def test_a_form_that_is_sent_again_makes_one_list(staged: Staged) -> None:
    client = staged.client("Lio")
    for _ in range(2):
        submit(client, "/playlists", title="Once", once="number-1")
    assert titles(client, "/library.json", "playlists") == ["Once"]


def test_a_program_does_with_a_token_what_the_pages_do(
    staged: Staged, client_of: Callable[..., TestClient]
) -> None:
    from assent.signin import tokens
    from assent.signin.scopes import Scope

    lio, recording = staged.people["Lio"].account, staged.recordings["Wren"][0]
    scopes = frozenset({Scope.READ, Scope.SOCIAL})
    _, secret = tokens.make(staged.house, lio, "test", scopes, None)
    client = client_of("", authorization=f"Bearer {secret}")
    said = client.post(f"/api/r/{recording}/like").json()
    assert (said["liked"], said["likes"]) == (True, 1)
    made = client.post("/api/playlists", json={"title": "Mine"}).json()
    name = made["playlist"]
    client.post(f"/api/playlists/{name}/add", json={"recording": recording})
    assert client.get(f"/playlists/{name}.json").json()["length"] == 1
    said = client.post(f"/api/r/{recording}/comment", json={"words": "hi", "at": "0.25"}).json()
    assert client.post(f"/api/comments/{said['comment']}/delete").json()["ok"]
    said = client.post("/api/artists/n0/follow").json()
    assert (said["follows"], said["followers"]) == (True, 1)
    assert client.post("/api/artists/n0/describe", json={"about": "x"}).status_code == 403


def test_what_one_heard_is_ones_own_to_see(staged: Staged) -> None:
    client = staged.client("Lio")
    assert "You keep no history" in client.get("/library/history").text
    submit(client, "/account/listening", keeps_history="yes")
    assert "What you hear from now on will stand here" in client.get("/library/history").text
    assert staged.client().get("/library/history.json").status_code == 401
