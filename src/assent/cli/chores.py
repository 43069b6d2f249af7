"""What has to be done from time to time while a platform is served, by one process of it.

Statements and terms whose day has come, uses and plays to be counted, what has run out to be
forgotten. Each is safe to do again, so one that fails is told and tried at its next turn.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from assent.cli.background import Background
from assent.cli.output import say
from assent.clock import monotonic_s
from assent.errors import AssentError

if TYPE_CHECKING:
    from assent.acts.house import House

__all__ = ["Chore", "Chores", "chores_of"]

_TICK_S = 0.5


class Chore(NamedTuple):
    """Something to be done from time to time.

    Args:
        name: What it is, as part of a sentence.
        every_s: How long after one time the next one begins [seconds].
        do: Does it.
    """

    name: str
    every_s: float
    do: Callable[[], object]


class Chores(Background):
    """Does what is due, in a thread of its own, while a block lasts.

    Args:
        house: The platform.
        chores: What there is to do; all that a site needs if None.
    """

    def __init__(self, house: "House", chores: tuple[Chore, ...] | None = None) -> None:
        super().__init__("chores")
        self._chores = chores_of(house) if chores is None else chores
        self._troubles: dict[str, str] = {}

    def _run(self) -> None:
        due_s = dict.fromkeys((chore.name for chore in self._chores), monotonic_s())
        while not self._stop.wait(_TICK_S):
            for chore in self._chores:
                if self._stop.is_set():
                    return
                if monotonic_s() >= due_s[chore.name]:
                    self._do(chore)
                    due_s[chore.name] = monotonic_s() + chore.every_s

    def _do(self, chore: Chore) -> None:
        """Do one; a trouble is told once, and told again when it is over."""
        trouble = ""
        try:
            chore.do()
        except AssentError as error:
            trouble = error.text
        if trouble != self._troubles.get(chore.name, ""):
            say(f"While {chore.name}: {trouble or 'it is well again'}.")
        self._troubles[chore.name] = trouble


def chores_of(house: "House") -> tuple[Chore, ...]:
    """Return all that a site needs to have done."""
    from assent.acts.count_uses import count_uses
    from assent.acts.erase import finish
    from assent.acts.expire import expire
    from assent.listening.counting import counted
    from assent.studio import uploads

    return (
        Chore("putting in force what is due", 1, lambda: expire(house)),
        # the journal of an hour is handed over before that is past, so that uses are soon seen
        Chore("handing over what was used", 60, house.gate.hand_over),
        Chore("counting uses", 10, lambda: count_uses(house)),
        Chore("counting plays", 10, lambda: counted(house)),
        Chore("dropping uploads that were left", 600, lambda: uploads.sweep(house)),
        # one whose process died after somebody was gone; nothing if there is none
        Chore("bringing deletions to their end", 600, lambda: finish(house)),
        Chore("forgetting what has run out", 600, lambda: _forget(house)),
    )


def _forget(house: "House") -> None:
    from assent.signin import attempts, challenges, sessions
    from assent.web import once

    at = house.clock()
    once.sweep(house, at)
    with house.writing() as connection:
        for part in (attempts, challenges, sessions):
            part.purge(connection, at)
