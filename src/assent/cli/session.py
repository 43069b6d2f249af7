"""A command's visit to the platform: opened, brought up to date, and let go whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assent.errors import BadInput
from assent.settings import Settings

if TYPE_CHECKING:
    from assent.acts.house import House

__all__ = ["opened", "person", "settings_of"]


def settings_of(ctx: typer.Context) -> Settings:
    """Return the settings of this run; `--data` beats the environment."""
    data = ctx.find_root().obj
    return Settings.read(data if isinstance(data, Path) else None)


@contextmanager
def opened(
    ctx: typer.Context, *, create: bool = False, catch_up: bool = False
) -> Iterator["House"]:
    """Open the platform for one command.

    Args:
        ctx: The command's context.
        create: Make a platform where there is none.
        catch_up: First put on record what time has changed and what the gate has let through.

    Raises:
        StorageFailed: There is none, or it cannot be reached, read or made.
    """
    from assent.acts.house import House

    house = House.open(settings_of(ctx), create=create)
    try:
        if catch_up:
            from assent.acts.count_uses import count_uses
            from assent.acts.expire import expire

            expire(house)
            count_uses(house)
        yield house
    finally:
        house.close()


def person(house: "House", by: str) -> str:
    """Return who does this: as said, or else the user of the system.

    Raises:
        BadInput: Nobody is said and the system has no name for its user.
    """
    name = by.strip() or house.settings.user
    if not name:
        raise BadInput("say who does this: --by NAME")
    return name
