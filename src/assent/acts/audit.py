"""Checking the logs: their public files, against what the catalogue promised, event by event."""

from collections.abc import Iterator
from dataclasses import replace

from assent.acts.house import House
from assent.acts.logs import Log, Logs
from assent.catalogue.engine import reading
from assent.catalogue.leaves import promises
from assent.errors import NotProved
from assent.log.fsck import Finding, Promised, fsck

__all__ = ["audit"]


def audit(house: House, logs: Logs) -> Iterator[Finding]:
    """Yield all that is wrong with both logs, while nobody publishes; nothing if all is well.

    Raises:
        Busy: Another process is publishing.
        BadProof: The policy breaks a rule.
        Unknown: Nothing was published yet.
    """
    policy = logs.policy()
    try:
        logs.check_keys()
    except NotProved as error:
        yield Finding(text=error.text, reason="signature")
    with logs.alone():
        for log in (logs.consent, logs.index):
            found = fsck(
                log.store.get, policy, names=log.store.names, promised=_promised(house, log)
            )
            for finding in found:
                yield replace(finding, text=f"{log.name}: {finding.text}")


def _promised(house: House, log: Log) -> Iterator[Promised]:
    with reading(house.engine) as connection:
        for entry, made in promises(connection, log.name):
            yield Promised(entry=entry, made=made)
