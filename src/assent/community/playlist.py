"""A playlist: what is said of it, who may see it, what is on it."""

from dataclasses import dataclass
from enum import StrEnum

from assent.community.listing import Listed
from assent.community.text import line, paragraphs

__all__ = ["Entry", "Playlist", "Said", "Visibility"]

_TITLE, _ABOUT = 200, 2_000


class Visibility(StrEnum):
    """Who may see a playlist."""

    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of a playlist by whom it belongs to.

    Args:
        title: What it is called.
        about: What it is about; perhaps nothing.
        visibility: Who may see it.
    """

    title: str
    about: str = ""
    visibility: Visibility = Visibility.PRIVATE

    def columns(self) -> dict[str, str]:
        """Return it as it is kept.

        Raises:
            BadInput: The title is empty, or a text is too long.
        """
        return {
            "title": line(self.title, _TITLE, "a playlist's title"),
            "about": paragraphs(self.about, _ABOUT, "what a playlist is about"),
            "visibility": self.visibility.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """A playlist.

    Args:
        id: Its id.
        title: What it is called.
        about: What it is about.
        account: Whose it is.
        by: How they are called; empty if they have left.
        visibility: Who may see it.
        length: How many recordings are on it, those included that somebody may not hear.
    """

    id: str
    title: str
    about: str
    account: str
    by: str
    visibility: Visibility
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A recording on a playlist.

    Args:
        place: Where, from 0.
        recording: Which.
    """

    place: int
    recording: Listed
