"""What a member said of their own listening: whether plays bear their name. Without a word, no."""

from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue.site_tables import listeners

__all__ = ["keep_history", "keeps_history"]


def keeps_history(connection: Connection, account: str) -> bool:
    """Say whether somebody wants their plays to bear their name."""
    query = select(listeners.c.keeps_history).where(listeners.c.account == account)
    return bool(connection.execute(query).scalar_one_or_none())


def keep_history(house: House, account: str, *, keeps: bool) -> None:
    """Write down whether somebody wants their plays to bear their name from now on."""
    with house.writing() as connection:
        connection.execute(listeners.delete().where(listeners.c.account == account))
        connection.execute(listeners.insert().values(account=account, keeps_history=keeps))
