"""How OpenSubsonic answers: the same in XML and JSON, errors with their own numbers.

A scalar is an attribute in XML, a list an element for each of its items. Refusals are answered with
status 200, as clients expect; the error says what is wrong.

Source: OpenSubsonic API 1, "API details" and "Error".
"""

import json
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final
from xml.etree import ElementTree as ET

from starlette.responses import Response

from assent import errors
from assent.web.feed_xml import clean

__all__ = ["Code", "SubsonicError", "failed", "ok"]

_SPACE: Final = "http://subsonic.org/restapi"
_HEAD: Final = {
    "version": "1.16.1",
    "type": "assent",
    "serverVersion": "1",
    "openSubsonic": True,
}
_HEADERS: Final = {"cache-control": "private, no-store"}
_VALUE: Final = "value"


class Code(IntEnum):
    """What is wrong, as clients know it."""

    OTHER = 0
    MISSING = 10
    WRONG = 40
    NO_SUCH_WAY = 42
    SEVERAL_WAYS = 43
    WRONG_KEY = 44
    NOT_ALLOWED = 50
    NOT_FOUND = 70


class SubsonicError(Exception):
    """A refusal with its number.

    Args:
        code: What is wrong.
        text: Why, in one clause.
    """

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

    @classmethod
    def of(cls, error: errors.AssentError) -> "SubsonicError":
        """Return what an error of the platform is here."""
        if isinstance(error, errors.Unknown):
            return cls(Code.NOT_FOUND, error.text)
        if isinstance(error, errors.Refused):
            return cls(Code.NOT_ALLOWED, error.text)
        if isinstance(error, errors.CouldNot):
            return cls(Code.OTHER, "this cannot be had at the moment")
        return cls(Code.OTHER, error.text)


def ok(said: Mapping[str, Any], form: str) -> Response:
    """Return an answer.

    Args:
        said: What it says.
        form: How the client wants it: xml or json.
    """
    return _written({"status": "ok", **_HEAD, **said}, form)


def failed(error: SubsonicError, form: str) -> Response:
    """Return a refusal.

    Args:
        error: What is wrong.
        form: How the client wants it: xml or json.
    """
    told = {"code": int(error.code), "message": error.text}
    return _written({"status": "failed", **_HEAD, "error": told}, form)


def _written(said: Mapping[str, Any], form: str) -> Response:
    if form in {"json", "jsonp"}:  # a script that calls back would run in pages of others
        body = json.dumps({"subsonic-response": said}, ensure_ascii=False)
        return Response(body, headers=_HEADERS, media_type="application/json")
    root = ET.Element("subsonic-response", xmlns=_SPACE)
    _fill(root, said)
    text = ET.tostring(root, "utf-8", xml_declaration=True)
    return Response(text, headers=_HEADERS, media_type="application/xml")


def _fill(element: ET.Element, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if isinstance(value, Mapping):
            _fill(ET.SubElement(element, name), value)
        elif isinstance(value, list):
            for one in value:
                child = ET.SubElement(element, name)
                if isinstance(one, Mapping):
                    _fill(child, one)
                else:
                    child.text = _text(one)
        elif name == _VALUE:
            element.text = _text(value)
        else:
            element.set(name, _text(value))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(str(value))
