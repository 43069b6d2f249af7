"""A platform to measure on, in a temporary folder: many recordings, written straight to the tables.

Rows are what the projection would have written for as many uploads by invented artists under the
default terms; every second artist has granted the program `bench-train`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from assent.acts.accounts import Role, open_account, open_artist
from assent.acts.house import House
from assent.acts.programs import approve, propose
from assent.acts.publish import publish_default
from assent.acts.say import About, grant
from assent.catalogue import tables
from assent.catalogue.words import all_recordings, mend
from assent.permission.uses import parse_uses
from assent.settings import Settings

__all__ = ["PROGRAM", "USE", "platform"]

PROGRAM = "bench-train"
USE = parse_uses(["partner/train-rival"])
_PROGRAM = """
id = "bench-train"
owner = "Nightjar Models"
actor = "partner"
activities = ["train-rival"]
purpose = "To be measured."
retention_days = 1
contact = "bench@nightjar.example"
contract = "bench"
"""


@contextmanager
def platform(recordings: int, artists: int) -> Iterator[House]:
    """Give a platform with so many recordings, evenly of so many artists."""
    with TemporaryDirectory(prefix="assent-bench-") as folder:
        house = House.open(Settings(data=Path(folder)), create=True)
        try:
            publish_default(house)
            names = [f"Bench Artist {number}" for number in range(artists)]
            _fill(house, names, recordings)
            propose(house, _PROGRAM, "Kim")
            approve(house, PROGRAM, "Lee")
            for name in names[::2]:
                grant(house, About(holder=name, program=PROGRAM), USE)
            yield house
        finally:
            house.close()


def _fill(house: House, names: list[str], recordings: int) -> None:
    with house.act("bench") as act:
        artists = []
        for name in names:
            account = open_account(act, name, Role.ARTIST)
            artists.append((open_artist(act, name, account), account.id))
        event = act.record("account", {"id": "last", "name": "Bench Last", "role": "artist"})
        spread = [(number, *artists[number % len(artists)]) for number in range(recordings)]
        act.connection.execute(
            tables.recordings.insert(),
            [_recording(number, artist, event.number) for number, artist, _ in spread],
        )
        counter = {"kind": "recording", "last": recordings}
        act.connection.execute(tables.counters.insert().values(counter))
        act.connection.execute(
            tables.holdings.insert(),
            [_holding(number, account, event.number) for number, _, account in spread],
        )
        mend(act.connection, all_recordings(act.connection), event)


def _recording(number: int, artist: str, event: int) -> dict[str, object]:
    empty = dict.fromkeys(("licence", "origin", "container", "codec", "waveform"), "")
    counts = dict.fromkeys(("size_bytes", "channels", "frames", "held", "word"), 0)
    return {
        "number": number,
        "id": f"r{number}",
        "artist": artist,
        "title": f"Bench {number}",
        "digest": f"{number:064x}",
        "audio_digest": f"{number:064x}",
        "blob": f"{number:032x}",
        "sr": 44_100,
        "tags": "{}",
        "word_event": event,
        "event": event,
        **empty,
        **counts,
    }


def _holding(number: int, account: str, event: int) -> dict[str, object]:
    return {
        "recording": f"r{number}",
        "holder": account,
        "share_ppm": 1_000_000,
        "role": "owner",
        "territories": "world",
        "granted": 0,
        "refused": 0,
        "event": event,
    }
