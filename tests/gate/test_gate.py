"""The door: who gets through, what is counted, and what stops a stream."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.count_uses import count_uses
from assent.acts.house import House
from assent.acts.programs import suspend
from assent.acts.say import About, grant, withdraw
from assent.catalogue import tables
from assent.catalogue.events import Event
from assent.errors import KeyFailed, NotPermitted, StorageFailed, TokenRefused, Unknown
from assent.gate.snapshot import FRESH_S
from tests.houses import RIVAL, Clock, add, add_program, platform, write_wav


def opened(house: House, recording: str, program: str = "rival-train") -> io.BufferedReader:
    return house.gate.open(house.gate.token(program), recording)


@pytest.fixture
def granted(house: House, tmp_path: Path) -> str:
    recording = add(house, tmp_path, "Ada Quill")
    add_program(house)
    grant(house, About(holder="Ada Quill", program="rival-train"), RIVAL)
    house.gate.snapshot.refresh()
    return recording


def test_what_comes_out_is_what_went_in(house: House, granted: str, tmp_path: Path) -> None:
    plain = next(tmp_path.glob("*.wav")).read_bytes()
    with opened(house, granted) as stream:
        assert stream.read() == plain
        assert stream.seek(40) == 40
        assert stream.read(10) == plain[40:50]
        assert stream.tell() == 50
    with house.gate.listen(granted) as stream:
        assert stream.read() == plain


def test_a_refusal_carries_the_decision(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Ada Quill")
    add_program(house)
    with pytest.raises(NotPermitted) as refusal:
        opened(house, recording)
    decision = refusal.value.facts["decision"]
    assert decision == house.gate.explain("rival-train", recording, decision.at)  # type: ignore[attr-defined]  # facts are objects


def test_a_withdrawal_stops_what_is_being_read(house: House, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "long.wav", 150, seconds=60)
    from assent.acts.upload import Work, upload

    recording = upload(house, path, Work(artist="Ada Quill"), "desk").recording
    add_program(house)
    grant(house, About(holder="Ada Quill", program="rival-train"), RIVAL)
    house.gate.snapshot.refresh()
    stream = opened(house, recording)
    assert stream.read(1 << 16)
    withdraw(house, About(holder="Ada Quill"), RIVAL)
    house.gate.snapshot.refresh()
    with pytest.raises(NotPermitted):
        stream.read()
    stream.close()


def test_a_suspended_program_gets_nothing(house: House, granted: str) -> None:
    opened(house, granted).close()
    suspend(house, "rival-train", "Kim")
    house.gate.snapshot.refresh()
    with pytest.raises(NotPermitted):
        opened(house, granted)
    assert house.gate.snapshot.permitted("rival-train").numbers.tolist() == []


@pytest.mark.parametrize(
    "recording", ["r1", "r01", "r-1", "rx", "", "r", "r99999999999999999999", "0"]
)
def test_an_unknown_recording_is_said_so(house: House, granted: str, recording: str) -> None:
    with pytest.raises(Unknown):
        opened(house, recording)


def test_an_unknown_program_gets_no_token(house: House) -> None:
    with pytest.raises(Unknown):
        house.gate.token("zed")
    with pytest.raises(Unknown):
        house.gate.snapshot.permitted("zed")


def test_a_token_is_refused_when_forged_changed_or_old(
    house: House, granted: str, clock: Clock
) -> None:
    token = house.gate.token("rival-train", timedelta(minutes=5))
    for wrong in (
        "",
        "x",
        "a.b.c.d",
        token[:-1],
        token.replace("rival", "other"),
        token * 9,
        token.replace("v1", "v2"),
        "v1.rival-train.9.\ud800",
    ):
        with pytest.raises(TokenRefused):
            house.gate.open(wrong, granted)
    house.gate.open(token, granted).close()
    clock.turn(minutes=6)
    with pytest.raises(TokenRefused, match="expired"):
        house.gate.open(token, granted)


def test_a_token_of_another_platform_is_refused(house: House, granted: str, tmp_path: Path) -> None:
    with platform(tmp_path / "other") as other:
        add_program(other)
        with pytest.raises(TokenRefused):
            house.gate.open(other.gate.token("rival-train"), granted)


def uncovered(event: Event) -> list[list[object]]:
    """Return what was counted, without the salts that keep others from guessing it in the log."""
    assert all(len(bytes.fromhex(salt)) == 16 for *_, salt in event.body["counts"])
    return [counted[:-1] for counted in event.body["counts"]]


def test_every_opening_is_counted_once_whatever_happens(
    house: House, granted: str, clock: Clock
) -> None:
    for _ in range(3):
        opened(house, granted).close()
    assert count_uses(house) == ()
    clock.turn(hours=1)
    opened(house, granted).close()
    house.gate.close()
    (first, second) = count_uses(house)
    assert uncovered(first) == [[granted, 3]]
    assert uncovered(second) == [[granted, 1]]
    assert count_uses(house) == ()
    with house.reading() as connection:
        counts = connection.execute(select(tables.uses.c.count)).scalars().all()
    assert counts == [3, 1]


def test_a_crash_between_counting_and_clearing_counts_nothing_twice(
    house: House, granted: str
) -> None:
    opened(house, granted).close()
    house.gate.close()
    (journal,) = house.settings.journals.glob("*.done")
    kept = journal.read_bytes()
    assert len(count_uses(house)) == 1
    journal.write_bytes(kept)
    assert count_uses(house) == ()
    assert not journal.exists()


def test_a_torn_last_line_is_no_use(house: House, granted: str) -> None:
    opened(house, granted).close()
    house.gate.close()
    (journal,) = house.settings.journals.glob("*.done")
    journal.write_bytes(journal.read_bytes() + b'["rival-tra')
    (event,) = count_uses(house)
    assert uncovered(event) == [[granted, 1]]


def test_without_its_master_key_nothing_opens_and_no_new_key_is_made(
    house: House, granted: str
) -> None:
    house.settings.master_key.rename(house.settings.data / "elsewhere")
    again = House.open(house.settings)
    with pytest.raises(KeyFailed, match="missing"):
        again.gate.listen(granted)
    assert not house.settings.master_key.exists()
    again.close()


def test_with_another_master_key_nothing_opens(house: House, granted: str, tmp_path: Path) -> None:
    with platform(tmp_path / "other") as other:
        add(other, tmp_path, "Bo Tarn")
        house.settings.master_key.write_bytes(other.settings.master_key.read_bytes())
    again = House.open(house.settings)
    with pytest.raises(KeyFailed):
        again.gate.listen(granted)
    again.close()


def test_under_another_master_key_nothing_is_taken_in(
    house: House, granted: str, tmp_path: Path
) -> None:
    with platform(tmp_path / "other") as other:
        add(other, tmp_path, "Bo Tarn")
        house.settings.master_key.write_bytes(other.settings.master_key.read_bytes())
    again = House.open(house.settings)
    with pytest.raises(KeyFailed):
        add(again, tmp_path, "Cy Vane")
    with pytest.raises(KeyFailed):
        again.gate.missing()
    again.close()


def test_audio_that_was_cut_short_is_missing(house: House, granted: str) -> None:
    (blob,) = [path for path in (house.settings.data / "blobs").rglob("*") if path.is_file()]
    blob.write_bytes(blob.read_bytes()[:-1])
    assert house.gate.missing() == [granted]


def test_what_an_interrupted_upload_left_is_swept(house: House, granted: str) -> None:
    house.gate.take_in([b"never recorded"])
    assert house.gate.sweep() == 1
    assert house.gate.sweep() == 0
    house.gate.listen(granted).close()
    assert house.gate.missing() == []


def test_nothing_is_swept_while_audio_is_taken_in(house: House) -> None:
    with house.gate.taking_in():
        house.gate.take_in([b"on its way"])
        assert house.gate.sweep() == 0
    assert house.gate.sweep() == 1


def test_missing_audio_is_found(house: House, granted: str) -> None:
    with house.reading() as connection:
        blob = connection.execute(tables.recordings.select()).one().blob
    house.gate.forget(blob)
    assert house.gate.missing() == [granted]
    with pytest.raises(StorageFailed):
        house.gate.listen(granted)


def test_erased_audio_is_said_to_be_erased(house: House, granted: str) -> None:
    with house.act("desk") as act:
        act.connection.execute(tables.data_keys.delete())
    with pytest.raises(StorageFailed, match="erased"):
        house.gate.listen(granted)
    with pytest.raises(Unknown):
        house.gate.listen("r7")


def test_an_act_is_in_force_within_the_stated_time_without_being_told(
    house: House, granted: str
) -> None:
    from assent.clock import monotonic_s

    snapshot = house.gate.snapshot
    assert snapshot.allows("rival-train", granted)
    withdraw(house, About(holder="Ada Quill"), RIVAL)
    since = monotonic_s()
    while snapshot.allows("rival-train", granted):
        assert monotonic_s() - since < 1
    assert monotonic_s() - since < FRESH_S + 0.5
