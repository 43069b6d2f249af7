"""Each call of a publication goes wrong in each way, alone; then the next writer, or a power cut.

Whatever happens: the log is whole once the next writer has been there, nothing acknowledged is
lost, no size was ever signed with two roots, and a writer whose disk failed signs nothing more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from assent.errors import StorageFailed
from assent.log.store import FolderStore
from assent.log.writer import CHECKPOINT, Writer, read_published
from tests.log.faults import FAULTS, FAULTS_OF_WRITES, Disk, Fault, Killed
from tests.log.memory import (
    AT,
    MemoryLedger,
    check_one_history,
    findings,
    remembering,
)

if TYPE_CHECKING:
    from assent.log.checkpoint import Checkpoint

# What comes of a call that fails: has the publication gone through (as far as anybody can see,
# until the power goes), and is it the end of this writer? `stored` says so where the call was done.
#   call                              progress  stored   fatal
TABLE: dict[str, tuple[bool, bool, bool]] = {
    "start: read file": (False, False, False),
    "tiles: open arriving": (False, False, True),
    "tiles: write arriving": (False, False, True),
    "tiles: fsync arriving": (False, False, True),
    "tiles: close arriving": (False, False, True),
    "tiles: mkdir file": (False, False, True),
    "tiles: replace arriving": (False, False, True),
    "tiles: open folder": (False, False, True),
    "tiles: fsync folder": (False, False, True),
    "tiles: close folder": (False, False, True),
    "checking: read file": (False, False, True),
    "checkpoint: open arriving": (False, False, True),
    "checkpoint: write arriving": (False, False, True),
    "checkpoint: fsync arriving": (False, False, True),
    "checkpoint: close arriving": (False, False, True),
    "checkpoint: replace arriving": (False, True, True),
    "checkpoint: open folder": (True, True, True),
    "checkpoint: fsync folder": (True, True, True),
    "checkpoint: close folder": (True, True, True),
    "tidy: unlink file": (True, True, False),
    "tidy: rmdir folder": (True, True, False),
}


class Phased(FolderStore):
    """A store in a folder, which tells its disk what it is about to do."""

    def __init__(self, disk: Disk) -> None:
        super().__init__(disk.root / "log" / "consent")
        self._disk = disk

    def put(self, files: Mapping[str, bytes]) -> None:
        self._disk.phase = "checkpoint" if CHECKPOINT in files else "tiles"
        super().put(files)
        self._disk.phase = "checking"

    def delete_under(self, folder: str) -> None:
        self._disk.phase = "tidy"
        super().delete_under(folder)


class World:
    """A ledger and a disk, publications on it, and what was signed and acknowledged of them."""

    def __init__(self, folder: Path, to: int) -> None:
        self.to = to
        self._folder, self._number = folder, count()
        place = self._new_place()
        place.mkdir(parents=True)
        self.disk = Disk(place)
        self.ledger = MemoryLedger()
        self.signed: list[Checkpoint] = []
        self.acknowledged = 0

    def _new_place(self) -> Path:
        return self._folder / f"disk-{next(self._number)}"

    def after_power_cut(self, chance: Random | None = None) -> "World":
        """Return the world that goes on after a power cut; this one goes on without."""
        world = World(self._folder / f"branch-{next(self._number)}", self.to)
        world.disk = self.disk.after_power_cut(world._new_place(), chance)
        world.ledger = replace(self.ledger, events=list(self.ledger.events))
        world.signed, world.acknowledged = list(self.signed), self.acknowledged
        return world

    def writer(self) -> Writer:
        return Writer(self.ledger, Phased(self.disk), [remembering(self.signed)])

    def publish(self, writer: Writer, fault: Fault | None = None) -> list[str]:
        """Publish, as a process with a fault; return the calls that it made of the disk."""
        self.ledger.grow(self.to)
        with self.disk.process(fault):
            self.acknowledged = writer.publish(AT).checkpoint.size
        return self.disk.calls

    def public(self) -> int:
        found = read_published(Phased(self.disk))
        return found[0].size if found else 0

    def check(self) -> None:
        """Have a new writer publish, and find everything in order."""
        assert self.public() >= self.acknowledged
        self.publish(self.writer())
        assert self.acknowledged == self.public() == self.to
        assert findings(Phased(self.disk), self.ledger) == []
        assert list(self.disk.root.rglob(".incoming/*")) == []
        check_one_history(self.signed)


def calls_of(start: World) -> list[str]:
    """The calls of a publication in which nothing goes wrong."""
    world = start.after_power_cut()
    calls = world.publish(world.writer())
    assert len(calls) > 90, calls
    return calls


def every_fault(calls: list[str]) -> Iterator[Fault]:
    for call, name in enumerate(calls):
        kinds = set(FAULTS) - ({"stored"} if ": read" in name else set())
        yield from (Fault(call=call, how=how) for how in sorted(kinds))
        if ": write" in name:
            yield from (Fault(call=call, how=how) for how in FAULTS_OF_WRITES)


def has_failed(world: World, fault: Fault, writer: Writer) -> bool:
    try:
        world.publish(writer, fault)
    except (StorageFailed, Killed):
        return True
    return False


def is_fatal(world: World, writer: Writer) -> bool:
    """Say whether a writer signs nothing any more, though its disk works again."""
    signed = len(world.signed)
    try:
        world.publish(writer)
    except StorageFailed as error:
        stopped = error.text == "the log has stopped, because its disk failed; start it again"
        return stopped and len(world.signed) == signed
    return False


@pytest.fixture(scope="module", params=[(0, 300), (300, 700)], ids=["new", "growing"])
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world that is about to be published at a larger size, than which it knows no other."""
    size, to = request.param
    world = World(tmp_path_factory.mktemp("faults"), size)
    if size:
        world.publish(world.writer())
    world.to = to
    return world


def test_a_call_that_fails_stops_the_writer_or_does_no_harm(start: World) -> None:
    calls = calls_of(start)
    for fault in every_fault(calls):
        if fault.how in {"EIO", "ENOSPC", "stored"}:
            world = start.after_power_cut()
            writer = world.writer()
            progress, stored, fatal = TABLE[calls[fault.call]]
            assert has_failed(world, fault, writer) == (not progress or fatal), fault
            public = world.public() == world.to
            assert public == (stored if fault.how == "stored" else progress), fault
            assert is_fatal(world, writer) == fatal, fault


def test_a_write_that_takes_half_goes_on_and_one_that_fails_as_well_stops(start: World) -> None:
    for fault in every_fault(calls_of(start)):
        if fault.how in {"short", "torn"}:
            world = start.after_power_cut()
            writer = world.writer()
            assert has_failed(world, fault, writer) == (fault.how == "torn"), fault
            assert is_fatal(world, writer) == (fault.how == "torn"), fault
            world.check()


def and_then(start: World, fault: Fault, when: str, chance: Random | None) -> None:
    """Have a fault, then perhaps a power cut, then the next writer, then perhaps a power cut."""
    world = start.after_power_cut()
    failed = has_failed(world, fault, world.writer())
    assert failed or fault.how in {"short", *FAULTS}
    if when == "at once":
        world = world.after_power_cut(chance)
    world.check()
    if when == "later":
        world.after_power_cut(chance).check()


CUTS = ("never", "at once", "later")


def test_the_next_writer_finishes_whatever_went_wrong(start: World) -> None:
    """Once for each call; in every way, and with every cut, among the slow ones below."""
    for fault in every_fault(calls_of(start)):
        if fault.how in {"stored", "killed after", "torn", "killed halfway"}:
            and_then(start, fault, CUTS[(fault.call + len(fault.how)) % len(CUTS)], None)


@pytest.mark.slow
@pytest.mark.parametrize("how", [*FAULTS, *FAULTS_OF_WRITES])
@pytest.mark.parametrize("when", CUTS)
def test_the_next_writer_finishes_whatever_survives_a_power_cut(
    start: World, how: str, when: str
) -> None:
    for fault in every_fault(calls_of(start)):
        if fault.how == how:
            for chance in (None, *map(Random, range(5 if when != "never" else 0))):
                and_then(start, fault, when, chance)
