"""The page that checks a file, and what a page needs to check one in place."""

from starlette.responses import HTMLResponse, Response

from assent.disk import storage
from assent.errors import Unknown
from assent.web.face import ANYBODY, Face
from assent.web.site import Site
from assent.web.verifier_page import given_json, verifier_page
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("checking a file")

_FRAMED_BY_NOBODY = "frame-ancestors 'none'"
"""What else it may do the page itself says: nothing, for it has no address to load or send to."""


@face.raw("/verify", who=ANYBODY)
def verify_page(visit: Visit) -> Response:
    """Give the page that checks receipts, proofs and evidence in the browser, sending nothing."""
    return HTMLResponse(
        verifier_page(_policy(visit.site)),
        headers={"content-security-policy": _FRAMED_BY_NOBODY, "cache-control": "no-cache"},
    )


@face.raw("/verify.json", who=ANYBODY, media="application/json")
def verify_twin(visit: Visit) -> Response:
    """Give what the page that checks has within it: what a verifier trusts, and its words."""
    return verify_trust(visit)


@face.raw("/verify/trust.json", who=ANYBODY, media="application/json")
def verify_trust(visit: Visit) -> Response:
    """Give what a verifier trusts: the policy in base64, and what each verdict means in words."""
    return Response(
        given_json(_policy(visit.site)),
        media_type="application/json",
        headers={"cache-control": "no-cache"},
    )


def _policy(site: Site) -> bytes:
    path = site.house.settings.policy
    with storage("read the policy", path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise Unknown(
                "nothing of the log was published yet, so nothing can be checked"
            ) from None
