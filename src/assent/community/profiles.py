"""What an artist says of themselves: some words and one link, written by whom the name belongs to.

A name that recordings appear under belongs to the account that is called so, and where nobody is,
to the account that brought it here.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue.site_tables import artist_pages
from assent.community.reach import refuse_others, require_artist
from assent.community.text import paragraphs, web_address

__all__ = ["MOST_ABOUT", "Profile", "describe", "profile"]

MOST_ABOUT = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """An artist.

    Args:
        id: The artist's id.
        name: How it is called.
        about: What it says of itself; perhaps nothing.
        link: An address of the web, https; perhaps none.
    """

    id: str
    name: str
    about: str
    link: str


def profile(connection: Connection, artist: str) -> Profile:
    """Return an artist.

    Raises:
        Unknown: There is none.
    """
    row = require_artist(connection, artist)
    query = select(artist_pages).where(artist_pages.c.artist == artist)
    said = connection.execute(query).first()
    return Profile(
        id=row.id,
        name=row.name,
        about=said.about if said else "",
        link=said.link if said else "",
    )


def describe(house: House, account: str, artist: str, about: str, link: str) -> None:
    """Write what an artist says of themselves.

    Args:
        house: The platform.
        account: Who writes it.
        artist: Of which artist.
        about: In words; empty for none.
        link: An address of the web that begins with https; empty for none.

    Raises:
        BadInput: It is too long, or the link is none.
        NotAllowed: The name belongs to somebody else.
        Unknown: There is no such artist.
    """
    about, link = paragraphs(about, MOST_ABOUT, "what you say of yourself"), web_address(link)
    with house.writing() as connection:
        refuse_others(connection, account, artist)
        connection.execute(artist_pages.delete().where(artist_pages.c.artist == artist))
        connection.execute(artist_pages.insert().values(artist=artist, about=about, link=link))
