"""How a passkey is added and shown: a challenge of ours, an answer of a device, and what must hold.

A challenge is good for one answer and five minutes. The device must have checked its person (a
finger, a face, a number), for nothing else is asked. A device whose counter goes back is a copy.

Source: W3C Web Authentication Level 3, sections 7.1 and 7.2.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from assent.acts.house import House
from assent.catalogue.site_tables import passkeys
from assent.clock import format_instant
from assent.errors import BadInput, NotAllowed, Unknown
from assent.signin import challenges
from assent.signin.members import Member, member_of
from assent.signin.passkeys import Passkey, label_of, passkeys_of

__all__ = ["Asker", "add", "start_adding", "start_proof", "verified"]

_GOOD_FOR = timedelta(minutes=5)
_TIMEOUT_MS = 300_000
_MOST_OF_CREDENTIAL = 32_000
_MOST_PASSKEYS = 20
_ADDING, _PROVING = "passkey to add", "passkey to prove"
# what a broken answer of a device makes the library raise beside its own errors
_BROKEN = (
    WebAuthnException,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """The site, as devices know it.

    Args:
        url: Its public address.
        name: How it is called.
    """

    url: str
    name: str = "Assent"

    @property
    def host(self) -> str:
        """The name that passkeys are bound to."""
        return urlsplit(self.url).hostname or ""

    def check_named(self) -> None:
        """Refuse to ask for passkeys where there is no name that they could be bound to.

        Raises:
            NotAllowed: The site is reached by a number.
        """
        with suppress(ValueError):
            ip_address(self.host)
            raise NotAllowed(
                "passkeys need a name in this site's address, such as localhost, not a number"
            )

    @property
    def origin(self) -> str:
        """Where its pages come from."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def start_adding(house: House, asker: Asker, member: Member) -> dict[str, Any]:
    """Return what the browser is to ask a device for a new passkey.

    Args:
        house: The platform.
        asker: The site.
        member: For whom.

    Raises:
        NotAllowed: The site is reached by a number, not by a name.
    """
    asker.check_named()
    with house.reading() as connection:
        known = passkeys_of(connection, member.account)
    options = generate_registration_options(
        rp_id=asker.host,
        rp_name=asker.name,
        user_name=member.name,
        user_id=member.account.encode(),
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.id)) for key in known
        ],
    )
    _keep(house, _ADDING, options.challenge, member.account)
    return _plain(options_to_json(options))


def start_proof(house: House, asker: Asker) -> dict[str, Any]:
    """Return what the browser is to ask any device that knows this site.

    Args:
        house: The platform.
        asker: The site.

    Raises:
        NotAllowed: The site is reached by a number, not by a name.
    """
    asker.check_named()
    options = generate_authentication_options(
        rp_id=asker.host,
        timeout=_TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _keep(house, _PROVING, options.challenge, "")
    return _plain(options_to_json(options))


def add(house: House, asker: Asker, account: str, credential: str, label: str) -> Passkey:
    """Add the passkey that a device has made.

    Args:
        house: The platform.
        asker: The site.
        account: Whose it will be; the one that asked for it.
        credential: What the device answered, as JSON.
        label: What its owner calls it.

    Raises:
        BadInput: The answer, or the label, cannot be used.
        NotAllowed: The answer is to no question of ours, or there are too many passkeys.
    """
    label = label_of(label)
    made = _made(house, asker, account, credential)
    id, at = bytes_to_base64url(made.credential_id), house.clock()  # noqa: A001  # as it is called
    row: dict[str, Any] = {
        "credential": id,
        "account": account,
        "public_key": made.credential_public_key,
    }
    with house.writing() as connection:
        if connection.execute(select(passkeys).where(passkeys.c.credential == id)).first():
            raise BadInput("this passkey is here already")
        count = select(func.count()).where(passkeys.c.account == account)
        if connection.execute(count).scalar_one() >= _MOST_PASSKEYS:
            raise NotAllowed(f"you have {_MOST_PASSKEYS} passkeys; remove one first")
        row |= {"signs": made.sign_count, "label": label, "at": format_instant(at)}
        connection.execute(passkeys.insert().values(row))
    return Passkey(id=id, label=label, at=at, used=None)


def verified(house: House, asker: Asker, credential: str) -> Member:
    """Return whom a device has proved.

    Args:
        house: The platform.
        asker: The site.
        credential: What the device answered, as JSON.

    Raises:
        BadInput: The answer cannot be read.
        NotAllowed: It is to no question of ours, is not signed by the passkey, or its counter went
            back.
        Unknown: The passkey is not known here, or its owner is shut.
    """
    id, challenge, handle = _read_proof(credential)  # noqa: A001  # as it is called
    _take(house, _PROVING, challenge)
    with house.reading() as connection:
        row = connection.execute(select(passkeys).where(passkeys.c.credential == id)).one_or_none()
        member = None if row is None else member_of(connection, row.account)
    if row is None or member is None or handle not in {None, member.account.encode()}:
        raise Unknown("this passkey is not known here; remove it from your device")
    proof = _proof(asker, credential, challenge, row)
    with house.writing() as connection:
        # the counter as it is now: of two answers at once only one may be the next
        unchanged = (passkeys.c.credential == id, passkeys.c.signs == row.signs)
        values = {"signs": proof.new_sign_count, "used": format_instant(house.clock())}
        if connection.execute(update(passkeys).where(*unchanged).values(values)).rowcount != 1:
            raise NotAllowed("this passkey was used or removed at the same moment; try again")
    return member


def _keep(house: House, kind: str, challenge: bytes, account: str) -> None:
    challenges.put(house, kind, bytes_to_base64url(challenge), {"account": account}, _GOOD_FOR)


def _take(house: House, kind: str, challenge: bytes) -> str:
    kept = challenges.take(house, kind, bytes_to_base64url(challenge))
    if kept is None:
        raise NotAllowed("that took too long, or was answered before; try again")
    return kept["account"]


def _made(house: House, asker: Asker, account: str, credential: str) -> VerifiedRegistration:
    try:
        _check_size(credential)
        answer = parse_registration_credential_json(credential)
        challenge = parse_client_data_json(answer.response.client_data_json).challenge
    except _BROKEN as error:
        raise BadInput("what the device answered cannot be read") from error
    if _take(house, _ADDING, challenge) != account:
        raise NotAllowed("this passkey was made for somebody else; try again")
    try:
        return verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=asker.host,
            expected_origin=asker.origin,
            require_user_verification=True,
        )
    except _BROKEN as error:
        raise NotAllowed("what the device answered does not hold; try again") from error


def _read_proof(credential: str) -> tuple[str, bytes, bytes | None]:
    """Return the passkey's id, the challenge and the user handle of an answer."""
    try:
        _check_size(credential)
        answer = parse_authentication_credential_json(credential)
        challenge = parse_client_data_json(answer.response.client_data_json).challenge
    except _BROKEN as error:
        raise BadInput("what the device answered cannot be read") from error
    id = bytes_to_base64url(answer.raw_id)  # noqa: A001  # as it is called
    return id, challenge, answer.response.user_handle or None


def _proof(asker: Asker, credential: str, challenge: bytes, row: Any) -> VerifiedAuthentication:
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=asker.host,
            expected_origin=asker.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.signs,
            require_user_verification=True,
        )
    except _BROKEN as error:
        raise NotAllowed("what the device answered does not hold; try again") from error


def _check_size(credential: str) -> None:
    if len(credential) > _MOST_OF_CREDENTIAL:
        raise ValueError("too long")


def _plain(options: str) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(options)
    return plain
