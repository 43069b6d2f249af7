"""A platform for tests: real files, a real vault, a clock that tests can turn; invented artists."""

import wave
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from assent.acts.house import House
from assent.acts.programs import approve, propose
from assent.acts.publish import publish_default, publish_terms, put_in_force
from assent.acts.upload import Work, upload
from assent.catalogue.events import Event
from assent.clock import parse_instant
from assent.permission.uses import parse_uses
from assent.settings import Settings
from tests.databases import copy_prepared

RIVAL = parse_uses(["partner/train-rival"])


class Clock:
    """Tells the time that a test wants; a millisecond goes by at each look."""

    def __init__(self) -> None:
        self.at = datetime(2031, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def turn(self, **by: float) -> None:
        self.at += timedelta(**by)


@contextmanager
def platform(folder: Path, clock: Clock | None = None, database: str = "") -> Iterator[House]:
    """Give a platform with the default terms in force."""
    settings = Settings(data=folder, database_url=database)
    if not database and not (folder / "catalogue.sqlite").exists():
        copy_prepared(folder / "catalogue.sqlite")
    house = House.open(settings, create=True, clock=clock or Clock())
    publish_default(house)
    try:
        yield house
    finally:
        house.close()


def write_wav(path: Path, hz: float = 440.0, seconds: float = 0.5, sr: int = 8000) -> Path:
    """Write a short tone; another frequency is another recording."""
    at = np.arange(int(seconds * sr)) / sr
    samples = (0.4 * np.sin(2 * np.pi * hz * at) * 32767).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sr)
        file.writeframes(samples.tobytes())
    return path


_PITCHES = iter(range(200, 4000))


def add(house: House, folder: Path, artist: str, **work: object) -> str:
    """Upload a tone that nobody has uploaded before; return the recording."""
    hz = next(_PITCHES)
    path = write_wav(folder / f"tone-{hz}.wav", hz)
    said = Work(artist=artist, title=f"Tone {hz}", **work)  # type: ignore[arg-type]  # fields of Work, by name
    return upload(house, path, said, "desk").recording


def program_toml(
    name: str = "rival-train", activities: str = '"train-rival"', extra: str = ""
) -> str:
    """Return a program file."""
    return f"""
id = "{name}"
owner = "Nightjar Models"
actor = "partner"
activities = [{activities}]
purpose = "Train a model that makes background music."
retention_days = 365
contact = "rights@nightjar.example"
contract = "NM-1"
{extra}
"""


def add_program(house: House, name: str = "rival-train", **parts: str) -> str:
    """Propose a program and have somebody else approve it."""
    propose(house, program_toml(name, **parts), "Kim")
    approve(house, name, "Lee")
    return name


def agreement_toml(name: str = "lantern-1", party: str = "Lantern Row") -> str:
    """Return an agreement that opens search by the platform and asks for the rest."""
    return f"""
id = "{name}"
title = "Delivery agreement"
party = "{party}"

[[clause]]
id = "found"
text = "The platform may show the recordings in search."
status = "granted"
uses = ["platform/search", "platform/identify"]

[[clause]]
id = "tools"
text = "Helper tools may be trained if the label says so."
status = "opt_in"
uses = ["partner/train-tool"]
"""


def publish_at_last(house: House, toml: str, by: str = "desk") -> Event:
    """Publish terms; if they have to wait for their notice, turn the clock until it has run."""
    event = publish_terms(house, toml, by)
    if event.kind == "terms.draft":
        assert isinstance(house.clock, Clock)
        house.clock.at = max(house.clock.at, parse_instant(event.body["in_force"]))
        event = put_in_force(house, event.body["id"], by)
    return event
