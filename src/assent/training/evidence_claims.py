"""The small parts of evidence, each held against what the receipts show.

What only the platform can know (who is left out, which model) is held against itself: it must add
up, and must be about this set. Each check returns state and text, or raises what is wrong.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256

from assent import __version__
from assent.errors import BadProof, NotProved
from assent.log.policy import format_policy
from assent.permission.reasons import Kind
from assent.permission.uses import REGISTER_VERSION
from assent.training.evidence_book import Happened
from assent.training.evidence_claimed import Claimed
from assent.training.evidence_files import (
    COMPLAINTS,
    DECISION,
    EXCLUSIONS,
    EXEMPT,
    GAPS,
    MANIFEST,
    MODEL,
    PAGE,
    POLICY,
    REVOCATIONS,
    RUN,
    SIGNALS,
    SUMMARY,
    most_bytes,
    text_name,
)
from assent.training.evidence_json import Fields
from assent.training.evidence_verdict import State
from assent.training.evidence_words import (
    ERASED,
    MOST_SAMPLED,
    NOT_RECOMPUTED,
    UNCLEAR,
    Facts,
    format_gaps,
    gaps,
    many,
    summary,
)

__all__ = ["CLAIMS"]

Found = tuple[State, str]

_CAN_TAKE_BACK = {"agreement", "hold", "terms.accept", "terms.publish"}
"""Kinds of events that take uses back, beside statements."""
_REASONS = {kind.value for kind in Kind} | {ERASED, UNCLEAR, NOT_RECOMPUTED}


def _need(holds: object, text: str) -> None:
    if not holds:
        raise NotProved(text, reason="bad-record")


def _decision(claimed: Claimed) -> Found:
    said, found, book = claimed.fields(DECISION), claimed.found, claimed.book
    said.only("at", "event", "head", "index_root", "program", "register", "texts")
    program, proposed = book.asked()
    at = said.instant("at")
    whole = (said.number("event"), said.number("head"), at)
    _need(whole == (found.event, found.head, found.at), "it is about another set")
    named = said.child("program")
    said_of = (named.text("id"), named.number("proposed"), named.text("territories"))
    same = said_of == (program.id, program.proposed, proposed.territories)
    _need(same and named.texts("uses") == proposed.uses, "it is about another program")
    texts = [_text(text) for text in said.children("texts")]
    every = [(text.digest, text.event, name, text.kind) for name, text in book.texts_by_event()]
    _need(texts == every, "it names other texts than the receipts show")
    for digest, _, name, kind in texts:
        _need(kind == "agreement" or _source(claimed, name) == digest, f"{name} is another text")
    if said.number("register") != REGISTER_VERSION:
        return State.UNKNOWN, "it was decided under another register of uses than this one knows"
    rooted = _rooted(claimed, said.maybe_child("index_root"))
    return State.TRUE, f"decided as of event {found.head}, by {many(len(texts), 'text')}; {rooted}"


def _text(text: Fields) -> tuple[str, int, str, str]:
    return text.text("digest"), text.number("event"), text.text("id"), text.text("kind")


def _source(claimed: Claimed, name: str) -> str:
    file = text_name(name)
    return sha256(claimed.archive.read(file, most_bytes(file))).hexdigest()


def _rooted(claimed: Claimed, root: Fields | None) -> str:
    if root is None:
        return "no root over the latest words has come after it yet"
    event, head = root.number("event"), root.number("head")
    known = claimed.book.roots.get(event)
    _need(known == head >= claimed.found.head, "it names a root that does not cover it")
    return f"the root of event {event} covers it"


def _exclusions(claimed: Claimed) -> Found:
    said, found = claimed.fields(EXCLUSIONS), claimed.found
    said.only("all", "head", "items", "reasons", "recomputed")
    about = (said.number("head"), said.number("items"))
    _need(about == (found.head, found.items), "it is about another set")
    left = [_reason(claimed, reason) for reason in said.children("reasons")]
    _need(len({reason for reason, _ in left}) == len(left), "it names a reason twice")
    out = sum(count for _, count in left)
    _need(out + found.items == said.number("all"), "its numbers do not add up")
    if not said.flag("recomputed"):
        return State.UNKNOWN, f"{many(out, 'recording')} left out; why was not recomputed"
    _need(NOT_RECOMPUTED not in dict(left), "it says two things about how it was made")
    told = ", ".join(f"{count} {reason}" for reason, count in left) or "none"
    return State.TRUE, f"left out: {told}; it adds up, and who is which is the platform's word"


def _reason(claimed: Claimed, said: Fields) -> tuple[str, int]:
    said.only("count", "reason", "sample")
    reason, count, sample = said.text("reason"), said.number("count"), said.texts("sample")
    _need(reason in _REASONS and count, f"it gives a reason that there is not, {reason!r}")
    _need(len(set(sample)) == len(sample) <= min(count, MOST_SAMPLED), "a sample is too large")
    if claimed.items is not None:
        members = {number for number in map(_number, sample) if number in claimed.items.numbers}
        _need(not members, "a sample of what was left out names a member")
    return reason, count


def _number(recording: str) -> int:
    digits = recording.removeprefix("r")
    _need(digits.isascii() and digits.isdigit() and len(digits) < 10, "a sample names no recording")  # noqa: PLR2004  # as many as a bitmap's numbers have
    return int(digits)


def _exempt(claimed: Claimed) -> Found:
    said, tally = claimed.fields(EXEMPT), claimed.known_items().tally
    said.only("agreements")
    named: dict[str, int] = {}
    for agreement in said.children("agreements"):
        agreement.only("digest", "event", "id", "members")
        name, text = agreement.text("id"), claimed.book.texts.get(agreement.text("id"))
        about = (agreement.text("digest"), agreement.number("event"))
        same = text is not None and (text.digest, text.event) == about
        _need(same, f"the agreement {name!r} is not the one on record")
        named[name] = agreement.number("members")
    _need(named == dict(tally.agreements), "members stand on other agreements than it says")
    if not named:
        return State.TRUE, "no member stands on an agreement"
    return (
        State.TRUE,
        f"under agreements: {many(sum(named.values()), 'member')}, {many(len(named), 'agreement')}",
    )


def _signals(claimed: Claimed) -> Found:
    said = claimed.fields(SIGNALS)
    said.only("captured", "signals")
    _need(not said.flag("captured") and not list(said.children("signals")), "it names signals")
    return (
        State.UNKNOWN,
        "this version captures no reservations that were made elsewhere, so nobody can tell",
    )


def _run(claimed: Claimed) -> Found:
    said, found = claimed.fields(RUN), claimed.found
    said.only("code", "event", "owner", "program", "purpose", "set", "version")
    _, proposed = claimed.book.asked()
    about = (said.number("event"), said.text("program"), said.text("set"))
    _need(about == (found.event, found.program, found.id), "it is about another set")
    same = (said.text("owner"), said.text("purpose")) == (proposed.owner, proposed.purpose)
    _need(same, "it gives another owner or purpose than the program was proposed with")
    code = said.digest("code").hex()
    return (
        State.TRUE,
        f"{found.id} was built for {found.program}; the platform signs that this is of Assent"
        f" {said.text('version')}, whose source has the SHA-256 {code}",
    )


def _models(claimed: Claimed) -> Found:
    said, found = claimed.fields(MODEL), claimed.found
    said.only("manifest", "models", "root")
    about = (said.text("manifest"), said.digest("root"))
    _need(about == (found.manifest, found.root), "it is about another set")
    named = []
    for model in said.children("models"):
        model.only("name", "sha256", "size_bytes")
        model.number("size_bytes")
        named.append(f"{model.text('name')} ({model.digest('sha256').hex()})")
    if not named:
        return State.UNKNOWN, "no model is named"
    return State.TRUE, f"the platform signs that these come from the set: {', '.join(named)}"


def _revocations(claimed: Claimed) -> Found:
    said, book = claimed.fields(REVOCATIONS), claimed.book
    said.only("as_of", "recalled", "retention_days")
    _, proposed = book.asked()
    about = (said.number("as_of"), said.number("retention_days"))
    _need(about == (claimed.published, proposed.retention_days), "it is of another day or program")
    taken = [_taken(claimed, one, proposed.retention_days) for one in said.children("recalled")]
    _need(len(set(taken)) == len(taken), "it names a recording twice")
    told = f"as of event {claimed.published} nothing was taken back"
    if taken:
        told = (
            f"taken back as of event {claimed.published}: {many(len(taken), 'recording')}, to be"
            f" gone within {many(proposed.retention_days, 'day')}"
        )
    gone = claimed.known_items().gone
    if gone:  # the events by which they left are gone with them
        return State.UNKNOWN, f"{told}; beside {many(gone, 'member')} that an erasure took"
    return State.TRUE, told


def _taken(claimed: Claimed, said: Fields, days: int) -> str:
    said.only("deadline", "events", "reasons", "recording")
    said.texts("reasons")
    recording, deadline = said.text("recording"), said.instant("deadline")
    items = claimed.known_items()
    known = _number(recording) in items.numbers or items.erased
    _need(known, f"{recording} was never in the set")
    events = [claimed.happened(number) for number in said.numbers("events")]
    for event in events:
        _need(_takes_back(event, claimed.found.program), f"nobody took {recording} back by that")
    first = min((event.first for event in events), default=None)
    last = min((event.last for event in events), default=None)
    if first is None or last is None:
        _need(deadline is None, f"{recording} has a deadline and no event that sets it")
        return recording
    span = timedelta(days=days)
    fits = deadline is not None and first + span <= deadline <= last + span
    _need(fits, f"{recording} has another deadline than its events give")
    return recording


def _takes_back(event: Happened, program: str) -> bool:
    said = event.statement
    if said is None:
        return event.kind in _CAN_TAKE_BACK
    return bool(said.withdraws | said.refuses) and said.program in {None, program}


def _complaints(claimed: Claimed) -> Found:
    said = claimed.fields(COMPLAINTS)
    said.only("as_of", "complaint_log", "holds")
    _need(said.number("as_of") == claimed.published, "it is of another day")
    _need(not said.flag("complaint_log"), "it names a log of complaints that there is not")
    count = 0
    for hold in said.children("holds"):
        hold.only("event", "lifted")
        lifted, count = hold.maybe_number("lifted"), count + 1
        claimed.happened(hold.number("event"), "hold")
        if lifted is not None:
            claimed.happened(lifted, "hold.lift")
    return (
        State.UNKNOWN,
        f"{many(count, 'hold')} placed on members since; there is no log of complaints",
    )


def _page(claimed: Claimed) -> Found:
    digest = sha256(claimed.archive.read(PAGE, most_bytes(PAGE))).hexdigest()
    policy = claimed.archive.read(POLICY, most_bytes(POLICY))
    same = "the same as" if policy == format_policy(claimed.policy) else "not the same as"
    return (
        State.TRUE,
        f"the page is here (SHA-256 {digest}), and is the platform's: to trust nobody, take your"
        f" own; its trust file is {same} yours. A creator checks one recording alone with the proof"
        " that assent train-set prove makes",
    )


def _facts(claimed: Claimed) -> Facts:
    items, (_, proposed) = claimed.known_items(), claimed.book.asked()
    return Facts(
        training_set=claimed.found.id,
        program=claimed.found.program,
        owner=proposed.owner,
        purpose=proposed.purpose,
        uses=proposed.uses,
        territories=proposed.territories,
        models=proposed.models,
        at=claimed.found.at,
        erased=items.erased,
        digests=len(list(claimed.fields(MODEL).children("models"))),
        recomputed=claimed.fields(EXCLUSIONS).flag("recomputed"),
        manifest=MANIFEST in claimed.archive.members,
        tally=items.tally,
    )


def _summary(claimed: Claimed) -> Found:
    said = claimed.archive.read(SUMMARY, most_bytes(SUMMARY))
    if claimed.version != __version__:
        return State.UNKNOWN, f"it is as Assent {claimed.version} wrote it"
    wanted = summary(_facts(claimed)).encode()
    _need(said == wanted, "it says something else than the members do")
    return State.TRUE, "it says what the members do; what the platform cannot know is left blank"


def _gaps(claimed: Claimed) -> Found:
    facts = _facts(claimed)
    try:
        said = claimed.archive.read(GAPS, most_bytes(GAPS)).decode()
    except UnicodeDecodeError:
        raise BadProof("it is not text", reason="malformed") from None
    wanted = gaps(facts)
    if claimed.version == __version__:
        _need(said == format_gaps(facts), "it does not say all that is missing")
    missing = [code for code, _ in wanted if not _has_line(said, code)]
    _need(not missing, f"it does not say what is missing: {', '.join(missing)}")
    return State.TRUE, f"it names all {len(wanted)}: {', '.join(code for code, _ in wanted)}"


def _has_line(text: str, code: str) -> bool:
    return any(line.startswith(f"- {code}: ") for line in text.splitlines())


CLAIMS: Mapping[int, Callable[[Claimed], Found]] = {
    2: _decision,
    4: _exclusions,
    5: _exempt,
    6: _signals,
    7: _run,
    8: _models,
    9: _revocations,
    10: _complaints,
    11: _page,
    12: _summary,
    13: _gaps,
}
"""How each part is checked."""
