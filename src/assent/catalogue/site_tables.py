"""The tables of the site: who signs in, what people do with each other, what is on its way.

None of them follows from events, so `assent rebuild` leaves them alone; an erasure deletes the rows
of a person in all of them (`OF_ACCOUNT`, `OF_RECORDING`, `OF_ARTIST` say where they are).
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Table, Text

from assent.catalogue.tables import metadata

__all__ = [
    "OF_ACCOUNT",
    "OF_ARTIST",
    "OF_RECORDING",
    "api_tokens",
    "artist_pages",
    "attempts",
    "challenges",
    "comments",
    "done_once",
    "follows",
    "identities",
    "likes",
    "listeners",
    "members",
    "passkeys",
    "play_days",
    "playlist_items",
    "playlists",
    "private_links",
    "recording_pages",
    "renditions",
    "sessions",
    "uploads",
]

# Who signs in.

members = Table(
    "members",
    metadata,
    Column("account", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password", Text),
    Column("since", Text, nullable=False),
    Column("shut", Text),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("signs", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("used", Text),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("at", Text, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),  # the digest of what the cookie holds
    Column("account", Text, nullable=False, index=True),
    Column("agent", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("until", Text, nullable=False, index=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("until", Text),
    Column("used", Text),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("since", Text, nullable=False, index=True),
    Column("count", BigInteger, nullable=False),
)

challenges = Table(
    "challenges",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("until", Text, nullable=False, index=True),
)

done_once = Table(
    "done_once",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("at", Text, nullable=False, index=True),
    Column("next", Text),
    Column("said", Text),
)

# What a page shows.

artist_pages = Table(
    "artist_pages",
    metadata,
    Column("artist", Text, primary_key=True),
    Column("about", Text, nullable=False),
    Column("link", Text, nullable=False),
)

recording_pages = Table(
    "recording_pages",
    metadata,
    Column("recording", Text, primary_key=True),
    Column("visibility", Text, nullable=False),
    Column("downloads", Boolean, nullable=False),
    Column("about", Text, nullable=False),
)
"""Of a recording without a row: public, no downloads, no words."""

private_links = Table(
    "private_links",
    metadata,
    Column("id", Text, primary_key=True),
    Column("recording", Text, nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("until", Text),
)

# What people do with each other.

follows = Table(
    "follows",
    metadata,
    Column("account", Text, primary_key=True),
    Column("artist", Text, primary_key=True, index=True),
    Column("at", Text, nullable=False),
)

likes = Table(
    "likes",
    metadata,
    Column("account", Text, primary_key=True),
    Column("recording", Text, primary_key=True, index=True),
    Column("at", Text, nullable=False),
)

playlists = Table(
    "playlists",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("at", Text, nullable=False),
)

playlist_items = Table(
    "playlist_items",
    metadata,
    Column("playlist", Text, primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("recording", Text, nullable=False, index=True),
)

comments = Table(
    "comments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("recording", Text, nullable=False),
    Column("account", Text, nullable=False, index=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("hidden_by", Text),
    Index(None, "recording", "at_ms", "id"),
)

# What is heard.

play_days = Table(
    "play_days",
    metadata,
    Column("recording", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("plays", BigInteger, nullable=False),
    Column("heard_s", BigInteger, nullable=False),
    Index(None, "day", "plays", "recording"),
)

listeners = Table(
    "listeners",
    metadata,
    Column("account", Text, primary_key=True),
    Column("keeps_history", Boolean, nullable=False),
)
"""What a listener said of their own listening; without a row their plays bear no name."""

renditions = Table(
    "renditions",
    metadata,
    Column("recording", Text, primary_key=True),
    Column("format", Text, primary_key=True),
    Column("blob", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("segments", Text, nullable=False),
)

# What is on its way.

uploads = Table(
    "uploads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("at", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("error", Text),
    Column("recording", Text),
)

OF_ACCOUNT = (
    members,
    passkeys,
    identities,
    sessions,
    api_tokens,
    done_once,
    follows,
    likes,
    playlists,
    comments,
    listeners,
    uploads,
)
"""The tables with a column `account`."""

OF_RECORDING = (
    recording_pages,
    private_links,
    likes,
    playlist_items,
    comments,
    play_days,
    renditions,
    uploads,
)
"""The tables with a column `recording` whose rows go with it."""

OF_ARTIST = (artist_pages, follows)
"""The tables with a column `artist`."""
