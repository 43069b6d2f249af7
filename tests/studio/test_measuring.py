"""Two measure at a time, two may wait, and nobody else holds a thread for it."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Thread

import pytest

from assent.errors import Busy
from assent.studio.measuring import AT_ONCE, measuring

LONG_S = 60.0


def started(work: Callable[[], None], count: int) -> list[Thread]:
    threads = [Thread(target=work, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_who_finds_no_place_is_told_when_to_come_again() -> None:
    with measuring(), measuring():
        with pytest.raises(Busy, match="try again in a moment") as refused, measuring(0):
            pass
        assert refused.value.facts["wait_s"]
    with measuring(0):
        pass  # all places are free again


def test_a_place_is_given_back_also_after_an_error() -> None:
    for _ in range(2 * AT_ONCE):
        with pytest.raises(ValueError, match="broken"), measuring(0):
            raise ValueError("broken")


def test_of_fifty_all_but_two_are_sent_away_at_once_and_these_two_get_their_turn() -> None:
    free, told = Event(), SimpleQueue[str]()

    def hold() -> None:
        with measuring(0):
            told.put("holds")
            free.wait(LONG_S)

    def ask() -> None:
        try:
            with measuring(LONG_S):
                told.put("had its turn")
        except Busy:
            told.put("sent away")

    threads = started(hold, AT_ONCE)
    assert {told.get(timeout=LONG_S) for _ in threads} == {"holds"}
    threads += started(ask, 50)
    # places are free only after these came back, so none of them can have waited for one
    assert {told.get(timeout=LONG_S) for _ in range(50 - AT_ONCE)} == {"sent away"}
    free.set()
    assert {told.get(timeout=LONG_S) for _ in range(AT_ONCE)} == {"had its turn"}
    for thread in threads:
        thread.join()
