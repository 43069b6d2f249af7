"""Forms of pages, filled in and sent as a browser does without scripts."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

from httpx2 import Response
from starlette.testclient import TestClient

__all__ = ["Form", "fill", "forms_of", "plain"]


class Form:
    """A form of a page.

    Args:
        action: Where it is sent.
        fields: What stands in its fields.
    """

    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, str | list[str]] = {}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        name = given.get("name", "")
        if tag == "select":
            self._select = name
        if not self.forms:
            return
        fields = self.forms[-1].fields
        if tag == "option" and self._select and ("selected" in given or self._select not in fields):
            fields[self._select] = given.get("value", "")
        if tag != "input" or not name:
            return
        if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
            fields[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def forms_of(page: str) -> list[Form]:
    """Return the forms of a page, with what stands in them."""
    return _read(page).forms


def plain(page: str) -> str:
    """Return what a page says, without its markup."""
    return " ".join(" ".join(_read(page).words).split())


def fill(
    client: TestClient,
    page: str,
    action: str,
    typed: Mapping[str, str | list[str]] | None = None,
    at: int = 0,
) -> Response:
    """Open a page, fill in one of its forms, and send it.

    Args:
        client: The browser.
        page: The page's address.
        action: Where the form is sent.
        typed: What is typed, by field; all else stays as it stands.
        at: Which of the forms that are sent there.
    """
    shown = client.get(page)
    assert shown.status_code == 200, (page, shown.status_code, plain(shown.text))
    form = [it for it in forms_of(shown.text) if it.action == action][at]
    return client.post(action, data=form.fields | dict(typed or {}))
