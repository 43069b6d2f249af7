"""A platform on which everything has happened that can, and more of it by lot; invented artists.

Every title is like no other and part of none, so that a search for it finds nothing else.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

from sqlalchemy import select

from assent.acts.claims import Plea, answer_claim, make_claim
from assent.acts.copies import Suspicion, declare_copy, suspect
from assent.acts.count_uses import count_uses
from assent.acts.expire import expire
from assent.acts.hold import hold, release
from assent.acts.holders import Share, set_holders
from assent.acts.house import House
from assent.acts.index_root import index_root
from assent.acts.logs import Logs
from assent.acts.programs import propose, resume, suspend
from assent.acts.publish import (
    accept_terms,
    make_agreement,
    publish_terms,
    put_in_force,
    withdraw_draft,
)
from assent.acts.reviews import clear, decide
from assent.acts.say import About, choose, grant, lift, refuse, withdraw
from assent.acts.upload import Work, upload
from assent.catalogue import tables
from assent.catalogue.cases import Found, State, cases
from assent.catalogue.claims import Says, claims
from assent.errors import BadInput, BadStatement, NotAllowed, NotPermitted, Unknown
from assent.permission.presets import Preset
from assent.permission.uses import parse_uses
from assent.training.build import build
from tests.houses import RIVAL, Clock, add_program, agreement_toml, program_toml, write_wav

__all__ = ["PROGRAMS", "SEARCH", "Story", "allowed", "more", "rich", "uses"]

SEARCH = parse_uses(["platform/search"])
PROGRAMS = ("rival-train", "rival-german", "finder")
WIDER = """
id = "wider"
title = "Wider terms"

[[clause]]
id = "all"
text = "We may show recordings in search."
status = "granted"
uses = ["platform/search", "platform/identify"]

[[clause]]
id = "train"
text = "Others may train if you say so."
status = "opt_in"
uses = ["partner/train-rival", "partner/train-tool"]
"""

_PITCHES = count(200)


class Story:
    """Tells what happens on a platform.

    Args:
        house: The platform.
        folder: Where music, sets and the like may lie.
        clock: Its clock.
    """

    def __init__(self, house: House, folder: Path, clock: Clock) -> None:
        self.house, self.folder, self.clock = house, folder, clock
        self.logs = Logs(house)
        self.recordings: list[str] = []
        self.files: list[Path] = []
        self._numbers = count()

    def upload(
        self, artist: str, *shares: tuple[str, int], file: Path | None = None, agreement: str = ""
    ) -> str:
        """Upload a tone that nobody has uploaded, or a file once more; return the recording."""
        hz = next(_PITCHES)
        path = file or write_wav(self.folder / "music" / f"{hz}.wav", hz, seconds=0.1)
        title = f"Song <{artist[:2]}{len(self.recordings)}.{hz}>"
        holders = tuple(Share(name=name, share_ppm=share * 10_000) for name, share in shares)
        work = Work(artist=artist, title=title, holders=holders, agreement=agreement)
        recording = upload(self.house, path, work, artist or "desk").recording
        if recording not in self.recordings:
            self.recordings.append(recording)
            self.files.append(path)
        return recording

    def use(self, program: str, recording: str, times: int = 1) -> bool:
        """Open a recording so often for a program, if it may be."""
        token = self.house.gate.token(program)
        try:
            for _ in range(times):
                with self.house.gate.open(token, recording) as audio:
                    audio.read(100)
        except (NotPermitted, Unknown):
            return False
        return True

    def count(self) -> None:
        """Have what was used counted."""
        self.house.gate.close()
        count_uses(self.house)

    def build(self, program: str) -> str | None:
        """Build a training set; return its id, or None where nothing is permitted."""
        try:
            out = self.folder / f"set-{next(self._numbers)}"
            return build(self.house, program, out, by="Kim").described.id
        except NotPermitted:
            return None


def rich(house: House, folder: Path, clock: Clock) -> Story:
    """Tell a story in which every kind of event happens, and publish it."""
    story = Story(house, folder, clock)
    publish_terms(house, WIDER.replace("wider", "hasty", 1), "desk")
    withdraw_draft(house, "hasty", "desk")
    publish_terms(house, WIDER, "desk")
    clock.turn(days=31)  # its notice
    add_program(house, PROGRAMS[0])
    add_program(house, PROGRAMS[1], extra='territories = ["DE"]')
    add_program(house, PROGRAMS[2], activities='"recommend"')
    _arrive(story)
    _speak(story)
    _dispute(story)
    for program in PROGRAMS:
        for number, recording in enumerate(story.recordings):
            story.use(program, recording, 1 + number % 3)
    story.count()
    story.build(PROGRAMS[0])
    index_root(house)
    clock.turn(days=3)
    expire(house)
    story.build(PROGRAMS[0])
    story.logs.publish()
    return story


def _arrive(story: Story) -> None:
    house = story.house
    story.upload("Ada Quill")
    story.upload("Ada Quill")
    story.upload("Bo Tarn")
    story.upload("Bo Tarn", ("Bo Tarn", 50), ("Ada Quill", 50))
    story.upload("Ada Quill", ("Ada Quill", 40), ("Di Marsh", 60))
    story.upload("Bo Tarn", file=story.files[0])  # the same sound as Ada's first: a copy
    story.upload("Cy Loom", ("Ada Quill", 100))  # another's name, and only Ada holds it
    story.upload("")
    make_agreement(house, agreement_toml(), "desk")
    story.upload("The Lamps", agreement="lantern-1")
    story.upload("Di Marsh", ("Di Marsh", 100), agreement="lantern-1")
    story.upload("The Lamps", ("Di Marsh", 100), agreement="lantern-1")
    story.upload("Ada Quill", ("Bo Tarn", 100))  # Ada's name, and only Bo holds it


def _speak(story: Story) -> None:
    house, until = story.house, story.clock.at + timedelta(days=2)
    for name in ("Ada Quill", "Bo Tarn", "Di Marsh"):
        accept_terms(house, name, None, name)
        grant(house, About(holder=name, program=PROGRAMS[0]), RIVAL)
    grant(house, About(holder="Bo Tarn"), RIVAL, all_programs=True, until=until)
    refuse(house, About(holder="Ada Quill", recording="r1"), RIVAL)
    lift(house, About(holder="Ada Quill", recording="r1"), RIVAL)
    refuse(house, About(holder="Di Marsh", recording="r4", by="Lee"), SEARCH)
    withdraw(house, About(holder="Bo Tarn", recording="r5"), RIVAL)
    choose(house, "Lantern Row", Preset.NO_AI)
    grant(house, About(holder="Ada Quill", program=PROGRAMS[1], by="Kim"), RIVAL)


def _dispute(story: Story) -> None:
    house = story.house
    number = hold(house, "r2", SEARCH, "a dispute", "Ada Quill").number
    release(house, number, "Lee")
    hold(house, "r0", SEARCH, "a court", "Lee")
    declare_copy(house, "r9", "r1", "Bo Tarn")
    file = {"name": "Song <master>.wav", "sha256": "0" * 64, "size_bytes": 9}
    plea = Plea(words="we were allowed to", files=[file])
    claim = make_claim(house, "Di Marsh", ("r9", "r1"), Says.LICENSED, plea).number
    answer_claim(house, "Ada Quill", claim, Plea(words="you were not"), agrees=False)
    set_holders(
        house,
        "r1",
        [Share(name="Ada Quill", share_ppm=900_000), Share(name="Wren", share_ppm=1)],
        "x",
    )
    suspend(house, PROGRAMS[2], "Kim")
    resume(house, PROGRAMS[2], "Kim")
    propose(house, program_toml("dreamt"), "Ada Quill")
    put_in_force(house, "wider", "desk")
    accept_terms(house, "Bo Tarn", None, "Bo Tarn")


_NAMES = ("Ada Quill", "Bo Tarn", "Cy Loom", "Di Marsh", "Lantern Row", "Wren")


def more(story: Story, chance: Random, steps: int) -> None:
    """Tell more by lot; what is refused has not happened."""
    for _ in range(steps):
        step = chance.choice(_STEPS)
        with suppress(BadInput, BadStatement, NotAllowed, NotPermitted, Unknown):
            step(story, chance)
    story.count()


def _about(story: Story, chance: Random) -> About:
    recording = chance.choice([None, None, *story.recordings])
    program = chance.choice([None, *PROGRAMS])
    return About(holder=chance.choice(_NAMES), recording=recording, program=program)


def _upload(story: Story, chance: Random) -> None:
    shares = [(name, 20) for name in chance.sample(_NAMES, chance.randint(0, 3))]
    file = chance.choice([None, None, None, *story.files[:3]])
    agreement = chance.choice(["", "", "", "lantern-1"])
    story.upload(chance.choice(_NAMES), *shares, file=file, agreement=agreement)


def _holders(story: Story, chance: Random) -> None:
    names = chance.sample(_NAMES, chance.randint(1, 3))
    shares = [Share(name=name, share_ppm=100_000) for name in names]
    set_holders(story.house, chance.choice(story.recordings), shares, chance.choice(_NAMES))


def _grant(story: Story, chance: Random) -> None:
    about = _about(story, chance)
    days = chance.choice([None, None, 1, 3])
    until = None if days is None else story.clock.at + timedelta(days=days)
    grant(story.house, about, RIVAL, all_programs=about.program is None, until=until)


def _copy(story: Story, chance: Random) -> None:
    one, other = chance.sample(story.recordings, 2)
    declare_copy(story.house, one, chance.choice([None, other, other]), chance.choice(_NAMES))


def _suspect(story: Story, chance: Random) -> None:
    one, *others = chance.sample(story.recordings, chance.choice([2, 3]))
    found = chance.choice(list(Found))
    with story.house.act(chance.choice(_NAMES)) as act:
        suspect(act, one, [Suspicion(original=it, found=found) for it in others])


def _case(story: Story, chance: Random) -> tuple[str, str]:
    with story.house.reading() as connection:
        pairs = [(case.recording, case.original) for case in cases(connection)]
    return chance.choice(pairs or [("r9", "r1")])


def _decide(story: Story, chance: Random) -> None:
    states = [it for it in State if it is not State.SUSPECTED]
    name = chance.choice(_NAMES)
    decide(story.house, _case(story, chance), chance.choice(states), "I have listened", name)


def _claim(story: Story, chance: Random) -> None:
    pair = chance.choice([_case(story, chance), tuple(chance.sample(story.recordings, 2))])
    says, plea = chance.choice(list(Says)), Plea(words="it is so")
    make_claim(story.house, chance.choice(_NAMES), (pair[0], pair[1]), says, plea)


def _answer(story: Story, chance: Random) -> None:
    claim = tables.claims.c
    with story.house.reading() as connection:
        numbers = [it.event for it in claims(connection, claim.closed.is_(None))] or [1]
    agrees = chance.choice([True, False])
    number, name = chance.choice(numbers), chance.choice(_NAMES)
    answer_claim(story.house, name, number, Plea(words="I say so"), agrees=agrees)


def _clear(story: Story, chance: Random) -> None:
    clear(story.house, chance.choice(_NAMES), "I have looked", chance.choice(_NAMES))


def _time(story: Story, chance: Random) -> None:
    story.clock.turn(hours=chance.choice([1, 30]))
    expire(story.house)
    index_root(story.house)


_STEPS: tuple[Callable[[Story, Random], object], ...] = (
    _upload,
    _upload,
    _holders,
    _grant,
    _grant,
    _copy,
    _suspect,
    _suspect,
    _decide,
    _claim,
    _claim,
    _answer,
    _clear,
    _time,
    lambda story, chance: refuse(story.house, _about(story, chance), RIVAL),
    lambda story, chance: withdraw(story.house, _about(story, chance), RIVAL),
    lambda story, chance: lift(story.house, _about(story, chance), RIVAL),
    lambda story, chance: choose(story.house, chance.choice(_NAMES), chance.choice(list(Preset))),
    lambda story, chance: accept_terms(story.house, chance.choice(_NAMES), None, "desk"),
    lambda story, chance: story.use(chance.choice(PROGRAMS), chance.choice(story.recordings)),
    lambda story, _: story.count(),
    lambda story, chance: story.build(chance.choice(PROGRAMS)),
    lambda story, chance: hold(
        story.house, chance.choice(story.recordings), RIVAL, "by lot", chance.choice(_NAMES)
    ),
)


def allowed(house: House) -> dict[tuple[str, str], bool]:
    """Return what every program may use, as the gate explains it and as it decides it."""
    with house.reading() as connection:
        recordings = list(connection.execute(select(tables.recordings.c.id)).scalars())
        programs = list(connection.execute(select(tables.programs.c.id)).scalars())
    house.gate.snapshot.refresh()
    answers = {}
    for program in programs:
        for recording in recordings:
            explained = house.gate.explain(program, recording).allowed
            assert house.gate.snapshot.allows(program, recording) is explained
            answers[program, recording] = explained
    return answers


def uses(house: House) -> Iterator[tuple[int, str, list[tuple[str, int]]]]:
    """Yield the use events: number, program, and how often each recording was opened."""
    table = tables.uses.c
    with house.reading() as connection:
        rows = connection.execute(select(tables.uses).order_by(table.event, table.recording)).all()
    for number in sorted({row.event for row in rows}):
        own = [row for row in rows if row.event == number]
        yield number, own[0].program, [(row.recording, row._mapping["count"]) for row in own]
