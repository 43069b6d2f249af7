from dataclasses import replace

from hypothesis import given

from assent.terms.clause import Limit
from assent.terms.difference import compare
from assent.terms.grid import Scope
from assent.terms.notice import NO_NOTICE
from assent.terms.reading import read
from assent.terms.report import report_difference
from assent.terms.shipped import shipped
from assent.terms.telling import tell_difference
from assent.terms.text import Text, parse_text
from tests.terms.random_texts import few, texts


@few
@given(texts, texts)
def test_what_opened_and_closed_is_exactly_what_the_readings_differ_in(
    first: Text, second: Text
) -> None:
    found = compare(first, second)
    was, now = first.reading, second.reading
    # what an agreement cannot speak of, it does not leave open
    was_open, now_open = was.open & first.about, now.open & second.about
    assert joined(found.opened) == now_open & ~was_open
    assert joined(found.closed) == was_open & ~now_open
    both = first.about & second.about
    looser = (was.opt_out & (now.granted | now.silent) | was.barred & now.opt_in) & both
    stricter = (now.opt_out & (was.granted | was.silent) | now.barred & was.opt_in) & both
    same = was.granted & now.granted | was.opt_out & now.opt_out | was.silent & now.silent
    assert joined(found.loosened) == looser
    assert joined(found.tightened) == stricter
    assert joined(found.restated) == was_open & now_open & ~same & ~looser & ~stricter


def joined(moved: tuple[object, ...]) -> int:
    cells = 0
    for it in moved:
        cells |= it.box.cells  # type: ignore[attr-defined]  # what moved has a box
    return cells


@few
@given(texts, texts)
def test_the_way_back_opens_what_the_way_there_closed(first: Text, second: Text) -> None:
    there, back = compare(first, second), compare(second, first)
    assert joined(there.loosened) == joined(back.tightened)
    assert joined(there.opened) == joined(back.closed)
    assert joined(there.closed) == joined(back.opened)
    assert (there.gone, there.new) == (back.new, back.gone) or first.clauses == second.clauses


@few
@given(texts)
def test_a_text_does_not_differ_from_itself(text: Text) -> None:
    found = compare(text, text)
    assert (found.gone, found.new, found.clauses) == ((), (), ())
    assert (found.opened, found.closed, found.restated) == ((), (), ())


@few
@given(texts)
def test_a_clause_that_is_gone_new_or_different_is_told_and_in_what(text: Text) -> None:
    first = text.clauses[0]
    gone = replace(text, clauses=text.clauses[1:], reading=read(text.clauses[1:]))
    assert [(it.before, it.after) for it in compare(text, gone).clauses] == [(first, None)]
    assert [(it.before, it.after) for it in compare(gone, text).clauses] == [(None, first)]
    limit = Limit(words="but not then", scope=Scope(uses=1))
    narrowed = replace(first, exceptions=(*first.exceptions, limit))
    other = (narrowed, *text.clauses[1:])
    (change,) = compare(text, replace(text, clauses=other, reading=read(other))).clauses
    assert change.what == ("limits",)


def test_the_critics_text_differs_by_its_one_sentence() -> None:
    found = compare(shipped("soundcloud-2025-05"), shipped("critic-published"))
    assert (len(found.gone), len(found.new)) == (1, 1)
    (change,) = found.clauses
    assert "limits" in change.what
    assert not found.opened
    assert [it.sentence for it in found.closed] == [
        "SoundCloud may train generative models that copy nobody, market rivals and tools alike,"
        " with your recordings and your artwork, lyrics and comments."
    ]


def test_the_text_of_2026_opens_and_closes_nothing() -> None:
    found = compare(shipped("soundcloud-2025-05"), shipped("soundcloud-2026-08"))
    assert (found.opened, found.closed, found.restated) == ((), (), ())


PROSE = '''
id = "{0}"
title = "A text"
prose = """
We will not train on it without your yes. We serve you with search.

{1}
"""

[[clause]]
id = "promise"
text = "We will not train on it without your yes."
status = "opt_in"
uses = ["*/train-*"]
'''


def test_of_texts_with_a_whole_wording_every_sentence_is_compared() -> None:
    first = parse_text(PROSE.format("a", "You may leave. You may stay."))
    second = parse_text(PROSE.format("b", "You may leave. You may sing."))
    found = compare(first, second)
    assert (found.gone, found.new) == (("You may stay.",), ("You may sing.",))
    assert found.clauses == ()
    told = list(tell_difference(report_difference(first, second)))
    assert "- You may stay." in told
    assert "+ You may sing." in told
    assert "No clause differs." in told
    assert "The text is the same." in tell_difference(report_difference(first, first))


def test_what_stands_beside_the_rules_is_compared_too() -> None:
    found = compare(shipped("wetransfer-2025-07-17"), shipped("wetransfer-2025-07-23"))
    assert any("train AI" in it.text for it in found.claims_new)
    told = list(
        tell_difference(
            report_difference(shipped("wetransfer-2025-07-17"), shipped("wetransfer-2025-07-23"))
        )
    )
    assert "The sentences with rules are the same." in told
    assert any(it.startswith("+ (heading, binds nobody) ") for it in told)
    text = shipped("soundcloud-2025-05")
    silent = replace(text, notice=NO_NOTICE)
    assert compare(text, silent).notice == (text.notice, NO_NOTICE)
    told = list(tell_difference(report_difference(text, silent)))
    assert "  none is promised now" in told


def test_losing_the_right_to_say_no_is_told_apart() -> None:
    toml = PROSE.split("prose =", maxsplit=1)[0] + PROSE[PROSE.index("[[clause]]") :]
    refusable = parse_text(toml.format("a").replace("opt_in", "opt_out"))
    taken = parse_text(toml.format("b").replace("opt_in", "granted"))
    asked = parse_text(toml.format("c"))
    barred = parse_text(toml.format("d").replace("opt_in", "barred"))
    found = compare(refusable, taken)
    assert (len(found.loosened), found.opened, found.restated) == (1, (), ())
    assert len(compare(taken, refusable).tightened) == 1
    assert [it.sentence for it in compare(barred, asked).loosened] == [
        "Nobody may train models of any kind, with everything, yours or a label's, without the"
        " rights holder's explicit consent."
    ]
