"""Who used one holder's music: every use by program and hour, and the training sets it is in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from assent.catalogue import tables
from assent.catalogue.rows import read_program
from assent.catalogue.words import recordings_of, stored_words
from assent.training.listing import TrainingSet, read_sets

__all__ = ["Filter", "Held", "Use", "held_in", "programs_of", "totals", "uses"]

_MOST_LISTED = 200


class Filter(NamedTuple):
    """Which uses are asked for.

    Args:
        program: Only by this program.
        recording: Only of this recording.
        since: Only from this day on, as 2031-01-31.
        until: Only up to this day, as 2031-01-31.
    """

    program: str = ""
    recording: str = ""
    since: str = ""
    until: str = ""


class Use(NamedTuple):
    """What one program did with one recording within one hour.

    Args:
        event: The event that counted it.
        hour: The hour, as 2031-01-31T09Z.
        program: The program.
        owner: Whose that is.
        recording: The recording's id.
        number: The recording's number.
        title: How the recording is called.
        times: How often it was opened.
    """

    event: int
    hour: str
    program: str
    owner: str
    recording: str
    number: int
    title: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A training set with recordings of one holder in it.

    Args:
        training_set: The set.
        owner: Whose program it was cut for.
        recordings: Which of theirs are in it: id and title, the first ones.
        count: How many are.
        taken_back: How many of those the program may no longer use.
    """

    training_set: TrainingSet
    owner: str
    recordings: tuple[tuple[str, str], ...]
    count: int
    taken_back: int


def uses(
    connection: Connection,
    account: str,
    wanted: Filter,
    *,
    after: tuple[int, int] | None = None,
    most: int,
) -> list[Use]:
    """Return uses of an account's recordings, the newest first.

    Args:
        connection: Where the catalogue is read.
        account: The account's id.
        wanted: Which uses.
        after: The event and the recording's number of the last one seen; from the newest if None.
        most: How many at most.
    """
    use, recordings, programs = tables.uses.c, tables.recordings.c, tables.programs.c
    query = _narrowed(
        select(
            use.event,
            use.hour,
            use.program,
            func.coalesce(programs.owner, "").label("owner"),
            use.recording,
            recordings.number,
            recordings.title,
            use.count,
        ),
        account,
        wanted,
    )
    if after is not None:
        event, number = after
        query = query.where(
            (use.event < event) | ((use.event == event) & (recordings.number > number))
        )
    query = query.order_by(use.event.desc(), recordings.number).limit(most)
    return [Use(*row) for row in connection.execute(query)]


def totals(connection: Connection, account: str, wanted: Filter) -> list[tuple[str, str, int, int]]:
    """Return for each program its id, its owner, how often it opened how many recordings."""
    use, programs = tables.uses.c, tables.programs.c
    query = _narrowed(
        select(
            use.program,
            func.coalesce(programs.owner, ""),
            func.sum(use.count),
            func.count(use.recording.distinct()),
        ),
        account,
        wanted,
    )
    rows = connection.execute(query.group_by(use.program, programs.owner).order_by(use.program))
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in rows]


def _narrowed(query: Select[Any], account: str, wanted: Filter) -> Select[Any]:
    use, recordings, held = tables.uses.c, tables.recordings.c, tables.holdings.c
    query = (
        query.select_from(tables.uses)
        .join(tables.recordings, recordings.id == use.recording)
        .join(tables.holdings, held.recording == use.recording)
        .outerjoin(tables.programs, tables.programs.c.id == use.program)
        .where(held.holder == account)
    )
    if wanted.program:
        query = query.where(use.program == wanted.program)
    if wanted.recording:
        query = query.where(use.recording == wanted.recording)
    if wanted.since:
        query = query.where(use.hour >= wanted.since)
    if wanted.until:
        # an hour of that day sorts after the day's own name, and before this
        query = query.where(use.hour < f"{wanted.until}U")
    return query


def programs_of(connection: Connection, account: str) -> list[str]:
    """Return the programs that have ever used a recording of an account."""
    use, held = tables.uses.c, tables.holdings.c
    query = (
        select(use.program)
        .distinct()
        .join(tables.holdings, held.recording == use.recording)
        .where(held.holder == account)
        .order_by(use.program)
    )
    return list(connection.execute(query).scalars())


def held_in(connection: Connection, account: str) -> Iterator[Held]:
    """Give the training sets that an account's recordings are in, the newest first.

    Args:
        connection: Where the catalogue is read.
        account: The account's id.
    """
    own = recordings_of(connection, account)
    if not own:
        return
    owners = {
        row.id: row.owner for row in connection.execute(select(*tables.programs.c["id", "owner"]))
    }
    for one in reversed(read_sets(connection)):
        if members := [number for number in own if number in one.members]:
            yield Held(
                training_set=one,
                owner=owners.get(one.program, ""),
                recordings=_titles(connection, members[:_MOST_LISTED]),
                count=len(members),
                taken_back=_taken_back(connection, one.program, members),
            )


def _titles(connection: Connection, numbers: list[int]) -> tuple[tuple[str, str], ...]:
    recordings = tables.recordings.c
    query = select(recordings.id, recordings.title).where(recordings.number.in_(numbers))
    rows = connection.execute(query.order_by(recordings.number))
    return tuple((row.id, row.title) for row in rows)


def _taken_back(connection: Connection, program: str, numbers: list[int]) -> int:
    """Return how many recordings a program may no longer use, whether it runs or not."""
    asked = read_program(connection, program)
    if asked is None:
        return len(numbers)
    words = stored_words(connection, numbers, program)
    return sum(words.get(number, 0) & asked.uses != asked.uses for number in numbers)
