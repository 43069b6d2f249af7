"""Version 5: the site: who signs in, what people do with each other, requests, acts of staff."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, PrimaryKeyConstraint, Text

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables of the site; of what was there before it nothing more is known."""
    _from_events()
    _signing_in()
    _pages_and_people()


def _from_events() -> None:
    op.create_table(
        "disclosures",
        Column("recording", Text(), nullable=False),
        Column("made_with", Text(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        PrimaryKeyConstraint("recording", name="pk_disclosures"),
    )
    op.create_table(
        "requests",
        Column("event", BigInteger(), autoincrement=False, nullable=False),
        Column("program", Text(), nullable=False),
        Column("words", Text(), nullable=False),
        Column("pays", Text(), nullable=False),
        Column("until", Text()),
        Column("at", Text(), nullable=False),
        Column("withdrawn", BigInteger()),
        PrimaryKeyConstraint("event", name="pk_requests"),
    )
    op.create_index("ix_requests_program", "requests", ["program"])
    op.create_table(
        "request_answers",
        Column("request", BigInteger(), autoincrement=False, nullable=False),
        Column("account", Text(), nullable=False),
        Column("says", Text(), nullable=False),
        Column("event", BigInteger(), nullable=False),
        Column("at", Text(), nullable=False),
        PrimaryKeyConstraint("request", "account", name="pk_request_answers"),
    )
    op.create_index("ix_request_answers_account", "request_answers", ["account"])
    op.create_table(
        "staff_acts",
        Column("event", BigInteger(), autoincrement=False, nullable=False),
        Column("by", Text(), nullable=False),
        Column("act", Text(), nullable=False),
        Column("about", Text(), nullable=False),
        Column("cause", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        PrimaryKeyConstraint("event", name="pk_staff_acts"),
    )


def _signing_in() -> None:
    op.create_table(
        "members",
        Column("account", Text(), nullable=False),
        Column("role", Text(), nullable=False),
        Column("password", Text()),
        Column("since", Text(), nullable=False),
        Column("shut", Text()),
        PrimaryKeyConstraint("account", name="pk_members"),
    )
    op.create_table(
        "passkeys",
        Column("credential", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("public_key", LargeBinary(), nullable=False),
        Column("signs", BigInteger(), nullable=False),
        Column("label", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("used", Text()),
        PrimaryKeyConstraint("credential", name="pk_passkeys"),
    )
    op.create_index("ix_passkeys_account", "passkeys", ["account"])
    op.create_table(
        "identities",
        Column("issuer", Text(), nullable=False),
        Column("subject", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_account", "identities", ["account"])
    op.create_table(
        "sessions",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("agent", Text(), nullable=False),
        Column("way", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("seen", Text(), nullable=False),
        Column("until", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_index("ix_sessions_until", "sessions", ["until"])
    op.create_table(
        "api_tokens",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("label", Text(), nullable=False),
        Column("scopes", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("until", Text()),
        Column("used", Text()),
        PrimaryKeyConstraint("id", name="pk_api_tokens"),
    )
    op.create_index("ix_api_tokens_account", "api_tokens", ["account"])
    op.create_table(
        "attempts",
        Column("key", Text(), nullable=False),
        Column("since", Text(), nullable=False),
        Column("count", BigInteger(), nullable=False),
        PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    op.create_index("ix_attempts_since", "attempts", ["since"])
    op.create_table(
        "challenges",
        Column("id", Text(), nullable=False),
        Column("kind", Text(), nullable=False),
        Column("value", Text(), nullable=False),
        Column("until", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_challenges"),
    )
    op.create_index("ix_challenges_until", "challenges", ["until"])
    op.create_table(
        "done_once",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("next", Text()),
        Column("said", Text()),
        PrimaryKeyConstraint("id", name="pk_done_once"),
    )
    op.create_index("ix_done_once_account", "done_once", ["account"])
    op.create_index("ix_done_once_at", "done_once", ["at"])


def _pages_and_people() -> None:
    op.create_table(
        "artist_pages",
        Column("artist", Text(), nullable=False),
        Column("about", Text(), nullable=False),
        Column("link", Text(), nullable=False),
        PrimaryKeyConstraint("artist", name="pk_artist_pages"),
    )
    op.create_table(
        "recording_pages",
        Column("recording", Text(), nullable=False),
        Column("visibility", Text(), nullable=False),
        Column("downloads", Boolean(), nullable=False),
        Column("about", Text(), nullable=False),
        PrimaryKeyConstraint("recording", name="pk_recording_pages"),
    )
    op.create_table(
        "private_links",
        Column("id", Text(), nullable=False),
        Column("recording", Text(), nullable=False),
        Column("label", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("until", Text()),
        PrimaryKeyConstraint("id", name="pk_private_links"),
    )
    op.create_index("ix_private_links_recording", "private_links", ["recording"])
    op.create_table(
        "follows",
        Column("account", Text(), nullable=False),
        Column("artist", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        PrimaryKeyConstraint("account", "artist", name="pk_follows"),
    )
    op.create_index("ix_follows_artist", "follows", ["artist"])
    op.create_table(
        "likes",
        Column("account", Text(), nullable=False),
        Column("recording", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        PrimaryKeyConstraint("account", "recording", name="pk_likes"),
    )
    op.create_index("ix_likes_recording", "likes", ["recording"])
    op.create_table(
        "playlists",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("title", Text(), nullable=False),
        Column("about", Text(), nullable=False),
        Column("visibility", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_playlists"),
    )
    op.create_index("ix_playlists_account", "playlists", ["account"])
    op.create_table(
        "playlist_items",
        Column("playlist", Text(), nullable=False),
        Column("place", BigInteger(), autoincrement=False, nullable=False),
        Column("recording", Text(), nullable=False),
        PrimaryKeyConstraint("playlist", "place", name="pk_playlist_items"),
    )
    op.create_index("ix_playlist_items_recording", "playlist_items", ["recording"])
    op.create_table(
        "comments",
        Column("id", Text(), nullable=False),
        Column("recording", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("at_ms", BigInteger(), nullable=False),
        Column("words", Text(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("hidden_by", Text()),
        PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_index("ix_comments_account", "comments", ["account"])
    op.create_index("ix_comments_recording", "comments", ["recording", "at_ms"])
    op.create_table(
        "play_days",
        Column("recording", Text(), nullable=False),
        Column("day", Text(), nullable=False),
        Column("plays", BigInteger(), nullable=False),
        Column("heard_s", BigInteger(), nullable=False),
        PrimaryKeyConstraint("recording", "day", name="pk_play_days"),
    )
    op.create_table(
        "listeners",
        Column("account", Text(), nullable=False),
        Column("keeps_history", Boolean(), nullable=False),
        PrimaryKeyConstraint("account", name="pk_listeners"),
    )
    op.create_table(
        "renditions",
        Column("recording", Text(), nullable=False),
        Column("format", Text(), nullable=False),
        Column("blob", Text(), nullable=False),
        Column("size_bytes", BigInteger(), nullable=False),
        Column("segments", Text(), nullable=False),
        PrimaryKeyConstraint("recording", "format", name="pk_renditions"),
    )
    op.create_table(
        "uploads",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("size_bytes", BigInteger(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("error", Text()),
        Column("recording", Text()),
        PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_account", "uploads", ["account"])
    op.create_index("ix_uploads_at", "uploads", ["at"])
