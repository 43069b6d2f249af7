import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from signal import SIGKILL
from threading import Thread

import pytest

from assent.errors import StorageFailed, Tampered
from assent.log.checkpoint import parse_signed
from assent.log.cosignature import Cosigner, verify_cosignature
from assent.log.note import parse_signatures
from assent.log.witness import Known, Witness, origin_hash
from assent.log.witness_state import WitnessState
from tests.log.toy_log import AT, ORIGIN, SIGNER, ToyLog, vkeys

COSIGNER = Cosigner.of("witness.example/w1", b"\x07" * 32)
LOG = ToyLog(400)
SPAWN = get_context("spawn")


def a_witness(path: Path) -> tuple[Witness, WitnessState]:
    state = WitnessState(path)
    return Witness(state, [COSIGNER], vkeys(SIGNER)), state


@pytest.fixture
def state(tmp_path: Path) -> Iterator[WitnessState]:
    opened = WitnessState(tmp_path / "made" / "witness.sqlite")
    yield opened
    opened.close()


def known(size: int) -> Known:
    return Known(checkpoint=LOG.checkpoint(size), note=LOG.note(size), at=AT)


def test_what_was_kept_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "witness.sqlite"
    first, state = a_witness(path)
    first.add_checkpoint(LOG.request(0, 5), AT)
    first.add_checkpoint(ToyLog(5, fork_at=1).request(5, 5), AT)
    note, evidence = first.checkpoint(origin_hash(ORIGIN)), first.evidence()
    state.close()
    second, state = a_witness(path)
    assert (second.checkpoint(origin_hash(ORIGIN)), second.evidence()) == (note, evidence)
    assert len(evidence) == 1
    assert second.add_checkpoint(LOG.request(0, 7), AT).status == 409
    state.close()


def test_a_block_that_fails_keeps_nothing(state: WitnessState) -> None:
    def fail() -> None:
        with state.alone() as records:
            records.keep(known(5))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert state.latest(ORIGIN) is None
    with state.alone() as records:
        records.keep(known(5))
    assert state.latest(ORIGIN) == known(5)


def test_a_disk_that_refuses_the_commit_keeps_nothing(tmp_path: Path) -> None:
    path = tmp_path / "witness.sqlite"
    witness, state = a_witness(path)
    witness.add_checkpoint(LOG.request(0, 5), AT)
    state._connection.execute("PRAGMA max_page_count = 1")  # it is larger: no page is to be had
    state._connection.execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON main.latest BEGIN"
        " INSERT INTO evidence VALUES (NULL, '', 0, randomblob(9), NULL, zeroblob(99999), 0); END"
    )
    with pytest.raises(StorageFailed, match="full"):
        witness.add_checkpoint(LOG.request(5, 7), AT)
    latest = witness.checkpoint(origin_hash(ORIGIN))
    assert latest is not None
    assert parse_signed(latest)[0].size == 5
    state.close()


def test_a_transaction_that_the_database_gave_up_by_itself_keeps_nothing(
    state: WitnessState,
) -> None:
    def give_up() -> None:
        with state.alone() as records:
            records.keep(known(5))
            state._connection.execute("ROLLBACK")  # as SQLite does when the disk fails

    with pytest.raises(StorageFailed):
        give_up()
    assert state.latest(ORIGIN) is None


def test_a_folder_or_file_that_is_none_is_a_failure_of_storage(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(StorageFailed, match="memory"):
        WitnessState(tmp_path / "file")
    with pytest.raises(StorageFailed, match="memory"):
        WitnessState(tmp_path / "file" / "witness.sqlite")
    with pytest.raises(StorageFailed, match="memory"):
        WitnessState(tmp_path)


@pytest.mark.parametrize("note", [b"rubbish", ToyLog(5).note(5).replace(b"log.ex", b"log.xe")])
def test_a_memory_that_somebody_changed_is_not_believed(note: bytes, tmp_path: Path) -> None:
    path = tmp_path / "witness.sqlite"
    witness, state = a_witness(path)
    witness.add_checkpoint(LOG.request(0, 5), AT)
    with sqlite3.connect(path) as other:
        other.execute("UPDATE latest SET note = ?", (note,))
    other.close()
    with pytest.raises(Tampered):
        witness.checkpoint(origin_hash(ORIGIN))
    with pytest.raises(Tampered):
        witness.add_checkpoint(LOG.request(5, 7), AT)
    state.close()


def test_who_waits_too_long_for_another_process_is_told(tmp_path: Path) -> None:
    path = tmp_path / "witness.sqlite"
    one, other = WitnessState(path), WitnessState(path, patience_s=0.01)
    with one.alone(), pytest.raises(StorageFailed, match="locked"), other.alone():
        pass
    with other.alone() as records:
        records.keep(known(3))
    assert one.latest(ORIGIN) == known(3)
    one.close()
    other.close()


# the race of the specification: two requests at once must not roll a log back

Signed = list[tuple[int, bytes]]


def climb(witness: Witness, step: int, stop: int, signed: Signed) -> None:
    """Have larger and larger checkpoints cosigned, from whatever the witness knows."""
    old, new = 0, step
    while new <= stop:
        answer = witness.add_checkpoint(LOG.request(old, new), AT)
        if answer.status == 409:
            old = int(answer.body)
            new = max(new, old)
            continue
        assert answer.status == 200
        signed.append((new, answer.body))
        old, new = new, new + step


def check_only_grew(signed: Signed) -> None:
    """In the order in which one caller had them signed, sizes only grow, and each has one root."""
    sizes = [size for size, _ in signed]
    assert sizes == sorted(sizes)
    for size, body in signed:
        (line,) = parse_signatures(body)
        assert verify_cosignature(COSIGNER.vkey, LOG.checkpoint(size), line) == AT


def test_two_threads_never_roll_a_log_back(tmp_path: Path) -> None:
    witness, state = a_witness(tmp_path / "witness.sqlite")
    signed: list[Signed] = [[], [], []]
    steps = (1, 3, 7)
    threads = [
        Thread(target=climb, args=(witness, step, 60, mine))
        for step, mine in zip(steps, signed, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert any(signed)
    for mine in signed:
        check_only_grew(mine)
    latest = state.latest(ORIGIN)
    assert latest is not None
    assert latest.checkpoint.size == max(size for mine in signed for size, _ in mine)
    state.close()


def climb_in_a_process(path: Path, step: int, said: Connection) -> None:
    witness, state = a_witness(path)
    signed: Signed = []
    climb(witness, step, 60, signed)
    state.close()
    said.send(signed)


def test_two_processes_never_roll_a_log_back(tmp_path: Path) -> None:
    path = tmp_path / "witness.sqlite"
    ends = [SPAWN.Pipe() for _ in range(2)]
    workers = [
        SPAWN.Process(target=climb_in_a_process, args=(path, step, theirs))
        for step, (_, theirs) in zip((1, 2), ends, strict=True)
    ]
    for worker in workers:
        worker.start()
    signed: list[Signed] = [ours.recv() for ours, _ in ends]
    for worker in workers:
        worker.join()
    for mine in signed:
        check_only_grew(mine)
    state = WitnessState(path)
    latest = state.latest(ORIGIN)
    assert latest is not None
    assert latest.checkpoint.size == max(size for mine in signed for size, _ in mine)
    state.close()


FORKS = [LOG, ToyLog(400, fork_at=7)]


def cosign_until_killed(path: Path, said: Connection) -> None:
    """Take requests of two histories in turn; say of each signature, after it was answered."""
    witness, state = a_witness(path)
    latest = state.latest(ORIGIN)
    size = latest.checkpoint.size if latest else 0
    at = AT + timedelta(seconds=size)
    said.send(("ready", size, b""))
    for new in range(size, len(LOG.entries)):
        for number, log in enumerate(FORKS):
            answer = witness.add_checkpoint(log.request(size, new), at)
            if answer.status == 200:
                size = new
                said.send((number, new, answer.body))


@pytest.mark.slow
def test_a_witness_killed_at_any_moment_never_signs_two_roots_of_one_size(tmp_path: Path) -> None:
    path = tmp_path / "witness.sqlite"
    roots: dict[int, bytes] = {}
    largest = answered = 0
    for life in range(30):
        ours, theirs = SPAWN.Pipe()
        worker = SPAWN.Process(target=cosign_until_killed, args=(path, theirs))
        worker.start()
        theirs.close()
        ready = ours.recv()
        assert ready[1] >= largest, "what was answered is remembered"
        try:
            for _ in range(1 + life * 3 % 20):
                number, size, body = ours.recv()
                answered += 1
                checkpoint = FORKS[number].checkpoint(size)
                (line,) = parse_signatures(body)
                verify_cosignature(COSIGNER.vkey, checkpoint, line)
                assert roots.setdefault(size, checkpoint.root) == checkpoint.root
                largest = max(largest, size)
        except EOFError:
            pass  # it had come to the end
        assert worker.pid is not None
        worker.kill()
        worker.join()
        assert worker.exitcode in {0, -SIGKILL}
    assert answered >= 200
    witness, state = a_witness(path)
    assert witness.evidence(), "the second history was refused, and kept"
    assert all(not piece.conclusive or piece.known for piece in witness.evidence())
    state.close()
