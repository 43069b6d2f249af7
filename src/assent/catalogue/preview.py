"""What new terms would come to, before they are in force: of every recording three words.

The word as it is, the word once the text is in force and nobody has accepted it, and the word once
all who hold rights in the recording have. The algebra is that of `permission.bulk`; recordings are
read a batch at a time, so memory grows with the accounts and the different answers alone.

Words are the blanket ones, as in `word_sql`: what somebody said to one program by name is not in
them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    TextClause,
    bindparam,
    func,
    select,
    text,
)

from assent.catalogue import tables
from assent.catalogue.rows import Texts
from assent.permission.algebra import Masks, Words
from assent.permission.bulk import Holdings, recompute

__all__ = ["Outlook", "Preview", "Shift", "outlooks", "preview"]

_BATCH = 25_000
"""Recordings read at a time: bounds memory, not the result."""
_FEW = 500
_MOST_VALUES = 5_000
_NO_ORIGINAL, _LOST_ORIGINAL = -1, -2
_NO_ACCOUNT = -1
_UNKNOWN = np.iinfo(np.uint16).max
"""In a column of agreements: one that is named and not known."""

_HOLDINGS = """
SELECT r.number, h.holder, COALESCE(h.granted, 0), COALESCE(h.refused, 0),
    COALESCE(h.territories = 'world', false)
FROM recordings r
LEFT JOIN holdings h ON h.recording = r.id
WHERE {where}
ORDER BY r.number
"""
# few recordings have any of these, and a column of a million Nones takes its time, too
_UNUSUAL = """
SELECT r.number, r.held, r.agreement, r.original FROM recordings r
WHERE {where} AND (r.held <> 0 OR r.agreement IS NOT NULL OR r.original IS NOT NULL)
ORDER BY r.number
"""


def _queries(where: str, *bound: BindParameter[Any]) -> tuple[TextClause, TextClause]:
    holdings, unusual = (text(query.format(where=where)) for query in (_HOLDINGS, _UNUSUAL))
    return holdings.bindparams(*bound), unusual.bindparams(*bound)


_BETWEEN = _queries("r.number BETWEEN :low AND :high")
_AMONG = _queries("r.number IN :numbers", bindparam("numbers", expanding=True, type_=BigInteger))

_Numbers = npt.NDArray[np.int64]
_Names = Sequence[Any]
"""Ids and None, as a column has them; SQL rows carry no types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What becomes of a recording's word.

    Args:
        before: As it is [60-bit word, as all of them].
        after: Once the text is in force.
        accepted: Once all who hold rights have accepted it.
    """

    before: int
    after: int
    accepted: int

    @property
    def closes(self) -> int:
        """What closes when it takes effect."""
        return self.before & ~self.after

    @property
    def reopens(self) -> int:
        """What opens again by itself: its holders accepted terms that open it, before tighter ones.

        It is 0 unless terms in force now are tighter than some that were accepted earlier.
        """
        return self.after & ~self.before

    @property
    def would_open(self) -> int:
        """What opens only if they accept."""
        return self.accepted & ~self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a text would come to for all.

    Args:
        shifts: How many recordings go which way; their sum is all there are.
        holders: Of each account with a recording that changes: how many close, how many would open.
    """

    shifts: dict[Shift, int]
    holders: dict[str, tuple[int, int]]

    def count(self, what: str) -> int:
        """Return how many recordings are touched: `closes`, `reopens` or `would_open`."""
        return sum(n for shift, n in self.shifts.items() if getattr(shift, what))

    def uses(self, what: str) -> dict[int, int]:
        """Return for each use [one-bit word] how many recordings are touched."""
        counted: Counter[int] = Counter()
        for shift, n in self.shifts.items():
            word = getattr(shift, what)
            for position in range(word.bit_length()):
                if word >> position & 1:
                    counted[1 << position] += n
        return dict(sorted(counted.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a text would come to for one recording, as one of its holders sees it.

    Args:
        number: The recording.
        shift: What becomes of its word.
        alone: Its word once this holder alone has accepted.
    """

    number: int
    shift: Shift
    alone: int


def preview(connection: Connection, masks: Masks[int]) -> Preview:
    """Return what a text would come to as the terms in force, for all recordings.

    Args:
        connection: Where the catalogue is read.
        masks: What the text says.
    """
    reader = _Reader(connection, masks)
    last = connection.execute(select(func.max(tables.recordings.c.number))).scalar_one_or_none()
    shifts: Counter[tuple[int, int, int]] = Counter()
    closing = np.zeros(len(reader.accounts), np.int64)
    opening = np.zeros(len(reader.accounts), np.int64)
    for low in range(0, (last if last is not None else -1) + 1, _BATCH):
        rows = reader.between(low, low + _BATCH - 1)
        if not len(rows.numbers):
            continue
        before, after, accepted = reader.words(rows)
        shifts.update(_counted(before, after, accepted))
        closing += _by_holder(rows, before & ~after, len(closing))
        opening += _by_holder(rows, accepted & ~after, len(opening))
    return Preview(
        shifts={Shift(before=b, after=a, accepted=c): n for (b, a, c), n in shifts.items()},
        holders={
            account: (int(closing[place]), int(opening[place]))
            for account, place in reader.accounts.items()
            if closing[place] or opening[place]
        },
    )


def outlooks(connection: Connection, masks: Masks[int], holder: str) -> Iterator[Outlook]:
    """Give what a text would come to, recording by recording, for one holder.

    Args:
        connection: Where the catalogue is read.
        masks: What the text says.
        holder: The account's id.
    """
    recordings, holdings = tables.recordings.c, tables.holdings.c
    query = (
        select(recordings.number)
        .join(tables.holdings, holdings.recording == recordings.id)
        .where(holdings.holder == holder)
        .order_by(recordings.number)
    )
    numbers = list(connection.execute(query).scalars())
    reader = _Reader(connection, masks)
    mine = reader.accounts.get(holder, _NO_ACCOUNT)
    for low in range(0, len(numbers), _MOST_VALUES):
        rows = reader.among(numbers[low : low + _MOST_VALUES])
        words = reader.words(rows)
        alone = reader.words(rows, mine)[2]
        for place, number in enumerate(rows.numbers.tolist()):
            before, after, accepted = (int(word[place]) for word in words)
            shift = Shift(before=before, after=after, accepted=accepted)
            yield Outlook(number=number, shift=shift, alone=int(alone[place]))


def _by_holder(rows: "_Rows", touched: Words, accounts: int) -> _Numbers:
    """Return for each account how many of its recordings are touched."""
    own = rows.holder[np.repeat(touched != 0, np.diff(rows.starts))]
    return np.bincount(own[own >= 0], minlength=accounts)


def _columns(
    connection: Connection, query: TextClause, values: dict[str, Any], width: int
) -> tuple[list[Any], ...]:
    """Return what a query finds, by column."""
    columns: tuple[list[Any], ...] = tuple([] for _ in range(width))
    # the driver's own rows, a few at a time: a million of SQLAlchemy's, or kept until they are
    # turned into columns, take a second longer each
    cursor = connection.execute(query, values).cursor
    while rows := cursor.fetchmany(_FEW):
        for column, some in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(some)
    return columns


def _numbers(known: Mapping[Any, int], names: _Names, otherwise: int) -> _Numbers:
    """Return the numbers of names; None, or one that is not known, has another."""
    return np.array(list(map(known.get, names, repeat(otherwise))), np.int64)


def _counted(*words: Words) -> dict[tuple[int, int, int], int]:
    """Return how often each combination of words occurs."""
    # twenty thousand rows have few different ones; sorting bytes finds them without a loop
    rows = np.ascontiguousarray(np.stack(words, axis=1)).view(np.dtype((np.void, 24))).ravel()
    distinct, counts = np.unique(rows, return_counts=True)
    found = np.frombuffer(distinct.tobytes(), np.uint64).reshape(-1, 3)
    return {(b, a, c): n for (b, a, c), n in zip(found.tolist(), counts.tolist(), strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Some recordings and their holdings, as columns.

    Recording `i` owns the holdings `starts[i]:starts[i+1]`.
    """

    numbers: _Numbers
    starts: _Numbers
    held: Words
    original: _Numbers
    agreement: npt.NDArray[np.uint16]
    holder: _Numbers
    granted: Words
    refused: Words


class _Reader:
    """Reads holdings and answers for them under the text in force and a new one."""

    def __init__(self, connection: Connection, masks: Masks[int]) -> None:
        self._connection = connection
        texts = Texts(connection)
        self._texts = [*texts.table(), masks]
        self._current, self._new = texts.number(texts.in_force), len(self._texts) - 1
        self._number = texts.number
        accounts = tables.accounts.c
        query = select(accounts.id, accounts.accepted)
        self.accounts: dict[str, int] = {}
        accepted = []
        for place, (account, version) in enumerate(connection.execute(query)):
            self.accounts[account] = place
            accepted.append(texts.number(version))
        # the last entry stands for holders without an account, who have accepted nothing
        self._accepted = np.array([*accepted, 0], np.uint16)

    def between(self, low: int, high: int) -> _Rows:
        """Return the recordings of a range of numbers."""
        return self._read(_BETWEEN, {"low": low, "high": high})

    def among(self, numbers: Sequence[int]) -> _Rows:
        """Return some recordings, at most as many as one statement may name."""
        return self._read(_AMONG, {"numbers": numbers})

    def _read(self, queries: tuple[TextClause, TextClause], values: dict[str, Any]) -> _Rows:
        numbers, holders, granted, refused, world = _columns(
            self._connection, queries[0], values, 5
        )
        places = np.array(numbers, np.int64)
        first = np.flatnonzero(np.diff(places, prepend=-1))
        groups = np.repeat(np.arange(len(first)), np.diff(first, append=len(places)))
        # rights in some countries never add up to the world, so one must hold them everywhere;
        # where nobody does, no holding is taken in, and no holder means no
        everywhere = np.bincount(groups[np.array(world, np.bool_)], minlength=len(first)) > 0
        some = np.flatnonzero(everywhere[groups])
        sizes = np.bincount(groups[some], minlength=len(first))
        held = np.zeros(len(first), np.int64)
        agreement = np.zeros(len(first), np.uint16)
        original = np.full(len(first), _NO_ORIGINAL, np.int64)
        unusual, holds, agreements, originals = _columns(self._connection, queries[1], values, 4)
        at = np.searchsorted(places[first], np.array(unusual, np.int64))
        held[at] = np.array(holds, np.int64)
        agreement[at], original[at] = self._agreements(agreements), self._originals(originals)
        return _Rows(
            numbers=places[first],
            starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
            held=held.view(np.uint64),
            original=original,
            agreement=np.repeat(agreement, sizes),
            holder=_numbers(self.accounts, holders, _NO_ACCOUNT)[some],
            granted=np.array(granted, np.int64)[some].view(np.uint64),
            refused=np.array(refused, np.int64)[some].view(np.uint64),
        )

    def _agreements(self, names: _Names) -> npt.NDArray[np.uint16]:
        """Return the numbers of agreements; of one that nobody knows `_UNKNOWN`, of none 0."""
        known = {name: self._number(name) or _UNKNOWN for name in set(names) - {None}}
        return _numbers(known, names, 0).astype(np.uint16)

    def _originals(self, names: _Names) -> _Numbers:
        """Return the numbers of what recordings are copies of."""
        named = sorted(set(names) - {None})
        known = dict.fromkeys(named, _LOST_ORIGINAL)
        recordings = tables.recordings.c
        for low in range(0, len(named), _MOST_VALUES):
            query = select(recordings.id, recordings.number).where(
                recordings.id.in_(named[low : low + _MOST_VALUES])
            )
            known.update((name, number) for name, number in self._connection.execute(query))
        return _numbers(known, names, _NO_ORIGINAL)

    def words(self, rows: _Rows, alone: int | None = None) -> tuple[Words, Words, Words]:
        """Return the three words of recordings, those of what they are copies of counted in.

        Args:
            rows: The recordings.
            alone: Who accepts, of those who hold rights; all who have an account if None.
        """
        known = rows.holder >= 0
        accepted = self._accepted[rows.holder]
        new = np.full(len(rows.holder), self._new, np.uint16)
        accepts = known if alone is None else known & (rows.holder == alone)
        then = np.where(accepts, new, accepted)
        current = np.full(len(rows.holder), self._current, np.uint16)
        three = (
            self._own(rows, accepted, current),
            self._own(rows, accepted, new),
            self._own(rows, then, new),
        )
        copies = np.flatnonzero(rows.original != _NO_ORIGINAL)
        if copies.size:
            self._mask(three, rows.original[copies], copies, alone)
        return three

    def _own(
        self, rows: _Rows, first: npt.NDArray[np.uint16], second: npt.NDArray[np.uint16]
    ) -> Words:
        """Return the words of recordings, were they no copies."""
        under = rows.agreement != 0
        agreement = np.where(rows.agreement == _UNKNOWN, 0, rows.agreement).astype(np.uint16)
        return recompute(
            Holdings(
                texts=self._texts,
                first=np.where(under, agreement, first),
                second=np.where(under, agreement, second),
                granted=rows.granted,
                refused=rows.refused,
                starts=rows.starts,
                held=rows.held,
                original=np.full(len(rows.numbers), _NO_ORIGINAL, np.int64),
            )
        )

    def _mask(
        self, three: tuple[Words, ...], originals: _Numbers, copies: _Numbers, alone: int | None
    ) -> None:
        """Take from copies what their originals do not have."""
        wanted = np.unique(originals[originals >= 0])
        found = [np.zeros(len(wanted) + 1, np.uint64) for _ in three]
        for low in range(0, len(wanted), _MOST_VALUES):
            rows = self.among(wanted[low : low + _MOST_VALUES].tolist())
            # it ends because no recording is a copy of its own copy
            for column, word in zip(found, self.words(rows, alone), strict=True):
                column[low : low + len(word)] = word
        # an original that nobody knows is the last entry, which opens nothing
        places = np.where(originals >= 0, np.searchsorted(wanted, originals), len(wanted))
        for word, column in zip(three, found, strict=True):
            word[copies] &= column[places]
