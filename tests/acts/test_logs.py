"""The logs of a platform: begun once, published by one at a time, their keys replaced by nobody."""

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copytree, rmtree
from stat import S_IMODE

import pytest

from assent.acts import logs as logs_module
from assent.acts.audit import audit
from assent.acts.house import House
from assent.acts.index_root import index_root
from assent.acts.log_keys import retire, rotate
from assent.acts.logs import CONSENT, INDEX, Logs
from assent.acts.say import About, grant
from assent.catalogue.leaves import INDEX_KINDS
from assent.errors import BadProof, Busy, KeyFailed, NotProved, StorageFailed, Tampered, Unknown
from assent.log.checkpoint import parse_signed
from assent.log.cosignature import Cosigner
from assent.log.keys import load_keys
from assent.log.note import Signature
from assent.log.policy import Policy, Witness
from assent.log.tree import HashAt, check_inclusion, hash_leaf
from assent.log.writer import read_published
from tests.houses import RIVAL, Clock, add, platform


@pytest.fixture
def logs(house: House) -> Logs:
    return Logs(house)


def again(house: House) -> Logs:
    """The logs, as another process comes to them."""
    return Logs(house)


def well(house: House) -> list[str]:
    return [finding.text for finding in audit(house, Logs(house))]


def test_the_first_publication_makes_origins_keys_and_the_policy(house: House, logs: Logs) -> None:
    done = logs.publish()
    consent, index = (done[name].checkpoint.origin for name in (CONSENT, INDEX))
    base = consent.removesuffix("/consent")
    assert base.startswith("assent.invalid/")
    assert len(base) == len("assent.invalid/") + 16
    assert index == f"{base}/index"
    policy = logs.policy()
    assert (policy.witnesses, policy.quorum) == ((), None)
    for name, origin in ((CONSENT, consent), (INDEX, index)):
        path = house.settings.log_keys / name
        assert S_IMODE(path.stat().st_mode) == 0o600
        (key,) = load_keys(path)
        assert key.vkey.name == origin
        trusted = policy.check(done[name].note, house.clock())
        assert trusted.log == key.vkey
    assert well(house) == []


def test_the_settings_name_the_logs_once_and_for_all(tmp_path: Path) -> None:
    with platform(tmp_path) as house:
        named = replace(house.settings, log_origin="/music.example/log/")
        first = Logs(House(named, house.engine, house.clock)).publish()
        assert first[CONSENT].checkpoint.origin == "music.example/log/consent"
        assert first[INDEX].checkpoint.origin == "music.example/log/index"
        other = replace(house.settings, log_origin="else.example")
        later = Logs(House(other, house.engine, house.clock)).publish()
        assert later[CONSENT].checkpoint == first[CONSENT].checkpoint


@pytest.mark.parametrize("name", ["my log", "music+more", "a\tb", "a\x7fb"])
def test_a_name_that_no_log_can_have_is_refused_and_not_kept(tmp_path: Path, name: str) -> None:
    with platform(tmp_path) as house:
        with pytest.raises(BadProof):
            Logs(House(replace(house.settings, log_origin=name), house.engine)).publish()
        assert Logs(house).publish()[CONSENT].checkpoint.size == 1


def test_every_event_is_in_the_consent_log_in_order(either_house: House, tmp_path: Path) -> None:
    house, logs = either_house, Logs(either_house)
    logs.publish()
    for _ in range(3):
        add(house, tmp_path, "Wren")
        logs.publish()
    with house.reading() as connection:
        from assent.catalogue.events import head

        events = head(connection)
    found = logs.consent.head()
    assert found.checkpoint.size == events == logs.consent.ledger.state().frontier.size
    for index, entry in enumerate(logs.consent.ledger.entries(0, events)):
        proof = found.prove(index)
        check_inclusion(hash_leaf(entry), index, events, proof, found.checkpoint.root)
        assert logs.consent.ledger.index_of(index + 1) == index
    assert well(house) == []


def test_roots_and_training_sets_are_in_the_index_log_once_more(
    house: House, logs: Logs, tmp_path: Path
) -> None:
    assert logs.publish()[INDEX].checkpoint.size == 0
    recording = add(house, tmp_path, "Wren")
    roots = [index_root(house)]
    grant(house, About(holder="Wren", recording=recording), RIVAL, all_programs=True)
    roots.append(index_root(house))
    with house.act("Kim") as act:
        from assent.catalogue.events import append

        body = {"id": "set-1", "head": 1, "members": "", "program": "p", "manifest": "0" * 64}
        last = append(act.connection, "training-set", act.at, act.by, body)
    done = logs.publish()
    assert done[INDEX].checkpoint.size == 3
    numbers = [event.number for event in (*roots, last) if event is not None]
    assert [logs.index.ledger.index_of(number) for number in numbers] == [0, 1, 2]
    assert {kind.encode() for kind in INDEX_KINDS} == {
        entry.partition(b'"k":"')[2].partition(b'"')[0] for entry in logs.index.ledger.entries(0, 3)
    }
    assert well(house) == []


def test_where_nothing_has_happened_nothing_changes(house: House, logs: Logs) -> None:
    first = logs.publish()
    assert first[CONSENT].fresh == 1
    for other in (logs, again(house)):
        assert other.publish() == {name: replace(one, fresh=0) for name, one in first.items()}


def test_before_anything_is_published_there_is_neither_head_nor_policy(logs: Logs) -> None:
    for log in (logs.consent, logs.index):
        with pytest.raises(Unknown, match=f"nothing of the log '{log.name}' was published yet"):
            log.head()
    with pytest.raises(Unknown, match="nothing of the log was published yet, so there is no pol"):
        logs.policy()


def test_a_log_is_found_by_its_name(logs: Logs) -> None:
    assert (logs.log("consent"), logs.log("index")) == (logs.consent, logs.index)
    with pytest.raises(Unknown, match="there is no log 'other'; there are consent and index"):
        logs.log("other")


@pytest.mark.parametrize("name", [CONSENT, INDEX])
def test_lost_keys_are_said_to_be_and_never_replaced(house: House, logs: Logs, name: str) -> None:
    """Also those of the index log, which has no entry yet: it has a checkpoint."""
    before = logs.publish()
    path = house.settings.log_keys / name
    kept = path.read_bytes()
    path.unlink()
    house.act("Kim")
    for _ in range(2):
        with pytest.raises(KeyFailed) as caught:
            again(house).publish()
        assert caught.value.text == (
            f"there are no keys of the log at {path}: put your copy of them back"
        )
        assert not path.exists()
    path.write_bytes(kept)
    path.chmod(0o600)
    assert again(house).publish() == {n: replace(one, fresh=0) for n, one in before.items()}


def test_keys_lost_before_anything_was_signed_are_made_again(house: House, logs: Logs) -> None:
    logs.consent.ledger.start("log.example/consent")
    logs.index.ledger.start("log.example/index")
    assert again(house).publish()[CONSENT].checkpoint.origin == "log.example/consent"


def test_the_keys_of_the_two_logs_cannot_be_swapped(house: House, logs: Logs) -> None:
    logs.publish()
    one, two = (house.settings.log_keys / name for name in (CONSENT, INDEX))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    with pytest.raises(KeyFailed, match="these are not the keys of the log"):
        again(house).publish()


def test_a_rotated_key_signs_with_the_old_one_and_a_retired_one_no_more(
    house: House, logs: Logs
) -> None:
    logs.publish()
    (old,) = load_keys(logs.consent.keys)
    rotate(house, logs, CONSENT, "Kim")
    fresh, _ = load_keys(logs.consent.keys)
    lines = parse_signed(logs.consent.head().note)[1].signatures
    assert [line.key_id for line in lines] == [fresh.vkey.key_id, old.vkey.key_id]
    retire(house, logs, CONSENT, old.vkey.key_id.hex(), "Kim")
    lines = parse_signed(logs.consent.head().note)[1].signatures
    assert [line.key_id for line in lines] == [fresh.vkey.key_id]
    logs.check_keys()
    assert well(house) == []


def test_a_policy_that_does_not_name_a_key_that_signs_is_told(house: House, logs: Logs) -> None:
    logs.publish()
    logs.check_keys()
    policy = logs.policy()
    (index,) = load_keys(logs.index.keys)
    logs.trust(replace(policy, logs=policy.logs[:1]))
    with pytest.raises(NotProved) as caught:
        logs.check_keys()
    assert caught.value.text == f"the policy does not name the keys {index.vkey.key_id.hex()}"


class Cosigns:
    """A witness who has seen nothing yet."""

    def __init__(self) -> None:
        self.key = Cosigner.of("witness.example", bytes(32))
        self.sizes: list[int] = []
        self.clock = Clock()

    def largest(self, _origin: str) -> int:
        return 0

    def cosign(self, checkpoint: bytes, _hash_at: HashAt) -> Sequence[Signature]:
        shown, _ = parse_signed(checkpoint)
        self.sizes.append(shown.size)
        self.clock.turn(hours=1)
        return (self.key.cosign(shown, self.clock()),)


def test_published_again_it_is_cosigned_anew(house: House, logs: Logs) -> None:
    logs.publish()
    witness, asked = Cosigns(), list[Policy]()

    def witnesses(policy: Policy) -> Cosigns:
        asked.append(policy)
        return witness

    cosigned = Logs(house, witnesses)
    trusting = replace(
        logs.policy(), witnesses=(Witness(name="w", key=witness.key.vkey),), quorum="w"
    )
    cosigned.trust(trusting)
    # what the witness has not seen yet is shown to it at once, and then only when asked for
    assert trusting.check(cosigned.publish()[CONSENT].note).witnessed
    assert witness.sizes == [1, 0]
    cosigned.publish()
    assert witness.sizes == [1, 0]
    times = []
    for _ in range(2):
        trusted = trusting.check(cosigned.publish(again=True)[CONSENT].note)
        assert trusted.witnessed
        times.append(trusted.newest)
    assert times[0] is not None
    assert times[1] is not None
    assert times[0] < times[1]
    assert witness.sizes == [1, 0] * 3  # once more than before: the unwitnessed one was shown
    assert set(asked) == {trusting}


def test_a_catalogue_from_an_older_copy_signs_nothing(tmp_path: Path, clock: Clock) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with platform(data, clock) as house:
        Logs(house).publish()
        house.engine.dispose()
        with sqlite3.connect(data / "catalogue.sqlite") as open_one:
            open_one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        open_one.close()
        copytree(data, copy)
        for _ in range(3):
            add(house, tmp_path, "Wren")
        Logs(house).publish()
        size = Logs(house).consent.head().checkpoint.size
        note = Logs(house).consent.head().note
    for name in ("catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm"):
        (data / name).unlink(missing_ok=True)
    (copy / "catalogue.sqlite").rename(data / "catalogue.sqlite")
    with platform(data, clock) as house:
        with pytest.raises(Tampered) as caught:
            Logs(house).publish()
        assert caught.value.facts == {"reason": "rolled-back", "known": size, "size": 1}
        assert Logs(house).consent.head().note == note
        assert len(well(house)) >= 1


def test_a_platform_that_lost_its_public_files_makes_them_again(house: House, logs: Logs) -> None:
    first = logs.publish()
    files = {name: logs.consent.store.get(name) for name in logs.consent.store.names()}
    rmtree(house.settings.log)
    done = again(house).publish()
    assert done[CONSENT].checkpoint == first[CONSENT].checkpoint
    assert {name: logs.consent.store.get(name) for name in logs.consent.store.names()} == files


def test_damaged_files_are_found_by_name(house: House, logs: Logs) -> None:
    logs.publish()
    logs.consent.store.put({"tile/0/000.p/1": bytes(32)})
    assert well(house) == [
        "consent: entry 0 does not hash to what tile/0/000.p/1 says of it",
        "consent: the entries are not those whose root the checkpoint gives",
    ]


def test_a_disk_that_refuses_stops_this_process_and_not_the_next(
    house: House, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_files: object) -> None:
        raise StorageFailed("cannot write the log: the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(logs.consent.store, "put", refuse)
        with pytest.raises(StorageFailed, match="the disk is full"):
            logs.publish()
    with pytest.raises(StorageFailed, match="the log has stopped"):
        logs.publish()
    assert read_published(logs.consent.store) is None
    again(house).publish()
    assert well(house) == []


HOLD = """
import sys
from pathlib import Path
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.settings import Settings
house = House.open(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2]))
with Logs(house).alone():
    print("held", flush=True)
    sys.stdin.read()
house.close()
"""


def test_whoever_comes_second_waits_and_then_is_told(
    either_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = either_house
    monkeypatch.setattr(logs_module, "_PATIENCE_S", 0.2)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(house.settings.data), house.settings.database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy, match="another process is publishing the log"):
            Logs(house).publish()
        assert read_published(Logs(house).consent.store) is None
        monkeypatch.setattr(logs_module, "_PATIENCE_S", 20.0)
        assert holder.stdin is not None
        holder.stdin.close()  # and it lets go
        assert Logs(house).publish()[CONSENT].checkpoint.size == 1
        holder.wait()
    assert well(house) == []


def test_one_that_is_killed_while_it_publishes_keeps_nobody_out(house: House) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(house.settings.data), ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.kill()
        holder.wait()
    assert Logs(house).publish()[CONSENT].checkpoint.size == 1


def test_a_lost_policy_is_not_made_anew_without_its_witnesses(house: House, logs: Logs) -> None:
    logs.publish()
    kept = house.settings.policy.read_bytes()
    house.settings.policy.unlink()
    with pytest.raises(KeyFailed, match=r"the policy .* is gone"):
        Logs(house).publish()
    assert not house.settings.policy.exists()
    house.settings.policy.write_bytes(kept)
    Logs(house).publish()
