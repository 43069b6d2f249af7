"""Kill -9 at any moment loses nothing acknowledged and leaves nothing half-done."""

import random
from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.house import House
from assent.acts.rebuild import findings
from assent.catalogue import tables
from assent.catalogue.events import read
from assent.settings import Settings
from tests.crash.killing import Line, run_and_kill
from tests.crash.worker import import_and_grant


def check(folder: Path, acknowledged: list[Line]) -> int:
    """Everything acknowledged is there, nothing is half-done; return how many events there are."""
    house = House.open(Settings(data=folder / "data"), create=True)
    try:
        assert findings(house) == []
        with house.reading() as connection:
            known = set(connection.execute(select(tables.recordings.c.id)).scalars())
            for kind, what in acknowledged:
                if kind == "recording":
                    assert what in known
                else:
                    event = read(connection, int(what))
                    assert event is not None
                    assert event.kind == "statement"
            numbers = connection.execute(select(tables.events.c.number)).scalars().all()
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        for recording in known:
            with house.gate.listen(recording) as stream:
                assert stream.read(4) == b"RIFF"
        # `findings` has swept: no blob is left that no recording has
        assert len(list(house.gate._vault.blobs.names())) == len(known)
        return len(numbers)
    finally:
        house.close()


def kill_many(folder: Path, times: int, seed: int) -> int:
    """Kill that many workers, each at a random moment; return how much they acknowledged."""
    chance = random.Random(seed)
    kept: list[Line] = []
    for number in range(times):
        after_s = chance.uniform(0, 1.0)
        kept += run_and_kill(import_and_grant, folder, 1000 * seed + number, after_s)
        check(folder, kept)
    return len(kept)


def test_a_few_kills_lose_nothing(tmp_path: Path) -> None:
    kill_many(tmp_path, 4, seed=1)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    acknowledged = sum(kill_many(tmp_path / str(part), 20, seed=part + 2) for part in range(10))
    assert acknowledged > 200
