"""The laws of the algebra as functions of an algebra, so that a mutated one can be put to them."""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import NamedTuple, Protocol

from assent.permission import algebra
from assent.permission.algebra import Masks
from assent.permission.uses import ALL, CONSENT_ONLY, FREE
from tests.permission.cases import GRANTED, REFUSED, SAID, STATES, USES, masks_of

__all__ = ["LAWS", "TRUE", "Algebra"]


class _Word(Protocol):
    def __call__(self, grounds: Iterable[int], held: int, original: int = ...) -> int: ...


class Algebra(NamedTuple):
    """The four functions under test."""

    says: Callable[[Masks[int], int, int], int]
    ground: Callable[[Masks[int], Masks[int], int, int], int]
    opened: Callable[[int, int, int], int]
    word: _Word


TRUE = Algebra(algebra.says, algebra.ground, algebra.opened, algebra.word)
Row = tuple[str, str, str, str]


def _rows() -> Iterator[Row]:
    return product(USES, STATES, STATES, SAID)


def _open(it: Algebra, row: Row) -> bool:
    name, first, second, said = row
    use = USES[name]
    yes, no = use * (said in GRANTED), use * (said in REFUSED)
    return bool(it.ground(masks_of(first, use), masks_of(second, use), yes, no) & use)


def _named(state: str, said: str) -> bool:
    asked = {"granted": True, "opt_out": said not in REFUSED, "opt_in": said == "granted"}
    return asked.get(state, False)


def each_text_opens_what_it_says(it: Algebra) -> bool:
    return all(
        bool(it.says(masks_of(state, use), use * (said in GRANTED), use * (said in REFUSED)))
        == _named(state, said)
        for use, state, said in product(USES.values(), STATES, SAID)
    )


def both_texts_must_open_it_and_the_charter_holds(it: Algebra) -> bool:
    return all(
        _open(it, (use, first, second, said))
        == (_named(first, said) and _named(second, said) and (use == "free" or said in GRANTED))
        for use, first, second, said in _rows()
    )


def a_refusal_never_opens(it: Algebra) -> bool:
    return all(_open(it, (*row[:3], "refused")) <= _open(it, row) for row in _rows())


def taking_a_grant_back_never_opens(it: Algebra) -> bool:
    return all(
        _open(it, (*row[:3], "nothing")) <= _open(it, (*row[:3], "granted")) for row in _rows()
    )


def no_text_opens_what_needs_a_grant(it: Algebra) -> bool:
    return not any(
        _open(it, row) for row in _rows() if row[0] == "consent-only" and row[3] not in GRANTED
    )


def a_new_text_opens_nothing_for_who_has_not_accepted_it(it: Algebra) -> bool:
    return all(_open(it, row) <= _open(it, (row[0], row[1], row[1], row[3])) for row in _rows())


def a_free_use_needs_no_grant_and_any_other_can_be_granted(it: Algebra) -> bool:
    everything = Masks(ALL, 0, 0)
    return (
        it.ground(everything, everything, 0, 0) == FREE
        and it.ground(everything, everything, CONSENT_ONLY, 0) == ALL
    )


def every_holder_must_agree(it: Algebra) -> bool:
    return all(
        it.word(grounds, 0) == min(grounds)
        for size in (1, 2, 3)
        for grounds in product((0, 1), repeat=size)
    )


def without_a_holder_nothing_is_open(it: Algebra) -> bool:
    return it.word((), 0) == 0 and it.word(iter(()), 0, ALL) == 0


def a_hold_closes_what_it_names_and_nothing_else(it: Algebra) -> bool:
    return (
        it.word([0b11], 0b01) == 0b10
        and it.word([0b01], 0b10) == 0b01
        and all(
            it.opened(agreed, held, original) == (agreed and not held and original)
            for agreed, held, original in product((0, 1), repeat=3)
        )
    )


def a_copy_gets_no_more_than_its_original(it: Algebra) -> bool:
    return it.word([0b11], 0, 0b01) == 0b01 and it.word([0b10], 0, 0b01) == 0


def a_bit_that_no_register_has_opens_nothing(it: Algebra) -> bool:
    return it.word([(1 << 64) - 1], 0) == ALL


LAWS: tuple[Callable[[Algebra], bool], ...] = (
    each_text_opens_what_it_says,
    both_texts_must_open_it_and_the_charter_holds,
    a_refusal_never_opens,
    taking_a_grant_back_never_opens,
    no_text_opens_what_needs_a_grant,
    a_new_text_opens_nothing_for_who_has_not_accepted_it,
    a_free_use_needs_no_grant_and_any_other_can_be_granted,
    every_holder_must_agree,
    without_a_holder_nothing_is_open,
    a_hold_closes_what_it_names_and_nothing_else,
    a_copy_gets_no_more_than_its_original,
    a_bit_that_no_register_has_opens_nothing,
)
