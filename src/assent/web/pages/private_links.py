"""Private links to a recording of yours: made, and ended at once; its own page lists them."""

from typing import Annotated

from pydantic import BaseModel, Field

from assent.signin.scopes import Scope
from assent.studio.editing import end_link, make_link
from assent.web.face import CREATORS, Done, Face
from assent.web.owner import theirs
from assent.web.pages.editing import edit_page
from assent.web.upload_views import account_of
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("private links")


class LinkSaid(BaseModel):
    """A private link to make.

    Args:
        label: For whom it is.
        days: After how many days it ends; not by itself if null.
    """

    label: Annotated[str, Field(min_length=1, max_length=100)]
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


@face.act("/studio/r/{recording}/links/make", who=CREATORS, scope=Scope.EDIT, shows=edit_page)
def make_link_act(visit: Visit, recording: str, said: LinkSaid) -> Done:
    """Make a private link: whoever has it hears the recording."""
    theirs(visit, recording)
    me = account_of(visit)
    visit.let_go()
    link = make_link(visit.site.house, recording, me, said.label, said.days)
    return Done(said=f"The link is made: {link.label}.", next=f"/studio/r/{recording}#links")


class LinkEnded(BaseModel):
    """A private link to end.

    Args:
        link: Its secret.
    """

    link: Annotated[str, Field(max_length=100)]


@face.act("/studio/r/{recording}/links/end", who=CREATORS, scope=Scope.EDIT, shows=edit_page)
def end_link_act(visit: Visit, recording: str, said: LinkEnded) -> Done:
    """End a private link at once."""
    theirs(visit, recording)
    me = account_of(visit)
    visit.let_go()
    end_link(visit.site.house, recording, me, said.link)
    return Done(said="That link opens nothing any more.", next=f"/studio/r/{recording}#links")
