"""The site of the demonstration: who can sign in, and that no page of theirs is empty.

The story ends; these people stay. Nobody of them exists.
"""

from collections.abc import Mapping

from assent.acts.house import House
from assent.demo.line import Kind, Line
from assent.demo.site_desk import busy_desks, restore_terms
from assent.demo.site_life import lively
from assent.demo.site_people import Login, let_in
from assent.demo.stage import Say

__all__ = ["settle"]


def settle(house: House, say: Say = lambda line: None) -> Mapping[str, Login]:
    """Let the people of the story in, and let them do what people do on such a site.

    Args:
        house: The platform that the story was told on.
        say: Who is told what becomes of the terms.

    Returns:
        Who can sign in, by name, in the order in which they are worth a look.
    """
    # first, for what is asked and answered on the desks is so under these
    say(Line(kind=Kind.PLAIN, text=restore_terms(house)))
    logins = let_in(house)
    busy_desks(house)
    lively(house)
    return logins
