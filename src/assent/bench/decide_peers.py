"""Decisions beside policy engines: how many a second, and whether all give the same answers."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np

from assent.bench.peers import Peer, casbin_peer, cedar_peer
from assent.bench.questions import Question, questions
from assent.bench.row import Row
from assent.clock import monotonic_s
from assent.permission.bulk import permitted
from assent.permission.decide import decide, word_of
from assent.permission.uses import ALL

__all__ = ["agreement", "our_answers", "rows"]

_AT = datetime(2031, 1, 1, tzinfo=UTC)
_TIMES_CEDAR = 1000
_RATE = "decisions a second"


def our_answers(asked: Sequence[Question]) -> list[bool]:
    """Return our own answers, each with its reasons worked out."""
    return [decide(q.facts(), q.program(), _AT).allowed for q in asked]


def agreement(n: int, seed: int = 1) -> dict[str, int]:
    """Return how many of `n` random questions each installed peer answers as we do."""
    asked = questions(n, seed)
    ours = our_answers(asked)
    peers = {"cedarpy": cedar_peer(asked), "pycasbin": casbin_peer(asked)}
    return {
        name: sum(mine == theirs for mine, theirs in zip(ours, answer(), strict=True))
        for name, answer in peers.items()
        if answer is not None
    }


def rows(quick: bool = False) -> list[Row]:  # noqa: FBT001, FBT002  # the one switch all benches have
    """Measure.

    Args:
        quick: Fewer questions.
    """
    n, n_words = (500, 1_000_000) if quick else (10_000, 50_000_000)
    asked = questions(n, seed=2)
    batch = _rate(cedar_peer(asked), n)
    bulk = _bulk_rate(n_words)
    return [
        _same_answers(n),
        _beside(
            "reasons from prepared facts", _ours(asked, with_reasons=True), batch, "cedarpy batch"
        ),
        _beside(
            "word from prepared facts", _ours(asked, with_reasons=False), batch, "cedarpy batch"
        ),
        _beside(
            "word from prepared facts",
            _ours(asked, with_reasons=False),
            _rate(cedar_peer(asked[: n // 10], batch=1), n // 10),
            "cedarpy one by one",
        ),
        _beside(
            "word from prepared facts",
            _ours(asked, with_reasons=False),
            _rate(casbin_peer(asked[: n // 10]), n // 10),
            "pycasbin",
        ),
        Row(
            what="all recordings at once, from stored words",
            unit=_RATE,
            ours=bulk,
            peer=batch,
            peer_name="cedarpy batch" if batch else "cedarpy (not installed)",
            goal=batch * _TIMES_CEDAR if batch else None,
        ),
    ]


def _beside(what: str, ours: float, peer: float | None, name: str) -> Row:
    missing = f"{name.split(maxsplit=1)[0]} (not installed)"
    return Row(
        what=what, unit=_RATE, ours=ours, peer=peer, peer_name=missing if peer is None else name
    )


def _same_answers(n: int) -> Row:
    equal = agreement(n)
    return Row(
        what=f"the same answers on {n:,} random questions, each peer",
        unit="questions",
        ours=float(min(equal.values())) if equal else None,
        peer_name=" and ".join(equal) or "no peer is installed",
        goal=float(n),
    )


def _rate(answer: Peer | None, n: int) -> float | None:
    return None if answer is None else n / _seconds(answer)


def _seconds(work: Callable[[], object]) -> float:
    since = monotonic_s()
    work()
    return monotonic_s() - since


def _ours(asked: Sequence[Question], *, with_reasons: bool) -> float:
    prepared = [(question.facts(), question.program()) for question in asked]

    def work() -> None:
        for facts, program in prepared:
            if with_reasons:
                decide(facts, program, _AT)
            else:
                word_of(facts)

    return len(asked) / _seconds(work)


def _bulk_rate(n: int) -> float:
    words = np.random.default_rng(3).integers(0, ALL, n, np.uint64)
    return n / _seconds(lambda: permitted(words, 1 << 40))
