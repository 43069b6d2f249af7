"""Nine short pieces: what their composers, who are invented, would have written.

Each writes into a score that has its tempo and as many bars as there is time for.
"""

from collections.abc import Callable

from assent.demo.instruments import Mono, bass, bell, hat, hertz, kick, organ, pluck, snare
from assent.demo.score import Score, chord
from assent.demo.speech import speech

__all__ = [
    "concrete_garden",
    "halfway_house",
    "kettle_song",
    "letter_from_the_harbour",
    "long_field",
    "paper_lanterns",
    "post_road",
    "second_shift",
    "slow_ferry",
]


def paper_lanterns(score: Score) -> None:
    """Write a picked guitar with a tune above it, in D major."""
    chords = [chord(50), (49, 52, 57), chord(47, "m7"), chord(43, "maj7"), chord(45, "sus2")]
    tune = (78, 76, 74, 73, 71, 74, 69, 66, 67, 71, 74, 76, 74)
    for bar in range(score.bars):
        root, *upper = chords[bar % len(chords)]
        picked = [root, *(pitch + 12 for pitch in (upper[1], upper[0], upper[1], upper[-1]))]
        for step, which in enumerate((0, 1, 2, 3, 4, 3, 2, 1)):
            string = pluck(hertz(picked[which]), score.seconds(1.6), score.rng, bright=0.35)
            score.play(string, bar, step / 2, 0.55, pan=-0.3)
        for beat, length in ((0, 1.5), (1.5, 1.5), (3, 1)):
            pitch = tune[(3 * bar + int(beat)) % len(tune)]
            string = pluck(hertz(pitch), score.seconds(length), score.rng, bright=0.7)
            score.play(string, bar, beat, 0.6, pan=0.35)
    _last(score, chord(50), lambda hz: pluck(hz, 1.3, score.rng, bright=0.4))


def slow_ferry(score: Score) -> None:
    """Write an electric piano over long bass notes, in A flat major."""
    chords = [chord(56, "maj7"), chord(53, "m9"), chord(49, "maj7"), chord(51, "7")]
    for bar in range(score.bars):
        pitches = chords[bar % len(chords)]
        for beat, level in ((0, 0.3), (2.5, 0.2)):
            for number, pitch in enumerate(pitches):
                tone = bell(hertz(pitch), score.seconds(2.2), ratio=1, index=1.6)
                score.play(tone, bar, beat + 0.03 * number, level, pan=-0.25 + 0.15 * number)
        low = bass(hertz(pitches[0] - 24), score.seconds(3.4), cutoff_hz=240, sweep=1.2)
        score.play(low, bar, 0, 0.35)
        for beat, step in ((1, 2), (1.5, 3), (3, 1)):
            high = bell(hertz(pitches[step] + 24), score.seconds(1.8), ratio=14, index=0.5)
            score.play(high, bar, beat, 0.16, pan=0.4)
    _last(score, chord(56, "maj7"), lambda hz: bell(hz, 1.3, ratio=1, index=1.2))


def halfway_house(score: Score) -> None:
    """Write a waltz for strings and reeds, in G minor, by two people."""
    chords = [chord(55, "m"), chord(51), chord(58), chord(53), chord(48, "m"), chord(50, "7")]
    for bar in range(score.bars):
        pitches = chords[bar % len(chords)]
        score.play(pluck(hertz(pitches[0] - 12), score.seconds(2.8), score.rng), bar, 0, 0.7)
        for beat in (1, 2):
            for pitch in pitches:
                string = pluck(hertz(pitch), score.seconds(0.8), score.rng, bright=0.5)
                score.play(string, bar, beat, 0.28, pan=0.3)
        reed = organ(hertz(pitches[bar % 3] + 12), score.seconds(3), attack_s=0.15, air=0.8)
        score.play(reed, bar, 0, 0.24, pan=-0.35)
        if bar % 2:
            answer = organ(hertz(pitches[2] + 12), score.seconds(1), air=0.8)
            score.play(answer, bar, 2, 0.2, pan=-0.35)
    _last(score, chord(55, "m"), lambda hz: pluck(hz, 1.3, score.rng))


def concrete_garden(score: Score) -> None:
    """Write four to the floor and a bass that opens, in A minor."""
    line = (0, 0, 12, 0, 7, 0, 12, 7)
    stab = [hertz(pitch) for pitch in chord(57, "m7")]
    for bar in range(score.bars):
        shift = (0, 0, -4, -2)[bar % 4]
        for beat in range(score.beats):
            score.play(kick(), bar, beat, 0.9)
            score.play(hat(score.rng), bar, beat + 0.5, 0.28, pan=0.25)
        for beat in (1, 3):
            score.play(snare(score.rng), bar, beat, 0.35, pan=-0.1)
        for step, above in enumerate(line):
            opens_hz = 500 + 1400 * bar / max(1, score.bars)
            note = bass(
                hertz(33 + shift + above), score.seconds(0.42), cutoff_hz=opens_hz, sweep=1.5
            )
            score.play(note, bar, step / 2, 0.5)
        for hz in stab:
            for late in (0.75, 2.25):
                score.play(bell(hz, 0.35, ratio=2, index=2), bar, late, 0.09, pan=0.45)
    score.play(kick(), score.bars, 0, 0.9)


def second_shift(score: Score) -> None:
    """Write broken drums under bells that do not quite fit, in C sharp minor."""
    for bar in range(score.bars):
        for beat in (0, 1.75, 2.5):
            score.play(kick(), bar, beat, 0.85)
        for beat in (1, 3):
            score.play(snare(score.rng), bar, beat, 0.6)
        for step in range(2 * score.beats):
            score.play(hat(score.rng), bar, step / 2, 0.2 + 0.12 * (step % 2), pan=0.3)
        root = (37, 37, 33, 40)[bar % 4]
        for beat, above in ((0, 0), (0.75, 12), (1.5, 0), (2.75, 7), (3.5, 10)):
            note = bass(hertz(root + above), score.seconds(0.5), cutoff_hz=700, sweep=2.2)
            score.play(note, bar, beat, 0.45)
        for step, pitch in enumerate(chord(root + 36, "m9")):
            tone = bell(hertz(pitch), score.seconds(1.1), ratio=2.76, index=2.4)
            score.play(tone, bar, 0.5 + 0.75 * step, 0.16, pan=-0.5 + 0.25 * step)
    score.play(kick(), score.bars, 0, 0.85)


def letter_from_the_harbour(score: Score) -> None:
    """Write somebody who reads a letter, with water far behind."""
    length_s = score.seconds(score.bars * score.beats)
    score.play(speech(length_s, score.rng), 0, 0, 1.0)
    for bar in range(score.bars):
        for pitch, pan in ((43, 0.2), (50, -0.2)):
            drone = organ(hertz(pitch), score.seconds(score.beats), attack_s=0.6, air=0)
            score.play(drone, bar, 0, 0.05, pan=pan)


def kettle_song(score: Score) -> None:
    """Write a thumb piano that goes round, in E major with five tones."""
    scale = (64, 66, 68, 71, 73, 76, 78, 80, 83)
    steps = (0, 4, 2, 5, 3, 6, 4, 7, 5, 3, 6, 4)
    for bar in range(score.bars):
        for step in range(2 * score.beats):
            pitch = scale[(steps[(step + 3 * bar) % len(steps)] + bar % 2) % len(scale)]
            tine = bell(hertz(pitch), 0.9, ratio=5.4, index=0.9)
            score.play(tine, bar, step / 2, 0.4 - 0.1 * (step % 2), pan=0.5 * (-1) ** step)
        low = pluck(hertz((40, 45, 47, 40)[bar % 4]), score.seconds(3.5), score.rng, bright=0.2)
        score.play(low, bar, 0, 0.6)
        for beat in range(1, score.beats, 2):
            score.play(hat(score.rng, length_s=0.12), bar, beat, 0.1)
    _last(score, chord(64), lambda hz: bell(hz, 1.2, ratio=5.4, index=0.7))


def long_field(score: Score) -> None:
    """Write a hymn for an organ and a walking bass, in B flat major."""
    chords = [chord(58), chord(55, "m"), chord(51), chord(53, "7")]
    for bar in range(score.bars):
        pitches = chords[bar % len(chords)]
        for number, pitch in enumerate(pitches):
            pipe = organ(hertz(pitch), score.seconds(score.beats), attack_s=0.12)
            score.play(pipe, bar, 0, 0.22, pan=-0.3 + 0.2 * number)
        for beat, pitch in enumerate((*pitches[:3], pitches[2] + 2)):
            low = bass(hertz(pitch - 24), score.seconds(0.9), cutoff_hz=420, sweep=1)
            score.play(low, bar, beat, 0.5)
            score.play(hat(score.rng, length_s=0.15), bar, beat + 0.66, 0.12, pan=0.35)
        top = organ(hertz(pitches[-1 - bar % 2] + 12), score.seconds(2), air=1)
        score.play(top, bar, 2, 0.16, pan=0.2)
    _last(score, chord(58), lambda hz: organ(hz, 1.3))


def post_road(score: Score) -> None:
    """Write two strings that chase each other over a drum, in C mixolydian."""
    tune = (72, 74, 76, 79, 77, 76, 74, 70)
    for bar in range(score.bars):
        score.play(kick(), bar, 0, 0.7)
        score.play(snare(score.rng), bar, 2, 0.3)
        low = pluck(hertz((36, 34, 41, 36)[bar % 4]), score.seconds(3), score.rng, bright=0.3)
        score.play(low, bar, 0, 0.8)
        for step in range(2 * score.beats):
            pitch = tune[(step + bar) % len(tune)]
            for late, pan, lower in ((0, -0.5, 0), (0.25, 0.5, 12)):
                string = pluck(hertz(pitch - lower), score.seconds(0.8), score.rng, bright=0.8)
                score.play(string, bar, step / 2 + late, 0.4 - 0.4 * late, pan=pan)
    _last(score, chord(60), lambda hz: pluck(hz, 1.3, score.rng))


def _last(score: Score, pitches: tuple[int, ...], play: Callable[[float], Mono]) -> None:
    """End on a chord that rings into the room."""
    for number, pitch in enumerate(pitches):
        pan = -0.2 + 0.4 * number / len(pitches)
        score.play(play(hertz(pitch)), score.bars, 0.02 * number, 0.35, pan=pan)
