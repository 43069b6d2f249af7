"""The cheapest choice of sets that together hold everything asked for: exact, and always the same.

Elements that must be covered whenever another is, and sets that another one replaces at no more
cost, are dropped; then branch and bound over the element with the fewest sets, bounded below by
elements that share no set. What a person writes takes a few steps; what a machine makes up can take
any number, so the search ends after a million comparisons or so, and says whether it was through.

Source: E. J. McCluskey, "Minimization of Boolean functions" (1956), for the reductions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["cheapest_cover"]

_MOST_STEPS = 1_000
"""Choices tried, the better first."""


def cheapest_cover(
    wanted: int, sets: Sequence[int], costs: Sequence[int]
) -> tuple[tuple[int, ...], bool]:
    """Return which sets to take, in order, and whether it is proved that nothing is cheaper.

    Of equally cheap choices it is always the same.

    Args:
        wanted: What must be covered [set of bits].
        sets: What there is to choose from [sets of bits].
        costs: What each costs, more than 0.

    Raises:
        ValueError: Not even all of them cover what is wanted.
    """
    rows = _rows(wanted, sets)
    if any(not row for row in rows):
        raise ValueError("the sets do not cover what is wanted")
    search = _Search(costs)
    search.solve(rows, tuple(sorted(range(len(sets)), key=lambda it: (costs[it], it))), (), 0)
    return tuple(sorted(search.best)), search.steps < _MOST_STEPS


def _rows(wanted: int, sets: Sequence[int]) -> list[int]:
    """Return for each wanted element the sets that have it, equal ones once [sets of places]."""
    rows: dict[int, None] = {}
    while wanted:
        element = wanted & -wanted
        wanted ^= element
        rows[sum(1 << place for place, some in enumerate(sets) if some & element)] = None
    return list(rows)


def _without_implied(rows: Sequence[int]) -> list[int]:
    """Drop each element that is covered whenever another one is."""
    kept: list[int] = []
    for row in sorted(rows, key=lambda it: (it.bit_count(), it)):
        if not any(row & other == other for other in kept):
            kept.append(row)
    return kept


@dataclass(slots=True)
class _Search:
    """The cheapest choice so far."""

    costs: Sequence[int]
    best: tuple[int, ...] = ()
    best_cost: int | None = None
    steps: int = 0

    def solve(
        self, rows: Sequence[int], columns: Sequence[int], taken: tuple[int, ...], cost: int
    ) -> None:
        """Cover the rows with the columns in the cheapest way, if it beats the best so far."""
        if self.best_cost is not None and self.steps >= _MOST_STEPS:
            return
        self.steps += 1
        rows, columns, taken, cost = self._reduced(rows, columns, taken, cost)
        if self.best_cost is not None and cost + self._bound(rows) >= self.best_cost:
            return
        if not rows:
            self.best, self.best_cost = taken, cost
            return
        first = rows[0]  # the fewest sets to choose from
        choices = sorted(
            (it for it in columns if first >> it & 1),
            key=lambda it: (self.costs[it] / sum(row >> it & 1 for row in rows), it),
        )
        barred = 0
        for column in choices:
            # what was tried before is not tried again with this one
            left = [row & ~barred for row in rows if not row >> column & 1]
            if all(left):
                self.solve(
                    left,
                    [it for it in columns if it != column and not barred >> it & 1],
                    (*taken, column),
                    cost + self.costs[column],
                )
            barred |= 1 << column

    def _reduced(
        self, rows: Sequence[int], columns: Sequence[int], taken: tuple[int, ...], cost: int
    ) -> tuple[list[int], list[int], tuple[int, ...], int]:
        """Take what must be taken and drop what need not be looked at, until nothing changes."""
        now, left = list(rows), list(columns)
        while True:
            now = _without_implied(now)
            must = {row.bit_length() - 1 for row in now if row.bit_count() == 1}
            if must:
                taken = (*taken, *sorted(must))
                cost += sum(self.costs[it] for it in must)
                bits = sum(1 << it for it in must)
                now = [row for row in now if not row & bits]
                left = [it for it in left if it not in must]
            kept = self._without_replaced(now, left)
            if len(kept) == len(left) and not must:
                return now, left, taken, cost
            bits = sum(1 << it for it in kept)
            left = kept
            now = [row & bits for row in now]

    def _without_replaced(self, rows: Sequence[int], columns: Sequence[int]) -> list[int]:
        """Drop each set that another one replaces at no more cost; columns are in order of cost."""
        covers = {
            it: sum(1 << place for place, row in enumerate(rows) if row >> it & 1) for it in columns
        }
        kept: list[int] = []
        for column in columns:  # the cheaper first, so nothing later replaces what is kept
            if covers[column] and not any(covers[column] & ~covers[other] == 0 for other in kept):
                kept.append(column)
        return kept

    def _bound(self, rows: Sequence[int]) -> int:
        """Return what covering costs at least: elements that share no set cost one set each."""
        seen, cost = 0, 0
        for row in rows:
            if not row & seen:
                seen |= row
                cost += min(self.costs[it] for it in _places(row))
        return cost


def _places(row: int) -> list[int]:
    found = []
    while row:
        lowest = row & -row
        found.append(lowest.bit_length() - 1)
        row ^= lowest
    return found
