from dataclasses import replace

from hypothesis import given

from assent.terms.clause import PROMISES, Clause, Limit, Status
from assent.terms.grid import EVERY_CELL, Scope
from assent.terms.miss import Why, near_misses, reasons
from assent.terms.openings import OPEN, count, limit_effects, openings, switch_effects
from assent.terms.report import report, report_difference
from assent.terms.shipped import SHIPPED, shipped, source_of
from assent.terms.telling import tell, tell_difference
from assent.terms.text import Text, parse_text
from tests.terms.random_texts import few, texts


@few
@given(texts)
def test_the_openings_are_the_open_cells_each_with_its_status(text: Text) -> None:
    found = openings(text)
    for status in OPEN:
        told = 0
        for opening in found:
            if opening.status is status:
                told |= opening.box.cells
        assert told == text.reading.cells(status) & text.about


@few
@given(texts)
def test_what_takes_a_cell_is_a_clause_that_decides_it(text: Text) -> None:
    for opening in openings(text):
        deciding = {
            clause.id
            for clause, decided in zip(text.clauses, text.reading.decided, strict=True)
            if decided & opening.box.cells
        }
        assert {it.id for it in opening.granted_by} == deciding
        assert bool(deciding) == (opening.status is not None)


@few
@given(texts)
def test_a_near_miss_is_a_promise_that_does_not_cover_what_it_misses(text: Text) -> None:
    for miss in near_misses(text, text.reading.open):
        assert miss.clause.status in PROMISES
        assert not miss.cells & text.reading.closed
        if miss.overridden_by is None:
            assert miss.by
            assert not miss.cells & miss.clause.cells
        else:
            assert not miss.cells & ~miss.clause.cells
        for why in miss.by:
            assert not miss.cells & ~missed_by(miss.clause, why)


def missed_by(clause: Clause, why: Why | Limit) -> int:
    """Return the cells that a promise can miss for one reason."""
    scope = clause.scope
    spoken = EVERY_CELL
    match why:
        case Why.ACTOR | Why.ACTIVITY:
            spoken = Scope(uses=scope.uses).cells
        case Why.MATERIAL:
            spoken = Scope(material=scope.material).cells
        case Why.PROVENANCE:
            spoken = Scope(provenance=scope.provenance).cells
        case Why.TIME:
            spoken = Scope(time=scope.time).cells
        case Limit():
            # the same words may narrow it and be taken out of it
            left = why.scope.cells if why in clause.qualifiers else EVERY_CELL
            gone = why.scope.cells if why in (*clause.exceptions, *clause.definitions) else 0
            spoken = left & ~gone
    return EVERY_CELL & ~spoken


@few
@given(texts)
def test_every_open_cell_has_a_near_miss_where_there_is_any_promise(text: Text) -> None:
    missed = 0
    for miss in near_misses(text, text.reading.open):
        missed |= miss.cells
    promises = any(it.status in PROMISES for it in text.clauses)
    assert missed == (text.reading.open if promises else 0)


def test_the_words_that_leave_something_open_are_named() -> None:
    text = shipped("soundcloud-2025-05")
    rival = Scope(uses=1 << 10).cells & text.reading.open
    why = [reason for it in near_misses(text, rival) for reason in reasons(it, text.company)]
    assert any("that aim to replicate or synthesize your voice" in it for it in why)
    affiliates = Scope(uses=1 << 15 + 8).cells & text.reading.open
    why = [reason for it in near_misses(text, affiliates) for reason in reasons(it, text.company)]
    assert "it only binds SoundCloud" in why


def test_striking_words_and_turning_judgements_changes_the_count_as_said() -> None:
    for name in SHIPPED:
        text = shipped(name)
        for effect, switch in zip(
            switch_effects(text, source_of(name)), text.switches, strict=True
        ):
            other = shipped(name, flipped=frozenset({switch.id}))
            assert (effect.before, effect.after) == (count(text.reading), count(other.reading))
        for effect in limit_effects(text):
            assert effect.name
            assert effect.text in {clause.id for clause in text.clauses}


def test_the_renamed_company_changes_nothing_but_its_name() -> None:
    for name in SHIPPED:
        toml = source_of(name)
        company = parse_text(toml).company
        named = toml if "company = " in toml else f'company = "{company}"\n{toml}'
        renamed = named.replace(f'company = "{company}"', 'company = "Lantern Row"')
        text, other = parse_text(toml), parse_text(renamed)
        assert other.company == "Lantern Row"
        assert other.reading == text.reading
        # a sentence that begins with "the platform" begins with a capital
        assert [
            it.sentence.replace("Lantern Row", company).casefold() for it in openings(other)
        ] == [it.sentence.casefold() for it in openings(text)]


@few
@given(texts)
def test_a_company_of_any_name_leaves_the_reading_as_it_is(text: Text) -> None:
    renamed = replace(text, company="Somebody Else & Sons")
    assert [(it.box, it.status) for it in openings(renamed)] == [
        (it.box, it.status) for it in openings(text)
    ]


def test_the_report_counts_every_cell_once_and_is_told_whole() -> None:
    for name in SHIPPED:
        text, toml = shipped(name), source_of(name)
        found = report(text, toml)
        for half in ("own", "delivered"):
            by_status = found["cells_by_status"]
            assert sum(it[half] for it in by_status.values()) == found["cells"] == 360
            assert found["open"][half] == sum(
                by_status[it.value if it else "silent"][half] for it in OPEN
            )
        told = "\n".join(tell(found))
        for opening in found["openings"]:
            assert opening["sentence"] in told
        for clause in found["clauses"]:
            assert clause["text"] in told


def test_a_text_compared_with_itself_says_that_nothing_moved() -> None:
    text = shipped("soundcloud-2025-05")
    found = report_difference(text, text)
    assert not any(found[it] for it in ("opened", "closed", "restated", "clauses"))
    assert "Nothing opened, nothing closed." in list(tell_difference(found))


def test_what_is_granted_and_what_nobody_speaks_of_are_told_apart() -> None:
    statuses = {it.status for it in openings(shipped("soundcloud-2025-05"))}
    assert Status.GRANTED in statuses
    assert None in statuses


def test_where_nothing_is_promised_nothing_comes_near() -> None:
    toml = 'id = "a"\ntitle = "A"\n[[clause]]\nid = "b"\ntext = "c"\nstatus = "opt_out"\n'
    text = parse_text(toml + 'uses = ["*/*"]')
    told = list(tell(report(text)))
    assert "Taken unless somebody says no:" in told
    assert "    no clause promises anything near it" in told
