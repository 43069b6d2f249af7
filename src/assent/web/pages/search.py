"""Finding music and people by words."""

from typing import Annotated

from fastapi import Query

from assent.community.query import MOST_CHARACTERS
from assent.community.search import search, search_artists
from assent.web.face import Face
from assent.web.music_views import After, ArtistLink, Card, artist_link, cards
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("search")

Words = Annotated[str, Query(max_length=MOST_CHARACTERS)]


class SearchView(View):
    """What matches some words.

    Only what is public and whose holders let the platform search it is found.

    Args:
        q: The words.
        artists: Artists whose names match, on the first part of the list.
        recordings: Recordings whose title or artist matches, the best match first; of very many,
            the newest first.
        after: What the next part goes on after; empty if this is the last.
    """

    q: str
    artists: list[ArtistLink]
    recordings: list[Card]
    after: str


@face.page("/search", template="search.html")
def search_page(visit: Visit, q: Words = "", after: After = "") -> SearchView:
    """Find recordings and artists by words; the last one may be the beginning of a word."""
    artists = () if after else search_artists(visit.db, q, visit.at)
    page = search(visit.db, q, visit.at, after=after)
    return SearchView(
        q=q,
        artists=[artist_link(one) for one in artists],
        recordings=cards(page.items),
        after=page.after,
    )
