"""From an upload to a recording: measured, compared with all others, sealed; or why it is not.

What cannot be taken in stays where it is, with what was said of it and one sentence why, until it
is mended, dropped, or a day old. Doing it again after it was done gives the same answer.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import Connection, select

from assent.acts.accounts import Account
from assent.acts.copies import original_of
from assent.acts.edit import tool_bodies
from assent.acts.hearing import Ear, Recogniser
from assent.acts.house import Act, House
from assent.acts.upload import Uploaded, Work, upload
from assent.catalogue import tables
from assent.catalogue.public import PUBLIC
from assent.catalogue.site_tables import recording_pages
from assent.errors import AssentError, BadAudio, BadInput, NotAllowed, Unknown
from assent.sound.block import Block
from assent.sound.decode import Probe
from assent.sound.source import safe_name
from assent.studio.measuring import PATIENCE_S, measuring
from assent.studio.uploads import Upload, found, mark_taken, note_error
from assent.studio.uploads_file import held, path_of, remove_files
from assent.studio.uploads_said import Said, keep_said

if TYPE_CHECKING:
    from assent.sound.measure import Tap

__all__ = ["HereAlready", "Taken", "finish", "note_failed"]

_GUESSING = {"aac", "mp3"}
"""Containers whose length is a guess from their first seconds; of these what comes out counts."""


class HereAlready(BadInput):
    """This very sound is here; `facts["recording"]` says as which recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What has become of an upload.

    Args:
        recording: The recording's id.
        title: Its title.
        is_public: Whether everybody may hear it now.
        copy_of: The recording that it seems to be made of, and waits for a person's look; empty
            if there is none.
        is_unseen: Whether it could not be compared with others yet.
    """

    recording: str
    title: str
    is_public: bool
    copy_of: str = ""
    is_unseen: bool = False


def finish(
    house: House,
    recogniser: Recogniser,
    account: Account,
    one: Upload,
    said: Said,
    *,
    patience_s: float = PATIENCE_S,
) -> Taken:
    """Make a recording of an upload.

    Args:
        house: The platform.
        recogniser: Who says whose it is.
        account: Whose it is.
        one: The upload.
        said: What they say of it; kept, whatever comes of it.
        patience_s: How long to wait where others are measured [seconds].

    Raises:
        BadAudio: It is not audio, cut off, empty, silent, without length, or too long.
        BadInput: It is not whole yet, or what is said of it cannot be.
        Busy: A part of it is arriving, it is being taken in, or others are measured.
        HereAlready: They brought this very sound before.
        NotAllowed: The name or the agreement is somebody else's.
        StorageFailed: The disk refused.
        Unknown: There is no such agreement, or the upload was dropped.
    """
    try:
        with held(path_of(house, one.id)):
            arrived = found(house, account.id, one.id)
            return _finish(house, recogniser, account, arrived, said, patience_s)
    except Unknown:
        again = found(house, account.id, one.id)  # another request has done it meanwhile
        if not again.taken:
            raise
        return _taken(house, again.recording)


def _finish(
    house: House,
    recogniser: Recogniser,
    account: Account,
    one: Upload,
    said: Said,
    patience_s: float,
) -> Taken:
    """Make a recording of an upload that nobody else changes meanwhile."""
    if not one.is_whole:
        raise BadInput(f"{safe_name(Path(one.name))} has not arrived whole yet")
    keep_said(house, one, said)
    try:
        said.check()
        with measuring(patience_s):
            taken = _take(house, recogniser, account, one, said)
    except (BadInput, NotAllowed, Unknown) as error:
        plain = _with_name(error, one)
        note_failed(house, one, plain)
        raise plain from error
    remove_files(house, one.id)
    return taken


def note_failed(house: House, one: Upload, error: AssentError) -> None:
    """Write down why an upload could not be taken in, and whether saying more could help."""
    recording = str(error.facts.get("recording", ""))
    broken = isinstance(error, BadAudio | HereAlready)
    note_error(house, one.id, error.text, recording, broken=broken)


def _take(house: House, recogniser: Recogniser, account: Account, one: Upload, said: Said) -> Taken:
    def along(act: Act, recording: str) -> None:
        page = {"visibility": said.visibility, "downloads": said.downloads}
        act.connection.execute(
            recording_pages.insert().values(recording=recording, about=said.about.strip(), **page)
        )
        mark_taken(act.connection, one.id, recording)

    made_with = None if said.made_with is None else tool_bodies(said.made_with)
    work = Work(
        artist=said.artist.strip() or account.name,
        title=" ".join(said.title.split()),
        licence=said.licence.strip(),
        isrc=said.isrc,
        agreement=said.agreement,
        holders=said.holders,
        made_with=made_with,
        account=account.id,
        file=one.name,
    )
    path = path_of(house, one.id)
    attentive = _Attentive(recogniser, house.settings.longest_upload_h)
    uploaded = upload(house, path, work, account.name, attentive, along)
    if not uploaded.new:
        raise HereAlready(
            f"you brought this before: it is here as “{uploaded.title}”",
            recording=uploaded.recording,
        )
    return _told(uploaded, said)


def _told(uploaded: Uploaded, said: Said) -> Taken:
    copy_of = uploaded.copy_of or next((it.original for it in uploaded.found), "")
    return Taken(
        recording=uploaded.recording,
        title=uploaded.title,
        is_public=said.visibility == PUBLIC and not copy_of,
        copy_of=copy_of,
        is_unseen=uploaded.is_unseen,
    )


def _taken(house: House, recording: str) -> Taken:
    """Return what became of an upload that was taken in before."""
    with house.reading() as connection:
        copy_of = original_of(connection, recording) or ""
        query = select(tables.recordings.c.title).where(tables.recordings.c.id == recording)
        title = connection.execute(query).scalar_one()
        return Taken(
            recording=recording,
            title=title,
            is_public=_is_public(connection, recording) and not copy_of,
            copy_of=copy_of,
        )


def _is_public(connection: Connection, recording: str) -> bool:
    query = select(recording_pages.c.visibility).where(recording_pages.c.recording == recording)
    return connection.execute(query).scalar_one_or_none() in {None, PUBLIC}


def _with_name(error: AssentError, one: Upload) -> AssentError:
    """Return an error that calls the file as whoever sent it does."""
    text = error.text.replace(f"'{one.id}'", safe_name(Path(one.name)))
    return type(error)(text, **error.facts)


class _Attentive:
    """A recogniser that refuses what cannot be a recording: silence, and days on end.

    Args:
        recogniser: Who says whose it is.
        longest_h: How long a recording may sound [hours].
    """

    def __init__(self, recogniser: Recogniser, longest_h: int) -> None:
        self._recogniser = recogniser
        self._longest_h = longest_h

    def ear(self, agreement: str, /) -> Ear:
        """Return who listens to a file that is about to be taken in."""
        return _Listening(self._recogniser.ear(agreement), self._longest_h)


class _Listening:
    """Listens to one file, together with somebody else's ear."""

    def __init__(self, ear: Ear, longest_h: int) -> None:
        self._ear = ear
        self._tap: Tap | None = None
        self._heard = False
        self._frames, self._sr, self._longest_h = 0, 1, longest_h
        self.keep, self.done = ear.keep, ear.done

    def tap(self, probe: Probe, /) -> "_Listening":
        """Return itself, ready for what comes.

        Raises:
            BadAudio: It says of itself that it is too long.
        """
        self._sr = probe.sr
        if probe.duration_s is not None and probe.container not in _GUESSING:
            self._check_length(probe.duration_s)
        self._tap = self._ear.tap(probe)
        return self

    def add(self, block: Block, /) -> None:
        """Take the next samples.

        Raises:
            BadAudio: It is too long.
        """
        self._frames += block.shape[1]
        self._check_length(self._frames / self._sr)
        self._heard = self._heard or bool(block.any())
        if self._tap is not None:
            self._tap.add(block)

    def _check_length(self, length_s: float) -> None:
        """Refuse what would be measured for hours."""
        if length_s > self._longest_h * 3_600:
            most = "1 hour" if self._longest_h == 1 else f"{self._longest_h} hours"
            raise BadAudio(f"it is longer than {most}, which is the most; bring it in parts")

    def find(self, file: BinaryIO, /) -> None:
        """Look for what passed among all recordings.

        Raises:
            BadAudio: Nothing was to be heard.
        """
        if not self._heard:
            raise BadAudio(f"{safe_name(file)} is silent from beginning to end")
        self._ear.find(file)
