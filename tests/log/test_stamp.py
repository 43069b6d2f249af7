"""Time stamps, by an authority of our own: `openssl ts` behind a small server."""

import shutil
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from rfc3161_client import decode_timestamp_response

from assent.clock import now
from assent.errors import BadProof, CouldNot, NotProved
from assent.log.note import format_note, parse_note
from assent.log.stamp import MOST_BYTES, check_stamp, parse_roots, request, stamp
from tests.log.authority import Authority
from tests.log.made import every_flip, outcome
from tests.log.toy_log import STRANGER, ToyLog
from tests.web.served import a_free_port, always, answering, says

pytestmark = pytest.mark.skipif(  # it is openssl that stamps here: nobody else to ask
    shutil.which("openssl") is None, reason="openssl, which stamps here, is not installed"
)

LOG = ToyLog(9)
NOTE = LOG.note(5)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "ours")


@pytest.fixture(scope="module")
def token(authority: Authority) -> bytes:
    return authority.reply(request(NOTE))


def refused(note: bytes, token: bytes, *roots: x509.Certificate) -> str:
    with pytest.raises(NotProved) as caught:
        check_stamp(note, token, roots)
    assert caught.value.facts["reason"] == "bad-stamp"
    return str(caught.value.facts.get("said"))


def test_a_stamp_says_when_a_checkpoint_was_there(authority: Authority) -> None:
    before = now().replace(microsecond=0)
    with authority.served() as url:
        token = stamp(NOTE, url)
    at = check_stamp(NOTE, token, [authority.root, authority.root])
    assert before <= at <= now()
    assert at.tzinfo is not None


def test_a_stamp_holds_whoever_signed_since_and_for_nothing_else(
    authority: Authority, token: bytes
) -> None:
    more = format_note(parse_note(NOTE).plus(STRANGER.sign(b"x\n")))
    assert check_stamp(more, token, [authority.root]) == check_stamp(NOTE, token, [authority.root])
    for size in (4, 6):
        assert "Mismatch" in refused(LOG.note(size), token, authority.root)
    assert "Mismatch" in refused(ToyLog(9, fork_at=2).note(5), token, authority.root)


def test_a_signer_whom_one_does_not_trust_is_refused(
    authority: Authority, token: bytes, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "stranger")
    refused(NOTE, token, stranger.root)
    refused(NOTE, stranger.reply(request(NOTE)), authority.root)
    refused(NOTE, token)
    # both roots have one name, as the old and the new one of an authority may have
    for roots in ([stranger.root, authority.root], [authority.root, stranger.root]):
        assert check_stamp(NOTE, token, roots) == check_stamp(NOTE, token, [authority.root])


@pytest.mark.parametrize("days", [(-9, -1), (1, 9)])
def test_a_signer_who_was_not_valid_at_that_time_is_refused(
    days: tuple[int, int], tmp_path: Path
) -> None:
    first, last = (now() + timedelta(days=day) for day in days)
    expired = Authority(tmp_path / "expired", valid=(first, last))
    refused(NOTE, expired.reply(request(NOTE)), expired.root)


def test_an_authority_that_is_dead_refuses_or_answers_something_else(
    authority: Authority,
) -> None:
    with pytest.raises(CouldNot, match="did not answer"):
        stamp(NOTE, f"http://127.0.0.1:{a_free_port()}", 0.5)
    with answering(always(says(b"", status=500))) as url, pytest.raises(CouldNot):
        stamp(NOTE, url)
    with answering(always(says(b"rubbish"))) as url, pytest.raises(NotProved, match="not written"):
        stamp(NOTE, url)
    other = authority.reply(request(NOTE))
    with answering(always(says(other))) as url, pytest.raises(NotProved, match="something else"):
        stamp(NOTE, url)
    with authority.served(weak) as url, pytest.raises(CouldNot, match="refused"):
        stamp(NOTE, url)


def weak(query: bytes) -> bytes:
    """The same query with a digest, by its name, that our authority does not take."""
    return query.replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040202"))


@given(token=st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_refused_in_one_way(token: bytes, authority: Authority) -> None:
    refused(NOTE, token, authority.root)


def test_every_changed_byte_is_refused_in_one_way_or_changes_nothing(
    authority: Authority, token: bytes
) -> None:
    at = check_stamp(NOTE, token, [authority.root])
    for number, flipped in enumerate(every_flip(token)):
        if number % 5 == 0:
            found = outcome(partial(check_stamp, NOTE, flipped, [authority.root]))
            if found == "ok":  # what is changed is not signed, such as a name in the envelope
                assert check_stamp(NOTE, flipped, [authority.root]) == at
            else:
                assert found == "bad-stamp"
    for end in range(0, len(token), 7):
        refused(NOTE, token[:end], authority.root)
    refused(NOTE, token + b"\x00" * MOST_BYTES, authority.root)


def test_a_request_carries_the_digest_and_another_number_each_time() -> None:
    one, other = request(NOTE), request(NOTE)
    assert one != other
    with pytest.raises(BadProof):
        request(b"no checkpoint")


def test_roots_are_read_from_a_file(authority: Authority) -> None:
    pem = authority.root.public_bytes(Encoding.PEM)
    assert parse_roots(pem * 2) == (authority.root, authority.root)
    for wrong in (b"", b"rubbish", pem[:-40]):
        with pytest.raises(BadProof):
            parse_roots(wrong)


def test_the_time_is_that_of_the_token(authority: Authority, token: bytes) -> None:
    at = decode_timestamp_response(token).tst_info.gen_time
    assert check_stamp(NOTE, token, [authority.root]) == at.astimezone(UTC)
