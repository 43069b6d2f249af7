"""What is told to be open after a choice is what is open, no more, no less, and for that reason."""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from assent.catalogue import tables
from assent.catalogue.projection import record
from assent.catalogue.rows import program_of
from assent.catalogue.words import recordings_of, stored_words
from assent.permission.algebra import Masks
from assent.permission.facts import Role, Standing
from assent.permission.presets import PRESETS, Preset
from assent.permission.statements import Statement
from assent.permission.uses import ALL, CONSENT_ONLY, parse_uses
from assent.studio.foresight import foresee
from assent.studio.foresight_presets import TRAINS, outlook_of, outlooks_of, promise
from assent.studio.foresight_reach import reaches
from assent.studio.foresight_remains import Because
from tests.catalogue.histories import Step, histories, tell
from tests.databases import undone
from tests.studio.test_foresight import CHOICES, body_of, choice, happened, play

many = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def bits(word: int) -> list[int]:
    return [1 << at for at in range(word.bit_length()) if word >> at & 1]


@many
@given(steps=histories(), kind=st.sampled_from(CHOICES), seed=st.integers(0, 2**20))
def test_what_is_told_to_be_open_is_what_is_open(
    engine: Engine, steps: list[Step], kind: str, seed: int
) -> None:
    with undone(engine) as connection:
        at = happened(connection, steps).at
        said = choice(connection, kind, Random(seed))
        foreseen = foresee(connection, [said], at)
        record(connection, "statement", at, said.holder, body_of(said))
        row = connection.execute(
            select(tables.programs).where(tables.programs.c.id == said.program)
        ).first()
        asked = program_of(row).uses if row else ALL
        own = recordings_of(connection, said.holder, said.recording)
        words = stored_words(connection, own, said.program)
        real: Counter[int] = Counter()
        for word in words.values():
            real.update(bits(word & asked))
        told: Counter[int] = Counter()
        for it in foreseen.remains:
            told.update({use: n for use, n in it.counts.items() if n})
        assert +told == +real
        for it in foreseen.remains:
            assert not (it.because is Because.TAKEN and it.uses & CONSENT_ONLY)


@many
@given(steps=histories(), seed=st.integers(0, 2**20))
def test_the_programs_that_are_told_to_use_recordings_are_those_that_may(
    engine: Engine, steps: list[Step], seed: int
) -> None:
    with undone(engine) as connection:
        at = happened(connection, steps).at
        said = choice(connection, "preset", Random(seed))
        foreseen = foresee(connection, [said], at)
        record(connection, "statement", at, said.holder, body_of(said))
        own = recordings_of(connection, said.holder)
        real = {}
        running = select(tables.programs).where(tables.programs.c.ended.is_(None))
        for row in connection.execute(running).all():
            program = program_of(row)
            words = stored_words(connection, own, program.id)
            of = sum(word & program.uses == program.uses for word in words.values())
            if of and (program.end is None or at < program.end):
                real[program.id] = of
        assert {it.program: len(it.gains) + len(it.keeps) for it in foreseen.users} == real


@many
@given(steps=histories(), place=st.integers(0, 5), preset=st.sampled_from(list(Preset)))
def test_a_preset_never_leaves_more_open_than_its_card_says(
    engine: Engine, steps: list[Step], place: int, preset: Preset
) -> None:
    with undone(engine) as connection:
        events = tell(steps)
        play(connection, events)
        at = events[-1].at
        accounts = list(connection.execute(select(tables.accounts.c.id)).scalars())
        account = accounts[place % len(accounts)]
        outlook = outlooks_of(connection, account)[preset]
        masks = PRESETS[preset]
        said = Statement(
            event=0,
            holder=account,
            grants=masks.granted,
            refuses=masks.refused,
            withdraws=ALL,
            lifts=ALL,
        )
        record(connection, "statement", at, account, body_of(said))
        words = stored_words(connection, recordings_of(connection, account), None)
        for word in words.values():
            assert not word & ~outlook.open
            assert not word & CONSENT_ONLY
        left = 0
        for it in outlook.left:
            left |= it.uses
        assert left & TRAINS == outlook.open & TRAINS & ~masks.granted


def texts(granted: int, opt_out: int = 0) -> tuple[tuple[Standing, Standing], ...]:
    text = Masks(granted, opt_out, ALL & ~granted & ~opt_out)
    one = Standing(role=Role.ACCEPTED, text="wide-2", masks=text, event=1)
    return ((one, one),)


@pytest.mark.parametrize("preset", [Preset.FOUND, Preset.ASK])
def test_a_preset_says_that_nothing_is_trained_only_where_that_is_so(preset: Preset) -> None:
    shut = outlook_of(preset, texts(parse_uses(["platform/search"])))
    wide = outlook_of(preset, texts(parse_uses(["*/search", "partner/train-analysis"])))
    assert "othing is trained on it" in " ".join(promise(shut))
    assert "othing is trained on it" not in " ".join(promise(wide))
    assert (shut.is_true, wide.is_true) == (True, False)
    (left,) = wide.left
    assert (left.because, left.texts) == (Because.TAKEN, ("wide-2",))


def test_no_ai_names_only_what_it_keeps_shut() -> None:
    shut = " ".join(promise(outlook_of(Preset.NO_AI, texts(parse_uses(["platform/protect"])))))
    assert "no training, no imitation, no recommending and no search" in shut
    assert "Only copies and fraud are still looked for" in shut
    wide = parse_uses(["partner/train-analysis", "platform/search", "platform/protect"])
    said = " ".join(promise(outlook_of(Preset.NO_AI, texts(wide))))
    assert "no imitation and no recommending" in said
    assert "no training" not in said
    assert "Only copies" not in said
    nothing = " ".join(promise(outlook_of(Preset.NO_AI, texts(0))))
    assert "Nothing at all is open" in nothing
    assert "looked for" not in nothing


@many
@given(steps=histories(), seed=st.integers(0, 2**20))
def test_what_a_program_has_already_is_what_it_may_use(
    engine: Engine, steps: list[Step], seed: int
) -> None:
    with undone(engine) as connection:
        at = happened(connection, steps).at
        said = choice(connection, "grant", Random(seed))
        if said.program is None:
            return
        found = reaches(connection, [said], at).get(said.program)
        if found is None:
            return  # it has ended
        row = connection.execute(
            select(tables.programs).where(tables.programs.c.id == said.program)
        ).one()
        uses = program_of(row).uses
        own = recordings_of(connection, said.holder, said.recording)
        words = stored_words(connection, own, said.program)
        assert found.has == sum(word & uses == uses for word in words.values())
        assert bool(found.because) == bool(found.has)
