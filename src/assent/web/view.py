"""What a page says: one model for its template and for its `.json` twin."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Done", "Problem", "View"]


class View(BaseModel):
    """What a page says."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Done(BaseModel):
    """What an act answers.

    Args:
        ok: That it was done.
        said: What was done, in one sentence.
        next: The page to go on with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ok: bool = True
    said: str
    next: str


class Problem(BaseModel):
    """What is answered to what cannot be done.

    Args:
        ok: That it was not done.
        error: Why, in one clause.
        status: The status of HTTP.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ok: bool = False
    error: str
    status: int
