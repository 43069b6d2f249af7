from itertools import product

from hypothesis import given

from assent.permission.uses import ACTIVITIES, ACTORS, ALL
from assent.terms.grid import (
    ANYTHING,
    CELLS,
    EVERY_CELL,
    SLICES,
    Cell,
    Material,
    Provenance,
    Scope,
    Time,
    cell_at,
    cells_in,
    slice_of,
    uses_by,
    word_at,
)
from tests.terms.random_texts import few, scopes


def test_the_grid_has_720_cells_and_each_is_another_mix_of_facets() -> None:
    cells = [cell_at(position) for position in range(CELLS)]
    assert len(cells) == 720
    assert set(cells) == {
        Cell(actor=actor, activity=activity, material=material, provenance=provenance, time=time)
        for actor, activity, material, provenance, time in product(
            ACTORS, ACTIVITIES, Material, Provenance, Time
        )
    }


def holds(scope: Scope, position: int) -> bool:
    """Whether a scope speaks of a cell, asked facet by facet: the oracle."""
    cell = cell_at(position)
    return bool(
        scope.uses & uses_by(frozenset({cell.actor}), frozenset({cell.activity}))
        and cell.material in scope.material
        and cell.provenance in scope.provenance
        and cell.time in scope.time
    )


@few
@given(scopes)
def test_a_scope_holds_the_cells_all_of_whose_facets_it_names(scope: Scope) -> None:
    assert [bool(scope.cells >> it & 1) for it in range(CELLS)] == [
        holds(scope, it) for it in range(CELLS)
    ]


@given(scopes, scopes)
def test_what_two_scopes_share_is_a_scope(first: Scope, second: Scope) -> None:
    assert first.within(second).cells == first.cells & second.cells


@given(scopes)
def test_cells_are_given_one_by_one_and_slice_by_slice(scope: Scope) -> None:
    assert sum(1 << position for position in cells_in(scope.cells)) == scope.cells
    for facets in SLICES:
        inside = all(
            facet in some
            for facet, some in zip(
                facets, (scope.material, scope.provenance, scope.time), strict=True
            )
        )
        assert word_at(scope.cells, slice_of(*facets)) == (scope.uses if inside else 0)


def test_the_scope_that_names_no_facet_is_everything() -> None:
    assert ANYTHING.cells == EVERY_CELL
    assert ANYTHING.uses == ALL
