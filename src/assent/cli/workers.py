"""Processes that answer beside the first one, at the same socket.

Each opens the platform for itself; words follow the events in all of them within a second, and the
catalogue has one writer at a time, so none has to tell another. One that dies is begun again; all
end with the first, also where that is killed.
"""

import multiprocessing
import signal
import socket
from contextlib import closing, suppress
from multiprocessing.process import BaseProcess
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

from assent.cli.background import Background
from assent.cli.output import say
from assent.settings import Settings

if TYPE_CHECKING:
    from uvicorn import Server

    from assent.acts.house import House
    from assent.acts.logs import Logs

__all__ = ["Workers", "serving"]

_LOOK_EVERY_S = 1.0
_PATIENCE_S = 15.0


def serving(house: "House", logs: "Logs", url: str, listening: socket.socket) -> None:
    """Answer at a socket until this process is asked to end.

    Args:
        house: The platform.
        logs: Its logs.
        url: Its public address.
        listening: The socket.
    """
    from assent.web.app import platform_app
    from assent.web.serve import server_of
    from assent.web.site import Site

    with closing(Site(house, logs, url)) as site, suppress(KeyboardInterrupt):
        server = server_of(platform_app(site))
        _end_with_the_first(server)
        server.run(sockets=[listening])  # ends in order, then raises the interrupt again


class Workers(Background):
    """Keeps processes answering while a block lasts.

    Args:
        settings: Where the platform is.
        url: Its public address.
        listening: The socket that all answer at.
        count: How many processes there are beside this one.
    """

    def __init__(self, settings: Settings, url: str, listening: socket.socket, count: int) -> None:
        super().__init__("workers")
        self._given = (settings, url, listening)
        self._count = count
        self._processes: list[BaseProcess] = []

    def __enter__(self) -> Self:
        self._processes = [self._begun() for _ in range(self._count)]
        return super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(_PATIENCE_S)
            if process.is_alive():
                process.kill()

    def _begun(self) -> BaseProcess:
        # spawned, as a copy of this process would share its connections and its threads' locks
        process = multiprocessing.get_context("spawn").Process(target=_work, args=self._given)
        process.start()
        return process

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_EVERY_S):
            for place, process in enumerate(self._processes):
                if not process.is_alive():
                    say(f"A process that answers has ended ({process.exitcode}); another begins.")
                    self._processes[place] = self._begun()


def _work(settings: Settings, url: str, listening: socket.socket) -> None:
    from assent.acts.house import House
    from assent.acts.logs import Logs

    # Ctrl-C reaches all processes of a terminal; the first one ends the others
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    with suppress(KeyboardInterrupt), closing(House.open(settings)) as house:
        serving(house, Logs(house), url, listening)


def _as_ctrl_c(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _end_with_the_first(server: "Server") -> None:
    """Let a process end where the one that began it is gone, however that came."""
    first = multiprocessing.parent_process()
    if first is None:
        return

    def wait() -> None:
        first.join()
        server.should_exit = True

    Thread(target=wait, name="parent", daemon=True).start()
