"""A face: one part of the site, as routes that cannot disagree with one another.

    page   a function that returns a `View`: GET of the page, and of its `.json` twin
    act    a function that returns `Done`: POST of a form, and of JSON under /api
    raw    a function that returns a response: audio, feeds, files

Each carries who may use it and what a token must allow, and both ways of a page or an act go
through the same check. What a page shows is what its twin says.

Invariant: every route of the site is in `Face.routes` of one of the faces.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from assent.acts.accounts import Role
from assent.errors import AssentError
from assent.signin.scopes import Scope
from assent.web import form as forms
from assent.web.once import once
from assent.web.refusals import NotSignedIn, status_of
from assent.web.rendering import finished, rendered, sent_on
from assent.web.view import Done, Problem, View
from assent.web.visit import Visit

__all__ = [
    "ANYBODY",
    "CREATORS",
    "MEMBERS",
    "OPERATORS",
    "REVIEWERS",
    "STAFF",
    "Done",
    "Face",
    "Route",
    "Who",
]

Who = frozenset[Role] | None
ANYBODY: Final[Who] = None
MEMBERS: Final = frozenset(Role) - {Role.NOBODY}
CREATORS: Final = frozenset({Role.ARTIST, Role.LABEL})
STAFF: Final = frozenset({Role.REVIEWER, Role.OPERATOR, Role.AUDITOR})
REVIEWERS: Final = frozenset({Role.REVIEWER, Role.OPERATOR})
OPERATORS: Final = frozenset({Role.OPERATOR})

_Function = TypeVar("_Function", bound=Callable[..., Any])
_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": text}
    for status, text in (
        (400, "It cannot be read."),
        (401, "Nobody is signed in."),
        (403, "Somebody else may do this."),
        (404, "There is no such thing, or not for you."),
        (413, "It is too large."),
        (409, "It does not go with what is there."),
        (422, "What was handed in cannot be used."),
        (429, "It was tried too often."),
        (503, "The world did not cooperate; try again."),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route of the site.

    Args:
        name: Its face and function, such as "playlists.add".
        kind: page, twin, act, api or raw.
        methods: The methods that it answers.
        path: Its path, with parameters in braces.
        who: The roles that may use it; None for everybody.
        scope: What a token must allow; None where no token will do.
        large: Whether bodies of any size are taken.
    """

    name: str
    kind: str
    methods: tuple[str, ...]
    path: str
    who: Who
    scope: Scope | None
    large: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    view: Callable[..., View]
    template: str
    names: frozenset[str]


_PAGES: dict[Callable[..., Any], _Page] = {}
"""What is shown again when an act refuses, by the page's function."""


class Face:
    """One part of the site.

    Args:
        name: What it is called in the documentation.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.router = APIRouter(tags=[name])
        self.routes: list[Route] = []

    def page(
        self, path: str, *, template: str, who: Who = ANYBODY, scope: Scope | None = Scope.READ
    ) -> Callable[[_Function], _Function]:
        """Serve a function as a page and as its JSON twin.

        Args:
            path: Its path.
            template: The template that shows its view.
            who: The roles that may see it.
            scope: What a token must allow to read the twin.
        """

        def serve(view: _Function) -> _Function:
            page = _Page(view=view, template=template, names=_names(view))
            _PAGES[view] = page
            twin = _twin(view, who, scope)
            # before the page, for a parameter at its end would take ".json" for a part of it
            self._add(
                twin,
                "twin",
                _twin_path(path),
                ("GET",),
                who,
                scope,
                response_model=inspect.signature(view, eval_str=True).return_annotation,
                summary=_summary(view),
                description=_description(view, who, scope),
            )
            shown = _shown(page, who, scope)
            self._add(shown, "page", path, ("GET", "HEAD"), who, scope, include_in_schema=False)
            return view

        return serve

    def act(  # one setting each
        self,
        path: str,
        *,
        scope: Scope | None,
        who: Who = MEMBERS,
        shows: Callable[..., View] | None = None,
        api: bool = True,
        large: bool = False,
    ) -> Callable[[_Function], _Function]:
        """Serve a function as a form and as a call of the API.

        Args:
            path: The form's path; the API's is the same under /api.
            scope: What a token must allow; None where no token will do.
            who: The roles that may do it.
            shows: The page that is shown again, with what was typed, when it refuses.
            api: Whether programs may call it.
            large: Whether bodies of any size are taken.
        """

        def serve(act: _Function) -> _Function:
            submitted = _submitted(act, who, shows)
            self._add(
                submitted, "act", path, ("POST",), who, None, large=large, include_in_schema=False
            )
            if api:
                self._add(
                    _called(act, who, scope),
                    "api",
                    f"/api{path}",
                    ("POST",),
                    who,
                    scope,
                    response_model=inspect.signature(act, eval_str=True).return_annotation,
                    summary=_summary(act),
                    description=_description(act, who, scope),
                    # before the body is looked at, which is nothing to those who may not
                    dependencies=[Depends(_admitted(who, scope))],
                )
            return act

        return serve

    def raw(  # noqa: PLR0913  # one setting each
        self,
        path: str,
        *,
        methods: Sequence[str] = ("GET", "HEAD"),
        who: Who = ANYBODY,
        scope: Scope | None = Scope.READ,
        documented: bool = False,
        media: str = "*/*",
        large: bool = False,
    ) -> Callable[[_Function], _Function]:
        """Serve a function that answers by itself; it may be async.

        Args:
            path: Its path.
            methods: The methods that it answers.
            who: The roles that may use it.
            scope: What a token must allow.
            documented: Whether it stands in the OpenAPI description.
            media: What it answers with there, as a type of media.
            large: Whether bodies of any size are taken.
        """

        def serve(answer: _Function) -> _Function:
            self._add(
                _answered(answer, who, scope),
                "raw",
                path,
                tuple(methods),
                who,
                scope,
                large=large,
                include_in_schema=documented,
                response_class=Response,
                responses={200: {"description": "What was asked for.", "content": {media: {}}}},
                summary=_summary(answer),
                description=_description(answer, who, scope),
            )
            return answer

        return serve

    def _add(  # noqa: PLR0913  # what a route is, and what FastAPI is told of it
        self,
        handler: Callable[..., Any],
        kind: str,
        path: str,
        methods: tuple[str, ...],
        who: Who,
        scope: Scope | None,
        *,
        large: bool = False,
        **told: Any,
    ) -> None:
        name = f"{self.name}.{handler.__name__}"
        self.routes.append(
            Route(
                name=name,
                kind=kind,
                methods=methods,
                path=path,
                who=who,
                scope=scope,
                large=large,
            )
        )
        if kind in {"page", "act"} or "response_model" not in told:
            told["response_model"] = None
        documented = told.pop("include_in_schema", True)
        responses = {**_PROBLEMS, **told.pop("responses", {})}
        for method in methods:  # one by one, for each has a name of its own in the description
            is_head = method == "HEAD"  # which every reader knows from GET
            self.router.add_api_route(
                path,
                handler,
                methods=[method],
                name=f"{name}:{kind}",
                operation_id=":".join(
                    (name, kind, *([method.lower()] if len(methods) > 1 else []))
                ),
                include_in_schema=documented and not is_head,
                responses=responses,
                **told,
            )


def _names(function: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters) - {"visit", "said"}


def _twin_path(path: str) -> str:
    return "/index.json" if path == "/" else f"{path}.json"


def _summary(function: Callable[..., Any]) -> str:
    doc = inspect.getdoc(function) or function.__name__.replace("_", " ")
    return doc.splitlines()[0].rstrip(".")


def _description(function: Callable[..., Any], who: Who, scope: Scope | None) -> str:
    roles = "everybody" if who is None else ", ".join(sorted(role.value for role in who))
    token = f"the scope `{scope.value}`" if scope else "no token will do"
    doc = inspect.getdoc(function) or ""
    return f"{doc}\n\nFor: {roles}. With a token: {token}."


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


def _body_of(act: Callable[..., Any]) -> type[BaseModel] | None:
    said = inspect.signature(act, eval_str=True).parameters.get("said")
    return None if said is None else said.annotation


def _admitted(who: Who, scope: Scope | None) -> Callable[[Request], None]:
    def admit(request: Request) -> None:
        with Visit(request.app.state.site, request) as visit:
            visit.admit(who, scope)

    return admit


def _twin(view: Callable[..., View], who: Who, scope: Scope | None) -> Callable[..., Any]:
    def handler(request: Request, **given: Any) -> Response:
        with Visit(request.app.state.site, request) as visit:
            visit.admit(who, scope)
            said = view(visit, **given).model_dump_json()
            return finished(visit, Response(said, media_type="application/json"))

    return _like(handler, view)


def _shown(page: _Page, who: Who, scope: Scope | None) -> Callable[..., Any]:
    def handler(request: Request, **given: Any) -> Response:
        with Visit(request.app.state.site, request) as visit:
            visit.admit(who, scope)
            return rendered(visit, page.template, page.view(visit, **given))

    return _like(handler, page.view)


def _submitted(
    act: Callable[..., Done], who: Who, shows: Callable[..., View] | None
) -> Callable[..., Any]:
    body = _body_of(act)

    def submit(request: Request, sent: FormData, given: dict[str, Any]) -> Response:
        with Visit(request.app.state.site, request) as visit:
            forms.keep(visit, sent)
            visit.admit(who, None)
            try:
                forms.check_ours(visit, str(sent.get(forms.CSRF, "")))
                more = {} if body is None else {"said": forms.parse(body, visit.form)}
                number = str(sent.get(forms.ONCE, ""))
                done = once(visit, number, lambda: act(visit, **given, **more))
            except NotSignedIn:
                raise
            except AssentError as error:
                if shows is None:
                    raise
                return _shown_again(visit, _PAGES[shows], given, error)
            return sent_on(visit, done.next, done.said)

    async def handler(request: Request, **given: Any) -> Response:
        sent = await forms.read(request)
        try:
            return await run_in_threadpool(submit, request, sent, given)
        finally:
            await sent.close()

    return _like(handler, act)


def _shown_again(visit: Visit, page: _Page, given: dict[str, Any], error: AssentError) -> Response:
    visit.problem = error.text
    mine = {name: value for name, value in given.items() if name in page.names}
    return rendered(visit, page.template, page.view(visit, **mine), status=status_of(error))


def _called(act: Callable[..., Done], who: Who, scope: Scope | None) -> Callable[..., Any]:
    body = _body_of(act)

    def handler(request: Request, **given: Any) -> Response:
        with Visit(request.app.state.site, request) as visit:
            visit.admit(who, scope)
            if not visit.by_token:
                forms.check_ours(visit, request.headers.get("x-csrf", ""))
            said = act(visit, **given).model_dump_json()
            return finished(visit, Response(said, media_type="application/json"))

    return _like(handler, act, body)


def _answered(answer: Callable[..., Any], who: Who, scope: Scope | None) -> Callable[..., Any]:
    def enter(request: Request) -> Visit:
        visit = Visit(request.app.state.site, request).__enter__()
        try:
            visit.admit(who, scope)
        except BaseException:
            visit.__exit__(None, None, None)
            raise
        return visit

    def handler(request: Request, **given: Any) -> Response:
        visit = enter(request)
        try:
            return finished(visit, answer(visit, **given))
        finally:
            visit.__exit__(None, None, None)

    async def waiting(request: Request, **given: Any) -> Response:
        visit = await run_in_threadpool(enter, request)
        try:
            return finished(visit, await answer(visit, **given))
        finally:
            await run_in_threadpool(visit.__exit__, None, None, None)

    return _like(waiting if inspect.iscoroutinefunction(answer) else handler, answer)
