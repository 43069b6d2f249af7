"""A score: beats and bars over a mixdown, and chords by their names.

Pitches are counted in semitones as in MIDI: 60 is the middle C.
"""

import numpy as np

from assent.demo.instruments import Mono
from assent.demo.mixdown import Mixdown
from assent.sound.block import Block

__all__ = ["CHORDS", "Score", "chord"]

CHORDS = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "sus2": (0, 2, 7),
    "m9": (0, 3, 7, 10, 14),
}
"""Steps of each kind of chord above its root [semitones]."""
_TAIL_S = 1.4


def chord(root: int, kind: str = "") -> tuple[int, ...]:
    """Return the pitches of a chord, from its root up.

    >>> chord(62, "m")
    (62, 65, 69)
    """
    return tuple(root + step for step in CHORDS[kind])


class Score:
    """A piece being written down.

    Args:
        bpm: Tempo [beats per minute].
        beats: Beats to a bar.
        bars: How many bars.
        rng: What chance decides.
        room: How much of the room is heard, 0 to 1.
    """

    def __init__(
        self, *, bpm: float, beats: int, bars: int, rng: np.random.Generator, room: float
    ) -> None:
        self.beats, self.bars, self.rng = beats, bars, rng
        self._beat_s = 60 / bpm
        self._mixdown = Mixdown(bars * beats * self._beat_s + _TAIL_S, rng, room=room)

    def seconds(self, beats: float) -> float:
        """Return how long so many beats are."""
        return beats * self._beat_s

    def play(
        self, sound: Mono, bar: int, beat: float, level: float = 1.0, pan: float = 0.0
    ) -> None:
        """Put a sound at a beat of a bar, both counted from 0; a hair late or early, as hands are.

        Args:
            sound: The sound [shape=(n,), float64].
            bar: In which bar.
            beat: At which beat of it.
            level: How strong.
            pan: Where: -1 is left, 1 is right.
        """
        at_s = self.seconds(bar * self.beats + beat) + float(self.rng.uniform(0, 0.008))
        firmness = float(self.rng.uniform(0.88, 1.0))
        self._mixdown.add(sound, at_s, level=level * firmness, pan=pan)

    def finish(self) -> tuple[Block, ...]:
        """Return what it sounds like [blocks of shape=(2, n), float32]."""
        return self._mixdown.finish()
