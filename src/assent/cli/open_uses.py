"""What is open of a recording, so that a command can tell what it has opened or closed."""

from typing import TYPE_CHECKING, NamedTuple

from assent.cli.output import some

if TYPE_CHECKING:
    from assent.acts.house import House

__all__ = ["OpenUses", "open_uses"]


class OpenUses(NamedTuple):
    """What is open of a recording: uses for all, and programs."""

    uses: list[str]
    programs: list[str]

    def without(self, other: "OpenUses") -> "OpenUses":
        """Return what the other has not."""
        return OpenUses(
            [it for it in self.uses if it not in other.uses],
            [it for it in self.programs if it not in other.programs],
        )

    def listed(self) -> str:
        """Return it in words."""
        names = [*self.uses, *(f"the program {it}" for it in self.programs)]
        return some(names) or "nothing, for other reasons keep it as it was"


def open_uses(house: "House", recording: str | None) -> OpenUses:
    """Return what is open of a recording now; nothing of none."""
    from sqlalchemy import select

    from assent.catalogue import tables
    from assent.catalogue.facts import FactReader
    from assent.permission.decide import word_of
    from assent.permission.uses import labels

    if recording is None:
        return OpenUses([], [])
    with house.reading() as connection:
        word = word_of(FactReader(connection).facts(recording, None, house.clock()))
        programs = list(connection.execute(select(tables.programs.c.id)).scalars())
    house.gate.snapshot.refresh()
    may_use = [it for it in sorted(programs) if house.gate.snapshot.allows(it, recording)]
    return OpenUses(list(labels(word)), may_use)
