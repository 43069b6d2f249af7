"""Passkeys, with a device in software: what is let in, and every way in which an answer may lie."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.errors import AssentError, BadInput, NotAllowed, Unknown
from assent.signin.ceremony import Asker, add, start_adding, start_proof, verified
from assent.signin.members import Member, join
from assent.signin.passkeys import Passkey, passkeys_of, remove, rename
from assent.signin.roles import shut
from tests.houses import Clock
from tests.signin.authenticator import PRESENT, Device, raw, text

HERE = Asker(url="http://testserver")


@pytest.fixture
def wren(house: House) -> Member:
    return join(house, "Wren", Role.ARTIST, None)


def with_passkey(house: House, member: Member, device: Device, label: str = "my phone") -> Passkey:
    return add(house, HERE, member.account, device.create(start_adding(house, HERE, member)), label)


def keys_of(house: House, member: Member) -> list[Passkey]:
    with house.reading() as connection:
        return passkeys_of(connection, member.account)


def test_a_device_that_was_added_signs_in_again_and_again(either_house: House) -> None:
    wren, device = join(either_house, "Wren", Role.ARTIST, None), Device()
    key = with_passkey(either_house, wren, device)
    assert [(it.label, it.used) for it in keys_of(either_house, wren)] == [("my phone", None)]
    for _ in range(3):
        assert verified(either_house, HERE, device.get(start_proof(either_house, HERE))) == wren
    [now] = keys_of(either_house, wren)
    assert now.id == key.id
    assert now.used is not None


def test_what_is_asked_binds_to_this_site_and_to_a_checked_person(
    house: House, wren: Member
) -> None:
    asked = start_adding(house, HERE, wren)
    assert asked["rp"] == {"id": "testserver", "name": "Assent"}
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["excludeCredentials"] == []
    key = with_passkey(house, wren, Device())
    again = start_adding(house, HERE, wren)
    assert [it["id"] for it in again["excludeCredentials"]] == [key.id]
    proof = start_proof(house, HERE)
    assert (proof["rpId"], proof["userVerification"]) == ("testserver", "required")
    assert not proof.get("allowCredentials")  # nobody learns which passkeys there are
    assert len({start_proof(house, HERE)["challenge"] for _ in range(5)}) == 5


@pytest.mark.parametrize("url", ["http://127.0.0.1:8642", "https://[::1]", "http://192.0.2.7"])
def test_a_site_without_a_name_says_why_it_has_no_passkeys(
    house: House, wren: Member, url: str
) -> None:
    there = Asker(url=url)
    with pytest.raises(NotAllowed, match="such as localhost, not a number"):
        start_proof(house, there)
    with pytest.raises(NotAllowed, match="such as localhost, not a number"):
        start_adding(house, there, wren)


def test_an_answer_is_taken_once(house: House, wren: Member) -> None:
    device = Device()
    made = device.create(start_adding(house, HERE, wren))
    add(house, HERE, wren.account, made, "")
    with pytest.raises(NotAllowed, match="answered before"):
        add(house, HERE, wren.account, made, "")
    shown = device.get(start_proof(house, HERE))
    verified(house, HERE, shown)
    with pytest.raises(NotAllowed, match="answered before"):
        verified(house, HERE, shown)


def test_an_answer_of_another_day_is_too_late(house: House, wren: Member, clock: Clock) -> None:
    device = Device()
    made = device.create(start_adding(house, HERE, wren))
    clock.turn(minutes=5)
    with pytest.raises(NotAllowed, match="too long"):
        add(house, HERE, wren.account, made, "")
    with_passkey(house, wren, device := Device())
    shown = device.get(start_proof(house, HERE))
    clock.turn(minutes=5)
    with pytest.raises(NotAllowed, match="too long"):
        verified(house, HERE, shown)


def test_a_question_to_add_is_no_question_to_prove_and_nobody_elses(
    house: House, wren: Member
) -> None:
    bo, device = join(house, "Bo", Role.LISTENER, None), Device()
    with_passkey(house, wren, device)
    with pytest.raises(NotAllowed):
        verified(house, HERE, device.get(start_adding(house, HERE, wren)))
    with pytest.raises(NotAllowed, match="somebody else"):
        add(house, HERE, bo.account, Device().create(start_adding(house, HERE, wren)), "")
    assert keys_of(house, bo) == []


@pytest.mark.parametrize(
    "liar",
    [
        Device(origin="http://testserver.evil.example"),
        Device(origin="https://testserver"),
        Device(host="evil.example"),
        Device(flags=PRESENT),  # nobody checked who it was
        Device(flags=0),
    ],
)
def test_a_device_that_was_somewhere_else_or_did_not_look_is_refused(
    house: House, wren: Member, liar: Device
) -> None:
    with pytest.raises(NotAllowed, match="does not hold"):
        with_passkey(house, wren, Device(liar.origin, liar.host, liar.flags))
    honest = Device()
    with_passkey(house, wren, honest)
    shown = Device(liar.origin, liar.host, liar.flags, honest.keys).get(start_proof(house, HERE))
    with pytest.raises(NotAllowed, match="does not hold"):
        verified(house, HERE, shown)


def test_another_key_or_a_changed_answer_proves_nothing(house: House, wren: Member) -> None:
    device, other = Device(), Device()
    with_passkey(house, wren, device)
    other.create(start_adding(house, HERE, wren))
    [mine], [theirs] = device.keys.values(), other.keys.values()
    mine.private, kept = theirs.private, mine.private
    with pytest.raises(NotAllowed, match="does not hold"):
        verified(house, HERE, device.get(start_proof(house, HERE)))
    mine.private = kept
    shown = json.loads(device.get(start_proof(house, HERE)))
    data = bytearray(raw(shown["response"]["authenticatorData"]))
    data[-1] ^= 1
    shown["response"]["authenticatorData"] = text(bytes(data))
    with pytest.raises(NotAllowed, match="does not hold"):
        verified(house, HERE, json.dumps(shown))


def test_a_copied_device_is_found_out_by_its_counter(house: House, wren: Member) -> None:
    device = Device()
    with_passkey(house, wren, device)
    [key] = device.keys.values()
    for _ in range(3):
        verified(house, HERE, device.get(start_proof(house, HERE)))
    key.signs = 1  # as it was when it was copied
    with pytest.raises(NotAllowed, match="does not hold"):
        verified(house, HERE, device.get(start_proof(house, HERE)))
    key.signs = 3
    assert verified(house, HERE, device.get(start_proof(house, HERE))) == wren


def test_of_two_answers_with_one_counter_one_is_let_in(house: House, wren: Member) -> None:
    device = Device()
    with_passkey(house, wren, device)
    [key] = device.keys.values()
    shown = []
    for _ in range(6):
        key.signs = 4
        shown.append(device.get(start_proof(house, HERE)))

    def comes_in(answer: str) -> bool:
        try:
            verified(house, HERE, answer)
        except NotAllowed:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(comes_in, shown)) == 1


def test_whom_nobody_knows_and_who_is_shut_stays_out(house: House, wren: Member) -> None:
    stranger = Device()
    stranger.create(start_adding(house, HERE, wren))
    with pytest.raises(Unknown):
        verified(house, HERE, stranger.get(start_proof(house, HERE)))
    device = Device()
    with_passkey(house, wren, device)
    [key] = device.keys.values()
    key.handle = b"a999"
    with pytest.raises(Unknown):
        verified(house, HERE, device.get(start_proof(house, HERE)))
    key.handle = wren.account.encode()
    shut(house, wren.account, "Kim")
    with pytest.raises(Unknown):
        verified(house, HERE, device.get(start_proof(house, HERE)))


def test_passkeys_are_named_and_removed_by_their_owner_alone(either_house: House) -> None:
    house = either_house
    wren, bo = (join(house, name, Role.LISTENER, None) for name in ("Wren", "Bo"))
    device = Device()
    first = with_passkey(house, wren, device, " the  phone ")
    assert first.label == "the phone"
    assert with_passkey(house, wren, Device(), "").label == "A passkey"
    for theirs, label in ((bo.account, "mine"), (wren.account, "x" * 101), (wren.account, "a\0")):
        with pytest.raises(AssentError):
            rename(house, theirs, first.id, label)
    rename(house, wren.account, first.id, "old phone")
    assert {key.label for key in keys_of(house, wren)} == {"old phone", "A passkey"}
    with pytest.raises(Unknown):
        remove(house, bo.account, first.id)
    remove(house, wren.account, first.id)
    with pytest.raises(Unknown):
        verified(house, HERE, device.get(start_proof(house, HERE)))
    [last] = keys_of(house, wren)
    with pytest.raises(NotAllowed, match="your only way"):
        remove(house, wren.account, last.id)


def test_a_passkey_is_added_once(house: House, wren: Member) -> None:
    device = Device()
    with_passkey(house, wren, device)
    again = json.loads(Device().create(start_adding(house, HERE, wren)))
    made = json.loads(device.create(start_adding(house, HERE, wren)))
    made["response"]["clientDataJSON"] = again["response"]["clientDataJSON"]
    [known] = keys_of(house, wren)
    object_ = made["response"]["attestationObject"]
    # the id of a passkey that is known, with another key: what a forger would bring
    other = text(list(device.keys)[1])
    assert known.id != other
    forged = text(raw(object_).replace(raw(other), raw(known.id)))
    made |= {"id": known.id, "rawId": known.id}
    made["response"]["attestationObject"] = forged
    with pytest.raises(BadInput, match="here already"):
        add(house, HERE, wren.account, json.dumps(made), "")


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_for_an_answer_it_is_one_sentence(
    house: House, data: st.DataObject
) -> None:
    device = Device()
    device.keys.clear()
    asked = {"challenge": "AAAA", "user": {"id": "AAAA"}}
    made = json.loads(device.create(asked))
    shown = json.loads(device.get(asked))
    for answer in (made, shown):
        part = data.draw(st.sampled_from([answer, answer["response"]]))
        part[data.draw(st.sampled_from(sorted(part)))] = data.draw(_JSON)
        with pytest.raises(AssentError):
            verified(house, HERE, json.dumps(answer))
        with pytest.raises(AssentError):
            add(house, HERE, "a1", json.dumps(answer), "")
    for nonsense in ("", "{", "null", "[]", "x" * 40_000, data.draw(st.text(max_size=30))):
        with pytest.raises(AssentError):
            verified(house, HERE, nonsense)
