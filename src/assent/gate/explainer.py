"""Full reasons, quickly: what was gathered for one question is kept while nothing has happened.

Facts are good for one head of the events. They are kept only where no grant in them starts or runs
out by itself, so an answer out of memory is the answer that the catalogue would give.
"""

from datetime import datetime

from sqlalchemy import Engine

from assent.catalogue.engine import reading
from assent.catalogue.facts import FactReader, Memory
from assent.gate.snapshot import Snapshot
from assent.permission.decide import Decision, decide
from assent.permission.facts import Facts

__all__ = ["Explainer"]

_MOST_FACTS = 20_000
"""Questions kept in mind; beyond that all are forgotten and asked again."""


class Explainer:
    """Decides with all reasons.

    Args:
        engine: The catalogue.
        snapshot: What knows the programs, and whether anything has happened.
    """

    def __init__(self, engine: Engine, snapshot: Snapshot) -> None:
        self._engine = engine
        self._snapshot = snapshot
        self._memory: Memory | None = None
        self._facts: dict[tuple[str, str], Facts] = {}

    def explain(self, program: str, recording: str, at: datetime) -> Decision:
        """Decide whether a program may use a recording.

        Raises:
            Unknown: There is no such program or recording.
            Stale: The catalogue could not be looked at.
        """
        asked = self._snapshot.program(program)
        facts = self._facts.get((program, recording))
        if facts is None or facts.head != self._snapshot.head:
            facts = self._gather(program, recording, at)
        return decide(facts, asked, at)

    def _gather(self, program: str, recording: str, at: datetime) -> Facts:
        asked = self._snapshot.program(program)
        with reading(self._engine) as connection:
            reader = FactReader(connection, self._memory)
            facts = reader.facts(recording, asked, at)
        if reader.memory is not self._memory or len(self._facts) >= _MOST_FACTS:
            self._facts.clear()
        self._memory = reader.memory
        if reader.is_timeless:
            self._facts[program, recording] = facts
        return facts
