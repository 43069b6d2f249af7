"""Witnesses that are served, and policies that trust them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from assent.log.cosignature import Cosigner
from assent.log.note import Signer
from assent.log.policy import Group, Policy, PolicyLog
from assent.log.policy import Witness as PolicyWitness
from assent.log.witness import Witness
from assent.log.witness_state import WitnessState
from assent.web.witness_server import witness_app
from tests.log.toy_log import AT, SIGNER, vkeys
from tests.web.served import served


class Stand(NamedTuple):
    """A witness at work."""

    url: str
    witness: Witness
    cosigner: Cosigner


def cosigner(number: int) -> Cosigner:
    return Cosigner.of(f"witness.example/w{number}", bytes([100 + number]) * 32)


def on_time() -> datetime:
    return AT


@contextmanager
def witnesses(
    folder: Path, count: int = 1, clock: Callable[[], datetime] = on_time
) -> Iterator[list[Stand]]:
    """Give witnesses of the toy log, each served by itself."""
    state = WitnessState(folder / f"witness-{count}.sqlite")
    witness = Witness(state, [cosigner(count)], vkeys(SIGNER))
    try:
        with served(witness_app(witness, clock)) as url:
            stand = Stand(url=url, witness=witness, cosigner=cosigner(count))
            if count == 1:
                yield [stand]
            else:
                with witnesses(folder, count - 1, clock) as others:
                    yield [*others, stand]
    finally:
        state.close()


def trusting(*urls: str | None, quorum: int = 1, signers: tuple[Signer, ...] = (SIGNER,)) -> Policy:
    """A policy of the witnesses w1, w2, … at these addresses, of whom so many must have seen it."""
    names = tuple(f"w{number}" for number in range(1, len(urls) + 1))
    return Policy(
        logs=tuple(PolicyLog(key=signer.vkey) for signer in signers),
        witnesses=tuple(
            PolicyWitness(name=name, key=cosigner(number).vkey, url=url)
            for number, (name, url) in enumerate(zip(names, urls, strict=True), 1)
        ),
        groups=(Group(name="enough", threshold=quorum, members=names),),
        quorum="enough",
    )
