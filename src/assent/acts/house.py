"""One platform, put together: where it keeps things, its catalogue, its gate, its clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from assent.catalogue.engine import connect, folder_of, reading, writing
from assent.catalogue.events import Body, Event, head, read
from assent.catalogue.projection import record
from assent.catalogue.schema import is_prepared, prepare
from assent.clock import now
from assent.errors import StorageFailed
from assent.gate.gate import Gate
from assent.settings import Settings

__all__ = ["Act", "House"]

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A change under way: one transaction, one instant, one person.

    Args:
        connection: The only connection that writes.
        at: The instant of all its events [aware datetime].
        by: Who does it.
    """

    connection: Connection
    at: datetime
    by: str

    def record(self, kind: str, body: Body) -> Event:
        """Write the next event and the tables that follow from it."""
        return record(self.connection, kind, self.at, self.by, body)


class House:
    """One platform.

    Args:
        settings: Where it keeps its things.
        engine: Its catalogue, prepared.
        clock: What tells the time; another one in tests.
    """

    def __init__(self, settings: Settings, engine: Engine, clock: Clock = now) -> None:
        self.settings = settings
        self.engine = engine
        self.clock = clock
        self.gate = Gate(settings, engine, clock)

    @classmethod
    def open(cls, settings: Settings, *, create: bool = False, clock: Clock = now) -> "House":
        """Open the platform that settings point at.

        Args:
            settings: Where it keeps its things.
            create: Make one where there is none.
            clock: What tells the time.

        Raises:
            StorageFailed: There is none, or it cannot be reached, read or made.
        """
        engine = connect(settings.database)
        folder = folder_of(settings.database)
        if create:
            _make(settings.data)
            prepare(engine)
        elif (folder is not None and not Path(engine.url.database or "").exists()) or (
            not is_prepared(engine)
        ):
            raise StorageFailed(
                f"there is no platform in {settings.data}; assent import or assent demo makes one"
            )
        return cls(settings, engine, clock)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the catalogue."""
        with reading(self.engine) as connection:
            yield connection

    @contextmanager
    def act(self, by: str) -> Iterator[Act]:
        """Change something: all of it at the end of the block, or nothing on an error.

        Args:
            by: Who does it.
        """
        with writing(self.engine) as connection:
            # a clock that was set back must not put an event before its predecessor
            last = read(connection, head(connection))
            at = max(self.clock(), last.at) if last else self.clock()
            yield Act(connection=connection, at=at, by=by)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the only connection that writes, for tables that follow from no event."""
        with writing(self.engine) as connection:
            yield connection

    def close(self) -> None:
        """Let go of files and connections; what the gate let through is handed over."""
        self.gate.close()
        self.engine.dispose()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(f"{folder} cannot be made: {error.strerror}") from error
