"""A process that imports, grants and takes back until it is killed.

It sends a line for each act only after the act has returned: what was sent was acknowledged.
"""

import random
from multiprocessing.connection import Connection
from pathlib import Path

from assent.acts.house import House
from assent.acts.import_folder import arrive, plan
from assent.acts.publish import publish_default
from assent.acts.say import About, grant, withdraw
from assent.settings import Settings
from tests.houses import RIVAL, write_wav

__all__ = ["import_and_grant"]


def import_and_grant(folder: Path, seed: int, said: Connection) -> None:
    """Take a dozen files in, grant each, take half of the grants back."""
    chance = random.Random(seed)
    artist = f"Artist {seed % 5}"
    music = folder / f"music-{seed}"
    for number in range(12):
        write_wav(music / f"{number}.wav", 100 + 13 * number + seed % 997, seconds=0.3)
    said.send(("ready", ""))
    house = House.open(Settings(data=folder / "data"), create=True)
    publish_default(house)
    for planned in plan(music, artist):
        arrival = arrive(house, planned, "desk")
        assert arrival.uploaded is not None, arrival.error
        said.send(("recording", arrival.uploaded.recording))
        about = About(holder=artist, recording=arrival.uploaded.recording)
        said.send(("statement", str(grant(house, about, RIVAL, all_programs=True).number)))
        if chance.random() < 0.5:
            said.send(("statement", str(withdraw(house, about, RIVAL).number)))
