"""The page of the loophole is what the program tells, and says what the row was about."""

from pathlib import Path

from assent.permission.uses import ACTORS, Activity, Actor
from assent.terms.grid import Material, Provenance, Scope, uses_by
from assent.terms.openings import count
from assent.terms.reading import Reading
from assent.terms.shipped import shipped
from assent.terms.story import WORDINGS, story

PAGE = Path(__file__).parents[2] / "docs" / "the-loophole.md"
BEFORE, NOW, PUBLISHED, REPORTED = (shipped(name).reading for name in WORDINGS)
AUDIO, OWN = frozenset({Material.AUDIO}), frozenset({Provenance.OWN})


def cells(activity: Activity, *actors: Actor) -> int:
    uses = uses_by(frozenset(actors or {Actor.PLATFORM}), frozenset({activity}))
    return Scope(uses=uses, material=AUDIO, provenance=OWN).cells


def is_open(reading: Reading, activity: Activity, *actors: Actor) -> bool:
    asked = cells(activity, *actors)
    assert reading.open & asked in {0, asked}
    return bool(reading.open & asked)


def test_the_page_is_what_the_program_tells_today() -> None:
    assert PAGE.read_text().rstrip("\n") == story().rstrip("\n")


def test_the_market_rival_is_what_only_the_critic_closes() -> None:
    rival = [is_open(it, Activity.TRAIN_RIVAL) for it in (BEFORE, NOW, PUBLISHED, REPORTED)]
    assert rival == [True, True, False, False]


def test_copying_a_voice_is_what_the_promise_closes() -> None:
    voice = [is_open(it, Activity.TRAIN_VOICE) for it in (BEFORE, NOW, PUBLISHED, REPORTED)]
    assert voice == [True, False, False, False]


def test_run_time_input_and_data_sets_stay_open_in_all_four() -> None:
    for reading in (BEFORE, NOW, PUBLISHED, REPORTED):
        for activity in (Activity.INPUT_IMITATE, Activity.INPUT_OTHER, Activity.SUPPLY):
            assert is_open(reading, activity)


def test_only_we_are_bound_so_affiliates_and_partners_stay_open_in_all_four() -> None:
    for reading in (BEFORE, NOW, PUBLISHED, REPORTED):
        for actor in (Actor.GROUP, Actor.PARTNER):
            assert is_open(reading, Activity.TRAIN_VOICE, actor)


def test_what_a_label_delivers_is_better_protected_cell_by_cell_in_generative_uses() -> None:
    delivered = frozenset({Provenance.DELIVERED})
    for activity in (Activity.TRAIN_RIVAL, Activity.TRAIN_TOOL, Activity.INPUT_IMITATE):
        uses = uses_by(frozenset(ACTORS) - {Actor.PUBLIC}, frozenset({activity}))
        assert not NOW.open & Scope(uses=uses, material=AUDIO, provenance=delivered).cells
    assert count(NOW).delivered < count(NOW).own


def test_each_wording_opens_less_than_the_one_before_and_nothing_new() -> None:
    for first, second in ((BEFORE, NOW), (NOW, PUBLISHED), (PUBLISHED, REPORTED)):
        assert not second.open & ~first.open
        assert first.open & ~second.open
