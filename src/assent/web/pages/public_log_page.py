"""The log for everybody: how far it goes, who signs and witnesses it; and who runs this site."""

from base64 import b64encode

from assent.acts.logs import Log
from assent.catalogue.events import head
from assent.clock import format_instant
from assent.errors import Unknown
from assent.log.note import format_vkey
from assent.log.policy import Policy
from assent.log.writer import read_published
from assent.web.face import Face
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("log")

_WORDS = {
    "consent": "every event: what was said, proposed, held, used, erased",
    "index": "the roots of trees: the latest word on each recording, and what each set holds",
}


class PublicLog(View):
    """One log as it stands in public.

    Args:
        name: What it is called here.
        words: What is in it.
        origin: Its name in checkpoints.
        size: How many entries it has.
        root: Its root hash, in base64.
        checkpoint: Where its newest checkpoint is.
        key: The key that signs it, as a policy writes it.
        cosigned: Which of the policy's witnesses have seen that checkpoint, and when.
        witnessed: Whether they are as many as the policy asks for.
    """

    name: str
    words: str
    origin: str
    size: int
    root: str
    checkpoint: str
    key: str
    cosigned: list[str]
    witnessed: bool


class WitnessFacts(View):
    """A witness that the policy trusts.

    Args:
        name: What the policy calls it.
        key: Its key, as a policy writes it.
        url: Where it is; None if the policy does not say.
    """

    name: str
    key: str
    url: str | None


class LogView(View):
    """The logs.

    Args:
        logs: Each as it stands in public; none before anything was published.
        witnesses: Who watches them.
        policy: Where the file is by which a stranger trusts them.
        head: Number of the last event.
        waiting: How many events are not published yet.
    """

    logs: list[PublicLog]
    witnesses: list[WitnessFacts]
    policy: str
    head: int
    waiting: int


class AboutView(View):
    """Who runs this.

    Args:
        operator: Their name and place, as they say it; empty if they do not.
        contact: Where they are reached; empty if they do not say.
        address: The address of this site.
    """

    operator: str
    contact: str
    address: str


@face.page("/log", template="public/log.html")
def log(visit: Visit) -> LogView:
    """Show the public log: how far it goes, who signs and who witnesses it."""
    logs = visit.site.logs
    newest = head(visit.db)
    try:
        policy: Policy | None = logs.policy()
    except Unknown:  # nothing was published yet
        policy = None
    shown = [_told(visit, one, policy) for one in (logs.consent, logs.index)] if policy else []
    found = [it for it in shown if it is not None]
    size = next((it.size for it in found if it.name == logs.consent.name), 0)
    witnesses = policy.witnesses if policy else ()
    return LogView(
        logs=found,
        witnesses=[
            WitnessFacts(name=it.name, key=format_vkey(it.key), url=it.url) for it in witnesses
        ],
        policy=visit.address("/log/policy"),
        head=newest,
        waiting=max(newest - size, 0),
    )


def _told(visit: Visit, one: Log, policy: Policy) -> PublicLog | None:
    published = read_published(one.store)
    if published is None:
        return None
    checkpoint, note = published
    trusted = policy.check(note)
    return PublicLog(
        name=one.name,
        words=_WORDS[one.name],
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=b64encode(checkpoint.root).decode(),
        checkpoint=visit.address(f"/log/{one.name}/checkpoint"),
        key=format_vkey(trusted.log),
        cosigned=[f"{name}, {format_instant(at)}" for name, at in trusted.cosigned],
        witnessed=trusted.witnessed,
    )


@face.page("/about", template="public/about.html")
def about(visit: Visit) -> AboutView:
    """Show who runs this, and what it is."""
    settings = visit.site.house.settings
    return AboutView(
        operator=settings.operator, contact=settings.contact, address=visit.address("/")
    )
