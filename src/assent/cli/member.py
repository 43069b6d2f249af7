"""`assent member …`: who can sign in, as what; how the first operator comes to be."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.options import By, Json
from assent.cli.output import put, put_json, put_table, say
from assent.cli.session import opened, person
from assent.errors import BadInput, Unknown

if TYPE_CHECKING:
    from assent.acts.accounts import Role
    from assent.acts.house import House
    from assent.signin.members import Member

__all__ = ["register"]

_Name = Annotated[str, typer.Argument(metavar="NAME", help="How the member is called.")]
_ROLES = "listener, artist, label, reviewer, operator or auditor"
_Cause = Annotated[str, typer.Option("--cause", metavar="WORDS", help="Why, in a few words.")]
_PAGE = 200


def register(app: typer.Typer) -> None:
    """Add the commands."""
    nouns = typer.Typer(
        no_args_is_help=True, help="Members: who can sign in to the site, and as what."
    )
    nouns.command(
        "add", help="Let somebody sign in: somebody new, or an account without a way in."
    )(_add)
    nouns.command("list", help="List the members.")(_list)
    nouns.command("role", help="Give a member another role.")(_role)
    nouns.command("shut", help="Keep a member out: no sign-in, no session, no token.")(_shut)
    nouns.command("reopen", help="Let a member in again who was kept out.")(_reopen)
    nouns.command("code", help="Make a one-time code, with which a member sets a new password.")(
        _code
    )
    app.add_typer(nouns, name="member")


def _add(  # noqa: PLR0913  # one option each
    ctx: typer.Context,
    name: _Name,
    *,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help=f"As what: {_ROLES}.")],
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file",
            metavar="FILE",
            help="The password, as the first line of a file; asked for on a terminal if not said.",
        ),
    ] = None,
    by_code: Annotated[
        bool, typer.Option("--code", help="Print a one-time code instead of asking for a password.")
    ] = False,
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.signin.members import invite

    meant = _role_of(role)
    if by_code and password_file is not None:
        raise BadInput("a one-time code or a password, not both")
    with opened(ctx) as house:
        password = None if by_code else _password(password_file)
        member = invite(house, name, meant, person(house, by), password)
        if by_code:
            _put_code(house, member, person(house, by), as_json=as_json)
            return
    _put(member, f"{member.name} can sign in as {member.role.value}", as_json=as_json)


def _list(ctx: typer.Context, *, as_json: Json = False) -> None:
    from assent.signin.members import members_like

    rows: list[Member] = []
    with opened(ctx) as house, house.reading() as connection:
        while page := members_like(connection, after=rows[-1].name if rows else "", most=_PAGE):
            rows += page
    if as_json:
        for member in rows:
            put_json(_fields(member))
        return
    put_table(
        ("member", "role", ""),
        ((it.name, it.role.value, "kept out" if it.shut else "") for it in rows),
    )


def _role(
    ctx: typer.Context,
    name: _Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help=f"As what: {_ROLES}.")],
    *,
    cause: _Cause = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.signin.roles import set_role

    meant = _role_of(role)
    with opened(ctx) as house:
        account = _found(house, name).account
        member = set_role(house, account, meant, person(house, by), cause)
    _put(member, f"{member.name} has the role {member.role.value}", as_json=as_json)


def _shut(
    ctx: typer.Context, name: _Name, *, cause: _Cause = "", by: By = "", as_json: Json = False
) -> None:
    from assent.signin.roles import shut

    with opened(ctx) as house:
        member = shut(house, _found(house, name).account, person(house, by), cause)
    _put(member, f"{member.name} is kept out", as_json=as_json)


def _reopen(
    ctx: typer.Context, name: _Name, *, cause: _Cause = "", by: By = "", as_json: Json = False
) -> None:
    from assent.signin.roles import reopen

    with opened(ctx) as house:
        member = reopen(house, _found(house, name).account, person(house, by), cause)
    _put(member, f"{member.name} can sign in again", as_json=as_json)


def _code(ctx: typer.Context, name: _Name, *, by: By = "", as_json: Json = False) -> None:
    with opened(ctx) as house:
        _put_code(house, _found(house, name), person(house, by), as_json=as_json)


def _put_code(house: "House", member: "Member", by: str, *, as_json: bool) -> None:
    from assent.signin.codes import GOOD_FOR, code_of, make

    code = code_of(house, make(house, member.account, by))
    if as_json:
        put_json({**_fields(member), "code": code})
        return
    put(code)
    say(f"Hand it over to {member.name}: it is typed at /sign-in/code, with a new password.")
    say(f"It is good once, for {GOOD_FOR.days} days, and is not shown again.")


def _put(member: "Member", words: str, *, as_json: bool) -> None:
    if as_json:
        put_json(_fields(member))
    else:
        put(words)


def _fields(member: "Member") -> dict[str, object]:
    return {
        "account": member.account,
        "name": member.name,
        "role": member.role.value,
        "shut": member.shut,
    }


def _role_of(text: str) -> "Role":
    from assent.acts.accounts import Role

    try:
        role = Role(text.strip().lower())
    except ValueError:
        raise BadInput(f"there is no role {text!r}; there are {_ROLES}", role=text) from None
    if role is Role.NOBODY:
        raise BadInput(f"nobody signs in as nobody; there are {_ROLES}")
    return role


def _found(house: "House", name: str) -> "Member":
    from assent.signin.members import member_called

    with house.reading() as connection:
        member = member_called(connection, name)
    if member is None:
        raise Unknown(f"there is no member {name!r}", name=name)
    return member


def _password(file: Path | None) -> str:
    """Return a password from a file, or as it is typed twice; never from the command line."""
    from getpass import getpass

    from assent.cli.files import read_text_file

    if file is not None:
        return read_text_file(file).split("\n", 1)[0].rstrip("\r")
    if not sys.stdin.isatty():
        raise BadInput("a password is asked for on a terminal alone; say --password-file or --code")
    try:
        password, again = getpass("Password: "), getpass("The same once more: ")
    except EOFError:
        raise BadInput("no password was typed") from None
    if password != again:
        raise BadInput("the two passwords are not the same")
    return password
