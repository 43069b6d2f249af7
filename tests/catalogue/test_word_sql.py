"""Bulk is point is SQL: the same words for every recording of a random platform, bit for bit."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import Connection, Engine

from assent.catalogue.word_sql import permitted_query, word_query
from assent.permission.algebra import Masks, Words, ground, word
from assent.permission.bulk import Holdings, permitted, recompute
from assent.permission.decide import word_of
from assent.permission.facts import Facts, Hold, Holder, Role, Standing
from assent.permission.statements import Piece, Said
from assent.permission.uses import ALL, CONSENT_ONLY
from tests.catalogue.columns import fill, random_platform
from tests.databases import undone

FEW, MILLION, SAMPLE = 50_000, 1_000_000, 20_000


def plain_words(columns: Holdings) -> list[int]:
    """Return every word by the algebra on plain ints, one recording after the other."""
    texts = [Masks(*map(int, text)) for text in columns.texts]
    rows = zip(
        columns.first.tolist(),
        columns.second.tolist(),
        columns.granted.tolist(),
        columns.refused.tolist(),
        strict=True,
    )
    grounds = [ground(texts[first], texts[second], g, r) for first, second, g, r in rows]
    words: list[int] = []
    recordings = zip(
        pairwise(columns.starts.tolist()),
        columns.held.tolist(),
        columns.original.tolist(),
        strict=True,
    )
    for (low, high), held, original in recordings:
        # an original comes before its copies here
        above = () if original < 0 else (words[original],)
        words.append(word(grounds[low:high], held, *above))
    return words


def facts_of(columns: Holdings, number: int) -> Facts:
    """Return one recording as the facts of a decision."""
    low, high = columns.starts[number : number + 2].tolist()
    held, original = int(columns.held[number]), int(columns.original[number])
    return Facts(
        recording=str(number),
        holders=tuple(_holder(columns, at) for at in range(low, high)),
        holds=(Hold(event=1, uses=held, cause="a dispute"),) if held else (),
        original=facts_of(columns, original) if original >= 0 else None,
    )


def _holder(columns: Holdings, at: int) -> Holder:
    first, second = (
        Standing(role=role, text="text", masks=columns.texts[int(numbers[at])], event=1)
        for role, numbers in ((Role.ACCEPTED, columns.first), (Role.CURRENT, columns.second))
    )
    said = Said((Piece(1, int(columns.granted[at])),), (Piece(2, int(columns.refused[at])),))
    return Holder(id="ada", name="Ada", first=first, second=second, said=said)


def check_words(engine: Engine, n: int) -> None:
    platform = random_platform(n, seed=n)
    columns = platform.columns
    words = recompute(columns)
    assert words.tolist() == plain_words(columns)
    for number in np.random.default_rng(1).choice(n, SAMPLE, replace=False).tolist():
        assert word_of(facts_of(columns, number)) == int(words[number])
    with undone(engine) as connection:
        fill(connection, platform, words)
        found = np.zeros(n, np.uint64)
        seen = np.zeros(n, np.uint8)
        for number, computed in connection.execute(word_query()):
            found[number] = computed
            seen[number] += 1
        assert np.all(seen == 1)
        assert np.array_equal(found, words)
        check_permitted(connection, words)


def check_permitted(connection: Connection, words: Words) -> None:
    """Compare what the database finds with what the array gives, for some uses."""
    first = int(words[words > 0][0])
    for uses in (first & -first, first, CONSENT_ONLY & -CONSENT_ONLY, ALL):
        bits = np.unpackbits(permitted(words, uses), count=len(words), bitorder="little")
        found = connection.execute(permitted_query(uses)).scalars().all()
        assert found == np.flatnonzero(bits).tolist()


def test_bulk_is_point_is_sql(engine: Engine) -> None:
    check_words(engine, FEW)


@pytest.mark.slow
def test_bulk_is_point_is_sql_for_a_million_recordings(engine: Engine) -> None:
    check_words(engine, MILLION)


def test_copies_in_a_circle_are_closed_and_end_the_query(engine: Engine) -> None:
    # the acts let none come to be; if one does, the database must not hang on it
    platform = random_platform(4, seed=5)
    columns = dataclasses.replace(platform.columns, original=np.array([-1, 2, 1, 1]))
    with undone(engine) as connection:
        fill(connection, platform._replace(columns=columns), np.zeros(4, np.uint64))
        found = {row[0]: row[1] for row in connection.execute(word_query())}
    assert found == {0: int(recompute(platform.columns)[0]), 1: 0, 2: 0, 3: 0}
