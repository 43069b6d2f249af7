"""The site of the demonstration: who can sign in, and that no page of theirs is empty.

The story ends; these people stay. Nobody of them exists.
"""

from collections.abc import Mapping

from assent.acts.house import House
from assent.demo.site_desk import busy_desks
from assent.demo.site_life import lively
from assent.demo.site_people import Login, let_in

__all__ = ["settle"]


def settle(house: House) -> Mapping[str, Login]:
    """Let the people of the story in, and let them do what people do on such a site.

    Args:
        house: The platform that the story was told on.

    Returns:
        Who can sign in, by name, in the order in which they are worth a look.
    """
    logins = let_in(house)
    busy_desks(house)
    lively(house)
    return logins
