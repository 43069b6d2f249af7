"""Everything of somebody in one archive, which stock tools open and anybody can check."""

import io
import json
import tracemalloc
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from assent.acts.accounts import Account, find_account
from assent.acts.count_uses import count_uses
from assent.acts.edit import Edit, Part, Tool, edit
from assent.acts.holders import parse_share
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.programs import approve, propose
from assent.acts.say import About, grant
from assent.catalogue import tables
from assent.catalogue.site_tables import comments, sessions
from assent.log.policy import parse_policy
from assent.log.receipt import check_receipt
from assent.studio.archive import archive
from assent.studio.archive_zip import Entry, file_name, zipped
from tests.houses import RIVAL, add, program_toml

TITLES = ("مدّ", "גאות", "潮汐", "Tide 👩‍👧", "a/b:c", "..", "x" * 400)


def account(house: House, name: str) -> Account:
    with house.reading() as connection:
        return find_account(connection, name)


def opened(house: House, name: str) -> zipfile.ZipFile:
    data = b"".join(archive(house, Logs(house), account(house, name)))
    return zipfile.ZipFile(io.BytesIO(data))


def records(zip_file: zipfile.ZipFile) -> Any:
    return json.loads(zip_file.read("records.json"))


def test_audio_comes_back_byte_for_byte_under_its_name_in_any_script(
    house: House, tmp_path: Path
) -> None:
    wren_recordings = []
    for title in TITLES:
        recording = add(house, tmp_path, "Wren")
        edit(house, recording, Edit(title=title), account(house, "Wren"))
        wren_recordings.append(recording)
    other = add(house, tmp_path, "Ada Quill")
    found = opened(house, "Wren")
    assert found.testzip() is None
    names = {it.split(" ")[0]: it for it in found.namelist() if it.startswith("audio/")}
    assert set(names) == {f"audio/{it}" for it in wren_recordings}
    assert f"audio/{other}" not in names
    said = {row["id"]: row for row in records(found)["recordings"]}
    for recording, title in zip(wren_recordings, TITLES, strict=True):
        name = names[f"audio/{recording}"]
        assert sha256(found.read(name)).hexdigest() == said[recording]["digest"]
        assert said[recording]["title"] == title
        assert name.endswith(".wav")
        if title in TITLES[:4]:
            assert name == f"audio/{recording} {title}.wav"


def test_what_is_on_record_is_in_it_and_nothing_that_opens_anything(
    house: House, tmp_path: Path
) -> None:
    recording = add(house, tmp_path, "Wren", holders=[parse_share("Wren=50%,composer")])
    wren = account(house, "Wren")
    made_with = [Tool(part=Part.LYRICS, name="Rhymer")]
    edit(house, recording, Edit(title="Tide", made_with=made_with), wren)
    grant(house, About(holder="Wren", recording=recording), RIVAL, all_programs=True)
    row = {"at": "2031-03-01T12:00:00.000Z", "account": wren.id}
    with house.writing() as connection:
        said = {"id": "c1", "recording": recording, "at_ms": 5, "words": "<b>mine</b>"}
        connection.execute(comments.insert().values(**said, **row))
        session = {"id": "SECRET", "agent": "Firefox", "way": "password", "seen": row["at"]}
        connection.execute(sessions.insert().values(**session, until=row["at"], **row))
    found = opened(house, "Wren")
    everything = records(found)
    assert everything["account"][0]["name"] == "Wren"
    assert everything["statements"][0]["grants"] == ["partner/train-rival"]
    assert everything["holders"][0]["role"] == "composer"
    assert everything["ai_tools"][0]["made_with"][0]["tool"] == "Rhymer"
    assert everything["comments"][0]["words"] == "<b>mine</b>"
    assert everything["sessions"][0]["agent"] == "Firefox"
    whole = b"".join(found.read(name) for name in found.namelist())
    with house.reading() as connection:
        (blob,) = connection.execute(select(tables.recordings.c.blob)).scalars()
    assert b"SECRET" not in whole
    assert blob.encode() not in found.read("records.json")


def test_every_receipt_in_it_holds_under_the_policy_in_it(house: House, tmp_path: Path) -> None:
    recording, other = add(house, tmp_path, "Wren"), add(house, tmp_path, "Ada Quill")
    propose(house, program_toml(), "Kim")
    approve(house, "rival-train", "Lee")
    for holder in ("Wren", "Ada Quill"):
        grant(house, About(holder=holder, program="rival-train"), RIVAL)
    token = house.gate.token("rival-train")
    for one in (recording, other):
        with house.gate.open(token, one) as stream:
            stream.read(1)
    house.gate.close()
    count_uses(house)
    Logs(house).publish()
    found = opened(house, "Wren")
    policy = parse_policy(found.read("receipts/trust.policy"))
    receipts = [it for it in found.namelist() if it.endswith(".tlog-proof")]
    kinds = {it.split(" ")[1].removesuffix(".tlog-proof") for it in receipts}
    assert {"account", "terms.accept", "artist", "recording", "statement", "use"} <= kinds
    with house.reading() as connection:
        ada = find_account(connection, "Ada Quill").id
    for name in receipts:
        data = found.read(name)
        checked = check_receipt(data, policy)
        assert checked.reason == "ok", name
        # as a name of its own: two letters stand in many a salt
        assert f'"{ada}"' not in json.dumps(checked.shown), name
        if name.endswith(" use.tlog-proof"):
            assert checked.shown is not None
            assert [it["entry"][0] for it in checked.shown["counts"]] == [recording]
    assert "assent verify" in found.read("README.txt").decode()


def test_before_anything_was_published_it_says_so(house: House, tmp_path: Path) -> None:
    add(house, tmp_path, "Wren")
    assert "receipts/NONE.txt" in opened(house, "Wren").namelist()


def test_what_cannot_be_read_is_said_and_the_rest_is_there(house: House, tmp_path: Path) -> None:
    gone, there = add(house, tmp_path, "Wren"), add(house, tmp_path, "Wren")
    with house.reading() as connection:
        recordings = tables.recordings.c
        query = select(recordings.blob).where(recordings.id == gone)
        house.gate.forget(connection.execute(query).scalar_one())
    found = opened(house, "Wren")
    names = found.namelist()
    assert any(it.startswith(f"audio/{gone} ") and it.endswith(".missing.txt") for it in names)
    assert any(it.startswith(f"audio/{there} ") and it.endswith(".wav") for it in names)


def test_somebody_with_nothing_gets_an_archive_too(house: House, tmp_path: Path) -> None:
    add(house, tmp_path, "Wren", holders=[parse_share("Wren=50%"), parse_share("Mara Fen=50%")])
    found = opened(house, "Mara Fen")
    assert records(found)["account"][0]["accepted"] is None
    assert any(it.startswith("audio/") for it in found.namelist())


@given(st.lists(st.lists(st.binary(max_size=50), max_size=4), max_size=5))
def test_whatever_goes_into_a_zip_comes_out_of_it(files: list[list[bytes]]) -> None:
    made = [Entry(f"file {number}", pieces) for number, pieces in enumerate(files)]
    data = b"".join(zipped(made, datetime(2031, 3, 1, tzinfo=UTC)))
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        assert [found.read(entry.name) for entry in made] == [b"".join(it) for it in files]


def test_a_large_archive_needs_no_more_memory_than_a_piece_of_it() -> None:
    piece, size = bytes(1 << 20), 0
    tracemalloc.start()
    try:
        large = [Entry(f"{number}", (piece for _ in range(32))) for number in range(2)]
        for part in zipped(large, datetime(2031, 3, 1, tzinfo=UTC)):
            size += len(part)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 64 << 20
    assert peak < 6 << 20


@given(st.text(max_size=300))
def test_a_name_is_one_that_every_system_takes(text: str) -> None:
    name = file_name(text)
    assert name
    assert len(name.encode()) <= 150
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert name == name.strip(" .")


@pytest.mark.parametrize("title", TITLES[:4])
def test_a_name_that_harms_nobody_stays_as_it_is(title: str) -> None:
    assert file_name(title) == title
