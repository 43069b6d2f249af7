"""Texts that the product ships: real wordings laid on the grid by hand, and our own terms.

Those of others are one reader's encodings and no legal advice; each judgement is a switch. Quotes
are short and say where they are from; what a switch does to the count is worked out, not written
down by hand.

Source: docs/encodings.md; texts as recorded by the Open Terms Archive contributors, ODC-BY 1.0.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import files

from assent.errors import Unknown
from assent.terms.clause import Status
from assent.terms.notice import NO_NOTICE
from assent.terms.openings import count
from assent.terms.parts import Origin, Source
from assent.terms.reading import Reading
from assent.terms.text import Text, parse_text

__all__ = ["SHIPPED", "encodings", "shipped", "source_of"]

SHIPPED = (
    "zoom-2023-08-07",
    "zoom-2023-08-11",
    "soundcloud-2024-02",
    "critic-published",
    "critic-reported",
    "soundcloud-2025-05",
    "wetransfer-2025-07-17",
    "wetransfer-2025-07-23",
    "bandcamp-2025-09",
    "soundcloud-2026-08",
    "assent-terms-1",
)
"""The ids of the texts, in the order in which they became known; our own last."""

_FOLDER = files("assent.terms").joinpath("library")


def source_of(name: str) -> str:
    """Return the TOML file of a shipped text.

    Raises:
        Unknown: No text of that name is shipped.
    """
    if name not in SHIPPED:
        raise Unknown(
            f"no text called {name!r} is shipped; there is {', '.join(SHIPPED)}", name=name
        )
    return _FOLDER.joinpath(f"{name}.toml").read_text("utf-8")


def shipped(name: str, flipped: frozenset[str] = frozenset()) -> Text:
    """Return a shipped text as it is read, with some judgements turned the other way.

    Args:
        name: Its id.
        flipped: Names of its switches to turn.

    Raises:
        Unknown: No text of that name is shipped.
        BadText: It has no such switch.
    """
    return parse_text(source_of(name), flipped=flipped)


def encodings() -> str:
    """Return the page on all shipped texts, docs/encodings.md."""
    return "\n".join((*_opening(), *(line for name in SHIPPED for line in _about(name)))) + "\n"


def _opening() -> Iterator[str]:
    yield "# The texts that come with it"
    yield ""
    yield (
        "Made from `src/assent/terms/library`; a test compares. To make it anew:"
        " `python -c \"from assent.terms.shipped import encodings; print(encodings(), end='')\"`."
    )
    yield ""
    yield (
        "Each text but the last, which is our own, is one reader's encoding of a foreign wording,"
        " no legal advice: where the words can be read in two ways, a switch says which way was"
        " taken, and what the other way does to the count. Quotes are from versions recorded by the"
        " Open Terms Archive contributors (the collection is under ODC-BY 1.0; the wording is each"
        " service's), or from the press where that is said."
    )
    yield ""
    yield (
        "Counts are of cells of the grid: 60 uses of 3 materials at 2 times, so 360 for own uploads"
        " and 360 for what a label delivers under an agreement of its own. *Open* is what happens"
        " without consent: granted, granted unless refused, or silent. A text that speaks of own"
        " uploads alone has all or nearly all deliveries open: they stand on agreements that it"
        " knows nothing of."
    )
    yield ""
    yield from _row("text", "open, own", "open, delivered", *_STATUSES.values())
    yield from _row(*["---"] * 8)
    for name in SHIPPED:
        text = shipped(name)
        yield from _row(f"[{name}](#{name})", *_figures(text.reading))


_STATUSES: Mapping[Status | None, str] = {
    Status.GRANTED: "granted",
    Status.OPT_OUT: "unless refused",
    None: "silent",
    Status.OPT_IN: "opt-in",
    Status.BARRED: "barred",
}


def _figures(reading: Reading) -> Iterator[str]:
    opened = count(reading)
    yield from (str(opened.own), str(opened.delivered))
    yield from (str(reading.cells(status).bit_count()) for status in _STATUSES)


def _about(name: str) -> Iterator[str]:
    text = shipped(name)
    yield ""
    yield f"## {name}"
    yield ""
    yield f"{text.title}. {_notice(text)}"
    if text.source:
        yield from ("", f"{_origin(text.source)} {text.source.note}")
    yield ""
    yield from _row("clause", "says", "decides", "stands on")
    yield from _row(*["---"] * 4)
    for clause, decided in zip(text.clauses, text.reading.decided, strict=True):
        said = _STATUSES[clause.status]
        yield from _row(f"`{clause.id}`", said, str(decided.bit_count()), _short(clause.text))
    for claim in text.claims:
        said = f"{_STATUSES[claim.status]}, in a {claim.where.value}"
        yield from _row(f"`{claim.id}`", said, "0", f"{_short(claim.text)} ({claim.source})")
    if text.switches:
        yield from _judgements(text)


def _judgements(text: Text) -> Iterator[str]:
    yield ""
    yield from _row("switch", "as read", "turned: own", "delivered", "granted", "what is judged")
    yield from _row(*["---"] * 6)
    for switch in text.switches:
        turned = shipped(text.id, frozenset({switch.id}))
        on = "on" if switch.on else "off"
        yield from _row(f"`{switch.id}`", on, *_moved(text.reading, turned.reading), switch.text)


def _origin(source: Source) -> str:
    what = f"{source.service}, {source.document}"
    match source.origin:
        case Origin.TEXT:
            by = "Open Terms Archive contributors, ODC-BY 1.0"
            return f"Source: {what}; {source.archive}, {source.recorded}. Attribution: {by}."
        case Origin.PRESS:
            return f"Source: {what}; the press, {source.recorded}."


def _notice(text: Text) -> str:
    if text.notice == NO_NOTICE and text.source and text.source.origin is Origin.PRESS:
        # of a text that nobody here saw whole, nothing found is not nothing there
        return "Notice of changes: not known."
    notice = text.notice
    told = f"{notice.timing.value}, {notice.days} days, by {notice.channel.value}"
    return f"Notice of changes: {told}; what one can do: {notice.chance.value}."


def _moved(before: Reading, after: Reading) -> Iterator[str]:
    """Give what changes of the cells open, own and delivered, and of those granted."""
    was, now = count(before), count(after)
    granted = after.granted.bit_count() - before.granted.bit_count()
    for change in (now.own - was.own, now.delivered - was.delivered, granted):
        yield f"{change:+d}" if change else "0"


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _short(words: str, most: int = 120) -> str:
    return words if len(words) <= most else f"{words[:most].rsplit(' ', 1)[0]} …"
