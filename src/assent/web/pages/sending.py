"""Several files with one form, where no scripts run: kept first, and taken in one by one."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from assent.errors import AssentError, BadInput, Unknown
from assent.studio import uploads
from assent.studio.uploads import Upload
from assent.studio.uploads_file import path_of, receiving
from assent.studio.uploads_said import Said, keep_said
from assent.studio.uploads_taken import Taken, note_failed
from assent.web import form as forms
from assent.web.face import CREATORS, Done, Face
from assent.web.once import do_once
from assent.web.rendering import sent_on
from assent.web.upload_views import finished, in_words
from assent.web.visit import Visit
from assent.web.work_said import UploadSaid, said_of

__all__ = ["face"]

face = Face("sending")

_PIECE = 1 << 20
_MOST_LARGEST = 4
_PATIENCE_S = 60.0
"""How long a form waits for its turn: nothing sends it again by itself."""


@face.raw("/studio/upload", methods=("POST",), who=CREATORS, scope=None, large=True)
async def send_files(visit: Visit) -> Response:
    """Take several files with one form, where no scripts run."""
    # whose form it is is known before any of it is read: it may be large
    most = visit.site.house.settings.largest_upload_bytes * _MOST_LARGEST + (1 << 20)
    await run_in_threadpool(visit.let_go)
    limited = Request(visit.request.scope, _limited(visit.request, most))
    try:
        sent = await forms.read(limited)
    except BadInput as error:
        return await run_in_threadpool(sent_on, visit, "/studio/upload", f"Not sent: {error.text}.")
    try:
        forms.keep(visit, sent)
        number, token = str(sent.get(forms.ONCE, "")), str(sent.get(forms.CSRF, ""))
        return await run_in_threadpool(_take_files, visit, number, token)
    finally:
        await sent.close()


def _limited(request: Request, most: int) -> Any:
    """Return what gives the body of a request, and stops where it is too large."""
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise uploads.TooLarge("these files are larger together than what is taken at a time")
        return message

    return receive


def _take_files(visit: Visit, number: str, token: str) -> Response:
    forms.check_ours(visit, token)
    done = do_once(visit, number, lambda: _take_each(visit))
    return sent_on(visit, done.next, done.said)


def _take_each(visit: Visit) -> Done:
    """Keep every file first, so that none is lost to what is wrong with another or with a word.

    What was here whole before, and was asked for nothing more, is brought with them.
    """
    files, arrived = visit.files.get("files", []), _ready(visit)
    every = len(files) + len(arrived)
    if not every:
        return Done(said="Choose at least one file.", next="/studio/upload")
    troubles = []
    for file in files:
        try:
            arrived.append(_arrived(visit, file))
        except AssentError as error:
            troubles.append(f"“{file.filename}”: {error.text}.")
    try:
        said = said_of(visit, forms.parse(UploadSaid, visit.form))
    except BadInput as error:
        for one in arrived:
            uploads.note_error(visit.site.house, one.id, error.text)
        return Done(said=f"The files are here; {error.text}.", next="/studio/upload")
    taken = [it for it in (_tried(visit, one, said) for one in arrived) if it is not None]
    return Done(
        said=_summary(taken, every, troubles),
        next="/studio" if len(taken) == every else "/studio/upload",
    )


def _ready(visit: Visit) -> list[Upload]:
    """Return the uploads that the page named as ready, and that are so still."""
    named = visit.form.get("ready", [])
    some = []
    for name in [named] if isinstance(named, str) else named:
        try:
            some.append(uploads.found(visit.site.house, visit.me.account, name))
        except Unknown:  # it was dropped since, and says so by not being there
            continue
    return [one for one in some if one.is_whole and not one.taken and not one.error]


def _arrived(visit: Visit, file: UploadFile) -> Upload:
    house, account = visit.site.house, visit.me.account
    one = uploads.begin(house, account, file.filename or "", file.size or 0)
    with receiving(path_of(house, one.id), one.size_bytes, 0) as part:
        while piece := file.file.read(_PIECE):
            part.write(piece)
    return uploads.found(house, account, one.id)


def _tried(visit: Visit, one: Upload, said: Said) -> Taken | None:
    """Take one file in; what is wrong with it is written beside it."""
    try:
        return finished(visit, one, said, _PATIENCE_S)
    except AssentError as error:
        keep_said(visit.site.house, one, said)
        note_failed(visit.site.house, one, error)
        return None


def _summary(taken: list[Taken], all_of_them: int, troubles: list[str]) -> str:
    words = [in_words(it) for it in taken]
    left = all_of_them - len(taken) - len(troubles)
    if left:
        what = "One file needs" if left == 1 else f"{left} files need"
        words.append(f"{what} another look; nothing of it is lost.")
    return " ".join([*words, *troubles])
