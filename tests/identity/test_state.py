"""Whether something can be known again at all."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.bench.attacks import SR
from assent.identity.design import DESIGN
from assent.identity.fingerprint import Fingerprint
from assent.identity.index import Index
from assent.identity.landmarks import landmarks
from assent.identity.match import Looks
from assent.identity.state import LEAST_FRAMES, LEAST_S, State, state_of
from tests.identity.music import heard, made_up, mono, patient, peaks_at, seeds

_ENOUGH = round(10 * DESIGN.frames_per_s)


def _sounds() -> dict[str, npt.NDArray[np.float64]]:
    at = np.arange(6 * SR)
    time = at / SR
    draw = np.random.default_rng(0)
    return {
        "silence": np.zeros(len(at)),
        "half scale": np.full(len(at), 0.5),
        "a step": np.where(time > 3, 0.5, 0.0),
        "mains hum": 0.5 * np.sin(2 * np.pi * 50 * time),
        "a tone that is too high": 0.5 * np.sin(2 * np.pi * 9_000 * time),
        "a steady tone": 0.5 * np.sin(2 * np.pi * 1_000 * time),
        "noise that nobody hears": 3e-6 * draw.standard_normal(len(at)),
        "a click": np.where(at == 3 * SR, 1.0, 0.0),
        "a click a second": np.where(at % SR == 5, 1.0, 0.0),
        "white noise": 0.1 * draw.standard_normal(len(at)),
    }


@pytest.mark.parametrize(
    ("what", "state"),
    [
        ("silence", State.SILENT),
        ("half scale", State.SILENT),
        ("a step", State.SILENT),
        ("mains hum", State.SILENT),
        ("a tone that is too high", State.SILENT),
        ("a steady tone", State.SILENT),
        ("noise that nobody hears", State.SILENT),
        ("a click", State.FEATURELESS),
        ("a click a second", State.FEATURELESS),
        ("white noise", State.FINE),
    ],
)
def test_a_sound_has_a_state(what: str, state: State) -> None:
    assert state_of(heard(_sounds()[what].astype(np.float32))) is state


@pytest.mark.parametrize("number", range(9))
def test_music_is_fine(number: int) -> None:
    assert state_of(heard(mono(number)[: 10 * SR])) is State.FINE


@pytest.mark.parametrize("samples", [0, 1, SR // 5, SR])
def test_what_is_short_is_too_short_whatever_it_is(samples: int) -> None:
    assert state_of(heard(mono(0)[:samples])) is State.TOO_SHORT
    assert state_of(heard(np.zeros(samples, np.float32))) is State.TOO_SHORT


def test_what_is_too_short_is_what_is_not_looked_for(tmp_path: Path) -> None:
    least = int(LEAST_S * DESIGN.frames_per_s)
    for frames, state in ((least - 1, State.TOO_SHORT), (least, State.SILENT)):
        nothing = Fingerprint(design=DESIGN, peaks=peaks_at([], []), frames=frames)
        assert state_of(nothing) is state
        windows = list(Looks(nothing, Index(tmp_path), 1.0).windows())
        assert (windows == []) is (state is State.TOO_SHORT)


@patient
@given(seeds, st.integers(0, 30))
def test_what_is_fine_has_landmarks_in_enough_frames(seed: int, many: int) -> None:
    peaks = made_up(seed)[:many]
    found = state_of(Fingerprint(design=DESIGN, peaks=peaks, frames=_ENOUGH))
    frames = len({row[7] for row in landmarks(peaks, DESIGN.asked_fan, DESIGN).tolist()})
    assert (found is State.SILENT) == (many == 0)
    assert (found is State.FINE) == (frames >= LEAST_FRAMES)


def test_every_state_says_what_it_means() -> None:
    assert len({state.text for state in State}) == len(State)
