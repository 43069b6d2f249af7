import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from assent.permission.uses import ACTIVITIES, ACTORS, Activity, Actor, bit
from assent.terms.clause import Status
from assent.terms.grid import EVERY_CELL, Material, Provenance, Time, slice_of
from assent.terms.panels import ACTIVITY_LABELS, count_line, folded, panels_of, shown, width_of
from assent.terms.reading import read
from assent.terms.terminal import LETTERS, grid_lines
from assent.terms.text import Text
from tests.terms.random_texts import texts

pictures = settings(max_examples=50, deadline=None)  # each is 360 fields, read back
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
STATUS = {letter: status for status, letter in LETTERS.items()}
EMPTY = Text(id="empty", title="Nothing at all", clauses=(), reading=read(()))


def position(
    actor: Actor, activity: Activity, material: Material, provenance: Provenance, time: Time
) -> int:
    return slice_of(material, provenance, time) * 60 + bit(actor, activity).bit_length() - 1


@pictures
@given(texts)
def test_every_letter_says_what_the_text_says(text: Text) -> None:
    lines = grid_lines(text, colour=False)
    heads = [
        number
        for number, line in enumerate(lines)
        if line.startswith(ACTIVITY_LABELS[ACTIVITIES[0]])
    ]
    panels = panels_of(text.reading)
    assert len(heads) == len(panels)
    for panel, head in zip(panels, heads, strict=True):
        rows = [line for line in lines[head : head + 18] if line]
        for activity, line in zip(ACTIVITIES, rows, strict=False):
            assert line.startswith(ACTIVITY_LABELS[activity])
            for place, actor in enumerate(ACTORS):
                for half, provenance in enumerate(Provenance):
                    field = f"{line:<80}"[22 + 11 * place + 4 * half :][:4]
                    told = [STATUS[it] for it in field.strip().split("/")]
                    for material in panel.material:
                        expected = [
                            text.reading.status(position(actor, activity, material, provenance, it))
                            for it in (Time.BEFORE, Time.AFTER)
                        ]
                        assert (told * 2)[:2] == expected


@pictures
@given(texts, st.integers(0, EVERY_CELL), st.integers(0, 200))
def test_lines_fit_and_colour_takes_no_room(text: Text, marked: int, width: int) -> None:
    plain = grid_lines(text, colour=False, width=width, marked=marked)
    coloured = grid_lines(text, colour=True, width=width, marked=marked)
    assert [ESCAPE.sub("", line).rstrip() for line in coloured] == plain
    assert max(width_of(line) for line in plain) < max(width, 72)
    assert all(line == shown(line) for line in plain)


def test_a_hostile_title_moves_no_cursor() -> None:
    text = replace(EMPTY, title="Fine\x1b[2J\x07 terms\u202e", company="A\r\nB\x9b1m")
    lines = grid_lines(text, colour=False)
    assert lines[0] == "Fine [2J terms"
    assert "platform: A B 1m;" in "\n".join(lines)


def test_marks_are_stars_beside_the_letter() -> None:
    marked = 1 << position(
        Actor.GROUP, Activity.SEARCH, Material.AUDIO, Provenance.DELIVERED, Time.AFTER
    )
    lines = grid_lines(EMPTY, colour=False, marked=marked)
    assert [line for line in lines if "*" in line] == [
        "*       what changed",
        "search                ?   ?      ?   ?*     ?   ?      ?   ?",
    ]
    assert not [line for line in grid_lines(EMPTY, colour=False) if "*" in line]


def test_the_legend_has_every_letter_and_the_counts_are_told() -> None:
    lines = grid_lines(EMPTY, colour=False)
    assert "Open without consent: 360 of 360 cells of your own uploads" in lines[2]
    assert "open    T taken without asking   N unless you say no   ? nothing said" in lines
    assert "closed  y only with your yes   - barred" in lines
    assert "open each: 120 of 120 own, 120 of 120 label" in lines
    assert set(LETTERS) == {None, *Status}
    assert lines[-1].startswith("hand on data sets")
    assert not lines[-2]  # training, feeding and handing on stand apart


@pictures
@given(texts)
def test_the_counts_are_those_of_the_reading(text: Text) -> None:
    own, delivered = (int(it) for it in re.findall(r"(\d+) of 360", count_line(text.reading)))
    assert own + delivered == text.reading.open.bit_count()
    panels = panels_of(text.reading)
    assert sum(len(it.material) * sum(it.left_open.values()) for it in panels) == own + delivered


@pictures
@given(texts, st.integers(0, EVERY_CELL))
def test_materials_share_a_panel_only_if_the_same_is_said_of_them(text: Text, marked: int) -> None:
    panels = panels_of(text.reading, marked)
    assert sorted(it.value for panel in panels for it in panel.material) == sorted(
        it.value for it in Material
    )
    assert len({panel.rows for panel in panels}) == len(panels)


@given(st.text(), st.integers(2, 40), st.integers(1, 4))
def test_folding_loses_no_word_that_fits(text: str, width: int, most: int) -> None:
    lines = folded(text, width, most)
    assert len(lines) <= most
    assert all(width_of(line) <= width for line in lines)
    if not lines[-1].endswith("…"):
        assert "".join(lines).replace(" ", "") == "".join(shown(text).split())
