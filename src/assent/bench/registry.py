"""Which benches there are, by name."""

from collections.abc import Callable, Mapping
from importlib import import_module

from assent.bench.row import Row
from assent.errors import Unknown

__all__ = ["BENCHES", "run"]

BENCHES: Mapping[str, tuple[str, str]] = {
    "decide": (
        "assent.bench.decide",
        "one decision, with and without reasons, beside Cedar and Casbin",
    ),
    "bulk": ("assent.bench.bulk", "which of 100 million recordings, beside an SQL scan"),
    "seal": ("assent.bench.seal", "sealing and opening audio, beside Tink"),
    "log": (
        "assent.bench.log",
        "entries a second into the log, beside a plain insert; receipts, prefix trees",
    ),
    "identity": (
        "assent.bench.identity",
        "knowing recordings again whatever was done to them, beside Chromaprint",
    ),
    "import": (
        "assent.bench.import_audio",
        "importing music, beside a plain decode with pyloudnorm",
    ),
}
"""Name to module and what it measures."""


def run(name: str, *, quick: bool = False) -> list[Row]:
    """Measure; `quick` takes smaller sizes, for trying it out.

    Raises:
        Unknown: There is no such bench.
    """
    if name not in BENCHES:
        raise Unknown(f"there is no bench {name!r}; there are {', '.join(BENCHES)}", bench=name)
    rows: Callable[[bool], list[Row]] = import_module(BENCHES[name][0]).rows
    return rows(quick)
