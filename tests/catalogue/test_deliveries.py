"""What a label stands on and brought, read from both databases."""

from pathlib import Path

from assent.acts.accounts import find_account
from assent.acts.house import House
from assent.acts.publish import make_agreement
from assent.catalogue.deliveries import agreements_of, deliveries, recordings_named
from assent.permission.uses import parse_uses
from tests.houses import add, agreement_toml


def test_a_label_has_its_own_agreements_and_what_came_under_each(
    either_house: House, tmp_path: Path
) -> None:
    house = either_house
    for name in ("lantern-1", "lantern-2"):
        make_agreement(house, agreement_toml(name), "desk")
    make_agreement(house, agreement_toml("harbour-1", "Quiet Harbour"), "desk")
    brought = [add(house, tmp_path, "Ada Quill", agreement="lantern-1") for _ in range(3)]
    add(house, tmp_path, "Ada Quill", agreement="harbour-1")
    with house.reading() as connection:
        account = find_account(connection, "Lantern Row").id
        found = agreements_of(connection, account)
        assert [(it.id, it.recordings) for it in found] == [("lantern-1", 3), ("lantern-2", 0)]
        assert found[0].masks.opt_in == parse_uses(["partner/train-tool"])
        newest = deliveries(connection, "lantern-1", 2)
        assert [it.recording for it in newest] == brought[:0:-1]
        oldest = deliveries(connection, "lantern-1", 2, before=newest[-1].number)
        assert [it.recording for it in oldest] == brought[:1]
        assert newest[0].artist == "Ada Quill"


def test_recordings_are_found_by_id_and_by_their_own_code_alone(
    either_house: House, tmp_path: Path
) -> None:
    house = either_house
    make_agreement(house, agreement_toml(), "desk")
    own = add(house, tmp_path, "Ada Quill", agreement="lantern-1", isrc="QZ-ABC-24-00017")
    add(house, tmp_path, "Wren", isrc="QZ-ABC-24-00018")
    names = ["qzabc2400017", own, "QZ-ABC-24-00018", "r12", "r-1", "r²", "", "a song"]
    with house.reading() as connection:
        account = find_account(connection, "Lantern Row").id
        found, missing = recordings_named(connection, account, names)
    assert found == [own, "r12"]
    assert set(missing) == {"QZ-ABC-24-00018", "r-1", "r²", "", "a song"}
    assert missing["QZ-ABC-24-00018"] == "no recording of yours has this ISRC"
