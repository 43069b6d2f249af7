"""The first page, what is new, and what is new of the artists one follows."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from assent.community.browse import most_played, newest, of_followed, plays_of_week
from assent.community.listing import Listed
from assent.web.face import MEMBERS, Face
from assent.web.music_views import After, Card, card, cards
from assent.web.site import Site
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("listening to music")

_FEW = 8
_COUNTED_EVERY = timedelta(minutes=1)


class PlayedCard(View):
    """A recording and how often it was played.

    Args:
        recording: Which.
        plays: How often, in the last seven days.
    """

    recording: Card
    plays: int


class HomeView(View):
    """What there is to hear. Nothing in it was chosen by a machine: lists go by date or by counts.

    Args:
        followed: The newest of the artists that who asks follows; empty for strangers.
        newest: The newest of all.
        after: What /new goes on after; empty if that is all.
        most_played: What was played most in the last seven days.
    """

    followed: list[Card]
    newest: list[Card]
    after: str
    most_played: list[PlayedCard]


@face.page("/", template="home.html")
def home(visit: Visit) -> HomeView:
    """Show what there is to hear: of whom one follows, the newest, the most played."""
    followed: tuple[Listed, ...] = ()
    if visit.member is not None:
        followed = of_followed(visit.db, visit.member.account, visit.at, limit=_FEW).items
    page = newest(visit.db, visit.at)
    return HomeView(
        followed=cards(followed),
        newest=cards(page.items),
        after=page.after,
        most_played=[
            PlayedCard(recording=card(one.recording), plays=one.plays)
            for one in most_played(visit.db, _plays(visit), visit.at, limit=_FEW)
        ],
    )


class _Counts:
    """What was played this week, counted once a minute: it changes no faster than that."""

    def __init__(self) -> None:
        self.until = datetime.min.replace(tzinfo=UTC)
        self.plays: Mapping[str, int] = {}


def _counts(_site: Site) -> _Counts:
    return _Counts()


def _plays(visit: Visit) -> Mapping[str, int]:
    kept = visit.site.one(_counts)
    if visit.at >= kept.until:
        kept.plays = plays_of_week(visit.db, visit.at)
        kept.until = visit.at + _COUNTED_EVERY
    return kept.plays


class RecordingsView(View):
    """A part of a list of recordings, the newest first.

    Args:
        recordings: The recordings.
        after: What the next part goes on after; empty if this is the last.
    """

    recordings: list[Card]
    after: str


@face.page("/new", template="new.html")
def new(visit: Visit, after: After = "") -> RecordingsView:
    """Show all recordings, the newest first."""
    page = newest(visit.db, visit.at, after=after)
    return RecordingsView(recordings=cards(page.items), after=page.after)


@face.page("/following", template="following.html", who=MEMBERS)
def following(visit: Visit, after: After = "") -> RecordingsView:
    """Show the recordings of the artists that you follow, the newest first."""
    page = of_followed(visit.db, visit.me.account, visit.at, after=after)
    return RecordingsView(recordings=cards(page.items), after=page.after)
