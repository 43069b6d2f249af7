"""The last chapters: a yes taken back, terms that grow wider, and the books."""

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from time import sleep

from sqlalchemy import func, select

from assent.acts.count_uses import count_uses
from assent.acts.expire import expire
from assent.acts.publish import accept_terms, publish_terms
from assent.acts.rebuild import findings, rebuild
from assent.acts.say import About, withdraw
from assent.catalogue import tables
from assent.catalogue.events import head
from assent.catalogue.preview import preview
from assent.catalogue.tables import PROJECTIONS
from assent.clock import monotonic_s
from assent.demo.cast import (
    DESK,
    PARTNER,
    PROGRAM_ID,
    SAYS_NOTHING,
    SAYS_YES,
    USES,
    WIDER_TERMS,
)
from assent.demo.requests import verified_set
from assent.demo.stage import Stage, listed, some
from assent.demo.story_clock import StoryClock
from assent.identity.program import PROGRAM as IDENTIFY
from assent.identity.store import numbers
from assent.permission.reasons import Kind
from assent.permission.uses import ALL, CONSENT_ONLY
from assent.terms.text import parse_text
from assent.training.listing import all_sets
from assent.training.loader import Loader

__all__ = ["check_books", "take_back", "widen_terms"]

_PIECE_S = 0.25
_STEP_S = 0.05
"""How long the story's training takes over one piece; it learns nothing."""


def take_back(stage: Stage) -> None:
    """Take one recording back while a training loop runs over the set."""
    permitted = stage.permitted()
    stage.must(len(permitted) > 1, "the program may use what the set holds")
    taken, *kept = permitted
    loader = Loader(stage.house.settings, stage.sets[0], seconds=_PIECE_S)
    try:
        samples = iter(loader)
        first = next(samples, None)
        stage.must(
            first is not None and first.recording == taken, "the loader gives the set in its order"
        )
        stage.plain(
            f"{PARTNER} is training: its loader hands over {stage.title(taken)}, a quarter of a"
            " second at a time."
        )
        event = withdraw(stage.house, About(holder=SAYS_YES, recording=taken), USES)
        since_s, heard = monotonic_s(), Counter[str]()
        stopped_s = 0.0
        stage.plain(f"{SAYS_YES} takes {stage.title(taken)} back (event {event.number}).")
        for sample in samples:
            heard[sample.recording] += 1
            if sample.recording == taken:
                sleep(_STEP_S)
            elif not stopped_s:
                stopped_s = monotonic_s() - since_s
        refused = [refusal.recording for refusal in loader.refused]
    finally:
        loader.close()
    stage.must(refused == [taken], "the loader passes over what was taken back, and only that")
    stage.must(set(heard) - {taken} == set(kept), "the loader goes on with the rest of the set")
    whole = int(stage.lengths_s[taken] / _PIECE_S)
    stage.must(1 + heard[taken] < whole, "the loader stops before the recording has ended")
    stage.no(
        f"The loader, in the middle of it, stops {stopped_s:.1f} seconds later, and goes on with"
        f" {stage.title_list(kept)}."
    )
    decision = stage.decision(taken)
    stage.must(not decision.allowed, f"{stage.title(taken)} is closed")
    stage.must(
        {r.kind for r in decision.reasons} == {Kind.NOT_GRANTED},
        "the missing yes is all that stands in the way",
    )
    stage.no(f"The next decision on {stage.title(taken)} is no:")
    stage.because_of(decision)
    verified_set(stage, kept)


def widen_terms(stage: Stage) -> None:
    """Change the terms to a wider text: first without anybody accepting, then with a click."""
    before, before_named = stage.words(), stage.words(PROGRAM_ID)
    permitted = stage.permitted()
    _give_notice(stage)
    after, after_named = stage.words(), stage.words(PROGRAM_ID)
    opened = _opened(before, after) | _opened(before_named, after_named)
    stage.must(not opened, "a text that nobody accepted opens nothing")
    stage.must(stage.permitted() == permitted, "the program may use what it might before")
    asked = len(before) * ALL.bit_count()
    stage.yes(
        f"Asked again about {some(len(before), 'recording')} and {ALL.bit_count()} uses, for"
        f" everybody and for {PROGRAM_ID}: of {2 * asked} answers {len(opened)} became a yes."
    )
    stage.because("A text that you have not accepted takes no more from you than the last one did.")
    _click(stage, after)


def _give_notice(stage: Stage) -> None:
    """Publish a wider text, which has to wait, and let the weeks of its notice go by."""
    draft = publish_terms(stage.house, WIDER_TERMS, DESK)
    stage.must(draft.kind == "terms.draft", "a wider text is not in force before its notice")
    wider = parse_text(WIDER_TERMS)
    with stage.house.reading() as connection:
        found = preview(connection, wider.masks)
        told = select(func.sum(tables.notices.c.told)).where(tables.notices.c.text == wider.id)
        holders = connection.execute(told).scalar_one()
    names = set[str]().union(*stage.holders().values())
    stage.must(holders == len(names), "everybody who holds rights is told")
    stage.plain(
        f"The platform changes its terms. The new text: “{wider.clauses[0].text}” It opens"
        f" {wider.masks.granted.bit_count()} of {ALL.bit_count()} uses, so it cannot be in force"
        f" at once: all {holders} who hold rights are told, and it waits"
        f" {draft.body['days']} days."
    )
    stage.because(
        f"Before its day anybody can see what it would come to: it closes something in"
        f" {some(found.count('closes'), 'recording')}, and opens something in"
        f" {some(found.count('would_open'), 'recording')} if all their holders accept."
    )
    clock = stage.house.clock
    stage.must(isinstance(clock, StoryClock), "the story has a clock of its own")
    if isinstance(clock, StoryClock):
        clock.catch_up()
    event = expire(stage.house)
    stage.must(
        event is not None and event.kind == "terms.publish", "after its notice it is in force"
    )
    stage.plain("The weeks go by, and the new text is in force. Nobody has accepted it.")


def _click(stage: Stage, before: Mapping[str, int]) -> None:
    """Have somebody accept the wider text, who has said nothing else."""
    accept_terms(stage.house, SAYS_NOTHING, None, SAYS_NOTHING)
    permitted = stage.permitted()
    opened = _opened(before, stage.words())
    hers = {r for r, names in stage.holders().items() if names == {SAYS_NOTHING}}
    stage.must({recording for recording, _ in opened} == hers, "a click reaches one's own alone")
    uses = {use for _, use in opened}
    stage.plain(
        f"Then {SAYS_NOTHING} clicks “I accept”. {len(uses)} more uses open for"
        f" {stage.title_list(sorted(hers))}, and for nothing else."
    )
    generative = {use for use in uses if use & CONSENT_ONLY}
    stage.must(not generative, "no text opens a generative use")
    stage.must(stage.permitted() == permitted, "the program may use what it might before")
    stage.yes(
        f"{len(generative)} of them train or feed a generative AI. That needs her yes, in so many"
        " words; no click on a text is one."
    )


def _opened(before: Mapping[str, int], after: Mapping[str, int]) -> set[tuple[str, int]]:
    """Return what became open: recordings and uses [one-bit words]."""
    return {
        (recording, 1 << position)
        for recording, word in after.items()
        for position in range(ALL.bit_length())
        if word & ~before[recording] & (1 << position)
    }


def check_books(stage: Stage) -> None:
    """Count what the gate let through, and check the platform against its events."""
    stage.house.gate.close()  # hands over what is not counted yet
    counts: Counter[str] = Counter()
    own: Counter[str] = Counter()
    for event in count_uses(stage.house):
        mine = event.body["program"] == IDENTIFY
        (own if mine else counts).update({it[0]: it[1] for it in event.body["counts"]})
    first_set = {f"r{number}" for number in all_sets(stage.house, PROGRAM_ID)[0].members}
    stage.must(set(counts) == first_set, "nothing else was ever let through")
    each = [f"{stage.title(recording)} {some(n, 'time')}" for recording, n in counts.items()]
    stage.plain(f"On record for good: to {PROGRAM_ID} the gate opened {listed(each)}.")
    with stage.house.reading() as connection:
        kept = {f"r{number}" for number in numbers(connection)}
    stage.must(kept <= set(own), "the platform's own looks are counted, too")
    stage.plain(
        f"The platform's own program {IDENTIFY} has looked at {some(len(own), 'recording')} to know"
        f" them again, {some(sum(own.values()), 'time')} in all; that is on record as well."
    )
    wrong = findings(stage.house)
    stage.must(not wrong, f"the platform is in order ({'; '.join(wrong)})")
    before = _digest(stage)
    rebuild(stage.house)
    stage.must(_digest(stage) == before, "tables made anew from the events are the same")
    wrong = findings(stage.house)
    stage.must(not wrong, f"the platform made anew is in order ({'; '.join(wrong)})")
    with stage.house.reading() as connection:
        events = head(connection)
    stage.yes(
        f"The doctor finds nothing wrong. {some(events, 'event')} tell the whole story: all"
        f" {some(len(PROJECTIONS), 'table')} were made anew from them, and are the same, row for"
        " row."
    )


def _digest(stage: Stage) -> str:
    """Return what all tables come to [64 hexadecimal digits]."""
    digest = sha256()
    with stage.house.reading() as connection:
        for table in PROJECTIONS:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns))
            digest.update(repr((table.name, [tuple(row) for row in rows])).encode())
    return digest.hexdigest()
