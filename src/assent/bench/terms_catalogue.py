"""A catalogue to preview new terms on, and how long that takes and how much memory.

The rows are written straight to the tables, with the shares of a real platform as far as one can
guess them: `_SHARES` says what they are. Outlines of the sound are as long as real ones, because
they are most of what is read.
"""

import multiprocessing
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sqlalchemy import Connection

from assent.catalogue import tables
from assent.catalogue.engine import connect, insert_many, reading, writing
from assent.catalogue.preview import Preview, preview
from assent.catalogue.schema import prepare
from assent.clock import monotonic_s
from assent.permission.algebra import Masks
from assent.permission.presets import PRESETS, Preset
from assent.permission.uses import ALL, CONSENT_ONLY, FREE, parse_uses

__all__ = ["NEW_TERMS", "Taken", "drawn_catalogue", "previewed"]

NEW_TERMS = Masks(
    granted=parse_uses(["platform/identify", "platform/protect", "platform/insight"]),
    opt_out=parse_uses(["platform/search", "platform/recommend", "group/train-*"]),
    opt_in=parse_uses(["partner/*"]),
)
"""Wider here and tighter there than any text of the catalogue, so that much would change."""

_SHARES = {
    "delivered under an agreement": 0.3,
    "a copy of another one": 0.02,
    "held": 0.005,
    "has two holders": 0.1,
    "has three holders": 0.03,
    "one of its holders has only some countries": 0.01,
    "its holder has said nothing": 0.6,
    "its holder refused all AI": 0.2,
    "its holder granted what there is to grant": 0.05,
}
_AGREEMENTS, _TERMS = 20, 3
_ACCOUNTS = 20_000
_OUTLINE = 2_672
"""Letters of an outline of the sound: a thousand points of two bytes and a mark, in base 64."""
_CHUNK = 20_000
_NO_AI = PRESETS[Preset.NO_AI].refused
_FOUND = PRESETS[Preset.FOUND].granted

_Row = tuple[Any, ...]
"""A row of a table, in the order of its columns named below."""

_RECORDING = [
    "number",
    "id",
    "artist",
    "title",
    "licence",
    "origin",
    "digest",
    "audio_digest",
    "blob",
    "size_bytes",
    "container",
    "codec",
    "sr",
    "channels",
    "frames",
    "waveform",
    "tags",
    "agreement",
    "original",
    "held",
    "word",
    "word_event",
    "event",
]
_HOLDING = [
    "recording",
    "holder",
    "share_ppm",
    "role",
    "territories",
    "granted",
    "refused",
    "event",
]
_ACCOUNT = ["id", "name", "folded", "role", "accepted", "asks", "event"]
_TEXT = [
    "id",
    "number",
    "kind",
    "title",
    "granted",
    "opt_out",
    "opt_in",
    "source",
    "digest",
    "current",
    "event",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a preview came to.

    Args:
        seconds: How long it took.
        processor_s: How long a processor worked on it: on a busy machine, the steadier figure.
        before_mb: The most memory the process had used before it began.
        peak_mb: The most it had used at its end.
        recordings: How many recordings it tells of.
        closing: How many of them change for the worse.
    """

    seconds: float
    processor_s: float
    before_mb: float
    peak_mb: float
    recordings: int
    closing: int


@contextmanager
def drawn_catalogue(recordings: int, seed: int = 1) -> Iterator[str]:
    """Give the URL of a catalogue with so many recordings, in a temporary folder."""
    with TemporaryDirectory(prefix="assent-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'catalogue.db'}"
        engine = connect(url)
        prepare(engine)
        with writing(engine) as connection:
            _fill(connection, recordings, np.random.default_rng(seed))
        engine.dispose()
        yield url


def previewed(url: str) -> Taken:
    """Return what a preview of `NEW_TERMS` takes, in a process of its own."""
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_preview, args=(url, theirs))
    process.start()
    theirs.close()
    try:
        taken: Taken = ours.recv()
    finally:
        process.join()
    return taken


def _preview(url: str, pipe: Pipe) -> None:
    engine = connect(url)
    with reading(engine) as connection:
        before = _peak_mb()
        since, worked = monotonic_s(), _processor_s()
        found: Preview = preview(connection, NEW_TERMS)
        seconds, processor_s = monotonic_s() - since, _processor_s() - worked
    pipe.send(
        Taken(
            seconds=seconds,
            processor_s=processor_s,
            before_mb=before,
            peak_mb=_peak_mb(),
            recordings=sum(found.shifts.values()),
            closing=found.count("closes"),
        )
    )


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_mb() -> float:
    # VmHWM is this process's own; what getrusage says may be its parent's
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


def _fill(connection: Connection, recordings: int, chance: np.random.Generator) -> None:
    insert_many(connection, tables.texts, _TEXT, _texts(chance))
    accounts = min(_ACCOUNTS, recordings)
    insert_many(connection, tables.accounts, _ACCOUNT, [*_accounts(accounts, chance)])
    for low in range(0, recordings, _CHUNK):
        n = min(_CHUNK, recordings - low)
        rows = list(islice(_recordings(low, chance, accounts), n))
        insert_many(connection, tables.recordings, _RECORDING, rows)
        holdings = [holding for row in rows for holding in _holdings(row, chance, accounts)]
        insert_many(connection, tables.holdings, _HOLDING, holdings)


def _texts(chance: np.random.Generator) -> list[_Row]:
    """Return three terms, each tighter here and wider there, and the agreements."""
    rows = []
    for number in range(1, _TERMS + _AGREEMENTS + 1):
        kind = "terms" if number <= _TERMS else "agreement"
        granted = int(chance.integers(0, ALL)) & int(chance.integers(0, ALL)) & FREE
        opt_out = int(chance.integers(0, ALL)) & FREE & ~granted
        masks = (granted, opt_out, ALL & ~(granted | opt_out))
        name = f"{kind}-{number}"
        rows.append((name, number, kind, name, *masks, "", "", number == _TERMS, number))
    return rows


def _accounts(accounts: int, chance: np.random.Generator) -> Iterator[_Row]:
    accepted = chance.choice(_TERMS + 1, accounts, p=[0.05, 0.1, 0.25, 0.6])
    for place, version in enumerate(accepted.tolist()):
        name = f"Bench Artist {place}"
        text = f"terms-{version}" if version else None
        yield f"a{place}", name, name.lower(), "artist", text, True, 1


def _recordings(low: int, chance: np.random.Generator, accounts: int) -> Iterator[_Row]:
    """Give recordings from a number on, without end at most a chunk of them."""
    drawn = chance.random((_CHUNK, 3))
    agreements = chance.integers(_TERMS + 1, _TERMS + _AGREEMENTS + 1, _CHUNK)
    originals = (chance.random(_CHUNK) * np.arange(low, low + _CHUNK)).astype(int)
    outline = "A" * _OUTLINE
    for at in range(_CHUNK):
        number = low + at
        delivered, copied, held = (
            some < _SHARES[what]
            for some, what in zip(
                drawn[at],
                ("delivered under an agreement", "a copy of another one", "held"),
                strict=True,
            )
        )
        digest = f"{number:064x}"
        yield (
            *(number, _recording(number), f"n{number % accounts}", f"Bench {number}"),
            *("", "", digest, digest, digest[32:], 5_000_000, "flac", "flac", 44_100, 2),
            *(9_000_000, outline, "{}"),
            f"agreement-{agreements[at]}" if delivered else None,
            _recording(int(originals[at])) if copied and number else None,
            *(CONSENT_ONLY if held else 0, 0, 1, 1),
        )


def _recording(number: int) -> str:
    return f"r{number}"


def _holdings(row: _Row, chance: np.random.Generator, accounts: int) -> Iterator[_Row]:
    """Give the holdings of a recording: its artist's, and perhaps one or two more."""
    number, name = row[:2]
    drawn = chance.random(4)
    three, two = _SHARES["has three holders"], _SHARES["has two holders"]
    holders = 3 if drawn[0] < three else 2 if drawn[0] < three + two else 1
    for which in range(min(holders, accounts)):
        part = which > 0 and drawn[1] < _SHARES["one of its holders has only some countries"]
        granted, refused = _said(drawn[2 + which % 2])
        account = f"a{(number + which * 7919) % accounts}"
        where = "AT DE" if part else "world"
        yield name, account, 1_000_000 // holders, "owner", where, granted, refused, 1


def _said(drawn: float) -> Sequence[int]:
    """Return what a holder granted and refused."""
    nothing = _SHARES["its holder has said nothing"]
    no_ai = nothing + _SHARES["its holder refused all AI"]
    if drawn < nothing:
        return 0, 0
    if drawn < no_ai:
        return 0, _NO_AI
    if drawn < no_ai + _SHARES["its holder granted what there is to grant"]:
        return ALL, 0
    return _FOUND, 0
