from dataclasses import replace

from hypothesis import given

from assent.terms.clause import Limit
from assent.terms.shipped import SHIPPED, shipped
from assent.terms.text import Text, parse_text
from assent.terms.written import to_toml
from tests.terms.random_texts import few, texts


@few
@given(texts)
def test_the_file_of_a_text_reads_as_the_same_clauses_with_the_same_cells(text: Text) -> None:
    # a file must have its limiting words in its sentences, which words at random are not, and an
    # agreement speaks of deliveries alone
    clauses = tuple(
        replace(
            it,
            text=f"So it is, as said: {it.text}",
            qualifiers=tuple(worded(one) for one in it.qualifiers),
            exceptions=tuple(worded(one) for one in it.exceptions),
        )
        for it in text.clauses
    )
    quoted = replace(text, clauses=clauses, party="")
    assert_same(quoted, parse_text(to_toml(quoted), strict=False))


def worded(limit: Limit) -> Limit:
    return replace(limit, words="as said")


def test_so_do_the_texts_that_are_shipped_with_their_judgements_settled() -> None:
    for name in SHIPPED:
        text = shipped(name)
        again = parse_text(to_toml(text))
        assert_same(text, again)
        assert again.notice == text.notice
        assert again.switches == ()


def assert_same(text: Text, again: Text) -> None:
    assert replace(again.reading, decided=()) == replace(text.reading, decided=())
    assert (again.id, again.party, again.effective) == (text.id, text.party.strip(), text.effective)
    for one, other in zip(text.clauses, again.clauses, strict=True):
        assert (other.id, other.status, other.cells) == (one.id, one.status, one.cells)
        assert other.text == one.text.strip()
        assert other.without_prejudice == one.without_prejudice
