"""Erasing a person from what is kept in files: training sets and plays; with everything else.

The manifests that left with their sets are out of reach; those that are kept for proofs lose the
person's rows, and every row that names the person as another holder. The trees stay: without the
handles, which go with the events, nothing in them can be connected with anybody.
"""

from pathlib import Path
from secrets import token_hex

from assent.acts.accounts import Account
from assent.acts.erase import Erased, Person, erase
from assent.acts.erase_recording import erase_recording
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.catalogue.play_parts import forget as forget_plays
from assent.catalogue.play_parts import plays_folder
from assent.disk import storage, sync_folder
from assent.errors import BadInput
from assent.identity.recogniser import follow
from assent.training.item import Item
from assent.training.manifest import opened, write

__all__ = ["forget", "forget_recording"]


def forget(house: House, logs: Logs, name: str, by: str) -> Erased:
    """Erase a person from everything that the platform has.

    Args:
        house: The platform.
        logs: Its logs.
        name: Who: an account's name.
        by: Who does it.

    Raises:
        Busy: Another process is publishing.
        NotAllowed: It is an artist whose rights others hold.
        Unknown: Nobody is called that.
        Stale: The person is still being spoken of faster than it can be published.
        StorageFailed: The disk refused; doing it again goes on where it stopped.
    """
    erased = erase(house, logs, name, by, lambda meant: _purge_files(house, meant))
    follow(house)
    return erased


def forget_recording(house: House, logs: Logs, recording: str, by: Account) -> Erased:
    """Erase one recording from everything that the platform has.

    Args:
        house: The platform.
        logs: Its logs.
        recording: Which.
        by: Whose act it is.

    Raises:
        Busy: Another process is publishing.
        NotAllowed: They did not bring it, others hold rights in it, or it was delivered.
        Unknown: There is no such recording.
        Stale: It is still being spoken of faster than it can be published.
        StorageFailed: The disk refused; doing it again goes on where it stopped.
    """
    erased = erase_recording(house, logs, recording, by, lambda it: _purge_files(house, it))
    follow(house)
    return erased


def _purge_files(house: House, meant: Person) -> None:
    _purge_all(house.settings.kept / "sets", meant)
    forget_plays(plays_folder(house.settings.data), meant.account, meant.recordings)


def _purge_all(folder: Path, meant: Person) -> None:
    # nobody else keeps anything now: what has no name yet was left by somebody who died at it
    for leftover in folder.glob("*/.*"):
        with storage("erase what was left of a kept manifest", leftover):
            leftover.unlink()
    for manifest in sorted(folder.glob("*/manifest.parquet")):
        try:
            _purge(manifest, meant)
        except BadInput:  # nothing can be proved from it, and whom it names nobody can tell
            with storage("erase a kept manifest", manifest):
                manifest.unlink()
                sync_folder(manifest.parent)


def _purge(path: Path, meant: Person) -> None:
    with opened(path) as manifest:
        kept = [item for item in manifest.items() if not _is_about(item, meant)]
        heading, total = manifest.heading, manifest.count
    if len(kept) == total:
        return
    arriving = path.with_name(f".{path.name}.{token_hex(8)}")
    with storage("erase from a kept manifest", path):
        try:
            write(arriving, heading, kept)
            arriving.replace(path)
            sync_folder(path.parent)
        finally:
            arriving.unlink(missing_ok=True)


def _is_about(item: Item, meant: Person) -> bool:
    grounds = any(
        ground.holder == meant.account or ground.recording in meant.recordings
        for ground in item.grounds
    )
    return grounds or item.recording in meant.recordings
