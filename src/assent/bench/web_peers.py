"""What the site is measured beside: an app that says hello, and a server of plain files.

The hello of a bare Starlette under the same server is what this machine can do at most with Python;
nginx gives the same range of the same sound from the disk, with no seal to open and no right to
check.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from socket import create_server
from tempfile import TemporaryDirectory

from assent.clock import monotonic_s
from assent.errors import CouldNot

__all__ = ["HELLO", "NGINX", "free_port", "hello", "nginx", "wait_for"]

HELLO = "bare Starlette that says hello"
NGINX = "nginx, from a plain file" if which("nginx") else "nginx, not installed"

_PATIENCE_S = 60.0
_APP = """
import os, socket, sys
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn import Config, Server
app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("hello"))])
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=2048)
listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
forks = int(sys.argv[2]) - 1
while forks and os.fork():
    forks -= 1
Server(Config(app, access_log=False, log_config=None, lifespan="off")).run(sockets=[listening])
"""
_CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 128; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@contextmanager
def hello(workers: int) -> Iterator[str]:
    """Give the address of an app that says hello."""
    with TemporaryDirectory(prefix="assent-bench-") as folder:
        Path(folder, "hello.py").write_text(_APP)
        port = free_port()
        command = [sys.executable, "hello.py", str(port), str(workers)]
        with _running(command, Path(folder), port) as url:
            yield url


@contextmanager
def nginx(root: Path) -> Iterator[str | None]:
    """Give the address of nginx that serves the files of a folder; None where it is not there."""
    found = which("nginx")
    if found is None:
        yield None
        return
    with TemporaryDirectory(prefix="assent-bench-") as folder:
        port = free_port()
        config = Path(folder, "nginx.conf")
        config.write_text(_CONFIG.format(folder=folder, port=port, root=root))
        Path(folder).chmod(0o755)  # it reads as another user where it is begun as root
        with _running([found, "-p", folder, "-c", str(config)], Path(folder), port) as url:
            yield url


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def wait_for(port: int, process: "subprocess.Popen[str]") -> None:
    """Wait until somebody listens at a port.

    Raises:
        CouldNot: The process has ended, or takes too long.
    """
    from socket import create_connection

    since = monotonic_s()
    while monotonic_s() - since < _PATIENCE_S and process.poll() is None:
        try:
            create_connection(("127.0.0.1", port), timeout=0.2).close()
        except OSError:
            continue
        return
    raise CouldNot(f"{process.args!r} does not listen")


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[str]:
    process = subprocess.Popen(  # noqa: S603  # a peer that was asked for
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # so that what it forks ends with it
    )
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
