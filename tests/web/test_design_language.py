"""The colours of the house: every pair in use reaches AA, in light and dark, as the page says.

Source: WCAG 2.2, 1.4.3 and 1.4.11; relative luminance and contrast ratio as defined there.
"""

import re
from pathlib import Path

import pytest

from assent.web.rendering import STATIC

BASE = (STATIC / "css" / "10-base.css").read_text("utf-8")
PAGE = (Path(__file__).parents[2] / "docs" / "design-language.md").read_text("utf-8")
TEXT, SHAPE = 4.5, 3.0

PAIRS = {
    ("ink", "paper"): TEXT,
    ("ink", "card"): TEXT,
    ("soft", "paper"): TEXT,
    ("soft", "card"): TEXT,
    ("accent", "paper"): TEXT,
    ("accent", "card"): TEXT,
    ("on-accent", "accent"): TEXT,
    ("ink", "accent-wash"): TEXT,
    ("soft", "accent-wash"): TEXT,
    ("accent", "accent-wash"): TEXT,
    ("yes", "paper"): TEXT,
    ("yes", "card"): TEXT,
    ("yes", "yes-wash"): TEXT,
    ("ink", "yes-wash"): TEXT,
    ("no", "paper"): TEXT,
    ("no", "card"): TEXT,
    ("no", "no-wash"): TEXT,
    ("ink", "no-wash"): TEXT,
    ("ask", "paper"): TEXT,
    ("ask", "card"): TEXT,
    ("ask", "ask-wash"): TEXT,
    ("ink", "ask-wash"): TEXT,
    ("field", "paper"): SHAPE,
    ("field", "card"): SHAPE,
    ("focus", "paper"): SHAPE,
    ("focus", "card"): SHAPE,
}
"""What stands on what, and how much contrast it needs: text 4.5, edges and marks 3."""


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


LIGHT = tokens(BASE.split("@media", 1)[0])
DARK = LIGHT | tokens(BASE.split("@media (prefers-color-scheme: dark)", 1)[1].split("}\n}", 1)[0])


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def row(pair: tuple[str, str]) -> str:
    front, back = pair
    light = contrast(LIGHT[front], LIGHT[back])
    dark = contrast(DARK[front], DARK[back])
    return f"| {front} | {back} | {PAIRS[pair]:g} | {light:.1f} | {dark:.1f} |"


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("pair", PAIRS, ids=" on ".join)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_reaches_aa(pair: tuple[str, str], scheme: str) -> None:
    colours = LIGHT if scheme == "light" else DARK
    assert contrast(colours[pair[0]], colours[pair[1]]) >= PAIRS[pair]


def test_every_colour_is_in_a_pair_and_the_page_gives_its_figures() -> None:
    decoration = {"line"}  # it parts things that stand apart without it
    assert set(LIGHT) == {name for pair in PAIRS for name in pair} | decoration
    for pair in PAIRS:
        assert row(pair) in PAGE, f"docs/design-language.md should say: {row(pair)}"


def test_no_sheet_uses_a_colour_that_is_not_a_token() -> None:
    for sheet in (STATIC / "css").glob("*.css"):
        rules = sheet.read_text("utf-8")
        if sheet.name == "10-base.css":
            rules = re.sub(r":root \{.*?\n *\}", "", rules, flags=re.DOTALL)
        # a picture of terms has colours of its own, and marks that tell them apart (terms/swatch)
        rules = re.sub(r"\.terms svg \.assent-[^{]*\{[^}]*\}", "", rules)
        literal = re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{}]*\{)|\b(?:rgb|hsl|oklch)a?\(", rules)
        assert not literal, f"{sheet.name}: {literal}"


def test_every_token_that_a_sheet_uses_is_there() -> None:
    known = set(re.findall(r"--([a-z0-9-]+):", BASE))
    for sheet in (STATIC / "css").glob("*.css"):
        used = set(re.findall(r"var\(--([a-z0-9-]+)", sheet.read_text("utf-8")))
        own = set(re.findall(r"--([a-z0-9-]+):", sheet.read_text("utf-8")))
        assert used <= known | own, sheet.name
