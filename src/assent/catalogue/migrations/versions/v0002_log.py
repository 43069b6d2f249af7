"""Version 2: openings, the logs and their leaves, numbers that are never given twice, erasure.

Every event of a database of version 1 gets an opening, so all of them can be proved.
"""

from secrets import token_bytes

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    bindparam,
    column,
    table,
    text,
    update,
)

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0002"
down_revision = "0001"

_OPENING_BYTES = 32


def upgrade() -> None:
    """Add what the log needs."""
    op.add_column("events", Column("opening", LargeBinary()))
    op.add_column("training_sets", Column("root", Text()))
    op.create_table(
        "logs",
        Column("name", Text(), nullable=False),
        Column("origin", Text(), nullable=False),
        Column("size", BigInteger(), nullable=False),
        Column("peaks", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("name", name="pk_logs"),
    )
    op.create_table(
        "leaves",
        Column("log", Text(), nullable=False),
        Column("index", BigInteger(), autoincrement=False, nullable=False),
        Column("event", BigInteger(), nullable=False),
        Column("entry", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("log", "index", name="pk_leaves"),
        UniqueConstraint("log", "event", name="uq_leaves_log"),
    )
    op.create_table(
        "erasing",
        Column("since", Text(), nullable=False),
        PrimaryKeyConstraint("since", name="pk_erasing"),
    )
    op.create_table(
        "counters",
        Column("kind", Text(), nullable=False),
        Column("last", BigInteger(), nullable=False),
        PrimaryKeyConstraint("kind", name="pk_counters"),
    )
    _guard(refused="OLD.opening IS NOT NULL")
    _open_events()
    _count()
    _guard(refused="NOT EXISTS (SELECT 1 FROM erasing)")


def _open_events() -> None:
    connection = op.get_bind()
    events = table("events", column("number"), column("opening"))
    numbers = connection.execute(text("SELECT number FROM events")).scalars().all()
    if numbers:
        connection.execute(
            update(events)
            .where(events.c.number == bindparam("event"))
            .values(opening=bindparam("fresh")),
            [{"event": number, "fresh": token_bytes(_OPENING_BYTES)} for number in numbers],
        )


def _count() -> None:
    for kind in ("account", "artist", "recording", "training-set"):
        op.execute(
            "INSERT INTO counters (kind, last)"  # noqa: S608  # the kinds above
            f" SELECT kind, count(*) FROM events WHERE kind = '{kind}' GROUP BY kind"
        )


def _guard(*, refused: str) -> None:
    """Have the database itself refuse changes of an event, for which it knows this condition."""
    dialect = "sqlite" if op.get_context().dialect.name == "sqlite" else "postgresql"
    for statement in _GUARD[dialect]:
        op.execute(statement.format(refused=refused))


_GUARD = {
    "sqlite": (
        "DROP TRIGGER events_stay",
        """
        CREATE TRIGGER events_stay BEFORE UPDATE ON events
        WHEN NEW.number <> OLD.number OR NEW.kind <> OLD.kind OR ({refused})
        BEGIN SELECT RAISE(ABORT, 'events are never changed'); END
        """,
    ),
    "postgresql": (
        "DROP TRIGGER events_stay ON events",
        "DROP TRIGGER IF EXISTS events_change ON events",
        "DROP FUNCTION IF EXISTS events_changed()",
        """
        CREATE FUNCTION events_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.number <> OLD.number OR NEW.kind <> OLD.kind OR ({refused}) THEN
                RAISE integrity_constraint_violation USING MESSAGE = 'events are never changed';
            END IF;
            RETURN NEW;
        END
        $$
        """,
        """
        CREATE TRIGGER events_change BEFORE UPDATE ON events
        FOR EACH ROW EXECUTE FUNCTION events_changed()
        """,
        """
        CREATE TRIGGER events_stay BEFORE DELETE OR TRUNCATE ON events
        FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()
        """,
    ),
}
