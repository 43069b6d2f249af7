"""What other processes do in tests: train, and build until they are killed.

Imports little, so that a process of its own is quickly there.
"""

import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import NamedTuple

from assent.acts.house import House
from assent.settings import Settings
from assent.training.build import build
from assent.training.loader import Loader

__all__ = ["Report", "build_one", "train"]


class Report(NamedTuple):
    """What a worker did: when it was last given each recording, and what it was refused."""

    last_s: dict[str, float]
    refused: set[str]


def train(loader: Loader, parent: Connection, stop: Event) -> None:
    """Train, epoch after epoch, until told to stop."""
    last_s: dict[str, float] = {}
    epochs = 0
    while not stop.is_set():
        for sample in loader:
            last_s[sample.recording] = time.monotonic()
        epochs += 1
        if epochs == 1:
            parent.send("has gone through the set once")
    parent.send(Report(last_s, {refusal.recording for refusal in loader.refused}))
    loader.close()


def build_one(settings: Settings, program: str, out: Path, form: str, parent: Connection) -> None:
    """Say that it begins, build one set, and say that it is there."""
    house = House.open(settings)
    parent.send("begins")
    build(house, program, out, form=form, by="Kim", shard_bytes=18_000)
    parent.send("is there")
    house.close()
