"""What new terms would change, told before they do: for all, or recording by recording for one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Connection, select

from assent.acts.accounts import find_account
from assent.acts.house import House
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
from assent.terms.text import parse_text
from assent.terms.words import actor_words, deeds, listed

__all__ = ["outlook_of", "put_outlooks", "put_preview", "say_preview", "wording_of"]

_PIECE = 5_000


def wording_of(house: House, name: str) -> Masks[int]:
    """Return what terms say: of a file, or of a draft or a version by its id.

    Raises:
        BadText: The file breaks a rule, or it is an agreement.
        StorageFailed: The file cannot be read.
        Unknown: There is neither a file nor a text of that name.
    """
    masks = None if is_file(name) else _recorded(house, name)
    if masks is not None:
        return masks
    file = Path(name)
    toml = read_text_file(file)
    with blamed_on_file(file):
        text = parse_text(toml)
        if text.party:
            raise BadText("terms bind everybody; a text with a party is an agreement", id=text.id)
    return text.masks


def _recorded(house: House, name: str) -> Masks[int] | None:
    with house.reading() as connection:
        for of in (tables.drafts, tables.texts):
            row = connection.execute(select(of).where(of.c.id == name)).one_or_none()
            if row is None:
                continue
            if getattr(row, "kind", "terms") == "agreement":
                raise BadText(f"{name!r} is an agreement, and binds only whom it is with", id=name)
            return Masks(row.granted, row.opt_out, row.opt_in)
    return None


def outlook_of(house: House, name: str) -> Preview:
    """Return what a draft or a version would come to.

    Raises:
        Unknown: There is none of that id.
    """
    masks = wording_of(house, name)
    with house.reading() as connection:
        return preview(connection, masks)


def say_preview(found: Preview) -> None:
    """Say in words what a text would come to."""
    closing = sum(1 for closes, _ in found.holders.values() if closes)
    opening = sum(1 for _, opens in found.holders.values() if opens)
    closes, opens, again = (found.count(it) for it in ("closes", "would_open", "reopens"))
    say(f"When they take effect, something closes in {counted(closes)} of {closing} holders.")
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
            f"Open then, in one or another: {_in_words(found.uses('would_open'))}; asked for are"
            f" {opening} holders."
        )


def _in_words(counts: Mapping[int, int]) -> str:
    return _told(sum(counts))  # one bit each


def _told(uses: int) -> str:
    """Return uses as who may do what, in words."""
    return "; ".join(
        f"{actor_words(actors, 'the platform')} may {listed(deeds(activities))}"
        for actors, activities in boxes_of_word(uses)
    )


def put_preview(house: House, masks: Masks[int], *, as_json: bool) -> None:
    """Print whose permissions a text would change: one holder a line, and in words what.

    Raises:
        StorageFailed: It cannot be written.
    """
    with house.reading() as connection:
        found = preview(connection, masks)
        names = _names(connection, sorted(found.holders))
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


def put_outlooks(house: House, masks: Masks[int], artist: str, *, as_json: bool) -> None:
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
        for it in outlooks(connection, masks, account.id):
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
        programs = list(program_outlooks(connection, masks, account.id, house.clock()))
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
    say(f"Nothing new opens by itself. {counted(same)} stay as they are, whoever accepts.")
    for program in programs:
        say(
            f"The program {program.program}, which you named, may use {counted(program.before)} of"
            f" yours now, {program.after} once they are in force, {program.accepted} if you accept."
        )
