"""Rotating and retiring the keys of a log, on record in the log itself.

A new key signs beside the old one from its first checkpoint on, so whoever trusts either can check.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from assent.acts.house import House
from assent.acts.logs import Logs
from assent.catalogue.events import Event
from assent.log.cosignature import MldsaCosigner
from assent.log.keys import add_mldsa_key, retire_key, rotate_key
from assent.log.note import Signer, format_vkey
from assent.log.policy import PolicyLog

__all__ = ["add_mldsa", "retire", "rotate"]


def rotate(house: House, logs: Logs, log: str, by: str) -> Event:
    """Give a log a new key of its own, and the policy its name; publish under both.

    Raises:
        Unknown: There is no such log.
        KeyFailed: The keys are gone.
        StorageFailed: The disk refused.
    """
    return _added(house, logs, log, by, rotate_key)


def add_mldsa(house: House, logs: Logs, log: str, by: str) -> Event:
    """Have a log sign a second line with a key that a quantum computer would not break.

    Raises:
        Unknown: There is no such log.
        KeyFailed: The keys are gone, or there is such a key already.
        StorageFailed: The disk refused.
    """
    return _added(house, logs, log, by, add_mldsa_key)


def _added(
    house: House, logs: Logs, log: str, by: str, add: Callable[[Path], Signer | MldsaCosigner]
) -> Event:
    found = logs.log(log)
    logs.publish()  # also makes the first key where there is none yet
    with logs.alone():
        fresh = add(found.keys).vkey
        policy = logs.policy()
        logs.trust(replace(policy, logs=(*policy.logs, PolicyLog(key=fresh))))
        with house.act(by) as act:
            event = act.record("key.rotate", {"log": log, "vkey": format_vkey(fresh)})
    logs.publish(again=True)
    return event


def retire(house: House, logs: Logs, log: str, key_id: str, by: str) -> Event:
    """Have an old key sign nothing any more; what it has signed stays good.

    Raises:
        Unknown: There is no such log, or no key of that id.
        KeyFailed: It is the log's own key.
        StorageFailed: The disk refused.
    """
    found = logs.log(log)
    with logs.alone():
        gone = retire_key(found.keys, key_id)
        with house.act(by) as act:
            event = act.record("key.retire", {"log": log, "vkey": format_vkey(gone.vkey)})
        logs.trust(logs.policy())  # the keys are read anew; the policy goes on trusting the old one
    logs.publish(again=True)
    return event
