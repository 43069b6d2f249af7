"""Random histories of a small platform: events of every kind that a word can depend on.

A history is drawn as plain numbers, so that a failing one shrinks to few steps; `tell` turns it
into events. Every body is as the acts write it, and some name what does not exist.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from assent.catalogue.events import Event
from assent.clock import format_instant
from assent.permission.uses import CONSENT_ONLY, parse_use

__all__ = [
    "DIGEST",
    "START",
    "Step",
    "answer_body",
    "claim_body",
    "decide_body",
    "draft_body",
    "edit_body",
    "histories",
    "holders_body",
    "notice_body",
    "program_body",
    "recording_body",
    "staff_body",
    "statement_body",
    "suspect_body",
    "tell",
    "text_body",
]

START = datetime(2031, 1, 1, tzinfo=UTC)
USES = (
    "platform/search",
    "platform/train-analysis",
    "partner/recommend",
    "partner/train-rival",
    "public/supply",
)
TERRITORIES = ("world", "world", "DE", "FR", "DE FR")
DIGEST = "0" * 64

Step = tuple[str, int]
"""What happens, and the seed of its details."""


def text_body(name: str, masks: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the body of publishing terms, or of an agreement."""
    said = {"granted": [], "opt_out": [], "opt_in": [], **masks}
    return {"id": name, "title": name, "party": None, "source": "", "digest": DIGEST, **said}


def draft_body(name: str, against: str | None) -> dict[str, Any]:
    """Return the body of a draft of terms."""
    body = {it: value for it, value in text_body(name, {}).items() if it != "party"}
    in_force = "2031-02-01T00:00:00.000Z"
    return {**body, "against": against, "widens": [], "days": 30, "in_force": in_force}


def edit_body(recording: str, title: str = "Song, again") -> dict[str, Any]:
    return {
        "recording": recording,
        "title": title,
        "licence": "CC-BY-4.0",
        "isrc": None,
        "made_with": [{"role": "vocals", "tool": "a tool", "voice": ""}],
    }


def staff_body(**about: str) -> dict[str, Any]:
    return {"act": "hear", "account": "", "recording": "", "what": "", "cause": "a claim"} | about


def notice_body(text: str, accounts: Sequence[str]) -> dict[str, Any]:
    """Return the body of a notice to some accounts."""
    facets = {"timing": "before", "channel": "inbox", "chance": "accept"}
    told = [{"holder": account} for account in accounts]
    return {"text": text, **facets, "told": len(told), "holders": told}


def recording_body(
    name: str, holders: Sequence[tuple[str, str]], agreement: str | None = None
) -> dict[str, Any]:
    """Return the body of a recording; each holder is an account and its territories."""
    return {
        "id": name,
        "artist": "artist-0",
        "title": name.title(),
        "isrc": None,
        "licence": "all-rights-reserved",
        "origin": "upload",
        "tags": {"genre": ["dub", "techno"], "bpm": 120.0},
        "agreement": agreement,
        "digest": DIGEST,
        "audio_digest": DIGEST,
        "blob": f"blob-{name}",
        "size_bytes": 1_000_000,
        "container": "flac",
        "codec": "flac",
        "sr": 44_100,
        "channels": 2,
        "frames": 4_410_000,
        "loudness_lufs": -14.5,
        "true_peak_dbtp": None,
        "waveform": "AAEC",
        "holders": holders_body(holders),
    }


def holders_body(holders: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return holders as an event lists them."""
    return [
        {
            "holder": holder,
            "share_ppm": 1_000_000 // len(holders),
            "role": "creator",
            "territories": t,
        }
        for holder, t in holders
    ]


@dataclass
class _Story:
    """What has been told so far, as far as later events need it."""

    events: list[Event] = field(default_factory=list)
    at: datetime = START
    accounts: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    agreements: list[str] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)
    holders: dict[str, list[str]] = field(default_factory=dict)
    originals: dict[str, str | None] = field(default_factory=dict)
    programs: list[str] = field(default_factory=list)
    holds: list[tuple[int, str]] = field(default_factory=list)

    def say(self, kind: str, body: Mapping[str, Any]) -> int:
        number = len(self.events) + 1
        self.events.append(Event(number=number, kind=kind, at=self.at, by="op", body=body))
        return number


def _uses(chance: Random, most: int = 3) -> list[str]:
    return sorted(chance.sample(USES, chance.randint(0, most)))


def _account(story: _Story, _chance: Random) -> None:
    number = len(story.accounts)
    name = f"account-{number}"
    story.accounts.append(name)
    story.say("account", {"id": name, "name": f"Ada {number}", "role": "creator"})
    artist = {"id": f"artist-{number}", "name": f"Wren {number}", "account": name}
    story.say("artist", artist)


def _masks(chance: Random) -> dict[str, list[str]]:
    masks: dict[str, list[str]] = {"granted": [], "opt_out": [], "opt_in": [], "barred": []}
    for use in USES:
        masks[chance.choice(("granted", "opt_out", "opt_in", "opt_in", "barred"))].append(use)
    del masks["barred"]
    return masks


def _terms(story: _Story, chance: Random) -> None:
    story.texts.append(f"terms-{len(story.texts)}")
    story.say("terms.publish", text_body(story.texts[-1], _masks(chance)))


def _accept(story: _Story, chance: Random) -> None:
    known = [*story.texts[-2:], *story.texts[-1:] * 4, "terms-nobody-knows"]
    body = {"account": chance.choice(story.accounts), "text": chance.choice(known)}
    story.say("terms.accept", body)


def _agreement(story: _Story, chance: Random) -> None:
    story.agreements.append(f"agreement-{len(story.agreements)}")
    story.say("agreement", text_body(story.agreements[-1], _masks(chance)))


def _holders(story: _Story, chance: Random) -> list[tuple[str, str]]:
    most = min(3, len(story.accounts))
    asked = chance.sample(story.accounts, chance.choice((1, 1, 1, 2, most)))
    return [(holder, chance.choice(TERRITORIES)) for holder in asked]


def _recording(story: _Story, chance: Random) -> None:
    name = f"recording-{len(story.recordings)}"
    holders = _holders(story, chance)
    # an agreement that comes only later, or never, is told of as well
    to_come = f"agreement-{len(story.agreements)}"
    agreement = chance.choice([None, None, None, *story.agreements, to_come])
    story.say("recording", recording_body(name, holders, agreement))
    story.recordings.append(name)
    story.holders[name] = [holder for holder, _ in holders]
    story.originals[name] = None


def _holding(story: _Story, chance: Random) -> None:
    name = chance.choice(story.recordings)
    holders = _holders(story, chance) if chance.random() < 0.9 else []
    story.holders[name] = [holder for holder, _ in holders]
    story.say("holding", {"recording": name, "holders": holders_body(holders)})


def _statement(story: _Story, chance: Random) -> None:
    recording = chance.choice([None, *story.recordings])
    asked = story.holders[recording] if recording else story.accounts
    # a program may be named before it is proposed
    to_come = f"program-{len(story.programs)}"
    program = chance.choice([None, None, *story.programs, to_come])
    grants = _uses(chance)
    refuses = [use for use in _uses(chance, 1) if use not in grants]
    blanket = program is None and any(parse_use(use) & CONSENT_ONLY for use in grants)
    since = story.at + timedelta(days=chance.randint(-2, 4)) if chance.random() < 0.3 else None
    until = story.at + timedelta(days=chance.randint(5, 9)) if chance.random() < 0.4 else None
    body = {
        "holder": chance.choice(asked or story.accounts),
        "recording": recording,
        "program": program,
        "all_programs": blanket,
        "grants": grants,
        "refuses": refuses,
        "withdraws": _uses(chance, 1),
        "lifts": _uses(chance, 1),
        "since": format_instant(since) if since and grants else None,
        "until": format_instant(until) if until and grants else None,
        "preset": None,
        "notice": DIGEST,
        "asks": chance.choice([None, True, False]),
    }
    if any(body[verb] for verb in ("grants", "refuses", "withdraws", "lifts")):
        story.say("statement", body)


def statement_body(holder: str, **said: Any) -> dict[str, Any]:
    """Return the body of a statement of which only some fields are told."""
    fields = ("recording", "program", "since", "until", "preset", "asks")
    verbs: dict[str, list[str]] = {verb: [] for verb in ("grants", "refuses", "withdraws", "lifts")}
    told = {"holder": holder, "all_programs": False, "notice": DIGEST, **said}
    return {**dict.fromkeys(fields), **verbs, **told}


FILES = [{"name": "stems.zip", "sha256": DIGEST, "size_bytes": 12}]


def suspect_body(recording: str, original: str, found: str = "fingerprint") -> dict[str, Any]:
    """Return the body of opening a case."""
    evidence = [{"votes": 40}]
    return {"recording": recording, "original": original, "found": found, "evidence": evidence}


def decide_body(recording: str, original: str, state: str) -> dict[str, Any]:
    """Return the body of deciding a case."""
    cause = "the same take"
    return {"recording": recording, "original": original, "state": state, "cause": cause}


def claim_body(recording: str, original: str, account: str, says: str) -> dict[str, Any]:
    """Return the body of a claim, to be answered within two weeks of the start."""
    answer_by = format_instant(START + timedelta(days=14))
    said = {"words": "they took it", "files": FILES, "answer_by": answer_by}
    return {"recording": recording, "original": original, "account": account, "says": says, **said}


def answer_body(claim: int, recording: str, original: str, account: str) -> dict[str, Any]:
    """Return the body of an answer to a claim, which denies it."""
    said = {"agrees": False, "words": "we did not", "files": FILES}
    return {
        "claim": claim,
        "recording": recording,
        "original": original,
        "account": account,
        **said,
    }


def program_body(name: str, until: datetime, territories: str = "world") -> dict[str, Any]:
    """Return the body of proposing a program."""
    return {
        "id": name,
        "owner": "Nightjar Models",
        "actor": "partner",
        "uses": ["partner/train-rival"],
        "purpose": "Train a model.",
        "models": ["nightjar-1"],
        "territories": territories,
        "start": None,
        "end": format_instant(until),
        "retention_days": 30,
        "contact": "rights@nightjar.example",
        "contract": "NM-1",
    }


def _program(story: _Story, chance: Random) -> None:
    name = f"program-{len(story.programs)}"
    story.programs.append(name)
    body = program_body(name, story.at + timedelta(days=300), chance.choice(TERRITORIES))
    story.say("program.propose", body)
    story.say("program.approve", {"id": name})


def _program_change(story: _Story, chance: Random) -> None:
    if story.programs:
        kind = chance.choice(("program.suspend", "program.resume", "program.end"))
        story.say(kind, {"id": chance.choice(story.programs)})


def _hold(story: _Story, chance: Random) -> None:
    name = chance.choice(story.recordings)
    body = {"recording": name, "uses": _uses(chance) or [USES[0]], "cause": "a dispute"}
    story.holds.append((story.say("hold", body), name))


def _lift_hold(story: _Story, chance: Random) -> None:
    if story.holds:
        number, name = story.holds.pop(chance.randrange(len(story.holds)))
        story.say("hold.lift", {"hold": number, "recording": name})


def _copy(story: _Story, chance: Random) -> None:
    copy, original = chance.choice(story.recordings), chance.choice([None, *story.recordings * 2])
    above = original
    while above is not None and above != copy:
        above = story.originals[above]
    if above is None:
        story.originals[copy] = original
        story.say("copy", {"recording": copy, "original": original})


def _expire(story: _Story, _chance: Random) -> None:
    story.say("statement.expire", {})


_STEPS: dict[str, Callable[[_Story, Random], None]] = {
    "statement": _statement,
    "recording": _recording,
    "program": _program,
    "copy": _copy,
    "holding": _holding,
    "hold": _hold,
    "lift hold": _lift_hold,
    "terms": _terms,
    "accept": _accept,
    "agreement": _agreement,
    "expire": _expire,
    "program change": _program_change,
    "account": _account,
}
_OFTEN = ("statement",) * 5 + ("recording", "program", "copy", "accept") * 2


def histories() -> st.SearchStrategy[list[Step]]:
    """Draw a history: long ones, because few steps seldom meet, and short ones."""
    step = st.tuples(st.sampled_from([*_STEPS, *_OFTEN]), st.integers(0, 2**20))
    return st.lists(step, min_size=20, max_size=50) | st.lists(step, max_size=20)


def tell(steps: Sequence[Step]) -> list[Event]:
    """Return the events of a history, which begins with three accounts and two recordings."""
    story = _Story()
    for kind, seed in (*_beginning(), *steps):
        chance = Random(seed)
        story.at += timedelta(milliseconds=chance.choice((1, 40_000_000, 200_000_000)))
        _STEPS[kind](story, chance)
    return story.events


def _beginning() -> Iterator[Step]:
    kinds = ("account", "account", "account", "terms", "accept", "accept", "recording", "recording")
    yield from ((kind, seed) for seed, kind in enumerate(kinds))
