"""How many recordings' words an act has changed, and how many of them it has widened."""

from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue import tables

__all__ = ["WordChange"]


class WordChange:
    """The words of all recordings, blanket and of programs, as they are now.

    Args:
        house: The platform.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._before = self._words()

    def _words(self) -> dict[tuple[str | None, int], int]:
        recordings, own = tables.recordings.c, tables.program_words.c
        words: dict[tuple[str | None, int], int] = {}
        with self._house.reading() as connection:
            for number, word in connection.execute(select(recordings.number, recordings.word)):
                words[None, number] = word
            for row in connection.execute(select(own.program, own.recording, own.word)):
                words[row.program, row.recording] = row.word
        return words

    def since(self) -> tuple[int, int]:
        """Return how many recordings have another word since, and how many a wider one."""
        changed, widened = set(), set()
        for (program, number), word in self._words().items():
            # a program that had no word of its own had the blanket one
            before = self._before.get((program, number), self._before.get((None, number), 0))
            if word != before:
                changed.add(number)
            if word & ~before:
                widened.add(number)
        return len(changed), len(widened)
