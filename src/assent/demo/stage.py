"""What the chapters of the story share: the platform, what was brought to it, and how they speak.

A chapter says a thing only after `must` has seen that it is so; what it counts, it counts from the
platform's own answers.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from assent.acts.house import House
from assent.catalogue.facts import FactReader
from assent.catalogue.rows import read_program
from assent.demo.cast import PROGRAM_ID
from assent.demo.line import Kind, Line
from assent.demo.material import Material
from assent.errors import NotProved
from assent.permission.decide import Decision, word_of
from assent.permission.facts import Facts
from assent.permission.uses import Activity, Actor, labels
from assent.permission.wording import ACTIVITY_WORDS, ACTOR_WORDS, explain

__all__ = ["Say", "Stage", "listed", "some", "told"]

Say = Callable[[Line], None]


@dataclass(slots=True)
class Stage:
    """The platform while the story is told on it.

    Args:
        house: The platform.
        material: What there is to import.
        folder: Where the story keeps what it makes.
        say: Takes every line.
        titles: The recordings that were taken in, and what they are called.
        artists: Under whose name each of them appears.
        lengths_s: How long each of them is [seconds].
        sets: The training sets that were built.
    """

    house: House
    material: Material
    folder: Path
    say: Say
    titles: dict[str, str] = field(default_factory=dict)
    artists: dict[str, str] = field(default_factory=dict)
    lengths_s: dict[str, float] = field(default_factory=dict)
    sets: list[Path] = field(default_factory=list)

    def plain(self, text: str) -> None:
        """Say something."""
        self.say(Line(kind=Kind.PLAIN, text=text))

    def yes(self, text: str) -> None:
        """Say what is open, or came out as it must."""
        self.say(Line(kind=Kind.YES, text=text))

    def no(self, text: str) -> None:
        """Say what the platform refuses."""
        self.say(Line(kind=Kind.NO, text=text))

    def because(self, *reasons: str) -> None:
        """Say why, under the line before."""
        for reason in reasons:
            self.say(Line(kind=Kind.REASON, text=reason))

    def because_of(self, decision: Decision) -> None:
        """Say all reasons of a decision; the line before says which recording it is about."""
        self.because(
            *(text.replace(f" for {decision.recording}", "") for text in explain(decision))
        )

    def must(self, holds: bool, claim: str) -> None:  # noqa: FBT001  # reads as a sentence
        """Go on only if a claim holds.

        Raises:
            NotProved: It does not.
        """
        if not holds:
            self.fail(claim)

    def fail(self, claim: str) -> NoReturn:
        """End the story, because a claim does not hold.

        Raises:
            NotProved: Always.
        """
        raise NotProved(f"it does not hold that {claim}")

    def title(self, recording: str) -> str:
        """Return a recording's title, in quotation marks."""
        return f"“{self.titles[recording]}”"

    def title_list(self, recordings: Iterable[str]) -> str:
        """Return the titles of recordings as part of a sentence."""
        return listed([self.title(recording) for recording in recordings])

    def by(self, artist: str) -> list[str]:
        """Return the recordings under an artist's name."""
        return [recording for recording, name in self.artists.items() if name == artist]

    def holders(self) -> dict[str, set[str]]:
        """Return the names of all who hold rights in each recording."""
        return {
            recording: {holder.name for holder in facts.holders}
            for recording, facts in self._facts(None).items()
        }

    def words(self, program: str | None = None) -> Mapping[str, int]:
        """Return the open uses of each recording, from all that is known [60-bit words].

        Args:
            program: For which program; None for everybody.
        """
        return {recording: word_of(facts) for recording, facts in self._facts(program).items()}

    def _facts(self, program: str | None) -> dict[str, Facts]:
        at = self.house.clock()
        with self.house.reading() as connection:
            reader = FactReader(connection)
            asked = read_program(connection, program) if program else None
            return {recording: reader.facts(recording, asked, at) for recording in self.titles}

    def decision(self, recording: str) -> Decision:
        """Ask the platform, now, whether the partner's program may use a recording."""
        self.house.gate.snapshot.refresh()
        return self.house.gate.explain(PROGRAM_ID, recording)

    def permitted(self) -> list[str]:
        """Ask the platform for all that the partner's program may use now."""
        numbers = self.house.gate.snapshot.permitted(PROGRAM_ID).numbers
        return [f"r{number}" for number in numbers.tolist()]


def listed(parts: Iterable[str]) -> str:
    """Return parts as a list within a sentence.

    >>> listed(["one", "two", "three"])
    'one, two and three'
    """
    *most, last = list(parts) or ["nothing"]
    return f"{', '.join(most)} and {last}" if most else last


def told(uses: int) -> str:
    """Return uses as who may do what, in words.

    >>> told(0b11)
    'the platform may find copies of it and look for fraud and abuse'
    """
    by_actor: dict[Actor, list[str]] = {}
    for name in labels(uses):
        actor, _, activity = name.partition("/")
        by_actor.setdefault(Actor(actor), []).append(ACTIVITY_WORDS[Activity(activity)])
    return "; ".join(f"{ACTOR_WORDS[who]} may {listed(what)}" for who, what in by_actor.items())


def some(count: int, thing: str) -> str:
    """Return a number of things, in the singular where there is one.

    >>> some(1, "track"), some(2, "track")
    ('1 track', '2 tracks')
    """
    return f"{count} {thing}" + ("" if count == 1 else "s")
