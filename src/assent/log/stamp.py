"""Time stamps by somebody else (RFC 3161): this checkpoint was there at that time.

What is stamped are the three lines of a checkpoint, not the signatures under it: more cosignatures
may come, and the stamp still holds. A stamp says nothing about who else saw the checkpoint; that is
what witnesses are for.

Source: RFC 3161, sections 2.4 and 3.4; RFC 5816.
"""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Final

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    Verifier,
    VerifierBuilder,
    decode_timestamp_response,
)

from assent.errors import BadProof, CouldNot, NotProved
from assent.log.ask import Asker
from assent.log.checkpoint import format_body, parse_signed

__all__ = ["MOST_BYTES", "MOST_ROOTS_BYTES", "check_stamp", "parse_roots", "request", "stamp"]

MOST_BYTES: Final = 1 << 16
"""Room for a token with a chain of certificates."""

MOST_ROOTS_BYTES: Final = 1 << 20
"""Room for all certificates that a system trusts."""

_QUERY: Final = "application/timestamp-query"


def _text(checkpoint: bytes) -> bytes:
    return format_body(parse_signed(checkpoint)[0])


def _bad(why: str, **facts: object) -> NotProved:
    return NotProved(f"the time stamp does not hold: {why}", reason="bad-stamp", **facts)


def parse_roots(pem: bytes) -> tuple[Certificate, ...]:
    """Return the certificates in a file, which whoever checks trusts.

    Raises:
        BadProof: There are none, or something else.
    """
    try:
        return tuple(load_pem_x509_certificates(pem))
    except ValueError as error:
        raise BadProof("these are no certificates", reason="malformed") from error


def request(checkpoint: bytes) -> bytes:
    """Return a request for a stamp, with a number drawn by lot that the answer must repeat.

    Args:
        checkpoint: The signed checkpoint.

    Raises:
        BadProof: It is none.
    """
    return _request(checkpoint)[0]


def _request(checkpoint: bytes) -> tuple[bytes, int | None]:
    made = (
        TimestampRequestBuilder()
        .data(_text(checkpoint))
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    return made.as_bytes(), made.nonce


def stamp(checkpoint: bytes, url: str, timeout_s: float = 10.0) -> bytes:
    """Return the answer of a time-stamp authority; that it holds is for `check_stamp` to show.

    Args:
        checkpoint: The signed checkpoint.
        url: The authority.
        timeout_s: How long it may take [seconds].

    Raises:
        BadProof: It is no checkpoint.
        CouldNot: The authority did not answer, or refused.
        NotProved: What it answered belongs to another request (`bad-stamp`).
    """
    body, nonce = _request(checkpoint)
    asker = Asker(timeout_s)
    try:
        reply = asker.post(url, MOST_BYTES, body, _QUERY)
    finally:
        asker.close()
    if reply is None or reply.status != HTTPStatus.OK:
        raise CouldNot("the time-stamp authority did not answer", url=url)
    answer = _parse(reply.body)
    if answer.status != PKIStatus.GRANTED:
        raise CouldNot("the time-stamp authority refused", url=url, status=answer.status)
    if answer.tst_info.nonce != nonce:
        raise _bad("it is the answer to something else")
    return reply.body


def _parse(token: bytes) -> TimeStampResponse:
    if len(token) > MOST_BYTES:
        raise _bad("it is larger than any should be")
    try:
        return decode_timestamp_response(token)
    except ValueError as error:
        raise _bad("it is not written as one") from error


def check_stamp(checkpoint: bytes, token: bytes, roots: Sequence[Certificate]) -> datetime:
    """Return when a checkpoint was stamped [aware datetime].

    The signer's certificate must have been valid then; it may have expired since.

    Args:
        checkpoint: The signed checkpoint.
        token: The authority's answer, as `stamp` gave it.
        roots: Whom to trust.

    Raises:
        BadProof: It is no checkpoint.
        NotProved: The stamp is none, is of something else, or is by none of those whom one trusts
            (`bad-stamp`).
    """
    text = _text(checkpoint)
    answer = _parse(token)
    # together, since one may lead to another, and alone, since of two with one name, as after a
    # change of keys, OpenSSL looks at either
    said = ""
    for trusted in (tuple(roots), *((root,) for root in roots)):
        try:
            _verifier(trusted).verify_message(answer, text)
            return answer.tst_info.gen_time
        except (VerificationError, ValueError) as error:
            said = str(error)
    raise _bad("it is not of this checkpoint, or nobody signed it who is trusted", said=said)


def _verifier(roots: tuple[Certificate, ...]) -> Verifier:
    builder = VerifierBuilder()
    for root in dict.fromkeys(roots):
        builder = builder.add_root_certificate(root)
    return builder.build()
