"""How fast the site answers, at three sizes, beside what this machine could do at most.

A real server in processes of its own, asked by another process on the same cores, so both share
them. The home page, the page of a recording, "What AI may do" of a holder of two hundred, a range
of sound; then how soon an answer begins, and what an upload of 100 MB takes of memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from assent.bench.row import Row
from assent.bench.web_catalogue import made_platform
from assent.bench.web_load import Load, asker, first_byte_ms, load
from assent.bench.web_peers import HELLO, NGINX, hello, nginx
from assent.bench.web_server import Served, Visitor, served, upload_growth_mb, visitor

__all__ = ["rows"]

_SIZES, _QUICK_SIZES = (1_000, 100_000, 1_000_000), (1_000,)
_WORKERS, _QUICK_WORKERS = (1, 2), (1,)
_SECONDS, _QUICK_SECONDS = 5.0, 1.0
_FIRST_BYTE_MS = 50.0
_UPLOAD_MB, _QUICK_UPLOAD_MB = 100, 12
_MOST_GROWTH_MB = 32.0
"""Room for the blocks under way; a copy of the file would be over."""
_LEAST_MB = 0.001
"""The system counts in kilobytes; less is not told from nothing."""
_RANGE = {"Range": "bytes=1000000-1065535"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """Something to ask for: what it is called, where it is, and what is sent along."""

    name: str
    path: str
    headers: dict[str, str]


def rows(quick: bool = False) -> list[Row]:  # noqa: FBT001, FBT002  # how all benches are asked
    """Measure.

    Args:
        quick: One small size, for trying it out.
    """
    found: list[Row] = []
    seconds = _QUICK_SECONDS if quick else _SECONDS
    workers = _QUICK_WORKERS if quick else _WORKERS
    limits = {count: _limit(count, seconds) for count in workers}
    sizes = _QUICK_SIZES if quick else _SIZES
    for size in sizes:
        with made_platform(size) as data:
            who = visitor(data)
            for count in workers:
                with served(data, count) as server:
                    found += _loaded(server, who, size, seconds, limits[count])
                    if count == 1:
                        found += _begins(server, who, size)
                        if size == sizes[0]:
                            found += _upload(server, who, quick=quick)
    return found


def _limit(workers: int, seconds: float) -> Load:
    with hello(workers) as url:
        return load(f"{url}/", seconds)


def _pages(server: Served, who: Visitor, size: int) -> Iterator[_Page]:
    middle = f"r{size // 2}"
    yield _Page(name="home", path="/", headers={})
    yield _Page(name="a recording", path=f"/r/{middle}", headers={})
    yield _Page(name="What AI may do", path="/ai", headers={"Cookie": who.cookie})
    yield _Page(name="64 KiB of sound", path=who.audio, headers=dict(_RANGE))


def _loaded(server: Served, who: Visitor, size: int, seconds: float, limit: Load) -> Iterator[Row]:
    of = f"{size:,} recordings, {server.workers} worker{'s' * (server.workers > 1)}"
    for page in _pages(server, who, size):
        is_sound = "Range" in page.headers
        peer, name = (_plain_range(seconds), NGINX) if is_sound else (limit, HELLO)
        ours = load(server.url + page.path, seconds, page.headers)
        theirs = (None, None, None) if peer is None else (peer.requests_s, peer.p50_ms, peer.p99_ms)
        figures = zip(
            ("a second", "p50", "p99"),
            ("requests/s", "ms", "ms"),
            (ours.requests_s, ours.p50_ms, ours.p99_ms),
            theirs,
            strict=True,
        )
        for what, unit, our, their in figures:
            yield Row(
                what=f"{page.name}, {of}: {what}, asked by {asker()}",
                unit=unit,
                ours=our,
                peer=their,
                peer_name=name,
                higher_is_better=unit == "requests/s",
            )


def _plain_range(seconds: float) -> Load | None:
    with TemporaryDirectory(prefix="assent-bench-") as folder:
        root = Path(folder)
        root.chmod(0o755)  # nginx reads as another user where it is begun as root
        (root / "sound.wav").write_bytes(bytes(10_000_000))
        with nginx(root) as url:
            return None if url is None else load(f"{url}/sound.wav", seconds, _RANGE)


def _begins(server: Served, who: Visitor, size: int) -> Iterator[Row]:
    for page in _pages(server, who, size):
        yield Row(
            what=f"{page.name}, {size:,} recordings: the first byte, asked alone, median of 40",
            unit="ms",
            ours=first_byte_ms(server.url + page.path, page.headers),
            goal=_FIRST_BYTE_MS,
            higher_is_better=False,
        )


def _upload(server: Served, who: Visitor, *, quick: bool) -> Iterator[Row]:
    size_mb = _QUICK_UPLOAD_MB if quick else _UPLOAD_MB
    arrived_mb, taken_in_mb = upload_growth_mb(server, who, size_mb)
    of = f"an upload of {size_mb} MB"
    yield Row(
        what=f"{of}, while it arrives: how much more memory the server has at most",
        unit="MB",
        ours=max(arrived_mb, _LEAST_MB),
        goal=_MOST_GROWTH_MB,
        higher_is_better=False,
    )
    yield Row(
        what=f"{of}, until it is measured, fingerprinted and sealed: the same",
        unit="MB",
        ours=max(taken_in_mb, _LEAST_MB),
        peer=float(size_mb),
        peer_name="the file itself, held in memory",
        higher_is_better=False,
    )
