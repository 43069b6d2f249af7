"""Building a training set: selected, put on record, and only then packed.

    out/manifest.parquet      what the program was permitted to have, and why
    out/shard-000000.tar …    the audio, as it was taken in
    out/set.json              what the folder holds, written last

Every byte of audio comes through the gate, which asks again at every read. A set is whole or not
there: it is built beside its place and renamed into it. A build that fails after its set was put on
record leaves that record, because audio may have been read under it.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from os import fsync
from pathlib import Path

from pyroaring import BitMap

from assent.acts.cut import Cut, check_nobody_left, cut
from assent.acts.house import House
from assent.catalogue.events import Event
from assent.errors import BadInput, NotPermitted
from assent.permission.decide import Decision
from assent.permission.territories import format_territories
from assent.permission.uses import labels
from assent.training.entry import Entry
from assent.training.item import Item
from assent.training.manifest import Heading, Manifest, opened, write
from assent.training.members import keep, member_tree
from assent.training.parquet_shard import MOST_AUDIO_BYTES
from assent.training.scaffold import Scaffold, scaffold, storing
from assent.training.select import Selection, selected
from assent.training.set_file import MANIFEST, SET, SetFile, format_set
from assent.training.shard import Form
from assent.training.shards import Shards, digest_of

__all__ = ["SHARD_BYTES", "Built", "Progress", "build"]

SHARD_BYTES = 1 << 30
"""How large a shard grows."""

Progress = Callable[[int, int], None]
"""Told how many recordings are done, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A training set that was built.

    Args:
        folder: Where it is.
        described: What it holds.
    """

    folder: Path
    described: SetFile


def build(  # noqa: PLR0913  # where, for whom, by whom, and how to pack it
    house: House,
    program: str,
    out: Path,
    *,
    form: Form | str = Form.WEBDATASET,
    by: str,
    shard_bytes: int = SHARD_BYTES,
    progress: Progress | None = None,
) -> Built:
    """Build a training set that holds exactly what a program may use now.

    Args:
        house: The platform.
        program: For which program.
        out: The folder to be; nothing or an empty folder is there.
        form: `webdataset` or `parquet`.
        by: Who builds it.
        shard_bytes: How large a shard grows before the next is begun.
        progress: Told how far it is.

    Raises:
        Unknown: There is no such program, or no folder around `out`.
        NotPermitted: The program may not run, or nothing is permitted to it; nothing is recorded.
        Stale: Somebody was erased while it was built.
        BadInput: `out` is not empty, there is no such form, or a recording is too large for it.
        StorageFailed: The disk is full or read-only; nothing is left in `out` or beside it.
    """
    form = _form(form)
    with scaffold(out) as site, storing("the training set"):
        manifest = site.folder / MANIFEST
        with selected(house, program) as selection:
            members = BitMap(selection.numbers.astype("uint32"))
            write(manifest, _heading(selection), _fitting(selection.items(), form))
            digest = digest_of(manifest)
            tree, columns = member_tree(selection.connection, digest, manifest)
            record = _record(selection, digest, members, tree.root)
        # on record before any audio is read
        name, event = cut(house, record, by, lambda: keep(house, digest, manifest, columns))
        packing = _Packing(house, record, site, Shards(site.folder, form, shard_bytes, name))
        with closing(packing.shards), opened(manifest) as whole:
            packing.pack(whole, progress)
        described = packing.described(name, event, form)
        while gone := packing.gone():  # taken back after it was read: out again, before the commit
            packing.take_out(gone)
            described = packing.described(name, event, form)
        _write_last(site, format_set(described))
        return Built(folder=site.place, described=described)


def _form(form: str) -> Form:
    try:
        return Form(form)
    except ValueError:
        raise BadInput(f"a set has no form {form!r}; it is webdataset or parquet") from None


def _heading(selection: Selection) -> Heading:
    program = selection.program
    return Heading(
        program=program.id,
        uses=labels(program.uses),
        territories=format_territories(program.territories),
        head=selection.head,
    )


def _record(selection: Selection, manifest: str, members: BitMap, root: bytes) -> Cut:
    members.run_optimize()
    return Cut(
        program=selection.program.id,
        head=selection.head,
        manifest=manifest,
        items=len(members),
        members=b64encode(members.serialize()).decode(),
        root=root.hex(),
    )


def _fitting(items: Iterator[Item], form: Form) -> Iterator[Item]:
    for item in items:
        if form is Form.PARQUET and item.size_bytes > MOST_AUDIO_BYTES:
            raise BadInput(
                f"{item.recording} is too large for a Parquet file; build the set as webdataset",
                recording=item.recording,
            )
        yield item


@dataclass(frozen=True, slots=True)
class _Packing:
    """Audio on its way into shards."""

    house: House
    record: Cut
    site: Scaffold
    shards: Shards

    def pack(self, manifest: Manifest, progress: Progress | None) -> None:
        """Read what is still permitted into shards."""
        entry = Entry(self.house, self.record.program)
        for done, item in enumerate(manifest.items()):
            if progress is not None:
                progress(done, self.record.items)
            try:
                with entry.open(item.recording) as audio:
                    self.shards.add(item, audio)
            except NotPermitted as refusal:
                self._check_withdrawn(refusal.facts["decision"])
        self.shards.finish()
        if progress is not None:
            progress(self.record.items, self.record.items)

    def _check_withdrawn(self, decision: object) -> None:
        """Leave a recording out; but stop altogether if it is the program that was stopped."""
        if isinstance(decision, Decision) and not decision.missing:
            raise NotPermitted(
                f"the program {self.record.program!r} was stopped while its set was built",
                decision=decision,
            )

    def gone(self) -> BitMap:
        """Return the numbers of what was taken back after it was read.

        Raises:
            Stale: Somebody was erased since it was selected.
        """
        with self.house.reading() as connection:
            check_nobody_left(connection, self.record.head)
        permitted = self.house.gate.snapshot.permitted(self.record.program)
        gone = self.shards.numbers - BitMap(permitted.numbers.astype("uint32"))
        for number in gone:
            decision = self.house.gate.explain(self.record.program, f"r{number}")
            if not decision.allowed:
                self._check_withdrawn(decision)
        return gone

    def take_out(self, gone: BitMap) -> None:
        """Take recordings out of the shards again."""
        self.shards.take_out(gone, self.site.folder / MANIFEST)

    def described(self, name: str, event: Event, form: Form) -> SetFile:
        """Return what the folder holds now."""
        numbers = self.shards.numbers
        if not numbers:
            raise NotPermitted("every recording of the set was taken back while it was built")
        size_bytes = frames = 0
        withdrawn: list[str] = []
        with opened(self.site.folder / MANIFEST) as manifest:
            for item in manifest.items():
                if item.number in numbers:
                    size_bytes += item.size_bytes
                    frames += item.frames
                else:
                    withdrawn.append(item.recording)
        return SetFile(
            id=name,
            event=event.number,
            program=self.record.program,
            head=self.record.head,
            form=form,
            manifest=self.record.manifest,
            permitted=self.record.items,
            items=len(numbers),
            size_bytes=size_bytes,
            frames=frames,
            shards=self.shards.entries(),
            withdrawn=tuple(withdrawn),
        )


def _write_last(site: Scaffold, text: bytes) -> None:
    with (site.folder / SET).open("xb") as file:
        file.write(text)
        file.flush()
        fsync(file.fileno())
    site.put_in_place()
