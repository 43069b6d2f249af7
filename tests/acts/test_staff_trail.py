"""Who of the staff did what: told from events, without what machines and holders did."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.acts.accounts import Role
from assent.acts.copies import Found, Suspicion, suspect
from assent.acts.hold import hold, release
from assent.acts.house import House
from assent.acts.programs import approve, propose, suspend
from assent.acts.say import About, refuse
from assent.acts.staff_trail import KINDS, Trace, staff_trail, trace_of
from assent.signin.members import invite, join
from assent.signin.roles import set_role
from tests.houses import RIVAL, add, platform, program_toml

PASSWORD = "a long enough pass phrase"


def test_what_staff_did_is_told_with_role_and_cause(either_house: House, tmp_path: Path) -> None:
    house = either_house
    rhea = invite(house, "Rhea", Role.REVIEWER, "setup")
    set_role(house, rhea.account, Role.OPERATOR, "setup", "more to do")
    recording = add(house, tmp_path, "Wren")
    placed = hold(house, recording, RIVAL, "a dispute", "Rhea")
    release(house, placed.number, "Rhea", "it was settled")
    propose(house, program_toml("tagger"), "Kim")
    approve(house, "tagger", "Rhea")
    suspend(house, "tagger", "Rhea", "a complaint")
    with house.reading() as connection:
        trail = staff_trail(connection, 50)
    told = [(it.by, it.role, it.kind, it.about, it.cause) for it in trail]
    assert told[:5] == [
        ("Rhea", "operator", "program.suspend", "tagger", "a complaint"),
        ("Rhea", "operator", "program.approve", "tagger", ""),
        ("Kim", "", "program.propose", "tagger", ""),
        ("Rhea", "operator", "hold.lift", recording, "it was settled"),
        ("Rhea", "operator", "hold", recording, "a dispute"),
    ]
    assert (
        trail[5].words == "changed a role to operator"
    )  # the name stands behind it: a colon, and who
    assert trail[5].about == "Rhea"


def test_what_a_machine_or_a_holder_did_is_no_act_of_staff(house: House, tmp_path: Path) -> None:
    join(house, "Wren", Role.ARTIST, PASSWORD)
    own = add(house, tmp_path, "Wren")
    others = [add(house, tmp_path, name) for name in ("Ada Quill", "Mara Fen")]
    refuse(house, About(holder="Wren", recording=own), RIVAL)
    # made of two others, it is on hold by itself
    with house.act("Wren") as act:
        suspect(act, own, [Suspicion(original=it, found=Found.PERSON) for it in others])
    hold(house, own, RIVAL, "nobody shall have it", "Wren")
    with house.reading() as connection:
        trail = staff_trail(connection, 50)
        assert {it.by for it in trail} == {"house"}
        assert trace_of(connection, 10_000) is None


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(st.sampled_from(["Rhea", "Odd", "propose", "say"]), min_size=1, max_size=25),
    size=st.integers(1, 7),
)
def test_paging_tells_every_act_once_and_in_order(
    steps: list[str], size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("trail")
    with platform(folder / "data") as house:
        recording = add(house, folder, "Wren")
        for number, step in enumerate(steps):
            if step == "propose":
                propose(house, program_toml(f"program-{number}"), "Rhea")
            elif step == "say":
                refuse(house, About(holder="Wren", recording=recording), RIVAL)
            else:
                hold(house, recording, RIVAL, f"cause {number}", step)
        with house.reading() as connection:
            for by in ("", "rhea"):
                whole = staff_trail(connection, 1_000, by=by)
                paged: list[Trace] = []
                before: int | None = None
                while page := staff_trail(connection, size, before=before, by=by):
                    paged += page
                    before = page[-1].event
                assert paged == whole
                assert {it.kind for it in whole} <= set(KINDS)
