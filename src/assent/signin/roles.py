"""What the staff does to members: another role, a sign-in that is shut, and opened again.

Each is an event that says who, what and why. There is always an operator.
"""

from sqlalchemy import Connection, func, select, update

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.catalogue.site_tables import api_tokens, members, sessions
from assent.clock import format_instant
from assent.errors import BadInput, NotAllowed
from assent.signin.members import Member, give_role, known_in, record_staff_act

__all__ = ["reopen", "set_role", "shut"]


def set_role(house: House, account: str, role: Role, by: str, cause: str = "") -> Member:
    """Give a member another role; an act of staff.

    Args:
        house: The platform.
        account: The id of the member's account.
        role: Any role but nobody.
        by: The operator.
        cause: Why, in a few words.

    Raises:
        BadInput: The role is nobody.
        NotAllowed: They are the last operator.
        Unknown: There is no such member.
    """
    if role is Role.NOBODY:
        raise BadInput("a member has a role; shut the sign-in instead")
    with house.act(by) as act:
        member = known_in(act.connection, account)
        if role is not Role.OPERATOR:
            _keep_an_operator(act.connection, member)
        record_staff_act(act, "role", account, role.value, cause)
        return give_role(act.connection, member, role)


def shut(house: House, account: str, by: str, cause: str = "") -> Member:
    """Shut a sign-in, and end its sessions and tokens; an act of staff.

    What the member said of their recordings stays as it is.

    Args:
        house: The platform.
        account: The id of the member's account.
        by: The operator.
        cause: Why, in a few words.

    Raises:
        NotAllowed: They are the last operator.
        Unknown: There is no such member.
    """
    with house.act(by) as act:
        member = known_in(act.connection, account)
        _keep_an_operator(act.connection, member)
        record_staff_act(act, "shut", account, cause=cause)
        act.connection.execute(
            update(members)
            .where(members.c.account == account, members.c.shut.is_(None))
            .values(shut=format_instant(act.at))
        )
        for table in (sessions, api_tokens):
            act.connection.execute(table.delete().where(table.c.account == account))
        return Member(account=account, name=member.name, role=member.role, shut=True)


def reopen(house: House, account: str, by: str, cause: str = "") -> Member:
    """Open a sign-in again that was shut; an act of staff. Raises as `shut` does."""
    with house.act(by) as act:
        member = known_in(act.connection, account)
        record_staff_act(act, "reopen", account, cause=cause)
        row = update(members).where(members.c.account == account)
        act.connection.execute(row.values(shut=None))
        return Member(account=account, name=member.name, role=member.role)


def _keep_an_operator(connection: Connection, member: Member) -> None:
    if member.role is not Role.OPERATOR or member.shut:
        return
    others = select(func.count()).where(
        members.c.role == Role.OPERATOR.value,
        members.c.shut.is_(None),
        members.c.account != member.account,
    )
    if not connection.execute(others).scalar_one():
        raise NotAllowed(f"{member.name} is the last operator; make another one first")
