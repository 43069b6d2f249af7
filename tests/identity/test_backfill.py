"""Looking at what was taken in before anybody looked: it is known from then on, to everybody."""

from typing import Any

import numpy as np
import pytest

from assent.acts.copies import UNSEEN
from assent.acts.house import House
from assent.acts.programs import resume, suspend
from assent.acts.publish import make_agreement
from assent.acts.rebuild import findings
from assent.acts.say import About, grant
from assent.acts.upload import Uploaded, Work, upload
from assent.bench.attacks import attacked
from assent.errors import NotPermitted
from assent.identity import recogniser as rules
from assent.identity.backfill import _look, look, unknown
from assent.identity.program import PROGRAM
from assent.identity.recogniser import Recogniser
from assent.identity.sighting import Sighting
from assent.permission.uses import ALL, CONSENT_ONLY
from tests.acts.disputes import case_rows, holds_for, words
from tests.houses import agreement_toml
from tests.identity.arrivals import Samples, bring, cut, fingerprinted, looked_for, write

ADA, BO, TESS = "Ada Quill", "Bo Tarn", "Tess Vane"


def bring_unheard(house: House, samples: Samples, artist: str, agreement: str = "") -> Uploaded:
    """Upload sound where nobody listens, as before there was a recogniser."""
    path = write(house.settings.data.parent, samples)
    return upload(house, path, Work(artist=artist, title=path.stem, agreement=agreement), "desk")


def noisy(samples: Samples) -> Samples:
    return attacked("noise 5 dB", samples, 1)


def scanned(house: House, *recordings: str) -> dict[str, list[str]]:
    """Look at all, or at some in this order; return what seems to be made of what."""
    found: dict[str, list[str]] = {}
    for one in look(house, "desk", recordings or None):
        assert one.error is None
        for copy, several in one.found.items():
            found.setdefault(copy, []).extend(it.original for it in several)
    return found


def test_whatever_order_they_are_looked_at_in_the_earlier_is_the_original(house: House) -> None:
    order = np.random.default_rng(1).permutation(5).tolist()
    for number, samples in enumerate([cut(0), cut(3), noisy(cut(0)), cut(5), noisy(cut(3))]):
        bring_unheard(house, samples, f"Artist {number}")
    assert unknown(house) == ["r0", "r1", "r2", "r3", "r4"]
    assert scanned(house, *(f"r{number}" for number in order)) == {"r2": ["r0"], "r4": ["r1"]}
    assert case_rows(house) == {("r2", "r0"): "suspected", ("r4", "r1"): "suspected"}
    assert unknown(house) == []
    assert fingerprinted(house) == [0, 1, 2, 3, 4]
    assert scanned(house) == {}, "there is nothing left to look at"
    told = words(house)
    assert told["r2"] & ~told["r0"] == 0
    assert findings(house) == []


def test_an_original_that_is_looked_at_late_has_its_copies(house: House) -> None:
    bring_unheard(house, cut(0), ADA)
    assert bring(house, noisy(cut(0)), TESS).found == ()
    assert case_rows(house) == {}
    assert scanned(house) == {"r1": ["r0"]}
    assert case_rows(house) == {("r1", "r0"): "suspected"}


def test_what_may_not_be_identified_stays_unknown(house: House) -> None:
    barring = agreement_toml().replace(', "platform/identify"', "")
    make_agreement(house, barring, "desk")
    bring_unheard(house, cut(0), "The Lamps", "lantern-1")
    bring_unheard(house, cut(3), ADA)
    first, second = look(house, "desk")
    assert (first.recording, first.found) == ("r0", {})
    assert first.error is not None
    assert (second.recording, second.error) == ("r1", None)
    assert unknown(house) == ["r0"]
    assert fingerprinted(house) == [1]


@pytest.mark.parametrize("at_once", [2, 16])
def test_what_one_looks_at_another_knows_whatever_its_number(
    house: House, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(rules, "_AT_ONCE", at_once)
    bring_unheard(house, cut(0), ADA)
    other = Recogniser(house)
    bring(house, cut(3), BO, other)
    bring(house, cut(5), BO, other)
    assert [it.match.recording for it in looked_for(other, cut(3, 2, 14))] == [1]
    assert scanned(house) == {}
    assert fingerprinted(house) == [0, 1, 2]
    stolen = bring(house, noisy(cut(0)), TESS, other)
    assert [it.original for it in stolen.found] == ["r0"]


@pytest.mark.parametrize("at_once", [1, 2, 3, 16])
def test_what_is_looked_at_counts_once(
    house: House, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    for number in range(4):
        bring_unheard(house, cut(number, 0, 8), ADA)
    with monkeypatch.context() as patched:
        patched.setattr(rules, "_AT_ONCE", at_once)
        recogniser = Recogniser(house)
        assert scanned(house) == {}
        for number in range(4):
            (mine,) = looked_for(recogniser, cut(number, 1, 7))
            (anew,) = looked_for(Recogniser(house), cut(number, 1, 7))
            assert mine.match == anew.match
            assert mine.match.recording == number


def test_a_copy_that_comes_while_its_original_is_looked_at_is_seen(house: House) -> None:
    """Neither is kept when the other is looked for, unless whoever writes last looks again."""
    bring_unheard(house, cut(0), ADA)
    bring(house, cut(5), BO)
    thief = Recogniser(house)

    class Overtaken(Recogniser):
        """Looks, and then a copy is taken in."""

        def sightings(self, *asked: Any) -> list[Sighting]:  # Any: as it is called
            found = super().sightings(*asked)
            if len(words(house)) == 2:
                assert bring(house, noisy(cut(0)), TESS, thief).found == ()
            return found

    one = _look(house, Overtaken(house), "r0", "desk")
    assert one.error is None
    assert case_rows(house) == {("r2", "r0"): "suspected"}


def test_what_may_no_longer_be_identified_is_not_kept(house: House) -> None:
    bring_unheard(house, cut(0), ADA)
    bring(house, cut(5), BO)

    class Stopped(Recogniser):
        """Looks, and then the program is suspended."""

        def sightings(self, *asked: Any) -> list[Sighting]:  # Any: as it is called
            found = super().sightings(*asked)
            suspend(house, PROGRAM, "Kim")
            return found

    one = _look(house, Stopped(house), "r0", "desk")
    assert isinstance(one.error, NotPermitted)
    assert fingerprinted(house) == [1]


@pytest.mark.parametrize("agreement", ["", "lantern-1"])
def test_what_nobody_could_look_at_is_held_until_somebody_has(house: House, agreement: str) -> None:
    make_agreement(house, agreement_toml().replace(', "platform/identify"', ""), "desk")
    bring(house, cut(0), ADA)
    if not agreement:
        suspend(house, PROGRAM, "Kim")
    stolen = bring(house, noisy(cut(0)), TESS, agreement=agreement)
    assert (stolen.found, stolen.is_unseen) == ((), True)
    assert holds_for(house, UNSEEN) == ["r1"]
    if agreement:  # until its text lets the platform look, or a person lifts the hold
        (one,) = look(house, "desk")
        assert isinstance(one.error, NotPermitted)
        assert holds_for(house, UNSEEN) == ["r1"]
        return
    grant(house, About(holder=TESS), ALL, all_programs=True)
    assert words(house)["r1"] & CONSENT_ONLY == 0
    resume(house, PROGRAM, "Kim")
    house.gate.snapshot.refresh()  # a refusal may be a quarter of a second old
    assert scanned(house) == {"r1": ["r0"]}
    assert holds_for(house, UNSEEN) == []
    told = words(house)
    assert told["r1"] & ~told["r0"] == 0
