"""The algebra in the database: words computed from the tables by one SELECT, and looked up.

The expressions are those of `permission.algebra`, called on `Bits`; only how rows are gathered is
written here. Both SQLite and PostgreSQL run them. What names a program is not in the tables as a
word, so the words computed here are the blanket ones; the stored ones answer for programs.
"""

from sqlalchemy import BigInteger, TextualSelect, bindparam, column, text

from assent.permission.algebra import Bits, Masks, ground, opened

__all__ = ["permitted_query", "word_query"]


def _masks(alias: str) -> Masks[Bits]:
    # an unknown text is the silent one
    return Masks(*(Bits(f"COALESCE({alias}.{name}, 0)") for name in Masks._fields))


_GROUND = ground(_masks("first"), _masks("second"), Bits("h.granted"), Bits("h.refused"))
_OWN = opened(Bits(f"bit_and({_GROUND.sql})"), Bits("r.held"), Bits("-1"))
"""The word of a recording, were it no copy."""

# rights in some countries never add up to the world, so one holder must hold them everywhere;
# where nobody holds any, the outer joins give one row without a holding
_WORDS = f"""
WITH RECURSIVE own AS (
    SELECT r.number, r.id, r.original,
        CASE WHEN max(CASE WHEN h.territories = 'world' THEN 1 ELSE 0 END) = 1
            THEN {_OWN.sql} ELSE 0 END AS word
    FROM recordings r
    LEFT JOIN holdings h ON h.recording = r.id
    LEFT JOIN accounts a ON a.id = h.holder
    LEFT JOIN texts first ON first.id = COALESCE(r.agreement, a.accepted)
    LEFT JOIN texts second
        ON second.id = COALESCE(r.agreement, (SELECT id FROM texts WHERE current))
    GROUP BY r.number
),
chain AS (
    SELECT number, original, word FROM own WHERE original IS NOT NULL
    UNION
    SELECT chain.number, own.original, chain.word & COALESCE(own.word, 0)
    FROM chain LEFT JOIN own ON own.id = chain.original WHERE chain.original IS NOT NULL
)
SELECT own.number,
    CASE WHEN own.original IS NULL THEN own.word ELSE COALESCE(ends.word, 0) END AS word
FROM own LEFT JOIN (SELECT number, word FROM chain WHERE original IS NULL) AS ends
    ON ends.number = own.number
"""  # noqa: S608  # made of constants


def word_query() -> TextualSelect:
    """Return the query for the word of every recording, computed anew [number, word]."""
    return text(_WORDS).columns(column("number", BigInteger), column("word", BigInteger))


_STORED = """
SELECT r.number FROM recordings r
LEFT JOIN program_words p ON p.recording = r.number AND p.program = :program
WHERE COALESCE(p.word, r.word) & :uses = :uses ORDER BY r.number
"""


def permitted_query(uses: int, program: str | None = None) -> TextualSelect:
    """Return the query for the recordings whose stored word opens all the uses [number].

    Args:
        uses: What is asked for [60-bit word, not 0].
        program: For which program; None for what holds for every one.
    """
    bound = text(_STORED).bindparams(
        bindparam("uses", uses, BigInteger), bindparam("program", program)
    )
    return bound.columns(column("number", BigInteger))
