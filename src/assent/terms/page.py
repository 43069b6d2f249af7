"""A report as a page: a fragment for a site, or a page that stands by itself.

It is made from the report and the picture of the same text and says nothing that is not in them. A
line of it is one thing told, so two pages differ by what their texts differ in. There is no script
in it and no style attribute; everything that anybody wrote is escaped.
"""

from collections.abc import Callable, Iterator, Sequence
from html import escape

from assent.terms.picture import grid_svg
from assent.terms.report import Report
from assent.terms.telling import HEADINGS, MOVES, NO_ADVICE, head_lines, notice_line
from assent.terms.text import Text

__all__ = ["article", "article_difference", "page"]

_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.5;
  font-family: system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.open li { margin: 0 0 1rem; } .why, .source { font-size: .9rem; opacity: .85; }
blockquote { margin: .3rem 0 1rem; padding-left: .8rem; border-left: 3px solid currentColor; }
figure { width: max-content; max-width: calc(100vw - 2rem); overflow-x: auto;
  margin: 1rem 0 1rem 50%; transform: translateX(-50%); } table { border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; }
@media (max-width: 30rem) { body { margin: 1rem auto; } }
""".strip()


def page(title: str, fragment: str) -> str:
    """Return a page that stands by itself.

    Args:
        title: What it is called.
        fragment: What is on it, as `article` returns it.
    """
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            fragment,
            "</html>",
            "",
        )
    )


def article(text: Text, report: Report) -> str:
    """Return what a wording leaves open, as a fragment of a page.

    Args:
        text: The wording.
        report: The report on it.
    """
    return "\n".join(
        (
            '<article class="terms">',
            *_head(report),
            *_total(report),
            f"<figure>{grid_svg(text)}</figure>",
            *_openings(report),
            *_effects(report),
            *_findings(report["findings"]),
            *_clauses(report["clauses"]),
            f'<p class="source">{escape(NO_ADVICE)}</p>',
            "</article>",
        )
    )


def _head(report: Report) -> Iterator[str]:
    title, *lines = head_lines(report)
    yield f"<h1>{escape(title)}</h1>"
    yield from (f'<p class="source">{escape(line)}</p>' for line in lines)
    if report["source"] and report["source"]["archive"]:
        yield f'<p class="source">{escape(report["source"]["archive"])}</p>'


def _total(report: Report) -> Iterator[str]:
    cells, found = report["cells"], report["open"]
    yield "<p>Open without consent:</p>"
    yield "<ul>"
    if not report["party"]:
        yield f"<li>{found['own']} of {cells} cells for what one uploads oneself</li>"
    yield f"<li>{found['delivered']} of {cells} cells for what a label delivers</li>"
    yield "</ul>"


def _openings(report: Report) -> Iterator[str]:
    for status, heading in HEADINGS.items():
        found = [it for it in report["openings"] if it["status"] == status]
        if found:
            yield f"<h2>{escape(heading)}</h2>"
            yield f'<ul class="open {status}">'
            for opening in found:
                yield f"<li>{escape(opening['sentence'])}"
                yield from _why(opening["granted_by"], opening["not_covered_by"], _link)
                yield "</li>"
            yield "</ul>"


def _why(
    granted_by: Sequence[str], misses: Sequence[Report], named: Callable[[str], str]
) -> Iterator[str]:
    for name in granted_by:
        yield f'<div class="why">taken by {named(name)}</div>'
    for miss in misses:
        because = escape("; ".join(miss["because"]))
        yield f'<div class="why">not covered by {named(miss["clause"])}: {because}</div>'


def _link(name: str) -> str:
    return f'<a href="#clause-{escape(name)}">{escape(name)}</a>'


def _effects(report: Report) -> Iterator[str]:
    if report["limits"]:
        yield "<h2>What limiting words do</h2>"
        yield from _table("words", "clause", report["limits"], ("name", "text"))
    if report["switches"]:
        yield "<h2>Judgements in this reading</h2>"
        told = [
            {**it, "text": f"{it['text']} ({'judged so' if it['on'] else 'not judged so'})"}
            for it in report["switches"]
        ]
        yield from _table("judgement", "what is judged", told, ("name", "text"))


def _table(
    first: str, second: str, rows: Sequence[Report], fields: tuple[str, str]
) -> Iterator[str]:
    yield "<table>"
    yield (
        f"<tr><th>{first}</th><th>{second}</th><th>open otherwise, own</th>"
        "<th>open otherwise, delivered</th></tr>"
    )
    for row in rows:
        told = "".join(f"<td>{escape(row[field])}</td>" for field in fields)
        other = row["open_otherwise"]
        yield f"<tr>{told}<td>{other['own']}</td><td>{other['delivered']}</td></tr>"
    yield "</table>"


def _findings(findings: Sequence[Report]) -> Iterator[str]:
    if findings:
        yield "<h2>What to know of it</h2>"
        yield "<ul>"
        yield from (f"<li>{escape(it['text'])}</li>" for it in findings)
        yield "</ul>"


def _clauses(clauses: Sequence[Report]) -> Iterator[str]:
    yield "<h2>The clauses it was read from</h2>"
    for clause in clauses:
        yield f'<h3 id="clause-{escape(clause["id"])}">{escape(clause["id"])}</h3>'
        yield f"<blockquote>{escape(clause['text'])}</blockquote>"
        yield f'<p class="why">In rules: {escape(clause["in_rules"])}</p>'


def article_difference(first: Text, second: Text, report: Report) -> str:
    """Return what differs between two wordings, as a fragment of a page.

    Args:
        first: The wording before.
        second: The wording after.
        report: The report on the difference.
    """
    marked = first.reading.open ^ second.reading.open
    before, after = report["before"], report["after"]
    lines = [
        '<article class="terms">',
        f"<h1>From {escape(before['title'])} to {escape(after['title'])}</h1>",
        "<table>",
        "<tr><th>open without consent</th><th>before</th><th>now</th></tr>",
    ]
    for name, who in (("own", "what one uploads oneself"), ("delivered", "what a label delivers")):
        lines.append(
            f"<tr><td>{who}</td><td>{before['open'][name]}</td><td>{after['open'][name]}</td></tr>"
        )
    lines.append("</table>")
    for name, heading in MOVES.items():
        lines.extend(_moved(heading, report[name]))
    lines.append("<h2>The wording</h2>")
    lines.extend(f"<p><del>{escape(it)}</del></p>" for it in report["text"]["gone"])
    lines.extend(f"<p><ins>{escape(it)}</ins></p>" for it in report["text"]["new"])
    lines.extend(_beside(report))
    lines.append(f"<figure>{grid_svg(second, marked=marked)}</figure>")
    lines.extend((f'<p class="source">{escape(NO_ADVICE)}</p>', "</article>"))
    return "\n".join(lines)


def _beside(report: Report) -> Iterator[str]:
    for tag, some in (("del", report["claims"]["gone"]), ("ins", report["claims"]["new"])):
        for it in some:
            words = f"({it['where']}, binds nobody) {it['text']}"
            yield f"<p><{tag}>{escape(words)}</{tag}></p>"
    if report["notice"]:
        before, after = (notice_line(report["notice"][it]) for it in ("before", "after"))
        yield f"<p>Notice of changes: {escape(before)} before, {escape(after)} now.</p>"


def _moved(heading: str, moved: Sequence[Report]) -> Iterator[str]:
    if moved:
        yield f"<h2>{escape(heading)}</h2>"
        yield '<ul class="open">'
        for it in moved:
            yield f"<li>{escape(it['sentence'])}"
            # the clauses are not on this page
            yield from _why((), it["not_covered_by"], escape)
            yield "</li>"
        yield "</ul>"
