"""Sightings: what an upload is made of, as far as anybody claims it is a copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike

from assent.catalogue.events import Body
from assent.errors import BadInput
from assent.identity.chance import STATED
from assent.identity.design import DESIGN
from assent.identity.fingerprint import samples_of
from assent.identity.match import Kind, Match
from assent.identity.proof import Finding, Proof, looked_at, prove_span
from assent.sound.source import Source

__all__ = ["Sighting", "evidence", "seen", "sighting_of"]

_LEAST_S = 4.0
"""What is shorter is nobody's copy by itself."""
_MATCH: Mapping[str, int | None] = {
    "start_s": 2,
    "end_s": 2,
    "original_start_s": 2,
    "original_end_s": 2,
    "tempo": 4,
    "semitones": 2,
    "votes": None,
    "chance": None,
    "repeated": 2,
}
_PROOF: Mapping[str, int | None] = {
    "together": 3,
    "on_line": 3,
    "on_curve": 3,
    "likeness": 3,
    "by_chance": 3,
}
"""What evidence has of a match and of its proof, and to how many digits."""
_SURE = 1e-9
_LIKER = 0.6
"""Where the samples cannot tell, so sure the landmarks are, or so much more alike the spectra."""
_TWINS = 0.93
"""So alike are spectra of the same notes with another sound font never (0.85 at most were seen); of
a copy that wavers they are, and of the very same samples played anew: a person has to tell."""
_LOOP = 0.8
"""What fits as well at another time of the same recording is a loop, which others may own, too;"""
_LAYERS = 0.8
"""but where all that sounds with it is alike as well, it is the recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A recording of the catalogue in something else.

    Args:
        match: Which, where it is, and how changed.
        proof: What the samples say of it.
    """

    match: Match
    proof: Proof

    @property
    def is_claimed(self) -> bool:
        """Whether it is claimed to be a copy.

        It is not if the samples say that the same notes were played anew and it does not sound
        quite the same, if what agrees is short, if it is a loop and not the recording itself, or
        if only few landmarks speak for it.
        """
        whole = self.match.kind is Kind.SAME
        long_enough = whole or self.match.end_s - self.match.start_s >= _LEAST_S
        is_loop = self.match.repeated >= _LOOP and self.proof.likeness < _LAYERS
        return self._holds and long_enough and (whole or not is_loop)

    @property
    def stands(self) -> bool:
        """Whether it is worth showing: hardly an accident, or the samples agree."""
        return self.match.chance <= STATED or self.proof.finding is Finding.SAME

    @property
    def _holds(self) -> bool:
        """Whether what the landmarks say stands, now that somebody has looked closely."""
        if self.proof.finding is not Finding.OPEN or self.proof.together is not None:
            # of a copy whose phases are left they agree, unless it wavers; then the spectra do
            return self.proof.finding is Finding.SAME or self.proof.likeness >= _TWINS
        liker = self.proof.likeness - self.proof.by_chance
        return self.match.chance <= _SURE or (self.stands and liker >= _LIKER)

    def turned(self, recording: int) -> "Sighting":
        """Return the same, said of the other: what the recording of a number is in this."""
        it = self.match
        match = replace(
            it,
            recording=recording,
            start_s=it.original_start_s,
            end_s=it.original_end_s,
            original_start_s=it.start_s,
            original_end_s=it.end_s,
            tempo=1 / it.tempo,
            semitones=-it.semitones,
        )
        return replace(self, match=match)


def seen(match: Match, file: Source, original: Source) -> Sighting:
    """Return a match, looked at closely.

    Args:
        match: The match.
        file: What was asked about: a path, or a readable and seekable binary stream.
        original: The recording that it was found in; likewise.

    Raises:
        BadAudio: Either is no audio.
        StorageFailed: Either cannot be read.
        Unknown: Either is not there.
    """
    near = looked_at(match)
    theirs = samples_of(original, near.original_start_s, near.original_end_s)
    if not isinstance(file, PathLike | str):
        file.seek(0)
    mine = samples_of(file, near.start_s, near.end_s)
    return Sighting(match=match, proof=prove_span(mine, theirs, near))


def evidence(sightings: Sequence[Sighting]) -> list[Body]:
    """Return sightings as a case keeps them."""
    return [
        {
            "design": DESIGN.name,
            "kind": it.match.kind.value,
            **{name: _rounded(getattr(it.match, name), digits) for name, digits in _MATCH.items()},
            "finding": it.proof.finding.value,
            **{name: _rounded(getattr(it.proof, name), digits) for name, digits in _PROOF.items()},
        }
        for it in sightings
    ]


def sighting_of(recording: int, told: Body) -> Sighting:
    """Return a sighting as evidence tells it.

    Args:
        recording: The number of what it was seen in.
        told: One of what `evidence` gave.

    Raises:
        BadInput: It is no evidence of this kind.
    """
    try:
        match = Match(
            recording=recording,
            kind=Kind(told["kind"]),
            **{name: told[name] for name in _MATCH},
        )
        proof = Proof(finding=Finding(told["finding"]), **{name: told[name] for name in _PROOF})
    except (KeyError, ValueError) as error:
        raise BadInput("the evidence has no picture: it is not of fingerprints") from error
    return Sighting(match=match, proof=proof)


def _rounded(number: float | None, digits: int | None) -> float | None:
    return number if number is None or digits is None else round(number, digits)
