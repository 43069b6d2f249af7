import gzip
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import StorageFailed, Unknown
from assent.log.store import FolderStore
from assent.log.tile import TileReader, bundle_path, parse_bundle, parse_tile_path, tile_path
from assent.log.tree import check_inclusion, hash_leaf, prove_inclusion
from assent.log.writer import CHECKPOINT, Writer
from assent.web.public_log import public_log
from tests.log.toy_log import AT, SIGNER, ToyLedger, ToyStore
from tests.log.trees import leaf
from tests.web.served import served

SIZE = 300
POLICY = b"quorum none\n"
FOR_EVER = "public, max-age=31536000, immutable"


class Public(NamedTuple):
    """A log in a folder, served."""

    url: str
    folder: Path
    client: httpx.Client

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        return self.client.request(method, f"{self.url}/{path}", headers=headers)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    folder = tmp_path_factory.mktemp("public")
    (folder / "secret").write_bytes(b"nobody should see this")
    store = FolderStore(folder / "consent")
    Writer(ToyLedger([leaf(n) for n in range(SIZE)]), store, [SIGNER]).publish(AT)
    (folder / "consent" / "secret").write_bytes(b"nor this")
    stores = {"consent": store, "index": FolderStore(folder / "index")}
    with (
        served(public_log(stores, lambda: POLICY)) as url,
        httpx.Client(trust_env=False, headers={"accept-encoding": "identity"}) as client,
    ):
        yield Public(url, folder, client)


def check_open_to_any_page(response: httpx.Response) -> None:
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "server" not in response.headers


def check_refused(response: httpx.Response, status: int = 404) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.text.endswith("\n")
    check_open_to_any_page(response)


def test_a_stranger_can_prove_an_entry_from_what_is_served(public: Public) -> None:
    note = public.get("consent/checkpoint")
    assert note.content == FolderStore(public.folder / "consent").get(CHECKPOINT)
    reader = TileReader(lambda path: public.get(f"consent/{path}").content, SIZE)
    (bundle,) = (parse_bundle(public.get(f"consent/{bundle_path(1, 44)}").content, 44),)
    size, root = note.text.splitlines()[1:3]
    assert size == str(SIZE)
    tree = ToyLedger([leaf(n) for n in range(SIZE)]).state().frontier
    check_inclusion(
        hash_leaf(bundle[-1]), SIZE - 1, SIZE, prove_inclusion(SIZE - 1, SIZE, reader), tree.root()
    )
    assert root


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_checkpoint_is_text_that_nobody_keeps(method: str, public: Public) -> None:
    response = public.get("consent/checkpoint", method)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    check_open_to_any_page(response)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [tile_path(0, 0), tile_path(0, 1, 44), tile_path(1, 0, 1), bundle_path(0), bundle_path(1, 44)],
)
def test_a_tile_is_octets_that_may_be_kept_for_ever(path: str, method: str, public: Public) -> None:
    response = public.get(f"consent/{path}", method)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["cache-control"] == FOR_EVER
    check_open_to_any_page(response)
    there = (public.folder / "consent" / path).read_bytes()
    assert response.content == (there if method == "GET" else b"")
    assert int(response.headers["content-length"]) == len(there)


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("br, GZIP ; q=0.5", True),
        ("gzip;q=1.0", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q = 0.000", False),
        ("x-gzip", False),
        ("", False),
    ],
)
def test_entries_are_packed_for_whoever_says_so(
    accepted: str, packed: bool, public: Public
) -> None:
    path = bundle_path(0)
    with public.client.stream(
        "GET", f"{public.url}/consent/{path}", headers={"accept-encoding": accepted}
    ) as response:
        raw = b"".join(response.iter_raw())
    assert (response.headers.get("content-encoding") == "gzip") == packed
    assert response.headers["vary"] == "Accept-Encoding"
    assert int(response.headers["content-length"]) == len(raw)
    there = (public.folder / "consent" / path).read_bytes()
    assert (gzip.decompress(raw) if packed else raw) == there
    tile = public.get(f"consent/{tile_path(0, 0)}", **{"accept-encoding": accepted})
    assert "content-encoding" not in tile.headers, "hashes do not get smaller"
    assert "vary" not in tile.headers


def test_time_stamps_are_served_beside_what_was_stamped(public: Public) -> None:
    check_refused(public.get("consent/stamps/300.tsr"))
    for name in ("300.tsr", "300.checkpoint"):
        FolderStore(public.folder / "consent").put({f"stamps/{name}": name.encode()})
    token, note = public.get("consent/stamps/300.tsr"), public.get("consent/stamps/300.checkpoint")
    assert (token.content, note.content) == (b"300.tsr", b"300.checkpoint")
    assert token.headers["content-type"] == "application/timestamp-reply"
    assert note.headers["content-type"] == "text/plain; charset=utf-8"
    check_open_to_any_page(token)
    for wrong in ("stamps/0300.tsr", "stamps/300.tsr%0a", "stamps/../300.tsr", "stamps/300.secret"):
        check_refused(public.get(f"consent/{wrong}"))


def test_the_policy_is_served(public: Public) -> None:
    response = public.get("policy")
    assert (response.status_code, response.content) == (200, POLICY)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    check_open_to_any_page(response)


@pytest.mark.parametrize("path", ["consent/checkpoint", "consent/tile/0/000", "x", "", "policy"])
def test_any_page_may_ask_before_it_asks(path: str, public: Public) -> None:
    response = public.get(path, "OPTIONS", origin="https://auditor.example")
    assert (response.status_code, response.content) == (204, b"")
    assert "GET" in response.headers["access-control-allow-methods"]
    check_open_to_any_page(response)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_nothing_can_be_changed(method: str, public: Public) -> None:
    response = public.get("consent/checkpoint", method)
    check_refused(response, 405)
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "consent",
        "consent/",
        "consent/checkpoint/",
        "consent//checkpoint",
        "CONSENT/checkpoint",
        "nothing/checkpoint",
        "index/checkpoint",  # not published yet
        "index/tile/0/000",
        "consent/tile/0/001",  # only its partial one is there
        "consent/tile/0/001.p/43",
        "consent/tile/0/000.p/0",
        "consent/tile/0/000.p/256",
        "consent/tile/00/000",
        "consent/tile/64/000",
        "consent/tile/0/0",
        "consent/tile/0/x000/000",
        "consent/tile/-1/000",
        "consent/tile/entries/000/",
        "consent/secret",
        "consent/.incoming/0",
        "consent/tile/0",
        "secret",
        "consent/../secret",
        "consent/%2e%2e/secret",
        "consent/..%2fsecret",
        "consent/tile/../secret",
        "consent/tile/0/../../secret",
        "consent/tile/0/%2e%2e/%2e%2e/%2e%2e/secret",
        "../../../../etc/hostname",
        "consent//etc/hostname",
        "consent/%00",
        "consent/tile/0/000%00",
        "consent/tile/0/000%0a",
        "%0a",
        "consent/tile/0/%D9%A0%D9%A0%D9%A0",  # digits, but not ours
        "consent/%ff%fe",
        "policy/",
        "a" * 5000,
    ],
)
def test_anything_else_is_not_there(path: str, public: Public) -> None:
    check_refused(_raw(public.url, f"/{path}"))


def _raw(url: str, target: str, method: str = "GET") -> httpx.Response:
    """Ask for exactly that: a client of today would tidy the path up before."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        connection.endheaders()
        found = connection.getresponse()
        headers = [(name, value) for name, value in found.getheaders()]
        return httpx.Response(found.status, headers=headers, content=found.read())
    finally:
        connection.close()


paths = st.one_of(
    st.text(max_size=60).map(lambda text: quote(text.encode(errors="replace"))),
    st.text("./0123456789xptile-consent%", max_size=40),
    st.builds(
        "consent/tile/{}/{}".format,
        st.one_of(st.integers(-1, 70), st.just("entries")),
        st.text("x0123456789/.p", max_size=20),
    ),
)


@given(path=paths, method=st.sampled_from(["GET", "HEAD", "OPTIONS", "POST"]))
@settings(deadline=None)
def test_no_path_is_ever_a_failure_and_none_leads_out(
    path: str, method: str, public: Public
) -> None:
    response = _raw(public.url, f"/{path}", method)
    assert response.status_code in {200, 204, 404, 405}
    assert b"should see" not in response.content
    check_open_to_any_page(response)
    if method == "GET" and response.status_code == 200:
        name, _, rest = path.partition("/")
        assert path == "policy" or rest == CHECKPOINT or str(parse_tile_path(rest)) == rest, name


class BrokenStore(ToyStore):
    """A disk that does not give what is on it."""

    def get(self, path: str) -> bytes | None:
        raise StorageFailed("the disk failed at /var/secret", path=path)


def test_a_disk_that_fails_is_not_an_empty_one(tmp_path: Path) -> None:
    def none_yet() -> bytes:
        raise Unknown("there is no policy yet")

    with served(public_log({"consent": BrokenStore()}, none_yet)) as url:
        for path in ("consent/checkpoint", "consent/tile/0/000"):
            response = httpx.get(f"{url}/{path}", trust_env=False)
            check_refused(response, 503)
            assert "secret" not in response.text
        check_refused(httpx.get(f"{url}/policy", trust_env=False), 404)
        check_refused(httpx.get(f"{url}/consent/secret", trust_env=False), 404)


def test_a_bug_says_that_it_is_one_and_nothing_more(capfd: pytest.CaptureFixture[str]) -> None:
    with served(public_log({}, lambda: bytes(1 // 0))) as url:
        response = httpx.get(f"{url}/policy", trust_env=False)
        check_refused(response, 500)
        assert response.text == "this is a bug\n"
    assert capfd.readouterr().out == "", "a traceback is for stderr"
