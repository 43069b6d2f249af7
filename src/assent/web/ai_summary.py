"""What AI may do with one recording, as everybody may know it."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from assent.catalogue.facts import FactReader
from assent.catalogue.words import stored_words
from assent.gate.snapshot import recording_number
from assent.permission.decide import word_of
from assent.permission.facts import Facts
from assent.permission.programs import Program
from assent.permission.uses import ACTORS, ALL, CONSENT_ONLY, GENERATIVE, bit, labels
from assent.studio.foresight_presets import TRAINS
from assent.studio.foresight_reading import running_programs
from assent.studio.foresight_remains import taken_by
from assent.studio.foresight_words import listed, uses_told, who_told
from assent.web.ai_open import UseLineView, use_lines_view
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["AiSummary", "Mark", "Training", "marks_of", "summary_of", "trainers_of"]

_FEW = 3


class Training(Enum):
    """Who may train models on a recording, or feed it to machines that make something."""

    NONE = "none"
    """Nobody."""
    ANALYSIS = "analysis"
    """Models that sort or score may be trained on it, and none that makes anything."""
    GENERATIVE = "generative"
    """Generative AI may learn from it or be fed with it, for some at least."""


class Mark(NamedTuple):
    """Who may train on a recording, and that in a few words."""

    training: Training
    words: str


class AiSummary(View):
    """What AI may do with one recording, as everybody may know it.

    `open` names every use that is open, and `open_lines` says them in words. `training` says
    whether models may be trained on it: not at all, those that sort or score, or generative ones;
    `mark` is the same in words, and `analysis` tells by whom those that sort or score may be.
    `trains` is whether any may, for anybody or for one of `programs`, which are those that run and
    may. `holders` could change it, and `mine` says that who asks is one of them.
    """

    recording: str
    sentence: str
    who_could_change: str
    analysis: str
    word: str
    open: list[str]
    open_lines: list[UseLineView]
    training: Training
    mark: str
    trains: bool
    programs: list[str]
    holders: list[str]
    mine: bool


def summary_of(visit: Visit, recording: str) -> AiSummary:
    """Return what AI may do with a recording; who may see the recording is the caller's to say.

    Args:
        visit: Who asks.
        recording: The recording's id.

    Raises:
        Unknown: There is no such recording.
    """
    facts = FactReader(visit.db).facts(recording, None, visit.at)
    word, programs = word_of(facts), list(trainers_of(visit, recording))
    account = visit.member.account if visit.member else None
    names = _names(facts, account)
    mark = _mark(word, programs)
    return AiSummary(
        recording=recording,
        sentence=_sentence(word, programs, names),
        who_could_change=_who_could_change(facts, names),
        analysis=_analysis(word, programs, facts),
        word=f"{word:016x}",
        open=list(labels(word)),
        open_lines=use_lines_view(dict.fromkeys(labels(word), 0)),
        training=mark.training,
        mark=mark.words,
        trains=mark.training is not Training.NONE,
        programs=[it.id for it in programs],
        holders=[holder.name for holder in facts.holders],
        mine=any(holder.id == account for holder in facts.holders),
    )


def marks_of(visit: Visit, words: Mapping[int, int]) -> dict[int, Mark]:
    """Return who may train on each of some recordings, as their own pages say it.

    Args:
        visit: Who asks.
        words: The word of each for every program, by the recording's number.
    """
    may: dict[int, list[Program]] = {number: [] for number in words}
    for program in _trainers(visit):
        own = stored_words(visit.db, list(words), program.id)
        for number, programs in may.items():
            if own.get(number, 0) & program.uses == program.uses:
                programs.append(program)
    return {number: _mark(word, may[number]) for number, word in words.items()}


def _trainers(visit: Visit) -> Iterator[Program]:
    """Give the programs that run and train models, or feed recordings to machines."""
    for program, _owner, _days in running_programs(visit.db, visit.at):
        if program.uses & (CONSENT_ONLY | TRAINS) and program.is_live(visit.at):
            yield program


def trainers_of(visit: Visit, recording: str) -> Iterator[Program]:
    """Give the programs that run and may train models on a recording, or feed it to machines."""
    number = recording_number(recording)
    for program in _trainers(visit):
        word = stored_words(visit.db, [number], program.id).get(number, 0)
        if word & program.uses == program.uses:
            yield program


def _training(word: int, programs: list[Program]) -> Training:
    for uses, training in ((CONSENT_ONLY, Training.GENERATIVE), (TRAINS, Training.ANALYSIS)):
        if word & uses or any(it.uses & uses for it in programs):
            return training
    return Training.NONE


def _mark(word: int, programs: list[Program]) -> Mark:
    training = _training(word, programs)
    match training:
        case Training.NONE:  # of now: what happened before is told where uses are told
            return Mark(training, "may not be trained on")
        case Training.ANALYSIS:
            return Mark(training, "models that sort or score may train on it")
        case Training.GENERATIVE:
            return Mark(training, f"open to generative AI by {_by(word, programs)}")


def _by(word: int, programs: list[Program]) -> str:
    actors = [
        actor for actor in ACTORS if any(word & bit(actor, activity) for activity in GENERATIVE)
    ]
    return who_told(actors) if actors else _named(programs, CONSENT_ONLY)


def _named(programs: list[Program], uses: int) -> str:
    names = [it.id for it in programs if it.uses & uses]
    return f"{'the program' if len(names) == 1 else 'the programs'} {listed(names)}"


def _sentence(word: int, programs: list[Program], names: list[str]) -> str:
    if said := list(uses_told(word & CONSENT_ONLY)):
        return f"AI may make something of this recording: {'; '.join(said)}."
    if any(it.uses & CONSENT_ONLY for it in programs):
        return (
            f"AI may make something of this recording for {_named(programs, CONSENT_ONLY)} alone."
        )
    return f"No AI may learn to make music from this recording. {_not_allowed(names)}"


def _analysis(word: int, programs: list[Program], facts: Facts) -> str:
    """Return by whom models that sort or score may be trained on it; empty if by nobody."""
    if word & TRAINS:
        taken = ALL
        for holder in facts.holders:
            taken &= taken_by(holder.first, holder.second)
        by = "; ".join(uses_told(word & TRAINS))
        end = (
            ". The terms take that, and a no does not change it." if taken & word & TRAINS else "."
        )
        return f"Models that sort or score music may be trained on it: {by}{end}"
    if any(it.uses & TRAINS for it in programs):
        return (
            f"Models that sort or score music may be trained on it by {_named(programs, TRAINS)}."
        )
    return ""


def _names(facts: Facts, account: str | None) -> list[str]:
    """Return who holds rights, whoever asks first and as you."""
    others = [holder.name for holder in facts.holders if holder.id != account]
    return others if len(others) == len(facts.holders) else ["you", *others]


def _not_allowed(names: list[str]) -> str:
    if not names:
        return "Nobody is named who could say yes."
    if len(names) > _FEW:
        return f"Its {len(names)} holders have not allowed it."
    has = "has" if len(names) == 1 and names != ["you"] else "have"
    return f"{_capital(listed(names))} {has} not allowed it."


def _who_could_change(facts: Facts, names: list[str]) -> str:
    if not names:
        return "Somebody would have to be named who holds the rights."
    who = listed(names) if len(names) <= _FEW else f"All {len(names)} holders together"
    together = " together" if 1 < len(names) <= _FEW else ""
    held = " A hold keeps some of it shut, whatever they say." if facts.holds else ""
    copied = " It was made from another recording, whose holders count, too."
    said = f"{_capital(who)} could change that{together}."
    return f"{said}{held}{copied if facts.original else ''}"


def _capital(text: str) -> str:
    # a name is written as its owner writes it
    return f"You{text[3:]}" if text == "you" or text.startswith(("you ", "you,")) else text
