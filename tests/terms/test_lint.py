import pytest

from assent.errors import BadText
from assent.permission.uses import parse_uses
from assent.terms.grid import Scope
from assent.terms.lint import Finding, Level, Rule, lint
from assent.terms.shipped import SHIPPED, shipped
from assent.terms.text import parse_text

HEAD = """id = "lantern-1"
title = "Terms of Lantern Row"
company = "Lantern Row"
"""
NOTICE = """
[notice]
timing = "before"
days = 30
channel = "mail"
chance = "accept"
text = "We tell you."
"""
PROMISE = """
[[clause]]
id = "promise"
text = "We will not train on it without your yes."
status = "opt_in"
uses = ["platform/train-*"]
"""
EVERYBODY = PROMISE.replace('"platform/train-*"', '"*/*"')


def found(toml: str) -> list[Finding]:
    return list(lint(parse_text(HEAD + toml, strict=False)))


def rules(toml: str) -> list[tuple[Rule, str, int]]:
    return [(it.rule, it.clause, it.line) for it in found(toml)]


def test_a_text_that_closes_everything_and_tells_of_changes_has_nothing_to_say() -> None:
    assert found(NOTICE + EVERYBODY) == []


def test_a_clause_that_decides_nothing_is_an_error_and_each_is_found() -> None:
    later = EVERYBODY.replace('"promise"', '"later"')
    once_more = PROMISE.replace('"promise"', '"again"')
    errors = [it for it in found(NOTICE + PROMISE + once_more + later) if it.level is Level.ERROR]
    assert [(it.rule, it.clause) for it in errors] == [
        (Rule.OVERRIDDEN, "promise"),
        (Rule.OVERRIDDEN, "again"),
    ]
    with pytest.raises(BadText, match="wholly overridden"):
        parse_text(HEAD + NOTICE + PROMISE + once_more + later)


def test_a_promise_that_binds_only_we_leaves_the_same_to_those_around() -> None:
    (only_we,) = found(NOTICE + PROMISE)
    assert (only_we.rule, only_we.clause, only_we.line) == (Rule.ONLY_WE, "promise", 12)
    assert only_we.cells == Scope(uses=parse_uses(["group/train-*", "partner/train-*"])).cells
    assert "binds Lantern Row only" in only_we.text
    wider = PROMISE.replace('"platform/train-*"', '"platform/train-*", "group/train-*"')
    assert found(NOTICE + wider) == []


def test_a_definition_that_takes_something_out_of_a_promise_is_told_with_what_it_takes() -> None:
    definition = """
[[definition]]
id = "improvement"
text = "Improving our models is not training."
of = ["promise"]
uses = ["platform/train-analysis"]
"""
    by_rule = {it.rule: it for it in found(NOTICE + definition + EVERYBODY)}
    emptied = by_rule[Rule.EMPTIED]
    assert emptied.cells == Scope(uses=parse_uses(["platform/train-analysis"])).cells
    assert "Improving our models is not training." in emptied.text
    assert "train models that sort or score" in emptied.text


def test_what_a_heading_seems_to_promise_and_the_contract_does_not_is_told() -> None:
    claim = """
[[claim]]
id = "never"
text = "Your music trains nothing."
where = "heading"
status = "barred"
uses = ["*/train-*"]
"""
    claimed = next(it for it in found(NOTICE + claim + PROMISE) if it.rule is Rule.CLAIMED)
    assert claimed.clause == "never"
    left = parse_uses(["group/train-*", "partner/train-*", "public/train-*"])
    assert claimed.cells == Scope(uses=left).cells
    assert found(NOTICE + claim + EVERYBODY) == []


@pytest.mark.parametrize(
    ("notice", "rule"),
    [
        ("", Rule.NO_NOTICE),
        (NOTICE.replace("days = 30\n", ""), Rule.WEAK_NOTICE),
        (NOTICE.replace('"before"', '"after"'), Rule.WEAK_NOTICE),
        (NOTICE.replace('"accept"', '"leave"'), Rule.WEAK_NOTICE),
    ],
)
def test_a_text_that_does_not_tell_of_its_changes_in_time_is_found(notice: str, rule: Rule) -> None:
    assert [it.rule for it in found(notice + EVERYBODY)] == [rule]


def test_an_agreement_needs_no_notice_it_changes_when_both_sign() -> None:
    assert found('party = "Nightjar"\n' + EVERYBODY) == []


def test_a_clause_about_later_uploads_only_is_told() -> None:
    later = EVERYBODY.replace("uses =", 'time = ["after"]\nuses =')
    assert (Rule.LATER_ONLY, "promise", 12) in rules(NOTICE + later)


def test_a_sentence_about_ai_that_no_rule_stands_on_is_told_and_others_are_not() -> None:
    prose = '''prose = """
We will not train on it without your yes. We tell you. You may cancel at any time.

We may share data sets with others.
"""
'''
    unruled = [it for it in found(prose + NOTICE + EVERYBODY) if it.rule is Rule.UNRULED]
    assert [it.text for it in unruled] == [
        "No rule stands on this sentence: “We may share data sets with others.”"
    ]


def test_errors_come_first() -> None:
    later = EVERYBODY.replace('"promise"', '"later"')
    levels = [it.level for it in found(PROMISE + later)]
    assert levels == [Level.ERROR, Level.WARNING]


def test_of_the_shipped_texts_none_has_an_error_and_those_that_bind_only_we_are_told() -> None:
    by_text = {name: lint(shipped(name)) for name in SHIPPED}
    assert not any(it.level is Level.ERROR for some in by_text.values() for it in some)
    assert Rule.ONLY_WE in {it.rule for it in by_text["soundcloud-2025-05"]}
    assert Rule.CLAIMED in {it.rule for it in by_text["wetransfer-2025-07-23"]}


def test_what_is_left_of_a_sentence_that_is_quoted_in_part_is_told() -> None:
    prose = '''prose = """
We will not train on it without your yes, except where that improves our services. We tell you.
"""
'''
    cut = EVERYBODY.replace("your yes.", "your yes")
    (unruled,) = [it for it in found(prose + NOTICE + cut) if it.rule is Rule.UNRULED]
    assert "“except where that improves our services”" in unruled.text
    letter = EVERYBODY.replace("We will not train on it without your yes.", "a")
    with pytest.raises(BadText, match="quotes what is not in the prose: 'a'"):
        found(prose + NOTICE + letter)


@pytest.mark.parametrize(
    "sentence",
    [
        "Training on your uploads is allowed.",
        "Generative tools learn from it.",
        "We use Machine Learning.",
        "Artificial Intelligence vendors get it.",
        "Scraping by partners is fine.",
        "Neural networks are fed with it.",
        "An LLM reads it.",
    ],
)
def test_a_sentence_about_ai_is_found_however_it_is_written(sentence: str) -> None:
    prose = f'prose = """\nWe will not train on it without your yes. We tell you. {sentence}\n"""\n'
    assert Rule.UNRULED in {it.rule for it in found(prose + NOTICE + EVERYBODY)}


@pytest.mark.parametrize(
    ("status", "words", "drifts"),
    [
        ("opt_out", "We ask: everything waits for your yes.", True),
        ("granted", "We will not without your prior written consent.", True),
        ("granted", "We do so, unless you say no.", True),
        ("opt_in", "We do so unless you opt out.", True),
        ("opt_out", "We do so, unless you say no.", False),
        ("opt_in", "Only with your consent.", False),
        ("barred", "Nobody does.", False),
        ("granted", "We do so.", False),
    ],
)
def test_words_that_sound_like_another_rule_are_told(
    status: str, words: str, *, drifts: bool
) -> None:
    toml = EVERYBODY.replace("opt_in", status).replace(
        "We will not train on it without your yes.", words
    )
    assert (Rule.DRIFT in {it.rule for it in found(NOTICE + toml)}) == drifts


def test_of_the_shipped_texts_no_sentence_sounds_like_another_rule() -> None:
    for name in SHIPPED:
        assert Rule.DRIFT not in {it.rule for it in lint(shipped(name))}, name


def test_a_clause_that_takes_generative_uses_is_told() -> None:
    toml = EVERYBODY.replace("opt_in", "granted").replace(
        "not train on it without your yes", "train"
    )
    taken = next(it for it in found(NOTICE + toml) if it.rule is Rule.TAKEN)
    assert (
        taken.cells
        == Scope(
            uses=parse_uses(
                [
                    "*/train-voice",
                    "*/train-style",
                    "*/train-rival",
                    "*/train-tool",
                    "*/input-*",
                    "*/supply",
                ]
            )
        ).cells
    )
