import re
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given

from assent.terms.page import article, article_difference, page
from assent.terms.report import report, report_difference
from assent.terms.shipped import SHIPPED, shipped, source_of
from assent.terms.text import Text, parse_text
from tests.terms.random_texts import few, texts

VOID = {"meta", "path", "rect", "line", "circle", "use", "polygon"}


class Balanced(HTMLParser):
    """Sees that every element that opens closes, and what a page would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not {name for name, _ in attrs if name.startswith("on")} | (
            {"style", "src"} & {name for name, _ in attrs}
        )
        self.ids.extend(value or "" for name, value in attrs if name == "id")
        self.links.extend(value or "" for name, value in attrs if name == "href")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def parsed(html: str) -> Balanced:
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser


def article_of(name: str) -> str:
    toml = source_of(name)
    return article(shipped(name), report(shipped(name), toml))


def test_a_page_is_whole_runs_nothing_and_fetches_nothing() -> None:
    for name in SHIPPED:
        found = parsed(page(name, article_of(name)))
        assert not found.seen & {"script", "link", "iframe", "img", "object"}
        assert all(link.removeprefix("#") in found.ids for link in found.links)
        assert len(found.ids) == len(set(found.ids))


@few
@given(texts)
def test_whatever_is_written_stays_words(text: Text) -> None:
    hostile = replace(text, title="<script>alert(1)</script>", company="<b>&\"'")
    assert "script" not in parsed(page(hostile.title, article(hostile, report(hostile)))).seen


def test_pages_differ_by_what_the_wordings_differ_in_and_nothing_else() -> None:
    toml = source_of("soundcloud-2025-05")
    text = parse_text(toml)
    # the same wording under another name: only the line that names it differs
    renamed = toml.replace(f'title = "{text.title}"', 'title = "Another title"')
    assert differing(article_of_toml(toml), article_of_toml(renamed)) <= {"title"}
    # the same wording recorded later: only the lines of its source
    before, after = article_of("soundcloud-2025-05"), article_of("soundcloud-2026-08")
    kinds = differing(before, after)
    assert "opening" not in kinds
    assert "count" not in kinds


def test_the_pages_of_may_and_of_the_critic_differ_in_the_sentence_and_what_follows_from_it() -> (
    None
):
    before, after = article_of("soundcloud-2025-05"), article_of("critic-published")
    gone = set(lines_of(before)) - set(lines_of(after))
    assert any("that aim to replicate" in line for line in gone)
    # clauses that both texts have, with their quotes, are on both pages, letter by letter
    first, second = shipped("soundcloud-2025-05"), shipped("critic-published")
    shared = {it.text for it in first.clauses} & {it.text for it in second.clauses}
    kept = set(lines_of(before)) & set(lines_of(after))
    assert sum(line.startswith("<blockquote>") for line in kept) == len(shared)


def article_of_toml(toml: str) -> str:
    return article(parse_text(toml), report(parse_text(toml), toml))


def lines_of(html: str) -> list[str]:
    return [line for line in html.split("\n") if "<svg" not in line]


def differing(first: str, second: str) -> set[str]:
    """Return of what kind the lines are that are on one page only."""
    lines = set(lines_of(first)) ^ set(lines_of(second))
    return {kind_of(line) for line in lines}


def kind_of(line: str) -> str:
    for kind, pattern in (
        ("title", "<h1>"),
        ("source", 'class="source"'),
        ("quote", "<blockquote>"),
        ("count", "cells for what"),
        ("opening", "<li>.* may "),
        ("why", 'class="why"'),
    ):
        if re.search(pattern, line):
            return kind
    return line


def test_the_page_of_a_difference_tells_what_opened_and_closed() -> None:
    first, second = shipped("critic-published"), shipped("soundcloud-2025-05")
    found = report_difference(first, second)
    html = article_difference(first, second, found)
    seen = parsed(page("A difference", html))
    assert all(link.removeprefix("#") in seen.ids for link in seen.links)
    assert "<h2>Opened</h2>" in html
    assert "market rivals" in html
    assert "<h2>Closed</h2>" not in html
