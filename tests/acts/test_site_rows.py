"""Whoever leaves takes their rows of the site along, and nobody else's."""

from typing import Any

import pytest
from sqlalchemy import Connection, LargeBinary, Table, select
from sqlalchemy.types import BigInteger, Boolean

from assent.acts.house import House
from assent.acts.logs import Logs
from assent.catalogue import site_tables, tables
from assent.catalogue.site_tables import OF_ACCOUNT, OF_ARTIST, OF_RECORDING
from assent.training.forget import forget
from tests.houses import add

SITE = [one for one in vars(site_tables).values() if isinstance(one, Table)]
NOBODYS = {"attempts", "challenges"}
"""What is not of an account: it runs out by itself within the hour."""


def fill(connection: Connection, table: Table, mark: str, **said: object) -> None:
    """Put one row in: what is said of it, and a mark in every other column."""
    values: dict[str, Any] = {}
    for column in table.columns:
        number = isinstance(column.type, BigInteger)
        plain = b"x" if isinstance(column.type, LargeBinary) else f"{column.name} of {mark}"
        values[column.name] = False if isinstance(column.type, Boolean) else 7 if number else plain
    if "blob" in values:
        values["blob"] = mark.encode().hex()
    values |= {name: value for name, value in said.items() if name in values}
    connection.execute(table.insert().values(values))


def test_every_table_of_the_site_says_whose_its_rows_are() -> None:
    listed = {*OF_ACCOUNT, *OF_RECORDING, *OF_ARTIST}
    assert {table.name for table in SITE} - {table.name for table in listed} == NOBODYS
    for column, tables_of in (
        ("account", OF_ACCOUNT),
        ("recording", OF_RECORDING),
        ("artist", OF_ARTIST),
    ):
        assert {table.name for table in SITE if column in table.c} == {it.name for it in tables_of}


def test_an_erasure_takes_the_rows_of_a_person_and_leaves_those_of_others(
    either_house: House, tmp_path: Any
) -> None:
    house = either_house
    theirs, others = add(house, tmp_path, "Wren"), add(house, tmp_path, "Ada Quill")
    with house.writing() as connection:
        rows = connection.execute(select(tables.artists)).all()
        artist = {row.name: row.id for row in rows}
        account = {row.name: row.account for row in rows}
        for name, recording in (("Wren", theirs), ("Ada Quill", others)):
            for table in (it for it in SITE if it.name not in NOBODYS):
                said = {"account": account[name], "recording": recording, "artist": artist[name]}
                fill(connection, table, name, **said, hidden_by=account["Wren"])
    forget(house, Logs(house), "Wren", "Wren")
    with house.reading() as connection:
        for table in (it for it in SITE if it.name not in NOBODYS):
            left = connection.execute(select(table)).all()
            assert len(left) == 1, table.name
            assert "Wren" not in str(left), table.name
            assert account["Wren"] not in left[0], table.name


def test_what_others_said_of_what_is_gone_goes_and_the_rest_of_theirs_stays(
    house: House, tmp_path: Any
) -> None:
    theirs, others = add(house, tmp_path, "Wren"), add(house, tmp_path, "Ada Quill")
    with house.writing() as connection:
        for place, recording in enumerate((others, theirs, others)):
            for playlist in ("p1", "p2"):
                item = {"playlist": playlist, "place": place, "recording": recording}
                fill(connection, site_tables.playlist_items, playlist, **item)
        wren = connection.execute(
            select(tables.accounts.c.id).where(tables.accounts.c.name == "Wren")
        ).scalar_one()
        fill(connection, site_tables.playlists, "Wren", id="p2", account=wren)
        for name, recording in (("c1", theirs), ("c2", others)):
            said = {"id": name, "account": "a-ada", "recording": recording}
            fill(connection, site_tables.comments, "Ada", **said)
    forget(house, Logs(house), "Wren", "Wren")
    with house.reading() as connection:
        items = connection.execute(select(site_tables.playlist_items)).all()
        kept = connection.execute(select(site_tables.comments.c.id)).scalars().all()
    assert [tuple(row) for row in items] == [("p1", 0, others), ("p1", 2, others)]
    assert list(kept) == ["c2"]


def test_if_it_fails_nothing_of_them_is_gone(
    house: House, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = add(house, tmp_path, "Wren")
    with house.writing() as connection:
        fill(connection, site_tables.likes, "Wren", recording=recording)

    def failing(*_: object) -> None:
        raise RuntimeError("the disk is away")

    monkeypatch.setattr("assent.acts.erase.rebuild", failing)
    with pytest.raises(RuntimeError):
        forget(house, Logs(house), "Wren", "Wren")
    with house.reading() as connection:
        assert len(connection.execute(select(site_tables.likes)).all()) == 1
