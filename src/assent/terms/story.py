"""The story of the loophole, as the texts tell it: four wordings, counted and told by the program.

Nothing in it is written by hand but the sentences between the figures.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from assent.permission.uses import Activity, Actor
from assent.terms.clause import Status
from assent.terms.closing import close, target_uses
from assent.terms.grid import Material, Provenance, Scope, Time, uses_by
from assent.terms.openings import count, limit_effects
from assent.terms.report import report, report_difference, status_name
from assent.terms.shipped import shipped, source_of
from assent.terms.telling import HEADINGS, MOVES, NO_ADVICE
from assent.terms.text import Text
from assent.terms.words import ACTIVITY_NAMES, ACTOR_NAMES

__all__ = ["WORDINGS", "story"]

WORDINGS = ("soundcloud-2024-02", "soundcloud-2025-05", "critic-published", "critic-reported")
"""The four wordings, in the order of the row."""

_UNCHANGED = "soundcloud-2026-08"

_ASKED = (
    (Actor.PLATFORM, Activity.TRAIN_VOICE),
    (Actor.PLATFORM, Activity.TRAIN_STYLE),
    (Actor.PLATFORM, Activity.TRAIN_RIVAL),
    (Actor.PLATFORM, Activity.TRAIN_TOOL),
    (Actor.PLATFORM, Activity.INPUT_IMITATE),
    (Actor.PLATFORM, Activity.INPUT_OTHER),
    (Actor.PLATFORM, Activity.SUPPLY),
    (Actor.PLATFORM, Activity.TRAIN_ANALYSIS),
    (Actor.GROUP, Activity.TRAIN_VOICE),
    (Actor.PARTNER, Activity.TRAIN_VOICE),
    (Actor.PARTNER, Activity.TRAIN_RIVAL),
    (Actor.PUBLIC, Activity.TRAIN_RIVAL),
)
"""What the row was about."""

_SAYS = {
    "granted": "**taken**",
    "opt_out": "**unless you say no**",
    "silent": "**not said**",
    "opt_in": "only with a yes",
    "barred": "barred",
}


def story() -> str:
    """Return the story, as Markdown."""
    texts = [shipped(name) for name in WORDINGS]
    return "\n".join(
        (
            *_opening(),
            *_counts(texts),
            *_questions(texts, Provenance.OWN, "What one uploads oneself: the recordings"),
            *_questions(texts, Provenance.DELIVERED, "What a label delivers: the recordings"),
            *_words(texts),
            *_sentences(),
            *_differences(texts),
            *_closing(texts),
            *_end(),
        )
    )


def _opening() -> Iterator[str]:
    yield "# The loophole"
    yield ""
    yield (
        "In February 2024 a large audio platform put AI into its terms. In May 2025 it was found,"
        " and the platform wrote a promise instead. A critic answered that the promise leaves a"
        " hole, and wrote a shorter one. This page lays the four wordings on one grid, 60 uses of 3"
        " kinds of material, own or delivered by a label, later or earlier, and says what each"
        " leaves open."
    )
    yield ""
    yield (
        "Made by `assent terms story`; a test compares. Each wording is in"
        " `src/assent/terms/library`, clause by clause with its quote, and each judgement in it is"
        " a named switch ([encodings.md](encodings.md) says what turning it does to the count). The"
        " text of 2024 was not seen whole; it is encoded from what the press quotes of it."
    )
    yield ""
    yield NO_ADVICE
    yield ""


def _counts(texts: Sequence[Text]) -> Iterator[str]:
    yield "## How much is open without consent"
    yield ""
    yield "Of 360 cells each. Open is what is taken, taken unless refused, or not spoken of."
    yield ""
    yield "| wording | what one uploads oneself | what a label delivers |"
    yield "| --- | --- | --- |"
    for text in (*texts, shipped(_UNCHANGED)):
        found = count(text.reading)
        yield f"| {text.title} (`{text.id}`) | {found.own} | {found.delivered} |"
    yield ""


def _questions(texts: Sequence[Text], provenance: Provenance, heading: str) -> Iterator[str]:
    yield f"## {heading}"
    yield ""
    yield f"| who, what for | {' | '.join(text.id for text in texts)} |"
    yield f"| --- |{' --- |' * len(texts)}"
    for actor, activity in _ASKED:
        scope = Scope(
            uses=uses_by(frozenset({actor}), frozenset({activity})),
            material=frozenset({Material.AUDIO}),
            provenance=frozenset({provenance}),
            time=frozenset({Time.AFTER}),
        )
        position = scope.cells.bit_length() - 1
        said = " | ".join(_SAYS[status_name(text.reading.status(position))] for text in texts)
        yield f"| {ACTOR_NAMES[actor]}: {ACTIVITY_NAMES[activity]} | {said} |"
    yield ""


def _words(texts: Sequence[Text]) -> Iterator[str]:
    yield "## What a few words do"
    yield ""
    for text in texts:
        before = count(text.reading)
        for effect in limit_effects(text):
            shut = before.own - effect.after.own
            if shut > 0:
                yield (
                    f"- In `{text.id}`, the words “{effect.name}” (clause `{effect.text}`) leave"
                    f" {shut} cells of own uploads open that the sentence would close without them."
                )
    yield ""


def _sentences() -> Iterator[str]:
    yield "## What each leaves open, in the fewest sentences"
    yield ""
    for name in WORDINGS:
        found = report(shipped(name), source_of(name))
        yield f"### {found['title']}"
        yield ""
        for clause in found["clauses"]:
            if clause["status"] in {Status.OPT_IN.value, Status.BARRED.value}:
                yield f"> `{clause['id']}`: {clause['text']}"
                yield ">"
        yield ""
        for status, heading in HEADINGS.items():
            told = [it for it in found["openings"] if it["status"] == status]
            if told:
                yield f"{heading}:"
                yield ""
                for it in told:
                    yield f"- {it['sentence']}"
                    for miss in it["not_covered_by"]:
                        because = "; ".join(miss["because"])
                        yield f"  - not covered by `{miss['clause']}`: {because}"
                yield ""


def _differences(texts: Sequence[Text]) -> Iterator[str]:
    yield "## What changed from one to the next"
    yield ""
    for first, second in pairwise(texts):
        found = report_difference(first, second)
        yield f"### From `{first.id}` to `{second.id}`"
        yield ""
        for name, heading in MOVES.items():
            if found[name]:
                yield f"{heading}:"
                yield ""
                yield from (f"- {it['sentence']}" for it in found[name])
                yield ""
    same = report_difference(texts[1], shipped(_UNCHANGED))
    moved = sum(len(same[name]) for name in MOVES)
    yield (
        f"Between `{texts[1].id}` and `{_UNCHANGED}`, fifteen months later,"
        f" {moved or 'nothing'} opened, closed or was said differently."
    )
    yield ""


def _closing(texts: Sequence[Text]) -> Iterator[str]:
    yield "## What would close it"
    yield ""
    yield (
        "The shortest addition that closes every generative use of what one uploads oneself"
        " (training of any kind of generative model, input at run time, data sets), by anyone:"
    )
    yield ""
    target = Scope(uses=target_uses(("generative",)), provenance=frozenset({Provenance.OWN}))
    for text in texts:
        addition = close(text, target)
        yield f"- `{text.id}`: {addition.closes.bit_count()} cells are closed by"
        for clause in addition.clauses:
            yield f"  > {clause.text}"
    yield ""


def _end() -> Iterator[str]:
    yield "## Asked by yourself"
    yield ""
    for command in (
        "assent terms open soundcloud-2025-05",
        "assent terms diff soundcloud-2024-02 soundcloud-2025-05",
        "assent terms close soundcloud-2025-05 --target generative --provenance own",
        "assent terms open soundcloud-2025-05 --flip aim-limits",
        "assent terms render soundcloud-2025-05 --as grid",
    ):
        yield f"    {command}"
    yield ""
