"""Claims: a holder says what is true of two recordings, others answer, and giving in ends it.

Evidence files stay with whoever has them: what is put on record is their names, sizes and digests,
so that it can be shown later that they are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import file_digest
from pathlib import Path

from sqlalchemy import Connection, select

from assent.acts.accounts import Account, find_account
from assent.acts.copies import Found, Suspicion, original_of, put_decision, suspect
from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.catalogue.cases import Case, State, case_of
from assent.catalogue.claims import WANTS, Claim, Says, claim_of, holders_of, open_claims
from assent.catalogue.events import Body, Event
from assent.clock import format_instant
from assent.errors import BadInput, NotAllowed, StorageFailed, Unknown

__all__ = ["TIME_TO_ANSWER", "Plea", "Says", "answer_claim", "evidence_file", "make_claim"]

TIME_TO_ANSWER = timedelta(days=14)
"""How long the others have before anything is decided against them."""
_MOST_CHARACTERS, _MOST_FILES = 5_000, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Plea:
    """What somebody brings forward for their side.

    Args:
        words: In their words.
        files: Their evidence, each as `evidence_file` returns it.
    """

    words: str
    files: Sequence[Body] = ()

    def fields(self) -> Body:
        """Return it as events say it.

        Raises:
            BadInput: There are no words, or too many, or too many files.
        """
        words = self.words.strip()
        if not words or len(words) > _MOST_CHARACTERS:
            raise BadInput(
                f"say in words what speaks for it, in {_MOST_CHARACTERS} characters at most"
            )
        if len(self.files) > _MOST_FILES:
            raise BadInput(f"name at most {_MOST_FILES} files; put more into one archive")
        return {"words": words, "files": [dict(file) for file in self.files]}


def evidence_file(path: Path) -> Body:
    """Return what is put on record of a file: `name`, `sha256`, `size_bytes`.

    Raises:
        StorageFailed: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
            return {"name": path.name, "sha256": digest, "size_bytes": file.tell()}
    except OSError as error:
        raise StorageFailed(f"{path.name!r} cannot be read: {error.strerror}") from error


def make_claim(house: House, artist: str, pair: tuple[str, str], says: Says, plea: Plea) -> Event:
    """Claim something of one's own recording and another.

    Whoever has the earlier one and says "mine" opens a case where there is none, or where it was
    rejected, so the later one is masked at once. Whoever has the later one and says "mine" says
    that it is the true original; that changes nothing until it is decided. What nobody but the
    claimant would lose by is decided at once.

    Args:
        house: The platform.
        artist: Who claims: a holder's name.
        pair: Their recording, and the other; the other way round if they hold the second alone.
        says: What they say.
        plea: What they bring forward.

    Returns:
        The `claim` event, whose number the claim is called by.

    Raises:
        BadInput: They have an open claim on it already, there is no case to say that of, or a
            recording would be a copy of itself, directly or through others.
        NotAllowed: They hold rights in neither.
        Unknown: There is no such holder or recording.
    """
    brought = plea.fields()
    with house.act(artist) as act:
        account = find_account(act.connection, artist)
        own, other = _own_first(act.connection, account, pair)
        known = case_of(act.connection, own, other)
        later, earlier = _later_first(act.connection, own, other)
        recording, original = (known.recording, known.original) if known else (later, earlier)
        if says is Says.MINE and own == recording:
            says = Says.TRUE_ORIGINAL
        _check(act.connection, account, (recording, original), says, known)
        event = act.record(
            "claim",
            {
                "recording": recording,
                "original": original,
                "account": account.id,
                "says": says.value,
                "answer_by": format_instant(act.at + TIME_TO_ANSWER),
                **brought,
            },
        )
        if says is Says.MINE and own == earlier:  # the earlier one is never harmed by a claim
            suspect(act, recording, [Suspicion(original=original, found=Found.CLAIM)])
        _end_if_agreed(act, event.number)
        return event


def _own_first(connection: Connection, account: Account, pair: tuple[str, str]) -> tuple[str, str]:
    for one in pair:
        original_of(connection, one)
    one, other = pair
    if one == other:
        raise BadInput("a claim is about two recordings")
    if account.id in holders_of(connection, one):
        return one, other
    if account.id in holders_of(connection, other):
        return other, one
    raise NotAllowed(f"{account.name} holds rights in neither {one} nor {other}")


def _later_first(connection: Connection, one: str, other: str) -> tuple[str, str]:
    recordings = tables.recordings.c
    query = select(recordings.id).where(recordings.id.in_([one, other]))
    later, earlier = connection.execute(query.order_by(recordings.number.desc())).scalars()
    return later, earlier


def _check(
    connection: Connection, account: Account, pair: tuple[str, str], says: Says, known: Case | None
) -> None:
    recording, original = pair
    if any(claim.account == account.id for claim in open_claims(connection, *pair)):
        raise BadInput(f"{account.name} has a claim on {recording} and {original} that is open")
    if known is None and says in {Says.LICENSED, Says.DIFFERENT}:
        raise BadInput(f"nobody says that {recording} is a copy of {original}")
    if (
        known is None
        and says is Says.TRUE_ORIGINAL
        and account.id not in holders_of(connection, recording)
    ):
        raise BadInput(f"nobody says that {recording} is the true original of {original}")


def answer_claim(house: House, artist: str, number: int, plea: Plea, *, agrees: bool) -> Event:
    """Answer a claim; once all whom it would harm agree to it, it is decided so.

    Args:
        house: The platform.
        artist: Who answers: a holder's name.
        number: The claim's number.
        plea: What they bring forward.
        agrees: Whether they agree.

    Raises:
        BadInput: They have answered it already, or a recording would be a copy of itself, directly
            or through others.
        NotAllowed: It is decided, they made it themselves, or they hold rights in neither.
        Unknown: There is no such claim or holder.
    """
    brought = plea.fields()
    with house.act(artist) as act:
        account = find_account(act.connection, artist)
        claim = claim_of(act.connection, number)
        if claim is None:
            raise Unknown(f"there is no claim {number}", claim=number)
        _check_answer(act.connection, account, claim)
        event = act.record(
            "claim.answer",
            {
                "claim": number,
                "recording": claim.recording,
                "original": claim.original,
                "account": account.id,
                "agrees": agrees,
                **brought,
            },
        )
        _end_if_agreed(act, number)
        return event


def _check_answer(connection: Connection, account: Account, claim: Claim) -> None:
    if claim.closed is not None:
        raise NotAllowed(f"the claim {claim.event} was decided by event {claim.closed}")
    if claim.account == account.id:
        raise NotAllowed(f"{account.name} made the claim {claim.event}; others answer it")
    one, other = claim.recording, claim.original
    if account.id not in holders_of(connection, one) | holders_of(connection, other):
        raise NotAllowed(f"{account.name} holds rights in neither {one} nor {other}")
    if any(answer.account == account.id for answer in claim.answers):
        raise BadInput(f"{account.name} has answered the claim {claim.event}")


def _end_if_agreed(act: Act, number: int) -> None:
    claim = claim_of(act.connection, number)
    if claim is not None and claim.agreed(holders_of(act.connection, claim.loser)):
        state: State = WANTS[claim.says]
        cause = f"whoever holds {claim.loser} agrees to the claim {number}"
        put_decision(act, (claim.recording, claim.original), state, cause, heard=True)
