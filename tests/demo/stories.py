"""Stories for tests: told on short composed music, with every line kept."""

import csv
from collections.abc import Callable
from pathlib import Path

from assent.acts.house import House
from assent.demo.line import Kind, Line
from assent.demo.story import Outcome, tell
from assent.settings import Settings

__all__ = ["Told", "tell_on", "with_platform"]

Intruder = Callable[[House], object]


class Told:
    """A story that was told.

    Args:
        lines: Every line.
        outcome: What became of it.
    """

    def __init__(self, lines: list[Line], outcome: Outcome) -> None:
        self.lines, self.outcome = lines, outcome

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def kinds(self) -> list[Kind]:
        return [line.kind for line in self.lines]

    def under(self, heading: str) -> list[Line]:
        """Return the lines of one chapter."""
        titles = [line.text for line in self.lines]
        start = next(n for n, text in enumerate(titles) if text.endswith(heading))
        chapter: list[Line] = []
        for line in self.lines[start + 1 :]:
            if line.kind is Kind.HEADING:
                break
            chapter.append(line)
        return chapter


def tell_on(music: Path, folder: Path, at: str = "", intruder: Intruder | None = None) -> Told:
    """Tell the story; where a line begins or ends with `at`, somebody else acts on the platform.

    Args:
        music: Nine recordings.
        folder: Where the platform goes.
        at: How that line begins or ends.
        intruder: What is done then, through another door to the same platform.
    """
    lines: list[Line] = []

    def say(line: Line) -> None:
        lines.append(line)
        if intruder is not None and (line.text.startswith(at) or line.text.endswith(at)):
            with_platform(folder, intruder)

    return Told(lines, tell(folder, music=music, say=say))


def with_platform(folder: Path, act: Intruder) -> None:
    """Do something on a platform, in a visit of its own."""
    house = House.open(Settings(data=folder))
    try:
        act(house)
    finally:
        house.close()


def artists_of(folder: Path) -> dict[str, str]:
    """Return whose each title is, as the index says that the story made."""
    with (folder / "story" / "index.csv").open(newline="") as file:
        return {row["title"]: row["artist"] for row in csv.DictReader(file)}
