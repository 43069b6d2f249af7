from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from assent.permission.uses import Activity, Actor
from assent.terms.box import Box, boxes_of_word, primes, subsets
from assent.terms.clause import Status
from assent.terms.cover import cover
from assent.terms.grid import Material, Provenance, Scope, Time, uses_by
from assent.terms.text import Text
from tests.terms.random_texts import few, texts

SMALL_ACTORS = (Actor.PLATFORM, Actor.PARTNER)
SMALL_ACTIVITIES = (Activity.SEARCH, Activity.TRAIN_RIVAL, Activity.SUPPLY)
SMALL_MATERIAL = (Material.AUDIO, Material.CONTENT)


def boxes_of(
    actors: tuple[Actor, ...],
    activities: tuple[Activity, ...],
    material: tuple[Material, ...],
) -> list[Box]:
    """Return every box of a small grid: own uploads from now on."""
    return [
        Box(
            actors=who,
            activities=what,
            material=of_what,
            provenance=frozenset({Provenance.OWN}),
            time=frozenset({Time.AFTER}),
        )
        for who, what, of_what in product(subsets(actors), subsets(activities), subsets(material))
    ]


SMALL_BOXES = boxes_of(SMALL_ACTORS, SMALL_ACTIVITIES, SMALL_MATERIAL)
SMALL_CELLS = [box.cells for box in SMALL_BOXES if box.cells.bit_count() == 1]


@few
@given(texts)
def test_the_cover_covers_exactly_the_cells(text: Text) -> None:
    for status in (*Status, None):
        cells = text.reading.cells(status)
        covered = 0
        for box in cover(cells).boxes:
            covered |= box.cells
        assert covered == cells


@given(st.sets(st.sampled_from(SMALL_CELLS)))
def test_no_fewer_sentences_tell_it_and_no_fewer_words(some: set[int]) -> None:
    cells = sum(some)
    told = cover(cells)
    assert told.proved
    within = [box.cells for box in SMALL_BOXES if not box.cells & ~cells]
    # a cover by any boxes can be grown to one by the largest, so those are enough to try
    largest = [it for it in within if not any(it != other and not it & ~other for other in within)]
    assert not any(
        joined(choice) == cells
        for size in range(len(told.boxes))
        for choice in combinations(largest, size)
    )


def joined(some: tuple[int, ...]) -> int:
    covered = 0
    for it in some:
        covered |= it
    return covered


@given(st.sets(st.sampled_from(SMALL_CELLS), min_size=1))
def test_the_primes_are_the_boxes_that_cannot_grow(some: set[int]) -> None:
    cells = sum(some)
    within = {box.cells for box in SMALL_BOXES if not box.cells & ~cells}
    largest = {it for it in within if not any(it != other and not it & ~other for other in within)}
    assert {box.cells for box in primes(cells)} == largest


@few
@given(texts)
def test_the_same_cells_are_always_told_alike(text: Text) -> None:
    cells = text.reading.open
    assert cover(cells) == cover(cells)
    assert [box.scope for box in cover(cells).boxes] == [box.scope for box in cover(cells).boxes]


@given(st.integers(0, (1 << 60) - 1))
def test_uses_are_products_of_actors_and_activities_that_share_no_actor(uses: int) -> None:
    boxes = boxes_of_word(uses)
    assert sum(uses_by(actors, activities) for actors, activities in boxes) == uses
    assert sum(len(actors) for actors, _ in boxes) == len(
        {actor for actors, _ in boxes for actor in actors}
    )


def test_nothing_is_told_in_no_sentence_and_everything_in_one() -> None:
    assert cover(0).boxes == ()
    (everything,) = cover(Scope().cells).boxes
    assert everything.scope == Scope()
