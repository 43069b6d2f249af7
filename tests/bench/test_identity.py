"""What an identity bench asks, how it counts, and that the same is asked each time."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.bench import identity
from assent.bench.attacks import ATTACKS, SR, Samples, attacked
from assent.bench.audfprint import Audfprint
from assent.bench.confusions import score_rows, sounds
from assent.bench.interval import exact, wilson
from assent.bench.olaf import Olaf
from assent.bench.queries import LOOSE, Answer, Cut, Lengths, plan
from assent.bench.recall import recall_rows, stranger_rows
from assent.bench.registry import run
from assent.bench.row import Row
from assent.errors import BadInput
from assent.identity.chance import STATED
from assent.identity.match import Match
from assent.identity.proof import Finding, Proof
from assent.identity.sighting import Sighting
from tests.identity.matches import a_match, a_proof

KNOWN = [(number, Path(f"known-{number}"), 60.0) for number in range(7)]
STRANGERS = [(Path(f"stranger-{number}"), 60.0) for number in range(3)]


def found(recording: int, chance: float) -> Match:
    return a_match(recording=recording, votes=9, chance=chance)


def looked(finding: Finding) -> Proof:
    return a_proof(finding=finding)


def answer(
    truth: int | None,
    *matches: Match,
    theirs: tuple[int, float] | None = None,
    findings: tuple[Finding, ...] = (),
) -> Answer:
    return Answer(
        cut=Cut("noise 5 dB", 10, 1),
        truth=truth,
        found=matches,
        sightings=tuple(Sighting(match=matches[0], proof=looked(one)) for one in findings),
        heard_s=10,
        took_s=0.1,
        theirs={"peer": theirs},
        they_took_s={"peer": 0.2},
    )


def named(rows: list[Row], unit: str) -> Row:
    (row,) = (row for row in rows if row.unit == unit)
    return row


@given(st.integers(1, 5), st.integers(0, 30), st.integers(1, 4))
def test_each_attack_is_asked_about_as_often_as_said(
    of_known: int, of_strangers: int, attacks: int
) -> None:
    names = list(ATTACKS)[:attacks]
    tasks = plan(KNOWN, STRANGERS, names, [Lengths(10, of_known, of_strangers)])
    counts = Counter(cut.attack for one in tasks if one.truth is not None for cut in one.cuts)
    assert counts == dict.fromkeys(names, of_known)
    assert sum(len(one.cuts) for one in tasks if one.truth is None) == of_strangers


def test_recordings_are_asked_about_as_often_as_each_other() -> None:
    tasks = plan(KNOWN, STRANGERS, ["as it is", "room"], [Lengths(10, 14, 9)])
    assert [len(one.cuts) for one in tasks if one.truth is not None] == [4] * 7
    assert [len(one.cuts) for one in tasks if one.truth is None] == [3] * 3


def test_no_piece_is_asked_about_twice() -> None:
    lengths = [Lengths(10, 14, 9), Lengths(5, 14, 9), Lengths(0, 2, 3)]
    cuts = [
        (one.path, cut)
        for one in plan(KNOWN, STRANGERS, list(ATTACKS), lengths)
        for cut in one.cuts
    ]
    assert len(set(cuts)) == len(cuts)


def test_what_is_too_short_is_asked_about_as_a_whole_only() -> None:
    short = [(7, Path("short"), 4.0)]
    tasks = plan(short, STRANGERS, ["room"], [Lengths(10, 3, 0), Lengths(0, 1, 0)])
    assert [(one.path, [cut.length_s for cut in one.cuts]) for one in tasks] == [
        (Path("short"), [0])
    ]


def test_nothing_is_mixed_with_itself() -> None:
    for one in plan([], STRANGERS, list(ATTACKS), [Lengths(10, 0, 30)]):
        assert one.beside != one.path


def music(seconds: float, seed: int = 0) -> Samples:
    rng = np.random.default_rng(seed)
    times = np.arange(int(seconds * SR)) / SR
    pitch = np.repeat(rng.integers(40, 70, int(seconds * 4) + 1), SR // 4)[: len(times)]
    return np.asarray(
        0.3 * np.sin(2 * np.pi * np.cumsum(440 * 2 ** ((pitch - 69) / 12)) / SR), "f4"
    )


@pytest.mark.parametrize("name", ["noise 0 dB", "speech -6 dB", "room", "crop inside"])
def test_the_same_seed_does_the_same(name: str) -> None:
    first, again, other = (attacked(name, music(2), seed) for seed in (5, 5, 6))
    assert first.tolist() == again.tolist()
    assert name == "crop inside" or first.tolist() != other.tolist()


def test_every_attack_but_codecs_comes_with_mp3() -> None:
    plain = [name for name in ATTACKS if not name.endswith(", MP3") and name != "MP3 64 kbps"]
    assert {f"{name}, MP3" for name in plain if name != "as it is"} <= set(ATTACKS)


def test_the_crop_is_from_inside() -> None:
    ramp = np.linspace(0, 1, 1_000, dtype=np.float32)
    assert attacked("crop inside", ramp, 0).tolist() == ramp[150:850].tolist()


def test_mono_is_the_left_channel() -> None:
    left, right = music(1, 1), music(1, 2)
    mixed = ((left + right) / 2).astype(np.float32)
    heard = attacked("mono, the left channel alone", mixed, 0, left=left)
    assert heard.tolist() == left.tolist()


def test_two_tracks_mixed_are_as_loud_as_each_other() -> None:
    mine, beside = music(1, 1), (music(1, 2) / 100).astype(np.float32)
    mixed = attacked("two tracks mixed", mine, 0, beside=beside)
    both = mine + beside * np.sqrt(np.mean(mine**2) / np.mean(beside**2))
    assert np.allclose(mixed, both / max(1, np.abs(both).max()), atol=1e-5)


def test_one_track_is_no_two() -> None:
    with pytest.raises(ValueError, match="no other track"):
        attacked("two tracks mixed", music(1), 0)


def test_recall_counts_what_is_found_first_and_surely() -> None:
    stranger = answer(None, found(1, 1e-3), theirs=(1, 5.0))
    known = [
        answer(1, found(1, 1e-9), found(2, 1e-5), theirs=(1, 6.0)),  # found
        answer(1, found(2, 1e-9), found(1, 1e-5), theirs=(1, 5.0)),  # another first; a tie
        answer(1, found(1, 5e-4), theirs=(2, 9.0)),  # rarer than any stranger, not as stated
        answer(1, found(1, 1e-3)),  # as a stranger
    ]
    rows = list(recall_rows([stranger, *known]))
    clean, stated = (
        named(rows, "recall at no false match"),
        named(rows, "recall at the stated threshold"),
    )
    assert (clean.ours, clean.peer, clean.goal) == (0.5, 0.25, 0.25)
    assert (stated.ours, stated.peer, stated.goal) == (0.25, None, None)
    assert clean.what == "noise 5 dB, 10 s, 4 pieces (95 %: 0.15 to 0.85)"
    assert clean.peer_name == "peer 0.25"


def test_a_stranger_counts_as_found_and_as_claimed() -> None:
    rows = list(
        stranger_rows(
            [
                answer(None),
                answer(None, found(1, 2 * STATED)),
                answer(None, found(1, STATED / 2), findings=(Finding.ALIKE,)),
                answer(None, found(1, STATED / 4), findings=(Finding.ALIKE, Finding.SAME)),
            ]
        )
    )
    assert [row.ours for row in rows] == [2, 3, 4, STATED / 4]
    assert [row.met for row in rows] == [False, False, False, None]


def test_where_strangers_find_nothing_what_is_looked_at_bounds_the_threshold() -> None:
    rows = list(recall_rows([answer(None), answer(1, found(1, LOOSE / 2))]))
    assert named(rows, "recall at no false match").ours == 1


shares = st.integers(1, 5_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(shares)
def test_an_interval_holds_the_share(share: tuple[int, int]) -> None:
    hits, of = share
    for low, high in (wilson(hits, of), exact(hits, of)):
        assert 0 <= low <= hits / of + 1e-12
        assert hits / of - 1e-12 <= high <= 1


@given(shares)
def test_the_exact_interval_leaves_one_in_forty_on_either_side(share: tuple[int, int]) -> None:
    from scipy.stats import binom

    hits, of = share
    low, high = exact(hits, of)
    if hits:
        assert binom.sf(hits - 1, of, low) == pytest.approx(0.025, rel=1e-6)
    if hits < of:
        assert binom.cdf(hits, of, high) == pytest.approx(0.025, rel=1e-6)


def test_what_is_no_music_is_as_loud_and_long_as_said() -> None:
    for kind, some in sounds().items():
        for one in some:
            assert one.shape == (20 * SR,)
            assert np.abs(one).max() <= (1e-4 if kind == "silence" else 1)


def test_a_peer_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    assert Audfprint(None).missing == "no --audfprint was given"
    assert str(Audfprint(tmp_path).missing).startswith("it cannot be imported from")
    assert Olaf(None, tmp_path).missing == "no --olaf was given"
    assert Olaf(tmp_path / "olaf", tmp_path).missing == f"there is no program {tmp_path / 'olaf'}"


def test_without_scores_that_is_said(tmp_path: Path) -> None:
    (row,) = score_rows(None, tmp_path)
    assert (row.ours, row.what) == (None, "one score with two sound fonts: no --scores was given")


def test_a_folder_without_music_is_no_music(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("no music")
    with pytest.raises(BadInput, match="not enough music"):
        identity.rows(quick=True, music=tmp_path)


def test_a_bench_that_takes_no_music_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the bench 'seal' cannot be given --music"):
        run("seal", quick=True, music=tmp_path)
