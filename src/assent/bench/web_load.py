"""How much a server answers, and how fast: asked by wrk where it is there, by Python where not.

Who asks runs in a process of its own, and keeps a few connections busy. An answer that is no 2xx
is no answer: a page that refuses must not look fast.
"""

import re
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from json import dumps, loads
from shutil import which
from statistics import quantiles
from subprocess import run
from urllib.parse import urlsplit

from assent.clock import monotonic_s
from assent.errors import CouldNot

__all__ = ["Load", "asker", "first_byte_ms", "load"]

_CONNECTIONS = 8
_WARM = 5
_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}
_OK = 2
"""The first digit of a status that is an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a server did under load.

    Args:
        requests_s: Answers a second.
        p50_ms: Half of them came within this [ms].
        p99_ms: All but one in a hundred came within this [ms].
    """

    requests_s: float
    p50_ms: float
    p99_ms: float


def asker() -> str:
    """Return who asks on this machine."""
    return "wrk" if which("wrk") else "Python threads, for want of wrk"


def load(url: str, seconds: float, headers: Mapping[str, str] | None = None) -> Load:
    """Ask for a page over and over.

    Args:
        url: Which one.
        seconds: For how long [seconds].
        headers: What is sent along.

    Raises:
        CouldNot: Nobody answered, or something else than was asked for.
    """
    given = dict(headers or {})
    _answers(url, given, times=_WARM)  # what is made when it is first asked for is there then
    return _by_wrk(url, seconds, given) if which("wrk") else _by_python(url, seconds, given)


def first_byte_ms(url: str, headers: Mapping[str, str] | None = None, times: int = 40) -> float:
    """Return after how long an answer begins, for one who asks alone: the median [ms].

    Raises:
        CouldNot: Nobody answered, or something else than was asked for.
    """
    waited = sorted(_answers(url, dict(headers or {}), times=times))
    return waited[len(waited) // 2]


def _by_wrk(url: str, seconds: float, headers: Mapping[str, str]) -> Load:
    said = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    many = ["-t", "1", "-c", str(_CONNECTIONS), "-d", f"{max(1, round(seconds))}s", "--latency"]
    ran = run(["wrk", *many, *said, url], capture_output=True, text=True, check=False)  # noqa: S603, S607  # a bench's own tool
    text = ran.stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", text)
    slow = dict(re.findall(r"^\s+(50|99)%\s+([\d.]+(?:us|ms|s|m))\s*$", text, re.MULTILINE))
    if ran.returncode or found is None or len(slow) != 2 or "Non-2xx" in text:  # noqa: PLR2004  # two percentiles
        raise CouldNot(f"{url} could not be measured: {text.strip() or ran.stderr.strip()}")
    return Load(requests_s=float(found[1]), p50_ms=_ms(slow["50"]), p99_ms=_ms(slow["99"]))


def _ms(text: str) -> float:
    """Return a time that wrk wrote [ms].

    >>> _ms("1.50s"), _ms("812.00us")
    (1500.0, 0.812)
    """
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]  # matched before
    return float(number) * _UNITS_MS[unit]


def _by_python(url: str, seconds: float, headers: Mapping[str, str]) -> Load:
    given = dumps({"url": url, "seconds": seconds, "headers": dict(headers)})
    command = [sys.executable, "-m", "assent.bench.web_load"]
    ran = run(command, input=given, capture_output=True, text=True, check=False)  # noqa: S603  # this very module
    if ran.returncode:
        raise CouldNot(f"{url} could not be measured: {ran.stderr.strip()}")
    return Load(**loads(ran.stdout))


def _asked(url: str, seconds: float, headers: dict[str, str]) -> Load:
    """Ask with a few threads, in this process."""
    since = monotonic_s()
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        asking = [pool.submit(_answers, url, headers, seconds=seconds) for _ in range(_CONNECTIONS)]
        waited = [ms for one in asking for ms in one.result()]
    cuts = quantiles(waited, n=100)
    return Load(requests_s=len(waited) / (monotonic_s() - since), p50_ms=cuts[49], p99_ms=cuts[98])


def _answers(
    url: str, headers: dict[str, str], *, seconds: float = 1e9, times: int = sys.maxsize
) -> list[float]:
    """Ask over one connection; return after how long each answer began [ms]."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    until, waited = monotonic_s() + seconds, list[float]()
    try:
        while monotonic_s() < until and len(waited) < times:
            since = monotonic_s()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            waited.append(1000 * (monotonic_s() - since))
            answer.read()
            if answer.status // 100 != _OK:
                raise CouldNot(f"{url} was answered with {answer.status}")
    except (HTTPException, OSError) as error:
        raise CouldNot(f"{url} was not answered: {error}") from error
    finally:
        connection.close()
    return waited


if __name__ == "__main__":
    sys.stdout.write(dumps(asdict(_asked(**loads(sys.stdin.read())))))
