"""The schema of a database: whether it is the one this program knows, and making it so.

Every step from one schema to the next is a file in `migrations/versions`, run by Alembic. They run
alone, in one transaction, so a database has either the old schema or the new one.
"""

import atexit
from contextlib import ExitStack
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from assent.catalogue.engine import reading, writing
from assent.errors import StorageFailed

__all__ = ["is_prepared", "prepare"]

_MIGRATIONS = files("assent.catalogue") / "migrations"
_held = ExitStack()  # where they had to be unpacked, they stay until the program ends
atexit.register(_held.close)


def prepare(engine: Engine) -> None:
    """Bring a database to the newest schema; one that has it already is left as it is.

    Raises:
        StorageFailed: It cannot be reached or written, or a newer Assent has written it.
    """
    script = _script()
    with writing(engine) as connection:
        if _version(connection, script) != script.get_current_head():
            _upgrade(connection, script)


def is_prepared(engine: Engine) -> bool:
    """Say whether a database has the newest schema; changes nothing and creates no file.

    Raises:
        StorageFailed: It cannot be reached or read, or a newer Assent has written it.
    """
    if _is_missing_file(engine):
        return False
    script = _script()
    with reading(engine) as connection:
        return _version(connection, script) == script.get_current_head()


@cache
def _script() -> ScriptDirectory:
    """Return the steps, which are read once."""
    return ScriptDirectory(_held.enter_context(as_file(_MIGRATIONS)))


def _is_missing_file(engine: Engine) -> bool:
    """Say whether connecting would create an SQLite file."""
    file = engine.url.database
    plain = engine.dialect.name == "sqlite" and file not in {None, "", ":memory:"}
    # a URI names its file in another way, and says itself whether it may be created
    return plain and "uri" not in engine.url.query and not Path(str(file)).exists()


def _version(connection: Connection, script: ScriptDirectory) -> str | None:
    version = MigrationContext.configure(connection).get_current_revision()
    try:
        script.get_revisions(version or ())
    except CommandError:
        raise StorageFailed(
            f"the database has schema {version}, which a newer Assent has written;"
            " install that one to use it",
            schema=version,
        ) from None
    return version


def _upgrade(connection: Connection, script: ScriptDirectory) -> None:
    newest = script.get_current_head()

    def steps(version: tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
        return script._upgrade_revs(newest or "head", version)  # type: ignore[arg-type]  # noqa: SLF001  # what Alembic's own command calls; it has no public name

    with EnvironmentContext(Config(), script) as environment:
        # SQLite rolls DDL back as well, though Alembic does not count on it
        environment.configure(connection=connection, fn=steps, transactional_ddl=True)
        environment.run_migrations()
