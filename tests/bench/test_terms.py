"""Texts and catalogues to measure on are what they are said to be; the peer answers as we do."""

import sqlite3
import sys

import pytest

from assent.bench.terms import measure, preview_rows
from assent.bench.terms_catalogue import drawn_catalogue, previewed
from assent.bench.terms_cedar import cedar_cells
from assent.bench.terms_text import drawn_text
from assent.terms.clause import Status
from assent.terms.grid import CELLS
from assent.terms.text import MOST_CLAUSES, parse_text

SEEDS = range(4)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drawn_text_is_one_that_may_be_published(seed: int) -> None:
    text = parse_text(drawn_text(60, seed))  # strict: a clause that decides nothing is refused
    assert len(text.clauses) == 60
    assert {clause.status for clause in text.clauses} == set(Status)
    assert any(clause.qualifiers for clause in text.clauses)
    assert any(clause.exceptions for clause in text.clauses)
    assert any(clause.without_prejudice for clause in text.clauses)
    assert 0 < text.reading.open.bit_count() < CELLS


def test_a_drawn_text_can_have_as_many_clauses_as_a_file_may() -> None:
    assert len(parse_text(drawn_text(MOST_CLAUSES, seed=0)).clauses) == MOST_CLAUSES


def test_one_seed_gives_one_text_and_another_seed_another() -> None:
    assert drawn_text(20, seed=1) == drawn_text(20, seed=1)
    assert drawn_text(20, seed=1) != drawn_text(20, seed=2)


def test_more_clauses_than_there_are_cells_cannot_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent.bench.terms_text._MOST_TRIES", 50)
    with pytest.raises(ValueError, match="721 clauses could not be drawn"):
        drawn_text(CELLS + 1, seed=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_cedar_permits_what_the_text_takes_from_somebody_who_says_nothing(seed: int) -> None:
    text = parse_text(drawn_text(60, seed))
    ask = cedar_cells(text)
    assert ask is not None
    assert ask() == text.reading.granted | text.reading.opt_out


def test_without_cedar_there_is_no_peer_and_it_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cedarpy", None)
    assert cedar_cells(parse_text(drawn_text(5, seed=0))) is None
    figures = measure(5, texts=1)
    assert figures.cedar_equal is None
    assert not figures.cedar_s


def test_every_step_is_measured_once_for_each_text() -> None:
    figures = measure(5, texts=2)
    assert {len(seconds) for seconds in figures.seconds.values()} == {2}
    assert len(figures.seconds) == 7
    assert len(figures.cedar_s) == 2
    assert figures.cedar_equal == CELLS
    assert 0 <= figures.proved <= figures.covers == 6


def test_a_drawn_catalogue_has_all_kinds_of_recordings() -> None:
    with drawn_catalogue(4_000) as url:
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        (found,) = connection.execute(
            "SELECT count(*), count(agreement), count(original), sum(held != 0) FROM recordings"
        )
        holdings = "SELECT count(*), sum(granted != 0), sum(refused != 0) FROM holdings"
        (said,) = connection.execute(holdings)
        connection.close()
    recordings, delivered, copies, held = found
    assert recordings == 4_000
    assert 1_000 < delivered < 1_400
    assert 40 < copies < 120
    assert 5 < held < 50
    holders, granting, refusing = said
    assert 4_400 < holders < 5_000
    assert 0.1 < granting / holders < 0.3
    assert 0.1 < refusing / holders < 0.3


def test_a_preview_in_a_process_of_its_own_tells_of_every_recording() -> None:
    with drawn_catalogue(500) as url:
        taken = previewed(url)
    assert taken.recordings == 500
    assert 0 < taken.closing < 500
    assert 0 < taken.before_mb <= taken.peak_mb


def test_the_rows_of_the_preview_have_goals_that_go_with_its_size() -> None:
    made = {row.unit: row for row in preview_rows(100, 1_000, passes=1) if row.goal is not None}
    assert made["s"].goal == pytest.approx(0.005)
    assert made["times"].ours == pytest.approx(1, abs=0.5)
