"""Uploading: one audio file becomes a recording, with its holders, sealed in the vault.

The order is what makes it safe to be killed at any moment: the file is measured, then sealed under
a name that nobody knows, then the recording and its data key are written in one transaction. Before
that transaction there is no recording, and what was sealed is noise that the next import sweeps.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import or_, select

from assent.acts.accounts import (
    Account,
    Role,
    account_of,
    begin,
    known_account,
    open_account,
    open_artist,
)
from assent.acts.copies import Found, Suspicion, hold_if_watched, hold_unseen, original_of, suspect
from assent.acts.hearing import DEAF, Ear, Recogniser
from assent.acts.holders import Share, share_bodies
from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.catalogue.events import Body
from assent.catalogue.names import folded
from assent.catalogue.projection import next_number
from assent.catalogue.titles import shown
from assent.errors import NotAllowed, StorageFailed, Unknown
from assent.gate.gate import Stored
from assent.permission.territories import WORLD, format_territories
from assent.sound.isrc import normalised_isrc
from assent.sound.measure import Measured, measure

__all__ = ["NOBODY", "Uploaded", "Work", "upload"]

Along = Callable[[Act, str], None]
"""Writes what belongs to a new recording, in the transaction in which it comes to be."""
NOBODY = "Unknown artist"
"""Under whose name a recording stands of which nobody knows the artist; nobody holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is said of a file that is uploaded.

    Args:
        artist: Under whose name it appears; empty if nobody knows.
        title: Its title; from its tags, or its file's name, if empty.
        licence: Under which licence others may use it.
        origin: Where it comes from.
        isrc: Its ISRC; from its tags if empty.
        agreement: The agreement it is delivered under; empty for an own upload.
        holders: Who holds rights in it; the artist alone if empty.
        made_with: Which AI tools helped, each as `edit.tool_bodies` gives it; none if none did,
            None if nothing is said of it.
        account: The id of the account that brings it as its own; if empty, the artist's account,
            which is opened if there is none.
        file: What its file was called, where its path does not say so.
    """

    artist: str
    title: str = ""
    licence: str = ""
    origin: str = ""
    isrc: str = ""
    agreement: str = ""
    holders: Sequence[Share] = ()
    made_with: Sequence[Body] | None = None
    account: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What became of a file.

    Args:
        recording: The recording's id.
        title: Its title.
        duration_s: How long it sounds [seconds].
        new: False if this very file was here before under this artist.
        copy_of: The recording of somebody else that it seems to be made of, whose word it follows
            from now on; None if there is none.
        found: All that it seems to be made of, the surest first.
        is_unseen: Whether it may not be identified, by its word as it is now.
    """

    recording: str
    title: str
    duration_s: float
    new: bool
    copy_of: str | None
    found: tuple[Suspicion, ...] = ()
    is_unseen: bool = False


def upload(
    house: House,
    path: Path,
    work: Work,
    by: str,
    recogniser: Recogniser = DEAF,
    along: Along | None = None,
) -> Uploaded:
    """Take a file in.

    Args:
        house: The platform.
        path: The file.
        work: What is said of it.
        by: Who uploads.
        recogniser: Who says whose it is. Without one only the very same sound is known again.
        along: What else is written with a new recording, or not at all.

    Raises:
        BadAudio: It is not audio, truncated, empty or without length.
        BadInput: What is said of it cannot be.
        NotAllowed: The artist's name is somebody else's than the account's that brings it.
        StorageFailed: It cannot be read, or the vault or the catalogue cannot be written.
        Unknown: There is no such agreement.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise StorageFailed(f"{path.name!r} cannot be read: {error.strerror}") from error
    ear = recogniser.ear(work.agreement)
    with file:
        measured = measure(file, taps=[ear.tap])
        ear.find(file)
        with house.gate.taking_in():
            return _keep(house, _Upload(path, file, measured, work, ear), by, along)


@dataclass(frozen=True, slots=True)
class _Upload:
    """A file that was measured, and what is said of it."""

    path: Path
    file: BinaryIO
    measured: Measured
    work: Work
    ear: Ear

    @property
    def title(self) -> str:
        named = Path(self.work.file or self.path).stem
        return shown(self.work.title or self.measured.tags.get("title") or named)


def _keep(house: House, uploaded: _Upload, by: str, along: Along | None) -> Uploaded:
    uploaded.file.seek(0)
    stored = house.gate.take_in(uploaded.file)
    kept = False
    try:
        with house.act(by) as act:
            result = _record(act, uploaded, stored)
            kept = result.new
            if kept and along is not None:
                along(act, result.recording)
    finally:
        if not kept:
            house.gate.forget(stored.name)
    if kept:
        uploaded.ear.done()
    return result


def _record(act: Act, uploaded: _Upload, stored: Stored) -> Uploaded:
    """Write the recording, its holders and its data key; or find that it is here already."""
    work, measured = uploaded.work, uploaded.measured
    account = _account(act, work)
    artist = open_artist(act, work.artist or NOBODY, account)
    same = _same_sound(act, stored.sha256.hex(), measured)
    mine = next((row for row in same if row.artist == artist), None)
    if mine is not None:
        return Uploaded(
            recording=mine.id,
            title=mine.title,
            duration_s=measured.duration_s,
            new=False,
            copy_of=None,
        )
    recording = f"r{next_number(act.connection, 'recording')}"
    holders = _holders(act, work, account)
    act.connection.execute(
        tables.data_keys.insert().values(blob=stored.name, wrapped=stored.wrapped_key)
    )
    act.record(
        "recording",
        {
            "id": recording,
            "artist": artist,
            "title": uploaded.title,
            "licence": work.licence,
            "origin": work.origin,
            "isrc": normalised_isrc(work.isrc) or measured.isrc,
            "agreement": work.agreement or None,
            "holders": holders,
            **({} if work.made_with is None else {"made_with": list(work.made_with)}),
            **_measured(measured, stored),
        },
    )
    seen = uploaded.ear.keep(act, recording)
    if seen is None:
        hold_unseen(act, recording)
    suspicions = seen or ()
    if same:  # the very same sound under another name
        known = next((it.evidence for it in suspicions if it.original == same[0].id), ())
        digest = Suspicion(original=same[0].id, found=Found.DIGEST, evidence=known)
        suspicions = [digest, *(it for it in suspicions if it.original != digest.original)]
    suspect(act, recording, suspicions)
    hold_if_watched(act, recording, account.id)
    return Uploaded(
        recording=recording,
        title=uploaded.title,
        duration_s=measured.duration_s,
        new=True,
        copy_of=original_of(act.connection, recording),
        found=tuple(suspicions),
        is_unseen=seen is None,
    )


def _account(act: Act, work: Work) -> Account:
    """Return the account that brings it."""
    if work.agreement:
        party = _party(act, work.agreement)
        if work.account not in {"", party.id}:
            raise NotAllowed(f"the agreement {work.agreement!r} is with somebody else")
        return party
    if not work.account:
        return _uploader(act, work.artist)
    account = account_of(act.connection, work.account)
    _check_name(act, work.artist, account)
    begin(act, account)
    return account


def _check_name(act: Act, name: str, account: Account) -> None:
    """Refuse to bring something under a name that is somebody else's.

    An artist's name is the account's that is called so; of a name that no account has, it is the
    account's that brought it first.
    """
    if folded(name) == folded(account.name):
        return
    artists = tables.artists.c
    brought = select(artists.account).where(artists.folded == folded(name))
    bringer = act.connection.execute(brought).scalar_one_or_none()
    if known_account(act.connection, name) is not None or bringer not in {None, account.id}:
        raise NotAllowed(f"{name!r} is somebody else's name here", field="artist")


def _party(act: Act, agreement: str) -> Account:
    texts = tables.texts.c
    query = select(texts.party).where(texts.id == agreement, texts.kind == "agreement")
    party = act.connection.execute(query).scalar_one_or_none()
    if party is None:
        raise Unknown(f"there is no agreement {agreement!r}", agreement=agreement)
    return account_of(act.connection, party)


def _same_sound(act: Act, digest: str, measured: Measured) -> Sequence[Any]:
    """Return the recordings with the same bytes or the same samples, the earliest first."""
    recordings = tables.recordings.c
    # silence is nobody's: equal samples mean something only where there is sound
    silent = measured.loudness.true_peak_dbtp is None
    audio_digest = digest if silent else measured.audio_digest
    query = (
        select(recordings.id, recordings.artist, recordings.title)
        .where(or_(recordings.digest == digest, recordings.audio_digest == audio_digest))
        .order_by(recordings.number)
    )
    return act.connection.execute(query).all()


def _uploader(act: Act, name: str) -> Account:
    """Return the account of an own upload, which accepts the terms by it."""
    known = known_account(act.connection, name or NOBODY)
    if not name:
        return known or open_account(act, NOBODY, Role.NOBODY)
    if known is None:
        return open_account(act, name, Role.ARTIST)
    begin(act, known)
    return known


def _holders(act: Act, work: Work, account: Account) -> list[Body]:
    if not work.artist and not work.holders and not work.agreement:
        return []  # nobody is known to hold it, so nobody can say yes
    if work.holders:
        return share_bodies(act, work.holders)
    return [
        {
            "holder": account.id,
            "share_ppm": Share(name=account.name).share_ppm,
            "role": Share(name=account.name).role,
            "territories": format_territories(WORLD),
        }
    ]


def _measured(measured: Measured, stored: Stored) -> Body:
    return {
        "digest": stored.sha256.hex(),
        "audio_digest": measured.audio_digest,
        "blob": stored.name,
        "size_bytes": stored.size_bytes,
        "container": measured.container,
        "codec": measured.codec,
        "sr": measured.sr,
        "channels": measured.channels,
        "frames": measured.frames,
        "loudness_lufs": measured.loudness.integrated_lufs,
        "true_peak_dbtp": measured.loudness.true_peak_dbtp,
        "waveform": b64encode(measured.waveform).decode(),
        "tags": dict(measured.tags.raw),
    }
