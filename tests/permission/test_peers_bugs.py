"""What went wrong elsewhere, one test each: here it is an error or a no."""

from dataclasses import replace

import numpy as np
import pytest

from assent.errors import BadInput, BadStatement, BadTable, BadText
from assent.permission.algebra import SILENT, Masks, ground, says, word
from assent.permission.bulk import Holdings, permitted, recompute
from assent.permission.decide import decide, word_of
from assent.permission.facts import NO_TEXT, Facts, Holder, Role, Standing
from assent.permission.presets import parse_preset
from assent.permission.programs import parse_proposal
from assent.permission.statements import Piece, Said
from assent.permission.uses import ALL, CONSENT_ONLY, labels, parse_use, parse_uses
from assent.terms.text import parse_text
from tests.permission.worlds import NOW

RIVAL = parse_use("partner/train-rival")
SEARCH = parse_use("platform/search")
OPEN = Standing(role=Role.AGREEMENT, text="deal", masks=Masks(ALL, 0, 0), event=1)
SAID_YES = Said((Piece(2, ALL),), ())
ADA = Holder(id="ada", name="Ada Quill", first=OPEN, second=OPEN, said=SAID_YES)


def test_a_missing_attribute_skips_no_prohibition() -> None:
    """Elsewhere a forbid that read a missing attribute failed, was skipped, and the yes stood."""
    assert word_of(Facts(recording="song", holders=(ADA,))) == ALL
    for lacking in (
        Facts(recording="song", holders=()),
        Facts(recording="song", holders=(replace(ADA, first=NO_TEXT[Role.AGREEMENT]),)),
        Facts(recording="song", holders=(replace(ADA, second=NO_TEXT[Role.AGREEMENT]),)),
        Facts(recording="song", holders=(ADA,), unclaimed=frozenset({"FR"})),
        Facts(recording="song", holders=(ADA,), original=Facts(recording="older", holders=())),
    ):
        assert word_of(lacking) == 0
        assert decide(lacking, SEARCH, NOW).reasons
    with pytest.raises(TypeError):
        Facts(recording="song")  # type: ignore[call-arg]  # the missing fact is the point
    with pytest.raises(TypeError):
        Holder(id="ada", name="Ada Quill", first=OPEN, second=OPEN)  # type: ignore[call-arg]  # as above


@pytest.mark.parametrize(
    "name",
    [
        "partner/train rival",
        "partner/train_rival",
        "partner/trainrival",
        "Partner/train-rival",
        "partner/Train-Rival",
        "PARTNER/TRAIN-RIVAL",
        " partner/train-rival",
        "partner/train-rival ",
        "partner/train-rival\n",
        "partner /train-rival",
        "partner//train-rival",
        "partner/train\u2010rival",
        "partner/train\u2011rival",
        "partner/train\u2013rival",
        "partner/train-r\u0456val",
        "partner-train-rival",
        "partner\u2010train-rival",
        "partner/train-rival/x",
        "partner/",
        "/train-rival",
        "partner",
        "",
    ],
)
def test_a_name_written_another_way_is_an_error_and_never_passes(name: str) -> None:
    """Elsewhere a licence was compared with a hyphen and stored with a space: the filter slept."""
    with pytest.raises(BadStatement):
        parse_use(name)
    with pytest.raises(BadStatement):
        parse_uses([name])
    with pytest.raises(BadStatement):
        parse_uses(["partner/train-rival", name])


def test_a_missing_consent_leaves_no_yes_standing() -> None:
    """Elsewhere an absent consent counted as "not refused", and the general yes stood."""
    silent = replace(ADA, said=Said((), ()))
    known = Facts(recording="song", holders=(silent,))
    assert word_of(known) & CONSENT_ONLY == 0
    assert word_of(replace(known, holders=(ADA, silent))) & CONSENT_ONLY == 0
    only_asks = replace(OPEN, masks=Masks(0, 0, ALL))
    asked = replace(silent, first=only_asks, second=only_asks)
    assert word_of(replace(known, holders=(ADA, asked))) == 0


CLAUSE = 'id = "a"\ntitle = "A"\n[[clause]]\nid = "b"\ntext = "c"\nstatus = "%s"\nuses = ["%s"]'
PROGRAM = """id = "a"
owner = "A"
actor = "%s"
activities = ["%s"]
purpose = "b"
retention_days = 1
contact = "c"
"""


@pytest.mark.parametrize(
    "status", ["optin", "opt-in", "OPT_IN", "allowed", "granted ", "", "unknown"]
)
def test_an_unknown_status_is_an_error(status: str) -> None:
    """Elsewhere an unknown preference code fell through to the last line, which said yes."""
    assert parse_text(CLAUSE % ("granted", "*/search")).masks.granted
    with pytest.raises(BadText):
        parse_text(CLAUSE % (status, "*/search"))


@pytest.mark.parametrize("name", ["everything", "No AI", "no_ai", "NO-AI", ""])
def test_an_unknown_preset_is_an_error(name: str) -> None:
    with pytest.raises(BadStatement):
        parse_preset(name)


@pytest.mark.parametrize(
    ("actor", "activity"),
    [
        ("operator", "search"),
        ("Platform", "search"),
        ("platform", "listen"),
        ("platform", "Search"),
    ],
)
def test_an_unknown_actor_or_activity_is_an_error(actor: str, activity: str) -> None:
    assert parse_proposal(PROGRAM % ("platform", "search"), NOW).uses == SEARCH
    with pytest.raises(BadInput):
        parse_proposal(PROGRAM % (actor, activity), NOW)


def test_an_unknown_bit_opens_nothing() -> None:
    beyond = (1 << 64) - 1
    every = Masks(beyond, beyond, beyond)
    assert word([ground(every, every, beyond, 0)], 0) == ALL
    assert says(SILENT, beyond, 0) == 0
    new = ALL + 1
    known = Facts(recording="song", holders=(ADA,))
    assert not decide(known, new, NOW).allowed
    assert not decide(known, SEARCH | new, NOW).allowed
    with pytest.raises(BadStatement):
        labels(new)


def test_an_answer_about_many_is_whole_or_an_error() -> None:
    """Elsewhere a list cut short by a deadline was returned as if it were all."""
    n = 100_003
    words = np.full(n, ALL, np.uint64)
    packed = permitted(words, SEARCH)
    assert int(np.bitwise_count(packed).sum()) == n
    assert len(packed) == (n + 7) // 8
    columns = Holdings(
        texts=[SILENT, Masks(ALL, 0, 0)],
        first=np.ones(n, np.uint16),
        second=np.ones(n, np.uint16),
        granted=np.zeros(n, np.uint64),
        refused=np.zeros(n, np.uint64),
        starts=np.arange(n + 1, dtype=np.int64),
        held=np.zeros(n, np.uint64),
        original=np.full(n, -1, np.int64),
    )
    assert recompute(columns).shape == (n,)
    for column in ("first", "second", "granted", "refused", "held", "original", "starts"):
        with pytest.raises(BadTable):
            replace(columns, **{column: getattr(columns, column)[:-1]})
