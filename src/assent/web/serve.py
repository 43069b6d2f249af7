"""Serving a face until somebody says stop.

What was begun is answered before the end. Nothing is printed; errors go to the logging of Python,
which shows them on stderr.
"""

import socket
from collections.abc import Callable
from contextlib import suppress

from starlette.types import ASGIApp
from uvicorn import Config, Server

from assent.errors import CouldNot

__all__ = ["listen", "serve", "server_of"]

_LAST_WORDS_S = 5
_BACKLOG = 2048
_LAST_PORT = 65_535


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections.

    Args:
        host: The address of this machine to listen at, or its name.
        port: Where; 0 for one that is free.

    Raises:
        CouldNot: It is taken, not allowed, or no address of this machine.
    """
    try:
        if not 0 <= port <= _LAST_PORT:  # a resolver would cut it down to 16 bits
            raise OSError(f"ports are numbers up to {_LAST_PORT}")
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        listening = socket.create_server(address, family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        raise CouldNot(f"cannot listen at {host}:{port}: {error}", host=host, port=port) from error
    # taken over by each connection; asyncio sets it only on sockets that name their protocol, and
    # without it an answer's second packet waits 40 ms for the first to be acknowledged
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def server_of(app: ASGIApp) -> Server:
    """Return a server of a face; it prints nothing and names nothing of itself."""
    config = Config(
        app,
        access_log=False,
        lifespan="off",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_LAST_WORDS_S,
        ws="none",
    )
    return Server(config)


def serve(app: ASGIApp, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve until Ctrl-C, or until the process is asked to end.

    Args:
        app: The face.
        host: The address of this machine to listen at, or its name.
        port: Where; 0 for one that is free.
        ready: Called with the port once it is open.

    Raises:
        CouldNot: It cannot listen there.
    """
    with listen(host, port) as listening:
        ready(listening.getsockname()[1])
        with suppress(KeyboardInterrupt):  # the server ends in order and then raises it again
            server_of(app).run(sockets=[listening])
