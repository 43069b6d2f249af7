"""Writes the table of roles by route as the site answers now: a draft, to be read line by line.

    python -m tests.browser.role_table > tests/web/roles_by_route.txt

Whether each line is as it should be nobody but a reader can say; the test only keeps it so.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from assent.web.face import Route
from tests.browser.sending import Asker
from tests.browser.world import ROLES, World, world_in
from tests.web.test_routes import asked, key, mark_of, marks

_HEAD = """\
# Who may use which route: + is answered, - is refused (sign in first, 403, or 404 where it is not
# even to be known). "owner" is whose things stand in the braces, "other" is another artist. Forms
# are sent empty, so + may be an answer that says what is missing. tests/browser/role_table.py
# drafts it.
"""


def may(route: Route, role: str) -> bool:
    """Say whether a role is one of those that a route is for."""
    if route.who is None:
        return True
    roles = {it.value for it in route.who}
    return role != "anonymous" and ("artist" if role in {"owner", "other"} else role) in roles


def drafted(world: World) -> Mapping[str, Mapping[str, str]]:
    """Return what each role is answered by each route."""
    found: dict[str, dict[str, str]] = {key(*it): {} for it in asked()}
    for role in ROLES:
        asker = Asker(world, ROLES[role])
        for route, method in asked():
            if method == "GET":
                found[key(route, method)][role] = mark_of(asker.ask(route, method))
    # what a route is for is where one begins; what is about others' things comes out as refused
    guessed = {
        key(*it): {role: "+" if may(it[0], role) else "-" for role in ROLES} for it in asked()
    }
    for role in ROLES:
        world.set_back()
        for row, mark in marks(world, role, guessed):
            found[row][role] = mark
    return found


def main() -> None:
    """Write it."""
    with TemporaryDirectory() as folder, world_in(Path(folder) / "platform") as world:
        found = drafted(world)
    names = sorted(found, key=lambda row: (row.split()[1].removeprefix("/api"), row))
    wide = max(map(len, names)) + 2
    sys.stdout.write(f"{_HEAD}{'method path'.ljust(wide)}{' '.join(ROLES)}\n")
    for name in names:
        cells = " ".join(found[name].get(role, "?").ljust(len(role)) for role in ROLES)
        sys.stdout.write(f"{name.ljust(wide)}{cells.rstrip()}\n")


if __name__ == "__main__":
    main()
