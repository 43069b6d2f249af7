"""Laws of reading, over the whole grid and for clauses at random."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from assent.permission.algebra import Masks
from assent.terms.clause import PROMISES, Clause, Limit, Status
from assent.terms.grid import (
    CELLS,
    EVERY_CELL,
    Material,
    Provenance,
    Time,
    slice_of,
)
from assent.terms.reading import Reading, masks_of, read
from assent.terms.text import Text
from tests.terms.random_texts import clauses, few, texts

ORDER = (None, *Status)
"""Statuses, the least protective first."""

promises = clauses("a promise").flatmap(
    lambda clause: st.sampled_from(PROMISES).map(lambda status: replace(clause, status=status))
)
many_promises = st.lists(promises, max_size=5)
many = texts.map(lambda text: text.clauses)


def status_by_hand(some: tuple[Clause, ...], position: int) -> Status | None:
    """Return the status of one cell, clause by clause: the oracle."""
    status: Status | None = None
    for clause in some:
        speaks = clause.scope.cells >> position & 1
        speaks &= all(it.scope.cells >> position & 1 for it in clause.qualifiers)
        speaks &= not any(
            it.scope.cells >> position & 1 for it in (*clause.exceptions, *clause.definitions)
        )
        weaker = ORDER.index(clause.status) > ORDER.index(status)
        if speaks and (weaker or not clause.without_prejudice):
            status = clause.status
    return status


@few
@given(many)
def test_each_cell_has_exactly_one_status_and_it_is_that_of_the_last_clause(
    some: tuple[Clause, ...],
) -> None:
    reading = read(some)
    for position in range(CELLS):
        having = [it for it in ORDER if reading.cells(it) >> position & 1]
        assert having == [status_by_hand(some, position)] == [reading.status(position)]


@given(many)
def test_the_clauses_that_decide_share_no_cell_and_decide_all_that_is_said(
    some: tuple[Clause, ...],
) -> None:
    reading = read(some)
    for clause, decided in zip(some, reading.decided, strict=True):
        assert not decided & ~(clause.cells & reading.cells(clause.status))
    assert (
        sum(it.bit_count() for it in reading.decided) == (EVERY_CELL & ~reading.silent).bit_count()
    )


@given(many_promises, many_promises)
def test_joining_promises_opens_only_what_both_leave_open(
    first: list[Clause], second: list[Clause]
) -> None:
    both = read(first).open & read(second).open
    assert read([*first, *second]).open == read([*second, *first]).open == both


@given(many_promises, st.data())
def test_a_qualifier_on_a_promise_never_shrinks_the_open_set(
    some: list[Clause], data: st.DataObject
) -> None:
    assume(any(clause.qualifiers for clause in some))
    place = data.draw(st.sampled_from([n for n, it in enumerate(some) if it.qualifiers]))
    unqualified = [*some]
    unqualified[place] = replace(some[place], qualifiers=some[place].qualifiers[1:])
    assert not read(unqualified).open & ~read(some).open


@given(many_promises, st.data())
def test_removing_an_exception_from_a_promise_never_enlarges_the_open_set(
    some: list[Clause], data: st.DataObject
) -> None:
    assume(any(clause.exceptions for clause in some))
    place = data.draw(st.sampled_from([n for n, it in enumerate(some) if it.exceptions]))
    whole = [*some]
    whole[place] = replace(some[place], exceptions=some[place].exceptions[1:])
    assert not read(whole).open & ~read(some).open


@given(many, st.integers(0, 5))
def test_removing_a_later_grant_never_enlarges_the_open_set(
    some: tuple[Clause, ...], place: int
) -> None:
    assume(place < len(some) and some[place].status not in PROMISES)
    assert not read((*some[:place], *some[place + 1 :])).open & ~read(some).open


@given(many, promises)
def test_a_promise_without_prejudice_takes_nothing_from_what_is_promised(
    some: tuple[Clause, ...], added: Clause
) -> None:
    before = read(some)
    after = read((*some, replace(added, without_prejudice=True)))
    assert before.open & ~after.open == before.open & added.cells
    assert not after.open & ~before.open
    assert not before.barred & ~after.barred


@few
@given(many, clauses("one"), clauses("other"))
def test_order_does_not_matter_between_clauses_that_share_no_cell(
    some: tuple[Clause, ...], one: Clause, other: Clause
) -> None:
    apart = replace(other, exceptions=(Limit(words="but there", scope=one.scope),))
    assert not one.cells & apart.cells
    assert without_order(read((apart, one, *some))) == without_order(read((one, apart, *some)))


def without_order(reading: Reading) -> Reading:
    return replace(reading, decided=())


@few
@given(texts)
def test_the_words_of_a_text_are_the_stricter_of_both_times_and_silence_is_barred(
    text: Text,
) -> None:
    for provenance in Provenance:
        masks = masks_of(text.reading, provenance)
        after, before = (
            60 * slice_of(Material.AUDIO, provenance, time) for time in (Time.AFTER, Time.BEFORE)
        )
        for use in range(60):
            both = text.reading.status(after + use), text.reading.status(before + use)
            expected = None if None in both else max(both, key=ORDER.index)
            assert status_in(masks, use) is (None if expected is Status.BARRED else expected)


def status_in(masks: Masks[int], use: int) -> Status | None:
    having = [status for status, mask in zip(Status, masks, strict=False) if mask >> use & 1]
    assert len(having) < 2
    return having[0] if having else None
