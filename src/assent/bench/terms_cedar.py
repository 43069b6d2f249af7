"""What a text leaves open, asked of a policy engine: Cedar, by cedarpy.

Cedar has no order among its policies, so "a later clause overrides an earlier one" cannot be said
in it. It is therefore given what the text comes to: of each clause, the cells that it decides in
the end, in the fewest boxes, a `permit` each. So the overriding, half of the work, is done for it
beforehand and not counted; what no policy permits it denies, as the rules deny what nobody speaks
of. A question is whether something may be done while its rights holder has said nothing.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from enum import Enum

from assent.permission.uses import ACTIVITIES
from assent.terms.box import Box
from assent.terms.clause import Status
from assent.terms.cover import cover
from assent.terms.grid import CELLS, SLICES, Cell, cell_at
from assent.terms.text import Text

__all__ = ["cedar_cells"]

_TAKEN = (Status.GRANTED, Status.OPT_OUT)


def cedar_cells(text: Text) -> Callable[[], int] | None:
    """Return what asks Cedar about all 720 cells, all prepared; None without cedarpy.

    It gives the cells where it permits a use of somebody who has said nothing [set of cells].

    Args:
        text: The wording.
    """
    try:
        import cedarpy
    except ImportError:
        return None
    policies = cedarpy.PolicySet.from_str("\n".join(_policies(text)))
    entities = cedarpy.Entities.from_json_str(json.dumps([*_slices()]))
    requests = [_request(cell_at(position)) for position in range(CELLS)]

    def ask() -> int:
        answers = cedarpy.is_authorized_batch(requests, policies, entities)
        return sum(1 << place for place, answer in enumerate(answers) if answer.allowed)

    return ask


def _policies(text: Text) -> Iterator[str]:
    for clause, decided in zip(text.clauses, text.reading.decided, strict=True):
        if clause.status in _TAKEN:
            for box in cover(decided).boxes:
                yield _permit(box)


def _permit(box: Box) -> str:
    deeds = [it for it in ACTIVITIES if it in box.activities]
    actions = ", ".join(f'Action::"{it.value}"' for it in deeds)
    actors = ", ".join(f'Actor::"{it}"' for it in _values(box.actors))
    facets = " && ".join(
        f"{json.dumps(_values(some))}.contains(resource.{name})"
        for name, some in (
            ("material", box.material),
            ("provenance", box.provenance),
            ("time", box.time),
        )
    )
    when = f"[{actors}].contains(principal) && {facets}"
    return f"permit(principal, action in [{actions}], resource) when {{ {when} }};"


def _values(some: Iterable[Enum]) -> list[str]:
    return sorted(str(it.value) for it in some)


def _slices() -> Iterator[dict[str, object]]:
    for material, provenance, time in SLICES:
        name = f"{material.value} {provenance.value} {time.value}"
        attributes = {
            "material": material.value,
            "provenance": provenance.value,
            "time": time.value,
        }
        yield {"uid": {"type": "Slice", "id": name}, "attrs": attributes, "parents": []}


def _request(cell: Cell) -> dict[str, str]:
    name = f"{cell.material.value} {cell.provenance.value} {cell.time.value}"
    return {
        "principal": f'Actor::"{cell.actor.value}"',
        "action": f'Action::"{cell.activity.value}"',
        "resource": f'Slice::"{name}"',
    }
