"""What new terms would change, told before they do: for all, or recording by recording for one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select

from assent.acts.accounts import find_account
from assent.acts.drafts import Change, change, text_in_force
from assent.acts.house import House
from assent.acts.publish import parse_terms
from assent.acts.versions import CHANNEL_WORDS
from assent.catalogue import tables
from assent.catalogue.preview import Preview, outlooks, preview
from assent.catalogue.preview_programs import program_outlooks
from assent.cli.drafts import is_file
from assent.cli.files import blamed_on_file, read_text_file
from assent.cli.output import put_json, put_table, say
from assent.cli.recorded import counted
from assent.errors import BadText
from assent.permission.algebra import Masks
from assent.permission.uses import labels
from assent.terms.box import boxes_of_word
from assent.terms.clause import Status
from assent.terms.cover import cover
from assent.terms.grid import uses_in
from assent.terms.notice import NO_NOTICE, Chance, Notice, Timing
from assent.terms.prose import may
from assent.terms.text import Text, parse_text
from assent.terms.words import actor_words, deeds, listed

__all__ = [
    "Wording",
    "outlook_of",
    "put_outlooks",
    "put_preview",
    "say_preview",
    "say_taken",
    "wording_of",
]

_PIECE = 5_000

_OPENED_WORDS = {
    Status.GRANTED: "without asking",
    Status.OPT_OUT: "unless somebody says no",
    Status.OPT_IN: "after a yes",
}
_TIMING_WORDS = {
    Timing.BEFORE: "before they take effect",
    Timing.AFTER: "after they take effect",
    Timing.NONE: "at no time",
}
_CHANCE_WORDS = {
    Chance.ACCEPT: "the chance to accept",
    Chance.REFUSE: "the chance to refuse",
    Chance.LEAVE: "the chance to leave",
    Chance.NONE: "no chance to act",
}


class Wording(NamedTuple):
    """Terms, as they are read and as they decide.

    Args:
        text: The terms.
        masks: What they come to for recordings; of what is on record, as it is on record.
    """

    text: Text
    masks: Masks[int]


def wording_of(house: House, name: str) -> Wording:
    """Return what terms say: of a file, or of a draft or a version by its id.

    Raises:
        BadText: The file breaks a rule, or it is an agreement.
        StorageFailed: The file cannot be read.
        Unknown: There is neither a file nor a text of that name.
    """
    recorded = None if is_file(name) else _recorded(house, name)
    if recorded is not None:
        return recorded
    file = Path(name)
    toml = read_text_file(file)
    with blamed_on_file(file):
        text = parse_terms(toml)
    return Wording(text, text.masks)


def _recorded(house: House, name: str) -> Wording | None:
    with house.reading() as connection:
        for of in (tables.drafts, tables.texts):
            row = connection.execute(select(of).where(of.c.id == name)).one_or_none()
            if row is None:
                continue
            if getattr(row, "kind", "terms") == "agreement":
                raise BadText(f"{name!r} is an agreement, and binds only whom it is with", id=name)
            masks = Masks(row.granted, row.opt_out, row.opt_in)
            return Wording(parse_text(row.source, strict=False), masks)
    return None


def outlook_of(house: House, wording: Wording) -> Preview:
    """Return what terms would come to."""
    with house.reading() as connection:
        return preview(connection, wording.masks)


def say_taken(house: House, text: Text) -> None:
    """Say what terms take beside those in force: what becomes more open, what is promised less.

    It is told from all cells, so of artwork, of data and of earlier uploads, too.
    """
    with house.reading() as connection:
        current = text_in_force(connection)
    if current is None:
        return  # the first terms take nothing
    taken = change(current, text)
    if taken.opened:
        say("They open more than those in force:")
    for status, how in _OPENED_WORDS.items():
        for box in cover(taken.opened & text.reading.cells(status)).boxes:
            say(f"  {may(box, text.company)[:-1]}, {how}.")
    if taken.less_notice:
        say(_less_notice(taken, current.notice, text.notice))


def _less_notice(taken: Change, before: Notice, after: Notice) -> str:
    """Return in words how much less notice is promised."""
    if after == NO_NOTICE:
        return "They promise no notice of changes any more."
    ways = {
        "days": (f"{after.days} days", str(before.days)),
        "timing": (_TIMING_WORDS[after.timing], _TIMING_WORDS[before.timing]),
        "channel": (CHANNEL_WORDS[after.channel], CHANNEL_WORDS[before.channel]),
        "chance": (_CHANCE_WORDS[after.chance], _CHANCE_WORDS[before.chance]),
    }
    told = (" instead of ".join(ways[way]) for way in taken.less_notice)
    return f"They promise less notice of changes: {listed(told)}."


def _taken_fields(connection: Connection, text: Text) -> dict[str, object]:
    """Return what terms take beside those in force, as `terms.draft` says it."""
    taken = change(text_in_force(connection), text)
    return {
        "widens": list(labels(uses_in(taken.opened))),
        "widens_cells": taken.opened.bit_count(),
        "less_notice": list(taken.less_notice),
    }


def say_preview(found: Preview) -> None:
    """Say in words what a text would come to."""
    closing = sum(1 for closes, _ in found.holders.values() if closes)
    opening = sum(1 for _, opens in found.holders.values() if opens)
    closes, opens, again = (found.count(it) for it in ("closes", "would_open", "reopens"))
    say(f"When they take effect, something closes in {counted(closes)} of {_people(closing)}.")
    if closes:
        say(f"Closed then, in one or another: {_in_words(found.uses('closes'))}.")
    if again:
        say(
            f"In {counted(again)} something opens again that their holders had accepted, before"
            " tighter terms closed it."
        )
    say(f"Nothing new opens by itself. If all accept, something opens in {counted(opens)}.")
    if opens:
        say(
            f"Open then, in one or another: {_in_words(found.uses('would_open'))}; it"
            f" waits for {_people(opening)}."
        )


def _people(holders: int) -> str:
    return "1 holder" if holders == 1 else f"{holders} holders"


def _in_words(counts: Mapping[int, int]) -> str:
    return _told(sum(counts))  # one bit each


def _told(uses: int) -> str:
    """Return uses as who may do what, in words."""
    return "; ".join(
        f"{actor_words(actors, 'the platform')} may {listed(deeds(activities))}"
        for actors, activities in boxes_of_word(uses)
    )


def put_preview(house: House, wording: Wording, *, as_json: bool) -> None:
    """Print whose permissions a text would change: one holder a line, and in words what.

    Raises:
        StorageFailed: It cannot be written.
    """
    with house.reading() as connection:
        found = preview(connection, wording.masks)
        names = _names(connection, sorted(found.holders))
        taken = _taken_fields(connection, wording.text)
    if as_json:
        put_json(
            {
                "recordings": sum(found.shifts.values()),
                **{it: found.count(it) for it in ("closes", "reopens", "would_open")},
                **{
                    f"uses_{what}": {labels(use)[0]: n for use, n in found.uses(what).items()}
                    for what in ("closes", "reopens", "would_open")
                },
                "holders": len(found.holders),
                **taken,
            }
        )
        for account, (closes, opens) in found.holders.items():
            fields = {"account": account, "name": names.get(account)}
            put_json({**fields, "closes": closes, "would_open": opens})
        return
    put_table(
        ("holder", "recordings where something closes", "where something opens if all accept"),
        ((names.get(it), closes, opens) for it, (closes, opens) in found.holders.items()),
    )
    say_taken(house, wording.text)
    say_preview(found)


def _names(connection: Connection, wanted: Sequence[str]) -> dict[str, str]:
    accounts, names = tables.accounts.c, dict[str, str]()
    for low in range(0, len(wanted), _PIECE):
        some = accounts.id.in_(wanted[low : low + _PIECE])
        names |= {
            row.id: row.name
            for row in connection.execute(select(accounts.id, accounts.name).where(some))
        }
    return names


def put_outlooks(house: House, wording: Wording, artist: str, *, as_json: bool) -> None:
    """Print what a text would change for one holder, recording by recording.

    Raises:
        NotAllowed: It is an artist whose rights others hold.
        StorageFailed: It cannot be written.
        Unknown: Nobody is called that.
    """
    recordings, same, rows = tables.recordings.c, 0, []
    with house.reading() as connection:
        account = find_account(connection, artist)
        title = select(recordings.id, recordings.title)
        for it in outlooks(connection, wording.masks, account.id):
            changes = {
                "closes": it.shift.closes,
                "reopens": it.shift.reopens,
                "opens_if_you_accept": it.alone & ~it.shift.after,
                "opens_if_all_accept": it.shift.accepted & ~it.alone,
            }
            if not any(changes.values()):
                same += 1
                continue
            row = connection.execute(title.where(recordings.number == it.number)).one()
            rows.append((row.id, row.title, changes))
        programs = list(program_outlooks(connection, wording.masks, account.id, house.clock()))
        taken = _taken_fields(connection, wording.text)
    if as_json:
        put_json({"text": wording.text.id, **taken})
    for recording, name, changes in rows if as_json else ():
        uses = {what: list(labels(word)) for what, word in changes.items()}
        put_json({"recording": recording, "title": name, **uses})
    if as_json:
        for program in programs:
            put_json(asdict(program))
        return
    put_table(
        (
            "recording",
            "title",
            "closes when it takes effect",
            "opens again, as accepted before",
            "opens if you accept",
            "opens if the other holders accept, too",
        ),
        ((it, name, *(_told(w) for w in changes.values())) for it, name, changes in rows),
    )
    say_taken(house, wording.text)
    say(f"Nothing new opens by itself. {counted(same)} stay as they are, whoever accepts.")
    for program in programs:
        say(
            f"The program {program.program}, which you named, may use {counted(program.before)} of"
            f" yours now, {program.after} once they are in force, {program.accepted} if you accept."
        )
