"""Matches and proofs for tests, which say of them only what they are about."""

from dataclasses import replace
from typing import Any

from assent.identity.match import Kind, Match
from assent.identity.proof import Finding, Proof

__all__ = ["a_match", "a_proof"]

_MATCH = Match(
    recording=0,
    kind=Kind.PART,
    start_s=0.0,
    end_s=10.0,
    original_start_s=0.0,
    original_end_s=10.0,
    tempo=1.0,
    semitones=0.0,
    votes=100,
    chance=0.0,
    repeated=0.0,
)
_PROOF = Proof(
    finding=Finding.SAME,
    together=None,
    on_line=None,
    on_curve=None,
    likeness=0.0,
    by_chance=0.0,
)


def a_match(**said: Any) -> Match:  # fields of a match
    """Ten seconds that are as they were, but for what is said."""
    return replace(_MATCH, **said)


def a_proof(**said: Any) -> Proof:  # fields of a proof
    """A proof by which the samples agree, but for what is said."""
    return replace(_PROOF, **said)
