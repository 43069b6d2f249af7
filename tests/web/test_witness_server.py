import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import CouldNot, StorageFailed
from assent.log.cosignature import Cosigner, verify_cosignature
from assent.log.note import parse_note, parse_signatures
from assent.log.witness import MOST_BYTES, Evidence, Known, Records, Witness, origin_hash
from assent.log.witness_state import WitnessState
from assent.web.serve import listen
from assent.web.witness_server import witness_app
from tests.log.toy_log import AT, ORIGIN, SIGNER, ToyLog, vkeys
from tests.log.witnessed import on_time
from tests.web.served import served

COSIGNER = Cosigner.of("witness.example/w1", b"\x07" * 32)
LOG = ToyLog(60)


class Stand(NamedTuple):
    """A witness, served."""

    url: str
    state: WitnessState
    client: httpx.Client

    def add(self, body: bytes) -> httpx.Response:
        return self.client.post(f"{self.url}/add-checkpoint", content=body)

    def checkpoint(self) -> httpx.Response:
        return self.client.get(f"{self.url}/{origin_hash(ORIGIN)}/checkpoint")


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    state = WitnessState(tmp_path / "witness.sqlite")
    witness = Witness(state, [COSIGNER], vkeys(SIGNER))
    with (
        served(witness_app(witness, on_time, patience_s=0.3)) as url,
        httpx.Client(trust_env=False) as client,
    ):
        yield Stand(url, state, client)
    state.close()


def test_a_log_is_cosigned_and_shown_to_monitors(stand: Stand) -> None:
    assert stand.checkpoint().status_code == 404
    answer = stand.add(LOG.request(0, 5))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    (line,) = parse_signatures(answer.content)
    assert verify_cosignature(COSIGNER.vkey, LOG.checkpoint(5), line) == AT
    shown = stand.checkpoint()
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "text/plain; charset=utf-8"
    assert shown.headers["cache-control"] == "no-store"
    assert parse_note(shown.content).signatures[-1] == line


def test_the_size_that_is_known_has_a_type_of_its_own(stand: Stand) -> None:
    stand.add(LOG.request(0, 5))
    answer = stand.add(LOG.request(3, 7))
    assert (answer.status_code, answer.content) == (409, b"5\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"x" * (MOST_BYTES + 1), 400),
        (b"x" * (MOST_BYTES * 20), 400),
        (LOG.request(0, 5).replace(b"log.example", b"log.elsewhere"), 404),
        (LOG.request(0, 5).replace(b"\n5\n", b"\n6\n"), 403),
        (LOG.request(0, 5).replace(b"old 0\n", b"old 6\n"), 400),
        (LOG.request(0, 5).replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n"), 422),
    ],
)
def test_a_refusal_is_one_line_of_text(body: bytes, status: int, stand: Stand) -> None:
    answer = stand.add(body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.count("\n") == 1
    assert stand.checkpoint().status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "add-checkpoint", 405),
        ("POST", f"{origin_hash(ORIGIN)}/checkpoint", 405),
        ("GET", "", 404),
        ("GET", "add-checkpoint/", 404),
        ("POST", "sign-subtree", 404),
        ("GET", "x/checkpoint", 404),
        ("GET", f"{origin_hash(ORIGIN)}/tile/0/000", 404),
    ],
)
def test_anything_else_is_not_there(method: str, path: str, status: int, stand: Stand) -> None:
    answer = stand.client.request(method, f"{stand.url}/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"


def raw(url: str, sent: bytes, *, then_close: bool = False) -> bytes:
    """Send bytes, and return all that comes back."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=10) as talk:
        talk.sendall(sent)
        if then_close:
            return b""
        said = bytearray()
        while piece := talk.recv(1 << 16):
            said += piece
    return bytes(said)


HEAD = (
    b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
)


def test_a_request_that_does_not_come_to_an_end_is_refused_in_time(stand: Stand) -> None:
    began = monotonic()
    assert raw(stand.url, HEAD % 999 + b"old 0\n").startswith(b"HTTP/1.1 400 ")
    assert monotonic() - began < 3


def test_a_request_that_is_too_large_is_not_waited_for(lasting: Stand) -> None:
    began = monotonic()
    sent = HEAD % (1 << 40) + b"x" * (MOST_BYTES + 1)
    assert raw(lasting.url, sent).startswith(b"HTTP/1.1 400 ")
    assert monotonic() - began < 5


def test_who_goes_away_in_the_middle_harms_nobody(stand: Stand) -> None:
    for _ in range(5):
        raw(stand.url, HEAD % 999 + b"old 0\n", then_close=True)
    assert stand.add(LOG.request(0, 5)).status_code == 200


@given(sent=st.binary(max_size=200))
@settings(deadline=None, max_examples=60)
def test_any_request_of_any_bytes_is_survived(sent: bytes, lasting: Stand) -> None:
    answer = lasting.add(sent)
    assert answer.status_code in {400, 403, 404}
    assert lasting.client.get(f"{lasting.url}/x/checkpoint").status_code == 404


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    state = WitnessState(tmp_path_factory.mktemp("lasting") / "witness.sqlite")
    witness = Witness(state, [COSIGNER], vkeys(SIGNER))
    with served(witness_app(witness)) as url, httpx.Client(trust_env=False) as client:
        yield Stand(url, state, client)
    state.close()


def test_many_at_once_are_answered_one_after_the_other(stand: Stand) -> None:
    def climb(step: int) -> list[int]:
        old, new, signed = 0, step, list[int]()
        while new < len(LOG.entries):
            answer = stand.add(LOG.request(old, new))
            if answer.status_code == 409:
                old = int(answer.text)
                new = max(new, old)
            else:
                assert answer.status_code == 200
                signed.append(new)
                old, new = new, new + step
        return signed

    with ThreadPoolExecutor(4) as pool:
        everything = list(pool.map(climb, (1, 2, 3, 5)))
    for signed in everything:
        assert signed == sorted(signed)
    latest = stand.state.latest(ORIGIN)
    assert latest is not None
    assert latest.checkpoint.size == max(map(max, filter(None, everything)))


class FailedMemory:
    """A disk that refuses."""

    def alone(self) -> AbstractContextManager[Records]:
        raise StorageFailed("the disk failed at /var/secret")

    def latest(self, origin: str) -> Known | None:
        raise StorageFailed("the disk failed at /var/secret", origin=origin)

    def evidence(self) -> list[Evidence]:
        raise StorageFailed("the disk failed at /var/secret")


def test_a_disk_that_fails_is_not_the_logs_fault() -> None:
    witness = Witness(FailedMemory(), [COSIGNER], vkeys(SIGNER))
    with served(witness_app(witness, on_time)) as url:
        for answer in (
            httpx.post(f"{url}/add-checkpoint", content=LOG.request(0, 5), trust_env=False),
            httpx.get(f"{url}/{origin_hash(ORIGIN)}/checkpoint", trust_env=False),
        ):
            assert answer.status_code == 503
            assert "secret" not in answer.text


# the server


SERVE = """
import sys
from pathlib import Path
from assent.log.witness import Witness
from assent.log.witness_keys import create_cosigners
from assent.log.witness_state import WitnessState
from assent.web.serve import serve
from assent.web.witness_server import witness_app

folder = Path(sys.argv[1])
keys = create_cosigners(folder / "witness.keys", "witness.example/w1")
witness = Witness(WitnessState(folder / "witness.sqlite"), keys, {})
serve(witness_app(witness), "127.0.0.1", 0, lambda port: print(port, file=sys.stderr, flush=True))
print("after", file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("how", "code", "last"), [(signal.SIGINT, 0, "after\n"), (signal.SIGTERM, -signal.SIGTERM, "")]
)
def test_a_server_ends_in_order_when_it_is_told_to_and_prints_nothing(
    how: signal.Signals, code: int, last: str, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    ) as process:
        assert process.stderr is not None
        port = int(process.stderr.readline())
        answer = httpx.get(f"http://127.0.0.1:{port}/x/checkpoint", trust_env=False)
        assert answer.status_code == 404
        process.send_signal(how)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (code, "", last)


def test_no_answer_waits_for_the_first_half_of_it_to_be_acknowledged() -> None:
    with (
        listen("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_place_that_is_taken_or_none_is_said_in_one_clause() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CouldNot, match=f"cannot listen at 127.0.0.1:{port}"):
            listen("127.0.0.1", port)
    for host, number in (("192.0.2.1", 0), ("no such host", 0), ("127.0.0.1", 70_000)):
        with pytest.raises(CouldNot):
            listen(host, number)
