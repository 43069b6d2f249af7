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
from http import HTTPStatus
from typing import Any, Final, TypeVar

from fastapi import APIRouter, Depends
from starlette.responses import Response

from assent.signin.scopes import Scope
from assent.web.handlers import (
    PAGES,
    Page,
    admitted,
    answered,
    called,
    shown,
    submitted,
    twin,
)
from assent.web.route import (
    ANYBODY,
    CREATORS,
    LABELS,
    MEMBERS,
    OPERATORS,
    REVIEWERS,
    STAFF,
    Route,
    Who,
)
from assent.web.view import Done, Problem, View

__all__ = [
    "ANYBODY",
    "CREATORS",
    "LABELS",
    "MEMBERS",
    "OPERATORS",
    "REVIEWERS",
    "STAFF",
    "Done",
    "Face",
    "Route",
    "Who",
]

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
            page = Page(view=view, template=template, names=_names(view))
            PAGES[view] = page
            # before the page, for a parameter at its end would take ".json" for a part of it
            self._add(
                twin(view, who, scope),
                "twin",
                _twin_path(path),
                ("GET",),
                who,
                scope,
                response_model=inspect.signature(view, eval_str=True).return_annotation,
                summary=_summary(view),
                description=_description(view, who, scope),
            )
            self._add(
                shown(page, who, scope),
                "page",
                path,
                ("GET", "HEAD"),
                who,
                scope,
                include_in_schema=False,
            )
            return view

        return serve

    def act(
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
            self._add(
                submitted(act, who, shows),
                "act",
                path,
                ("POST",),
                who,
                None,
                large=large,
                include_in_schema=False,
            )
            if api:
                self._add(
                    called(act, who, scope),
                    "api",
                    f"/api{path}",
                    ("POST",),
                    who,
                    scope,
                    response_model=inspect.signature(act, eval_str=True).return_annotation,
                    summary=_summary(act),
                    description=_description(act, who, scope),
                    # before the body is looked at, which is nothing to those who may not
                    dependencies=[Depends(admitted(who, scope))],
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
        documented: bool = True,
        media: str = "*/*",
        statuses: Sequence[int] = (200,),
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
            statuses: The statuses of HTTP that it answers with there, besides those of refusals.
            large: Whether bodies of any size are taken.
        """

        def serve(answer: _Function) -> _Function:
            self._add(
                answered(answer, who, scope),
                "raw",
                path,
                tuple(methods),
                who,
                scope,
                large=large,
                include_in_schema=documented,
                response_class=Response,
                responses={
                    status: {
                        "description": HTTPStatus(status).phrase,
                        **({"content": {media: {}}} if status == HTTPStatus.OK else {}),
                    }
                    for status in statuses
                },
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
            # which every reader knows from GET
            is_head = method == "HEAD" and len(methods) > 1
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
