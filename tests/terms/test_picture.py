import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.permission.uses import ACTIVITIES, ACTORS
from assent.terms.clause import Status
from assent.terms.grid import EVERY_CELL, SLICES, Provenance, Time, word_at
from assent.terms.panels import GROUP_STARTS, panels_of, shown
from assent.terms.picture import grid_svg
from assent.terms.reading import Reading, read
from assent.terms.swatch import DARK, LIGHT
from assent.terms.text import Text
from tests.terms.random_texts import texts

pictures = settings(max_examples=30, deadline=None)  # each is 1,000 shapes, parsed again
SVG = "{http://www.w3.org/2000/svg}"
EMPTY = Text(id="empty", title="Nothing at all", clauses=(), reading=read(()))
NAMES: dict[Status | None, str] = {None: "silent", **{it: it.value for it in Status}}


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def blocks(svg: str) -> list[ElementTree.Element]:
    """Header, legend and one a panel."""
    return parsed(svg).findall(f"{SVG}g")


def drawn(block: ElementTree.Element) -> dict[tuple[str, str], str]:
    """Where which status is: by the corner that a shape begins at, and its kind."""
    found = {}
    for path in block.findall(f"{SVG}path"):
        name = path.get("class", "").removeprefix("assent-fill-")
        if name in NAMES.values():
            for corner, kind in re.findall(r"M([\d. ]+)H[\d.]+([VL])", path.get("d", "")):
                assert (corner, kind) not in found
                found[corner, kind] = name
    return found


def expected(reading: Reading, panel: int) -> Iterator[tuple[tuple[str, str], str]]:
    """The same, from the reading alone."""
    material = panels_of(reading)[panel].material[-1]
    y = 72
    for activity in ACTIVITIES:
        y += 6 if activity in GROUP_STARTS else 0
        for place, actor in enumerate(ACTORS):
            for half, provenance in enumerate(Provenance):
                use = ACTORS.index(actor) * 15 + ACTIVITIES.index(activity)
                after, before = (
                    reading.status(SLICES.index((material, provenance, time)) * 60 + use)
                    for time in (Time.AFTER, Time.BEFORE)
                )
                x = 122 + 55 * place + 27 * half
                if after is before:
                    yield (f"{x} {y}", "V"), NAMES[after]
                else:
                    yield (f"{x} {y}", "L"), NAMES[before]
                    yield (f"{x + 25} {y + 18}", "L"), NAMES[after]
        y += 20


@pictures
@given(texts)
def test_every_field_is_drawn_as_the_text_says(text: Text) -> None:
    _header, _legend, *panels = blocks(grid_svg(text))
    assert len(panels) == len(panels_of(text.reading))
    for number, panel in enumerate(panels):
        assert drawn(panel) == dict(expected(text.reading, number))


@pictures
@given(texts, st.integers(0, EVERY_CELL))
def test_it_is_a_picture_and_nothing_that_runs_or_fetches(text: Text, marked: int) -> None:
    root = parsed(grid_svg(text, marked=marked))
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert (root[0].text or "").strip() == shown(text.title).strip()
    assert (root[1].text or "").startswith("Open without consent: ")
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {
            *("svg", "title", "desc", "style", "rect", "g", "path", "text"),
        }
        assert not {name for name in element.attrib if name.startswith("on")}
        assert not set(element.attrib) & {"style", "href", "src", "id"}
    (style,) = root.iter(f"{SVG}style")
    assert not re.search(r"url|import|<|@font", style.text or "")


@pytest.mark.parametrize(
    "words",
    [
        "</title><script>alert(1)</script>",
        "]]><!--",
        "&amp;&lt;",
        "\"' onload='x'",
        "half \ud800 a character, \x00 and \x1b[2J, \ufffe, \u202eturned",
        "W" * 9_000,
    ],
)
def test_hostile_words_stay_words(words: str) -> None:
    svg = grid_svg(replace(EMPTY, title=words, company=words, id=words))
    root = parsed(svg)
    assert root[0].text == shown(words)
    assert "<script" not in svg
    assert "onload='" not in svg
    assert svg.encode().decode() == svg
    assert not list(root.iter("script"))


def test_materials_of_which_the_same_is_said_share_a_panel() -> None:
    _header, _legend, *panels = blocks(grid_svg(EMPTY))
    assert len(panels) == 1
    assert "Audio, other content and activity data" in "".join(panels[0].itertext())
    assert "min-width" not in grid_svg(EMPTY)  # one panel has nothing to stand beside


def outlines(svg: str) -> list[str]:
    return [
        shape
        for path in parsed(svg).iter(f"{SVG}path")
        if path.get("class") == "assent-stroke-ink"
        for shape in re.findall("M[^M]+", path.get("d", ""))
    ]


def test_what_is_marked_is_outlined_and_the_legend_says_so() -> None:
    assert not outlines(grid_svg(EMPTY))
    both_times = 1 << 60 * 0 | 1 << 60 * 1
    assert SLICES[0][:2] == SLICES[1][:2]
    marked = grid_svg(EMPTY, marked=both_times)
    assert len(outlines(marked)) == 2  # one of the legend's
    assert "what changed" in marked
    assert "what changed" not in grid_svg(EMPTY)


@pictures
@given(texts, st.integers(0, EVERY_CELL))
def test_each_marked_field_has_an_outline_of_its_own(text: Text, marked: int) -> None:
    fields = [
        field
        for panel in panels_of(text.reading, marked)
        for _, row in panel.rows
        for field in row
        if field.marked
    ]
    found = outlines(grid_svg(text, marked=marked))
    assert len(found) == len(fields) + bool(fields)


@pictures
@given(texts)
def test_the_counts_in_the_header_are_those_of_the_reading(text: Text) -> None:
    header, *_ = blocks(grid_svg(text))
    told = [int(it) for it in re.findall(r": (\d+) of 360 cells open", "".join(header.itertext()))]
    counted = [
        sum(
            word_at(text.reading.open, place).bit_count()
            for place, (_, provenance, _) in enumerate(SLICES)
            if provenance is wanted
        )
        for wanted in Provenance
    ]
    assert told[-2:] == counted


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 counts it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_words_and_marks_are_told_from_what_they_stand_on(colours: dict[str, str]) -> None:
    assert contrast(colours["ink"], colours["paper"]) >= 7
    assert contrast(colours["soft"], colours["paper"]) >= 4.5
    for name in NAMES.values():
        assert contrast(colours[f"{name}-mark"], colours[name]) >= 3
    assert set(LIGHT) == set(colours)


def test_each_status_has_a_mark_of_its_own_that_needs_no_colour() -> None:
    marks: dict[str, tuple[str, ...]] = {}
    for status in (None, *Status):
        granted, opt_out, opt_in, barred = (EVERY_CELL if it is status else 0 for it in Status)
        text = replace(
            EMPTY, reading=Reading(granted=granted, opt_out=opt_out, opt_in=opt_in, barred=barred)
        )
        *_, panel = blocks(grid_svg(text))
        marks[NAMES[status]] = tuple(
            # the first shape of each kind, without where it is
            re.sub(r"^M[\d. ]+", "", re.findall("M[^M]+", path.get("d", ""))[0])
            + path.get("class", "").split("-")[1]
            for path in panel.findall(f"{SVG}path")
            if path.get("class", "").endswith("-mark")
        )
    assert all(marks.values())
    assert len(set(marks.values())) == len(marks)


def test_panels_stand_side_by_side_only_where_the_window_has_the_room() -> None:
    cells = sum(
        1 << 60 * place for place, (material, *_) in enumerate(SLICES) if material.value == "audio"
    )
    svg = grid_svg(replace(EMPTY, reading=Reading(granted=cells, opt_out=0, opt_in=0, barred=0)))
    assert parsed(svg).get("width") == "356"
    assert re.search(r"@media \(min-width:804px\)\{\.[\w-]+\{width:732px;height:\d+px\}", svg)
