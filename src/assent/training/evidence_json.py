"""JSON that others wrote, read strictly: canonical bytes, and fields of the kinds they must be.

Touches nothing. Whatever is not as it should be is `BadProof`, with one clause that says where.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import rfc8785

from assent.clock import parse_instant
from assent.errors import BadProof

__all__ = ["Fields", "dump_simple", "parse_at", "parse_canonical"]

_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_LARGEST = 2**53 - 1
Value = TypeVar("Value")


def parse_canonical(data: bytes, what: str) -> Any:  # any value of JSON
    """Return what canonical JSON says.

    Raises:
        BadProof: It is not JSON, or not written in the one way.
    """
    try:
        said = json.loads(data, parse_int=_number)
        if rfc8785.dumps(said) == data:
            return said
    except (ValueError, RecursionError):  # rfc8785's own errors are ValueErrors
        pass
    raise BadProof(f"{what} is not canonical JSON", reason="malformed")


def parse_at(text: str, at: int, what: str) -> tuple[Any, int]:  # any value of JSON
    """Return the value of JSON that begins at a place in a text, and where it ends.

    Raises:
        BadProof: None begins there.
    """
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        raise BadProof(f"{what} is not JSON", reason="malformed") from None


def dump_simple(said: Any) -> bytes:
    """Return canonical JSON, fast, of what has no numbers but whole ones and only ASCII names.

    Raises:
        BadProof: A text in it has half a character.
    """
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadProof("a text has half a character", reason="malformed") from None


def _number(digits: str) -> int | float:
    # canonical JSON writes a large whole float without a point, and no int that large
    return int(digits) if len(digits) < len(str(_LARGEST)) else float(digits)


_DECODER = json.JSONDecoder(parse_int=_number)


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST


class Fields:
    """An object of JSON.

    Args:
        said: What should be one.
        what: How to call it.

    Raises:
        BadProof: It is something else.
    """

    def __init__(self, said: object, what: str) -> None:
        if not isinstance(said, dict):
            raise BadProof(f"{what} is not an object", reason="malformed")
        self._said: dict[str, Any] = said
        self._what = what

    @property
    def said(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return self._said

    def _get(self, name: str, takes: Callable[[Any], bool]) -> Any:  # what `takes` took
        value = self._said.get(name)
        if name not in self._said or not takes(value):
            raise BadProof(f"{self._what} has no {name} as it should be", reason="malformed")
        return value

    def only(self, *names: str) -> None:
        """Check that it has just these fields.

        Raises:
            BadProof: It has others, or lacks one.
        """
        if set(self._said) != set(names):
            raise BadProof(f"{self._what} has other fields than it should", reason="malformed")

    def text(self, name: str) -> str:
        """Return a text."""
        return str(self._get(name, lambda value: isinstance(value, str)))

    def maybe_text(self, name: str) -> str | None:
        """Return a text, or None where it is null."""
        return None if self._is_null(name) else self.text(name)

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        return bool(self._get(name, lambda value: isinstance(value, bool)))

    def number(self, name: str) -> int:
        """Return a whole number, not negative."""
        return int(self._get(name, _is_number))

    def maybe_number(self, name: str) -> int | None:
        """Return a whole number, or None where it is null."""
        return None if self._is_null(name) else self.number(name)

    def _is_null(self, name: str) -> bool:
        return self._get(name, lambda _: True) is None

    def digest(self, name: str) -> bytes:
        """Return 32 bytes that are written in hexadecimal."""
        text = self._get(name, lambda value: isinstance(value, str) and len(value) == 64)  # noqa: PLR2004  # two digits a byte
        if not _HEX.fullmatch(text):
            raise BadProof(f"{self._what} has no {name} as it should be", reason="malformed")
        return bytes.fromhex(text)

    def instant(self, name: str) -> datetime | None:
        """Return an instant, or None where it is null [aware datetime].

        Raises:
            BadInput: There is no such day.
        """
        text = self.maybe_text(name)
        if text is None:
            return None
        self._get(name, lambda value: _INSTANT.fullmatch(value) is not None)
        return parse_instant(text)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(self._list(name, lambda value: isinstance(value, str)))

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers, not negative."""
        return tuple(self._list(name, _is_number))

    def _list(self, name: str, takes: Callable[[Any], bool]) -> list[Any]:
        is_list = self._get(name, lambda value: isinstance(value, list))
        return list(self._get(name, lambda value: all(map(takes, is_list))))

    def child(self, name: str) -> "Fields":
        """Return an object."""
        return Fields(self._get(name, lambda value: True), f"{name} of {self._what}")

    def maybe_child(self, name: str) -> "Fields | None":
        """Return an object, or None where it is null."""
        return None if self._is_null(name) else self.child(name)

    def children(self, name: str) -> Iterator["Fields"]:
        """Yield the objects of a list."""
        for value in self._list(name, lambda value: True):
            yield Fields(value, f"{name} of {self._what}")
