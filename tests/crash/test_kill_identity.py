"""Kill -9 at any moment of an import: what was taken in is known again, and no case hangs loose."""

from pathlib import Path

import numpy as np
import pytest

from assent.acts.house import House
from assent.acts.rebuild import findings
from assent.catalogue import tables
from assent.cli.main import run
from assent.identity.fingerprint import fingerprint
from assent.identity.recogniser import Recogniser
from assent.settings import Settings
from assent.sound.encode import Format
from tests.acts.disputes import case_rows, rows
from tests.crash.identity_worker import import_and_recognise
from tests.crash.killing import Line, run_and_kill
from tests.identity.arrivals import Samples, cut, index_on_disk
from tests.sound.sounds import encoded

PIECES, PARTS, PART_S = 9, 6, 6.0


def part(number: int) -> Samples:
    """One of 54 parts of composed pieces."""
    start_s = number // PIECES % PARTS * PART_S
    return cut(number % PIECES, start_s, start_s + PART_S)


def write_music(folder: Path, number: int) -> None:
    """Write four parts of the number's own, and two that the number before it had, under noise."""
    music = folder / f"music-{number}"
    music.mkdir(parents=True)
    rng = np.random.default_rng(number)
    own = [part(4 * number + more) for more in range(4)]
    stolen = [part(4 * number - more) for more in (1, 3)] if number else []
    for at, samples in enumerate([*own, *stolen]):
        noise = rng.standard_normal(len(samples)).astype(np.float32) * np.float32(0.01)
        made = samples + noise * np.float32(at >= len(own))
        (music / f"{at}.wav").write_bytes(encoded(made[None], Format.WAV_FLOAT))


def check(folder: Path, acknowledged: list[Line], since: int) -> int:
    """Check all that must hold; look for the recordings from a number on; return how many."""
    house = House.open(Settings(data=folder / "data"), create=True)
    try:
        assert findings(house) == []
        known = {row.id: row.number for row in rows(house, tables.recordings)}
        taken = {row.recording for row in rows(house, tables.fingerprints)}
        assert taken == set(known.values()), "each has a fingerprint, and nothing else has one"
        cases = case_rows(house)
        for kind, what in acknowledged:
            if kind == "recording":
                assert what in known
            else:
                assert tuple(what.split()) in cases
        for pair in cases:
            assert known.keys() >= set(pair)
        recogniser = Recogniser(house)
        assert index_on_disk(house).recordings <= taken
        for name, number in known.items():
            if number >= since:
                assert number in found(house, recogniser, name)
        return len(known)
    finally:
        house.close()


def found(house: House, recogniser: Recogniser, recording: str) -> set[int]:
    """Return what is claimed to be in a recording, itself among it."""
    with house.gate.listen(recording) as stream, house.reading() as connection:
        seen = recogniser.sightings(fingerprint(stream), stream, connection)
        return {it.match.recording for it in seen if it.is_claimed}


def kill_many(folder: Path, times: int, seed: int) -> list[Line]:
    """Kill that many imports, each at a random moment; return what they acknowledged."""
    rng = np.random.default_rng(seed)
    kept: list[Line] = []
    there = 0
    for number in range(times):
        write_music(folder, number)
        kept += run_and_kill(import_and_recognise, folder, number, rng.uniform(0.1, 3.0))
        there = check(folder, kept, there)
    assert check(folder, kept, 0) == there
    assert run(["--data", str(folder / "data"), "doctor"]) == 0
    return kept


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_imports_that_are_killed_leave_nothing_that_is_not_known_again(
    tmp_path: Path, seed: int
) -> None:
    acknowledged = [kind for kind, _ in kill_many(tmp_path, 13, seed)]
    assert acknowledged.count("recording") > 20
    assert acknowledged.count("case") > 2, "somebody was suspected meanwhile"
