"""What somebody has said of each use, and what it comes to: the table of 15 activities by 4 actors.

For a whole account, or for one recording. Each cell answers what holds now and why, and by which
statement. Changes nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from assent.catalogue import tables
from assent.catalogue.facts import FactReader
from assent.catalogue.rows import Texts, read_statements
from assent.clock import format_instant
from assent.errors import Unknown
from assent.permission.algebra import ground
from assent.permission.decide import word_of
from assent.permission.facts import Facts, Holder, Role, Standing
from assent.permission.presets import PRESETS, Preset
from assent.permission.reasons import blockers
from assent.permission.statements import Said, Statement, Voice, fold
from assent.permission.uses import ACTIVITIES, ACTORS, Activity
from assent.studio.choices_cells import Cell, Consent, Now, cell_of, each_use, pieces_of, spoken
from assent.studio.foresight_presets import delivered_under, outlooks_of
from assent.studio.foresight_reading import Reading
from assent.studio.foresight_stays import told_once

__all__ = [
    "Cell",
    "Chosen",
    "ChosenPreset",
    "Now",
    "account_choices",
    "preset_of",
    "recording_choices",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What somebody has said, and what it comes to.

    Args:
        recordings: Of how many recordings.
        cells: The 60 uses, activity by activity.
        apart: The recordings with a word of their own, by id; of an account.
        texts: The terms accepted and those in force, or the agreement.
        facts: All that is known of the recording; None for an account.
        word: What is open in the recording; for an account, as far as its word goes.
    """

    recordings: int
    cells: tuple[Cell, ...]
    apart: tuple[str, ...] = ()
    texts: tuple[Standing, ...] = ()
    facts: Facts | None = None
    word: int = 0

    @property
    def rows(self) -> Iterator[tuple[Activity, tuple[Cell, ...]]]:
        """The cells by activity."""
        for place, activity in enumerate(ACTIVITIES):
            yield activity, self.cells[place * len(ACTORS) : (place + 1) * len(ACTORS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPreset:
    """Which preset somebody has chosen.

    Args:
        preset: The last one chosen; None if none was.
        since: When [aware datetime]; None if none was.
        event: Number of that statement.
        is_changed: Whether anything was said since.
        is_like: The preset that the terms come to where nothing was said, as far as its name would
            be true; None if to none.
    """

    preset: Preset | None
    event: int | None = None
    is_changed: bool = False
    is_like: Preset | None = None


def account_choices(connection: Connection, account: str, at: datetime) -> Chosen:
    """Return what an account has said for all its recordings.

    Args:
        connection: Where the catalogue is read.
        account: The account's id.
        at: The instant to answer for [aware datetime].

    Raises:
        Unknown: There is no such account.
    """
    statements = read_statements(connection, [account])[account]
    voice = fold(statements, at)
    view = _account_view(connection, account, voice)
    words = _words_now(connection, account, at)
    counts = _counts(words)
    return Chosen(
        recordings=sum(words.values()),
        cells=tuple(cell_of(view, use, counts.get(use, 0)) for use in each_use()),
        apart=tuple(_apart(connection, account, voice)),
        texts=(view.first, view.second),
        word=view.ground,
    )


def recording_choices(connection: Connection, account: str, recording: str, at: datetime) -> Chosen:
    """Return what an account says of one of its recordings, and what it comes to.

    Args:
        connection: Where the catalogue is read.
        account: The account's id.
        recording: The recording's id.
        at: The instant to answer for [aware datetime].

    Raises:
        Unknown: There is no such recording, or they hold no rights in it.
    """
    facts = FactReader(connection).facts(recording, None, at)
    mine = next((holder for holder in facts.holders if holder.id == account), None)
    if mine is None:
        raise Unknown(f"there is no recording {recording!r} of yours", recording=recording)
    view = _recording_view(connection, mine, recording, at)
    word = word_of(facts)
    lacks = view.ground & ~word
    lacking = tuple(told_once(blockers(facts, None, lacks, at))) if lacks else ()
    return Chosen(
        recordings=1,
        cells=tuple(cell_of(view, use, int(bool(word & use)), lacking) for use in each_use()),
        texts=(view.first, view.second) if view.first != view.second else (view.first,),
        facts=facts,
        word=word,
    )


def preset_of(connection: Connection, account: str, at: datetime) -> ChosenPreset:
    """Return which preset an account has chosen, and whether more was said since.

    Args:
        connection: Where the catalogue is read.
        account: The account's id.
        at: The instant to answer for [aware datetime].
    """
    said = tables.statements.c
    mine = said.holder == account
    last = connection.execute(select(func.max(said.event)).where(mine)).scalar_one()
    query = select(said.event, said.preset).where(mine, said.preset.is_not(None))
    chosen = connection.execute(query.order_by(said.event.desc()).limit(1)).first()
    if chosen is not None:
        return ChosenPreset(
            preset=Preset(chosen.preset),
            event=chosen.event,
            # of one recording or to one program, too: what the preset says is not all there is
            is_changed=last != chosen.event,
        )
    return ChosenPreset(
        preset=None,
        is_changed=last is not None,
        is_like=None if last is not None else _like(connection, account, at),
    )


def _like(connection: Connection, account: str, at: datetime) -> Preset | None:
    """Return the preset that it comes to where nothing was said, if its name would be true."""
    if delivered_under(connection, account)[1]:
        return None  # what was delivered stands on its agreement, which no preset's name tells
    view = _account_view(connection, account, fold([], at))
    outlooks = outlooks_of(connection, account)
    return next(
        (
            preset
            for preset in (Preset.FOUND, Preset.NO_AI)
            if view.ground == _under(view, preset) and outlooks[preset].is_true
        ),
        None,
    )


def _under(view: Consent, preset: Preset) -> int:
    masks = PRESETS[preset]
    return ground(view.first.masks, view.second.masks, masks.granted, masks.refused)


def _account_view(connection: Connection, account: str, voice: Voice) -> Consent:
    accounts = tables.accounts.c
    query = select(accounts.accepted, accounts.accepted_event).where(accounts.id == account)
    row = connection.execute(query).first()
    if row is None:
        raise Unknown(f"there is no account {account!r}")
    texts = Texts(connection)
    said = voice.says("")  # no recording is called that, so it is the account's own word
    return Consent(
        first=texts.standing(Role.ACCEPTED, row.accepted, row.accepted_event),
        second=texts.standing(Role.CURRENT, texts.in_force),
        said=said,
        own=spoken(said),
        pieces=pieces_of(said),
    )


def _recording_view(connection: Connection, mine: Holder, recording: str, at: datetime) -> Consent:
    statements = read_statements(connection, [mine.id])[mine.id]
    account = fold(statements, at).says("")
    about = {it.event for it in statements if it.recording == recording and it.program is None}
    own = 0
    for piece in (*mine.said.granting, *mine.said.refusing):
        own |= piece.uses if piece.event in about else 0
    # what the account grants and this recording was taken out of is a word of its own, too
    own |= account.granted & ~spoken(mine.said)
    return Consent(
        first=mine.first,
        second=mine.second,
        said=mine.said,
        own=own,
        pieces=pieces_of(mine.said) | _taken_out(statements, about, account, mine.said),
    )


def _taken_out(
    statements: Sequence[Statement], about: set[int], account: Said, said: Said
) -> dict[int, int]:
    out = account.granted & ~spoken(said)
    return {
        it.event: it.withdraws & out
        for it in statements
        if it.event in about and it.withdraws & out
    }


_AT_ONCE = 5_000


def _apart(connection: Connection, account: str, voice: Voice) -> Iterator[str]:
    """Give the recordings that a holder still has and has said something of alone."""
    held, recordings = tables.holdings.c, tables.recordings.c
    query = (
        select(recordings.id)
        .join(tables.holdings, held.recording == recordings.id)
        .where(held.holder == account)
        .order_by(recordings.number)
    )
    named = sorted(voice.recordings)
    for low in range(0, len(named), _AT_ONCE):
        some = query.where(recordings.id.in_(named[low : low + _AT_ONCE]))
        yield from connection.execute(some).scalars()


def _words_now(connection: Connection, account: str, at: datetime) -> dict[int, int]:
    """Return how many recordings have which word: as stored, unless time has changed one."""
    held, recordings = tables.holdings.c, tables.recordings.c
    query = (
        select(recordings.word, func.count())
        .join(tables.holdings, held.recording == recordings.id)
        .where(held.holder == account)
        .group_by(recordings.word)
    )
    due = query.where(recordings.good_until <= format_instant(at))
    if connection.execute(due.limit(1)).first() is None:
        return {row[0]: row[1] for row in connection.execute(query)}
    reading = Reading(connection, account, (), at)
    words = reading.words(reading.before, None)
    return Counter(words[number] for number in reading.own)


def _counts(words: Mapping[int, int]) -> dict[int, int]:
    """Return in how many recordings each use is open."""
    return {use: sum(n for word, n in words.items() if word & use) for use in each_use()}
