"""What a label is about to say of many recordings, looked at before it is said."""

from assent.acts.bulk_say import Outcome, notices_digest, would_say
from assent.acts.meaning import notice_of
from assent.permission.statements import Statement
from assent.permission.uses import labels
from assent.studio.foresight import foresee
from assent.studio.foresight_words import tell
from assent.web.ai_views import ForesightView, VerbView, foresight_view, verbs_view
from assent.web.label_wish import Kept, beyond, outcomes_of
from assent.web.programs import Use, plain_use
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["LookView", "Trouble", "look_at", "troubles_of"]

_MOST_FORESEEN = 200
"""Of more, only how many are spoken of is told before; what comes of it shows after."""


class Trouble(View):
    """A recording of which nothing is said.

    Args:
        name: How it was named.
        why: Why not.
    """

    name: str
    why: str


class LookView(View):
    """What would be said, and what it would do, before anything is said.

    Args:
        key: What it is found by, for an hour.
        whole: Whether it is said for the whole account, and so for what comes later, too.
        program: For which program alone; None for every program.
        verb: What is said.
        count: Of how many recordings something would be said.
        recordings: Their ids; none for the whole account.
        troubles: Of what nothing would be said, and why.
        beyond: The uses that stay closed whatever is said here, for no agreement has room for them.
        verbs: What is said, in words.
        notice: The notice; of several recordings, that of the first: the others name theirs.
        digest: What says that this was on the screen: of one notice its digest, of several one
            digest over all of them in their order.
        generative: Whether it is a yes to a generative use; then the digest comes back as `read`.
        needs_words: Whether the words "for every program" have to be said.
        foresight: What it would do; None where too many are spoken of to reckon it before.
    """

    key: str
    whole: bool
    program: str | None
    verb: str
    count: int
    recordings: list[str]
    troubles: list[Trouble]
    beyond: list[Use]
    verbs: list[VerbView]
    notice: str
    digest: str
    generative: bool
    needs_words: bool
    foresight: ForesightView | None


def look_at(visit: Visit, key: str, kept: Kept) -> LookView:
    """Return what would be said, of how many recordings, and what it would do."""
    bulk = kept.bulk(for_every_program=True)
    outcomes = outcomes_of(visit, kept)
    chosen = [it.recording for it in outcomes if not it.why_not]
    account = visit.me.account
    first = would_say(bulk, account, chosen[0] if chosen else None)
    of = [None] if kept.whole else chosen
    statements = (
        [first] if kept.whole else [would_say(bulk, account, it) for it in chosen[:_MOST_FORESEEN]]
    )
    return LookView(
        key=key,
        whole=kept.whole,
        program=kept.program,
        verb=kept.verb.value,
        count=len(chosen),
        recordings=chosen,
        troubles=troubles_of(kept, outcomes),
        beyond=[Use(name=it, words=plain_use(it)) for it in labels(beyond(visit, kept))],
        verbs=verbs_view(first),
        notice=notice_of(visit.db, first),
        digest=notices_digest(visit.db, bulk, account, of),
        generative=kept.is_generative,
        needs_words=kept.needs_words,
        foresight=_foresight(visit, statements, len(chosen)),
    )


def _foresight(visit: Visit, statements: list[Statement], count: int) -> ForesightView | None:
    if not statements or count > _MOST_FORESEEN:
        return None
    seen = foresee(visit.db, statements, visit.at)
    return foresight_view(seen, tell(seen))


def troubles_of(kept: Kept, outcomes: tuple[Outcome, ...]) -> list[Trouble]:
    """Return of what nothing is said, and why."""
    return [
        *(Trouble(name=name, why=why) for name, why in kept.missing.items()),
        *(Trouble(name=it.recording, why=it.why_not) for it in outcomes if it.why_not),
    ]
