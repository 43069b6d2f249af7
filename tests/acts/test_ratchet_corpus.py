"""The ratchet over the real music: every recording of the corpus, three artists and a label."""

from pathlib import Path

import pytest

from assent.acts.expire import expire
from assent.acts.house import House
from assent.acts.publish import accept_terms, make_agreement, publish_terms
from assent.acts.rebuild import findings
from assent.acts.upload import Work, upload
from tests.acts.test_ratchet import TIGHTER, WIDER, decisions, holders, leaves, words
from tests.houses import Clock, add_program, agreement_toml
from tests.sound.sounds import MUSIC, needs_music

ARTISTS = ("Ada Quill", "Bo Tarn", "Cy Vane")
pytestmark = needs_music


@pytest.fixture
def peopled(house: House) -> House:
    """Give a platform with the corpus: three artists in turn, every fourth from a label."""
    make_agreement(house, agreement_toml(), "desk")
    for place, path in enumerate(sorted(MUSIC.glob("*.*"))):
        if path.suffix != ".csv":
            if place % 4 == 3:
                work = Work(artist="The Lamps", title=path.stem, agreement="lantern-1")
            else:
                work = Work(artist=ARTISTS[place % 4], title=path.stem)
            upload(house, Path(path), work, "desk")
    for name, activities in (
        ("rival", '"train-rival"'),
        ("tags", '"analyse", "recommend"'),
        ("german-tags", '"analyse"'),
        ("fans", '"first-fans"'),
    ):
        add_program(house, name, activities=activities)
    return house


def test_a_wider_text_waits_for_each_holder_and_a_tighter_one_for_nobody(
    peopled: House, clock: Clock
) -> None:
    before = decisions(peopled), words(peopled)
    assert len(before[1]) > 40
    publish_terms(peopled, WIDER, "Kim")
    clock.turn(days=31)
    expire(peopled)
    assert (decisions(peopled), words(peopled)) == before

    accept_terms(peopled, "Bo Tarn", None, "Bo Tarn")
    now, own = words(peopled), holders(peopled)
    changed = {recording for recording, word in now.items() if word != before[1][recording]}
    assert changed == {recording for recording, names in own.items() if names == {"Bo Tarn"}}
    opened = {pair for pair, yes in decisions(peopled).items() if yes and not before[0][pair]}
    assert opened
    assert {recording for _, recording in opened} <= changed
    assert "rival" not in {program for program, _ in opened}

    publish_terms(peopled, TIGHTER, "Kim")
    closed = words(peopled)
    delivered = {recording for recording, names in own.items() if names == {"Lantern Row"}}
    assert {it: word for it, word in closed.items() if word} == {
        it: before[1][it] for it in delivered
    }
    told = [(it["text"], it["timing"], it["told"]) for it in leaves(peopled, "terms.notice")]
    assert told == [("wider", "before", 4), ("tighter", "after", 4)]
    assert findings(peopled) == []
