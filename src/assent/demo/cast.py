"""Who is in the story, and the texts that they bring. Nobody here exists."""

from dataclasses import dataclass

from assent.permission.uses import parse_uses

__all__ = [
    "AGREEMENT",
    "APPROVER",
    "BAND",
    "DESK",
    "LABEL",
    "NO_AI",
    "PARTNER",
    "PROGRAM",
    "PROGRAM_ID",
    "SAYS_NOTHING",
    "SAYS_YES",
    "SLOTS",
    "THIEF",
    "USES",
    "WIDER_TERMS",
    "Slot",
]

SAYS_YES = "Wrenna Oake"
NO_AI = "Tobin Ashgrove"
SAYS_NOTHING = "Ilse Marrowby"
LABEL = "Saltgrass Records"
BAND = "The Salt Meadow Trio"
THIEF = "Magpie Nine"
PARTNER = "Nightjar Models"
DESK = "Jun"
APPROVER = "Noor"
PROGRAM_ID = "nightjar-rival"
USES = parse_uses(["partner/train-rival"])
"""What the program asks for, as a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A recording that the story needs.

    Args:
        artist: Who brings it.
        holders: Who holds rights in it, as an index says so; the artist alone if empty.
        agreement: Under which agreement it is delivered; an own upload if empty.
    """

    artist: str
    holders: str = ""
    agreement: str = ""


SLOTS = (
    Slot(artist=SAYS_YES),
    Slot(artist=SAYS_YES),
    Slot(artist=SAYS_YES, holders=f"{SAYS_YES}=50%,writer; {SAYS_NOTHING}=50%,writer"),
    Slot(artist=NO_AI),
    Slot(artist=NO_AI),
    Slot(artist=SAYS_NOTHING),
    Slot(artist=SAYS_NOTHING),
    Slot(artist=BAND, agreement="saltgrass-1"),
    Slot(artist=BAND, agreement="saltgrass-1"),
)
"""The recordings, in the order in which `compose.tracks` gives them."""

AGREEMENT = f"""\
id = "saltgrass-1"
title = "Delivery agreement with {LABEL}"
party = "{LABEL}"

[[clause]]
id = "protection"
text = "The platform fingerprints the recordings to find copies of them, and looks for fraud."
status = "granted"
uses = ["platform/identify", "platform/protect"]

[[clause]]
id = "found"
text = "The platform shows the recordings in search."
status = "granted"
uses = ["platform/search"]
"""

PROGRAM = f"""\
id = "{PROGRAM_ID}"
owner = "{PARTNER}"
actor = "partner"
activities = ["train-rival"]
purpose = "Train a model that makes background music."
models = ["nightjar-1"]
retention_days = 365
contact = "rights@nightjar.example"
contract = "NM-1"
"""

WIDER_TERMS = """\
id = "wider-terms-2"
title = "What AI may do with your recordings, changed"

[[clause]]
id = "everything"
text = "We and everybody else may use your recordings to inform, train, develop or feed AI."
status = "granted"
uses = ["*/*"]
"""
