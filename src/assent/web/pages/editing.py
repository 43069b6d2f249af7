"""The page of a recording of yours: its words, who holds rights, who hears it, its links."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import select

from assent.acts.accounts import Account, account_of
from assent.acts.edit import (
    Edit,
    Part,
    Tool,
    Voice,
    all_of,
    edit,
    edit_holders,
    is_bringer,
)
from assent.acts.holders import Share
from assent.catalogue import tables
from assent.catalogue.cases import waits
from assent.clock import format_instant
from assent.errors import BadInput
from assent.permission.territories import parse_territories
from assent.signin.scopes import Scope
from assent.studio.editing import Page, links_of, page_of, put_page, state_of
from assent.studio.levels import loudness_in_words, peak_in_words
from assent.training.forget import forget_recording
from assent.web.face import CREATORS, Done, Face
from assent.web.form import completed
from assent.web.owner import theirs
from assent.web.player import peaks_of
from assent.web.view import View
from assent.web.visit import Visit
from assent.web.work_said import (
    Holder,
    Licence,
    ToolSaid,
    WorkSaid,
    holders_shown,
    licences,
    shares_of,
    tools_of,
    tools_shown,
)

__all__ = ["edit_page", "face"]

face = Face("editing")


class PrivateLink(View):
    """A private link.

    Args:
        id: Its secret.
        label: For whom it is.
        url: Its address.
        at: Since when.
        until: When it ends; null if not by itself.
    """

    id: str
    label: str
    url: str
    at: str
    until: str | None


class Sound(View):
    """How a recording sounds, as it was measured.

    Args:
        peaks: Its outline: heights from 0 to 1.
        duration_s: How long it is [seconds].
        loudness_lufs: Its loudness [LUFS].
        true_peak_dbtp: Its highest peak [dBTP].
        loudness: What services would do about the loudness, in words.
        peak: What becomes of the peak, in words.
        format: How it was brought here.
    """

    peaks: list[float]
    duration_s: float
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    loudness: str
    peak: str
    format: str


class EditView(View):
    """A recording of yours, and all that you can change.

    Args:
        recording: Its id.
        artist: Under which name it appears.
        said: What is said of it.
        tools: Which AI tools helped; null if nothing is said.
        holders: Who holds rights.
        licences: The licences to choose from.
        state: public, private, waiting or held.
        is_bringer: Whether you brought it, so that you say who holds rights.
        agreement: The agreement that it was delivered under; null for an own upload.
        links: Its private links.
        sound: How it sounds.
        alone: Whether nobody else holds rights in it, so that you may delete it.
    """

    recording: str
    artist: str
    said: WorkSaid
    tools: list[ToolSaid] | None
    holders: list[Holder]
    licences: list[Licence]
    state: str
    is_bringer: bool
    agreement: str | None
    links: list[PrivateLink]
    sound: Sound
    alone: bool


@face.page("/studio/r/{recording}", template="studio/recording.html", who=CREATORS)
def edit_page(visit: Visit, recording: str) -> EditView:
    """Show a recording of yours, and all that you can change."""
    row = theirs(visit, recording)
    tools, shares = _tools(row.made_with), _shares(visit, recording)
    waiting = waits(visit.db, recording)
    now = _now(visit, row)
    said = WorkSaid.model_construct(**now, made_with=tools_shown(visit, tools))
    return EditView(
        recording=recording,
        artist=row.artist_name,
        said=said,
        tools=tools_shown(visit, tools),
        holders=holders_shown(visit, shares),
        licences=licences(row.licence),
        state=state_of(waits=waiting, held=row.held, visibility=now["visibility"]),
        is_bringer=is_bringer(visit.db, visit.me.account, recording),
        agreement=row.agreement,
        links=_links(visit, recording),
        sound=_sound(row),
        alone=row.agreement is None and [it.name for it in shares] == [visit.me.name],
    )


def _tools(made_with: str | None) -> tuple[Tool, ...] | None:
    if made_with is None:
        return None
    return tuple(
        Tool(part=Part(it["role"]), name=it["tool"], voice=Voice(it["voice"] or "none"))
        for it in json.loads(made_with)
    )


def _shares(visit: Visit, recording: str) -> list[Share]:
    holdings, accounts = tables.holdings.c, tables.accounts.c
    query = (
        select(accounts.name, holdings.share_ppm, holdings.role, holdings.territories)
        .join(tables.accounts, accounts.id == holdings.holder)
        .where(holdings.recording == recording)
        .order_by(holdings.share_ppm.desc(), accounts.folded)
    )
    return [
        Share(name=name, share_ppm=ppm, role=role, territories=parse_territories(places.split()))
        for name, ppm, role, places in visit.db.execute(query)
    ]


def _links(visit: Visit, recording: str) -> list[PrivateLink]:
    return [
        PrivateLink(
            id=link.id,
            label=link.label,
            url=visit.address(f"/r/{recording}?link={link.id}"),
            at=format_instant(link.at),
            until=format_instant(link.until) if link.until else None,
        )
        for link in links_of(visit.db, recording, visit.at)
    ]


def _sound(row: Any) -> Sound:  # a row of `recordings`; rows carry no column types
    return Sound(
        peaks=peaks_of(row.waveform),
        duration_s=row.frames / row.sr,
        loudness_lufs=row.loudness_lufs,
        true_peak_dbtp=row.true_peak_dbtp,
        loudness=loudness_in_words(row.loudness_lufs),
        peak=peak_in_words(row.true_peak_dbtp),
        format=f"{row.container}, {row.codec}, {row.sr} Hz, {row.channels} channels",
    )


def _me(visit: Visit) -> Account:
    return account_of(visit.db, visit.me.account)


@face.act("/studio/r/{recording}/edit", who=CREATORS, scope=Scope.EDIT, shows=edit_page)
def edit_act(visit: Visit, recording: str, said: WorkSaid) -> Done:
    """Say what a recording is called, how others may use it, what helped, and who finds it.

    What is left out stays as it is.
    """
    row = theirs(visit, recording)
    said = completed(said, _now(visit, row))
    words = _words(visit, said, _tools(row.made_with))
    page = Page(visibility=said.visibility, downloads=said.downloads, about=said.about)
    me = _me(visit)
    visit.let_go()
    edit(visit.site.house, recording, words, me, lambda act: put_page(act, recording, page))
    return Done(said="What you said of it counts from now on.", next=f"/studio/r/{recording}")


def _now(visit: Visit, row: Any) -> dict[str, Any]:  # a row; rows carry no column types
    """Return what is said of a recording now, by the fields of a form; not of its tools."""
    page = page_of(visit.db, row.id)
    return {
        "title": row.title,
        "licence": row.licence,
        "isrc": row.isrc or "",
        "about": page.about,
        "visibility": page.visibility,
        "downloads": page.downloads,
    }


def _words(visit: Visit, said: WorkSaid, now: tuple[Tool, ...] | None) -> Edit:
    """Return what is said of a recording; of tools what counts now, where nothing is.

    Raises:
        BadInput: Something of it cannot be; all of that is told at once.
    """
    wrong, made_with = [], now
    try:
        if visit.form or "made_with" in said.model_fields_set:
            made_with = tools_of(visit, said.made_with)
    except BadInput as error:
        wrong.append(error)
    words = Edit(title=said.title, licence=said.licence, isrc=said.isrc, made_with=made_with)
    try:
        words.fields()
    except BadInput as error:
        wrong.insert(0, error)
    if wrong:
        raise all_of(wrong)
    return words


class HoldersSaid(BaseModel):
    """Who holds rights.

    Args:
        holders: Who, and how much.
    """

    holders: Annotated[list[Holder], Field(max_length=50)] = []


@face.act("/studio/r/{recording}/holders", who=CREATORS, scope=Scope.EDIT, shows=edit_page)
def holders_act(visit: Visit, recording: str, said: HoldersSaid) -> Done:
    """Say who holds rights in a recording: all of them have to say yes to AI."""
    theirs(visit, recording)
    shares, me = shares_of(visit, said.holders), _me(visit)
    visit.let_go()
    edit_holders(visit.site.house, recording, shares, me)
    return Done(said="Who holds rights in it counts from now on.", next=f"/studio/r/{recording}")


class Deleting(BaseModel):
    """That a recording is to go.

    Args:
        sure: That there is no way back.
    """

    sure: bool = False


@face.act("/studio/r/{recording}/delete", who=CREATORS, scope=None, shows=edit_page)
def delete_act(visit: Visit, recording: str, said: Deleting) -> Done:
    """Delete a recording of yours for good: its audio, what was said of it, and its uses."""
    theirs(visit, recording)
    if not said.sure:
        raise BadInput("say that you are sure; there is no way back")
    me, site = _me(visit), visit.site
    visit.let_go()
    erased = forget_recording(site.house, site.logs, recording, me)
    return Done(said="The recording is gone.", next=f"/left/{erased.event.number}")
