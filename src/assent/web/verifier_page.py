"""The page that checks receipts and evidence by itself: one file, for the disk or for a server.

Verifier, style and policy are inside it, and its content security policy lets nothing else in and
nothing out: no address to load from or send to. The script's hash is the same for every policy.

Source: W3C Content Security Policy Level 3, "Hash usage"; HTML Living Standard, "Restrictions for
contents of script elements".
"""

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from assent.log.policy import parse_policy
from assent.log.receipt import SENTENCES
from assent.permission.wording import ACTIVITY_WORDS, ACTOR_WORDS

__all__ = ["given_json", "verifier_page"]

_FOLDER = files("assent.web").joinpath("verifier")


def verifier_page(policy: bytes) -> str:
    """Return the whole page, with a policy that its readers will trust.

    Args:
        policy: A `tlog-policy` file: the logs, the witnesses and the quorum.

    Raises:
        BadProof: The policy breaks its format.
    """
    parse_policy(policy)
    style = _read("page.css")
    script = _read("verify.js") + _read("page.js")
    parts = {
        "csp": _csp(script, style),
        "given": given_json(policy),
        "script": script,
        "style": style,
    }
    before, *marked = _read("page.html").split("{{")
    # piece by piece, so that nothing put in is looked through for marks
    pieces = [piece.partition("}}") for piece in marked]
    return before + "".join(parts[name] + after for name, _, after in pieces)


def _read(name: str) -> str:
    return _FOLDER.joinpath(name).read_text("utf-8")


def _csp(script: str, style: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "connect-src 'none'",
            f"script-src {_source(script)}",
            f"style-src {_source(style)}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def given_json(policy: bytes) -> str:
    """Return what a verifier is given beside its script: JSON without a sign that ends an element.

    Args:
        policy: A `tlog-policy` file.
    """
    given = {
        "activities": {activity.value: words for activity, words in ACTIVITY_WORDS.items()},
        "actors": {actor.value: words for actor, words in ACTOR_WORDS.items()},
        "policy": b64encode(policy).decode(),
        "sentences": dict(SENTENCES),
    }
    return json.dumps(given).replace("<", "\\u003c")
