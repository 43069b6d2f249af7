"""Reviews: somebody who has no part in it decides a case, or clears an account that was watched."""

from sqlalchemy import Connection, select

from assent.acts.accounts import find_account
from assent.acts.copies import original_of, put_decision
from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.cases import State, case_of
from assent.catalogue.claims import holders_of, open_claims
from assent.catalogue.events import Event
from assent.catalogue.names import folded
from assent.catalogue.watched import WATCHED, brought_by, uploader_of, watched
from assent.errors import BadInput, NotAllowed, Unknown
from assent.log.leaf import erased_author, is_erased_author

__all__ = ["clear", "decide"]


def decide(house: House, case: tuple[str, str], state: State, cause: str, by: str) -> Event:
    """Decide a case; it may be decided again, on an appeal.

    Args:
        house: The platform.
        case: The recording, and its original.
        state: What is decided.
        cause: Why, in a few words.
        by: Who decides.

    Raises:
        BadInput: No cause or nobody is named, `suspected` is no decision, or a recording would be a
            copy of itself, directly or through others.
        NotAllowed: The reviewer has a part in it, or somebody who would lose by it may still answer
            a claim.
        Unknown: There is no such case.
    """
    by, cause = _checked(by, cause)
    if state is State.SUSPECTED:
        raise BadInput(
            "suspected is no decision; say confirmed, licensed, true-original or rejected"
        )
    recording, original = case
    with house.act(by) as act:
        for one in case:
            original_of(act.connection, one)
        known = case_of(act.connection, recording, original)
        if (known is None or known.recording != recording) and not open_claims(
            act.connection, recording, original
        ):
            raise Unknown(f"there is no case of {recording} as a copy of {original}")
        objection = part_of(act.connection, case, by)
        if objection:
            raise NotAllowed(objection)
        return put_decision(act, case, state, cause)


def clear(house: House, account: str, cause: str, by: str) -> Event:
    """Let what a watched account brought be used again as far as words say; counts start anew.

    Args:
        house: The platform.
        account: The account's name.
        cause: Why, in a few words.
        by: Who has looked.

    Raises:
        BadInput: No cause or nobody is named.
        NotAllowed: It is not watched, or would clear itself.
        Unknown: Nobody is called that.
    """
    by, cause = _checked(by, cause)
    with house.act(by) as act:
        found = find_account(act.connection, account)
        if folded(by) in {folded(found.name), folded(found.id)}:
            raise NotAllowed(f"{by} is the one who is watched; somebody else must clear them")
        if not watched(act.connection, found.id):
            raise NotAllowed(f"{found.name} is not watched")
        event = act.record("copies.clear", {"account": found.id, "cause": cause})
        holds = tables.holds.c
        placed = (
            select(holds.event, holds.recording)
            .where(holds.cause == WATCHED, holds.lifted.is_(None))
            .order_by(holds.event)
        )
        own = set(brought_by(act.connection, found.id))
        for number, recording in act.connection.execute(placed).all():
            if recording in own:
                act.record("hold.lift", {"hold": number, "recording": recording})
        return event


def _checked(by: str, cause: str) -> tuple[str, str]:
    by, cause = " ".join(by.split()), cause.strip()
    if not by or not by.isprintable():
        raise BadInput("say who decides: --by NAME")
    if not cause:
        raise BadInput("a decision needs a cause, in a few words")
    return by, cause


def part_of(connection: Connection, case: tuple[str, str], by: str) -> str:
    """Return why somebody may not decide a case because they have a part in it; empty if they may.

    Args:
        connection: Where the catalogue is read.
        case: The copy and the original.
        by: Who would decide, by name.
    """
    part = _part(connection, *case, by)
    return f"{by} {part}; somebody else must decide" if part else ""


def _part(connection: Connection, recording: str, original: str, by: str) -> str | None:
    """Return what part somebody has in a case, in words; None if they have none."""
    name = folded(by)
    accounts, claims = tables.accounts.c, tables.claims.c
    claimed = select(claims.account).where(
        claims.recording == recording, claims.original == original
    )
    rows = connection.execute(select(accounts.id, accounts.folded))
    # an id is a name, too, under which somebody may write
    known = {row.id for row in rows if name in {row.folded, folded(row.id)}}
    for one in (recording, original):
        if known & holders_of(connection, one):
            return f"holds rights in {one}"
        if uploader_of(connection, one) in known:
            return f"uploaded {one}"
        if _wrote(connection, one, by):
            return f"wrote the upload of {one} down"
    if known & set(connection.execute(claimed).scalars()):
        return "made a claim on it"
    return None


def _wrote(connection: Connection, recording: str, by: str) -> bool:
    """Say whether somebody wrote the upload of a recording down."""
    events, recordings = tables.events.c, tables.recordings.c
    query = (
        select(events.by, events.opening)
        .join(tables.recordings, recordings.event == events.number)
        .where(recordings.id == recording)
    )
    row = connection.execute(query).one()
    if is_erased_author(row.by):  # of whom this is what is left, in their own spelling
        return bool(row.by == erased_author(row.opening, by))
    return folded(row.by) == folded(by)
