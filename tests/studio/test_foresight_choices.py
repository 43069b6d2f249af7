"""The table of uses: what each cell says is what the algebra answers."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from assent.catalogue import tables
from assent.catalogue.facts import FactReader
from assent.catalogue.projection import record
from assent.catalogue.words import recordings_of, stored_words
from assent.permission.decide import word_of
from assent.permission.uses import ALL
from assent.studio.choices import Now, account_choices, recording_choices
from tests.catalogue.histories import Step, histories, tell
from tests.databases import undone
from tests.studio.test_foresight import play

many = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
STANDS = {Now.YES, Now.TAKEN, Now.UNLESS_NO}


@many
@given(steps=histories(), place=st.integers(0, 20))
def test_a_cell_of_a_recording_is_open_where_its_word_is(
    sqlite_engine: Engine, steps: list[Step], place: int
) -> None:
    with undone(sqlite_engine) as connection:
        events = tell(steps)
        play(connection, events)
        at = events[-1].at
        held = connection.execute(select(tables.holdings)).all()
        if not held:
            return
        row = held[place % len(held)]
        if row.territories != "world":
            return  # a question about uses alone is about the world
        chosen = recording_choices(connection, row.holder, row.recording, at)
        word = word_of(FactReader(connection).facts(row.recording, None, at))
        unclaimed = bool(chosen.facts and chosen.facts.unclaimed)
        for cell in chosen.cells:
            assert cell.is_open == bool(word & cell.use)
            stands = cell.now in STANDS
            assert cell.is_open <= stands
            assert (stands and not cell.is_open) == bool(cell.others) or unclaimed
        assert sum(cell.use for cell in chosen.cells) == ALL


@many
@given(steps=histories(), place=st.integers(0, 5))
def test_a_cell_of_an_account_counts_the_recordings_in_which_it_is_open(
    sqlite_engine: Engine, steps: list[Step], place: int
) -> None:
    with undone(sqlite_engine) as connection:
        events = tell(steps)
        play(connection, events)
        at = events[-1].at
        accounts = list(connection.execute(select(tables.accounts.c.id)).scalars())
        account = accounts[place % len(accounts)]
        chosen = account_choices(connection, account, at)
        record(connection, "statement.expire", at, "clock", {})
        words = stored_words(connection, recordings_of(connection, account), None)
        for cell in chosen.cells:
            assert cell.open_in == sum(bool(word & cell.use) for word in words.values())
            assert cell.is_open == (cell.now in STANDS)
