"""Version 1: the events, the keys, and the tables that follow from the events.

Written out, not taken from `tables.py`: a migration says what was, whatever the tables become.
"""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    for create in (
        _accounts,
        _artists,
        _data_keys,
        _events,
        _holdings,
        _holds,
        _journals,
        _program_words,
        _programs,
        _recordings,
        _statements,
        _texts,
        _training_sets,
        _uses,
    ):
        create()
    _guard_events()


def _accounts() -> None:
    op.create_table(
        "accounts",
        Column("id", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("folded", Text(), nullable=False),
        Column("role", Text(), nullable=False),
        Column("accepted", Text()),
        Column("accepted_event", BigInteger()),
        Column("asks", Boolean(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_accounts"),
        UniqueConstraint("folded", name="uq_accounts_folded"),
    )


def _artists() -> None:
    op.create_table(
        "artists",
        Column("id", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("folded", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_artists"),
        UniqueConstraint("folded", name="uq_artists_folded"),
    )
    op.create_index("ix_artists_account", "artists", ["account"])


def _data_keys() -> None:
    op.create_table(
        "data_keys",
        Column("blob", Text(), nullable=False),
        Column("wrapped", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("blob", name="pk_data_keys"),
    )


def _events() -> None:
    op.create_table(
        "events",
        Column("number", BigInteger(), autoincrement=False, nullable=False),
        Column("kind", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("by", Text(), nullable=False),
        Column("body", Text(), nullable=False),
        PrimaryKeyConstraint("number", name="pk_events"),
    )


def _holdings() -> None:
    op.create_table(
        "holdings",
        Column("recording", Text(), nullable=False),
        Column("holder", Text(), nullable=False),
        Column("share_ppm", Integer(), nullable=False),
        Column("role", Text(), nullable=False),
        Column("territories", Text(), nullable=False),
        Column("granted", BigInteger(), nullable=False),
        Column("refused", BigInteger(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("recording", "holder", name="pk_holdings"),
    )
    op.create_index("ix_holdings_holder", "holdings", ["holder"])


def _holds() -> None:
    op.create_table(
        "holds",
        Column("event", BigInteger(), autoincrement=False, nullable=False),
        Column("recording", Text(), nullable=False),
        Column("uses", BigInteger(), nullable=False),
        Column("cause", Text(), nullable=False),
        Column("lifted", BigInteger()),
        PrimaryKeyConstraint("event", name="pk_holds"),
    )
    op.create_index("ix_holds_recording", "holds", ["recording"])


def _journals() -> None:
    op.create_table(
        "journals",
        Column("name", Text(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("name", name="pk_journals"),
    )


def _program_words() -> None:
    op.create_table(
        "program_words",
        Column("program", Text(), nullable=False),
        Column("recording", BigInteger(), autoincrement=False, nullable=False),
        Column("word", BigInteger(), nullable=False),
        Column("good_until", Text()),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("program", "recording", name="pk_program_words"),
    )
    op.create_index("ix_program_words_event", "program_words", ["event"])
    op.create_index("ix_program_words_good_until", "program_words", ["good_until"])


def _programs() -> None:
    op.create_table(
        "programs",
        Column("id", Text(), nullable=False),
        Column("owner", Text(), nullable=False),
        Column("actor", Text(), nullable=False),
        Column("uses", BigInteger(), nullable=False),
        Column("purpose", Text(), nullable=False),
        Column("models", Text(), nullable=False),
        Column("territories", Text(), nullable=False),
        Column("start", Text()),
        Column("end", Text()),
        Column("retention_days", Integer(), nullable=False),
        Column("contact", Text(), nullable=False),
        Column("contract", Text(), nullable=False),
        Column("proposed_by", Text(), nullable=False),
        Column("proposed", BigInteger(), nullable=False),
        Column("approved_by", Text()),
        Column("approved", BigInteger()),
        Column("suspended", BigInteger()),
        Column("ended", BigInteger()),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_programs"),
    )


def _recordings() -> None:
    op.create_table(
        "recordings",
        Column("number", BigInteger(), autoincrement=False, nullable=False),
        Column("id", Text(), nullable=False),
        Column("artist", Text(), nullable=False),
        Column("title", Text(), nullable=False),
        Column("isrc", Text()),
        Column("licence", Text(), nullable=False),
        Column("origin", Text(), nullable=False),
        Column("digest", Text(), nullable=False),
        Column("audio_digest", Text(), nullable=False),
        Column("blob", Text(), nullable=False),
        Column("size_bytes", BigInteger(), nullable=False),
        Column("container", Text(), nullable=False),
        Column("codec", Text(), nullable=False),
        Column("sr", Integer(), nullable=False),
        Column("channels", Integer(), nullable=False),
        Column("frames", BigInteger(), nullable=False),
        Column("loudness_lufs", Double()),
        Column("true_peak_dbtp", Double()),
        Column("waveform", Text(), nullable=False),
        Column("tags", Text(), nullable=False),
        Column("agreement", Text()),
        Column("original", Text()),
        Column("held", BigInteger(), nullable=False),
        Column("word", BigInteger(), nullable=False),
        Column("good_until", Text()),
        Column("word_event", BigInteger(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("number", name="pk_recordings"),
        UniqueConstraint("id", name="uq_recordings_id"),
    )
    op.create_index("ix_recordings_agreement", "recordings", ["agreement"])
    op.create_index("ix_recordings_artist", "recordings", ["artist"])
    op.create_index("ix_recordings_audio_digest", "recordings", ["audio_digest"])
    op.create_index("ix_recordings_digest", "recordings", ["digest"])
    op.create_index("ix_recordings_good_until", "recordings", ["good_until"])
    op.create_index("ix_recordings_original", "recordings", ["original"])
    op.create_index("ix_recordings_word_event", "recordings", ["word_event"])


def _statements() -> None:
    op.create_table(
        "statements",
        Column("event", BigInteger(), autoincrement=False, nullable=False),
        Column("holder", Text(), nullable=False),
        Column("recording", Text()),
        Column("program", Text()),
        Column("grants", BigInteger(), nullable=False),
        Column("refuses", BigInteger(), nullable=False),
        Column("withdraws", BigInteger(), nullable=False),
        Column("lifts", BigInteger(), nullable=False),
        Column("all_programs", Boolean(), nullable=False),
        Column("since", Text()),
        Column("until", Text()),
        Column("preset", Text()),
        Column("notice", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        PrimaryKeyConstraint("event", name="pk_statements"),
    )
    op.create_index("ix_statements_holder", "statements", ["holder"])
    op.create_index("ix_statements_program", "statements", ["program"])


def _texts() -> None:
    op.create_table(
        "texts",
        Column("id", Text(), nullable=False),
        Column("number", Integer(), nullable=False),
        Column("kind", Text(), nullable=False),
        Column("title", Text(), nullable=False),
        Column("party", Text()),
        Column("granted", BigInteger(), nullable=False),
        Column("opt_out", BigInteger(), nullable=False),
        Column("opt_in", BigInteger(), nullable=False),
        Column("source", Text(), nullable=False),
        Column("digest", Text(), nullable=False),
        Column("current", Boolean(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_texts"),
        UniqueConstraint("number", name="uq_texts_number"),
    )


def _training_sets() -> None:
    op.create_table(
        "training_sets",
        Column("id", Text(), nullable=False),
        Column("program", Text(), nullable=False),
        Column("head", BigInteger(), nullable=False),
        Column("manifest", Text(), nullable=False),
        Column("items", BigInteger(), nullable=False),
        Column("members", Text(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_training_sets"),
    )
    op.create_index("ix_training_sets_program", "training_sets", ["program"])


def _uses() -> None:
    op.create_table(
        "uses",
        Column("event", BigInteger(), autoincrement=False, nullable=False),
        Column("recording", Text(), nullable=False),
        Column("program", Text(), nullable=False),
        Column("hour", Text(), nullable=False),
        Column("count", BigInteger(), nullable=False),
        PrimaryKeyConstraint("event", "recording", name="pk_uses"),
    )
    op.create_index("ix_uses_program", "uses", ["program"])
    op.create_index("ix_uses_recording", "uses", ["recording"])


def _guard_events() -> None:
    """Make the database itself refuse to change what has happened."""
    if op.get_context().dialect.name == "sqlite":
        for statement in _SQLITE_GUARD:
            op.execute(statement)
    else:
        for statement in _POSTGRESQL_GUARD:
            op.execute(statement)


_SQLITE_GUARD = (
    """
    CREATE TRIGGER events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END
    """,
    """
    CREATE TRIGGER events_last BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END
    """,
    # INSERT OR REPLACE deletes without asking the trigger above
    """
    CREATE TRIGGER events_are_new BEFORE INSERT ON events
    WHEN EXISTS (SELECT 1 FROM events WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'events are never replaced'); END
    """,
)
_POSTGRESQL_GUARD = (
    """
    CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE integrity_constraint_violation USING MESSAGE = 'events are never changed or deleted';
    END
    $$
    """,
    """
    CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()
    """,
)
