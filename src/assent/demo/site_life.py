"""What people do with each other on the demonstration's site: follow, like, list, say, hear.

Nobody of them exists, and nobody has heard anything: the plays are drawn, from a fixed seed.
"""

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue import tables
from assent.community.comments import comment
from assent.community.follows import follow
from assent.community.likes import like
from assent.community.playlists import Said, Visibility, add, make
from assent.community.profiles import describe
from assent.demo.cast import NO_AI, SAYS_NOTHING, SAYS_YES
from assent.demo.site_desk import find_of, recordings_of
from assent.demo.site_people import LISTENERS
from assent.listening.counting import counted
from assent.listening.plays import Play, PlayWriter
from assent.studio.editing import make_link

__all__ = ["artist_of", "lively"]

_SEED = 20_310_301
_DAYS, _PLAYS = 14, 120
_WORDS = (
    (2_000, "This is where it opens up. I could stay here."),
    (500, "Who plays the low part?"),
    (1_200, "شكراً، سمعته ثلاث مرات اليوم"),
    (1_500, "Thank you, all of you."),
)
_ABOUT = {
    SAYS_YES: "Slow pieces for a small room, most of them written before breakfast.",
    NO_AI: "Bells, boats, and whatever the tide brings. Ask me before you use any of it.",
    SAYS_NOTHING: "I write in the evenings.",
}


def lively(house: House) -> None:
    """Let people follow, like, list, comment and hear."""
    ida, tomas = (find_of(house, name).id for name in LISTENERS)
    for name, about in _ABOUT.items():
        mine = find_of(house, name).id
        describe(house, mine, artist_of(house, name), about, "https://music.example/")
        follow(house, ida, artist_of(house, name))
    follow(house, tomas, artist_of(house, NO_AI))
    quiet, others = recordings_of(house, SAYS_NOTHING), recordings_of(house, SAYS_YES)
    for recording in (*quiet, *others[:1]):
        like(house, ida, recording)
    like(house, tomas, quiet[0])
    said = Said(title="For the late train", about="", visibility=Visibility.PUBLIC)
    name = make(house, ida, said)
    for recording in (*others, *quiet):
        add(house, ida, name, recording)
    mine = make(house, find_of(house, SAYS_NOTHING).id, _private("Drafts, do not share"))
    add(house, find_of(house, SAYS_NOTHING).id, mine, quiet[0])
    writers = (ida, tomas, tomas, find_of(house, SAYS_NOTHING).id)
    for writer, (at_ms, words) in zip(writers, _WORDS, strict=True):
        comment(house, writer, quiet[0], min(at_ms, _length_ms(house, quiet[0])), words)
    make_link(house, quiet[0], find_of(house, SAYS_NOTHING), "For the radio", days=30)
    _hear(house)


def artist_of(house: House, name: str) -> str:
    """Return an artist's id."""
    artists = tables.artists.c
    with house.reading() as connection:
        return str(connection.execute(select(artists.id).where(artists.name == name)).scalar_one())


def _private(title: str) -> Said:
    return Said(title=title, about="", visibility=Visibility.PRIVATE)


def _length_ms(house: House, recording: str) -> int:
    recordings = tables.recordings.c
    query = select(recordings.frames, recordings.sr).where(recordings.id == recording)
    with house.reading() as connection:
        row = connection.execute(query).one()
    return int(1000 * row.frames / row.sr)


def _hear(house: House) -> None:
    """Put plays of two weeks on file, and count them."""
    chance = np.random.default_rng(_SEED)
    heard = [r for name in (SAYS_YES, NO_AI, SAYS_NOTHING) for r in recordings_of(house, name)]
    lengths_s = {recording: _length_ms(house, recording) / 1_000 for recording in set(heard)}
    writer, today = PlayWriter(house), house.clock()
    for number in range(_PLAYS):
        recording = heard[int(chance.integers(len(heard)))]
        writer.record(
            Play(
                id=f"demo-{number}",
                at=_sometime(chance, today),
                recording=recording,
                account=None,
                via="player",
                # most hear all of it, and nobody more than there is
                heard_s=min(float(chance.integers(10, 180)), lengths_s[recording]),
                started_at_ms=0,
            )
        )
    writer.close()
    counted(house)


def _sometime(chance: np.random.Generator, today: datetime) -> datetime:
    return today - timedelta(minutes=int(chance.integers(1, _DAYS * 24 * 60)))
