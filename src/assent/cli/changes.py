"""What an act has opened and closed of some recordings, in words and as fields."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from assent.cli.open_uses import OpenUses, open_uses
from assent.cli.output import say

if TYPE_CHECKING:
    from assent.acts.house import House

__all__ = ["Changes"]


class Changes:
    """What is open of some recordings as they are now, to be compared with what is open later.

    Args:
        house: The platform.
        recordings: Of which.
    """

    def __init__(self, house: "House", recordings: Sequence[str]) -> None:
        self._house = house
        self._before = {name: open_uses(house, name) for name in recordings}

    @cached_property
    def _since(self) -> list[tuple[str, OpenUses, OpenUses]]:
        """What has opened and closed, by recording; looked up when it is first asked for."""
        found = []
        for name, before in self._before.items():
            now = open_uses(self._house, name)
            opened, closed = now.without(before), before.without(now)
            if any((*opened, *closed)):
                found.append((name, opened, closed))
        return found

    def fields(self) -> list[dict[str, object]]:
        """Return what has changed since: `recording`, `opened`, `closed` (uses), `programs_…`."""
        return [
            {
                "recording": name,
                "opened": opened.uses,
                "closed": closed.uses,
                "programs_opened": opened.programs,
                "programs_closed": closed.programs,
            }
            for name, opened, closed in self._since
        ]

    def tell(self) -> None:
        """Say what has changed since."""
        for name, opened, closed in self._since:
            for verb, its in (("opens", opened), ("closes", closed)):
                if any(its):
                    say(f"That {verb} for {name}: {its.listed()}.")
        if not self._since:
            say("No use opens or closes by that.")
