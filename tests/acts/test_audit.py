"""Auditing the logs: clean when all is well, and every kind of damage is named by its log."""

from collections.abc import Sequence
from dataclasses import replace

from assent.acts.audit import audit
from assent.acts.house import House
from assent.acts.logs import Logs


def texts(house: House, logs: Logs) -> Sequence[str]:
    return [finding.text for finding in audit(house, logs)]


def test_a_fresh_log_is_well(either_house: House) -> None:
    logs = Logs(either_house)
    logs.publish()
    assert texts(either_house, logs) == []


def test_a_key_that_the_policy_does_not_name_is_told(house: House) -> None:
    logs = Logs(house)
    logs.publish()
    policy = logs.policy()
    logs.trust(replace(policy, logs=policy.logs[:1]))
    assert any("the policy does not name the keys" in text for text in texts(house, logs))


def test_an_entry_that_its_event_does_not_give_is_told(house: House) -> None:
    logs = Logs(house)
    logs.publish()
    with house.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_stay")
        connection.exec_driver_sql("UPDATE events SET by = 'somebody else' WHERE number = 1")
    assert texts(house, logs) == ["consent: the event of entry 0 is not what was promised of it"]
