"""Who may say what of a recording once it is here, and what it is called from then on."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assent.acts.accounts import Account, Role, find_account, open_account
from assent.acts.edit import (
    Edit,
    Part,
    Tool,
    Voice,
    edit,
    edit_holders,
    is_bringer,
    may_edit,
    tool_bodies,
)
from assent.acts.holders import Share, parse_share
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.publish import make_agreement
from assent.acts.rebuild import findings
from assent.acts.say import About, grant
from assent.acts.upload import Work, upload
from assent.catalogue import tables
from assent.catalogue.watched import brought_by, uploader_of, watched_accounts
from assent.errors import BadInput, NotAllowed, Unknown
from assent.permission.uses import labels
from assent.training.forget import forget
from tests.houses import RIVAL, add, agreement_toml, write_wav

SINGER = Tool(part=Part.VOCALS, name="Choir Maker 4.5", voice=Voice.PERMITTED)


def account(house: House, name: str) -> Account:
    with house.reading() as connection:
        return find_account(connection, name)


def joined(house: House, name: str) -> Account:
    with house.act(name) as act:
        return open_account(act, name, Role.ARTIST)


def row(house: House, recording: str) -> Any:
    recordings, disclosures = tables.recordings, tables.disclosures
    with house.reading() as connection:
        return connection.execute(
            select(recordings, disclosures.c.made_with)
            .outerjoin(disclosures, disclosures.c.recording == recordings.c.id)
            .where(recordings.c.id == recording)
        ).one()


@pytest.mark.parametrize(
    "title",
    [
        "مدّ وجزر",
        "גאות ושפל",
        "潮汐",
        "می‌خواهم",
        "👩‍👩‍👧 tide 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "<script>alert(1)</script>",
        "x" * 500,
    ],
)
def test_a_title_in_any_script_comes_back_as_it_was(
    house: House, tmp_path: Path, title: str
) -> None:
    recording = add(house, tmp_path, "Wren")
    edit(house, recording, Edit(title=title), account(house, "Wren"))
    assert row(house, recording).title == title
    again = upload(
        house, write_wav(tmp_path / "x.wav", 150), Work(artist="Wren", title=title), "Wren"
    )
    assert row(house, again.recording).title == title
    assert findings(house) == []


def test_an_edit_is_an_event_and_the_tables_follow(either_house: House, tmp_path: Path) -> None:
    house = either_house
    recording, wren = add(house, tmp_path, "Wren"), account(either_house, "Wren")
    said = Edit(
        title=" Low  tide ", licence="CC-BY-4.0", isrc="gb-abc-31-00001", made_with=[SINGER]
    )
    event = edit(house, recording, said, wren)
    assert event is not None
    assert (event.kind, event.by) == ("recording.edit", "Wren")
    after = row(house, recording)
    assert (after.title, after.licence, after.isrc) == ("Low tide", "CC-BY-4.0", "GBABC3100001")
    assert json.loads(after.made_with) == [
        {"role": "vocals", "tool": "Choir Maker 4.5", "voice": "permitted"}
    ]
    assert findings(house) == []


def test_that_no_tool_helped_is_another_thing_than_nothing_said(
    house: House, tmp_path: Path
) -> None:
    recording, wren = add(house, tmp_path, "Wren"), account(house, "Wren")
    assert row(house, recording).made_with is None
    edit(house, recording, Edit(title="Tide", made_with=[]), wren)
    assert row(house, recording).made_with == "[]"
    edit(house, recording, Edit(title="Tide"), wren)
    assert row(house, recording).made_with is None
    said = Work(artist="Wren", title="Other", made_with=[])
    other = upload(house, write_wav(tmp_path / "o.wav", 160), said, "Wren").recording
    assert row(house, other).made_with == "[]"
    assert findings(house) == []


def test_an_edit_that_says_nothing_new_is_no_event(house: House, tmp_path: Path) -> None:
    recording, wren = add(house, tmp_path, "Wren"), account(house, "Wren")
    assert edit(house, recording, Edit(title="Tide"), wren) is not None
    assert edit(house, recording, Edit(title="Tide"), wren) is None


def test_what_goes_along_is_written_with_it_or_not_at_all(house: House, tmp_path: Path) -> None:
    recording, wren = add(house, tmp_path, "Wren"), account(house, "Wren")

    def failing(_: object) -> None:
        raise BadInput("that cannot be")

    with pytest.raises(BadInput):
        edit(house, recording, Edit(title="Tide"), wren, failing)
    assert row(house, recording).title != "Tide"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Edit(title="  "), "title"),
        (Edit(title="x" * 501), "title"),
        (Edit(title="back\u202ewards"), "title"),
        (Edit(title="two\0"), "title"),
        (Edit(title="Tide", isrc="12"), "isrc"),
        (Edit(title="Tide", licence="x" * 101), "licence"),
        (Edit(title="Tide", made_with=[Tool(part=Part.LYRICS, name=" ")]), "made_with"),
        (Edit(title="Tide", made_with=[SINGER] * 51), "made_with"),
    ],
)
def test_what_cannot_be_said_is_named_with_its_field(
    house: House, tmp_path: Path, said: Edit, field: str
) -> None:
    recording = add(house, tmp_path, "Wren")
    with pytest.raises(BadInput) as refused:
        edit(house, recording, said, account(house, "Wren"))
    assert refused.value.facts["field"] == field


def test_only_who_brought_it_or_holds_rights_may_edit(house: House, tmp_path: Path) -> None:
    shares = [parse_share("Wren=50%"), parse_share("Mara Fen=50%,producer")]
    recording = add(house, tmp_path, "Wren", holders=shares)
    stranger = joined(house, "Ada Quill")
    edit(house, recording, Edit(title="By Mara"), account(house, "Mara Fen"))
    with pytest.raises(NotAllowed):
        edit(house, recording, Edit(title="By Ada"), stranger)
    with pytest.raises(Unknown):
        edit(house, "r99", Edit(title="By Ada"), stranger)
    assert row(house, recording).title == "By Mara"


def test_what_a_label_delivered_is_for_the_label_alone_to_edit(
    house: House, tmp_path: Path
) -> None:
    make_agreement(house, agreement_toml(), "desk")
    shares = [parse_share("Mara Fen=100%")]
    recording = add(house, tmp_path, "Mara Fen", agreement="lantern-1", holders=shares)
    label, mara = account(house, "Lantern Row"), account(house, "Mara Fen")
    edit(house, recording, Edit(title="By the label"), label)
    with pytest.raises(NotAllowed):
        edit(house, recording, Edit(title="By Mara"), mara)
    with pytest.raises(NotAllowed, match="agreement"):
        edit_holders(house, recording, [Share(name="Lantern Row")], label)
    assert row(house, recording).title == "By the label"


def test_holders_are_for_whoever_brought_it_to_say(house: House, tmp_path: Path) -> None:
    shares = [parse_share("Wren=50%"), parse_share("Mara Fen=50%")]
    recording = add(house, tmp_path, "Wren", holders=shares)
    with pytest.raises(NotAllowed):
        edit_holders(house, recording, [Share(name="Mara Fen")], account(house, "Mara Fen"))
    wren = account(house, "Wren")
    assert edit_holders(house, recording, shares, wren) is None
    with pytest.raises(BadInput, match="at least one"):
        edit_holders(house, recording, [], wren)
    with pytest.raises(BadInput, match="twice"):
        edit_holders(house, recording, [*shares, *shares], wren)
    assert edit_holders(house, recording, [Share(name="Wren")], wren) is not None
    assert findings(house) == []


def test_a_holder_who_is_here_is_not_taken_out_by_somebody_else(
    house: House, tmp_path: Path
) -> None:
    mara = joined(house, "Mara Fen")
    shares = [parse_share("Wren=50%"), parse_share("Mara Fen=50%")]
    recording = add(house, tmp_path, "Wren", holders=shares)
    grant(house, About(holder="Wren"), RIVAL, all_programs=True)
    with pytest.raises(NotAllowed, match="Mara Fen holds rights in it"):
        edit_holders(house, recording, [Share(name="Wren")], account(house, "Wren"))
    assert "partner/train-rival" not in labels(row(house, recording).word)
    fewer = [parse_share("Wren=90%"), parse_share("Mara Fen=10%")]
    assert edit_holders(house, recording, fewer, account(house, "Wren")) is not None
    with house.reading() as connection:
        assert may_edit(connection, mara.id, recording)
        assert not is_bringer(connection, mara.id, recording)


def test_an_account_brings_music_under_several_names_of_its_own(
    house: House, tmp_path: Path
) -> None:
    wren, ada = joined(house, "Wren"), joined(house, "Ada Quill")
    said = Work(artist="The Tides", title="One", account=wren.id)
    one = upload(house, write_wav(tmp_path / "1.wav", 170), said, "Wren").recording
    with house.reading() as connection:
        assert uploader_of(connection, one) == wren.id
        assert brought_by(connection, wren.id) == [one]
        assert is_bringer(connection, wren.id, one)
        assert not may_edit(connection, ada.id, one)
        assert watched_accounts(connection) == []
    stolen = Work(artist="the  TIDES", title="Two", account=ada.id)
    with pytest.raises(NotAllowed, match="somebody else's name"):
        upload(house, write_wav(tmp_path / "2.wav", 180), stolen, "Ada Quill")
    called = Work(artist="Wren", title="Three", account=ada.id)
    with pytest.raises(NotAllowed, match="somebody else's name"):
        upload(house, write_wav(tmp_path / "3.wav", 190), called, "Ada Quill")
    with house.act("Nobody") as act, pytest.raises(BadInput, match="Wren speaks"):
        open_account(act, "The Tides", Role.ARTIST)
    assert findings(house) == []
    forget(house, Logs(house), "Wren", "Wren")
    with house.act("Nobody") as act:
        open_account(act, "The Tides", Role.ARTIST)


def test_a_name_with_joiners_is_a_name_and_without_them_the_same(house: House) -> None:
    persian = "می\N{ZERO WIDTH NON-JOINER}خواهم"
    assert joined(house, persian).name == persian
    for other in (persian.replace("\N{ZERO WIDTH NON-JOINER}", ""), "\N{ZERO WIDTH JOINER}", "a\0"):
        with pytest.raises(BadInput):
            joined(house, other)


def test_a_tool_is_said_in_one_way() -> None:
    assert tool_bodies([Tool(part=Part.POST_PRODUCTION, name="  Ozone   Hat ")]) == [
        {"role": "post-production", "tool": "Ozone Hat", "voice": "none"}
    ]
