"""A large file comes and goes in flat memory: in parts, with a form, and in an archive."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sound.test_flat_memory import SR, sparse_wav

SECOND_BYTES = 4 * SR

UPLOAD = """
import json, sys
from pathlib import Path
import httpx
from assent.acts.accounts import Role
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.publish import publish_default
from assent.settings import Settings
from assent.signin import sessions
from assent.signin.members import join
from assent.web.app import platform_app
from assent.web.site import Site
from assent.web.visit import COOKIE
from tests.web.served import served

def peak_kb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

def pieces(path):
    with path.open("rb") as file:
        while piece := file.read(1 << 16):
            yield piece

def in_parts(client, csrf, path):
    tus = {"Tus-Resumable": "1.0.0", "X-CSRF": csrf}
    size = path.stat().st_size
    begun = client.post("/uploads", headers={**tus, "Upload-Length": str(size)})
    there = begun.headers["location"]
    part = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    part |= {**tus, "Content-Length": str(size)}
    answer = client.patch(there, content=pieces(path), headers=part)
    assert answer.headers["upload-offset"] == str(size), answer.text
    name = there.rpartition("/")[2]
    said = {"title": path.name}
    done = client.post(f"/api/studio/upload/{name}/finish", json=said, headers={"X-CSRF": csrf})
    assert done.status_code == 200, done.text

def with_a_form(client, csrf, path):
    with path.open("rb") as file:
        sent = {"files": (path.name, file, "audio/wav")}
        answer = client.post("/studio/upload", data={"csrf": csrf}, files=sent)
    assert answer.headers["location"] == "/studio", answer.text

def archived(url):
    size = 0
    fresh = sessions.begin(house, member.account, "a test", "password")  # it takes a proof
    there, shown = f"{url}/leave/archive.zip", {COOKIE: fresh}
    with httpx.stream("GET", there, cookies=shown, timeout=300) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            size += len(piece)
    return size

house = House.open(Settings(data=Path(sys.argv[1])), create=True)
publish_default(house)
member = join(house, "Wren", Role.ARTIST, None)
site = Site(house, Logs(house), "http://127.0.0.1")
secret = sessions.begin(house, member.account, "a test", "password")
peaks = {}
with served(platform_app(site)) as url:
    client = httpx.Client(base_url=url, cookies={COOKIE: secret}, timeout=300)
    csrf = client.get("/studio/upload").text.split('name="csrf" content="', 1)[1].split('"', 1)[0]
    for name, path in (("small", sys.argv[2]), ("large", sys.argv[3])):
        in_parts(client, csrf, Path(path))
        with_a_form(client, csrf, Path(path + ".again"))
        peaks[f"{name}_archive"] = archived(url)
        peaks[name] = peak_kb()
site.close()
house.close()
print(json.dumps(peaks))
"""


@pytest.mark.slow
def test_a_hundred_megabytes_need_hardly_more_memory_than_two(tmp_path: Path) -> None:
    files = {}
    for name, length in (("small", 60), ("large", 3_200)):
        files[name] = sparse_wav(tmp_path / f"{name}.wav", length)
        sparse_wav(tmp_path / f"{name}.wav.again", length - 1)
    done = subprocess.run(
        [sys.executable, "-c", UPLOAD, tmp_path / "data", files["small"], files["large"]],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert files["large"].stat().st_size > 100e6
    assert said["large_archive"] > 2 * files["large"].stat().st_size - SECOND_BYTES
    # what is compiled and cached on the way is more than what a file adds
    assert said["large"] - said["small"] < 40_000, said
