"""Ways in which others' permission failed open, each as a test that ours does not.

Found in public code and talk; `name: what happened there`.
"""

from datetime import UTC, datetime

import numpy as np
import pytest

from assent.errors import BadInput, BadStatement, BadTable, BadText
from assent.permission.algebra import SILENT, Masks
from assent.permission.bulk import Holdings, permitted
from assent.permission.decide import decide
from assent.permission.facts import NO_TEXT, Facts, Holder, Role, Standing
from assent.permission.presets import parse_preset
from assent.permission.programs import parse_proposal
from assent.permission.statements import Piece, Said
from assent.permission.terms import parse_text
from assent.permission.uses import ALL, parse_use, parse_uses

AT = datetime(2031, 1, 1, tzinfo=UTC)
RIVAL = parse_use("partner/train-rival")
WIDE = Standing(role=Role.ACCEPTED, text="wide", masks=Masks(ALL, 0, 0), event=1)


def holder(said: Said, second: Standing) -> Holder:
    return Holder(id="a0", name="Ada Quill", first=WIDE, second=second, said=said)


def test_a_missing_attribute_skips_no_forbid() -> None:
    """Policy engines: "forbid if exempt" was skipped for objects without the attribute."""
    granted = Said((Piece(2, ALL),), ())
    for lacking in (
        Facts(recording="r0", holders=()),
        Facts(recording="r0", holders=(holder(granted, NO_TEXT[Role.CURRENT]),)),
        Facts(recording="r0", holders=(holder(granted, WIDE),), unclaimed=frozenset(["DE"])),
    ):
        assert not decide(lacking, RIVAL, AT).allowed


@pytest.mark.parametrize(
    "name",
    [
        "partner/train rival",
        "partner/train_rival",
        "Partner/Train-Rival",
        "partner/Train-rival",
        " partner/train-rival",
        "partner/train-rival ",
        "partner\u2010train-rival",
        "partner/train\u2010rival",
        "partner/trainrival",
        "partner",
        "partner/",
        "/train-rival",
        "partner/train-rival/x",
        "",
    ],
)
def test_a_name_written_another_way_is_an_error_and_never_passes(name: str) -> None:
    """A sound library compared "Attribution NonCommercial" with "Attribution-NonCommercial"."""
    with pytest.raises(BadStatement):
        parse_use(name)
    with pytest.raises(BadStatement):
        parse_uses([name])


def test_missing_consent_leaves_no_allow_standing() -> None:
    """A consent platform: without consent on record, "allow unless not opted in" allowed."""
    silent = Said((), ())
    current = Standing(role=Role.CURRENT, text="wide", masks=Masks(ALL, 0, 0), event=2)
    decision = decide(Facts(recording="r0", holders=(holder(silent, current),)), RIVAL, AT)
    assert not decision.allowed


@pytest.mark.parametrize("code", ["allow", "opt-out", "GRANTED", "", "3", "None"])
def test_an_unknown_preference_code_never_falls_through_to_allow(code: str) -> None:
    """A sound library: an intermediate preference code, since renamed, was treated as "allow"."""
    clause = f'[[clause]]\nid="x"\ntext="t"\nstatus="{code}"\nuses=["partner/*"]\n'
    with pytest.raises(BadText):
        parse_text(f'id="t"\ntitle="T"\n{clause}')
    with pytest.raises(BadStatement):
        parse_preset(code)
    with pytest.raises(BadText):
        parse_proposal(f'id="p"\nowner="o"\nactor="{code}"', AT)


def test_an_unknown_bit_opens_nothing() -> None:
    with pytest.raises(BadInput):
        permitted(np.zeros(3, np.uint64), 1 << 60)


def test_a_truncated_list_is_an_error_and_no_answer() -> None:
    """A relationship store: on its deadline it returned a part of the list as success."""
    words = np.full(100_001, ALL, np.uint64)
    assert int(np.bitwise_count(permitted(words, RIVAL)).sum()) == 100_001
    one = np.zeros(1, np.uint64)
    number = np.zeros(1, np.uint16)
    with pytest.raises(BadTable):
        Holdings(
            texts=[SILENT],
            first=number,
            second=number,
            granted=one,
            refused=one[:0],
            starts=np.array([0, 1], np.int64),
            held=one,
            original=np.full(1, -1, np.int64),
        )
