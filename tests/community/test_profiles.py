"""What an artist says of themselves, and who may write it."""

import pytest

from assent.acts.accounts import Account, Role, open_account, open_artist
from assent.community import profiles
from assent.community.reach import owner_of
from assent.community.text import web_address
from assent.errors import BadInput, NotAllowed, Unknown
from tests.community.conftest import Stage


def test_whom_the_name_belongs_to_writes_it(stage: Stage) -> None:
    link = "https://wren.example/קול"
    profiles.describe(stage.house, stage.wren, stage.artist, "Two\r\n\r\nlines ", link)
    with stage.house.reading() as connection:
        found = profiles.profile(connection, stage.artist)
    assert (found.name, found.about, found.link) == ("Wren", "Two\n\nlines", link)
    profiles.describe(stage.house, stage.wren, stage.artist, "", "")
    with stage.house.reading() as connection:
        found = profiles.profile(connection, stage.artist)
    assert (found.about, found.link) == ("", "")


def test_nobody_else_writes_it(stage: Stage) -> None:
    for other in (stage.lio, stage.ada):
        with pytest.raises(NotAllowed, match="somebody else"):
            profiles.describe(stage.house, other, stage.artist, "I am Wren", "")
    with pytest.raises(Unknown, match="no such artist"):
        profiles.describe(stage.house, stage.wren, "n99", "", "")


def test_a_name_that_nobody_is_called_is_its_bringers_until_somebody_is(stage: Stage) -> None:
    with stage.house.act("Wren") as act:
        artist = open_artist(act, "The Salt Meadow", Account(id=stage.wren, name="Wren"))
    with stage.house.reading() as connection:
        assert owner_of(connection, artist) == stage.wren
    with stage.house.act("desk") as act:
        band = open_account(act, "The Salt MEADOW", Role.ARTIST).id
    with stage.house.reading() as connection:
        assert owner_of(connection, artist) == band


def test_a_name_that_stands_in_for_somebody_unknown_is_nobodys(stage: Stage) -> None:
    with stage.house.act("desk") as act:
        nobody = open_account(act, "Unknown", Role.NOBODY)
        artist = open_artist(act, "Unknown", nobody)
    with stage.house.reading() as connection:
        assert owner_of(connection, artist) is None


@pytest.mark.parametrize(
    "link",
    [
        "http://wren.example",
        "javascript:alert(1)",
        "https:wren",
        "https://",
        "//wren.example",
        "https://good.example@evil.example",
        "https://wren.example/a b",
        "https://[::1",
        "https://wren.example\\@evil.example",
        "https://wren.example/\u202egpj",
        "https://" + "w" * 300,
    ],
)
def test_a_link_leads_to_a_site_by_https(link: str) -> None:
    with pytest.raises(BadInput, match="a link begins with https"):
        web_address(link)
