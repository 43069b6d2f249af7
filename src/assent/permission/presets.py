"""Four choices that people understand, each a pair of words for the whole account.

Choosing one replaces what was said for the whole account before: earlier grants end, on every
recording and for every program, and earlier account-wide refusals are taken back.

Source: design, section 3.
"""

from dataclasses import dataclass
from enum import Enum

from assent.errors import BadStatement
from assent.permission.uses import ALL, parse_uses

__all__ = ["PRESETS", "Preset", "PresetMasks", "parse_preset"]


class Preset(Enum):
    """The name of a choice, as it is typed."""

    NO_AI = "no-ai"
    FOUND = "found-not-trained"
    ASK = "ask-me"
    OWN = "my-own-choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetMasks:
    """What a preset says.

    Args:
        title: How it reads on a page.
        granted: Uses it grants.
        refused: Uses it refuses.
        asks: Whether programs may send requests.
    """

    title: str
    granted: int
    refused: int
    asks: bool


_DUTIES = parse_uses(["platform/identify", "platform/protect"])
"""What keeps copies and fraud away from the creator; a refusal of it has no effect."""
_FOUND = parse_uses(
    [f"platform/{activity}" for activity in ("search", "recommend", "insight", "analyse")]
    + ["public/search"]
)

PRESETS = {
    Preset.NO_AI: PresetMasks(title="No AI", granted=0, refused=ALL & ~_DUTIES, asks=False),
    Preset.FOUND: PresetMasks(title="Found, not trained", granted=_FOUND, refused=0, asks=False),
    Preset.ASK: PresetMasks(title="Ask me", granted=_FOUND, refused=0, asks=True),
    Preset.OWN: PresetMasks(title="My own choice", granted=0, refused=0, asks=True),
}


def parse_preset(name: str) -> Preset:
    """Return the preset of that name.

    Raises:
        BadStatement: There is none.
    """
    try:
        return Preset(name)
    except ValueError:
        known = ", ".join(preset.value for preset in Preset)
        raise BadStatement(f"there is no preset {name!r}; there are {known}", preset=name) from None
