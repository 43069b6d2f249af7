"""What FastAPI calls: it opens a visit, asks who may, and hands on to a page, an act, an answer."""

import inspect
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from fastapi import Body
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from assent.errors import AssentError, BadInput
from assent.signin.scopes import Scope
from assent.web import form as forms
from assent.web.once import do_once
from assent.web.refusals import NotSignedIn, status_of, tell_when
from assent.web.rendering import finished, rendered, sent_on
from assent.web.route import Who
from assent.web.view import Done, View
from assent.web.visit import Visit, site_of

__all__ = [
    "PAGES",
    "Page",
    "admitted",
    "answered",
    "body_of",
    "called",
    "shown",
    "submitted",
    "twin",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page, as it can be shown.

    Args:
        view: What it says.
        template: The template that shows it.
        names: What it takes from the address.
    """

    view: Callable[..., View]
    template: str
    names: frozenset[str]


PAGES: dict[Callable[..., Any], Page] = {}
"""What is shown again when an act refuses, by the page's function."""


def _like(
    handler: Callable[..., Any], function: Callable[..., Any], body: type[BaseModel] | None = None
) -> Callable[..., Any]:
    """Give a handler the parameters of a page or an act, for FastAPI to read from the request."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    given = inspect.signature(function, eval_str=True).parameters.values()
    parameters = [inspect.Parameter("request", keyword, annotation=Request)]
    parameters += [it.replace(kind=keyword) for it in given if it.name not in {"visit", "said"}]
    if body is not None:
        parameters.append(inspect.Parameter("said", keyword, annotation=body, default=Body()))
    handler.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what `inspect.signature` returns first
    handler.__name__ = function.__name__
    handler.__doc__ = function.__doc__
    return handler


def body_of(act: Callable[..., Any]) -> type[BaseModel] | None:
    """Return the model of what an act takes; None if it takes nothing."""
    said = inspect.signature(act, eval_str=True).parameters.get("said")
    return None if said is None else said.annotation


def admitted(who: Who, scope: Scope | None) -> Callable[[Request], None]:
    """Return what lets pass only who may, before a body is looked at."""

    def admit(request: Request) -> None:
        with Visit(site_of(request), request) as visit:
            visit.admit(who, scope)

    return admit


def twin(view: Callable[..., View], who: Who, scope: Scope | None) -> Callable[..., Any]:
    """Return what answers with what a page says, as JSON."""

    def handler(request: Request, **given: Any) -> Response:
        with Visit(site_of(request), request) as visit:
            visit.admit(who, scope)
            said = view(visit, **given).model_dump_json()
            return finished(visit, Response(said, media_type="application/json"))

    return _like(handler, view)


def shown(page: Page, who: Who, scope: Scope | None) -> Callable[..., Any]:
    """Return what shows a page."""

    def handler(request: Request, **given: Any) -> Response:
        with Visit(site_of(request), request) as visit:
            visit.admit(who, scope)
            return rendered(visit, page.template, page.view(visit, **given))

    return _like(handler, page.view)


def submitted(
    act: Callable[..., Done], who: Who, shows: Callable[..., View] | None
) -> Callable[..., Any]:
    """Return what takes a form.

    Args:
        act: What it does.
        who: The roles that may.
        shows: The page that is shown again when it refuses.
    """
    body = body_of(act)

    def submit(request: Request, sent: FormData, given: dict[str, Any]) -> Response:
        with Visit(site_of(request), request) as visit:
            forms.keep(visit, sent)
            visit.admit(who, None)
            try:
                forms.check_ours(visit, str(sent.get(forms.CSRF, "")))
                more = {} if body is None else {"said": forms.parse(body, visit.form)}
                number = str(sent.get(forms.ONCE, ""))
                done = do_once(visit, number, lambda: act(visit, **given, **more))
            except NotSignedIn:
                raise
            except AssentError as error:
                if shows is None or visit.wants_json:
                    raise
                try:
                    return _shown_again(visit, PAGES[shows], given, error)
                except BadInput:  # the page says nothing by itself, such as one without a choice
                    raise error from None
            return sent_on(visit, done.next, done.said)

    async def handler(request: Request, **given: Any) -> Response:
        sent = await forms.read(request)
        try:
            return await run_in_threadpool(submit, request, sent, given)
        finally:
            await sent.close()

    return _like(handler, act)


def _shown_again(visit: Visit, page: Page, given: dict[str, Any], error: AssentError) -> Response:
    visit.problem = error.text
    mine = {name: value for name, value in given.items() if name in page.names}
    answer = rendered(visit, page.template, page.view(visit, **mine), status=status_of(error))
    tell_when(answer.headers, error)
    return answer


def called(act: Callable[..., Done], who: Who, scope: Scope | None) -> Callable[..., Any]:
    """Return what answers a call of the API."""

    def handler(request: Request, **given: Any) -> Response:
        with Visit(site_of(request), request) as visit:
            visit.admit(who, scope)
            if not visit.by_token:
                forms.check_ours(visit, request.headers.get("x-csrf", ""))
            said = act(visit, **given).model_dump_json()
            return finished(visit, Response(said, media_type="application/json"))

    return _like(handler, act, body_of(act))


def answered(answer: Callable[..., Any], who: Who, scope: Scope | None) -> Callable[..., Any]:
    """Return what lets a function answer by itself; it may be async."""

    def enter(request: Request, open_until: ExitStack) -> Visit:
        visit = open_until.enter_context(Visit(site_of(request), request))
        visit.admit(who, scope)
        return visit

    def handler(request: Request, **given: Any) -> Response:
        with ExitStack() as stack:
            visit = enter(request, stack)
            return finished(visit, answer(visit, **given))

    async def waiting(request: Request, **given: Any) -> Response:
        stack = ExitStack()
        try:
            visit = await run_in_threadpool(enter, request, stack)
            return finished(visit, await answer(visit, **given))
        finally:
            await run_in_threadpool(stack.close)

    return _like(waiting if inspect.iscoroutinefunction(answer) else handler, answer)
