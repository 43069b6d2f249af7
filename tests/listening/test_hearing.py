"""Who may hear a recording: everybody, its own people, whoever has a link, staff for a case."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from assent.acts.accounts import Role, find_account, open_account
from assent.acts.copies import Found, Suspicion, suspect
from assent.acts.holders import parse_share, set_holders
from assent.acts.house import House
from assent.acts.publish import make_agreement
from assent.catalogue import site_tables
from assent.clock import format_instant
from assent.errors import Unknown
from assent.listening.hearing import Ground, Hearing, may_hear, still
from assent.signin.members import invite
from tests.houses import add, agreement_toml, platform


@dataclass(frozen=True)
class Somebody:
    account: str
    role: Role


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with platform(tmp_path / "data") as house:
        yield house


def somebody(house: House, name: str, role: Role = Role.LISTENER) -> Somebody:
    with house.act(name) as act:
        return Somebody(open_account(act, name, role).id, role)


def known(house: House, name: str, role: Role = Role.ARTIST) -> Somebody:
    with house.reading() as connection:
        return Somebody(find_account(connection, name).id, role)


def make_private(house: House, recording: str) -> None:
    row = {"recording": recording, "visibility": "private", "downloads": False, "about": ""}
    with house.writing() as connection:
        connection.execute(site_tables.recording_pages.insert().values(row))


def hear(
    house: House, recording: str, who: Somebody | None = None, link: str | None = None
) -> Hearing:
    with house.reading() as connection:
        heard = may_hear(connection, recording, who, link, at=house.clock())
        held = still(connection, recording, heard.ground, heard.who, house.clock())
        assert held == heard  # what opens, opens again as long as nothing changes
        return heard


def give_link(house: House, recording: str, **until: float) -> str:
    end = format_instant(house.clock() + timedelta(**until)) if until else None
    row = {"id": "key-1", "recording": recording, "label": "for Mara", "at": "", "until": end}
    with house.writing() as connection:
        connection.execute(site_tables.private_links.insert().values(row))
    return "key-1"


def suspect_copy(house: House, recording: str, original: str) -> None:
    with house.act("desk") as act:
        found = Suspicion(original=original, found=Found.FINGERPRINT, evidence=())
        suspect(act, recording, [found])


def test_everybody_hears_a_public_recording(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    assert hear(house, recording).ground is Ground.PUBLIC
    assert hear(house, recording, somebody(house, "Ada Quill")).ground is Ground.PUBLIC


def test_a_private_recording_is_there_for_its_own_people_alone(
    house: House, tmp_path: Path
) -> None:
    recording = add(house, tmp_path, "Wren")
    make_private(house, recording)
    own = hear(house, recording, known(house, "Wren"))
    assert (own.ground, own.allowed) == (Ground.THEIRS, True)
    for other in (None, somebody(house, "Ada Quill"), somebody(house, "Kim", Role.REVIEWER)):
        refused = hear(house, recording, other)
        assert not refused.allowed
        with pytest.raises(Unknown, match="there is no recording"):
            refused.require()


def test_a_holder_who_did_not_bring_it_hears_it_too(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    somebody(house, "Ada Quill")
    set_holders(house, recording, [parse_share("Wren=50"), parse_share("Ada Quill=50")], "Wren")
    make_private(house, recording)
    assert hear(house, recording, known(house, "Ada Quill")).ground is Ground.THEIRS


def test_a_label_hears_what_was_delivered_under_its_agreement(house: House, tmp_path: Path) -> None:
    make_agreement(house, agreement_toml(), "desk")
    recording = add(house, tmp_path, "Wren", agreement="lantern-1")
    make_private(house, recording)
    assert hear(house, recording, known(house, "Lantern Row")).ground is Ground.THEIRS


def test_a_private_link_opens_its_recording_until_it_ends(house: House, tmp_path: Path) -> None:
    recording, other = add(house, tmp_path, "Wren"), add(house, tmp_path, "Wren")
    make_private(house, recording)
    make_private(house, other)
    link = give_link(house, recording, hours=1)
    assert hear(house, recording, link=link).ground is Ground.LINK
    assert not hear(house, other, link=link).allowed
    assert not hear(house, recording, link="key-2").allowed
    house.clock.turn(hours=2)  # type: ignore[attr-defined]  # the clock of tests
    assert not hear(house, recording, link=link).allowed


def test_a_copy_that_waits_is_heard_by_its_uploader_and_by_who_decides(
    house: House, tmp_path: Path
) -> None:
    original, copy = add(house, tmp_path, "Wren"), add(house, tmp_path, "Ada Quill")
    suspect_copy(house, copy, original)
    make_private(house, original)
    assert hear(house, copy, known(house, "Ada Quill")).ground is Ground.THEIRS
    assert not hear(house, copy).allowed
    assert not hear(house, copy, somebody(house, "Lee", Role.AUDITOR)).allowed
    reviewer = member(house, "Kim", Role.REVIEWER)
    for one in (copy, original):  # both, for they are compared
        assert hear(house, one, reviewer).ground is Ground.STAFF


def member(house: House, name: str, role: Role) -> Somebody:
    return Somebody(invite(house, name, role, "desk").account, role)


def test_a_ground_that_ended_holds_no_more(house: House, tmp_path: Path) -> None:
    original, copy = add(house, tmp_path, "Wren"), add(house, tmp_path, "Ada Quill")
    suspect_copy(house, copy, original)
    reviewer = member(house, "Kim", Role.REVIEWER)
    with house.reading() as connection:
        assert still(connection, copy, Ground.STAFF, reviewer.account, house.clock()).allowed
    with house.writing() as connection:
        connection.execute(site_tables.members.update().values(role=Role.LISTENER.value))
    with house.reading() as connection:
        at = house.clock()
        assert not still(connection, copy, Ground.STAFF, reviewer.account, at).allowed
        assert not still(connection, copy, Ground.PUBLIC, "", at).allowed
        assert not still(connection, copy, Ground.LINK, "key-1", at).allowed
        assert not still(connection, copy, Ground.NO, "", at).allowed


def test_what_does_not_exist_is_told_as_what_is_not_theirs(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    make_private(house, recording)
    with house.reading() as connection:
        with pytest.raises(Unknown) as missing:
            may_hear(connection, "r999", None, at=house.clock())
        with pytest.raises(Unknown) as hidden:
            may_hear(connection, recording, None, at=house.clock()).require()
    assert missing.value.text.replace("r999", recording) == hidden.value.text


def test_a_hearing_is_no_yes_or_no(house: House, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        bool(hear(house, add(house, tmp_path, "Wren")))
