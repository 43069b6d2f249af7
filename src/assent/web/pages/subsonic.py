"""OpenSubsonic: what music apps need to browse, play, like and keep playlists' order; for reading.

The answers follow the methods of the API by name. What would be an AI use, such as similar songs,
answers with nothing: nobody was asked for that. See docs/listening.md for what is there.
"""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from assent.errors import AssentError
from assent.web.face import Face
from assent.web.subsonic_answer import Code, SubsonicError, failed, ok
from assent.web.subsonic_entry import entered
from assent.web.subsonic_media import MEDIA
from assent.web.subsonic_methods import METHODS, OPEN
from assent.web.subsonic_request import Asked
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("subsonic")


@face.raw("/rest/{method}", methods=("GET", "HEAD", "POST"))
async def rest(visit: Visit, method: str) -> Response:
    """Answer a music app that speaks OpenSubsonic; see docs/listening.md for what is there."""
    several: list[tuple[str, str]] = list(visit.request.query_params.multi_items())
    if visit.request.method == "POST":
        form: FormData = await visit.request.form(max_files=0, max_fields=2_000)
        several += [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return await run_in_threadpool(_answer, visit, method.removesuffix(".view"), several)


def _answer(visit: Visit, method: str, several: list[tuple[str, str]]) -> Response:
    asked = dict(several)
    form = asked.get("f", "xml")
    try:
        if method in OPEN:
            return ok(OPEN[method], form)
        entry = entered(visit, asked)
        question = Asked(visit=visit, token=entry, given=tuple(several))
        if method in MEDIA:
            return MEDIA[method](question)
        if method not in METHODS:
            raise SubsonicError(Code.OTHER, "this method is not there")
        return ok(METHODS[method](question), form)
    except SubsonicError as error:
        return failed(error, form)
    except AssentError as error:
        return failed(SubsonicError.of(error), form)
