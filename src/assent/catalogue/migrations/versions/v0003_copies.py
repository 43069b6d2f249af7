"""Version 3: cases of copies, claims with their answers, and the fingerprints of recordings.

A recording that was a copy before has its mask and no case: it stays one until a person says
otherwise.
"""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what the identity of recordings needs."""
    op.create_table(
        "fingerprints",
        Column("recording", BigInteger(), autoincrement=False, nullable=False),
        Column("design", Text(), nullable=False),
        Column("frames", BigInteger(), nullable=False),
        Column("peaks", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("recording", name="pk_fingerprints"),
    )
    op.create_index("ix_fingerprints_design", "fingerprints", ["design", "recording", "frames"])
    _copies()
    _claims()
    op.create_table(
        "clearings",
        Column("account", Text(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("account", name="pk_clearings"),
    )


def _copies() -> None:
    op.create_table(
        "copies",
        Column("recording", Text(), nullable=False),
        Column("original", Text(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("found", Text(), nullable=False),
        Column("evidence", Text(), nullable=False),
        Column("suspected", BigInteger(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("decided", BigInteger()),
        Column("decided_by", Text()),
        Column("cause", Text()),
        PrimaryKeyConstraint("recording", "original", name="pk_copies"),
    )
    op.create_index("ix_copies_original", "copies", ["original"])
    op.create_index("ix_copies_state", "copies", ["state"])


def _claims() -> None:
    op.create_table(
        "claims",
        Column("event", BigInteger(), autoincrement=False, nullable=False),
        Column("recording", Text(), nullable=False),
        Column("original", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("says", Text(), nullable=False),
        Column("words", Text(), nullable=False),
        Column("files", Text(), nullable=False),
        Column("answer_by", Text(), nullable=False),
        Column("closed", BigInteger()),
        PrimaryKeyConstraint("event", name="pk_claims"),
    )
    op.create_index("ix_claims_recording", "claims", ["recording"])
    op.create_index("ix_claims_original", "claims", ["original"])
    op.create_table(
        "answers",
        Column("event", BigInteger(), autoincrement=False, nullable=False),
        Column("claim", BigInteger(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("agrees", Boolean(), nullable=False),
        Column("words", Text(), nullable=False),
        Column("files", Text(), nullable=False),
        PrimaryKeyConstraint("event", name="pk_answers"),
        UniqueConstraint("claim", "account", name="uq_answers_claim"),
    )
