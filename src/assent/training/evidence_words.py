"""What evidence says in sentences: the summary for the public, and the gaps that everybody sees.

Both follow from facts that a checker finds again by itself, so it can tell whether they were
written as they must be. Touches nothing.

Source: European Commission, template for the public summary of training content under Article
53(1)(d) of Regulation (EU) 2024/1689; facts on what such evidence cannot show: docs/log.md.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from assent.clock import format_instant
from assent.training.item import Item

__all__ = [
    "ERASED",
    "MOST_SAMPLED",
    "NOT_RECOMPUTED",
    "UNCLEAR",
    "Facts",
    "Tally",
    "format_gaps",
    "gaps",
    "many",
    "summary",
]

_MOST_NAMES = 10_000
"""Different codecs, licences and agreements that are counted; more are not told by name."""
_MOST_TOLD = 20

MOST_SAMPLED = 10
"""How many of those left out for one reason are named."""
ERASED, UNCLEAR, NOT_RECOMPUTED = "erased", "unclear", "not-recomputed"
"""Reasons beside those of a decision: somebody was erased since; it would be permitted now, because
somebody who said no was erased, or the instant was another; there are too many to look."""
_BLANK = "_not known to the platform: to be filled in by whoever trains_"


@dataclass(slots=True)
class Tally:
    """What the items of a set come to, one after the other.

    Args:
        items: How many.
        size_bytes: How large their files are.
        duration_ms: How long they sound [ms, each rounded down].
        codecs: How many have which codec.
        licences: How many have which licence.
        agreements: How many stand under which agreement.
        first: When the first of them was registered [aware datetime].
        last: When the last of them was.
    """

    items: int = 0
    size_bytes: int = 0
    duration_ms: int = 0
    codecs: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    agreements: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    def add(self, item: Item) -> None:
        """Count an item."""
        self.items += 1
        self.size_bytes += item.size_bytes
        self.duration_ms += item.frames * 1000 // item.sr
        _count(self.codecs, item.codec)
        _count(self.licences, item.licence or "none stated")
        named = {ground.text for ground in item.grounds if ground.role == "agreement"}
        for agreement in named:
            _count(self.agreements, agreement or "")

    def registered(self, at: datetime) -> None:
        """Note when an item was registered [aware datetime]."""
        self.first = min(at, self.first or at)
        self.last = max(at, self.last or at)


def _count(names: Counter[str], name: str) -> None:
    if len(names) <= _MOST_NAMES:  # beyond that they are told by nobody, in whatever order
        names[name] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the sentences are made from.

    Args:
        training_set: The set's id.
        program: The program's id.
        owner: Whose program it is.
        purpose: What it is for, in its own words.
        uses: What it asked for, by name.
        territories: Where, parted by spaces.
        models: What models it named when it was proposed.
        at: When the set was put on record [aware datetime].
        erased: How many items were erased since.
        digests: How many model files are named by their digests.
        recomputed: Whether it was recomputed why the others were left out.
        manifest: Whether the manifest is here.
        tally: What the items that are left come to.
    """

    training_set: str
    program: str
    owner: str
    purpose: str
    uses: tuple[str, ...]
    territories: str
    models: tuple[str, ...]
    at: datetime
    erased: int
    digests: int
    recomputed: bool
    manifest: bool
    tally: Tally


def many(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> many(1, "member"), many(2, "member")
    ('1 member', '2 members')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def gaps(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return what this evidence does not show: a code and a sentence each."""
    return tuple(_gaps(facts))


def _gaps(facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.erased:
        yield (
            "erased",
            f"{many(facts.erased, 'recording')} of the set went with somebody who was erased since,"
            " as anybody may ask: how many were in it is shown, and nothing else of them can be.",
        )
    if not facts.manifest:
        yield (
            "manifest-left-out",
            "The manifest is left out, because somebody was erased from it; its digest stands.",
        )
    if not facts.recomputed:
        yield (
            "exclusions-not-recomputed",
            "Why the other recordings were left out was not recomputed: there are too many.",
        )
    if not facts.digests:
        yield "model-unknown", "Which model was trained on the set is not known."
    yield (
        "signals",
        "Reservations that were made elsewhere (robots.txt, AIPREF, TDMRep, C2PA) were not"
        " captured: this version takes in only what is brought to it, and whether a file carried"
        " one is not known.",
    )
    yield (
        "complaints",
        "There is no log of complaints; holds stand in for it, where somebody placed one.",
    )
    yield (
        "withheld",
        "An event that the platform left out of this file (a withdrawal, a hold, another holder)"
        " cannot be seen in it. Whoever made it has a receipt, and can prove the latest word on a"
        " recording.",
    )
    yield (
        "read-only-this",
        "That training read only this set cannot be shown by any of this, nor that the same sound"
        " is not in it as another recording.",
    )
    yield (
        "who-is-who",
        "That an account is the person it says, and that the holders named are all there are, is"
        " the platform's word.",
    )
    yield (
        "code",
        "The digest of the code is of the version that made this evidence; that the set was built"
        " by the same is the platform's word.",
    )


def format_gaps(facts: Facts) -> str:
    """Return the gaps as the file has them."""
    lines = (f"- {code}: {sentence}\n" for code, sentence in gaps(facts))
    return "".join(("# What this evidence does not show\n\n", *lines))


def summary(facts: Facts) -> str:
    """Return the summary for the public, as far as the platform knows."""
    tally = facts.tally
    seconds = tally.duration_ms // 1000
    rows = [
        ("Version", f"set {facts.training_set}, on record since {format_instant(facts.at)}"),
        ("Provider", _BLANK),
        ("Model", _plain(", ".join(facts.models)) or _BLANK),
        ("Program", f"{facts.program}, of {_plain(facts.owner)}"),
        ("Purpose", _plain(facts.purpose)),
        ("Uses asked for", ", ".join(facts.uses)),
        ("Territories", facts.territories),
    ]
    data = [
        ("Modalities", "audio: recordings of music and sound"),
        ("Recordings", _and_erased(tally.items, facts.erased)),
        ("Length", f"{seconds // 3600} h {seconds // 60 % 60} min {seconds % 60} s"),
        ("Size", f"{tally.size_bytes} bytes"),
        ("Encodings", _told(tally.codecs)),
        ("Licences stated", _told(tally.licences)),
        ("First registered", format_instant(tally.first) if tally.first else _BLANK),
        ("Latest acquisition", format_instant(tally.last) if tally.last else _BLANK),
    ]
    sources = [
        ("Public data sets", _BLANK),
        ("Licensed from holders or their representatives", f"{tally.items}; all of them"),
        ("of these under agreements", _told(tally.agreements)),
        ("Crawled or scraped", "none by the platform"),
        ("Data of users of the provider's own services", "the recordings above"),
        ("Synthetic data", _BLANK),
        ("Other sets used with this one", _BLANK),
    ]
    measures = [
        ("Opt-outs", "a recording is in the set only where every holder's consent stands"),
        ("Withdrawals", "recalled from the set; revocations.json lists those so far"),
        ("Reservations made elsewhere", "not captured in this version"),
        ("Removal of illegal content", _BLANK),
    ]
    sections = {
        "General": rows,
        "Data": data,
        "Sources": sources,
        "Measures": measures,
    }
    return "# Public summary of training content\n" + "".join(
        f"\n## {title}\n\n" + "".join(f"- {name}: {value}\n" for name, value in lines)
        for title, lines in sections.items()
    )


def _and_erased(items: int, erased: int) -> str:
    return f"{items}, and {erased} that were erased since" if erased else str(items)


def _told(names: Counter[str]) -> str:
    if len(names) > _MOST_NAMES:
        return f"more than {_MOST_NAMES} different ones"
    most = sorted(names, key=lambda name: (-names[name], name))
    told = ", ".join(f"{_plain(name)} ({names[name]})" for name in most[:_MOST_TOLD])
    left = len(most) - _MOST_TOLD
    return f"{told} and {left} more" if left > 0 else told or "none"


def _plain(text: str) -> str:
    """Return a text on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
