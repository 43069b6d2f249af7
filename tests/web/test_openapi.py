"""The API as it is described, against the API as it is: whatever is sent, it says what it said.

Schemathesis draws requests from the description; no answer is a bug of ours, and each is of a kind
that the description names, with the model that it names.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from assent.signin import tokens
from assent.signin.scopes import Scope
from assent.web.app import routes
from assent.web.face import STAFF
from tests.browser.world import OWNER, ROLES, World, world_in

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
WHO = ("owner", "operator")
READS_JSON = {"Accept": "application/json"}  # so spelt, for the client has its own "accept"
FEW, MANY = 1, 60
"""Requests drawn for each call and each who asks; with more of them this alone took ten minutes."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("world") / "platform") as opened:
        yield opened


def bearer(world: World, role: str) -> dict[str, str]:
    """Return what is sent along by somebody's program that may do all a token can."""
    if not ROLES[role]:
        return {**READS_JSON}
    member = world.logins[ROLES[role]].member
    scopes = frozenset(Scope) if member.role in STAFF else frozenset(Scope) - {Scope.STAFF}
    _, secret = tokens.make(world.house, member.account, "fuzz", scopes, None)
    return {**READS_JSON, "authorization": f"Bearer {secret}"}


def described(world: World) -> Any:  # a schema of schemathesis
    return schemathesis.openapi.from_asgi("/openapi.json", world.app)


def operations(world: World) -> list[Any]:
    return [found.ok() for found in described(world).get_all_operations()]


def test_everything_that_pages_do_is_described(world: World) -> None:
    there = {
        (method.upper(), path)
        for path, methods in described(world).raw_schema["paths"].items()
        for method in methods
    }
    for route in routes():
        if route.kind in {"twin", "api"}:
            for method in route.methods:
                assert (method, route.path) in there
    called = {op.definition.raw["operationId"] for op in operations(world)}
    assert len(called) == len(operations(world))
    for op in operations(world):
        assert op.definition.raw["summary"], op.label
        assert "For: " in op.definition.raw["description"], op.label


def real(world: World, path: str, given: Any) -> Any:
    """Return parameters with the name of something that is there in place of a drawn one."""
    if not isinstance(given, dict):
        return given
    return {
        name: world.things.get(f"{path} {name}", world.things.get(name, value))
        for name, value in given.items()
    }


def draw(world: World, operation: Any, headers: dict[str, str], most: int) -> None:
    """Draw requests for one call; half of them are about things that are there."""

    @settings(
        max_examples=most,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=operation.as_strategy(), is_real=st.booleans())
    def tried(case: Any, *, is_real: bool) -> None:
        if is_real:
            case.path_parameters = real(world, operation.path, case.path_parameters)
            case.body = real(world, operation.path, case.body)
        case.call_and_validate(headers=headers, checks=CHECKS)

    tried()


def drawn(world: World, role: str, most: int) -> list[str]:
    """Draw requests for every call; return what was answered otherwise than described."""
    wrong = []
    headers = bearer(world, role)  # one for all calls: nobody may have more than fifty
    for operation in operations(world):
        try:
            draw(world, operation, headers, most)
        except (Exception, FailureGroup) as error:  # noqa: BLE001  # each call is tried, whatever one of them did
            wrong.append(f"{operation.label} as {role}: {error!r:.1500}")
    return wrong


@pytest.mark.parametrize("role", WHO)
def test_no_call_breaks_and_each_answers_as_described(role: str, world: World) -> None:
    wrong = drawn(world, role, FEW)
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_no_call_breaks_however_long_one_tries(role: str, tmp_path: Path) -> None:
    with world_in(tmp_path / "platform") as fresh:
        wrong = drawn(fresh, role, MANY)
    assert not wrong, "\n\n".join(wrong)


# what nobody can read is told as that, and never as a bug
@given(body=st.binary(max_size=200))
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_bytes_that_are_no_json_are_refused_by_every_call(body: bytes, world: World) -> None:
    client = world.client(OWNER)
    for route in routes():
        if route.kind == "api":
            answer = client.post(
                world.path(route.path), content=body, headers={"content-type": "application/json"}
            )
            assert 400 <= answer.status_code < 500, (route.path, body)
            said = answer.json()
            assert said["ok"] is False
            assert said["status"] == answer.status_code
