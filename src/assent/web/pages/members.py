"""The members, for the operator: who is here, who may do what, and ways in for who has none."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, Field

from assent.acts.accounts import Role
from assent.signin import codes, members, roles
from assent.signin.scopes import Scope
from assent.web.entrance import check_confirmed, confirmed, reveal, revealed
from assent.web.face import OPERATORS, Done, Face
from assent.web.joining import Name
from assent.web.proof import Proof, proof_of
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("members")

_READERS = frozenset({Role.OPERATOR, Role.AUDITOR})
_AT_ONCE = 50
_HERE = "/operator/members"
_Cause = Annotated[str, Field(max_length=500)]


class MemberShown(View):
    """A member.

    Args:
        account: The id of their account.
        name: How they are called.
        role: What they may do.
        shut: Whether they are kept out.
    """

    account: str
    name: str
    role: Role
    shut: bool


class CodeShown(View):
    """A one-time code, shown once.

    Args:
        name: For whom it is.
        code: The code.
        address: Where it is typed.
        days: For how many days it is good.
    """

    name: str
    code: str
    address: str
    days: int


class MembersView(View):
    """Who can sign in.

    Args:
        q: How the names shown begin; empty for all.
        members: Those, in the order of their names.
        next: The page with those that follow; empty if there are none.
        roles: The roles that there are.
        code: The code that was just made; else none.
        may_change: Whether who looks may change anything.
        proof: Whether, and how, they show that it is them.
    """

    q: str
    members: list[MemberShown]
    next: str
    roles: list[Role]
    code: CodeShown | None
    may_change: bool
    proof: Proof


_Asked = Annotated[str, Query(max_length=200)]


@face.page(_HERE, template="account/members.html", who=_READERS, scope=Scope.STAFF)
def members_page(visit: Visit, q: _Asked = "", after: _Asked = "", new: _Asked = "") -> MembersView:
    """Show who can sign in, by how their names begin."""
    found = members.members_like(visit.db, q, after, _AT_ONCE + 1)
    more = len(found) > _AT_ONCE
    found = found[:_AT_ONCE]
    there = urlencode({"q": q, "after": found[-1].name}) if more else ""
    return MembersView(
        q=q,
        members=[
            MemberShown(account=it.account, name=it.name, role=it.role, shut=it.shut)
            for it in found
        ],
        next=f"{_HERE}?{there}" if there else "",
        roles=[role for role in Role if role is not Role.NOBODY],
        code=_code(visit, new),
        may_change=visit.me.role is Role.OPERATOR,
        proof=proof_of(visit, confirmed=confirmed(visit)),
    )


def _code(visit: Visit, new: str) -> CodeShown | None:
    made = revealed(visit, new)
    if "seed" not in made:
        return None
    return CodeShown(
        name=made["name"],
        code=codes.code_of(visit.site.house, made["seed"]),
        address=visit.address("/sign-in/code"),
        days=codes.GOOD_FOR.days,
    )


class CodeMade(Done):
    """A one-time code that was made.

    Args:
        code: The code, told only here.
    """

    code: str


class Inviting(BaseModel):
    """Whom to let in.

    Args:
        name: How they, or their account that is here already, are called.
        role: What they may do.
    """

    name: Name
    role: Role


@face.act("/operator/members/invite", who=OPERATORS, scope=None, shows=members_page)
def invite(visit: Visit, said: Inviting) -> CodeMade:
    """Give somebody a way in: a member, and a one-time code to hand over."""
    check_confirmed(visit)
    member = members.invite(visit.site.house, said.name, said.role, visit.by)
    return _made(visit, member)


class About(BaseModel):
    """Which member.

    Args:
        account: The id of their account.
    """

    account: Annotated[str, Field(max_length=100)]


@face.act("/operator/members/code", who=OPERATORS, scope=None, shows=members_page)
def code(visit: Visit, said: About) -> CodeMade:
    """Make a one-time code for a member who cannot come in any more."""
    check_confirmed(visit)
    return _made(visit, members.known(visit.site.house, said.account))


def _made(visit: Visit, member: members.Member) -> CodeMade:
    house = visit.site.house
    seed = codes.make(house, member.account, visit.by)
    new = reveal(visit, {"seed": seed, "name": member.name})
    there = f"{_HERE}?{urlencode({'q': member.name, 'new': new})}"
    said = f"There is a code for {member.name}."
    return CodeMade(said=said, next=there, code=codes.code_of(house, seed))


class GivingRole(About):
    """Which member is to have which role.

    Args:
        role: The role.
        cause: Why, in a few words.
    """

    role: Role
    cause: _Cause = ""


@face.act("/operator/members/role", who=OPERATORS, scope=None, shows=members_page)
def role(visit: Visit, said: GivingRole) -> Done:
    """Give a member another role."""
    check_confirmed(visit)
    house = visit.site.house
    member = roles.set_role(house, said.account, said.role, visit.by, said.cause)
    return _done(f"{member.name} has the role {member.role.value}.", member)


class Shutting(About):
    """Which member is to be kept out, or let in again.

    Args:
        cause: Why, in a few words.
    """

    cause: _Cause = ""


@face.act("/operator/members/shut", who=OPERATORS, scope=Scope.STAFF, shows=members_page)
def shut(visit: Visit, said: Shutting) -> Done:
    """Keep a member out: no sign-in, no session, no token, until they are let in again."""
    member = roles.shut(visit.site.house, said.account, visit.by, said.cause)
    return _done(f"{member.name} is kept out.", member)


@face.act("/operator/members/reopen", who=OPERATORS, scope=Scope.STAFF, shows=members_page)
def reopen(visit: Visit, said: Shutting) -> Done:
    """Let a member in again who was kept out."""
    member = roles.reopen(visit.site.house, said.account, visit.by, said.cause)
    return _done(f"{member.name} can sign in again.", member)


def _done(said: str, member: members.Member) -> Done:
    return Done(said=said, next=f"{_HERE}?{urlencode({'q': member.name})}")
