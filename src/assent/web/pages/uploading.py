"""Uploading: several files at once, what is said of them, and what became of each.

Without scripts the files come with the form; with them each comes by itself, resumable
(`resumable`), and is finished here. A file that cannot be taken in stays, with what was typed.
"""

from typing import Annotated

from fastapi import Query

from assent.signin.scopes import Scope
from assent.studio import uploads
from assent.studio.uploads_said import kept_said
from assent.web.face import CREATORS, Done, Face
from assent.web.upload_views import (
    Choices,
    OnItsWay,
    ai_choice,
    choices_of,
    finished,
    in_words,
    shown,
)
from assent.web.view import View
from assent.web.visit import Visit
from assent.web.work_said import (
    Holder,
    ToolSaid,
    UploadSaid,
    WorkSaid,
    holders_shown,
    said_of,
    tools_shown,
)

__all__ = ["face"]

face = Face("uploading")


class UploadView(View):
    """Bringing music here.

    Args:
        choices: What there is to choose from.
        holders: The rows of holders, as they were typed.
        tools: The rows of tools, as they were typed; null if nothing was said.
        under_way: What has not become a recording yet.
        largest_mb: The largest file that is taken [MiB].
        ai_choice: What you have said of AI for all your recordings, in words.
        agreement: The agreement that is chosen at first.
    """

    choices: Choices
    holders: list[Holder]
    tools: list[ToolSaid] | None
    under_way: list[OnItsWay]
    largest_mb: int
    ai_choice: str
    agreement: str


class OneUploadView(View):
    """A file on its way, and what is said of it.

    Args:
        choices: What there is to choose from.
        upload: The file.
        said: What is said of it so far.
        artist: Under which name.
        holders: Who holds rights in it.
        tools: Which AI tools helped; null if nothing is said.
        agreement: Under which agreement.
        ai_choice: What you have said of AI for all your recordings, in words.
    """

    choices: Choices
    upload: OnItsWay
    said: WorkSaid
    artist: str
    holders: list[Holder]
    tools: list[ToolSaid] | None
    agreement: str
    ai_choice: str


class TakenDone(Done):
    """A file has become a recording.

    Args:
        recording: The recording's id.
        title: Its title.
        is_public: Whether everybody may hear it now.
        waits: Whether it seems to be made of a recording that is here, and a person looks first.
        is_unseen: Whether it could not be compared with others yet.
    """

    recording: str
    title: str
    is_public: bool
    waits: bool
    is_unseen: bool


@face.page("/studio/upload", template="studio/upload.html", who=CREATORS, scope=Scope.UPLOAD)
def upload_page(visit: Visit, agreement: Annotated[str, Query(max_length=200)] = "") -> UploadView:
    """Show how to bring music here, and what is on its way."""
    house = visit.site.house
    return UploadView(
        choices=choices_of(visit),
        holders=holders_shown(visit, ()),
        tools=tools_shown(visit, None),
        under_way=[shown(it) for it in uploads.under_way(house, visit.me.account)],
        largest_mb=house.settings.largest_upload_mb,
        ai_choice=ai_choice(visit),
        agreement=agreement,
    )


@face.page(
    "/studio/upload/{upload}", template="studio/one_upload.html", who=CREATORS, scope=Scope.UPLOAD
)
def one_upload(visit: Visit, upload: str) -> OneUploadView:
    """Show a file on its way, and what is said of it."""
    one = uploads.found(visit.site.house, visit.me.account, upload)
    said = kept_said(visit.site.house, one)
    plain = {name: getattr(said, name) for name in _PLAIN}
    return OneUploadView(
        choices=choices_of(visit, said.licence),
        upload=shown(one),
        said=WorkSaid.model_construct(**plain, made_with=tools_shown(visit, said.made_with)),
        artist=said.artist,
        holders=holders_shown(visit, said.holders),
        tools=tools_shown(visit, said.made_with),
        agreement=said.agreement,
        ai_choice=ai_choice(visit),
    )


_PLAIN = ("title", "licence", "isrc", "about", "visibility", "downloads")


@face.act("/studio/upload/{upload}/finish", who=CREATORS, scope=Scope.UPLOAD, shows=one_upload)
def finish_act(visit: Visit, upload: str, said: UploadSaid) -> TakenDone:
    """Make a recording of a file that has arrived.

    Its sound is fingerprinted to find copies; a fingerprint is not training.
    """
    one = uploads.found(visit.site.house, visit.me.account, upload)
    visit.let_go()  # measuring takes a while
    taken = finished(visit, one, said_of(visit, said))
    return TakenDone(
        said=in_words(taken),
        next=f"/studio/r/{taken.recording}",
        recording=taken.recording,
        title=taken.title,
        is_public=taken.is_public,
        waits=bool(taken.copy_of),
        is_unseen=taken.is_unseen,
    )


@face.act("/studio/upload/{upload}/drop", who=CREATORS, scope=Scope.UPLOAD, shows=one_upload)
def drop_act(visit: Visit, upload: str) -> Done:
    """Drop a file that has not become a recording."""
    one = uploads.found(visit.site.house, visit.me.account, upload)
    visit.let_go()
    uploads.drop(visit.site.house, one)
    return Done(said="That file was dropped.", next="/studio/upload")
