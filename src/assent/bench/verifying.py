"""How long a browser takes to check a receipt: the page's own verifier, in headless Chromium."""

from base64 import b64encode
from importlib.resources import files
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from assent.bench.row import Row
from assent.errors import NotProved
from assent.log.policy import Policy, format_policy

__all__ = ["CHROMIUM", "CHROMIUM_OPTIONS", "browser_row"]

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
"""What the browser is called by those who ship it."""
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TIMES = 100
_ASK = """
async ([receipt, policy, times]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const trusted = await window.parsePolicy(bytes(policy));
  const now = { at: Math.floor(Date.now() / 1000), maxAge: null };
  const found = await window.verifyReceipt(bytes(receipt), trusted, now);
  const start = performance.now();
  for (let i = 0; i < times; i += 1) await window.verifyReceipt(bytes(receipt), trusted, now);
  return [found.verdict, (performance.now() - start) / times];
}
"""


def browser_row(receipt: bytes, policy: Policy) -> Row:
    """Measure one receipt in the browser; without one, or without Playwright, say what is missing.

    Args:
        receipt: A receipt that holds.
        policy: The policy it is checked under.
    """
    ours, missing = _checked_ms(receipt, policy)
    return Row(
        what="a receipt checked in headless Chromium" + (f" ({missing})" if missing else ""),
        unit="ms",
        ours=ours,
        goal=50,
        higher_is_better=False,
    )


def _checked_ms(receipt: bytes, policy: Policy) -> tuple[float | None, str]:
    browser = next(filter(None, map(which, CHROMIUM)), None)
    if browser is None:
        return None, "no Chromium here"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None, "Playwright is not installed"
    asked = [b64encode(receipt).decode(), b64encode(format_policy(policy)).decode(), _TIMES]
    with sync_playwright() as play, TemporaryDirectory() as folder:
        file = Path(folder) / "verify.html"  # a page from disk may use the browser's cryptography
        file.write_text(_page(), "utf-8")
        chromium: Any = play.chromium.launch(
            executable_path=browser, args=list(CHROMIUM_OPTIONS), headless=True
        )
        page = chromium.new_page()
        page.goto(file.as_uri())
        page.wait_for_function("() => Boolean(window.verifyReceipt)")
        verdict, took_ms = page.evaluate(_ASK, asked)
        chromium.close()
    if verdict != "valid":
        raise NotProved(f"the browser says {verdict} to a receipt of ours")
    return float(took_ms), ""


def _page() -> str:
    script = files("assent.web").joinpath("verifier", "verify.js").read_text("utf-8")
    exposed = "Object.assign(window, { parsePolicy, verifyReceipt });"
    return f'<!doctype html><title>bench</title><script type="module">{script}{exposed}</script>'
