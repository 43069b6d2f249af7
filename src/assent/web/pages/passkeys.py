"""Passkeys: signing in with one, and one's own."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from assent.errors import NotAllowed
from assent.signin import attempts, ceremony, confirmation, passkeys
from assent.signin.members import Member
from assent.web.entrance import (
    address_of,
    asker_of,
    check_confirmed,
    check_tries,
    confirmed,
    let_in,
    local,
    returned,
)
from assent.web.face import ANYBODY, MEMBERS, Done, Face
from assent.web.pages.account import confirm_page
from assent.web.pages.signing import sign_in_page
from assent.web.proof import Proof, proof_of
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("passkeys")

_Credential = Annotated[str, Field(max_length=32_000)]
_Label = Annotated[str, Field(max_length=200)]
_Id = Annotated[str, Field(max_length=2000)]


class Asked(Done):
    """What the browser is to ask a device.

    Args:
        options: The options of `navigator.credentials`, as JSON has them.
    """

    options: dict[str, Any]


class Answered(BaseModel):
    """What a device answered.

    Args:
        credential: The credential, as JSON.
        next: The page to go on with.
    """

    credential: _Credential
    next: Annotated[str, Field(max_length=2000)] = ""


@face.act("/sign-in/passkey/begin", who=ANYBODY, scope=None, shows=sign_in_page)
def begin_proof(visit: Visit) -> Asked:
    """Ask for a challenge, which any passkey of this site may answer once within five minutes."""
    check_tries(visit, (attempts.PASSKEY_ADDRESS, address_of(visit)))
    options = ceremony.start_proof(visit.site.house, asker_of(visit.site))
    return Asked(said="Your browser asks for a passkey.", next="/sign-in", options=options)


@face.act("/sign-in/passkey", who=ANYBODY, scope=None, shows=sign_in_page)
def sign_in_with_passkey(visit: Visit, said: Answered) -> Done:
    """Sign in with a passkey."""
    member = _verified(visit, said.credential)
    let_in(visit, member, "passkey")
    return Done(said=f"Welcome back, {member.name}.", next=local(said.next))


@face.act("/account/confirm/passkey", who=MEMBERS, scope=None, shows=confirm_page)
def confirm_with_passkey(visit: Visit, said: Answered) -> Done:
    """Show with a passkey that it is you."""
    member = _verified(visit, said.credential)
    if visit.session is None or member.account != visit.me.account:
        raise NotAllowed("that passkey is somebody else's")
    confirmation.confirm(visit.site.house, visit.session)
    return Done(said="Thank you. For ten minutes, go on.", next=local(said.next, "/account"))


def _verified(visit: Visit, credential: str) -> Member:
    by_address = attempts.SIGN_IN_ADDRESS, address_of(visit)
    check_tries(visit, by_address)
    member = ceremony.verified(visit.site.house, asker_of(visit.site), credential)
    returned(visit, by_address, (attempts.PASSKEY_ADDRESS, address_of(visit)))
    return member


class PasskeyShown(View):
    """A passkey.

    Args:
        id: Its id.
        label: What its owner calls it.
        at: When it was added.
        used: When it was last used; none if never.
    """

    id: str
    label: str
    at: datetime
    used: datetime | None


class PasskeysView(View):
    """Somebody's passkeys.

    Args:
        passkeys: All of them, the oldest first.
        proof: Whether, and how, they show that it is them.
    """

    passkeys: list[PasskeyShown]
    proof: Proof


@face.page("/account/passkeys", template="account/passkeys.html", who=MEMBERS, scope=None)
def passkeys_page(visit: Visit) -> PasskeysView:
    """Show your passkeys."""
    keys = passkeys.passkeys_of(visit.db, visit.me.account)
    return PasskeysView(
        passkeys=[
            PasskeyShown(id=key.id, label=key.label, at=key.at, used=key.used) for key in keys
        ],
        proof=proof_of(visit, confirmed=confirmed(visit)),
    )


@face.act("/account/passkeys/begin", who=MEMBERS, scope=None, shows=passkeys_page)
def begin_adding(visit: Visit) -> Asked:
    """Ask for a challenge, which a new passkey of yours may answer once within five minutes."""
    check_confirmed(visit)
    options = ceremony.start_adding(visit.site.house, asker_of(visit.site), visit.me)
    there = "/account/passkeys"
    return Asked(said="Your browser asks for a new passkey.", next=there, options=options)


class Added(BaseModel):
    """A new passkey.

    Args:
        credential: What the device answered, as JSON.
        label: What its owner calls it.
    """

    credential: _Credential
    label: _Label = ""


@face.act("/account/passkeys/add", who=MEMBERS, scope=None, shows=passkeys_page)
def add(visit: Visit, said: Added) -> Done:
    """Add a passkey that a device has made."""
    check_confirmed(visit)
    key = ceremony.add(
        visit.site.house, asker_of(visit.site), visit.me.account, said.credential, said.label
    )
    return Done(said=f"“{key.label}” can sign you in from now on.", next="/account/passkeys")


class Renamed(BaseModel):
    """Another name of a passkey.

    Args:
        passkey: Its id.
        label: What its owner calls it.
    """

    passkey: _Id
    label: _Label


@face.act("/account/passkeys/rename", who=MEMBERS, scope=None, shows=passkeys_page)
def rename(visit: Visit, said: Renamed) -> Done:
    """Call a passkey of yours by another name."""
    check_confirmed(visit)
    passkeys.rename(visit.site.house, visit.me.account, said.passkey, said.label)
    return Done(said="It is called so from now on.", next="/account/passkeys")


class Removed(BaseModel):
    """A passkey to be removed.

    Args:
        passkey: Its id.
    """

    passkey: _Id


@face.act("/account/passkeys/remove", who=MEMBERS, scope=None, shows=passkeys_page)
def remove(visit: Visit, said: Removed) -> Done:
    """Remove a passkey of yours."""
    check_confirmed(visit)
    passkeys.remove(visit.site.house, visit.me.account, said.passkey)
    return Done(
        said="It can sign you in no longer. Your device may still show it; remove it there too.",
        next="/account/passkeys",
    )
