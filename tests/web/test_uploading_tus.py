"""Uploads over a real connection that breaks, and from stock clients of tus."""

import hashlib
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from assent.errors import Busy
from assent.signin import sessions, tokens
from assent.signin.scopes import Scope
from assent.studio import uploads
from assent.studio.uploads_file import held, path_of
from assent.web.app import platform_app
from assent.web.visit import COOKIE
from tests.houses import write_wav
from tests.web.conftest import Staged
from tests.web.served import served

TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream"}


def csrf(client: TestClient) -> str:
    page = client.get("/developers").text
    return page.split('name="csrf" content="', 1)[1].split('"', 1)[0]


def uploader(staged: Staged, name: str = "Wren") -> TestClient:
    """Return a browser as our page sends: with what ties it to the session."""
    client = staged.client(name)
    client.headers["x-csrf"] = csrf(client)
    return client


def create(client: TestClient, size: int, name: str = "tide.wav") -> str:
    said = f"filename {b64encode(name.encode()).decode()},filetype YXVkaW8vd2F2"
    answer = client.post(
        "/uploads", headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": said}
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["Upload-Expires"].endswith("GMT")
    return str(answer.headers["Location"])


def patch(client: TestClient, there: str, offset: int, data: bytes, **more: str) -> Response:
    return client.patch(there, content=data, headers={**PART, "Upload-Offset": str(offset), **more})


def arrived(client: TestClient, there: str) -> int:
    answer = client.head(there, headers=TUS)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


def test_what_can_be_uploaded_how_is_said_to_everybody(staged: Staged) -> None:
    answer = staged.client().options("/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,checksum,expiration,termination"
    assert answer.headers["Tus-Max-Size"] == str(1 << 30)
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"


def test_a_file_arrives_in_parts_and_is_known_by_its_name(staged: Staged) -> None:
    client = uploader(staged)
    there = create(client, 10, "ים ‎潮 👩‍👧.wav".replace("\u200e", ""))
    assert patch(client, there, 0, b"0123").headers["Upload-Offset"] == "4"
    assert arrived(client, there) == 4
    assert patch(client, there, 4, b"456789").status_code == 204
    one = uploads.found(staged.house, staged.people["Wren"].account, there.rpartition("/")[2])
    assert (one.name, one.is_whole) == ("ים 潮 👩‍👧.wav", True)


def test_what_goes_wrong_has_its_status_and_its_sentence(staged: Staged) -> None:
    client = uploader(staged)
    there = create(client, 10)
    digest = b64encode(hashlib.sha256(b"other").digest()).decode()
    answers = {
        409: patch(client, there, 5, b"x"),
        460: patch(client, there, 0, b"x", **{"Upload-Checksum": f"sha256 {digest}"}),
        413: patch(client, there, 0, b"x" * 11),
        415: client.patch(there, content=b"x", headers={**TUS, "Upload-Offset": "0"}),
        412: client.head(there, headers={"Tus-Resumable": "0.2.2"}),
        404: patch(client, "/uploads/" + "0" * 32, 0, b"x"),
        422: client.post("/uploads", headers={**TUS, "Upload-Length": "-1"}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        if status != 412:
            assert answer.json()["error"]
    assert answers[409].headers["Upload-Offset"] == "0"
    assert answers[412].headers["Tus-Version"] == "1.0.0"
    large = client.post("/uploads", headers={**TUS, "Upload-Length": str((1 << 30) + 1)})
    assert (large.status_code, "1024 MB" in large.text) == (413, True)
    assert client.delete(there, headers=TUS).status_code == 204
    assert client.head(there, headers=TUS).status_code == 404


def test_a_part_with_its_checksum_is_taken(staged: Staged) -> None:
    client = uploader(staged)
    there = create(client, 4)
    digest = b64encode(hashlib.sha256(b"0123").digest()).decode()
    answer = patch(client, there, 0, b"0123", **{"Upload-Checksum": f"sha256 {digest}"})
    assert (answer.status_code, arrived(client, there)) == (204, 4)


def test_nobody_reaches_the_upload_of_another(staged: Staged) -> None:
    there = create(uploader(staged), 4)
    other, listener, stranger = uploader(staged, "Mara Fen"), staged.client("Lio"), staged.client()
    for client, status in ((other, 404), (listener, 403), (stranger, 401)):
        assert client.head(there, headers=TUS).status_code == status
        assert patch(client, there, 0, b"x").status_code == status
        assert client.delete(there, headers=TUS).status_code == status
    assert arrived(uploader(staged), there) == 0


def test_a_page_of_another_site_begins_no_upload(staged: Staged) -> None:
    client = staged.client("Wren")
    for headers in ({}, {"x-csrf": "guess"}):
        sent = {**TUS, "Upload-Length": "4", **headers}
        assert client.post("/uploads", headers=sent).status_code == 403
    assert uploads.under_way(staged.house, staged.people["Wren"].account) == []


def test_a_stock_client_uploads_with_a_token(staged: Staged) -> None:
    account = staged.people["Wren"].account
    for scope, status in ((Scope.READ, 403), (Scope.UPLOAD, 201)):
        _, secret = tokens.make(staged.house, account, "a client", frozenset({scope}), None)
        client = staged.client()
        client.headers["authorization"] = f"Bearer {secret}"
        answer = client.post("/uploads", headers={**TUS, "Upload-Length": "4"})
        assert answer.status_code == status


# ---- over a connection that breaks


@pytest.fixture
def port(staged: Staged) -> Iterator[int]:
    """Serve the site for real."""
    with served(platform_app(staged.site)) as address:
        yield int(address.rpartition(":")[2])


@pytest.fixture
def sending(staged: Staged, port: int) -> Callable[[str, int, int, bytes], socket.socket]:
    """Give what sends the beginning of a part over a socket."""
    account = staged.people["Wren"].account
    cookie = sessions.begin(staged.house, account, "a test", "password")
    client = staged.client()
    client.cookies.set(COOKIE, cookie)
    token = csrf(client)

    def send(there: str, offset: int, announced: int, data: bytes) -> socket.socket:
        head = (
            f"PATCH {there} HTTP/1.1\r\nHost: testserver\r\nTus-Resumable: 1.0.0\r\n"
            f"Cookie: {COOKIE}={cookie}\r\nX-CSRF: {token}\r\n"
            f"Content-Type: application/offset+octet-stream\r\n"
            f"Upload-Offset: {offset}\r\nContent-Length: {announced}\r\n\r\n"
        )
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(head.encode() + data)
        return connection

    return send


def wait_for(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        sleep(0.02)
    raise AssertionError("it does not come to be")


def is_arriving(staged: Staged, there: str) -> bool:
    try:
        with held(path_of(staged.house, there.rpartition("/")[2])):
            return False
    except Busy:
        return True


def test_a_connection_lost_in_the_middle_loses_nothing_that_arrived(
    staged: Staged, sending: Callable[..., socket.socket], tmp_path: Path
) -> None:
    data = write_wav(tmp_path / "tide.wav", 700.0, seconds=30).read_bytes()
    client = uploader(staged)
    there = create(client, len(data))
    half = len(data) // 2
    sending(there, 0, len(data), data[:half]).close()
    wait_for(lambda: arrived(client, there) == half)
    # the same once more, from where it broke
    rest = data[half:]
    with sending(there, half, len(rest), rest) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 204")
    assert path_of(staged.house, there.rpartition("/")[2]).read_bytes() == data


def test_while_one_part_arrives_another_is_told_to_wait(
    staged: Staged, sending: Callable[..., socket.socket]
) -> None:
    client = uploader(staged)
    there = create(client, 10)
    with sending(there, 0, 10, b"0123"):
        wait_for(lambda: is_arriving(staged, there))
        assert patch(client, there, 0, b"x").status_code == 423
    wait_for(lambda: arrived(client, there) == 4)
    assert patch(client, there, 4, b"456789").status_code == 204


def test_slow_uploads_keep_nothing_of_the_catalogue_from_others(
    staged: Staged, sending: Callable[..., socket.socket]
) -> None:
    """More of them at once than the catalogue has connections."""
    client = uploader(staged)
    wheres = [create(client, 10) for _ in range(20)]
    slow = [sending(there, 0, 10, b"0") for there in wheres]
    try:
        wait_for(lambda: all(is_arriving(staged, there) for there in wheres))
        assert client.get("/developers").status_code == 200
    finally:
        for connection in slow:
            connection.close()
