"""Requests: a program asks all who may be asked; each answers for themselves, and may change it.

A request alone opens nothing. A yes is a yes to that program alone, until what was asked for ends;
a no is a no to that program alone. "Never" is a no, and hides whatever the same owner asks later,
until that answer is changed.
"""

from datetime import datetime

from sqlalchemy import Connection, func, select

from assent.acts.accounts import find_account
from assent.acts.asked import Asked, Says, find_request, requests_of
from assent.acts.house import Act, House
from assent.acts.meaning import About, Words, meant
from assent.acts.say import check_dates, check_shown, put_said
from assent.catalogue import tables
from assent.catalogue.events import Event, read
from assent.catalogue.rows import read_program
from assent.clock import format_instant
from assent.errors import BadInput, NotAllowed, Unknown
from assent.permission.programs import Program

__all__ = ["answer", "answer_words", "ask", "withdraw_request"]

_MOST_CHARACTERS, _MOST_PAYS = 2_000, 500


# What programs do.


def ask(
    house: House,
    program: str,
    words: str,
    *,
    pays: str = "",
    until: datetime | None = None,
    by: str,
) -> Event:
    """Ask all who said that programs may ask them.

    Args:
        house: The platform.
        program: Which program asks; approved, and not stopped.
        words: What it says to those it asks.
        pays: What it offers for a yes, in words; empty for nothing.
        until: When a yes would end [aware datetime]; the program's own end if None.
        by: Who asks; whether they may speak for the program is the caller's to say.

    Raises:
        BadInput: The words are missing or too long, or the date is past or after the program's end.
        NotAllowed: The program is not approved, was stopped, is over, or has asked already.
        Unknown: There is no such program.
    """
    words, pays = _said(words, "words", _MOST_CHARACTERS), _said(pays, "pay", _MOST_PAYS)
    if not words:
        raise BadInput("say in words what you ask for")
    with house.act(by) as act:
        found = read_program(act.connection, program)
        if found is None:
            raise Unknown(f"there is no program {program!r}", program=program)
        _check_can_ask(act, found)
        _check_until(found, until, act.at)
        return act.record(
            "request",
            {
                "program": program,
                "words": words,
                "pays": pays,
                "until": format_instant(until) if until else None,
            },
        )


def _said(text: str, what: str, most: int) -> str:
    text = text.strip()
    if len(text) > most:
        raise BadInput(f"the {what} of a request can have {most} characters at most")
    return text


def _check_can_ask(act: Act, program: Program) -> None:
    name = f"the program {program.id!r}"
    if program.approved is None:
        raise NotAllowed(f"{name} was not approved yet; it can ask once it is")
    if program.suspended is not None or program.ended is not None:
        raise NotAllowed(f"{name} is stopped, and cannot ask")
    if program.end is not None and program.end <= act.at:
        raise NotAllowed(f"{name} is past its end, and cannot ask")
    if any(one.stands(act.at) for one in requests_of(act.connection, program.id)):
        raise NotAllowed(f"{name} has a request that stands; withdraw it to ask anew")


def _check_until(program: Program, until: datetime | None, at: datetime) -> None:
    if until is None:
        return
    if until <= at:
        raise BadInput("what is asked for would have run out before it starts", until=until)
    if program.start is not None and until <= program.start:
        raise BadInput("what is asked for would have run out before the program starts")
    if program.end is not None and until > program.end:
        raise BadInput(
            f"the program ends on {program.end.date()}; nothing can be asked for after it"
        )


def withdraw_request(house: House, request: int, by: str) -> Event:
    """Take a request back; answers that were given stand.

    Raises:
        NotAllowed: It was taken back already.
        Unknown: There is no such request.
    """
    with house.act(by) as act:
        found = find_request(act.connection, request)
        if found.withdrawn is not None:
            raise NotAllowed(f"the request {request} was withdrawn already")
        return act.record("request.withdraw", {"request": request})


# What those do who are asked.


def answer_words(asked: Asked, says: Says) -> Words:
    """Return what an answer says as a statement for the program alone."""
    if says is not Says.YES:
        return Words(refuses=asked.program.uses)
    limits = [limit for limit in (asked.until, asked.program.end) if limit is not None]
    return Words(grants=asked.program.uses, until=min(limits, default=None))


def answer(
    house: House, holder: str, request: int, says: Says, by: str, *, shown: str | None = None
) -> Event:
    """Answer a request, or change an answer; the newest one counts.

    Args:
        house: The platform.
        holder: Who answers: an account's name.
        request: The request's number.
        says: The answer.
        by: Who writes it down.
        shown: The digest of the notice that was on the screen; not compared if None.

    Returns:
        The `request.answer` event; the statement is the event before it. Where the same was
        answered last, and nothing was said since, that earlier event: sending it twice says it
        once.

    Raises:
        BadStatement: The notice is not the one that was on the screen.
        NotAllowed: It is a yes, and the request does not stand any more.
        Unknown: There is no such holder, or no such request to them.
    """
    with house.act(by) as act:
        account = find_account(act.connection, holder)
        found = find_request(act.connection, request)
        if not _was_asked(act.connection, account.id, request):
            raise Unknown(f"there is no request {request}", request=request)
        if says is Says.YES and not found.is_open(act.at):
            raise NotAllowed(f"the request {request} does not stand any more")
        about = About(holder=account.name, program=found.program.id)
        words = answer_words(found, says)
        check_dates(words, act.at)
        statement = meant(act.connection, about, words)
        if shown is not None:
            check_shown(act.connection, statement, shown)
        again = _answered_so(act.connection, account.id, request, says)
        if again is not None:
            return again
        put_said(act, about, words)
        body = {"request": request, "account": account.id, "says": says.value}
        return act.record("request.answer", body)


def _answered_so(connection: Connection, account: str, request: int, says: Says) -> Event | None:
    """Return the same answer to a request, if it is the last thing that somebody has said."""
    answers, said = tables.request_answers.c, tables.statements.c
    same = (answers.account == account, answers.request == request, answers.says == says.value)
    number = connection.execute(select(answers.event).where(*same)).scalar()
    last = connection.execute(select(func.max(said.event)).where(said.holder == account)).scalar()
    return read(connection, number) if number is not None and last == number - 1 else None


def _was_asked(connection: Connection, account: str, request: int) -> bool:
    """Say whether somebody may answer: they let programs ask, or have answered before."""
    answers, accounts = tables.request_answers.c, tables.accounts.c
    answered = select(answers.event).where(answers.account == account, answers.request == request)
    may_ask = select(accounts.id).where(accounts.id == account, accounts.asks)
    queries = (answered, may_ask)
    return any(connection.execute(query).first() is not None for query in queries)
