"""A browser is known for the names it has signed in to, and for no other."""

from hypothesis import given
from hypothesis import strategies as st

from assent.catalogue.names import folded
from assent.signin.known import MOST, known, marked

SECRET, OTHER = b"a secret of this site" * 2, b"a secret of another" * 2
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(st.lists(names, max_size=MOST + 3))
def test_it_is_known_for_the_names_it_last_signed_in_to(signed_in: list[str]) -> None:
    kept = ""
    for name in signed_in:
        kept = marked(SECRET, kept, name)
    last = list(dict.fromkeys(folded(it) for it in reversed(signed_in)))[::-1]
    assert all(known(SECRET, kept, it) for it in last[-MOST:])
    assert not any(known(SECRET, kept, it) for it in last[:-MOST])


@given(names, names)
def test_it_is_known_for_no_other_name_and_at_no_other_site(name: str, other: str) -> None:
    kept = marked(SECRET, "", name)
    assert bool(known(SECRET, kept, other)) == (folded(name) == folded(other))
    assert not known(OTHER, kept, name)


@given(st.text(st.characters(codec="utf-8"), max_size=300), names)
def test_what_is_made_up_is_no_mark(kept: str, name: str) -> None:
    assert not known(SECRET, kept, name)


def test_a_spelling_is_every_spelling_and_nothing_tells_which_name_it_was() -> None:
    kept = marked(SECRET, "", "Wren")
    number = known(SECRET, kept, "  WREN ")
    assert number
    assert marked(SECRET, kept, "wren") == kept
    assert "wren" not in kept.lower()
    assert known(SECRET, marked(SECRET, kept, "Mara Fen"), "Wren") == number
