"""The studio: what is somebody's, as they see and change it; and nobody else."""

from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.holders import Share, parse_share, set_holders
from assent.acts.publish import make_agreement
from assent.acts.upload import Work, upload
from assent.catalogue import tables
from assent.catalogue.site_tables import play_days, private_links, recording_pages
from assent.listening.hearing import Ground, may_hear
from tests.houses import agreement_toml, write_wav
from tests.web.conftest import Staged, csrf_of, submit

SCRIPT = "<script>alert(1)</script>"


def title_of(staged: Staged, recording: str) -> str:
    recordings = tables.recordings.c
    with staged.house.reading() as connection:
        query = select(recordings.title).where(recordings.id == recording)
        return str(connection.execute(query).scalar_one())


def heard(staged: Staged, recording: str, days: dict[str, int]) -> None:
    rows = [
        {"recording": recording, "day": day, "plays": plays, "heard_s": plays * 30}
        for day, plays in days.items()
    ]
    with staged.house.writing() as connection:
        connection.execute(play_days.insert(), rows)


def test_a_creator_sees_their_recordings_and_no_others(staged: Staged) -> None:
    view = staged.client("Wren").get("/studio.json").json()
    assert [it["id"] for it in view["recordings"]] == ["r1", "r0"]
    assert view["recordings"][0]["state"] == "public"
    # what its own page says, programs included, instead of a count of uses for every program
    assert view["recordings"][0]["training"] == "none"
    assert [
        it["id"] for it in staged.client("Mara Fen").get("/studio.json").json()["recordings"]
    ] == ["r2"]
    page = staged.client("Wren").get("/studio").text
    assert "Tone 440" in page
    assert "may not be trained on" in page
    assert "Tone 550" not in page


def test_whoever_has_nothing_is_told_what_to_do_next(staged: Staged) -> None:
    page = staged.client("Quiet Harbour").get("/studio").text
    assert "Nothing of yours is here yet." in page
    assert 'href="/studio/upload"' in page


def test_a_co_holder_sees_it_too_and_says_nothing_of_holders(staged: Staged) -> None:
    set_holders(staged.house, "r0", [parse_share("Wren=50%"), parse_share("Mara Fen=50%")], "desk")
    client = staged.client("Mara Fen")
    assert client.get("/studio.json").json()["recordings"][-1]["id"] == "r0"
    page = client.get("/studio/r/r0").text
    assert "Whoever brought it here says who holds rights." in page
    answer = submit(client, "/studio/r/r0/holders", holder_name="Mara Fen", holder_share="100%")
    assert answer.status_code == 403
    assert submit(client, "/studio/r/r0/edit", title="Ours").status_code == 303
    assert title_of(staged, "r0") == "Ours"


def test_a_holder_of_what_a_label_delivered_sees_it_and_edits_nothing(
    staged: Staged, tmp_path: Path
) -> None:
    make_agreement(staged.house, agreement_toml(party="Quiet Harbour"), "desk")
    path = write_wav(tmp_path / "delivered.wav", 800)
    shares = (parse_share("Mara Fen=100%"),)
    work = Work(artist="Mara Fen", title="Delivered", agreement="lantern-1", holders=shares)
    recording = upload(staged.house, path, work, "Quiet Harbour").recording
    holder, label = staged.client("Mara Fen"), staged.client("Quiet Harbour")
    row = holder.get("/studio.json").json()["recordings"][0]
    assert (row["id"], row["editable"]) == (recording, False)
    assert f'href="/r/{recording}"' in holder.get("/studio").text
    assert holder.get(f"/studio/r/{recording}").status_code == 404
    assert label.get("/studio.json").json()["recordings"][0]["editable"] is True
    page = label.get(f"/studio/r/{recording}").text
    assert "delivered under the agreement" in page
    assert "Delete this recording" not in page


def test_the_page_says_how_it_sounds_in_words(staged: Staged) -> None:
    client = staged.client("Wren")
    sound = client.get("/studio/r/r0.json").json()["sound"]
    assert len(sound["peaks"]) == 200
    assert "streaming services" in sound["loudness"]
    assert sound["peak"] == "its peaks leave room"
    page = client.get("/studio/r/r0").text
    assert sound["loudness"] in page
    assert '<svg class="waveform"' in page  # drawn as one path now, not as two hundred rects


def test_what_a_program_leaves_out_of_an_edit_stays_as_it_is(staged: Staged) -> None:
    client = staged.client("Wren")
    words = {"title": "Tide", "licence": "CC-BY-4.0", "isrc": "GB-ABC-31-00001", "about": "By."}
    page = {"visibility": "private", "downloads": "yes"}
    helped = {"tools": "some", "tool_name": ["Choir 2"], "tool_part": ["vocals"]}
    submit(client, "/studio/r/r0/edit", **words, **page, **helped)
    before = client.get("/studio/r/r0.json").json()["said"]
    csrf = {"x-csrf": csrf_of(client.get("/studio/r/r0").text)}
    assert client.post("/api/studio/r/r0/edit", json={}, headers=csrf).status_code == 200
    assert client.get("/studio/r/r0.json").json()["said"] == before
    answer = client.post("/api/studio/r/r0/edit", json={"title": "Ebb"}, headers=csrf)
    assert answer.status_code == 200
    assert client.get("/studio/r/r0.json").json()["said"] == {**before, "title": "Ebb"}
    assert staged.client().get("/r/r0").status_code == 404, "it is as private as before"


def test_what_cannot_be_shown_is_not_told_of_it_either(staged: Staged) -> None:
    client = staged.client("Wren")
    answer = submit(client, "/studio/r/r0/edit", title="Tide", about="one\ntw\u202eo")
    assert "U+202E" in answer.text
    assert submit(client, "/studio/r/r0/edit", title="Tide", about="a\nb").status_code == 303
    assert client.get("/studio/r/r0.json").json()["said"]["about"] == "a\nb"


def test_what_is_said_of_it_counts_from_then_on(staged: Staged) -> None:
    client = staged.client("Wren")
    answer = submit(
        client,
        "/studio/r/r0/edit",
        title="مدّ 👩‍👧",
        licence="CC-BY-4.0",
        isrc="GB-ABC-31-00001",
        about="By the sea.",
        visibility="private",
        downloads="yes",
        tools="some",
        tool_name=["Choir 2", ""],
        tool_part=["vocals", "vocals"],
        tool_voice=["permitted", "none"],
    )
    assert answer.status_code == 303
    said = client.get("/studio/r/r0.json").json()["said"]
    assert said == {
        "title": "مدّ 👩‍👧",
        "licence": "CC-BY-4.0",
        "isrc": "GBABC3100001",
        "about": "By the sea.",
        "visibility": "private",
        "downloads": True,
        "made_with": [{"part": "vocals", "name": "Choir 2", "voice": "permitted"}],
    }
    assert 'value="مدّ 👩‍👧"' in client.get("/studio/r/r0").text
    # what is not said any more is gone: a switch that is off, tools that are not named
    # a form sends every field that it has; what is left out, as programs may, stays as it is
    said = {"title": "Tide", "about": "", "visibility": "public", "tools": "unsaid"}
    submit(client, "/studio/r/r0/edit", **said)
    said = client.get("/studio/r/r0.json").json()["said"]
    assert (said["downloads"], said["made_with"], said["about"]) == (False, None, "")


def test_a_program_says_the_same(staged: Staged) -> None:
    client = staged.client("Wren")
    token = client.get("/developers").text.split('name="csrf" content="', 1)[1].split('"', 1)[0]
    answer = client.post(
        "/api/studio/r/r0/edit",
        json={"title": "Tide", "made_with": []},
        headers={"x-csrf": token},
    )
    assert (answer.status_code, answer.json()["ok"]) == (200, True)
    assert client.get("/studio/r/r0.json").json()["said"]["made_with"] == []


def test_what_cannot_be_said_is_shown_again_as_it_was_typed(staged: Staged) -> None:
    client = staged.client("Wren")
    answer = submit(
        client,
        "/studio/r/r0/edit",
        title="New title",
        isrc="12",
        about=SCRIPT,
        tools="some",
        tool_name=SCRIPT,
        tool_part="lyrics",
        tool_voice="none",
    )
    assert answer.status_code == 422
    assert "&#39;12&#39; is no ISRC" in answer.text
    assert 'value="New title"' in answer.text
    assert SCRIPT not in answer.text
    assert unescape(answer.text).count(SCRIPT) >= 2
    assert title_of(staged, "r0") == "Tone 330"


def test_all_that_cannot_be_said_is_told_at_once(staged: Staged) -> None:
    client = staged.client("Wren")
    answer = submit(client, "/studio/r/r0/edit", title=" ", isrc="12", tools="some")
    assert answer.status_code == 422
    text = unescape(answer.text)
    assert "a title has 1 to 500 characters" in text
    assert "'12' is no ISRC" in text
    assert "name the tools that helped" in text


def test_marks_that_come_along_with_a_title_are_taken_off(staged: Staged) -> None:
    client = staged.client("Wren")
    for typed, kept in (
        ("\u200fשבת\u200f", "שבת"),
        ("\ufeffSo\u00adlo\u2069", "Solo"),
        ("שבת \u200eA\u200e B", "שבת \u200eA\u200e B"),
    ):
        assert submit(client, "/studio/r/r0/edit", title=typed).status_code == 303
        assert title_of(staged, "r0") == kept
    answer = submit(client, "/studio/r/r0/edit", title="a\u202eb")
    assert answer.status_code == 422
    assert "nobody sees: U+202E, right-to-left override" in answer.text


def test_script_in_every_field_is_shown_as_text(staged: Staged) -> None:
    client = staged.client("Wren")
    submit(
        client,
        "/studio/r/r0/edit",
        title=SCRIPT,
        licence=SCRIPT,
        about=SCRIPT,
        tools="some",
        tool_name=SCRIPT,
        tool_part="lyrics",
        tool_voice="none",
    )
    submit(
        client,
        "/studio/r/r0/holders",
        holder_name=["Wren", SCRIPT],
        holder_share=["50%", "50%"],
        holder_role=["owner", SCRIPT],
        holder_where=["", ""],
    )
    submit(client, "/studio/r/r0/links/make", label=SCRIPT)
    heard(staged, "r0", {"2031-03-01": 3})
    for path in ("/studio", "/studio/r/r0", "/studio/plays", "/studio/plays?recording=r0"):
        page = client.get(path).text
        assert SCRIPT not in page
        assert SCRIPT in unescape(page)


def test_who_holds_rights_is_said_row_by_row(staged: Staged) -> None:
    client = staged.client("Wren")
    rows = {
        "holder_name": ["Wren", "Ada Quill", ""],
        "holder_share": ["60%", "40 %", ""],
        "holder_role": ["", "composer", ""],
        "holder_where": ["", "DE FR", ""],
    }
    assert submit(client, "/studio/r/r0/holders", **rows).status_code == 303
    holders = client.get("/studio/r/r0.json").json()["holders"]
    assert holders == [
        {"name": "Wren", "share": "60%", "role": "owner", "territories": "world"},
        {"name": "Ada Quill", "share": "40%", "role": "composer", "territories": "DE FR"},
    ]
    wrong = {**rows, "holder_share": ["60%", "90%", ""], "holder_where": ["", "", ""]}
    answer = submit(client, "/studio/r/r0/holders", **wrong)
    assert answer.status_code == 422
    assert "more than 100%" in answer.text
    assert 'value="90%"' in answer.text


def test_a_private_link_opens_it_until_it_is_ended(staged: Staged) -> None:
    client = staged.client("Wren")
    submit(client, "/studio/r/r0/edit", title="Tone", visibility="private")
    assert submit(client, "/studio/r/r0/links/make", label="For Ada", days="2").status_code == 303
    assert submit(client, "/studio/r/r0/links/make", label="For Bo").status_code == 303
    links = {it["label"]: it for it in client.get("/studio/r/r0.json").json()["links"]}
    ada, bo = links["For Ada"], links["For Bo"]
    assert ada["url"] == f"http://testserver/r/r0?link={ada['id']}"

    def opens(link: str) -> Ground:
        with staged.house.reading() as connection:
            return may_hear(connection, "r0", None, link, at=staged.clock.at).ground

    assert (opens(ada["id"]), opens(bo["id"])) == (Ground.LINK, Ground.LINK)
    assert submit(client, "/studio/r/r0/links/end", link=bo["id"]).status_code == 303
    assert (opens(ada["id"]), opens(bo["id"])) == (Ground.LINK, Ground.NO)
    assert submit(client, "/studio/r/r0/links/end", link=bo["id"]).status_code == 404
    staged.clock.turn(days=2)
    assert opens(ada["id"]) is Ground.NO


@pytest.mark.parametrize("name", ["Mara Fen", "Quiet Harbour", "Lio", "Rhea", "Odd", "Auri", ""])
def test_nobody_else_sees_or_changes_it(staged: Staged, name: str) -> None:
    submit(staged.client("Wren"), "/studio/r/r0/links/make", label="For Ada")
    with staged.house.reading() as connection:
        link = connection.execute(select(private_links.c.id)).scalar_one()
    client = staged.client(name)
    for path in ("/studio/r/r0", "/studio/r/r0.json", "/studio/plays?recording=r0"):
        answer = client.get(path)
        assert answer.status_code in {303, 401, 403, 404}
        assert link not in answer.text
    for act, fields in {
        "edit": {"title": "Stolen"},
        "holders": {"holder_name": name or "x", "holder_share": "100%"},
        "links/make": {"label": "mine"},
        "links/end": {"link": link},
    }.items():
        assert submit(client, f"/studio/r/r0/{act}", **fields).status_code in {401, 403, 404}
        answer = client.post(f"/api/studio/r/r0/{act}", json=fields)
        assert answer.status_code in {401, 403, 404, 422}
    assert title_of(staged, "r0") == "Tone 330"
    with staged.house.reading() as connection:
        assert connection.execute(select(private_links.c.id)).scalars().all() == [link]
        holders = connection.execute(select(tables.holdings)).all()
        assert connection.execute(select(recording_pages)).all() == []
    assert len(holders) == 3


def test_the_owner_sees_their_part_on_the_recordings_page(staged: Staged) -> None:
    heard(staged, "r0", {"2031-03-01": 3, "2031-02-01": 4})
    view = staged.client("Wren").get("/r/r0.json").json()
    assert view["owner"]["plays"] == 7
    assert view["owner"]["state"] == "public"
    page = staged.client("Wren").get("/r/r0").text
    assert 'href="/studio/r/r0"' in page
    for name in ("Mara Fen", "Lio", ""):
        assert staged.client(name).get("/r/r0.json").json()["owner"] is None
        assert "/studio/r/r0" not in staged.client(name).get("/r/r0").text


def test_plays_are_told_by_day_and_by_recording(staged: Staged) -> None:
    heard(staged, "r0", {"2031-03-01": 3, "2031-02-27": 1, "2030-12-01": 9})
    heard(staged, "r1", {"2031-03-01": 5})
    heard(staged, "r2", {"2031-03-01": 100})
    client = staged.client("Wren")
    view = client.get("/studio/plays.json").json()
    assert (view["plays"], view["heard_s"], len(view["by_day"])) == (9, 270, 30)
    assert view["by_day"][-1] == {"day": "2031-03-01", "plays": 8, "heard_s": 240}
    assert view["by_day"][-2]["plays"] == 0
    assert [(it["recording"], it["plays"]) for it in view["by_recording"]] == [("r1", 5), ("r0", 4)]
    one = client.get("/studio/plays.json?recording=r0&days=365").json()
    assert (one["plays"], one["title"], len(one["by_recording"])) == (13, "Tone 330", 1)
    page = client.get("/studio/plays").text
    assert page.count("<rect") == 30
    assert 'data-day="2031-03-01" data-plays="8"' in page
    assert client.get("/studio/plays?recording=r2").status_code == 404


def test_plays_are_told_as_a_table_for_elsewhere(staged: Staged) -> None:
    submit(staged.client("Wren"), "/studio/r/r0/edit", title="=1+1")
    heard(staged, "r0", {"2031-03-01": 3})
    heard(staged, "r2", {"2031-03-01": 100})
    answer = staged.client("Wren").get("/studio/plays.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text == "\ufeffday,recording,title,plays,heard_s\r\n2031-03-01,r0,'=1+1,3,90\r\n"


def test_without_plays_the_page_says_so(staged: Staged) -> None:
    assert "Nobody has listened in these days." in staged.client("Wren").get("/studio/plays").text


def test_many_recordings_are_walked_page_by_page(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.web.pages.studio._AT_ONCE", 1)
    client, seen, after = staged.client("Wren"), [], ""
    while True:
        view = client.get(f"/studio.json{after}").json()
        seen += [it["id"] for it in view["recordings"]]
        if view["next"] is None:
            break
        after = f"?after={view['next']}"
    assert seen == ["r1", "r0"]


def test_a_share_is_of_whoever_is_named(staged: Staged) -> None:
    set_holders(staged.house, "r0", [Share(name="Wren")], "desk")
    view = staged.client("Wren").get("/studio/r/r0.json").json()
    assert (view["alone"], view["is_bringer"], view["agreement"]) == (True, True, None)


def test_a_recording_is_deleted_by_whoever_is_sure(staged: Staged) -> None:
    client = staged.client("Wren")
    assert "Yes, delete it for good" in client.get("/studio/r/r0").text
    assert submit(client, "/studio/r/r0/delete").status_code == 422
    assert submit(staged.client("Mara Fen"), "/studio/r/r0/delete", sure="yes").status_code == 404
    assert title_of(staged, "r0") == "Tone 330"
    answer = submit(client, "/studio/r/r0/delete", sure="yes")
    assert answer.headers["location"].startswith("/left/")
    assert "The recording is gone." in client.get(answer.headers["location"]).text
    assert [it["id"] for it in client.get("/studio.json").json()["recordings"]] == ["r1"]
    assert client.get("/studio/r/r0").status_code == 404
