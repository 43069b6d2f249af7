"""Bringing music here in a browser: with one form, or file by file; nothing is lost on the way."""

import re
from html import unescape
from pathlib import Path
from typing import Any

from sqlalchemy import select
from starlette.testclient import TestClient

from assent.catalogue import tables
from assent.catalogue.site_tables import recording_pages
from assent.settings import Settings
from assent.signin import tokens
from assent.signin.scopes import Scope
from assent.studio import uploads
from assent.studio.uploads_file import path_of, receiving
from tests.houses import write_wav
from tests.web.conftest import Staged, csrf_of, submit

SCRIPT = "<script>alert(1)</script>"


def csrf(client: TestClient) -> str:
    return csrf_of(client.get("/studio/upload").text)


def bring(client: TestClient, *files: tuple[str, bytes], once: str = "", **fields: Any) -> Any:
    sent = [("files", (name, data, "audio/wav")) for name, data in files]
    said = {"csrf": csrf(client), "once": once, "visibility": "public", **fields}
    return client.post("/studio/upload", data=said, files=sent)


def arrived(staged: Staged, data: bytes, name: str = "tide.wav", who: str = "Wren") -> str:
    account = staged.people[who].account
    one = uploads.begin(staged.house, account, name, len(data))
    with receiving(path_of(staged.house, one.id), len(data), 0) as part:
        part.write(data)
    return one.id


def api(client: TestClient, path: str, **said: object) -> Any:
    return client.post(f"/api{path}", json=said, headers={"x-csrf": csrf(client)})


def titles(staged: Staged) -> list[str]:
    recordings = tables.recordings.c
    with staged.house.reading() as connection:
        query = select(recordings.title).order_by(recordings.number)
        return list(connection.execute(query).scalars())[3:]


def test_the_page_says_what_happens_to_what_is_brought(staged: Staged) -> None:
    page = staged.client("Wren").get("/studio/upload").text
    assert "fingerprinted to find copies. A fingerprint is not training." in page
    assert "no generative AI gets it without a yes" in page
    assert staged.client("Lio").get("/studio/upload").status_code == 403
    assert staged.client().get("/studio/upload").status_code == 303


def test_several_files_come_with_one_form_and_the_broken_one_stays(
    staged: Staged, tmp_path: Path
) -> None:
    client = staged.client("Wren")
    one = write_wav(tmp_path / "one.wav", 610).read_bytes()
    two = write_wav(tmp_path / "two.wav", 620).read_bytes()
    answer = bring(
        client,
        ("شاطئ.wav", one),
        ("broken.wav", two[: len(two) // 2]),
        ("潮 👩‍👧.wav", two),
        licence="CC-BY-4.0",
        downloads="yes",
        holder_name=["Wren", "Mara Fen", ""],
        holder_share=["60%", "40%", ""],
        holder_role=["", "producer", ""],
        holder_where=["", "", ""],
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/studio/upload")
    assert titles(staged) == ["شاطئ", "潮 👩‍👧"]
    page = client.get("/studio/upload").text
    assert "“شاطئ” is here, and everybody can hear it." in page
    assert "One file needs another look; nothing of it is lost." in page
    assert "&#39;broken.wav&#39; is cut off: its end is missing." in page
    # nothing that is said of it would make it whole, so it can only be dropped
    assert re.findall(r'href="/studio/upload/([0-9a-f]+)"', page) == []
    (left,) = re.findall(r'action="/studio/upload/([0-9a-f]+)/drop"', page)
    assert (
        "Nothing that you could say of it would help." in client.get(f"/studio/upload/{left}").text
    )
    (row,) = client.get("/studio/upload.json").json()["under_way"]
    assert row["state"] == "broken"


def test_what_was_said_of_a_file_that_waits_is_shown_again(staged: Staged, tmp_path: Path) -> None:
    client = staged.client("Wren")
    data = write_wav(tmp_path / "one.wav", 610).read_bytes()
    bring(
        client,
        ("one.wav", data),
        artist="Mara Fen",
        licence="CC-BY-4.0",
        holder_name=["Wren", "Mara Fen", ""],
        holder_share=["60%", "40%", ""],
        holder_role=["", "producer", ""],
        holder_where=["", "", ""],
    )
    page = client.get("/studio/upload").text
    (left,) = re.findall(r'href="/studio/upload/([0-9a-f]+)"', page)
    assert "Say more and try again" in page
    typed = client.get(f"/studio/upload/{left}").text
    assert 'value="Mara Fen"' in typed
    assert 'value="40%"' in typed
    assert '<option value="CC-BY-4.0" selected>' in typed


def test_what_is_here_whole_is_brought_with_the_same_button(staged: Staged, tmp_path: Path) -> None:
    client = staged.client("Wren")
    for name, hz in (("one.wav", 610), ("two.wav", 620)):
        arrived(staged, write_wav(tmp_path / name, hz).read_bytes(), name)
    uploads.begin(staged.house, staged.people["Wren"].account, "half.wav", 100)
    page = client.get("/studio/upload").text
    assert "2 files are ready, and not on the site yet" in page
    assert page.count("Finish it") == 2
    assert "Say more and try again" not in page
    assert " required " not in page.split('type="file"')[1].split(">")[0]
    ready = re.findall(r'name="ready" value="([0-9a-f]+)" form="upload"', page)
    third = write_wav(tmp_path / "three.wav", 630).read_bytes()
    answer = bring(client, ("three.wav", third), ready=[*ready, "0" * 32], licence="CC-BY-4.0")
    assert answer.headers["location"] == "/studio"
    assert sorted(titles(staged)) == ["one", "three", "two"]
    assert [it["name"] for it in client.get("/studio/upload.json").json()["under_way"]] == [
        "half.wav"
    ]


def test_nobody_brings_what_another_has_ready(staged: Staged, tmp_path: Path) -> None:
    hers = arrived(staged, write_wav(tmp_path / "one.wav", 610).read_bytes())
    bring(staged.client("Mara Fen"), ready=hers)
    assert titles(staged) == []
    assert len(uploads.under_way(staged.house, staged.people["Wren"].account)) == 1


def test_the_same_form_twice_brings_nothing_twice(staged: Staged, tmp_path: Path) -> None:
    client = staged.client("Wren")
    data = write_wav(tmp_path / "one.wav", 610).read_bytes()
    for _ in range(2):
        assert bring(client, ("one.wav", data), once="n1").headers["location"] == "/studio"
    assert "nothing was done twice" in client.get("/studio").text
    assert titles(staged) == ["one"]
    assert uploads.under_way(staged.house, staged.people["Wren"].account) == []


def test_a_form_that_is_not_ours_brings_nothing(staged: Staged, tmp_path: Path) -> None:
    client = staged.client("Wren")
    data = write_wav(tmp_path / "one.wav", 610).read_bytes()
    assert bring(client, ("one.wav", data), csrf="guess").status_code == 403
    assert titles(staged) == []
    assert staged.client().post("/studio/upload", data={}).status_code == 401


def test_what_was_typed_wrong_costs_no_file(staged: Staged, tmp_path: Path) -> None:
    client = staged.client("Wren")
    data = write_wav(tmp_path / "one.wav", 610).read_bytes()
    bring(client, ("one.wav", data), holder_name="Wren", holder_share="much")
    assert titles(staged) == []
    page = client.get("/studio/upload").text
    assert "is no share" in page
    (left,) = re.findall(r'href="/studio/upload/([0-9a-f]+)"', page)
    assert submit(client, f"/studio/upload/{left}/finish", title="Tide").status_code == 303
    assert titles(staged) == ["Tide"]


def test_no_file_at_all_is_told(staged: Staged) -> None:
    client = staged.client("Wren")
    bring(client)
    assert "Choose at least one file." in client.get("/studio/upload").text


def test_a_file_that_is_too_large_is_told_and_the_others_come(
    staged: Staged, tmp_path: Path
) -> None:
    house, client = staged.house, staged.client("Wren")
    house.settings = Settings(data=house.settings.data, largest_upload_mb=1)
    small = write_wav(tmp_path / "one.wav", 610).read_bytes()
    bring(client, ("large.wav", bytes((1 << 20) + 1)), ("one.wav", small))
    page = unescape(client.get("/studio/upload").text)
    assert "“large.wav”: it is larger than 1 MB, which is the most." in page
    assert titles(staged) == ["one"]
    answer = bring(client, *((f"{n}.wav", bytes(1 << 20)) for n in range(6)))
    assert answer.status_code == 303
    assert "larger together" in client.get("/studio/upload").text


def test_a_program_finishes_an_upload_and_is_told_what_became_of_it(
    staged: Staged, tmp_path: Path
) -> None:
    data = write_wav(tmp_path / "one.wav", 610).read_bytes()
    account, one = staged.people["Wren"].account, arrived(staged, data)
    _, secret = tokens.make(staged.house, account, "mine", frozenset({Scope.UPLOAD}), None)
    client = staged.client()
    client.headers["authorization"] = f"Bearer {secret}"
    answer = client.post(
        f"/api/studio/upload/{one}/finish",
        json={
            "title": "Tide",
            "visibility": "private",
            "made_with": [{"part": "lyrics", "name": "Rhymer 3"}],
            "holders": [{"name": "Wren", "share": "50%", "role": "writer"}],
        },
    )
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["title"], done["is_public"], done["waits"]) == ("Tide", False, False)
    again = client.post(f"/api/studio/upload/{one}/finish", json={}).json()
    assert again["recording"] == done["recording"]
    with staged.house.reading() as connection:
        assert connection.execute(select(tables.disclosures.c.made_with)).scalar_one() == (
            '[{"role": "lyrics", "tool": "Rhymer 3", "voice": "none"}]'
        )


def test_a_refused_upload_is_shown_again_with_what_was_typed(staged: Staged) -> None:
    client, one = staged.client("Wren"), arrived(staged, b"no audio")
    answer = submit(
        client,
        f"/studio/upload/{one}/finish",
        title=SCRIPT,
        about=SCRIPT,
        artist="Wren",
        isrc=SCRIPT,
        holder_name=SCRIPT,
        holder_share="50%",
        holder_role=SCRIPT,
        tools="some",
        tool_name=SCRIPT,
        tool_part="vocals",
        tool_voice="permitted",
    )
    assert answer.status_code == 422
    assert SCRIPT not in answer.text
    assert answer.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 5
    assert 'value="some" checked' in answer.text
    assert '<option value="permitted" selected>' in answer.text


def test_what_was_brought_before_leads_to_it(staged: Staged, tmp_path: Path) -> None:
    client = staged.client("Wren")
    data = write_wav(tmp_path / "one.wav", 610).read_bytes()
    bring(client, ("one.wav", data))
    bring(client, ("copy.wav", data))
    page = unescape(client.get("/studio/upload").text)
    assert "You brought this before: it is here as “one”." in page
    assert 'href="/studio/r/r3"' in page


def test_the_music_of_somebody_else_is_told_what_follows(staged: Staged, tmp_path: Path) -> None:
    data = write_wav(tmp_path / "one.wav", 610).read_bytes()
    bring(staged.client("Mara Fen"), ("hers.wav", data))
    client = staged.client("Wren")
    bring(client, ("mine.wav", data))
    page = client.get("/studio").text
    assert "a person looks at it first, and until then nobody else hears it" in page
    assert ">waiting<" in page
    assert "waits for" not in page


def test_a_name_of_somebody_else_is_refused(staged: Staged, tmp_path: Path) -> None:
    data = write_wav(tmp_path / "one.wav", 610).read_bytes()
    one = arrived(staged, data)
    answer = submit(staged.client("Wren"), f"/studio/upload/{one}/finish", artist="Mara Fen")
    assert answer.status_code == 403
    assert "is somebody else&#39;s name here" in answer.text
    assert titles(staged) == []


def test_nobody_sees_finishes_or_drops_the_upload_of_another(
    staged: Staged, tmp_path: Path
) -> None:
    one = arrived(staged, write_wav(tmp_path / "one.wav", 610).read_bytes())
    other = staged.client("Mara Fen")
    assert other.get(f"/studio/upload/{one}").status_code == 404
    assert other.get(f"/studio/upload/{one}.json").status_code == 404
    assert submit(other, f"/studio/upload/{one}/finish").status_code == 404
    assert submit(other, f"/studio/upload/{one}/drop").status_code == 404
    assert api(other, f"/studio/upload/{one}/drop").status_code == 404
    assert one not in other.get("/studio/upload.json").text
    mine = staged.client("Wren")
    assert mine.get("/studio/upload.json").json()["under_way"][0]["id"] == one
    assert submit(mine, f"/studio/upload/{one}/drop").status_code == 303
    assert mine.get("/studio/upload.json").json()["under_way"] == []


def test_a_private_upload_is_private_from_the_first_moment(staged: Staged, tmp_path: Path) -> None:
    data = write_wav(tmp_path / "one.wav", 610).read_bytes()
    bring(staged.client("Wren"), ("one.wav", data), visibility="private")
    with staged.house.reading() as connection:
        rows = connection.execute(select(recording_pages)).all()
    assert [(row.recording, row.visibility) for row in rows] == [("r3", "private")]
    assert staged.client("Mara Fen").get("/studio/r/r3").status_code == 404
