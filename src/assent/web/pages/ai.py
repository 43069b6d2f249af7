"""What AI may do: for the whole account, for one recording, and what was said so far."""

from typing import Annotated

from fastapi import Query
from sqlalchemy import select

from assent.acts.asked import inbox_count
from assent.catalogue import tables
from assent.signin.scopes import Scope
from assent.studio.choices import Now, account_choices, preset_of, recording_choices
from assent.studio.foresight_presets import outlooks_of
from assent.studio.foresight_words import blocked
from assent.web.ai_open import PresetView, presets_view
from assent.web.ai_said import (
    AnsweredView,
    StatementView,
    answered,
    statement_of_event,
    statements,
)
from assent.web.ai_summary import AiSummary, summary_of, trainers_of
from assent.web.ai_views import RowView, rows_view
from assent.web.face import MEMBERS, Face
from assent.web.receipt_links import LAST_EVENT, EventNumber, published_up_to
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("what AI may do")


class RecordingLink(View):
    """A recording by its id and title."""

    recording: str
    title: str


class AiView(View):
    """What AI may do with all recordings of an account.

    `chosen` is the name of the preset that was chosen last, and `changed` says that more was said
    since. `rows` is the table of 15 activities by 4 actors. `apart` are recordings with a word of
    their own. `asks` says that programs may ask, and `waiting` how many do.
    """

    recordings: int
    presets: list[PresetView]
    chosen: str | None
    changed: bool
    rows: list[RowView]
    apart: list[RecordingLink]
    programs: list[AnsweredView]
    asks: bool
    waiting: int
    accepted: str | None
    in_force: str | None


@face.page("/ai", template="ai/ai.html", who=MEMBERS, scope=Scope.CONSENT)
def ai(visit: Visit) -> AiView:
    """Show what AI may do with all recordings of the account, and the four presets."""
    account, db = visit.me.account, visit.db
    chosen = account_choices(db, account, visit.at)
    preset = preset_of(db, account, visit.at)
    accounts, texts = tables.accounts.c, tables.texts.c
    row = db.execute(select(accounts.accepted, accounts.asks).where(accounts.id == account)).one()
    return AiView(
        recordings=chosen.recordings,
        presets=presets_view(preset, outlooks_of(db, account)),
        chosen=preset.preset.value if preset.preset else None,
        changed=preset.is_changed,
        rows=rows_view(chosen),
        apart=_titles(visit, chosen.apart),
        programs=answered(db, account, visit.at),
        asks=row.asks,
        waiting=inbox_count(db, account, visit.at),
        accepted=row.accepted,
        in_force=db.execute(select(texts.id).where(texts.current)).scalar_one_or_none(),
    )


_MOST_APART = 200


def _titles(visit: Visit, recordings: tuple[str, ...]) -> list[RecordingLink]:
    table = tables.recordings.c
    query = select(table.id, table.title).where(table.id.in_(recordings[:_MOST_APART]))
    rows = visit.db.execute(query.order_by(table.number))
    return [RecordingLink(recording=row.id, title=row.title) for row in rows]


class RecordingAiView(View):
    """What AI may do with one recording, as one of its holders sees it.

    `shut` says what keeps uses closed that this holder lets be. `agreement` is the agreement that
    it was delivered under. `own_no` says that this holder refused some of its uses by itself.
    """

    recording: str
    title: str
    summary: AiSummary
    rows: list[RowView]
    shut: list[str]
    holders: list[str]
    agreement: str | None
    own_no: bool


@face.page("/ai/r/{recording}", template="ai/recording.html", who=MEMBERS, scope=Scope.CONSENT)
def ai_recording(visit: Visit, recording: str) -> RecordingAiView:
    """Show what AI may do with one of your recordings."""
    chosen = recording_choices(visit.db, visit.me.account, recording, visit.at)
    table = tables.recordings.c
    query = select(table.title, table.agreement).where(table.id == recording)
    row = visit.db.execute(query).one()
    lacking = [reason for cell in chosen.cells for reason in cell.others]
    summary = summary_of(visit, recording)
    return RecordingAiView(
        recording=recording,
        title=row.title,
        summary=summary,
        rows=rows_view(chosen, trainers_of(visit, recording)),
        shut=list(dict.fromkeys(blocked(reason) for reason in lacking)),
        holders=summary.holders,
        agreement=row.agreement,
        own_no=any(cell.own and cell.now is Now.NO for cell in chosen.cells),
    )


class HistoryView(View):
    """All that the account has said, the newest first; `before` is where the next page begins."""

    statements: list[StatementView]
    before: int | None
    published: int


@face.page("/ai/history", template="ai/history.html", who=MEMBERS, scope=Scope.CONSENT)
def ai_history(
    visit: Visit, before: Annotated[int | None, Query(ge=1, le=LAST_EVENT)] = None
) -> HistoryView:
    """Show all that you have said about AI, each with its receipt."""
    published = published_up_to(visit.site)
    said, older = statements(visit.db, visit.me.account, published, before)
    return HistoryView(statements=said, before=older, published=published)


class SaidView(View):
    """One thing that was said, and when it is in force: within a second, in every process."""

    said: StatementView


@face.page("/ai/said/{event}", template="ai/said.html", who=MEMBERS, scope=Scope.CONSENT)
def ai_said(visit: Visit, event: EventNumber) -> SaidView:
    """Show one thing that you have said, with the notice that was on the screen and its receipt."""
    published = published_up_to(visit.site)
    return SaidView(said=statement_of_event(visit.db, visit.me.account, event, published))
