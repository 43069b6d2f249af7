"""Which benches there are, by name."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from assent.bench.row import Row
from assent.errors import BadInput, Unknown

__all__ = ["BENCHES", "GIVEN", "run"]

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
        "knowing recordings again whatever was done to them, beside three peers",
    ),
    "chance": (
        "assent.bench.chance",
        "how many votes strangers get by accident, beside what is said of it",
    ),
    "large-index": (
        "assent.bench.large_index",
        "ten seconds asked about, on up to 2,000 hours",
    ),
    "import": (
        "assent.bench.import_audio",
        "importing music, beside a plain decode with pyloudnorm",
    ),
    "web": (
        "assent.bench.web",
        "pages and sound at up to a million recordings, beside a bare app and nginx; an upload",
    ),
    "terms": (
        "assent.bench.terms",
        "reading, telling and closing a text of 60 clauses, beside Cedar; a preview of new terms",
    ),
}
"""Name to module and what it measures."""

GIVEN: Mapping[str, frozenset[str]] = {
    "chance": frozenset({"music", "strangers"}),
    "large-index": frozenset({"music"}),
    "identity": frozenset({"music", "strangers", "scores", "audfprint", "olaf"}),
}
"""Which folders and programs a bench can be given; the others none."""


def run(name: str, *, quick: bool = False, **given: Path) -> list[Row]:
    """Measure.

    Args:
        name: Which bench.
        quick: Smaller sizes, for trying it out.
        given: Folders and programs to measure with, of those in `GIVEN`.

    Raises:
        Unknown: There is no such bench.
        BadInput: It cannot be given one of those.
    """
    if name not in BENCHES:
        raise Unknown(f"there is no bench {name!r}; there are {', '.join(BENCHES)}", bench=name)
    for what in given:
        if what not in GIVEN.get(name, frozenset()):
            raise BadInput(f"the bench {name!r} cannot be given --{what}")
    rows: Callable[..., list[Row]] = import_module(BENCHES[name][0]).rows
    return rows(quick, **given)
