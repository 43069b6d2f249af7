"""A report in plain lines, as it is read on a terminal: the same object, told in words."""

from collections.abc import Iterator, Sequence

from assent.terms.report import Report

__all__ = [
    "HEADINGS",
    "MOVES",
    "NO_ADVICE",
    "head_lines",
    "notice_line",
    "tell",
    "tell_difference",
    "tell_findings",
]

HEADINGS = {
    "granted": "Taken without asking",
    "opt_out": "Taken unless somebody says no",
    "silent": "Not said, and so not ruled out",
}
"""The kinds of what is open."""

MOVES = {
    "opened": "Opened",
    "closed": "Closed",
    "loosened": "Looser: not yours to refuse any more, or no longer barred",
    "tightened": "Stricter: yours to refuse now, or barred",
    "restated": "Open as before, said differently",
}
"""The ways in which what may be done can move from one wording to another."""

NO_ADVICE = "A reading by rules that anybody can check; no legal advice."


def head_lines(report: Report) -> Iterator[str]:
    """Give what text this is, and how much it leaves open."""
    yield f"{report['title']} ({report['id']})"
    source = report["source"]
    if source:
        how = "as recorded on" if source["origin"] == "text" else "as the press quotes it, of"
        yield f"{source['document']} of {source['service']}, {how} {source['recorded']}"
        if source["note"]:
            yield source["note"]


def tell(report: Report) -> Iterator[str]:
    """Give a report on a wording, line by line."""
    yield from head_lines(report)
    yield ""
    yield from _total(report)
    for status, heading in HEADINGS.items():
        found = [it for it in report["openings"] if it["status"] == status]
        if found:
            yield ""
            yield f"{heading}:"
            for opening in found:
                yield from _opening(opening)
    yield from _effects(report)
    yield from _clauses(report)
    yield ""
    yield NO_ADVICE


def _total(report: Report) -> Iterator[str]:
    cells, found = report["cells"], report["open"]
    delivered = f"{found['delivered']} of {cells} cells for what a label delivers"
    if report["party"]:
        yield f"Open without consent: {delivered}."
    else:
        own = f"{found['own']} of {cells} cells for what one uploads oneself"
        yield f"Open without consent: {own}, {delivered}."


def _opening(opening: Report) -> Iterator[str]:
    yield f"  {opening['sentence']}"
    if opening["granted_by"]:
        yield f"    taken by: {', '.join(opening['granted_by'])}"
    yield from _misses(opening["not_covered_by"])


def _misses(misses: Sequence[Report]) -> Iterator[str]:
    for miss in misses:
        yield f"    not covered by {miss['clause']}: {'; '.join(miss['because'])}"
    if not misses:
        yield "    no clause promises anything near it"


def _effects(report: Report) -> Iterator[str]:
    if report["limits"]:
        yield ""
        yield "What limiting words do:"
        for it in report["limits"]:
            otherwise = it["open_otherwise"]
            yield f"  “{it['name']}” ({it['text']})"
            yield f"    without them {otherwise['own']} and {otherwise['delivered']} would be open"
    if report["switches"]:
        yield ""
        yield "Judgements in this reading:"
        for it in report["switches"]:
            otherwise = it["open_otherwise"]
            yield f"  {it['name']} ({'yes' if it['on'] else 'no'}): {it['text']}"
            yield f"    judged otherwise {otherwise['own']} and {otherwise['delivered']} are open"


def _clauses(report: Report) -> Iterator[str]:
    yield ""
    yield "The clauses it was read from:"
    for clause in report["clauses"]:
        yield f"  {clause['id']}: “{clause['text']}”"


def tell_findings(report: Report, name: str) -> Iterator[str]:
    """Give what lint finds, a line each.

    Args:
        report: A report on a wording.
        name: The file or the text, as the one who asks calls it.
    """
    for it in report["findings"]:
        yield f"{name}:{it['line']}: {it['level']}: {it['text']} [{it['rule']}]"


def tell_difference(report: Report) -> Iterator[str]:
    """Give what differs between two wordings, line by line."""
    before, after = report["before"], report["after"]
    yield f"From {before['title']} ({before['id']})"
    yield f"to   {after['title']} ({after['id']})"
    yield ""
    yield from _texts(report["text"])
    yield from _beside(report)
    yield from _changes(report["clauses"])
    yield "Open without consent:"
    for who, name in (("what one uploads oneself", "own"), ("what a label delivers", "delivered")):
        yield f"  for {who}: {before['open'][name]} before, {after['open'][name]} now"
    for name, heading in MOVES.items():
        if report[name]:
            yield f"{heading}:"
            for it in report[name]:
                yield f"  {it['sentence']}"
                if name == "opened":
                    yield from _misses(it["not_covered_by"])
    if not any(report[name] for name in MOVES):
        yield "Nothing opened, nothing closed."
    yield ""
    yield NO_ADVICE


def _texts(texts: Report) -> Iterator[str]:
    if not texts["gone"] and not texts["new"]:
        yield (
            "The text is the same." if texts["whole"] else "The sentences with rules are the same."
        )
    for sentence in texts["gone"]:
        yield f"- {sentence}"
    for sentence in texts["new"]:
        yield f"+ {sentence}"
    yield ""


def _beside(report: Report) -> Iterator[str]:
    """Give what changed beside the rules: headings and the like, and the promise of notice."""
    claims, notice = report["claims"], report["notice"]
    for sign, some in (("-", claims["gone"]), ("+", claims["new"])):
        for it in some:
            yield f"{sign} ({it['where']}, binds nobody) {it['text']}"
    if notice:
        yield f"Notice of changes: {notice_line(notice['before'])} before,"
        yield f"  {notice_line(notice['after'])} now"
    if claims["gone"] or claims["new"] or notice:
        yield ""


def notice_line(notice: Report) -> str:
    """Return what a text promises about changes to itself, in a few words."""
    if notice["timing"] == "none":
        return "none is promised"
    days = f"{notice['days']} days " if notice["days"] else ""
    return f"{days}{notice['timing']}, by {notice['channel']}; one can {_CHANCES[notice['chance']]}"


_CHANCES = {
    "accept": "accept or stay as one is",
    "refuse": "refuse and stay",
    "leave": "only leave",
    "none": "do nothing about it",
}


def _changes(changes: Sequence[Report]) -> Iterator[str]:
    if not changes:
        yield "No clause differs."
    for it in changes:
        ways = f" ({', '.join(it['what'])})" if it["what"] else ""
        yield f"Clause {it['clause']}: {it['change']}{ways}"
    yield ""
