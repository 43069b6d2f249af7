"""Measuring takes the same memory for ten minutes and for ten hours."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.sound.sounds import noise

SR = 8_000
MEASURE = """
import json, sys
from pathlib import Path
from assent.sound.measure import measure

def peak_kb():
    # VmHWM is this program's own; what getrusage says may be its parent's
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

measure(sys.argv[1])
short = peak_kb()
measured = measure(sys.argv[2])
print(json.dumps({"short_kb": short, "long_kb": peak_kb(), "frames": measured.frames,
                  "lufs": measured.loudness.integrated_lufs}))
"""


def sparse_wav(path: Path, seconds: int) -> Path:
    """A 16-bit stereo WAV that is silent, and takes no room, but for a second here and there."""
    size = seconds * SR * 4
    second = (noise((1, 2 * SR))[0] * 32_767).astype("<i2").tobytes()
    with path.open("wb") as file:
        fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, SR, SR * 4, 4, 16)
        file.write(b"RIFF" + struct.pack("<I", 36 + size) + b"WAVE" + fmt)
        file.write(b"data" + struct.pack("<I", size))
        file.truncate(44 + size)
        for at in range(0, seconds, max(1, seconds // 50)):
            file.seek(44 + at * SR * 4)
            file.write(second)
    return path


def check_growth(tmp_path: Path, *, seconds: int, most_kb: int) -> None:
    short, long = sparse_wav(tmp_path / "short", 60), sparse_wav(tmp_path / "long", seconds)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, short, long], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert said["frames"] == seconds * SR
    assert np.isfinite(said["lufs"])
    assert said["long_kb"] - said["short_kb"] < most_kb


def test_twenty_minutes_need_no_more_memory_than_one(tmp_path: Path) -> None:
    check_growth(tmp_path, seconds=1_200, most_kb=4_000)


@pytest.mark.slow
def test_ten_hours_need_a_few_megabytes_more_than_a_minute(tmp_path: Path) -> None:
    # one number per 100 ms is 2.9 MB, and as much again while the gates are applied
    check_growth(tmp_path, seconds=36_000, most_kb=24_000)
