"""What somebody typed into the search field, as the two databases want it.

Each word is looked for as it stands, the last one also as the beginning of a word. Whatever a
database would take for an operator is no letter, so it never reaches one.
"""

import re
from dataclasses import dataclass
from unicodedata import category, normalize

from assent.catalogue.migrations.versions.v0006_search import UNSPACED

__all__ = ["MOST_CHARACTERS", "Query", "parse_query"]

MOST_CHARACTERS = 200
_MOST_WORDS = 16
_ALONE = re.compile(f"([{UNSPACED}])")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_IN_WORDS = {"L", "N", "M"}
"""Letters, numbers, and marks on them, by the first letter of their Unicode category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for.

    Args:
        words: Each word as it was typed; the last one may go on.
    """

    words: tuple[str, ...]

    def __bool__(self) -> bool:
        """Say whether there is anything to look for."""
        return bool(self.words)

    @property
    def for_sqlite(self) -> str:
        """The query as FTS5 reads it: each word a phrase in quotes; it takes accents off itself."""
        return " AND ".join(f'"{" ".join(_pieces(word))}"' for word in self.words) + " *"

    @property
    def for_postgresql(self) -> str:
        """The query as `to_tsquery` reads it: each piece of a word a lexeme in quotes."""
        plain = [_ACCENTS.sub("", normalize("NFKD", word)) for word in self.words]
        phrases = [" <-> ".join(f"'{piece}'" for piece in _pieces(word)) for word in plain]
        return " & ".join(f"({phrase})" for phrase in [*phrases[:-1], f"{phrases[-1]}:*"])


def parse_query(said: str) -> Query:
    """Return what to look for; of a very long text, its beginning.

    >>> parse_query('Ada  "Quill"').words
    ('ada', '"quill"')
    """
    words = normalize("NFC", said[:MOST_CHARACTERS]).lower().split()
    return Query(words=tuple(word for word in words if _pieces(word))[:_MOST_WORDS])


def _pieces(word: str) -> list[str]:
    """Return what stands side by side in a word.

    It is one piece but for apostrophes, hyphens, and scripts without spaces.
    """
    letters = "".join(one if category(one)[0] in _IN_WORDS else " " for one in word)
    return _ALONE.sub(r" \1 ", letters).split()
