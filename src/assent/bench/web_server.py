"""The site as it is served, in processes of its own, and those who ask it something.

The command line begins the server, as anybody would; what is asked for with a session or a link to
sound is given them the way the site gives it.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from urllib.parse import urlsplit

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.bench.web_catalogue import HOLDER, REAL, write_noise
from assent.clock import monotonic_s
from assent.errors import CouldNot
from assent.listening.hearing import may_hear
from assent.listening.links import Via, issue, sign
from assent.settings import Settings
from assent.signin import sessions, tokens
from assent.signin.members import invite
from assent.signin.scopes import Scope

__all__ = ["Served", "Visitor", "served", "upload_growth_mb", "visitor"]

_PATIENCE_S = 600.0
_QUIET_S, _BUSY = 2.0, 0.2
"""A server is at rest when it has used less than a fifth of a processor for two seconds."""
_BLOCK = 1 << 20
_SHORT_S = 30.0
_SECONDS_A_MB = 5.67
"""How long a megabyte of stereo PCM at 44.1 kHz sounds [seconds]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server that runs.

    Args:
        url: Where.
        workers: How many processes answer.
        process: The first of them.
    """

    url: str
    workers: int
    process: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who may ask for what is theirs: the holder of two hundred recordings.

    Args:
        cookie: What their browser sends.
        token: What their program sends.
        link: What opens the recording that can be heard.
    """

    cookie: str
    token: str
    link: str

    @property
    def audio(self) -> str:
        """The path of the sound."""
        return f"/r/{REAL}/audio?k={self.link}"


def visitor(data: Path) -> Visitor:
    """Let the holder of a made platform sign in."""
    house = House.open(Settings(data=data))
    try:
        account = invite(house, HOLDER, Role.ARTIST, "bench").account
        secret = sessions.begin(house, account, "bench", "password")
        _, token = tokens.make(house, account, "bench", frozenset({Scope.READ, Scope.UPLOAD}))
        with house.reading() as connection:
            hearing = may_hear(connection, REAL, None, at=house.clock())
        link = issue(hearing, Via.PLAYER, house.clock(), good_for=timedelta(days=1))
        key = house.gate.secret("audio links")
        return Visitor(cookie=f"assent={secret}", token=token, link=sign(key, link))
    finally:
        house.close()


@contextmanager
def served(data: Path, workers: int) -> Iterator[Served]:
    """Serve a platform, and wait until its server has come to rest.

    Raises:
        CouldNot: It does not begin.
    """
    command = [str(Path(sys.executable).with_name("assent")), "--data", str(data), "serve"]
    command += ["--port", "0", "--workers", str(workers), "--index-every", "86400"]
    with TemporaryDirectory(prefix="assent-bench-") as folder:
        said = Path(folder, "said.txt")
        with said.open("w") as errors:
            process = subprocess.Popen(command, stderr=errors, stdout=subprocess.DEVNULL)  # noqa: S603  # the command that people use
        try:
            url = _begun(process, said)
            _rest(process.pid)
            yield Served(url=url, workers=workers, process=process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _begun(process: "subprocess.Popen[bytes]", said: Path) -> str:
    since = monotonic_s()
    while monotonic_s() - since < _PATIENCE_S and process.poll() is None:
        found = re.search(r"The platform is at (\S+)/;", said.read_text())
        if found and _answers(found[1]):
            return found[1]
    raise CouldNot(f"the server does not begin: {said.read_text().strip()}")


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", "/about")
        return connection.getresponse().status < 500  # noqa: PLR2004  # it answers
    except OSError:
        return False
    finally:
        connection.close()


def _rest(process: int) -> None:
    """Wait until what a server does at its beginning, such as rooting all words, is done."""
    since = monotonic_s()
    while monotonic_s() - since < _PATIENCE_S:
        before, at = _processor_s(process), monotonic_s()
        sleep(_QUIET_S)
        if (_processor_s(process) - before) / (monotonic_s() - at) < _BUSY:
            return


def _processor_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def upload_growth_mb(server: Served, who: Visitor, size_mb: int) -> tuple[float, float]:
    """Upload a file as a stock client of tus does; return the growth of the server's memory [MB].

    Returns:
        The most that it had at once beyond what it had before: while the file arrived, and until it
        had become a recording, which takes measuring it and finding its fingerprint.

    Raises:
        CouldNot: The server did not take it.
    """
    with TemporaryDirectory(prefix="assent-bench-") as folder:
        # first shorter ones, so that what is loaded when it is first needed is there already
        for seed in (7, 8):
            short = write_noise(Path(folder) / f"short-{seed}.wav", _SHORT_S, seed)
            _finish(server, who, _send(server, who, short), short.stem)
        Path(f"/proc/{server.process}/clear_refs").write_text("5")  # the peak begins anew
        before = _peak_mb(server.process)
        large = write_noise(Path(folder) / "large.wav", size_mb * _SECONDS_A_MB, seed=9)
        upload = _send(server, who, large)
        arrived = _peak_mb(server.process) - before
        _finish(server, who, upload, large.stem)
        return arrived, _peak_mb(server.process) - before


def _peak_mb(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


def _send(server: Served, who: Visitor, path: Path) -> str:
    """Send a file; return the upload's id."""
    size = path.stat().st_size
    always = {"Tus-Resumable": "1.0.0"}
    at = _told(server, who, "POST", "/uploads", {**always, "Upload-Length": str(size)})
    part = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    with path.open("rb") as file:
        blocks = iter(lambda: file.read(_BLOCK), b"")
        _told(server, who, "PATCH", at, {**always, **part, "Content-Length": str(size)}, blocks)
    return at.rpartition("/")[2]


def _finish(server: Served, who: Visitor, upload: str, title: str) -> None:
    """Make a recording of what was sent."""
    said = dumps({"title": title, "licence": "CC-BY-4.0"}).encode()
    path = f"/api/studio/upload/{upload}/finish"
    _told(server, who, "POST", path, {"Content-Type": "application/json"}, [said])


def _told(  # what HTTP has
    server: Served,
    who: Visitor,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: Iterable[bytes] = (),
) -> str:
    """Tell the server something; return where its answer leads.

    Raises:
        CouldNot: It answered otherwise than that it was done.
    """
    parts = urlsplit(server.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
    given = {"Authorization": f"Bearer {who.token}", **headers}
    try:
        connection.request(method, path, body=body or None, headers=given)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        if answer.status // 100 != 2:  # noqa: PLR2004  # it was done
            raise CouldNot(f"the server answered {answer.status}: {text[:300]}")
        return answer.headers.get("Location", "")
    except OSError as error:
        raise CouldNot(f"the server did not answer: {error}") from error
    finally:
        connection.close()
