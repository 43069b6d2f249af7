"""The story's thief: somebody else's recording, altered, and a yes to everything."""

import numpy as np
import soxr

from assent.acts.say import About, grant
from assent.acts.upload import Uploaded, Work, upload
from assent.demo.cast import NO_AI, PROGRAM_ID, THIEF
from assent.demo.stage import Stage, some
from assent.identity.recogniser import Recogniser
from assent.permission.uses import ALL, CONSENT_ONLY
from assent.sound.decode import decode, probe
from assent.sound.encode import Format, encode

__all__ = ["steal"]

_FASTER = 1.06
_LEAST_S = 8.0


def steal(stage: Stage) -> None:
    """Have somebody bring a recording of another's, played faster, and say yes to everything."""
    original = max(stage.by(NO_AI), key=lambda recording: stage.lengths_s[recording])
    if stage.lengths_s[original] < _LEAST_S:
        stage.plain(f"All that {NO_AI} has brought is too short to be known again when altered.")
        return
    stage.plain(
        f"{THIEF} takes {stage.title(original)}, by {NO_AI}, who wants no AI. Played"
        f" {_FASTER - 1:.0%} faster and saved anew, no byte and no sample of it is the same."
    )
    uploaded = _bring(stage, original)
    stage.must(uploaded.copy_of == original, f"{stage.title(original)} is known again")
    (suspicion,) = uploaded.found
    (where,) = suspicion.evidence
    stage.no(
        f"It is known all the same, before anybody can hear it: {where['start_s']:.1f} to"
        f" {where['end_s']:.1f} s of it are {where['original_start_s']:.1f} to"
        f" {where['original_end_s']:.1f} s of {stage.title(original)},"
        f" {where['tempo'] - 1:.0%} faster and {where['semitones']:+.1f} semitones;"
        f" {where['finding']}."
    )
    grant(stage.house, About(holder=THIEF), CONSENT_ONLY, all_programs=True)
    decision = stage.decision(uploaded.recording)
    stage.must(not decision.allowed, "a copy gets no more than its original")
    stage.must(
        uploaded.recording not in stage.permitted(), "the program may not use the copy either"
    )
    stage.plain(
        f"{THIEF} says yes to {some(CONSENT_ONLY.bit_count(), 'generative use')} of"
        f" {ALL.bit_count()}, for every program. May {PROGRAM_ID} use it? No:"
    )
    stage.because_of(decision)
    stage.plain(
        "It waits for a person. Both sides may claim, answer and be heard; assent copies lists it."
    )


def _bring(stage: Stage, original: str) -> Uploaded:
    with stage.house.gate.listen(original) as stream:
        sr = probe(stream).sr
        stream.seek(0)
        sound = np.concatenate(list(decode(stream)), axis=1)
    faster = soxr.resample(sound.T, sr * _FASTER, sr).T
    path = stage.folder / "mine-alone.ogg"
    encode(path, [np.ascontiguousarray(faster)], sr, format=Format.VORBIS)
    work = Work(artist=THIEF, title="Mine alone", licence="all rights reserved")
    return upload(stage.house, path, work, THIEF, Recogniser(stage.house))
