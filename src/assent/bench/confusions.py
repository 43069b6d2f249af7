"""What must never be taken for a copy: remakes, one score on other samples, and no music at all.

Each row says how many of them are claimed as nobody's copy: no match at the stated threshold, or
none that would be claimed once it was looked at (`identity.sighting`). Of the remakes it is said
what they score: who made them may well have taken some of the first recording over.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assent.bench.attacks import SR, Samples, spoken
from assent.bench.queries import LOOSE, Desk, asked, sightings
from assent.bench.row import Row
from assent.identity.archive import Filed, indexed
from assent.identity.chance import STATED
from assent.identity.fingerprint import fingerprint, samples_of
from assent.identity.index import Index
from assent.identity.match import Match, match
from assent.identity.proof import Finding, prove
from assent.identity.sighting import Sighting
from assent.sound.decode import decode
from assent.sound.encode import Format, encode

__all__ = ["remake_rows", "score_rows", "sound_rows", "sounds"]

_REMAKES = (
    ("airship_2", "airship_remix"),
    ("forest", "forest2"),
    ("cave", "cave_old"),
    ("fortress", "fortress_old"),
    ("frantic", "frantic-old"),
)
_LENGTH_S = 20
_SCORES = 5
_SCORE_S = 60
"""So much of each version of a score is looked at, from its beginning [seconds]."""
_MIDI, _FONT = ".mid", ".sf2"
_AUDIO = {".flac", ".mp3", ".ogg", ".opus", ".wav"}
_RARE = 1e-12
"""What is rarer is no figure that anybody reads."""
Waves = npt.NDArray[np.float64]


def remake_rows(filed: Sequence[Filed], desk: Desk, folder: Path) -> Iterator[Row]:
    """Yield what each remake of the corpus scores in the other, both ways; those that are there.

    Each is looked for in an index of the other alone, for where a recording itself is found, nobody
    looks for its remake; chances are those of the whole index.

    Args:
        filed: What is in the index.
        desk: The same.
        folder: For the indexes of one recording.
    """
    named = {one.path.stem.partition("-")[2]: one for one in filed}
    for first, second in _REMAKES:
        if first in named and second in named:
            yield _remake_row(named[first], named[second], desk, folder)
            yield _remake_row(named[second], named[first], desk, folder)


def _remake_row(ours: Filed, other: Filed, desk: Desk, folder: Path) -> Row:
    taken, index = fingerprint(ours.path), Index(folder / f"only-{other.number}")
    index.add([(other.number, fingerprint(other.path).kept())])
    hours, found = sum(desk.lengths_s.values()) / 3600, None
    for most in (STATED, LOOSE):  # what is claimed is judged by what is found as stated
        matches = match(taken, index, lengths_s=desk.lengths_s, hours=hours, most_chance=most)
        found = matches[0] if matches else None
        if found is not None:
            break
    said = "nothing found" if found is None else _said(found, ours, other)
    return Row(
        what=f"{ours.path.stem} in {other.path.stem}: {said}",
        unit="votes",
        ours=None if found is None else float(found.votes),
    )


def _said(found: Match, ours: Filed, other: Filed) -> str:
    proof = prove(samples_of(ours.path), samples_of(other.path), found)
    claimed = found.chance <= STATED and Sighting(match=found, proof=proof).is_claimed
    rarely = f"once in {1 / found.chance:,.0f}" if found.chance > _RARE else "never"
    return (
        f"{found.end_s - found.start_s:.0f} s, tempo {found.tempo:.3f},"
        f" {found.semitones:+.1f} semitones; by accident {rarely}; {proof.finding.value};"
        f" {'claimed as a copy' if claimed else 'not claimed'}"
    )


def sound_rows(desk: Desk, index: Index, folder: Path, *, most: int | None = None) -> Iterator[Row]:
    """Yield what sounds that are no music are taken for, in the index and among their like.

    Args:
        desk: What is in the index.
        index: Of music.
        folder: For one sound of each kind, and an index of them.
        most: At most so many of each kind.
    """
    kinds = {kind: some[:most] for kind, some in sounds().items()}
    for kind, some in kinds.items():
        taken = [sightings(one, asked(one, index, desk.lengths_s), index, desk) for one in some]
        yield _claimed_row(f"{kind}", taken)
    written = [_written(kind, some[0], folder) for kind, some in kinds.items()]
    like, there = _indexed(written, folder / "index")
    for kind, some in kinds.items():
        taken = [sightings(one, asked(one, like, there.lengths_s), like, there) for one in some[1:]]
        if taken:
            yield _claimed_row(f"{kind}, in an index of others of its kind", taken)


def _written(kind: str, samples: Samples, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{kind.partition(',')[0]}.wav"
    encode(path, [samples[None]], SR, format=Format.WAV16)
    return path


def _indexed(paths: Sequence[Path], folder: Path) -> tuple[Index, Desk]:
    """Return an index of files, and what is in it."""
    index = Index(folder)
    filed = [one for one in indexed(list(paths), index) if one.error is None]
    index.refresh()
    return index, Desk(
        folder=folder,
        lengths_s={one.number: one.duration_s for one in filed},
        paths={one.number: one.path for one in filed},
    )


def _claimed_row(what: str, taken: Sequence[Sequence[Sighting]]) -> Row:
    """Return how many of some pieces are nobody's copy, given what was found in each."""
    said = [some[0].proof.finding for some in taken if some]
    counts = [f"{said.count(finding)} {finding.value}" for finding in Finding]
    return Row(
        what=f"of {len(taken)} pieces: {what}; claimed as nobody's copy"
        f" ({len(said)} found{': ' + ', '.join(counts) if said else ''})",
        unit="pieces",
        ours=float(sum(not any(one.is_claimed for one in some) for some in taken)),
        goal=len(taken),
    )


def sounds() -> Mapping[str, Sequence[Samples]]:
    """Return what is no music, by its kind [one channel at 44.1 kHz, 20 s each]."""
    rng = np.random.default_rng(11)
    times = np.arange(_LENGTH_S * SR) / SR
    tones = [_tone(times, hz) for hz in (440, 110, 997, 1_000, 3_000)]
    chords = [_tone(times, 220) + _tone(times, 275) + _tone(times, 330), tones[0] + tones[2]]
    sweep = _tone(times, 100 + 70 * times)
    hum = np.sign(_tone(times, 50))
    white = [rng.standard_normal(len(times)) for _ in range(4)]
    brown = [np.cumsum(rng.standard_normal(len(times))) for _ in range(4)]
    clicks = [_clicks(bpm, sharp, rng) for sharp in (5, 60) for bpm in (60, 90, 120, 150)]
    return {
        "silence": [np.zeros(len(times), np.float32), _level(white[0], 1e-5)],
        "tones, chords, a sweep, hum": [_level(one) for one in (*tones, *chords, sweep, hum)],
        "noise": [_level(one) for one in (*white, *brown)],
        "clicks": [_level(one) for one in clicks],
        "speech": [np.resize(spoken(voice), len(times)) for voice in range(3)],
    }


def _tone(times: Waves, hz: "float | Waves") -> Waves:
    return np.sin(2 * np.pi * hz * times)


def _level(samples: Waves, most: float = 0.5) -> Samples:
    return np.asarray(samples * (most / np.abs(samples).max()), np.float32)


def _clicks(bpm: int, sharp: int, rng: np.random.Generator) -> Waves:
    """Return a metronome: bursts of noise, the sharper the shorter."""
    made = np.zeros(_LENGTH_S * SR)
    length = SR // sharp // 4
    burst = rng.standard_normal(length) * np.exp(-np.arange(length) / length * 6)
    for at in range(0, len(made) - length, SR * 60 // bpm):
        made[at : at + length] += burst
    return made


def score_rows(scores: Path | None, folder: Path) -> Iterator[Row]:
    """Yield what versions of one score are taken for: with either sound font, and as recorded.

    Args:
        scores: A folder with scores, two sound fonts, and recordings under the scores' names.
        folder: Where versions and their indexes go.
    """
    if scores is None or shutil.which("fluidsynth") is None:
        why = "no --scores was given" if scores is None else "fluidsynth is not installed"
        yield Row(what=f"one score with two sound fonts: {why}", unit="pieces", ours=None)
        return
    paths = sorted(path for path in scores.rglob("*") if path.is_file())
    written = [path for path in paths if path.suffix == _MIDI][:_SCORES]
    stems = {path.stem for path in written}
    versions = {
        font.stem: [_kept(_rendered(score, font), score, folder / font.stem) for score in written]
        for font in paths
        if font.suffix == _FONT
    }
    recorded = [path for path in paths if path.suffix in _AUDIO and path.stem in stems]
    if recorded:
        versions["as recorded"] = [_kept(_begun(path), path, folder / "as") for path in recorded]
    for (one, mine), (other, theirs) in combinations(versions.items(), 2):
        yield _version_row(f"{other}, in {one}", mine, theirs, folder / f"{one} {other}")


def _rendered(score: Path, font: Path) -> Samples:
    """Return how a rendering of a score begins, both channels downmixed."""
    program = str(shutil.which("fluidsynth"))
    wanted = ["-niq", "-r", str(SR), "-O", "s16", "-T", "raw", "-F", "/dev/stdout"]
    with subprocess.Popen(  # noqa: S603  # a program of the system, on files that the caller named
        [program, *wanted, str(font), str(score)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        assert running.stdout is not None  # noqa: S101  # it is a pipe, as said above
        held = running.stdout.read(_SCORE_S * SR * 4)
        running.kill()  # the rest is not needed, and may be a quarter of an hour
    sides = np.frombuffer(held, "<i2").reshape(-1, 2)
    return np.asarray(sides.mean(axis=1) / 2**15, np.float32)


def _begun(path: Path) -> Samples:
    """Return how a recording begins, all channels downmixed."""
    blocks, wanted = [], _SCORE_S * SR
    for block in decode(path, sr=SR):
        blocks.append(block.mean(axis=0))
        wanted -= block.shape[1]
        if wanted <= 0:
            break
    return np.concatenate(blocks)[: _SCORE_S * SR]


def _kept(samples: Samples, named: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{named.stem}.wav"
    encode(path, [samples[None]], SR, format=Format.WAV16)
    return path


def _version_row(
    what: str, known: Sequence[Path], asked_about: Sequence[Path], folder: Path
) -> Row:
    index, desk = _indexed(known, folder)
    taken = []
    for path in asked_about:
        heard = _begun(path)
        taken.append(sightings(heard, asked(heard, index, desk.lengths_s), index, desk))
    return _claimed_row(f"scores with {what}", taken)
