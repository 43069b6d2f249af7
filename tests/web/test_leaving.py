"""Somebody leaves by the page: with everything, by their own hand, and with a receipt."""

import io
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.accounts import Role
from assent.acts.upload import Work, upload
from assent.catalogue import site_tables, tables
from assent.log.policy import parse_policy
from assent.log.receipt import check_receipt
from assent.signin import credentials, tokens
from assent.signin.members import join
from assent.signin.scopes import Scope
from assent.studio import uploads
from assent.studio.uploads_file import folder_of
from tests.houses import write_wav
from tests.web.conftest import Staged, submit

PASSWORD = "a long enough secret"  # of nobody


@pytest.fixture
def leaver(staged: Staged, tmp_path: Path) -> str:
    """Give the name of somebody with a password, a recording and a file on its way."""
    staged.people["Ío Ahn"] = join(staged.house, "Ío Ahn", Role.ARTIST, PASSWORD)
    path = write_wav(tmp_path / "io.wav", 900)
    made = upload(staged.house, path, Work(artist="Ío Ahn", title="مدّ"), "Ío Ahn")
    staged.recordings["Ío Ahn"] = [made.recording]
    uploads.begin(staged.house, staged.people["Ío Ahn"].account, "half.wav", 100)
    return "Ío Ahn"


def is_there(staged: Staged, name: str) -> bool:
    with staged.house.reading() as connection:
        query = select(tables.accounts.c.id).where(tables.accounts.c.name == name)
        return connection.execute(query).first() is not None


def test_the_page_says_what_goes_and_what_stays(staged: Staged, leaver: str) -> None:
    page = staged.client(leaver).get("/leave").text
    assert "1 recording goes" in page
    assert "There is no way back" in page
    assert "Ío Ahn" in page
    assert staged.client().get("/leave").status_code == 303


def test_everything_can_be_taken_along_first(staged: Staged, leaver: str) -> None:
    answer = staged.client(leaver).get("/leave/archive.zip")
    assert answer.status_code == 200
    assert (
        "filename*=UTF-8''%C3%8Do%20Ahn%202031-03-01.zip" in answer.headers["content-disposition"]
    )
    with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
        assert found.testzip() is None
        assert f"audio/{staged.recordings[leaver][0]} مدّ.wav" in found.namelist()
    assert staged.client().get("/leave/archive.zip").status_code == 303


def test_neither_a_token_nor_an_open_browser_takes_everything_along(
    staged: Staged, leaver: str
) -> None:
    client, account = staged.client(leaver), staged.people[leaver].account
    scopes = frozenset(Scope) - {Scope.STAFF}
    _, secret = tokens.make(staged.house, account, "all", scopes)
    bearer = {"authorization": f"Bearer {secret}"}
    by_token = staged.client().get("/leave/archive.zip", headers=bearer)
    assert (by_token.status_code, "not a token" in by_token.text) == (403, True)
    staged.clock.turn(minutes=11)
    refused = client.get("/leave/archive.zip")
    assert (refused.status_code, "show first that it is you" in refused.text.lower()) == (403, True)
    assert "/leave/archive.zip" not in client.get("/leave").text
    answer = submit(client, "/account/confirm", password=PASSWORD, next="/leave")
    assert (answer.status_code, answer.headers["location"]) == (303, "/leave")
    assert "/leave/archive.zip" in client.get("/leave").text
    assert client.get("/leave/archive.zip").status_code == 200


def test_whoever_leaves_is_gone_and_has_a_receipt(staged: Staged, leaver: str) -> None:
    client = staged.client(leaver)
    answer = submit(client, "/leave", name=" ío  ahn ", password=PASSWORD)
    assert answer.status_code == 303
    there = answer.headers["location"]
    assert there.startswith("/left/")
    assert not is_there(staged, leaver)
    page = client.get(there)
    assert page.status_code == 200
    assert "1 recording is gone" in page.text
    receipt = client.get(f"{there}/receipt.tlog-proof")
    policy = parse_policy(staged.house.settings.policy.read_bytes())
    checked = check_receipt(receipt.content, policy)
    assert (checked.reason, checked.shown) == ("ok", {})
    # nothing of it leads to them: neither sign-in nor files nor rows
    assert client.get("/leave").status_code == 303
    assert list(folder_of(staged.house).iterdir()) == []
    with staged.house.reading() as connection:
        account = staged.people[leaver].account
        for table in site_tables.OF_ACCOUNT:
            query = select(table).where(table.c.account == account)
            assert connection.execute(query).all() == []
    assert there in client.get("/left").text
    # an hour is not a time, and is not said as one
    assert "on 1 March 2031 in the hour from 12:00 UTC" in page.text
    assert "1 March 2031, in the hour from 12:00 UTC" in client.get("/left").text


def test_without_the_password_or_the_name_nobody_leaves(staged: Staged, leaver: str) -> None:
    client = staged.client(leaver)
    for fields in (
        {"name": leaver},
        {"name": leaver, "password": "something else entirely"},
        {"name": "Wren", "password": PASSWORD},
        {"name": "", "password": PASSWORD},
    ):
        answer = submit(client, "/leave", **fields)
        assert answer.status_code in {403, 422}
        assert "Nothing was changed:" in answer.text
        assert PASSWORD not in answer.text
    assert is_there(staged, leaver)


def test_passwords_are_not_guessed_here_either(staged: Staged, leaver: str) -> None:
    client = staged.client(leaver)
    answers = [
        submit(client, "/leave", name=leaver, password=f"wrong guess {n}").status_code
        for n in range(11)
    ]
    assert answers[-1] == 429
    assert is_there(staged, leaver)


def test_a_program_and_another_page_make_nobody_leave(staged: Staged, leaver: str) -> None:
    client = staged.client(leaver)
    fields = {"name": leaver, "password": PASSWORD}
    assert client.post("/leave", data={**fields, "csrf": "guess"}).status_code == 403
    assert client.post("/api/leave", json=fields).status_code in {404, 405}
    assert is_there(staged, leaver)


def test_whoever_has_no_password_shows_in_another_way_that_it_is_them(staged: Staged) -> None:
    client = staged.client("Lio")
    staged.clock.turn(minutes=11)
    page = client.get("/leave").text
    assert 'name="name"' not in page
    assert submit(client, "/leave", name="Lio").status_code == 403
    assert is_there(staged, "Lio")
    fresh = staged.client("Lio")
    assert submit(fresh, "/leave", name="Lio").status_code == 303
    assert not is_there(staged, "Lio")


def test_the_last_operator_stays(staged: Staged) -> None:
    answer = submit(staged.client("Odd"), "/leave", name="Odd")
    assert answer.status_code == 403
    assert "last operator" in answer.text
    assert is_there(staged, "Odd")


def test_no_other_event_is_shown_as_a_deletion(staged: Staged, leaver: str) -> None:
    staged.site.logs.publish()
    client = staged.client()
    for number in (1, 2, 5, 999):
        assert client.get(f"/left/{number}").status_code == 404
        assert client.get(f"/left/{number}/receipt.tlog-proof").status_code == 404
    assert "Nobody has left" in client.get("/left").text


def test_a_wrong_proof_of_sign_in_is_no_proof_to_leave(staged: Staged, leaver: str) -> None:
    assert credentials.proved(staged.house, leaver, PASSWORD) is not None
    assert submit(staged.client("Wren"), "/leave", name=leaver, password=PASSWORD).status_code in {
        403,
        422,
    }
    assert is_there(staged, leaver)
    assert is_there(staged, "Wren")
