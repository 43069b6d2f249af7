"""A command's visit to the platform: opened, brought up to date, and let go whatever happens.

What a command put on record is published in the log before it ends, if the log can be had.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assent.cli.output import say
from assent.errors import BadInput, CouldNot
from assent.settings import Settings

if TYPE_CHECKING:
    from assent.acts.house import House
    from assent.acts.logs import Logs
    from assent.log.policy import Policy
    from assent.log.writer import Witnesses

__all__ = ["logs_of", "opened", "person", "published_logs", "settings_of"]


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
        before = _head(house)
        if catch_up:
            from assent.acts.count_uses import count_uses
            from assent.acts.expire import expire

            expire(house)
            count_uses(house)
        try:
            yield house
        finally:
            if _head(house) != before:
                _publish(house)
    finally:
        house.close()


def _head(house: "House") -> int:
    from assent.catalogue.events import head

    with house.reading() as connection:
        return head(connection)


def _publish(house: "House") -> None:
    """Publish what has been put on record; that it is on record does not depend on it."""
    try:
        logs_of(house).publish()
    except CouldNot as error:
        say(f"That is on record, and not in the public log yet: {error.text}.")


def logs_of(house: "House") -> "Logs":
    """Return the logs of a platform, which its policy's witnesses are asked to cosign."""
    from assent.acts.logs import Logs

    def witnesses(policy: "Policy") -> "Witnesses | None":
        if not any(witness.url for witness in policy.witnesses):
            return None
        from assent.log.witnesses import HttpWitnesses

        asked: Witnesses = HttpWitnesses(policy)
        return asked

    return Logs(house, witnesses)


def person(house: "House", by: str) -> str:
    """Return who does this: as said, or else the user of the system.

    Raises:
        BadInput: Nobody is said and the system has no name for its user.
    """
    name = by.strip() or house.settings.user
    if not name:
        raise BadInput("say who does this: --by NAME")
    return name


def published_logs(house: "House") -> "Logs":
    """Return the logs of a platform, after publishing all that has happened.

    Where that cannot be done now it is said; what was published before can be proved all the same.
    """
    from assent.errors import CouldNot

    logs = logs_of(house)
    try:
        logs.publish()
    except CouldNot as error:
        say(f"The log is as it was published last, for it cannot be published now: {error.text}")
    return logs
