"""A wording by its name: a file, a text of the platform, or one that is shipped, in this order.

A file is TOML, or a policy of ODRL if its name ends in .json or .jsonld.
"""

from dataclasses import dataclass
from pathlib import Path

import typer

from assent.cli.files import blamed_on_file, read_text_file
from assent.cli.session import opened
from assent.errors import BadText, StorageFailed, Unknown
from assent.terms.text import Text, check_clauses, parse_text
from assent.terms.written import to_toml

__all__ = ["Wording", "read_wording"]

_ODRL = {".json", ".jsonld"}
_PROSE = {".md", ".txt", ".html", ".htm", ".pdf"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text and the file that says it.

    Args:
        text: The text, read.
        toml: The file.
    """

    text: Text
    toml: str


def read_wording(
    ctx: typer.Context,
    name: str,
    flipped: frozenset[str] = frozenset(),
    *,
    strict: bool = True,
) -> Wording:
    """Return a wording by its name.

    Args:
        ctx: The command's context.
        name: A path, or an id.
        flipped: The judgements to turn.
        strict: Refuse clauses that promise what is not so.

    Raises:
        Unknown: Nothing has that name.
        BadText: It breaks a rule; the text says in which file and on which line.
    """
    path = Path(name)
    if path.suffix.lower() in _ODRL:
        from assent.terms.odrl_import import parse_odrl

        with blamed_on_file(path):
            text = parse_odrl(read_text_file(path))
            if strict:
                check_clauses(text.clauses, text.reading.decided)
            return Wording(text=text, toml=to_toml(text))
    if path.suffix.lower() in _PROSE:
        read_text_file(path)  # what is not there is not there
        raise BadText(
            f"{path.name} is prose; a person has to lay it on the grid first, clause by clause, as"
            " docs/terms.md says"
        )
    toml = read_text_file(path) if _is_path(path) else _named(ctx, name)
    with blamed_on_file(path):
        return Wording(text=parse_text(toml, flipped=flipped, strict=strict), toml=toml)


def _is_path(path: Path) -> bool:
    return path.suffix.lower() == ".toml" or len(path.parts) > 1 or path.is_file()


def _named(ctx: typer.Context, name: str) -> str:
    return _of_platform(ctx, name) or _shipped(name)


def _of_platform(ctx: typer.Context, name: str) -> str | None:
    """Return a text of the platform, or a draft of it, if there is a platform and it has one."""
    from sqlalchemy import select

    from assent.catalogue import tables

    try:
        with opened(ctx) as house, house.reading() as connection:
            texts, drafts = tables.texts.c, tables.drafts.c
            published = select(texts.source).where(texts.id == name)
            waiting = select(drafts.source).where(drafts.id == name)
            return connection.execute(published.union(waiting)).scalars().first()
    except StorageFailed:  # whoever reads a foreign text needs no platform
        return None


def _shipped(name: str) -> str:
    from assent.terms.shipped import SHIPPED, source_of

    if name not in SHIPPED:
        raise Unknown(
            f"there is no file and no text {name!r}; shipped are {', '.join(SHIPPED)}", id=name
        )
    return source_of(name)
