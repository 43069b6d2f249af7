"""Passwords: which are refused, and that a wrong one is told from a right one and from none."""

from typing import Literal

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadInput
from assent.signin import passwords
from assent.signin.passwords import check_password, hashed, is_outdated, is_right

WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in "password123")
"""The same in the wide letters of East Asian keyboards."""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "10 to 1000 characters"),
        ("x" * 9, "10 to 1000 characters"),
        ("ab cd " * 200, "10 to 1000 characters"),
        ("password123", "one of the first"),
        ("PASSWORD123", "one of the first"),
        (WIDE, "one of the first"),
        ("aaaaaaaaaaaa", "one of the first"),
        ("abababababab", "one of the first"),
        ("Wren Ashby", "hardly more than the name"),
        ("wren ashby2031!", "hardly more than the name"),
        ("WrenAshby-2031", "hardly more than the name"),
        ("wren ashbywren ashby", "hardly more than the name"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused_with_its_reason(
    password: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        check_password(password, "Wren Ashby")


@pytest.mark.parametrize(
    "password",
    [
        "seven quiet herons",
        "ab3$ab3$zz",
        "日本の静かな鷺が七羽いる",
        "🎵" * 3 + "seven h",
        " " * 4 + "q1w2e3r",
    ],
)
def test_any_other_password_is_taken_as_it_is(password: str) -> None:
    kept = hashed(password, "Wren")
    assert is_right(kept, password)
    check_password(password, "")
    assert not is_right(kept, password + " ")
    assert not is_outdated(kept)


@given(st.text(max_size=12))
def test_nobody_without_a_password_has_a_right_one(typed: str) -> None:
    assert passwords.is_right("not a hash", typed) is False


def test_where_nothing_is_kept_nothing_is_right_and_a_hash_is_reckoned_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reckoned: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  # as the library calls it
            reckoned.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    for _ in range(2):
        assert not is_right(None, "a password that nobody has")
    assert len(reckoned) == 2
    assert reckoned[0] == reckoned[1]
    assert reckoned[0].startswith("$argon2id$")


def test_a_password_of_a_megabyte_is_not_even_reckoned() -> None:
    assert not is_right(hashed("seven quiet herons", "Wren"), "x" * (1 << 20))


def test_a_hash_with_older_parameters_is_known_as_outdated() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("seven quiet herons")
    assert is_right(old, "seven quiet herons")
    assert is_outdated(old)
