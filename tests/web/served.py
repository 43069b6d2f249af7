"""Real servers on this machine, at ports that are free."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from time import sleep

from starlette.types import ASGIApp

from assent.web.serve import listen, server_of


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Give the address of a face."""
    server = server_of(app)
    with listen("127.0.0.1", 0) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                sleep(0.005)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join()


@contextmanager
def answering(say: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """Give the address of somebody who says what he likes, in no protocol in particular.

    Args:
        say: Given a connection and the first bytes that came.
    """

    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            asked = bytearray()
            while b"\r\n\r\n" not in asked:
                piece = connection.recv(1 << 16)
                if not piece:
                    return
                asked += piece
            say(connection, bytes(asked))

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            Thread(target=talk, args=(connection,), daemon=True).start()

    listening = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def whole(connection: socket.socket, head: bytes) -> bytes:
    """All of a request whose first bytes are there."""
    top, _, body = head.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", top.lower())
    while length is not None and len(body) < int(length[1]):
        body += connection.recv(1 << 16)
    return top + b"\r\n\r\n" + body


def says(body: bytes, status: int = 200, headers: str = "") -> bytes:
    """An answer of HTTP, after which the connection is closed."""
    head = f"HTTP/1.1 {status} So\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}"
    return head.encode() + b"\r\n" + body


def always(answer: bytes) -> Callable[[socket.socket, bytes], None]:
    """Say one thing to everybody."""
    return lambda connection, _: connection.sendall(answer)


def a_free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert isinstance(port, int)
    return port
