"""The chapter of proofs: what was said goes into a public log, and a stranger checks it alone."""

from sqlalchemy import select

from assent.acts.logs import Logs
from assent.acts.receipts import receipt
from assent.catalogue import tables
from assent.demo.cast import PARTNER, SAYS_NOTHING, SAYS_YES
from assent.demo.stage import Stage, some
from assent.log.policy import Policy
from assent.log.receipt import Checked, Verdict, check_receipt
from assent.training.listing import all_sets
from assent.training.members import prove_member

__all__ = ["prove"]


def prove(stage: Stage) -> None:
    """Publish the log, and check receipts as somebody would who trusts nobody here."""
    logs = Logs(stage.house)
    logs.publish()
    head = logs.consent.head()
    stage.plain(
        "Everything that happened is in a public log by now,"
        f" {some(head.checkpoint.size, 'line')} under one signature. What is about a person shows"
        " its kind and its hour, and nothing else."
    )
    policy = logs.policy()
    given = receipt(stage.house, logs.consent, _yes_of(stage))
    checked = check_receipt(given, policy)
    stage.must(checked.verdict is Verdict.VALID, "a receipt of the yes holds")
    stage.yes(
        f"{SAYS_YES} keeps a receipt of her yes, one small file. Checked with no network and no"
        f" account, with nothing but the log's public key: {checked.verdict.value}."
    )
    _tamper(stage, given, policy)
    _members(stage, logs, policy)


def _yes_of(stage: Stage) -> int:
    """Return the number of the event by which a yes was said."""
    said, accounts = tables.statements.c, tables.accounts.c
    query = (
        select(said.event)
        .join(tables.accounts, accounts.id == said.holder)
        .where(accounts.name == SAYS_YES, said.grants != 0)
    )
    with stage.house.reading() as connection:
        return int(connection.execute(query.order_by(said.event)).scalars().first() or 0)


def _tamper(stage: Stage, given: bytes, policy: Policy) -> None:
    """Change one letter of a receipt."""
    place = given.index(b"extra ") + len(b"extra ") + 40
    other = b"A" if given[place : place + 1] != b"A" else b"B"
    forged = check_receipt(given[:place] + other + given[place + 1 :], policy)
    stage.must(forged.verdict is Verdict.INVALID, "a changed receipt does not hold")
    stage.no(f"With one letter of it changed: {forged.verdict.value}.")


def _members(stage: Stage, logs: Logs, policy: Policy) -> None:
    """Show two people whether their recordings are in a set, and nothing of anybody else's."""
    first = all_sets(stage.house)[0].id
    inside = stage.by(SAYS_YES)[0]
    outside = next(r for r, names in stage.holders().items() if names == {SAYS_NOTHING})
    for recording, kind in ((inside, "member"), (outside, "absent")):
        found = check_receipt(prove_member(stage.house, logs, first, recording), policy)
        stage.must(_claims(found, kind, recording), f"it is proved whether {recording} is in it")
    stage.yes(
        f"{PARTNER}'s first set: it is proved that {stage.title(inside)} is in it, and to"
        f" {SAYS_NOTHING} that {stage.title(outside)} is not. Neither proof shows what else is."
    )


def _claims(found: Checked, kind: str, recording: str) -> bool:
    claim = found.claim
    right = claim is not None and (claim.kind, claim.recording) == (kind, recording)
    return found.verdict is Verdict.VALID and right
