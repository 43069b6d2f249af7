"""Version 7: the events of a kind, and the deliveries of an agreement in order, by an index."""

from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the indexes."""
    op.drop_index("ix_recordings_agreement", "recordings")
    op.create_index("ix_recordings_agreement", "recordings", ["agreement", "number"])
    op.create_index("ix_events_kind", "events", ["kind", "number", "at"])
