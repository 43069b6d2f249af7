"""Telling holders of terms: each of them by account, and on record how many, when and how.

What the inbox says is what the platform itself shows to whoever asks; that a mail was sent or a
banner shown is the word of the operator, whose name the event bears.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, select

from assent.acts.house import Act
from assent.catalogue import tables
from assent.catalogue.events import Event
from assent.terms.notice import Chance, Channel, Timing

__all__ = ["MOST_TOLD", "tell"]

MOST_TOLD = 5_000
"""How many accounts one event names; more are told by several."""

_TO_ONE_EACH = (Channel.INBOX, Channel.MAIL)
"""The channels that reach somebody; the others are seen by whoever comes by."""


def tell(act: Act, text: str, timing: Timing, channels: Collection[Channel] = ()) -> list[Event]:
    """Tell of a text everybody who holds rights and was not told of it in the same way.

    Args:
        act: The change under way.
        text: The id of the text.
        timing: Whether it is told before it is in force or after.
        channels: How the operator says that it is told, beside the inbox.

    Returns:
        What was put on record. After the fact nothing is, where nobody is left to be told; before
        it, that nobody had to be told is on record as well.
    """
    told: list[Event] = []
    wanted = {Channel.INBOX, *channels} - {Channel.NONE}
    for channel in (it for it in Channel if it in wanted):
        holders = _untold(act, text, channel) if channel in _TO_ONE_EACH else []
        batches: list[Sequence[str]] = [
            holders[low : low + MOST_TOLD] for low in range(0, len(holders), MOST_TOLD)
        ]
        if not batches and (timing is Timing.BEFORE or channel not in _TO_ONE_EACH):
            batches = [[]]
        told += [act.record("terms.notice", _body(text, timing, channel, it)) for it in batches]
    return told


def _body(text: str, timing: Timing, channel: Channel, holders: Sequence[str]) -> dict[str, object]:
    return {
        "text": text,
        "timing": timing.value,
        "channel": channel.value,
        # the ratchet is not this text's promise but the house's: nothing widens unaccepted
        "chance": Chance.ACCEPT.value,
        "told": len(holders),
        "holders": [{"holder": holder} for holder in holders],
    }


def _untold(act: Act, text: str, channel: Channel) -> list[str]:
    accounts, holdings = tables.accounts.c, tables.holdings.c
    notices, told = tables.notices.c, tables.told.c
    before = exists().where(
        told.account == accounts.id,
        told.notice == notices.event,
        notices.text == text,
        notices.channel == channel.value,
    )
    query = (
        select(accounts.id)
        .where(exists().where(holdings.holder == accounts.id), ~before)
        .order_by(accounts.event)
    )
    return list(act.connection.execute(query).scalars())
