"""Forms: from what a browser sends to what an act takes; and that our own page sent it.

A field that was left empty counts as not given; a check box that is not ticked counts as no.
Source: HTML Living Standard, "Form submission"; OWASP, "Cross-Site Request Forgery Prevention".
"""

import hmac
from collections.abc import Collection, Mapping, Sequence
from types import UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from assent.errors import BadInput, NotAllowed
from assent.web.visit import Visit

__all__ = ["CSRF", "ONCE", "check_ours", "completed", "in_words", "parse", "read"]

_Model = TypeVar("_Model", bound=BaseModel)

CSRF: Final = "csrf"
ONCE: Final = "once"
_MOST_FIELDS = 10_000
_MOST_FILES = 200
_LISTS = (list, tuple, set, frozenset, Sequence, Collection)


async def read(request: Request) -> FormData:
    """Return the fields of a form.

    Raises:
        BadInput: It is no form.
    """
    try:
        form: FormData = await request.form(
            max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=1 << 20
        )
    except HTTPException as error:
        if error.status_code != 400:  # noqa: PLR2004  # what Starlette says of a broken form
            raise
        raise BadInput(f"the form cannot be read: {error.detail}") from error
    return form


def keep(visit: Visit, form: FormData) -> None:
    """Keep what was typed, so that a page can show it again."""
    for name in form:
        if name in {CSRF, ONCE}:
            continue
        values = form.getlist(name)
        texts = [value for value in values if isinstance(value, str)]
        files = [it for it in values if isinstance(it, UploadFile) and (it.filename or it.size)]
        if texts:
            visit.form[name] = texts[0] if len(texts) == 1 else texts
        if files:
            visit.files[name] = files


def check_ours(visit: Visit, given: str) -> None:
    """Refuse a form that another site's page sends in somebody's name.

    Raises:
        NotAllowed: It does not come from a page of ours in this browser.
    """
    headers = visit.request.headers
    origin = headers.get("origin", "")
    ours = {urlsplit(visit.site.url).netloc, headers.get("host", "")}
    elsewhere = origin not in {"", "null"} and urlsplit(origin).netloc not in ours
    foreign = headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    if elsewhere or foreign or not hmac.compare_digest(given.encode(), visit.csrf.encode()):
        raise NotAllowed(
            "this form is too old, or was not sent from a page of this site; nothing was done,"
            " send it again"
        )


def parse(model: type[BaseModel], form: Mapping[str, str | list[str]]) -> Any:
    """Return what a form says.

    Args:
        model: What an act takes.
        form: What was typed, by field.

    Raises:
        BadInput: A field is missing or cannot be meant.
    """
    given: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        value = form.get(key)
        if _is_of(field.annotation, _LISTS):
            some = value if isinstance(value, list) else [value] if value else []
            given[key] = [one for one in some if one != ""]
            continue
        one = value[-1] if isinstance(value, list) else value
        if _is_of(field.annotation, (bool,)):
            given[key] = one not in {None, "", "false", "0", "off"}
        elif one is not None and (one != "" or _is_plain_text(field.annotation)):
            given[key] = one
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise BadInput(in_words(error.errors())) from error


def completed(said: _Model, now: Mapping[str, Any]) -> _Model:
    """Return what is said, and of what was left out what holds now.

    Args:
        said: What came.
        now: What holds, by field.
    """
    left = {name: it for name, it in now.items() if name not in said.model_fields_set}
    return said.model_copy(update=left)


def in_words(errors: Sequence[Any]) -> str:
    """Return what is wrong with fields, as one clause."""
    return "; ".join(dict.fromkeys(_clause(error) for error in errors)) or "it cannot be read"


def _clause(error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"] if part not in {"body", "query", "path"})
    if error["type"] == "missing":
        return f"{where or 'the body'} is missing"
    said = (
        str(error["msg"])
        .removeprefix("Value error, ")
        .replace("String", "it")
        .replace("Input", "it")
    )
    return f"{where}: {said[:1].lower()}{said[1:]}" if where else said


def _is_of(annotation: Any, kinds: tuple[Any, ...]) -> bool:
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        return any(_is_of(arg, kinds) for arg in get_args(annotation))
    return (origin or annotation) in kinds


def _is_plain_text(annotation: Any) -> bool:
    return annotation is str
