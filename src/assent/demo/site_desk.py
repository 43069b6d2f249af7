"""What waits on the desks of the demonstration's site, and what was done there already.

Three more programs: one that was answered and used what it got, one that still asks, one that waits
for a second pair of eyes. A claim on the copy, a hold, what helped to make a recording, and terms
that are announced.
"""

from datetime import timedelta

from sqlalchemy import select

from assent.acts.accounts import Account, find_account
from assent.acts.asked import Says, inbox
from assent.acts.claims import Plea, make_claim
from assent.acts.claims import Says as Claims
from assent.acts.count_uses import count_uses
from assent.acts.edit import Edit, Part, Tool, edit
from assent.acts.hold import hold
from assent.acts.house import House
from assent.acts.programs import approve, propose
from assent.acts.publish import DEFAULT_TERMS, publish_terms
from assent.acts.requests import answer, ask
from assent.acts.say import choose
from assent.catalogue import tables
from assent.demo.cast import APPROVER, DESK, NO_AI, SAYS_NOTHING
from assent.permission.presets import Preset
from assent.permission.uses import parse_uses

__all__ = [
    "ANSWERED",
    "DRAFT",
    "IN_FORCE",
    "OPEN",
    "PROPOSED",
    "busy_desks",
    "find_of",
    "recordings_of",
    "restore_terms",
]

ANSWERED, OPEN, PROPOSED = "lark-captions", "fathom-mix", "heron-voices"
"""The programs, by what became of them."""
IN_FORCE, DRAFT = "assent-terms-3", "assent-terms-4"
"""The house's own terms, which are in force again after the story, and those that are announced."""

_OPENED = 3
_FOUND_ELSEWHERE = """\
text = "Public search engines may index your pages, unless you say no."
status = "opt_out"
"""
_ASKED_ELSEWHERE = """\
text = "Public search engines may index your pages if you say yes."
status = "opt_in"
"""


def restore_terms(house: House) -> str:
    """Put the house's own terms in force again, in place of the story's wide ones; say so.

    They take nothing, so they need no notice; a yes of the site's people opens something again.
    """
    publish_terms(house, _renamed(IN_FORCE), DESK)
    with house.reading() as connection:
        row = connection.execute(
            select(tables.texts.c.id, tables.texts.c.title).where(tables.texts.c.current)
        ).one()
    return f"The house's own terms are in force again ({row.id}): “{row.title}”, by asking first."


def _renamed(name: str) -> str:
    return DEFAULT_TERMS.replace('id = "assent-terms-1"', f'id = "{name}"', 1)


def busy_desks(house: House) -> None:
    """Let programs ask, holders answer, and the staff have something to decide."""
    _propose(house, ANSWERED, "Lark Tools", "train-tool", "Train a tool that writes captions.")
    _propose(house, OPEN, "Fathom Audio", "train-tool", "Train a tool that clears up a mix.")
    _propose(house, PROPOSED, "Heron Labs", "train-voice", "Learn to sing.", approved=False)
    choose(house, SAYS_NOTHING, Preset.ASK)
    until = house.clock() + timedelta(days=180)
    for program, words, pays in (
        (ANSWERED, "We write captions for people who do not hear. May we learn from you?", ""),
        (OPEN, "May we learn from your mixes what a clear one sounds like?", "20 EUR a recording"),
    ):
        ask(house, program, words, pays=pays, until=until, by=DESK)
    _say_yes_and_use(house)
    _quarrel(house)
    _disclose(house)
    _announce(house)


def _propose(
    house: House, program: str, owner: str, activity: str, purpose: str, *, approved: bool = True
) -> None:
    text = f"""\
id = "{program}"
owner = "{owner}"
actor = "partner"
activities = ["{activity}"]
purpose = "{purpose}"
models = ["{program}-1"]
retention_days = 90
contact = "rights@{owner.split(maxsplit=1)[0].lower()}.example"
contract = "{program.upper()}"
"""
    propose(house, text, DESK)
    if approved:
        approve(house, program, APPROVER)


def _say_yes_and_use(house: House) -> None:
    """Let one request be answered with yes, and what it opened be used and counted."""
    account = find_of(house, SAYS_NOTHING)
    with house.reading() as connection:
        waiting = inbox(connection, account.id, house.clock())
    asked = next(one for one in waiting if one.program.id == ANSWERED)
    answer(house, SAYS_NOTHING, asked.event, Says.YES, SAYS_NOTHING)
    house.gate.snapshot.refresh()
    token = house.gate.token(ANSWERED)
    for recording in recordings_of(house, SAYS_NOTHING):
        if not house.gate.explain(ANSWERED, recording).allowed:
            continue
        for _ in range(_OPENED):
            with house.gate.open(token, recording) as stream:
                stream.read()
    house.gate.hand_over()
    count_uses(house)


def _quarrel(house: House) -> None:
    """Have the artist whose recording was copied say that it is theirs; hold a recording."""
    copies = tables.copies.c
    with house.reading() as connection:
        case = connection.execute(select(copies.recording, copies.original)).first()
    if case is not None:
        plea = Plea(words="I wrote and played this; the project files are mine.")
        make_claim(house, NO_AI, (case.recording, case.original), Claims.MINE, plea)
    held = recordings_of(house, NO_AI)[-1]
    hold(house, held, parse_uses(["platform/first-fans"]), "A question about a sample.", DESK)


def _disclose(house: House) -> None:
    """Say of one recording which AI tool helped with it."""
    account = find_of(house, SAYS_NOTHING)
    recording = recordings_of(house, SAYS_NOTHING)[0]
    recordings = tables.recordings.c
    with house.reading() as connection:
        title = connection.execute(
            select(recordings.title).where(recordings.id == recording)
        ).scalar_one()
    tool = Tool(part=Part.POST_PRODUCTION, name="Clearmaster 2")
    edit(house, recording, Edit(title=title, licence="CC-BY-4.0", made_with=[tool]), account)


def _announce(house: House) -> None:
    """Announce terms that leave search engines elsewhere to whoever says yes."""
    day = (house.clock() + timedelta(days=45)).date()
    asks = _renamed(DRAFT).replace(_FOUND_ELSEWHERE, _ASKED_ELSEWHERE, 1)
    publish_terms(house, asks, DESK, in_force=day)


def find_of(house: House, name: str) -> Account:
    """Return somebody's account."""
    with house.reading() as connection:
        return find_account(connection, name)


def recordings_of(house: House, artist: str) -> list[str]:
    """Return the recordings under an artist's name, the earliest first."""
    recordings, artists = tables.recordings.c, tables.artists.c
    query = (
        select(recordings.id)
        .join(tables.artists, artists.id == recordings.artist)
        .where(artists.name == artist)
        .order_by(recordings.number)
    )
    with house.reading() as connection:
        return list(connection.execute(query).scalars())
