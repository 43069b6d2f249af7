"""Version 7: the events of a kind are found without a look at all others."""

from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_events_kind", "events", ["kind", "number", "at"])
