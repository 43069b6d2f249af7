"""Reading pages as a browser does, without one: their forms, their fields, their words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_TYPED = frozenset({"text", "search", "textarea", "url", "password", "email", "tel"})


@dataclass(slots=True)
class Field:
    """A field of a form.

    Args:
        name: Under which its value is sent.
        kind: Its type: that of an input, or textarea, or select.
        value: What stands in it.
        options: What a select offers.
        checked: Whether it is ticked.
    """

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    checked: bool = False


@dataclass(slots=True)
class Form:
    """A form of a page.

    Args:
        action: Where it is sent.
        method: How: get or post.
        files: Whether it sends files.
        fields: Its fields, in their order.
    """

    action: str
    method: str
    files: bool
    fields: list[Field] = field(default_factory=list)


class Page(HTMLParser):
    """A page, read.

    Args:
        text: Its HTML.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        """What can be read, piece by piece."""
        self.unclosed: list[str] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self._area: Field | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag not in _VOID:
            self.unclosed.append(tag)
        match tag:
            case "form":
                files = given.get("enctype") == "multipart/form-data"
                method = given.get("method", "get").lower()
                self._form = Form(given.get("action", ""), method, files)
                self.forms.append(self._form)
            case "input" | "textarea" | "select" | "button":
                self._add(tag, given)
            case "option" if self._select is not None:
                value = given.get("value", "")
                self._select.options.append(value)
                if "selected" in given or len(self._select.options) == 1:
                    self._select.value = value
            case _:
                pass

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def _add(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        one = Field(given.get("name", ""), kind, given.get("value", ""))
        one.checked = "checked" in given
        if tag == "select":
            self._select = one
        if tag == "textarea":
            self._area = one
        if self._form is not None and one.name:
            self._form.fields.append(one)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.unclosed:
            while self.unclosed.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data
        elif not {"script", "style"} & set(self.unclosed):
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every tag of a kind."""
        return [given for name, given in self.tags if name == tag]

    @property
    def text(self) -> str:
        """All that can be read, as one line."""
        return " ".join(" ".join(self.words).split())


def filled(form: Form, text: str) -> dict[str, str | list[str]]:
    """Return what a form sends if somebody writes the same text into every field for text.

    Args:
        form: Which.
        text: What they write.
    """
    sent: dict[str, str | list[str]] = {}
    for one in form.fields:
        if one.kind == "checkbox":
            known = sent.setdefault(one.name, [])
            assert isinstance(known, list)
            known.append(one.value or "on")
        elif one.kind == "radio":
            if one.checked or one.name not in sent:
                sent[one.name] = one.value
        elif one.kind == "button":
            sent.setdefault(one.name, one.value)
        elif one.kind != "file":
            sent[one.name] = _value(one, text)
    return sent


def _value(one: Field, text: str) -> str:
    if one.kind in _TYPED:
        return text
    if one.kind in {"number", "range"}:
        return one.value or "1"
    return one.value or next(filter(None, one.options), "")
