"""One recording goes, by whoever brought it and holds it alone; all others stay as they were."""

from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.accounts import Account, find_account
from assent.acts.audit import audit
from assent.acts.copies import Suspicion, suspect
from assent.acts.count_uses import count_uses
from assent.acts.erase import finish
from assent.acts.holders import parse_share
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.publish import make_agreement
from assent.acts.rebuild import findings
from assent.acts.receipts import receipt
from assent.acts.say import About, grant, refuse
from assent.catalogue import tables
from assent.catalogue.cases import Found
from assent.catalogue.site_tables import likes
from assent.errors import NotAllowed, Unknown
from assent.log.receipt import check_receipt
from assent.permission.uses import ALL
from assent.training.forget import forget_recording
from tests.houses import RIVAL, add, add_program, agreement_toml


def account(house: House, name: str) -> Account:
    with house.reading() as connection:
        return find_account(connection, name)


def titles(house: House) -> dict[str, str]:
    with house.reading() as connection:
        rows = connection.execute(select(tables.recordings))
        return {row.id: row.title for row in rows}


def used(house: House, recording: str) -> None:
    with house.gate.open(house.gate.token("rival-train"), recording) as stream:
        stream.read(1)


def test_it_is_gone_and_everything_else_is_as_it_was(either_house: House, tmp_path: Path) -> None:
    house, logs = either_house, Logs(either_house)
    gone, kept = add(house, tmp_path, "Wren"), add(house, tmp_path, "Wren")
    other = add(house, tmp_path, "Ada Quill")
    add_program(house)
    for holder in ("Wren", "Ada Quill"):
        grant(house, About(holder=holder), RIVAL, all_programs=True)
    said = refuse(house, About(holder="Wren", recording=kept), RIVAL).number
    about = grant(house, About(holder="Wren", recording=gone), RIVAL, all_programs=True).number
    used(house, gone)
    used(house, other)
    house.gate.close()
    (counted,) = (it.number for it in count_uses(house) if it.kind == "use")
    logs.publish()
    before, policy = titles(house), logs.policy()
    old = {number: receipt(house, logs.consent, number) for number in (said, about, counted)}
    wren = account(house, "Wren")
    with house.writing() as connection:
        row = {"account": "a-lio", "at": "2031-03-01T12:00:00.000Z"}
        connection.execute(likes.insert(), [{"recording": it, **row} for it in (gone, kept)])
    with house.reading() as connection:
        query = select(tables.recordings.c.blob).where(tables.recordings.c.id == gone)
        blob = connection.execute(query).scalar_one()
    erased = forget_recording(house, logs, gone, wren)
    assert (erased.recordings, erased.held) == (1, ())
    assert titles(house) == {name: title for name, title in before.items() if name != gone}
    assert not list(Path(house.settings.blobs).rglob(f"*{blob}*"))
    assert account(house, "Wren") == wren
    with pytest.raises(Unknown):
        house.gate.listen(gone)
    assert findings(house) == []
    assert list(audit(house, logs)) == []
    with house.reading() as connection:
        assert connection.execute(select(likes.c.recording)).scalars().all() == [kept]
        uses = connection.execute(select(tables.uses.c.recording)).scalars().all()
        events = connection.execute(select(tables.events.c.body)).scalars().all()
    assert list(uses) == [other]
    assert before[gone] not in "".join(events)
    assert all(check_receipt(data, policy).holds for data in old.values())
    new = {n: check_receipt(receipt(house, logs.consent, n), policy).reason for n in old}
    assert new == {said: "ok", about: "erased", counted: "ok"}


def test_nobody_else_deletes_it_nor_anybody_in_which_others_have_rights(
    house: House, tmp_path: Path
) -> None:
    make_agreement(house, agreement_toml(), "desk")
    alone = add(house, tmp_path, "Wren")
    shares = [parse_share("Wren=50%"), parse_share("Ada Quill=50%")]
    shared = add(house, tmp_path, "Wren", holders=shares)
    others = add(house, tmp_path, "Wren", holders=[parse_share("Ada Quill=100%")])
    delivered = add(
        house, tmp_path, "Mara Fen", agreement="lantern-1", holders=[parse_share("Mara Fen=100%")]
    )
    before, logs = titles(house), Logs(house)
    for name, recording in (
        ("Ada Quill", alone),
        ("Wren", shared),
        ("Ada Quill", shared),
        ("Wren", others),
        ("Ada Quill", others),
        ("Lantern Row", delivered),
        ("Mara Fen", delivered),
    ):
        with pytest.raises(NotAllowed):
            forget_recording(house, logs, recording, account(house, name))
    with pytest.raises(Unknown):
        forget_recording(house, logs, "r99", account(house, "Wren"))
    assert titles(house) == before


def test_a_copy_of_it_is_held_from_then_on(house: House, tmp_path: Path) -> None:
    original, copy = add(house, tmp_path, "Wren"), add(house, tmp_path, "Ada Quill")
    with house.act("desk") as act:
        suspect(act, copy, [Suspicion(original=original, found=Found.PERSON)])
    erased = forget_recording(house, Logs(house), original, account(house, "Wren"))
    assert erased.held == (copy,)
    with house.reading() as connection:
        query = select(tables.recordings.c.held).where(tables.recordings.c.id == copy)
        assert connection.execute(query).scalar_one() == ALL
    assert findings(house) == []


def test_if_it_is_cut_short_it_comes_to_its_end(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = add(house, tmp_path, "Wren")

    def dying(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("assent.acts.erase.compact", dying)
        with pytest.raises(KeyboardInterrupt):
            forget_recording(house, Logs(house), gone, account(house, "Wren"))
    assert gone not in titles(house)
    assert (house.settings.data / "erasing").exists()
    finish(house)
    assert not (house.settings.data / "erasing").exists()
    assert findings(house) == []
