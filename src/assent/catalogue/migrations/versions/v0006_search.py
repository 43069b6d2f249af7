"""Version 6: an index of words over titles and names, and the orders in which lists are read.

The index is kept by triggers, so whatever writes `recordings` and `artists`, a rebuild too, keeps
it right. SQLite has it as FTS5, PostgreSQL as a `tsvector`. In both, letters lose their accents,
and each letter of a script that is written without spaces stands alone, so that a word within a
title is found.
"""

# ruff: noqa: S608  # the statements are made of constants

from alembic import op

__all__ = ["TABLES", "UNSPACED", "down_revision", "revision", "upgrade"]

revision = "0006"
down_revision = "0005"

TABLES = ("search_artists", "search_index")
"""The tables of the index; SQLite keeps others beside them whose names begin with theirs."""

UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\u2fdf"  # radicals
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
"""Ranges of letters that are written without spaces between words."""


def upgrade() -> None:
    """Add the index and fill it from what is there."""
    op.drop_index("ix_recordings_artist", "recordings")
    op.create_index("ix_recordings_artist", "recordings", ["artist", "number"])
    op.create_index("ix_artists_event", "artists", ["event"])
    op.drop_index("ix_comments_recording", "comments")
    op.create_index("ix_comments_recording", "comments", ["recording", "at_ms", "id"])
    op.create_index("ix_play_days_day", "play_days", ["day", "plays", "recording"])
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        statements: tuple[str, ...] = _SQLITE
    else:
        found = connection.exec_driver_sql(_COLLATIONS).scalars().all()
        best = next((f'COLLATE "{name}"' for name in _LOWERING if name in found), "")
        statements = (_words(best), *_POSTGRESQL)
    for statement in statements:
        connection.exec_driver_sql(statement)


def _spaced(text: str) -> str:
    """Return an expression of SQLite for a text with spaces around what has none."""
    letter = f"substr({text}, key + 1, 1)"
    places = f"json_each('[1' || replace(hex(zeroblob(length({text}) - 1)), '00', ',1') || ']')"
    return f"""CASE WHEN {text} GLOB '*[{UNSPACED}]*' THEN (
        SELECT group_concat(letter, '') FROM (
            SELECT CASE WHEN {letter} GLOB '[{UNSPACED}]' THEN ' ' || {letter} || ' '
                ELSE {letter} END AS letter
            FROM {places} ORDER BY key))
        ELSE {text} END"""


_NAME = "coalesce((SELECT name FROM artists WHERE id = new.artist), '')"
_OF_ARTIST = "SELECT number FROM recordings WHERE artist ="

_SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5("
    "title, artist, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3')",
    "CREATE VIRTUAL TABLE search_artists USING fts5("
    "name, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3')",
    f"""CREATE TRIGGER search_recording_new AFTER INSERT ON recordings BEGIN
        INSERT INTO search_index (rowid, title, artist)
            SELECT new.number, {_spaced("new.title")}, {_spaced("name")}
            FROM (SELECT {_NAME} AS name);
    END""",
    f"""CREATE TRIGGER search_recording_edit AFTER UPDATE OF number, title, artist ON recordings
    BEGIN
        DELETE FROM search_index WHERE rowid = old.number;
        INSERT INTO search_index (rowid, title, artist)
            SELECT new.number, {_spaced("new.title")}, {_spaced("name")}
            FROM (SELECT {_NAME} AS name);
    END""",
    """CREATE TRIGGER search_recording_gone AFTER DELETE ON recordings BEGIN
        DELETE FROM search_index WHERE rowid = old.number;
    END""",
    f"""CREATE TRIGGER search_artist_new AFTER INSERT ON artists BEGIN
        INSERT INTO search_artists (rowid, name) VALUES (new.event, {_spaced("new.name")});
        UPDATE search_index SET artist = {_spaced("new.name")}
            WHERE rowid IN ({_OF_ARTIST} new.id);
    END""",
    f"""CREATE TRIGGER search_artist_edit AFTER UPDATE OF id, name, event ON artists BEGIN
        DELETE FROM search_artists WHERE rowid = old.event;
        INSERT INTO search_artists (rowid, name) VALUES (new.event, {_spaced("new.name")});
        UPDATE search_index SET artist = {_spaced("new.name")}
            WHERE rowid IN ({_OF_ARTIST} new.id);
    END""",
    f"""CREATE TRIGGER search_artist_gone AFTER DELETE ON artists BEGIN
        DELETE FROM search_artists WHERE rowid = old.event;
        UPDATE search_index SET artist = '' WHERE rowid IN ({_OF_ARTIST} old.id);
    END""",
    f"INSERT INTO search_artists (rowid, name) SELECT event, {_spaced('name')} FROM artists",
    f"""INSERT INTO search_index (rowid, title, artist)
        SELECT number, {_spaced("title")}, {_spaced("name")} FROM (
            SELECT r.number, r.title, coalesce(a.name, '') AS name
            FROM recordings r LEFT JOIN artists a ON a.id = r.artist)""",
)

_PUNCTUATION = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u2000-\u206f\u2190-\u2bff\u3000-\u303f"
    r"\ufe00-\ufe0f\U0001f000-\U0001faff]+"
)

_LOWERING = ("pg_c_utf8", "und-x-icu", "C.utf8", "C.UTF-8", "en_US.utf8")
"""Collations that know small letters of all scripts; that of a database may know ASCII alone."""
_COLLATIONS = """SELECT collname FROM pg_collation WHERE collencoding IN (
    -1, (SELECT encoding FROM pg_database WHERE datname = current_database()))"""


def _words(collation: str) -> str:
    # accents become marks of their own by NFKD and are taken off; what the parser would take for
    # a path, an address or a host loses what makes it one
    return rf"""CREATE FUNCTION search_words(said text) RETURNS tsvector IMMUTABLE
    LANGUAGE sql AS $$
        SELECT to_tsvector('simple', regexp_replace(regexp_replace(regexp_replace(
            lower(normalize(said, NFKD) {collation}), '[\u0300-\u036f]+', '', 'g'),
            '{_PUNCTUATION}', ' ', 'g'),
            '([{UNSPACED}])', ' \1 ', 'g'))
    $$"""


_POSTGRESQL = (
    """CREATE FUNCTION search_document(title text, name text) RETURNS tsvector IMMUTABLE
    LANGUAGE sql AS $$
        SELECT setweight(search_words(title), 'A')
            || setweight(search_words(coalesce(name, '')), 'B')
    $$""",
    "CREATE TABLE search_index (number bigint PRIMARY KEY, document tsvector NOT NULL)",
    "CREATE TABLE search_artists (number bigint PRIMARY KEY, document tsvector NOT NULL)",
    "CREATE INDEX search_index_document ON search_index USING gin (document)",
    "CREATE INDEX search_artists_document ON search_artists USING gin (document)",
    """CREATE FUNCTION search_recording() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN DELETE FROM search_index WHERE number = old.number; END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO search_index VALUES (new.number, search_document(
                new.title, (SELECT name FROM artists WHERE id = new.artist)));
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION search_artist() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN
            DELETE FROM search_artists WHERE number = old.event;
            UPDATE search_index SET document = search_document(r.title, NULL)
                FROM recordings r
                WHERE r.artist = old.id AND search_index.number = r.number;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO search_artists VALUES (new.event, search_words(new.name));
            UPDATE search_index SET document = search_document(r.title, new.name)
                FROM recordings r
                WHERE r.artist = new.id AND search_index.number = r.number;
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER search_recording AFTER INSERT OR DELETE OR UPDATE OF number, title, artist
        ON recordings FOR EACH ROW EXECUTE FUNCTION search_recording()""",
    """CREATE TRIGGER search_artist AFTER INSERT OR DELETE OR UPDATE OF id, name, event
        ON artists FOR EACH ROW EXECUTE FUNCTION search_artist()""",
    "INSERT INTO search_artists SELECT event, search_words(name) FROM artists",
    """INSERT INTO search_index SELECT r.number, search_document(r.title, a.name)
        FROM recordings r LEFT JOIN artists a ON a.id = r.artist""",
)
