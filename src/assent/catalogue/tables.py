"""The tables: `events` are the truth, and all others but five follow from them.

`data_keys` are secrets; `fingerprints` are taken from the audio, which no event holds; `logs` and
`leaves` are what was promised of the events in public;
`erasing` has a row only while somebody is being erased: only then do events change.
Instants are text that sorts as it happened, words are 64-bit integers, lists are JSON text: the
same rows in SQLite and in PostgreSQL.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = [
    "PROJECTIONS",
    "accounts",
    "answers",
    "artists",
    "claims",
    "clearings",
    "copies",
    "counters",
    "data_keys",
    "disclosures",
    "drafts",
    "erasing",
    "events",
    "fingerprints",
    "holdings",
    "holds",
    "journals",
    "leaves",
    "logs",
    "metadata",
    "notices",
    "program_words",
    "programs",
    "recordings",
    "request_answers",
    "requests",
    "staff_acts",
    "statements",
    "texts",
    "told",
    "training_sets",
    "uses",
]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

events = Table(
    "events",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("opening", LargeBinary),
    # what the staff did, and how much happened in a month: without a look at any body
    Index(None, "kind", "number", "at"),
)

logs = Table(
    "logs",
    metadata,
    Column("name", Text, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
)

leaves = Table(
    "leaves",
    metadata,
    Column("log", Text, primary_key=True),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("event", BigInteger, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    UniqueConstraint("log", "event"),
)

erasing = Table("erasing", metadata, Column("since", Text, primary_key=True))

counters = Table(
    "counters",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("blob", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("recording", BigInteger, primary_key=True, autoincrement=False),
    Column("design", Text, nullable=False),
    Column("frames", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    # how many there are, and how long, is asked at each upload: without a look at any peaks
    Index(None, "design", "recording", "frames"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("accepted", Text),
    Column("accepted_event", BigInteger),
    Column("asks", Boolean, nullable=False),
    Column("event", BigInteger, nullable=False),
)

artists = Table(
    "artists",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),
    Column("account", Text, nullable=False, index=True),
    Column("event", BigInteger, nullable=False, index=True),
)

texts = Table(
    "texts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("party", Text),
    Column("granted", BigInteger, nullable=False),
    Column("opt_out", BigInteger, nullable=False),
    Column("opt_in", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("event", BigInteger, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("opt_out", BigInteger, nullable=False),
    Column("opt_in", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("against", Text),
    Column("days", Integer, nullable=False),
    Column("in_force", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("ended", BigInteger),
)

notices = Table(
    "notices",
    metadata,
    Column("event", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False, index=True),
    Column("timing", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("chance", Text, nullable=False),
    Column("told", BigInteger, nullable=False),
    Column("at", Text, nullable=False),
)

told = Table(
    "told",
    metadata,
    Column("notice", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, primary_key=True, index=True),
)

recordings = Table(
    "recordings",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("artist", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("isrc", Text),
    Column("licence", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("digest", Text, nullable=False, index=True),
    Column("audio_digest", Text, nullable=False, index=True),
    Column("blob", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("container", Text, nullable=False),
    Column("codec", Text, nullable=False),
    Column("sr", Integer, nullable=False),
    Column("channels", Integer, nullable=False),
    Column("frames", BigInteger, nullable=False),
    Column("loudness_lufs", Double),
    Column("true_peak_dbtp", Double),
    Column("waveform", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("agreement", Text),
    Column("original", Text, index=True),
    Column("held", BigInteger, nullable=False),
    Column("word", BigInteger, nullable=False),
    Column("good_until", Text, index=True),
    Column("word_event", BigInteger, nullable=False, index=True),
    Column("event", BigInteger, nullable=False),
    # the newest of an artist
    Index(None, "artist", "number"),
    # and of an agreement
    Index(None, "agreement", "number"),
    # all that a preview asks of a recording: without a look at any waveform
    Index(None, "number", "id", "held", "agreement", "original"),
)

holdings = Table(
    "holdings",
    metadata,
    Column("recording", Text, primary_key=True),
    Column("holder", Text, primary_key=True, index=True),
    Column("share_ppm", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("territories", Text, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("event", BigInteger, nullable=False),
)

statements = Table(
    "statements",
    metadata,
    Column("event", BigInteger, primary_key=True, autoincrement=False),
    Column("holder", Text, nullable=False, index=True),
    Column("recording", Text),
    Column("program", Text, index=True),
    Column("grants", BigInteger, nullable=False),
    Column("refuses", BigInteger, nullable=False),
    Column("withdraws", BigInteger, nullable=False),
    Column("lifts", BigInteger, nullable=False),
    Column("all_programs", Boolean, nullable=False),
    Column("since", Text),
    Column("until", Text),
    Column("preset", Text),
    Column("notice", Text, nullable=False),
    Column("at", Text, nullable=False),
)

programs = Table(
    "programs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("uses", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("models", Text, nullable=False),
    Column("territories", Text, nullable=False),
    Column("start", Text),
    Column("end", Text),
    Column("retention_days", Integer, nullable=False),
    Column("contact", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed", BigInteger, nullable=False),
    Column("approved_by", Text),
    Column("approved", BigInteger),
    Column("suspended", BigInteger),
    Column("ended", BigInteger),
    Column("event", BigInteger, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    Column("event", BigInteger, primary_key=True, autoincrement=False),
    Column("recording", Text, nullable=False, index=True),
    Column("uses", BigInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("lifted", BigInteger),
)

copies = Table(
    "copies",
    metadata,
    Column("recording", Text, primary_key=True),
    Column("original", Text, primary_key=True, index=True),
    Column("state", Text, nullable=False, index=True),
    Column("found", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("suspected", BigInteger, nullable=False),
    Column("at", Text, nullable=False),
    Column("decided", BigInteger),
    Column("decided_by", Text),
    Column("cause", Text),
)

claims = Table(
    "claims",
    metadata,
    Column("event", BigInteger, primary_key=True, autoincrement=False),
    Column("recording", Text, nullable=False, index=True),
    Column("original", Text, nullable=False, index=True),
    Column("account", Text, nullable=False),
    Column("says", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("files", Text, nullable=False),
    Column("answer_by", Text, nullable=False),
    Column("closed", BigInteger),
)

answers = Table(
    "answers",
    metadata,
    Column("event", BigInteger, primary_key=True, autoincrement=False),
    Column("claim", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("agrees", Boolean, nullable=False),
    Column("words", Text, nullable=False),
    Column("files", Text, nullable=False),
    UniqueConstraint("claim", "account"),
)

clearings = Table(
    "clearings",
    metadata,
    Column("account", Text, primary_key=True),
    Column("event", BigInteger, nullable=False),
)

program_words = Table(
    "program_words",
    metadata,
    Column("program", Text, primary_key=True),
    Column("recording", BigInteger, primary_key=True, autoincrement=False),
    Column("word", BigInteger, nullable=False),
    Column("good_until", Text, index=True),
    Column("event", BigInteger, nullable=False, index=True),
)

training_sets = Table(
    "training_sets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("program", Text, nullable=False, index=True),
    Column("head", BigInteger, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("members", Text, nullable=False),
    Column("root", Text),
    Column("event", BigInteger, nullable=False),
)

uses = Table(
    "uses",
    metadata,
    Column("event", BigInteger, primary_key=True, autoincrement=False),
    Column("recording", Text, primary_key=True, index=True),
    Column("program", Text, nullable=False, index=True),
    Column("hour", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("recording", Text, primary_key=True),
    Column("made_with", Text, nullable=False),
    Column("event", BigInteger, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("event", BigInteger, primary_key=True, autoincrement=False),
    Column("program", Text, nullable=False, index=True),
    Column("words", Text, nullable=False),
    Column("pays", Text, nullable=False),
    Column("until", Text),
    Column("at", Text, nullable=False),
    Column("withdrawn", BigInteger),
)

request_answers = Table(
    "request_answers",
    metadata,
    Column("request", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, primary_key=True, index=True),
    Column("says", Text, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("at", Text, nullable=False),
)

staff_acts = Table(
    "staff_acts",
    metadata,
    Column("event", BigInteger, primary_key=True, autoincrement=False),
    Column("by", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("at", Text, nullable=False),
)

journals = Table(
    "journals",
    metadata,
    Column("name", Text, primary_key=True),
    Column("event", BigInteger, nullable=False),
)

_KEPT = {"data_keys", "erasing", "events", "fingerprints", "leaves", "logs"}

PROJECTIONS = tuple(table for table in metadata.sorted_tables if table.name not in _KEPT)
"""Everything that `assent rebuild` makes anew from the events."""
