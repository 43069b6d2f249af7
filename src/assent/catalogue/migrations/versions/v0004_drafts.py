"""Version 4: drafts of terms, who was told of which text, and what a preview reads."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, Text

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what publishing terms needs; no terms were drafted before there were drafts."""
    op.create_table(
        "drafts",
        Column("id", Text(), nullable=False),
        Column("title", Text(), nullable=False),
        Column("granted", BigInteger(), nullable=False),
        Column("opt_out", BigInteger(), nullable=False),
        Column("opt_in", BigInteger(), nullable=False),
        Column("source", Text(), nullable=False),
        Column("digest", Text(), nullable=False),
        Column("against", Text()),
        Column("days", Integer(), nullable=False),
        Column("in_force", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        Column("ended", BigInteger()),
        PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_table(
        "notices",
        Column("event", BigInteger(), autoincrement=False, nullable=False),
        Column("text", Text(), nullable=False),
        Column("timing", Text(), nullable=False),
        Column("channel", Text(), nullable=False),
        Column("chance", Text(), nullable=False),
        Column("told", BigInteger(), nullable=False),
        Column("at", Text(), nullable=False),
        PrimaryKeyConstraint("event", name="pk_notices"),
    )
    op.create_index("ix_notices_text", "notices", ["text"])
    op.create_table(
        "told",
        Column("notice", BigInteger(), autoincrement=False, nullable=False),
        Column("account", Text(), nullable=False),
        PrimaryKeyConstraint("notice", "account", name="pk_told"),
    )
    op.create_index("ix_told_account", "told", ["account"])
    op.create_index(
        "ix_recordings_number", "recordings", ["number", "id", "held", "agreement", "original"]
    )
