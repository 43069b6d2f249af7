"""What somebody heard: kept with their name, shown to nobody else, and only what they may hear."""

from datetime import timedelta

from assent.community.history import heard
from assent.listening.plays import Play, PlayWriter
from assent.signin.listeners import keep_history
from tests.community.conftest import Stage, set_visibility


def test_what_was_heard_is_listed_once_and_the_last_first(small: Stage) -> None:
    house, (one, two) = small.house, small.recordings
    assert heard(house, small.lio) == ()
    keep_history(house, small.lio, keeps=True)
    at, writer = house.clock(), PlayWriter(house)
    told = [(one, small.lio, 0), (two, small.lio, 1), (one, small.lio, 2), (two, small.ada, 3)]
    for hours, (recording, account, back) in enumerate(told):
        when = at - timedelta(days=3 - back, hours=hours)
        writer.record(
            Play(
                id=f"p{hours}",
                at=when,
                recording=recording,
                account=account,
                via="player",
                heard_s=12,
            )
        )
    writer.close()
    found = heard(house, small.lio)
    assert [it.recording.id for it in found] == [one, two]
    assert found[0].at > found[1].at
    assert heard(house, small.ada) == (), "she keeps no history"
    assert [it.recording.id for it in heard(house, small.lio, most=1)] == [one]
    set_visibility(house, one, "private")
    assert [it.recording.id for it in heard(house, small.lio)] == [two]
