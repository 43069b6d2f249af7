"""The verifier's page: one file that lets nothing in and nothing out, opened in a real browser."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from assent.errors import BadProof
from assent.log.note import verify_ed25519
from assent.permission.uses import labels
from assent.permission.wording import ACTIVITY_WORDS, ACTOR_WORDS
from assent.web.verifier_page import verifier_page
from tests.web import receipts as made

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SOURCES = Path(__file__).parents[2] / "src" / "assent" / "web" / "verifier"
CCTV = Path(__file__).parents[3] / "shared" / "vectors" / "ed25519" / "ed25519vectors.json"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
STATEMENT, RECORDING = made.said_of("statement"), made.said_of("recording")
TRUSTING = made.POLICY.replace(b"quorum all-of-them", b"quorum none")


# ---- the file


def inside(page: str, tag: str) -> list[str]:
    return re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", page, re.DOTALL)


def test_the_policy_lets_in_this_script_and_this_style_and_nothing_else() -> None:
    page = verifier_page(made.POLICY)
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    [style] = inside(page, "style")
    _, script = inside(page, "script")

    def only(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    assert rules.pop("script-src") == only(script)
    assert rules.pop("style-src") == only(style)
    assert rules.pop("require-trusted-types-for") == "'script'"
    assert set(rules) == {
        "default-src",
        "connect-src",
        "base-uri",
        "form-action",
        "trusted-types",
    }
    assert set(rules.values()) == {"'none'"}


def test_it_names_no_other_file_and_puts_no_text_in_as_markup() -> None:
    page = verifier_page(made.POLICY)
    assert not re.search(r"""\b(src|href|action|style|on\w+)\s*=\s*["']""", page)
    assert not re.search(r"@import|url\(|\bimport\b\s*[({'\"]|fetch\(|XMLHttp|sendBeacon", page)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", page)
    assert page.count("<script") == page.count("</script") == 2
    assert "<!--" not in page


def test_it_pins_the_policy_it_was_made_with_and_its_script_is_always_the_same() -> None:
    odd = made.POLICY + "# {{script}} </script><script>alert(1)</script> {{csp}} \u2014\n".encode()
    pages = [verifier_page(policy) for policy in (made.POLICY, odd, TRUSTING)]
    given = [json.loads(inside(page, "script")[0]) for page in pages]
    assert [b64decode(one["policy"]) for one in given] == [made.POLICY, odd, TRUSTING]
    assert len({inside(page, "script")[1] for page in pages}) == 1


def test_it_is_given_the_words_for_uses_in_the_order_of_their_bits() -> None:
    given = json.loads(inside(verifier_page(made.POLICY), "script")[0])
    names = tuple(f"{actor}/{act}" for actor in given["actors"] for act in given["activities"])
    assert names == labels(2 ** len(names) - 1)
    assert list(given["actors"].values()) == list(ACTOR_WORDS.values())
    assert list(given["activities"].values()) == list(ACTIVITY_WORDS.values())


def test_no_page_is_made_for_a_policy_that_breaks_its_format() -> None:
    with pytest.raises(BadProof):
        verifier_page(b"quorum nobody\n")


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_text_stands_out_in_light_and_dark() -> None:
    style = (SOURCES / "page.css").read_text("utf-8")
    schemes = re.findall(r":root \{([^}]*)\}", style)
    assert len(schemes) == 2
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", scheme))
        for ground in (colours["paper"], colours["raised"]):
            for text in ("ink", "soft", "accent", "good", "gone", "doubt", "bad"):
                assert contrast(colours[text], ground) >= 4.5, text
            assert contrast(colours["edge"], ground) >= 3


# ---- the browser


Opens = Callable[..., "Page"]


@pytest.fixture
def opened(browser: "Browser", tmp_path: Path) -> Iterator[Opens]:
    """Give what opens the page from the disk; it asks for no other file and reports no error."""
    asked: list[str] = []
    errors: list[str] = []
    contexts = []

    def opens(policy: bytes = made.POLICY, before: str = "", **how: Any) -> "Page":
        file = tmp_path / "verifier.html"
        file.write_text(verifier_page(policy), "utf-8")
        context = browser.new_context(**{"viewport": PHONE, **how})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text))
        if before:
            page.add_init_script(before)
        page.goto(file.as_uri())
        page.wait_for_selector("#trust h3, #answer p")
        return page

    yield opens
    for context in contexts:
        context.close()
    assert not errors
    assert {url.rpartition("/")[2] for url in asked} == {"verifier.html"}


def choose(page: "Page", data: bytes, name: str = "a.tlog-proof") -> str:
    """Choose a file; return the verdict and its reason."""
    page.set_input_files(
        "#file", {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    return answer(page)


def answer(page: "Page") -> str:
    page.wait_for_selector("#answer[data-verdict]")
    said = page.locator("#answer")
    return f"{said.get_attribute('data-verdict')}: {said.get_attribute('data-reason')}"


def told(page: "Page") -> str:
    return page.locator("#answer").inner_text()


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_each_verdict_is_told_in_big_words(opened: Opens) -> None:
    page = opened()
    valid = made.Proof(said=STATEMENT)
    files = {
        "valid: ok": ("It holds", valid.bytes()),
        "valid, content erased: erased": (
            "It holds; its content was erased",
            made.Proof(said=STATEMENT, extra={"entry": STATEMENT.entry}).bytes(),
        ),
        "unwitnessed: quorum": (
            "Unwitnessed",
            made.Proof(said=STATEMENT, witnesses=made.WITNESSES[:1]).bytes(),
        ),
        "invalid: bad-signature": ("It does not hold", flipped(valid.bytes(), -40)),
        "invalid: wrong-format": ("It does not hold", b"%PDF-1.7"),
    }
    for expected, (words, data) in files.items():
        assert choose(page, data) == expected
        assert page.locator("#answer h2").inner_text() == words
        assert ("Do not rely" in told(page)) == expected.startswith("invalid")
        assert ("In the log" in told(page)) != expected.startswith("invalid")


def test_it_tells_what_was_said_when_by_which_log_and_who_saw_it(opened: Opens) -> None:
    page = opened()
    choose(page, made.Proof(said=STATEMENT, shown={"by": "Ada"}).bytes())
    text = told(page)
    for said in (
        "About recording r0, for every program.",
        "show it in search (the platform)",
        "recommend it to listeners (the platform; companies that belong to the platform)",
        "train a model that makes voices like yours (anybody else)",
        "The yes ends at 1 January 2026 at 00:00 UTC.",
        "Ada",
        "6 February 2025 at 09:30 UTC",
        made.CONSENT.name,
        "ada, 1 March 2025 at 12:00 UTC",
        "Enough independent witnesses",
    ):
        assert said in text
    page.locator("#answer summary").click()
    assert f'"log": "{made.CONSENT.name}"' in told(page)


@pytest.mark.parametrize("said", made.EVENTS, ids=lambda said: f"{said.number} {said.kind}")
def test_every_kind_of_event_is_told(opened: Opens, said: made.Said) -> None:
    page = opened()
    assert choose(page, made.Proof(said=said).bytes()) == "valid: ok"
    assert "An event of the kind" not in told(page)


def test_parts_shown_of_a_list_are_told_without_their_salt(opened: Opens) -> None:
    page = opened()
    shown = {"holders": [made.listed(made.HOLDERS, 3)]}
    choose(page, made.Proof(said=RECORDING, shown=shown).bytes())
    # it was the bare JSON of the log, as was the hour
    assert "Rights holder a3: 20 %" in told(page)
    shown = {"counts": [made.listed(made.COUNTS, 1)]}
    choose(page, made.Proof(said=made.said_of("use"), shown=shown).bytes())
    assert "Recording r1: 4 times" in told(page)
    assert "In the hour: from 7 February 2025 at 09:00 UTC" in told(page)


def test_proofs_about_a_recording_are_told(opened: Opens) -> None:
    page = opened()
    assert choose(page, made.word_proof().bytes()) == "valid: ok"
    assert "AI was allowed to:" in told(page)
    assert "count how it does (the platform)" in told(page)
    choose(page, made.set_proof(1).bytes())
    assert "is in the training set s0." in told(page)
    choose(page, made.set_proof(99).bytes())
    assert "“Never used”, registered 5 February 2025 at 09:30 UTC, is not in the training set" in (
        told(page)
    )


def test_what_is_older_than_asked_for_is_told_at_once(opened: Opens) -> None:
    page = opened()
    choose(page, made.Proof(said=STATEMENT).bytes())
    page.select_option("#age", "86400")
    assert answer(page) == "stale: too-old"
    page.select_option("#age", "")
    assert answer(page) == "valid: ok"


def test_evidence_is_told_part_by_part(opened: Opens) -> None:
    page = opened()
    assert choose(page, made.evidence(), "evidence.zip") == "partly: not-all-checked"
    assert page.locator("#answer h2").inner_text() == "As far as this page looks, it holds"
    assert page.locator("#answer").get_attribute("class") == "doubt"
    meaning = page.locator("#answer .meaning").inner_text()
    for said in (
        "the list of files is signed",
        "the set and its members are those on record",
        "the receipts hold",
        "did not check whether every holder of every member had said yes",
        "assent verify on the command line",
        "Enough independent witnesses",
    ):
        assert said in meaning
    assert page.locator(".parts li").count() == 6
    files = made.evidence_files()
    note = made.evidence_note(files)
    wrong = {**files, "items.jsonl": files["items.jsonl"].replace(b"Song 3", b"Song 4")}
    changed = made.zipped({"evidence.note": note, **wrong, "notes.txt": b"x"})
    assert choose(page, changed, "evidence.zip") == "invalid: malformed"
    assert "Not as listed: items.jsonl, notes.txt." in told(page)
    assert page.locator(".parts li.bad").count() == 1
    assert page.locator(".parts li.doubt").count() == 2
    unseen = made.evidence(made.evidence_files(witnesses=()))
    assert choose(page, unseen, "evidence.zip") == "unwitnessed: quorum"
    assert "did not check whether every holder" in told(page)


def test_evidence_after_an_erasure_is_told_without_alarm(opened: Opens) -> None:
    page = opened()
    after = made.evidence(made.evidence_after_erasure())
    assert choose(page, after, "evidence.zip") == "partly: not-all-checked"
    assert "It is left out, because it names somebody who was erased since." in told(page)
    assert page.locator(".parts li.bad").count() == 0


def test_a_bomb_is_refused_and_the_page_lives(opened: Opens) -> None:
    page = opened()
    bomb = made.zipped({"evidence.note": bytes(80 << 20)})
    at = bomb.index(b"PK\x01\x02") + 24
    small = bomb[:at] + (1000).to_bytes(4, "little") + bomb[at + 4 :]
    assert choose(page, small, "evidence.zip") == "invalid: malformed"
    assert choose(page, made.Proof(said=STATEMENT).bytes()) == "valid: ok"


def test_markup_in_a_file_stays_text(opened: Opens) -> None:
    page = opened()
    evil = "<img src=x onerror=document.title=1>{{script}}"
    name = f"{evil.replace('/', '')}.tlog-proof"
    proof = made.Proof(said=STATEMENT, shown={"by": "Ada"})
    assert choose(page, proof.bytes(), name) == "valid: ok"
    assert name in told(page)
    assert page.locator("#answer img").count() == 0
    log = made.Key(evil.replace(" ", "_"), 1)
    assert choose(page, proof.bytes().replace(made.BASE.encode(), log.name.encode())).startswith(
        "invalid: unknown-log"
    )
    assert log.name in told(page)
    assert page.title() == "Does this file hold?"


def test_whom_it_trusts_is_there_to_be_compared(opened: Opens) -> None:
    page = opened()
    text = page.locator("#trust").inner_text()
    for key in (made.CONSENT, made.INDEX, *made.WITNESSES):
        assert f"{key.name}, key {key.id.hex()}" in text
    assert "A receipt needs at least 2 of (ada, ben, eve)." in text
    page.locator("#trust summary").click()
    assert made.POLICY.decode().strip() in page.locator("#trust pre").inner_text()


def test_where_no_witness_is_asked_for_it_says_so(opened: Opens) -> None:
    page = opened(TRUSTING)
    assert "A receipt needs none of them." in page.locator("#trust").inner_text()
    assert choose(page, made.Proof(said=STATEMENT, witnesses=()).bytes()) == "valid: ok"
    assert "only the platform vouches for it" in told(page)
    assert "Witnessed by\nnobody that this page knows" in told(page)


def test_it_works_by_keyboard_alone_and_answers_are_announced(opened: Opens) -> None:
    page = opened()
    reached = []
    for _ in range(3):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert reached == ["file", "age", "SUMMARY"]
    for control in ("file", "age"):
        assert page.locator(f"label[for={control}]").count() == 1
    assert page.locator("#answer").get_attribute("role") == "status"
    page.focus("#age")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_file_can_be_dropped_anywhere(opened: Opens) -> None:
    page = opened()
    data = list(made.Proof(said=STATEMENT).bytes())
    transfer = page.evaluate_handle(
        """(data) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(data)], 'dropped.tlog-proof'));
            return transfer;
        }""",
        data,
    )
    page.dispatch_event("body", "dragover", {"dataTransfer": transfer})
    assert page.locator(".drop.over").count() == 1
    page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    assert answer(page) == "valid: ok"
    assert page.locator(".drop.over").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_is_wider_than_the_screen(
    opened: Opens, scheme: str, viewport: dict[str, int]
) -> None:
    page = opened(color_scheme=scheme, viewport=viewport)
    for data in (made.set_proof(1).bytes(), made.evidence(), b"x"):
        choose(page, data)
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 22, 20)"
    assert dark == (scheme == "dark")


def test_nothing_gets_out_not_even_if_the_script_tried(browser: "Browser", tmp_path: Path) -> None:
    file = tmp_path / "verifier.html"
    file.write_text(verifier_page(made.POLICY), "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    blocked = page.evaluate(
        """async () => {
            const said = new Promise((tell) => document.addEventListener(
                'securitypolicyviolation', (event) => tell(event.effectiveDirective)));
            await fetch('https://example.invalid/').catch(() => {});
            return said;
        }"""
    )
    assert blocked == "connect-src"
    page.close()


def test_a_browser_without_ed25519_says_that_it_cannot(opened: Opens) -> None:
    page = opened(
        before="SubtleCrypto.prototype.importKey = () =>"
        " Promise.reject(new DOMException('no', 'NotSupportedError'));"
    )
    assert "This browser cannot check the signatures" in told(page)
    assert page.is_disabled("#file")


def accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


# the vectors are others' and not copied into the project; receipts of ours are checked everywhere
@pytest.mark.skipif(
    not CCTV.is_file(), reason="the Ed25519 vectors are not in `shared/vectors` beside the project"
)
def test_the_browser_accepts_the_signatures_that_python_does(
    browser: "Browser", tmp_path: Path
) -> None:
    rows = json.loads(CCTV.read_text())
    file = tmp_path / "harness.html"
    script = (SOURCES / "verify.js").read_text("utf-8")
    exposed = "globalThis.verifier = { verifyEd25519, bytesOfHex, utf8, subtle };"
    file.write_text(
        f"<!doctype html><meta charset=utf-8><script type=module>{script}{exposed}</script>",
        "utf-8",
    )
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_function("globalThis.verifier")
    engine, ours = page.evaluate(
        """async (rows) => {
            const { verifyEd25519, bytesOfHex, utf8, subtle } = verifier;
            const answers = [[], []];
            for (const { key, msg, sig } of rows) {
                const [bytes, signature] = [bytesOfHex(key, 32), bytesOfHex(sig, 64)];
                const given = await subtle.importKey('raw', bytes, 'Ed25519', false, ['verify'])
                    .then((key) => subtle.verify('Ed25519', key, signature, utf8(msg)))
                    .catch(() => false);
                answers[0].push(given);
                answers[1].push(await verifyEd25519(bytes, utf8(msg), signature));
            }
            return answers;
        }""",
        rows,
    )
    page.close()
    parts = [
        (bytes.fromhex(row["key"]), row["msg"].encode(), bytes.fromhex(row["sig"])) for row in rows
    ]
    assert ours == [verify_ed25519(*part) for part in parts]
    assert engine == [accepts(*part) for part in parts]
