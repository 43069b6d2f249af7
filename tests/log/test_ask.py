import socket
from collections.abc import Callable, Iterator
from threading import Event
from time import monotonic, sleep

import pytest

from assent.log.ask import Asker, Reply, in_time
from tests.web.served import a_free_port, always, answering, says, whole

MOST = 1000


@pytest.fixture
def asker() -> Iterator[Asker]:
    made = Asker(0.3)
    yield made
    made.close()


def test_what_is_there_comes_back_whole(asker: Asker) -> None:
    with answering(always(says(b"x" * MOST))) as url:
        assert asker.get(url, MOST) == b"x" * MOST
        assert asker.get(url, MOST - 1) is None, "more than was asked for"


def test_what_is_sent_arrives_and_any_status_comes_back(asker: Asker) -> None:
    asked = list[bytes]()

    def say(connection: socket.socket, head: bytes) -> None:
        asked.append(whole(connection, head))
        connection.sendall(says(b"12\n", status=409))

    with answering(say) as url:
        reply = asker.post(f"{url}/there", MOST, b"the body", "text/plain")
    assert reply == Reply(status=409, body=b"12\n")
    assert asked[0].endswith(b"\r\n\r\nthe body")
    assert asked[0].startswith(b"POST /there HTTP/1.1\r\n")
    assert b"content-type: text/plain\r\n" in asked[0]
    assert b"accept-encoding: identity\r\n" in asked[0]


@pytest.mark.parametrize("status", [204, 301, 404, 500])
def test_only_what_is_there_is_got(status: int, asker: Asker) -> None:
    elsewhere = "Location: http://127.0.0.1:9/\r\n"
    with answering(always(says(b"", status=status, headers=elsewhere))) as url:
        assert asker.get(url, MOST) is None
        assert asker.post(url, MOST, b"", "text/plain") == Reply(status=status, body=b"")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
        b"HTTP/1.1 200 OK\r\n\xff\xfe: \x00\r\n\r\n",
        says(b"\x1f\x8b\x08", headers="Content-Encoding: gzip\r\n"),
        says(b"x", headers="Content-Encoding: rubbish\r\n"),
    ],
)
def test_rubbish_is_no_answer(answer: bytes, asker: Asker) -> None:
    with answering(always(answer)) as url:
        assert asker.get(url, MOST) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nowhere",
        "//x",
        "ftp://127.0.0.1/",
        "file:///etc/hostname",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://\udcff.example/",
        "http://xn--0.example/",
        "http://" + "a" * 300 + ".invalid/",
        "http://127.0.0.1/" + "a" * 70_000,
    ],
)
def test_an_address_that_is_none_has_no_answer(url: str, asker: Asker) -> None:
    assert asker.get(url, MOST) is None


def test_nobody_there_is_no_answer(asker: Asker) -> None:
    assert asker.get(f"http://127.0.0.1:{a_free_port()}/", MOST) is None


def test_nothing_is_asked_once_it_is_closed() -> None:
    with answering(always(says(b"there"))) as url:
        asker = Asker(0.3)
        assert asker.get(url, MOST) == b"there"
        asker.close()
        asker.close()
        assert asker.get(url, MOST) is None


def drip(piece: bytes) -> Callable[[socket.socket, bytes], None]:
    """Say a little now and then, so that no single wait is long."""

    def say(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        for _wait in range(100):
            connection.sendall(piece)
            sleep(0.05)

    return say


def silent(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


@pytest.mark.parametrize("say", [drip(b"x"), silent])
def test_an_answer_that_takes_too_long_is_none(
    say: Callable[[socket.socket, bytes], None], asker: Asker
) -> None:
    began = monotonic()
    with answering(say) as url:
        assert asker.get(url, MOST) is None
    assert monotonic() - began < 2


def test_what_comes_in_time_comes_as_it_comes_and_the_rest_is_dropped() -> None:
    second, never = Event(), Event()
    began = monotonic()

    def slow() -> str:
        second.wait(5)
        return "second"

    def dead() -> str:
        never.wait(5)
        return "never"

    found = list[str]()
    for came in in_time([dead, slow, lambda: "first"], 0.5):
        found.append(came)
        second.set()
    never.set()
    assert found == ["first", "second"]
    assert 0.4 < monotonic() - began < 3


def test_nothing_to_do_takes_no_time() -> None:
    assert list(in_time(list[Callable[[], int]](), 60)) == []
