"""Following a log from outside: does it show everybody one history?

A monitor asks the witnesses what they have cosigned, then the log, and holds every checkpoint
against the tiles of the log. Whatever was signed under one origin and is not in one history with
the rest is a split view: both notes together prove it to anybody.

Source: C2SP tlog-witness v1.0.0, "Monitor Retrieval Mechanism"; tlog-tiles v0.1.0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from assent.errors import BadInput, BadProof, CouldNot
from assent.log.ask import Asker, in_time
from assent.log.policy import Policy
from assent.log.tile import TileReader
from assent.log.tree import root_at
from assent.log.witness import MOST_BYTES
from assent.log.witnesses import Shown, checkpoint_url, keys_by_url, parse_shown

__all__ = ["BEFORE", "LOG", "Followed", "Seen", "Split", "follow"]

LOG: Final = "log"
"""By whom a checkpoint is shown that comes from the log itself."""
BEFORE: Final = "before"
"""By whom a checkpoint is shown that the monitor saw last time."""

_MOST_TILE_BYTES: Final = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What somebody shows of a log.

    Args:
        by: The address of a witness, `log`, or `before` for what the monitor itself saw last.
        shown: The checkpoint; the log signed it.
    """

    by: str
    shown: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Two checkpoints of one log that are not in one history.

    Args:
        one: What the log's own tiles go with, or the first of two where they go with none.
        other: What does not go with it.
        conclusive: Whether the notes alone prove it: they have the same size. If not, the tiles of
            the log prove it beside them.
    """

    one: Seen
    other: Seen
    conclusive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a monitor found.

    Args:
        newest: The largest checkpoint; what to hand in as `before` next time.
        seen: All that was shown, signed by the log.
        splits: The contradictions among them.
        unread: Whether the log's tiles did not give the newest root, so that checkpoints of
            different sizes could not be compared.
        behind: Whether the log shows less than a witness; for a moment every log does.
        silent: The witnesses that showed nothing, by address.
    """

    newest: Shown
    seen: tuple[Seen, ...]
    splits: tuple[Split, ...]
    unread: bool
    behind: bool
    silent: tuple[str, ...]


def follow(
    policy: Policy,
    origin: str,
    url: str,
    *,
    before: bytes | None = None,
    timeout_s: float = 10.0,
) -> Followed:
    """Return what a log and the witnesses show of it, held against each other.

    Args:
        policy: By which keys the log and the witnesses are known.
        origin: Which log.
        url: Where it is.
        before: What the monitor saw last.
        timeout_s: How long witnesses, and each file of the log, may take [seconds].

    Raises:
        CouldNot: The log does not show a checkpoint that it signed.
        BadInput: The log did not sign `before`, so it is of another log, or damaged: no finding.
    """
    known = _before(before, origin, policy)
    asker = Asker(timeout_s)
    try:

        def look(by: str, address: str) -> Seen | None:
            note = asker.get(address, MOST_BYTES)
            shown = None if note is None else parse_shown(note, origin, policy)
            return None if shown is None else Seen(by=by, shown=shown)

        def files(path: str) -> bytes | None:
            return asker.get(f"{url.rstrip('/')}/{path}", _MOST_TILE_BYTES)

        # the log last: an honest one then shows no less than the witnesses, but for a moment
        addresses = {at: checkpoint_url(at, origin) for at in keys_by_url(policy)}
        tasks = [lambda by=by, at=at: look(by, at) for by, at in addresses.items()]
        seen = [found for found in in_time(tasks, timeout_s) if found is not None]
        silent = tuple(by for by in addresses if by not in {found.by for found in seen})
        own = look(LOG, f"{url.rstrip('/')}/checkpoint")
        if own is None:
            raise CouldNot("the log does not show a checkpoint that it signed", url=url)
        return _compared((own, *known, *seen), silent, files)
    finally:
        asker.close()


def _before(note: bytes | None, origin: str, policy: Policy) -> tuple[Seen, ...]:
    if note is None:
        return ()
    shown = parse_shown(note, origin, policy)
    if shown is None:
        raise BadInput("what was kept of the last time is not of this log, or damaged")
    return (Seen(by=BEFORE, shown=shown),)


def _compared(
    seen: tuple[Seen, ...], silent: tuple[str, ...], get: Callable[[str], bytes | None]
) -> Followed:
    by_size = sorted(seen, key=_size, reverse=True)
    base, reader = None, TileReader(get, 0)
    for candidate in by_size:
        reader = TileReader(get, _size(candidate))
        if _fits(candidate, reader):
            base = candidate
            break
    splits = list[Split]()
    for number, other in enumerate(seen):
        twin = next((one for one in seen[:number] if _contradict(one, other)), None)
        if twin is not None:
            splits.append(Split(one=twin, other=other, conclusive=True))
        elif base is not None and _size(other) < _size(base) and not _fits(other, reader):
            splits.append(Split(one=base, other=other, conclusive=False))
    return Followed(
        newest=by_size[0].shown,
        seen=seen,
        splits=tuple(splits),
        unread=base is None or _size(base) < _size(by_size[0]),
        behind=_size(seen[0]) < _size(by_size[0]),
        silent=silent,
    )


def _size(seen: Seen) -> int:
    return seen.shown.checkpoint.size


def _contradict(one: Seen, other: Seen) -> bool:
    same_size = _size(one) == _size(other)
    return same_size and one.shown.checkpoint.root != other.shown.checkpoint.root


def _fits(seen: Seen, reader: TileReader) -> bool:
    try:
        return root_at(_size(seen), reader) == seen.shown.checkpoint.root
    except BadProof:  # a tile is missing, or is none
        return False
