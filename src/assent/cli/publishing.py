"""Publishing beside a server: what happens goes into the log a moment later."""

from typing import TYPE_CHECKING

from assent.acts.index_root import index_root
from assent.cli.background import Background
from assent.cli.output import say
from assent.clock import monotonic_s
from assent.errors import AssentError

if TYPE_CHECKING:
    from assent.acts.house import House
    from assent.acts.logs import Logs

__all__ = ["Publishing"]


class Publishing(Background):
    """Publishes in a thread of its own while a block lasts.

    A failure is told once, and told again when it is over; the writer itself decides whether it
    may ever sign again.

    Args:
        house: The platform.
        logs: Its logs.
        every_s: How long after a publication the next one begins [seconds].
        index_every_s: How often the latest words get a root, and the checkpoint new signatures
            [seconds].
    """

    def __init__(self, house: "House", logs: "Logs", every_s: float, index_every_s: float) -> None:
        super().__init__("publishing")
        self._house = house
        self._logs = logs
        self._every_s = every_s
        self._index_every_s = index_every_s
        self._trouble = ""

    def _run(self) -> None:
        rooted_s = float("-inf")
        while not self._stop.is_set():
            try:
                due = monotonic_s() - rooted_s >= self._index_every_s
                if due:
                    rooted_s = monotonic_s()
                    index_root(self._house)
                self._logs.publish(again=due)
                trouble = ""
            except AssentError as error:
                trouble = error.text
            if trouble != self._trouble:
                say(f"The log: {trouble or 'it is published again'}.")
            self._trouble = trouble
            self._stop.wait(self._every_s)
