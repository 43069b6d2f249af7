"""The gate: the only door to the audio.

A program shows a token and names a recording; the gate decides, notes the use down, and gives a
stream that is checked again at every read, so a withdrawal stops even what is being read. Listening
is no AI use and has a door of its own.
"""

import io
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import Engine, select

from assent.catalogue import tables
from assent.catalogue.engine import reading
from assent.catalogue.site_tables import renditions
from assent.clock import now
from assent.errors import KeyFailed, NotPermitted, StorageFailed, Unknown
from assent.gate.explainer import Explainer
from assent.gate.journal import Journal
from assent.gate.snapshot import Snapshot
from assent.gate.tokens import LONGEST, Tokens
from assent.permission.decide import Decision
from assent.settings import Settings
from assent.vault.blobs import open_blobs
from assent.vault.keys import MasterKey
from assent.vault.seal import sealed_size
from assent.vault.vault import StoredAudio, Vault, new_blob_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

__all__ = ["Gate", "Stored"]

Stored = StoredAudio


class _Passage(io.RawIOBase):
    """A stream through the gate; each read asks again.

    Args:
        stream: The plain audio.
        check: Raises if the use is no longer permitted.
    """

    def __init__(self, stream: BinaryIO | io.RawIOBase, check: Callable[[], None]) -> None:
        self._stream = stream
        self._check = check

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # any writable buffer; typeshed names a protocol of its own
        self._check()
        view = memoryview(buffer).cast("B")
        chunk = self._stream.read(len(view)) or b""
        view[: len(chunk)] = chunk
        return len(chunk)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        self._stream.close()
        super().close()


class Gate:
    """The door to the audio of one platform.

    Args:
        settings: Where the platform keeps its things.
        engine: Its catalogue.
        clock: What tells the time; another one in tests.
    """

    def __init__(
        self, settings: Settings, engine: Engine, clock: Callable[[], datetime] = now
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._clock = clock
        self._journal = Journal(settings.journals)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The live answers."""
        return Snapshot(self._engine, self._settings.snapshot, self._clock)

    @cached_property
    def _key(self) -> MasterKey:
        return self._master_key(self._settings)

    def _master_key(self, settings: Settings) -> MasterKey:
        """Load the master key, and try it; make one only where nothing was ever sealed."""
        with reading(self._engine) as connection:
            sealed = connection.execute(select(tables.data_keys).limit(1)).first()
        if not settings.master_key.exists():
            if sealed is not None:
                raise KeyFailed(
                    f"the master key {settings.master_key.name} is missing;"
                    " put it back, without it no audio can be opened"
                )
            return MasterKey.create(settings.master_key)
        key = MasterKey.load(settings.master_key)
        if sealed is not None:
            # sealing under a second key would make a platform that no one key opens
            key.unwrap(sealed.wrapped, sealed.blob.encode())
        return key

    @cached_property
    def _vault(self) -> Vault:
        return Vault(open_blobs(self._settings.blobs), self._key)

    @cached_property
    def _tokens(self) -> Tokens:
        return Tokens(self._key.derive("gate tokens"))

    def secret(self, purpose: str) -> bytes:
        """Return a secret of this platform for one purpose [32 bytes]; never for a blob or a token.

        Raises:
            KeyFailed: The master key cannot be had.
        """
        return self._key.derive(f"site: {purpose}")

    # What programs do.

    def token(self, program: str, good_for: timedelta = LONGEST) -> str:
        """Return a token for a program.

        Raises:
            Unknown: There is no such program.
            KeyFailed: The master key cannot be had.
        """
        self.snapshot.program(program)
        return self._tokens.issue(program, self._clock(), good_for)

    def open(self, token: str, recording: str) -> io.BufferedReader:
        """Open a recording for the program that a token speaks for.

        Raises:
            TokenRefused: The token is forged or expired.
            NotPermitted: The program may not use it; `facts["decision"]` says why, and is None
                if it was erased. The stream raises it too, from the first read after a withdrawal.
            Unknown: There is no such recording.
            StorageFailed: The audio cannot be read, or the use not counted.
        """
        program = self._tokens.read(token, self._clock())

        def check() -> None:
            if not self.snapshot.allows(program, recording):
                raise self.refusal(program, recording)

        check()
        # the snapshot is a cache in a file; before audio is handed out the catalogue says so too
        if not self.explain(program, recording).allowed:
            raise self.refusal(program, recording)
        stream = self._unsealed(recording)
        self._journal.note(program, recording, self._clock())
        return io.BufferedReader(_Passage(stream, check), 1 << 16)

    def refusal(self, program: str, recording: str) -> NotPermitted:
        """Return the refusal of a use that is not allowed, with all reasons."""
        try:
            decision = self.explain(program, recording)
        except Unknown:  # it was there, for the words knew of it
            return NotPermitted(f"{recording} was erased", decision=None)
        return NotPermitted(f"{program} may not use {recording}", decision=decision)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._engine, self.snapshot)

    def explain(self, program: str, recording: str, at: datetime | None = None) -> Decision:
        """Decide with all reasons.

        Raises:
            Unknown: There is no such program or recording.
        """
        return self._explainer.explain(program, recording, at or self._clock())

    # What people and acts do.

    def listen(self, recording: str) -> io.BufferedReader:
        """Open a recording for a person to hear; who may hear it is the caller's to say.

        Raises:
            Unknown: There is no such recording.
            StorageFailed: The audio cannot be read.
        """
        return io.BufferedReader(self._unsealed(recording), 1 << 16)

    def listen_to_rendition(self, recording: str, format: str) -> io.BufferedReader:  # noqa: A002  # as the column is called
        """Open what was made of a recording for players; as with `listen`, who may is not asked.

        Raises:
            Unknown: There is no such rendition.
            StorageFailed: The audio cannot be read.
        """
        made = renditions.c
        blob = select(made.blob).where(made.recording == recording, made.format == format)
        return io.BufferedReader(self._opened(blob, recording), 1 << 16)

    def _unsealed(self, recording: str) -> io.RawIOBase:
        blob = select(tables.recordings.c.blob).where(tables.recordings.c.id == recording)
        return self._opened(blob, recording)

    def _opened(self, blob: "Select[tuple[str]]", recording: str) -> io.RawIOBase:
        keys, found = tables.data_keys.c, blob.subquery()
        query = select(found.c.blob, keys.wrapped).outerjoin(
            tables.data_keys, keys.blob == found.c.blob
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise Unknown(f"there is no recording {recording!r}", recording=recording)
        if row.wrapped is None:
            raise StorageFailed("this recording was erased", recording=recording)
        return self._vault.open(row.blob, row.wrapped)

    def take_in(self, plain: BinaryIO | Iterable[bytes]) -> Stored:
        """Seal audio into the vault; it belongs to no recording until an act says so.

        Raises:
            StorageFailed: The disk is full or read-only; nothing is left behind.
            KeyFailed: The master key cannot be had.
        """
        return self._vault.store(new_blob_name(), plain)

    def note(self, program: str, recording: str) -> None:
        """Note a use that a program made of a recording while it was taken in.

        Raises:
            StorageFailed: It could not be written down.
        """
        self._journal.note(program, recording, self._clock())

    def hand_over(self) -> None:
        """Let what was let through so far be counted now, and not only when its hour is past."""
        self._journal.close()

    def forget(self, blob: str) -> None:
        """Remove a blob that no recording uses."""
        self._vault.delete(blob)

    @contextmanager
    def taking_in(self) -> "Iterator[None]":
        """Tell all sweeps that audio is being taken in."""
        with self._taking_in(LOCK_SH):
            yield

    @contextmanager
    def _taking_in(self, kind: int) -> "Iterator[bool]":
        """Hold the lock of imports; gives False where it cannot be had at once."""
        try:
            file = (self._settings.data / "taking-in.lock").open("a")
        except OSError as error:
            raise StorageFailed(f"the data folder cannot be written: {error.strerror}") from error
        with file:
            try:
                flock(file, kind)
            except BlockingIOError:
                yield False
            else:
                yield True  # closing the file lets the lock go

    def sweep(self) -> int:
        """Remove what interrupted imports left in the vault; return how much.

        While audio is being taken in anywhere on this machine nothing is removed.
        """
        with self._taking_in(LOCK_EX | LOCK_NB) as alone:
            if not alone:
                return 0
            blobs = self._vault.blobs
            with reading(self._engine) as connection:
                known = set(connection.execute(select(tables.data_keys.c.blob)).scalars())
            orphans = [name for name in blobs.names() if name not in known]
            for name in orphans:
                blobs.delete(name)
            return len(orphans) + blobs.sweep(self._clock())

    def missing(self) -> list[str]:
        """Return the recordings whose audio is not whole in the vault, and was not erased."""
        with reading(self._engine) as connection:
            query = select(*tables.recordings.c["id", "blob", "size_bytes"]).join(
                tables.data_keys, tables.data_keys.c.blob == tables.recordings.c.blob
            )
            kept = connection.execute(query).all()
        sizes = {it.name: it.size_bytes for it in self._vault.blobs.entries()} if kept else {}
        return [row.id for row in kept if sizes.get(row.blob) != sealed_size(row.size_bytes)]

    def close(self) -> None:
        """Hand the journal over to be counted, and let files go; what is asked later opens anew."""
        self._journal.close()
        self.__dict__.pop("_explainer", None)
        snapshot: Snapshot | None = self.__dict__.pop("snapshot", None)
        if snapshot is not None:
            snapshot.close()
