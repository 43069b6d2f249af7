"""Programs: proposed by one person, approved by another, suspended at once, ended for good."""

from datetime import datetime

from sqlalchemy import select

from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.catalogue.events import Body, Event
from assent.catalogue.names import folded
from assent.catalogue.rows import read_program
from assent.clock import format_instant
from assent.errors import BadInput, BadText, NotAllowed, Unknown
from assent.log.leaf import is_erased_author
from assent.permission.programs import Program, Proposal, parse_proposal
from assent.permission.territories import format_territories
from assent.permission.uses import labels

__all__ = ["approve", "body_of", "end", "propose", "resume", "suspend"]


def propose(house: House, toml: str, by: str) -> Event:
    """Propose a program; it may do nothing until another person approves it.

    Raises:
        BadText: The file breaks a rule, or there is a program of that id.
        BadInput: Nobody is named who proposes it.
    """
    with house.act(_person(by)) as act:
        proposal = parse_proposal(toml, act.at)
        if read_program(act.connection, proposal.id) is not None:
            raise BadText(f"there is a program {proposal.id!r} already", id=proposal.id)
        return act.record("program.propose", body_of(proposal))


def body_of(proposal: Proposal) -> Body:
    """Return what the event says by which a program is proposed."""
    return {
        "id": proposal.id,
        "owner": proposal.owner,
        "actor": proposal.actor.value,
        "uses": list(labels(proposal.uses)),
        "purpose": proposal.purpose,
        "models": list(proposal.models),
        "territories": format_territories(proposal.territories),
        "start": _instant(proposal.start),
        "end": _instant(proposal.end),
        "retention_days": proposal.retention_days,
        "contact": proposal.contact,
        "contract": proposal.contract,
    }


def approve(house: House, program: str, by: str) -> Event:
    """Approve a program.

    Raises:
        NotAllowed: It is approved already, or has ended, or its proposer would approve it, or was
            erased.
        Unknown: There is no such program.
    """
    with house.act(_person(by)) as act:
        found = _found(act, program)
        if found.approved is not None:
            raise NotAllowed(f"the program {program!r} is approved already")
        if found.ended is not None:
            raise NotAllowed(f"the program {program!r} has ended")
        proposer = act.connection.execute(
            select(tables.programs.c.proposed_by).where(tables.programs.c.id == program)
        ).scalar_one()
        if is_erased_author(proposer):
            raise NotAllowed(
                f"whoever proposed the program {program!r} was erased, so nobody can tell whether"
                f" {by} is somebody else; end it, and propose it again under another id"
            )
        if _same_person(proposer, by):
            raise NotAllowed(
                f"{by} proposed the program {program!r}; somebody else must approve it"
            )
        return act.record("program.approve", {"id": program})


def suspend(house: House, program: str, by: str, cause: str = "") -> Event:
    """Stop a program at once.

    Raises:
        NotAllowed: It is suspended already, or has ended.
        Unknown: There is no such program.
    """
    with house.act(_person(by)) as act:
        found = _found(act, program)
        if found.suspended is not None or found.ended is not None:
            raise NotAllowed(f"the program {program!r} is stopped already")
        return act.record("program.suspend", {"id": program, **_why(cause)})


def resume(house: House, program: str, by: str, cause: str = "") -> Event:
    """Let a suspended program go on.

    Raises:
        NotAllowed: It is not suspended, or has ended.
        Unknown: There is no such program.
    """
    with house.act(_person(by)) as act:
        found = _found(act, program)
        if found.suspended is None or found.ended is not None:
            raise NotAllowed(f"the program {program!r} is not suspended")
        return act.record("program.resume", {"id": program, **_why(cause)})


def end(house: House, program: str, by: str, cause: str = "") -> Event:
    """End a program for good.

    Raises:
        NotAllowed: It has ended already.
        Unknown: There is no such program.
    """
    with house.act(_person(by)) as act:
        if _found(act, program).ended is not None:
            raise NotAllowed(f"the program {program!r} has ended already")
        return act.record("program.end", {"id": program, **_why(cause)})


def _found(act: Act, program: str) -> Program:
    found = read_program(act.connection, program)
    if found is None:
        raise Unknown(f"there is no program {program!r}", program=program)
    return found


def _why(cause: str) -> Body:
    """Return the cause as an event says it; one without a cause says nothing."""
    return {"cause": cause.strip()} if cause.strip() else {}


def _person(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise BadInput("say who does this: --by NAME")
    if not name.isprintable():  # an invisible character would make one person two
        raise BadInput("a person's name has printable characters only")
    return name


def _same_person(one: str, other: str) -> bool:
    """Compare names as people do: case, spacing and width make no second person."""
    return folded(one) == folded(other)


def _instant(at: datetime | None) -> str | None:
    return None if at is None else format_instant(at)
