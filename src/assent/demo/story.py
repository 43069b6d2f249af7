"""The story of `make demo`: what becomes of four people's music when somebody wants to train on it.

Everything happens on a real platform in a folder, and every sentence is said after the platform was
asked. If it answers otherwise than it must, the story says so and ends, and whoever runs it knows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shlex import join
from tempfile import mkdtemp
from typing import NamedTuple

from assent.acts.house import House
from assent.demo.arrivals import bring, choose_for_themselves, set_rules
from assent.demo.cast import PROGRAM_ID, SAYS_NOTHING, SLOTS, USES
from assent.demo.changes import check_books, take_back, widen_terms
from assent.demo.compose import LONGEST_S
from assent.demo.line import Kind, Line
from assent.demo.material import composed, found
from assent.demo.proofs import prove
from assent.demo.requests import ask, build_set, say_yes, try_anyway
from assent.demo.stage import Say, Stage
from assent.demo.story_clock import StoryClock
from assent.demo.theft import steal
from assent.errors import BadInput, Refused, StorageFailed, Unknown
from assent.permission.uses import labels
from assent.settings import Settings

__all__ = ["CHAPTERS", "Chapter", "Outcome", "fresh_folder", "tell"]

_OWN_FOLDER = "story"


class Chapter(NamedTuple):
    """A part of the story.

    Args:
        title: What stands above it.
        play: Does it, and says it.
    """

    title: str
    play: Callable[[Stage], None]


CHAPTERS = (
    Chapter("The rules of the house", set_rules),
    Chapter("Three artists and a label bring their music", bring),
    Chapter("One of them wants no AI", choose_for_themselves),
    Chapter("Somebody would like to train on it", ask),
    Chapter("One artist says yes", say_yes),
    Chapter("The training set", build_set),
    Chapter("Asking all the same", try_anyway),
    Chapter("A yes taken back", take_back),
    Chapter("The terms grow wider", widen_terms),
    Chapter("Somebody else's music, a little faster", steal),
    Chapter("The books", check_books),
    Chapter("The proofs", prove),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the story.

    Args:
        folder: The platform that it was told on.
        sets: The training sets that were built.
        broken: What did not hold, as one clause; empty if all did.
    """

    folder: Path
    sets: tuple[Path, ...]
    broken: str = ""

    @property
    def holds(self) -> bool:
        """Whether the platform answered as it must, from beginning to end."""
        return not self.broken


def fresh_folder() -> Path:
    """Make an empty folder, among the system's temporary ones.

    Raises:
        StorageFailed: It cannot be made.
    """
    try:
        return Path(mkdtemp(prefix="assent-demo-"))
    except OSError as error:
        raise StorageFailed(f"no temporary folder can be made: {error.strerror}") from error


def tell(
    folder: Path, *, music: Path | None = None, say: Say, longest_s: float = LONGEST_S
) -> Outcome:
    """Tell the story on a fresh platform.

    Args:
        folder: Where the platform goes; nothing or an empty folder is there.
        music: Real recordings to tell it on; composed ones if None.
        say: Takes every line.
        longest_s: How long a composed track may be [seconds].

    Raises:
        BadInput: The folder is not empty, or there are too few recordings in `music`.
        CouldNot: The folder cannot be written.
        Unknown: There is no folder `music`.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{str(folder)!r} is not empty; the story needs a folder of its own")
    own = folder / _OWN_FOLDER
    say(Line(kind=Kind.TITLE, text="Assent: nothing trains without a yes"))
    say(Line(kind=Kind.PLAIN, text=_about(music)))
    material = composed(own, longest_s) if music is None else found(own, music)
    house = House.open(Settings(data=folder), create=True, clock=StoryClock())
    try:
        stage = Stage(house=house, material=material, folder=own, say=say)
        broken = _played(stage)
        if not broken:
            _say_what_next(stage)
        return Outcome(folder=folder, sets=tuple(stage.sets), broken=broken)
    finally:
        house.close()


def _about(music: Path | None) -> str:
    if music is None:
        return (
            f"The people in this story are invented, and so is the music: {len(SLOTS)} tracks,"
            " which a program composes now and learnt from nobody."
        )
    return (
        f"The music is real, {len(SLOTS)} recordings from {music}. The people in this story are"
        " invented: nobody who made this music has said any of what follows."
    )


def _played(stage: Stage) -> str:
    """Play all chapters; return what did not hold, or nothing."""
    for number, chapter in enumerate(CHAPTERS, 1):
        stage.say(Line(kind=Kind.HEADING, text=f"{number}. {chapter.title}"))
        try:
            chapter.play(stage)
        except (Refused, BadInput, Unknown) as error:
            # the story asks for nothing that the platform may refuse unasked: so this is wrong
            stage.say(Line(kind=Kind.BROKEN, text=f"The story breaks off here: {error.text}."))
            return error.text
    return ""


def _say_what_next(stage: Stage) -> None:
    data = str(stage.house.settings.data)
    base = ["assent", "--data", data]
    shared = next(r for r, names in stage.holders().items() if SAYS_NOTHING in names)
    asked = [*base, "may", shared, "--program", PROGRAM_ID]
    receipt = str(stage.folder / "word.tlog-proof")
    yes = ["--program", PROGRAM_ID, "--use", *labels(USES)]
    stage.say(Line(kind=Kind.HEADING, text="See for yourself"))
    stage.plain(
        f"The platform is in {data}, the music and the training sets are in {stage.folder}; they"
        f" stay until you remove them. {stage.title(shared)} still waits for {SAYS_NOTHING}. Ask"
        " why, say yes in her name, and ask again:"
    )
    for command in (
        asked,
        [*base, "grant", "--artist", SAYS_NOTHING, *yes],
        asked,
        [*base, "permitted", PROGRAM_ID],
        ["assent", "verify", str(stage.sets[-1])],
        [*base, "log", "prove-word", shared, "--out", receipt],
        [*base, "verify", receipt],
        [*base, "doctor"],
    ):
        stage.say(Line(kind=Kind.COMMAND, text=join(command)))
