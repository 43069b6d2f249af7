"""What stands in the braces of paths: one thing of each kind, all of them the owner's.

Keys are what stands between the braces, or, where that means different things on different pages,
the path and it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Select, select

from assent.acts.accounts import Role
from assent.acts.erase import erase
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.programs import suspend
from assent.acts.publish import DEFAULT_TERMS
from assent.catalogue import site_tables, tables
from assent.demo.cast import APPROVER, LABEL, SAYS_NOTHING
from assent.demo.site_desk import ANSWERED, DRAFT, OPEN, PROPOSED, find_of, recordings_of
from assent.demo.site_life import artist_of
from assent.demo.site_people import OPERATOR, Login
from assent.signin.members import join
from assent.studio import uploads
from assent.studio.uploads_file import path_of
from tests.houses import add_program, write_wav

Find = Callable[[House, Mapping[str, Login]], str]


def _first(house: House, query: Select[Any]) -> str:
    with house.reading() as connection:
        return str(connection.execute(query.limit(1)).scalar_one())


def _recording(house: House, _logins: Mapping[str, Login]) -> str:
    return recordings_of(house, SAYS_NOTHING)[0]


def _artist(house: House, _logins: Mapping[str, Login]) -> str:
    return artist_of(house, SAYS_NOTHING)


def _account(house: House, _logins: Mapping[str, Login]) -> str:
    return find_of(house, SAYS_NOTHING).id


def _program(_house: House, _logins: Mapping[str, Login]) -> str:
    return ANSWERED


def _stopped(house: House, _logins: Mapping[str, Login]) -> str:
    """Have a program proposed, approved and stopped."""
    add_program(house, "still-loop")
    suspend(house, "still-loop", APPROVER)
    return "still-loop"


def _terms(house: House, _logins: Mapping[str, Login]) -> str:
    return _first(house, select(tables.texts.c.id).where(tables.texts.c.current))


def _agreement(house: House, _logins: Mapping[str, Login]) -> str:
    return _first(house, select(tables.texts.c.id).where(tables.texts.c.kind == "agreement"))


def _set(house: House, _logins: Mapping[str, Login]) -> str:
    return _first(house, select(tables.training_sets.c.id))


def _playlist(house: House, _logins: Mapping[str, Login]) -> str:
    playlists = site_tables.playlists.c
    mine = playlists.account == find_of(house, SAYS_NOTHING).id
    return _first(house, select(playlists.id).where(mine))


def _comment(house: House, _logins: Mapping[str, Login]) -> str:
    comments = site_tables.comments.c
    mine = comments.account == find_of(house, SAYS_NOTHING).id
    return _first(house, select(comments.id).where(mine))


def _link(house: House, _logins: Mapping[str, Login]) -> str:
    return _first(house, select(site_tables.private_links.c.id))


def _request(house: House, _logins: Mapping[str, Login]) -> str:
    return _first(house, select(tables.requests.c.event).where(tables.requests.c.program == OPEN))


def _asked(house: House, _logins: Mapping[str, Login]) -> str:
    requests = tables.requests.c
    return _first(house, select(requests.event).where(requests.program == ANSWERED))


def _statement(house: House, _logins: Mapping[str, Login]) -> str:
    said = tables.statements.c
    mine = said.holder == find_of(house, SAYS_NOTHING).id
    return _first(house, select(said.event).where(mine).order_by(said.event))


def _hold(house: House, _logins: Mapping[str, Login]) -> str:
    return _first(house, select(tables.holds.c.event).where(tables.holds.c.lifted.is_(None)))


def _copy(house: House, _logins: Mapping[str, Login]) -> str:
    return _first(house, select(tables.copies.c.recording))


def _original(house: House, _logins: Mapping[str, Login]) -> str:
    return _first(house, select(tables.copies.c.original))


def _claim(house: House, _logins: Mapping[str, Login]) -> str:
    return _first(house, select(tables.claims.c.event))


def _upload(house: House, _logins: Mapping[str, Login]) -> str:
    """Send a whole file, of which nothing was said yet."""
    with TemporaryDirectory() as folder:
        data = write_wav(Path(folder) / "evening.wav", 333.0, 3.0).read_bytes()
    upload = uploads.begin(house, find_of(house, SAYS_NOTHING).id, "evening.wav", len(data))
    path = path_of(house, upload.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return upload.id


def _staff_act(house: House, _logins: Mapping[str, Login]) -> str:
    return _first(house, select(tables.staff_acts.c.event))


def _erasure(house: House, _logins: Mapping[str, Login]) -> str:
    """Have somebody join and leave again; return the number of their erasure."""
    join(house, "Lio", Role.LISTENER, None)
    erase(house, Logs(house), "Lio", "Lio", lambda person: None)
    return _gone(house)


def _gone(house: House) -> str:
    return _first(house, select(tables.events.c.number).where(tables.events.c.kind == "erasure"))


def _always(text: str) -> Find:
    return lambda _house, _logins: text


_CASE = "/review/cases/{recording}/{original}"
_TERMS = ("/terms/{name}", "/terms/{name}/open")
THINGS: Mapping[str, Find] = {
    "account": _account,
    "agreement": _agreement,
    "artist": _artist,
    "asked": _asked,
    "claim": _claim,
    "comment": _comment,
    "ending": _always("flac"),
    "event": _statement,
    "kind": _always("aac"),
    "link": _link,
    "method": _always("ping"),
    "number": _hold,
    "original": _original,
    "playlist": _playlist,
    "program": _program,
    "recording": _recording,
    "training_set": _set,
    "upload": _upload,
    "/audit/{event}/receipt event": _staff_act,
    "/claims/{number} number": _claim,
    "/claims/{number}/answer number": _claim,
    "/inbox/{number} number": _request,
    "/inbox/{number}/answer number": _request,
    "/left/{event} event": _erasure,
    "/left/{event}/receipt.tlog-proof event": lambda house, _: _gone(house),
    "/operator/drafts/{name}/put name": _always(DRAFT),
    "/operator/drafts/{name}/withdraw name": _always(DRAFT),
    "/review/programs/{program}/approve program": _always(PROPOSED),
    "/review/programs/{program}/ask program": _always(ANSWERED),
    "/review/programs/{program}/resume program": _stopped,
    "/training-sets/{name} name": _set,
    **{f"{path} name": _terms for path in (*_TERMS, "/terms/{name}.toml")},
    **{f"{_CASE}{end} recording": _copy for end in ("", "/decide", "/picture.svg")},
}
"""How each is found; those of a page are those of its twin and of its call, too."""

_WISH = {"which": "all", "verb": "refuse", "what": "everything"}
_TIGHTER = DEFAULT_TERMS.replace("assent-terms-1", "assent-terms-9", 1)
ASIDE: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "/label/say/{key} key": (LABEL, "/label/say", _WISH),
    "/operator/terms/{key} key": (OPERATOR, "/operator/terms", {"toml": _TIGHTER}),
}
"""What has a key once a form was sent: by whom, which, and what it says."""
ASKED = {
    "/ai/confirm": "?preset=no-ai",
    "/search": "?q=harbour",
    "/terms/compare": "?a=wider-terms-2&b=assent-terms-3",
}
"""What a page is asked, where it is empty or nothing without."""
