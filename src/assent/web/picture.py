"""The picture of a recording as an answer, which whoever has it need not fetch again."""

from typing import Final

from sqlalchemy import select
from starlette.responses import Response

from assent.catalogue import tables
from assent.web.cover import cover
from assent.web.player import peaks_of
from assent.web.visit import Visit

__all__ = ["picture_answer"]

_HOUR: Final = 3_600


def picture_answer(visit: Visit, recording: str, width: int, height: int) -> Response:
    """Return the picture of a recording; who may see it was asked before.

    Args:
        visit: Who looks.
        recording: Which.
        width: How wide it is to be [points].
        height: How high it is to be [points].
    """
    columns = tables.recordings.c["waveform", "digest"]
    row = visit.db.execute(select(*columns).where(tables.recordings.c.id == recording)).one()
    etag = f'"{row.digest[:16]}-{width}x{height}"'
    headers = {"cache-control": f"public, max-age={_HOUR}", "etag": etag}
    if visit.request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(cover(peaks_of(row.waveform), width, height), 200, headers, "image/png")
