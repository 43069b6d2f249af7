"""Every field of a file of terms beside its clauses, and what is refused in each."""

from datetime import date
from pathlib import Path
from re import DOTALL, findall

import pytest

from assent.errors import BadText
from assent.permission.uses import parse_uses
from assent.terms.clause import Status
from assent.terms.grid import Material, Provenance, Scope, Time
from assent.terms.notice import NO_NOTICE, Chance, Channel, Timing
from assent.terms.parts import Origin, Where
from assent.terms.text import MOST_CLAUSES, parse_text

DOCS = Path(__file__).parents[2] / "docs" / "terms.md"
FULL = '''id = "full-1"
title = "A full text"
company = "Lantern Row"
effective = 2031-03-01
prose = """
We *will not* train models that aim to copy you without your yes,
but for safety. “Improvement” is not training. We tell you thirty days before.
We serve you with [search](https://lantern.example/search).
"""

[source]
service = "Lantern Row"
document = "Terms"
recorded = 2031-02-01
origin = "text"
archive = "an archive"
file = "lantern.md"
note = "A note."

[notice]
timing = "before"
days = 30
channel = "mail"
chance = "accept"
text = "We tell you thirty days before."

[[switch]]
id = "copying-only"
text = "The aim limits it."
on = true

[[definition]]
id = "improvement"
text = '"Improvement" is not training.'
of = ["promise"]
uses = ["platform/train-tool"]

[[claim]]
id = "slogan"
text = "We never train."
where = "faq"
status = "barred"
uses = ["*/train-*"]

[[clause]]
id = "promise"
text = "We will not train models that aim to copy you without your yes"
status = "opt_in"
uses = ["platform/train-*"]
material = ["audio", "content"]
provenance = ["own"]
time = ["after"]

[[clause.qualifier]]
words = "that aim to copy you"
uses = ["*/train-voice", "*/train-style"]
switch = "copying-only"

[[clause.exception]]
words = "but for safety"
material = ["content"]

[[clause]]
id = "search"
text = "We serve you with search."
status = "granted"
uses = ["platform/search"]
unless = "copying-only"
'''


def test_every_field_is_read() -> None:
    text = parse_text(FULL)
    assert text.effective == date(2031, 3, 1)
    assert text.company == "Lantern Row"
    source = text.source
    assert source
    assert (source.recorded, source.origin) == (date(2031, 2, 1), Origin.TEXT)
    assert (source.archive, source.file, source.note) == ("an archive", "lantern.md", "A note.")
    notice = text.notice
    assert (notice.timing, notice.days) == (Timing.BEFORE, 30)
    assert (notice.channel, notice.chance) == (Channel.MAIL, Chance.ACCEPT)
    (claim,) = text.claims
    assert (claim.id, claim.where, claim.status) == ("slogan", Where.FAQ, Status.BARRED)
    (promise,) = text.clauses
    assert promise.scope == Scope(
        uses=parse_uses(["platform/train-*"]),
        material=frozenset({Material.AUDIO, Material.CONTENT}),
        provenance=frozenset({Provenance.OWN}),
        time=frozenset({Time.AFTER}),
    )
    assert (
        promise.cells
        == Scope(
            uses=parse_uses(["platform/train-voice", "platform/train-style"]),
            material=frozenset({Material.AUDIO}),
            provenance=frozenset({Provenance.OWN}),
            time=frozenset({Time.AFTER}),
        ).cells
    )
    assert [it.words for it in promise.definitions] == ['"Improvement" is not training.']


def test_a_switch_that_is_flipped_takes_what_hangs_on_it_and_brings_what_hangs_on_its_absence() -> (
    None
):
    text = parse_text(FULL, flipped=frozenset({"copying-only"}))
    promise, search = text.clauses
    assert search.id == "search"
    uses = parse_uses(["platform/train-*"]) & ~parse_uses(["platform/train-tool"])
    assert promise.cells & Scope(uses=uses, material=frozenset({Material.AUDIO})).cells
    assert not promise.qualifiers
    assert [it.on for it in text.switches] == [False]


def test_a_text_without_more_has_no_notice_no_source_and_no_switch() -> None:
    text = parse_text(
        'id = "a"\ntitle = "A"\n'
        '[[clause]]\nid = "b"\ntext = "c"\nstatus = "granted"\nuses = ["*/*"]'
    )
    assert (text.notice, text.source, text.switches) == (NO_NOTICE, None, ())
    assert text.company == "the platform"


def test_the_example_of_the_docs_is_a_text() -> None:
    (example,) = findall(r"```toml\n(.*?)```", DOCS.read_text(), DOTALL)
    assert [clause.id for clause in parse_text(example).clauses] == ["promise", "added"]


SWITCH, NOTICE, SOURCE, DEFINITION, CLAIM, CLAUSE, EXCEPTION = (
    FULL.split("\n").index(header) + 1
    for header in (
        "[[switch]]",
        "[notice]",
        "[source]",
        "[[definition]]",
        "[[claim]]",
        "[[clause]]",
        "[[clause.exception]]",
    )
)
REFUSED = {
    "a day with an hour": (
        "2031-03-01\n",
        "2031-03-01T00:00:00Z\n",
        "a text needs effective, a day",
        1,
    ),
    "a wording that is neither": ("company =", 'wording = "sung"\ncompany =', "needs wording", 1),
    "a text of its own in a generated wording": (
        "company =",
        'wording = "generated"\ncompany =',
        "clause 'promise' has a text of its own",
        CLAUSE + 1,
    ),
    "a quote that is not in the prose": (
        'text = "We will not train models',
        'text = "We will never train models',
        "clause 'promise' quotes what is not in the prose",
        CLAUSE,
    ),
    "an exception that is not in the prose": (
        '"but for safety"',
        '"but for fun"',
        "clause 'promise' quotes what is not in the prose: 'but for fun'",
        EXCEPTION,
    ),
    "a notice that is not in the prose": (
        'text = "We tell you thirty',
        'text = "We tell you ninety',
        "the notice quotes what is not in the prose",
        NOTICE,
    ),
    "a notice without a chance": ('chance = "accept"\n', "", "the notice needs chance", NOTICE),
    "a notice of half a day": ("days = 30", "days = 0.5", "the notice needs days", NOTICE),
    "a notice of a yes": ("days = 30", "days = true", "the notice needs days", NOTICE),
    "a notice of a hundred years": ("days = 30", "days = 36500", "the notice needs days", NOTICE),
    "a notice that is a list": ("[notice]", "[[notice]]", "needs its notice as a", NOTICE),
    "a source without a day": ("recorded = 2031-02-01\n", "", "needs recorded, a day", SOURCE),
    "a source from nowhere": ('"text"\narchive', '"rumour"\narchive', "needs origin", SOURCE),
    "an unknown field of a source": ("archive =", "shelf =", "has no field 'shelf'", SOURCE),
    "a switch that is neither": ("on = true", 'on = "yes"', "needs on: true or false", SWITCH),
    "a definition of nothing": ('of = ["promise"]', "of = []", "needs of, a list", DEFINITION),
    "a definition of an unknown clause": (
        'of = ["promise"]',
        'of = ["other"]',
        "there is no clause 'other'",
        DEFINITION,
    ),
    "a claim that promises nothing": (
        'status = "barred"',
        'status = "granted"',
        "claim 'slogan' promises nothing",
        CLAIM,
    ),
    "a claim from nowhere": ('where = "faq"', 'where = "dream"', "needs where", CLAIM),
    "an unknown switch": (
        'unless = "copying-only"',
        'unless = "other"',
        "there is no switch 'other'",
        FULL[: FULL.index('id = "search"')].count("\n"),
    ),
    "a facet that is no list": ('time = ["after"]', 'time = "after"', "needs time, a list", CLAUSE),
    "an unknown provenance": ('["own"]', '["stolen"]', "there is no provenance 'stolen'", CLAUSE),
    "a limit that limits nothing": (
        'words = "but for safety"\nmaterial = ["content"]',
        'words = "but for safety"',
        "its exception limits nothing",
        EXCEPTION,
    ),
    "a prejudice that is neither": (
        'time = ["after"]',
        "without_prejudice = 1",
        "that is not true or false",
        CLAUSE,
    ),
    "limits that leave nothing": (
        'words = "but for safety"\nmaterial = ["content"]',
        'words = "but for safety"\nuses = ["*/*"]',
        "clause 'promise' speaks of nothing",
        CLAUSE,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_is_refused_on_its_line_for(what: str) -> None:
    old, new, sentence, line = REFUSED[what]
    assert FULL.count(old) >= 1
    with pytest.raises(BadText) as caught:
        parse_text(FULL.replace(old, new, 1))
    assert sentence in caught.value.text
    assert caught.value.facts["line"] == line


def test_what_the_switches_leave_nothing_of_is_refused() -> None:
    only = FULL[: FULL.index("[[definition]]")] + FULL[FULL.index('[[clause]]\nid = "search"') :]
    with pytest.raises(BadText, match="its switches leave no clause"):
        parse_text(only)


def test_a_clause_that_adds_nothing_to_what_was_promised_is_refused() -> None:
    clause = '[[clause]]\nid = "{}"\ntext = "c"\nstatus = "{}"\nuses = ["*/*"]\n'
    toml = 'id = "a"\ntitle = "A"\n' + clause.format("a", "barred")
    toml += clause.format("b", "opt_in") + "without_prejudice = true\n"
    with pytest.raises(BadText, match="clause 'b' adds nothing to what is promised before"):
        parse_text(toml)


def test_a_text_of_more_clauses_than_anybody_reads_is_refused() -> None:
    clause = '[[clause]]\nid = "c{}"\ntext = "c"\nstatus = "barred"\nuses = ["*/*"]\n'
    toml = 'id = "a"\ntitle = "A"\n' + "".join(clause.format(n) for n in range(MOST_CLAUSES + 1))
    with pytest.raises(BadText, match="more than 400 are no text that anybody reads"):
        parse_text(toml)


def test_a_header_within_a_text_of_several_lines_is_no_table() -> None:
    prose = 'prose = """\n[[clause]]\nWe serve you.\n"""\n'
    toml = 'id = "a"\ntitle = "A"\n' + prose
    toml += '[[clause]]\nid = "b"\ntext = "We serve you."\nstatus = "maybe"\nuses = ["*/*"]\n'
    with pytest.raises(BadText) as caught:
        parse_text(toml)
    assert caught.value.facts["line"] == 7
