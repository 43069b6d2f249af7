"""Every place that blobs can lie in, for the contract that all of them keep."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from urllib.request import Request, urlopen

import pytest

from assent.vault.blobs import Blobs
from assent.vault.bucket import Bucket
from assent.vault.folder import Folder


@pytest.fixture(scope="session")
def s3_mock() -> Iterator[str]:
    """The address of moto's server, which is a mock of S3 and not S3."""
    server = which("moto_server") or os.environ.get("ASSENT_TEST_MOTO")
    if server is None:
        pytest.skip("moto_server, a mock of S3, is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [server, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        if not answers(port, process):
            pytest.skip("moto_server, a mock of S3, is installed and does not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the port is open, for half a minute, as long as the process lives."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        if process.poll() is not None:
            return False
        time.sleep(0.1)
    return False


@pytest.fixture
def s3_url(s3_mock: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket on the mock, reached as operators do: by S3's own environment variables."""
    settings = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3_mock,
        "AWS_ALLOW_HTTP": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    bucket = f"audio-{os.urandom(4).hex()}"
    urlopen(Request(f"{s3_mock}/{bucket}", method="PUT")).close()
    return f"s3://{bucket}/sealed"


@pytest.fixture(params=["folder", "memory", "s3 mock"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    match request.param:
        case "folder":
            return Folder(tmp_path / "blobs")
        case "memory":
            return Bucket.in_memory()
        case _:
            return Bucket.at(request.getfixturevalue("s3_url"))
