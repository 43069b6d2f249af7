import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest
from obstore.store import LocalStore

from assent.errors import StorageFailed
from assent.vault.bucket import Bucket


def test_a_broken_upload_is_aborted_on_the_mock_of_s3(s3_url: str, s3_mock: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield bytes(11 << 20)
        raise RuntimeError("away")

    with pytest.raises(RuntimeError):
        Bucket.at(s3_url).put_stream("abc", chunks())
    bucket = s3_url.split("/")[2]
    with urlopen(f"{s3_mock}/{bucket}?uploads") as answer:
        assert b"<Upload>" not in answer.read()


def test_a_missing_bucket_is_said_on_the_mock_of_s3(s3_url: str) -> None:
    blobs = Bucket.at(s3_url.replace("audio-", "elsewhere-"))
    with pytest.raises(StorageFailed, match=r"^cannot store the sealed audio: it is not there$"):
        blobs.put_stream("abc", [b"yes"])


@contextmanager
def reached_by_environment(port: int) -> Iterator[str]:
    """The address of a bucket behind a port of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ALLOW_HTTP": "true",
        }.items():
            patch.setenv(name, value)
        yield "s3://bucket/folder"


@pytest.fixture
def nobody() -> Iterator[str]:
    """The address of a bucket at a port where nobody answers."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening, so nobody else takes it
        with reached_by_environment(held.getsockname()[1]) as url:
            yield url


class Forbids(BaseHTTPRequestHandler):
    """Answers as a store does to credentials it does not accept."""

    def do_HEAD(self) -> None:
        self.send_response(403)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name for it
        pass


@pytest.fixture
def forbidding() -> Iterator[str]:
    """The address of a bucket that lets nobody in."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Forbids) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        with reached_by_environment(server.server_port) as url:
            yield url
        server.shutdown()
        thread.join()


def test_credentials_that_are_not_accepted_are_said(forbidding: str) -> None:
    with pytest.raises(StorageFailed, match=r"the object store does not accept these credentials$"):
        Bucket.at(forbidding).reader("abc")


def test_a_store_that_minds_deleting_twice_is_not_heard(tmp_path: Path) -> None:
    blobs = Bucket(LocalStore(tmp_path))  # it says that nothing is there, as some clouds do
    blobs.put_stream("abc", [b"yes"])
    blobs.delete("abc")
    blobs.delete("abc")
    assert not blobs.exists("abc")


def test_a_store_that_is_away_is_said(nobody: str) -> None:
    with pytest.raises(
        StorageFailed, match=r"cannot open the .*: the object store did not do it$"
    ) as caught:
        Bucket.at(nobody).reader("abc")
    assert "127.0.0.1" in str(caught.value.facts["said"])


def test_a_reader_whose_object_went_away_says_so() -> None:
    blobs = Bucket.in_memory()
    blobs.put_stream("abc", [b"yes"])
    blob = blobs.reader("abc")
    blobs.delete("abc")
    with pytest.raises(StorageFailed, match=r"^cannot read the sealed audio: it is not there$"):
        blob.read_at(0, 3)


def test_an_address_that_makes_no_store_is_refused() -> None:
    with pytest.raises(StorageFailed, match=r"^cannot reach the object store: "):
        Bucket.at("s3://")
