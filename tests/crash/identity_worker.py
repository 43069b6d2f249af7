"""A process that imports a folder, knowing recordings again, until it is killed.

It sends a line for each file only after it was taken in: what was sent was acknowledged.
"""

from multiprocessing.connection import Connection
from pathlib import Path

from assent.acts.house import House
from assent.acts.import_folder import arrive, plan
from assent.acts.publish import publish_default
from assent.identity import recogniser as rules
from assent.identity.fingerprint import fingerprint
from assent.identity.recogniser import Recogniser
from assent.settings import Settings

__all__ = ["import_and_recognise"]


def import_and_recognise(folder: Path, number: int, said: Connection) -> None:
    """Take in the folder of a number, for the artist of that number."""
    rules._AT_ONCE = 2  # so that the index is written to most of the time
    planned = plan(folder / f"music-{number}", f"Artist {number}")
    fingerprint(planned[0].path)  # what is compiled is ready
    said.send(("ready", ""))
    house = House.open(Settings(data=folder / "data"), create=True)
    publish_default(house)
    recogniser = Recogniser(house)
    for file in planned:
        arrival = arrive(house, file, "desk", recogniser)
        assert arrival.uploaded is not None, arrival.error
        said.send(("recording", arrival.uploaded.recording))
        for it in arrival.uploaded.found:
            said.send(("case", f"{arrival.uploaded.recording} {it.original}"))
