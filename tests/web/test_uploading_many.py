"""Many files at once hold up nobody: pages answer, and who cannot be measured comes again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from assent.signin import sessions
from assent.studio import uploads
from assent.studio.measuring import measuring
from assent.web.app import platform_app
from assent.web.visit import COOKIE
from tests.houses import write_wav
from tests.web.conftest import Staged
from tests.web.served import served
from tests.web.test_uploading import arrived, bring, csrf

MANY = 50


@pytest.fixture
def files(staged: Staged, tmp_path: Path) -> list[str]:
    """Give files of Wren's that have arrived whole."""
    tones = (write_wav(tmp_path / "tone.wav", 300.0 + 7 * n).read_bytes() for n in range(MANY))
    return [arrived(staged, data) for data in tones]


def test_pages_answer_while_fifty_files_wait_to_be_measured(
    staged: Staged, files: list[str]
) -> None:
    with (
        served(platform_app(staged.site)) as address,
        httpx.Client(base_url=address, timeout=60) as anybody,
    ):
        secret = sessions.begin(staged.house, staged.people["Wren"].account, "a test", "password")
        with httpx.Client(base_url=address, cookies={COOKIE: secret}) as mine:
            token = mine.get("/studio/upload").text.split('name="csrf" value="', 1)[1]
        token = token.split('"', 1)[0]

        def finish(upload: str) -> httpx.Response:
            # a connection each, as fifty tabs would have
            return httpx.post(
                f"{address}/api/studio/upload/{upload}/finish",
                json={"title": upload},
                headers={"x-csrf": token},
                cookies={COOKIE: secret},
                timeout=120,
            )

        with ThreadPoolExecutor(MANY) as pool:
            with measuring(), measuring():  # as two long files would
                asked = [pool.submit(finish, it) for it in files]
                assert [anybody.get("/").status_code for _ in range(5)] == [200] * 5
                answers = [it.result() for it in asked]
            assert {it.status_code for it in answers} == {503}
            assert {int(it.headers["retry-after"]) > 0 for it in answers} == {True}
            assert "measuring other files" in answers[0].json()["error"]
            again = finish(files[0])
    assert again.status_code == 200, again.text
    account = staged.people["Wren"].account
    assert len(uploads.under_way(staged.house, account)) == MANY - 1


def test_a_form_of_several_files_is_measured_in_one_thread_one_by_one(
    staged: Staged, tmp_path: Path
) -> None:
    tones = [write_wav(tmp_path / f"{n}.wav", 300.0 + 7 * n).read_bytes() for n in range(5)]
    client = staged.client("Wren")
    with measuring():  # one place is enough for it
        answer = bring(client, *((f"{n}.wav", data) for n, data in enumerate(tones)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/studio")


def test_an_empty_file_is_told_off_before_it_is_sent(staged: Staged) -> None:
    client = staged.client("Wren")
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "0", "x-csrf": csrf(client)}
    answer = client.post("/uploads", headers=headers)
    assert (answer.status_code, "no bytes" in answer.json()["error"]) == (422, True)
    assert uploads.under_way(staged.house, staged.people["Wren"].account) == []
