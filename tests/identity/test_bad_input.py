"""Whatever a stranger hands in ends in a clear state: an error that says why, or what it tells."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soxr

from assent.bench.attacks import SR
from assent.cli.main import run
from assent.errors import AssentError, BadAudio
from assent.identity.archive import files_of, indexed
from assent.identity.fingerprint import fingerprint
from assent.identity.index import Index
from assent.identity.match import Kind, match
from assent.identity.state import State, state_of
from assent.sound.block import Block
from assent.sound.encode import Format
from tests.identity.music import mono
from tests.sound.sounds import encoded, noise

_PIECE = mono(0)[: 12 * SR]


def _wide(sr: int, channels: int) -> Block:
    one = soxr.resample(_PIECE, SR, sr).astype(np.float32)
    return np.tile(one, (channels, 1))


def _not_numbers(number: float) -> bytes:
    """A WAV whose last sample is none."""
    return encoded(_PIECE[None], Format.WAV_FLOAT)[:-4] + struct.pack("<f", number)


def _files() -> dict[str, bytes]:
    wav = encoded(_PIECE[None], Format.WAV16)
    ogg = encoded(_PIECE[None], Format.FLAC)
    return {
        "of 0.2 s": encoded(_PIECE[None, : SR // 5], Format.WAV16),
        "of one sample": encoded(_PIECE[None, :1], Format.WAV16),
        "of silence": encoded(np.zeros((2, 5 * SR), np.float32), Format.WAV16),
        "of one value": encoded(np.full((1, 5 * SR), 0.5, np.float32), Format.WAV_FLOAT),
        "of a click": encoded(np.eye(1, 5 * SR, SR, np.float32), Format.WAV16),
        "of noise": encoded(noise((1, 5 * SR)), Format.WAV16),
        "at 8 kHz": encoded(_wide(8_000, 1), Format.WAV16, sr=8_000),
        "at 192 kHz in 8 channels": encoded(_wide(192_000, 8), Format.WAV16, sr=192_000),
        "far too loud": encoded(_PIECE[None] * np.float32(1e6), Format.WAV_FLOAT),
        "with NaN": _not_numbers(np.nan),
        "with infinity": _not_numbers(-np.inf),
        "of text": b"These are words, not sounds.\n" * 500,
        "of nothing": b"",
        "of a header": wav[:44],
        "of half a header": wav[:20],
        "of the first half of a WAV": wav[: len(wav) // 2],
        "of the first half of a FLAC": ogg[: len(ogg) // 2],
    }


STATES = {
    "of 0.2 s": State.TOO_SHORT,
    "of one sample": State.TOO_SHORT,
    "of silence": State.SILENT,
    "of one value": State.SILENT,
    "of a click": State.FEATURELESS,
    "of noise": State.FINE,
    "at 8 kHz": State.FINE,
    "at 192 kHz in 8 channels": State.FINE,
    "far too loud": State.FINE,
}
REFUSED = {
    "with NaN": "has samples that are not numbers",
    "with infinity": "has samples that are not numbers",
    "of text": "is not audio",
    "of nothing": "is empty: it has no bytes",
    "of a header": "is cut off",
    "of half a header": "is damaged or cut off",
    "of the first half of a WAV": "is cut off",
    "of the first half of a FLAC": "is damaged or cut off",
}
KNOWN = {"at 8 kHz", "at 192 kHz in 8 channels", "far too loud"}
"""Those that are the piece which the archive holds."""


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with each of these files, a pipe, a device and a folder."""
    folder = tmp_path_factory.mktemp("strange")
    for name, data in _files().items():
        (folder / name).write_bytes(data)
    os.mkfifo(folder / "a pipe")
    (folder / "a device").symlink_to("/dev/zero")
    (folder / "a folder").mkdir()
    return folder


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    (folder / "piece.wav").write_bytes(encoded(_PIECE[None], Format.WAV16))
    return folder


def test_every_file_here_is_asked_about() -> None:
    assert set(_files()) == STATES.keys() | REFUSED.keys()
    assert STATES.keys() > KNOWN


@pytest.mark.parametrize("name", STATES)
def test_what_can_be_heard_has_a_state(strange: Path, name: str) -> None:
    assert state_of(fingerprint(strange / name)) is STATES[name]


@pytest.mark.parametrize("name", [*REFUSED, "a pipe", "a device", "a folder"])
def test_what_cannot_be_heard_is_refused_and_says_why(
    strange: Path, archive: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    why = REFUSED.get(name, "is not a file")
    with pytest.raises(BadAudio) as refused:
        fingerprint(strange / name)
    assert why in refused.value.text
    assert run(["identify", str(strange / name), "--against", str(archive)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"assent: {refused.value.text}\n")


@pytest.mark.parametrize("name", STATES)
def test_nothing_is_claimed_but_of_what_is_known(
    strange: Path, archive: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["identify", str(strange / name), "--against", str(archive), "--json"])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == (0 if name in KNOWN else 1)
    assert [one["file"] for one in found if "kind" in one] == ["piece.wav"] * (name in KNOWN)


def test_an_archive_of_such_files_is_searched_and_says_what_it_leaves_out(
    strange: Path, tmp_path: Path
) -> None:
    paths = files_of(strange)
    index = Index(tmp_path / "index")
    filed = list(indexed(paths, index))
    errors: dict[str, AssentError] = {
        one.path.name: one.error for one in filed if one.error is not None
    }
    assert errors.keys() == REFUSED.keys()
    for name, why in REFUSED.items():
        assert why in errors[name].text
    assert {one.path.name for one in filed} == STATES.keys() | REFUSED.keys()
    index.refresh()
    lengths_s = {one.number: one.duration_s for one in filed if one.error is None}
    found = match(fingerprint(strange / "at 8 kHz"), index, lengths_s=lengths_s)
    names = {paths[one.recording].name for one in found if one.kind is Kind.SAME}
    assert names == KNOWN


def test_of_what_holds_nothing_nothing_is_in_the_index(strange: Path, tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    empty = [name for name, state in STATES.items() if state is not State.FINE]
    list(indexed([strange / name for name in empty], index))
    index.refresh()
    assert len(empty) >= 4
    assert index.postings == 0


# how much memory it takes

_SR = 8_000
_TAKE = """
import json, sys
from pathlib import Path
from assent.identity.fingerprint import fingerprint

def peak_kb():
    # VmHWM is this program's own; what getrusage says may be its parent's
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

fingerprint(sys.argv[1])
short = peak_kb()
taken = fingerprint(sys.argv[2])
kept = len(taken.kept())
print(json.dumps({"grown_kb": peak_kb() - short, "duration_s": taken.duration_s,
                  "peaks": len(taken.peaks), "kept": kept}))
"""


def _noise_wav(path: Path, minutes: int) -> Path:
    """Noise at a low rate, other in each minute: it has more peaks than music."""
    size = minutes * 60 * _SR * 2
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _SR, _SR * 2, 2, 16)
    draw = np.random.default_rng(1)
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 36 + size) + b"WAVE" + fmt)
        file.write(b"data" + struct.pack("<I", size))
        for _ in range(minutes):
            file.write((draw.standard_normal(60 * _SR, np.float32) * 3_000).astype("<i2").tobytes())
    return path


def _check_memory(tmp_path: Path, *, minutes: int, most_kb: int) -> None:
    short, long = _noise_wav(tmp_path / "short", 1), _noise_wav(tmp_path / "long", minutes)
    done = subprocess.run(
        [sys.executable, "-c", _TAKE, short, long], capture_output=True, text=True, check=True
    )
    long.unlink()  # half a gigabyte that nobody wants kept
    said = json.loads(done.stdout)
    assert said["duration_s"] == pytest.approx(minutes * 60, abs=0.2)
    assert said["kept"] > minutes * 60 * 20
    assert said["grown_kb"] < most_kb


def test_twenty_minutes_take_little_more_memory_than_one(tmp_path: Path) -> None:
    # 85,000 peaks of 13 bytes, twice while they are joined; the samples would be 38 MB
    _check_memory(tmp_path, minutes=20, most_kb=15_000)


@pytest.mark.slow
def test_ten_hours_take_the_memory_of_their_peaks(tmp_path: Path) -> None:
    # 2.5 million peaks of 13 bytes, and what it takes to choose among them; samples: 1.2 GB
    _check_memory(tmp_path, minutes=600, most_kb=160_000)
