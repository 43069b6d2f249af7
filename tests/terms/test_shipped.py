"""Texts that the product ships: quotes stand where they are said to, judgements move the count."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import BadText, Unknown
from assent.permission.uses import ACTORS, Activity, Actor, parse_uses
from assent.terms.clause import Status
from assent.terms.grid import Material, Provenance, Scope
from assent.terms.notice import Timing
from assent.terms.openings import count, switch_effects
from assent.terms.parts import Origin, Where
from assent.terms.quote import plain, stands_in
from assent.terms.shipped import SHIPPED, encodings, shipped, source_of
from assent.terms.text import Text, parse_text

PAGE = Path(__file__).parents[2] / "docs" / "encodings.md"
TEXTS = Path(__file__).parents[2].parent / "shared" / "corpus" / "terms"
OWN = frozenset({Provenance.OWN})
UPLOADS = frozenset({Material.AUDIO, Material.CONTENT})
STORY = ("soundcloud-2024-02", "soundcloud-2025-05", "critic-published", "critic-reported")
OURS = "assent-terms-1"
FOREIGN = tuple(name for name in SHIPPED if name != OURS)
SEEN = tuple(name for name in SHIPPED if (source := shipped(name).source) and source.file)

# the recorded texts are others' and not copied into the project
needs_texts = pytest.mark.skipif(
    not TEXTS.is_dir(), reason="the texts are not in `shared/corpus/terms` beside the project"
)


def cells(
    *uses: str, material: frozenset[Material] = UPLOADS, provenance: frozenset[Provenance] = OWN
) -> int:
    """The cells of some uses, of uploads unless said otherwise."""
    return Scope(uses=parse_uses(uses), material=material, provenance=provenance).cells


def tables(name: str) -> Iterator[Mapping[str, Any]]:
    """Every clause, definition and claim of a file, those too that its switches leave out."""
    table = tomllib.loads(source_of(name))
    for kind in ("clause", "definition", "claim"):
        yield from table.get(kind, ())


def sentences_of(text: Text) -> dict[str, str]:
    """A text's clauses but the promise in question, each with its sentence."""
    return {it.id: it.text for it in text.clauses if not it.id.startswith("promise")}


# ---- the files


def test_what_is_shipped_is_what_is_in_the_folder_in_order_of_time() -> None:
    folder = Path(__file__).parents[2] / "src" / "assent" / "terms" / "library"
    assert {path.stem for path in folder.iterdir()} == set(SHIPPED)
    recorded = [source.recorded for name in FOREIGN if (source := shipped(name).source)]
    assert len(recorded) == len(FOREIGN)
    assert recorded == sorted(recorded)


def test_our_own_terms_stand_last_and_leave_nothing_to_judge() -> None:
    text = shipped(OURS)
    assert SHIPPED[-1] == OURS
    assert text.source is None
    assert not text.switches
    assert not text.claims
    assert not text.reading.silent


@pytest.mark.parametrize("name", SHIPPED)
def test_a_file_is_called_like_its_text(name: str) -> None:
    assert shipped(name).id == name


def test_no_other_text_is_shipped() -> None:
    with pytest.raises(
        Unknown, match=r"no text called '\.\./\.\./house' is shipped; there is zoom"
    ):
        source_of("../../house")


def test_a_switch_that_a_text_has_not_is_refused() -> None:
    with pytest.raises(BadText, match="there is no switch 'wishing'"):
        shipped("soundcloud-2025-05", frozenset({"wishing"}))


# ---- quotes


@needs_texts
@pytest.mark.parametrize("name", SEEN)
def test_every_sentence_stands_in_the_recorded_text(name: str) -> None:
    text = shipped(name)
    assert text.source
    document = "\n".join((TEXTS / it).read_text("utf-8") for it in text.source.file.split(" + "))
    quotes = [it["text"] for it in tables(name) if it.get("where") != Where.LETTER.value]
    for quote in (*quotes, text.notice.text):
        assert stands_in(quote, document), quote


@needs_texts
@pytest.mark.parametrize("name", SEEN)
def test_a_quote_with_a_word_changed_stands_nowhere(name: str) -> None:
    source = shipped(name).source
    assert source
    document = "\n".join((TEXTS / it).read_text("utf-8") for it in source.file.split(" + "))
    for table in tables(name):
        assert not stands_in(table["text"].replace(" ", " never ", 1), document)


@needs_texts
def test_commits_are_those_of_the_recorded_texts() -> None:
    for name in SEEN:
        source = shipped(name).source
        assert source
        for file in source.file.split(" + "):
            header = (TEXTS / file).read_text("utf-8").partition("\n")[0]
            found = re.search(r"commit: ([0-9a-f]{12})", header)
            assert found
            assert found[1] in source.archive


def test_what_was_not_seen_says_so() -> None:
    press = [name for name in FOREIGN if name not in SEEN]
    assert press == ["soundcloud-2024-02", "critic-published", "critic-reported"]
    for name in press:
        source = shipped(name).source
        assert source
        assert source.origin is Origin.PRESS
        assert source.note
    assert "not seen whole" in source_of("soundcloud-2024-02")


@pytest.mark.parametrize("name", [name for name in SHIPPED if shipped(name).claims])
def test_every_claim_says_where_it_was_read(name: str) -> None:
    for claim in shipped(name).claims:
        assert claim.source
        if claim.where is Where.LETTER:
            # a letter that no archive holds is known from those who quote it
            assert "quoted in these words by" in claim.source


def test_a_claim_need_not_say_where_it_was_read() -> None:
    toml = source_of("bandcamp-2025-09")
    bare = re.sub(r'^source = "The answer .*\n', "", toml, flags=re.MULTILINE)
    assert bare != toml
    (claim,) = parse_text(bare).claims
    assert not claim.source


# ---- judgements


@pytest.mark.parametrize("name", FOREIGN)
def test_each_judgement_turned_the_other_way_changes_the_reading(name: str) -> None:
    text = shipped(name)
    for effect in switch_effects(text, source_of(name)):
        turned = shipped(name, frozenset({effect.name}))
        assert turned.reading != text.reading, effect.name
        if effect.before == effect.after:
            # one that leaves as much open says why
            assert re.search("as (open|closed)", effect.text), effect.name


@settings(deadline=None)  # a text is read four times a case; this is not about speed
@given(st.data())
def test_judgements_can_be_turned_together(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(FOREIGN))
    names = sorted(switch.id for switch in shipped(name).switches)
    flipped = data.draw(st.frozensets(st.sampled_from(names)))
    turned = shipped(name, flipped)  # strict: no clause is left idle
    as_read = {switch.id: switch.on for switch in shipped(name).switches}
    assert {it.id for it in turned.switches if it.on != as_read[it.id]} == flipped


def test_reading_the_ban_on_scraping_otherwise_opens_outsiders_and_nobody_else() -> None:
    text = shipped("soundcloud-2025-05")
    turned = shipped("soundcloud-2025-05", frozenset({"scraping-barred"}))
    opened = turned.reading.open & ~text.reading.open
    assert opened & cells("public/*") == cells("public/*")
    assert not opened & ~Scope(uses=parse_uses(["public/*"])).cells
    assert not text.reading.open & ~turned.reading.open


# ---- the row's story


def test_each_wording_of_the_story_leaves_less_of_own_uploads_open() -> None:
    own = [count(shipped(name).reading).own for name in STORY]
    assert own == sorted(set(own), reverse=True)


def test_label_deliveries_are_as_open_in_all_four_and_better_protected_than_own_uploads() -> None:
    counts = [count(shipped(name).reading) for name in STORY]
    assert len({it.delivered for it in counts}) == 1
    assert all(it.delivered < it.own for it in counts)


@pytest.mark.parametrize("actor", [it for it in ACTORS if it is not Actor.PUBLIC])
def test_on_the_may_text_a_label_is_asked_where_an_uploader_is_not(actor: Actor) -> None:
    reading = shipped("soundcloud-2025-05").reading
    for activity in (Activity.TRAIN_RIVAL, Activity.TRAIN_TOOL, Activity.INPUT_IMITATE):
        use = f"{actor.value}/{activity.value}"
        assert not cells(use) & ~reading.open
        assert not cells(use, provenance=frozenset({Provenance.DELIVERED})) & ~reading.opt_in


def test_the_february_text_grants_what_the_may_text_asks_for() -> None:
    february = shipped("soundcloud-2024-02").reading
    may = shipped("soundcloud-2025-05").reading
    asked = cells("platform/train-voice", "platform/train-style")
    assert not asked & ~february.granted
    assert february.open & ~may.open == asked
    assert not may.open & ~february.open


def test_the_may_text_leaves_rivals_input_data_sets_and_everybody_else_open() -> None:
    reading = shipped("soundcloud-2025-05").reading
    left = cells(
        "platform/train-rival", "platform/train-tool", "platform/train-analysis",
        "platform/input-*", "platform/supply", "group/*", "partner/*",
    )  # fmt: skip
    assert not left & ~reading.open
    data = cells("platform/*", material=frozenset({Material.ACTIVITY}))
    assert not data & ~reading.open


def test_what_the_critic_asks_for_closes_rivals_and_tools_alone() -> None:
    may = shipped("soundcloud-2025-05").reading
    published = shipped("critic-published").reading
    reported = shipped("critic-reported").reading
    rivals = cells("platform/train-rival", "platform/train-tool")
    assert may.open & ~published.open == rivals
    assert may.open & ~reported.open == rivals | cells("platform/train-analysis")
    assert not (published.open | reported.open) & ~may.open
    still = cells("platform/input-*", "platform/supply", "group/*", "partner/*")
    assert not still & ~reported.open


def test_without_the_qualifier_the_may_text_is_what_the_critic_published() -> None:
    turned = shipped("soundcloud-2025-05", frozenset({"aim-limits"}))
    published = shipped("critic-published")
    for status in Status:
        assert turned.reading.cells(status) == published.reading.cells(status)


@pytest.mark.parametrize("name", ["critic-published", "critic-reported"])
def test_the_critics_texts_differ_from_the_may_text_by_one_sentence(name: str) -> None:
    may, critic = shipped("soundcloud-2025-05"), shipped(name)
    assert sentences_of(may) == sentences_of(critic)
    assert may.notice == critic.notice
    # they stand on other lines of another file
    assert [replace(it, line=0) for it in may.claims] == [
        replace(it, line=0) for it in critic.claims
    ]
    promises = {it.text for it in critic.clauses if it.id.startswith("promise")}
    assert len(promises) == 1
    assert promises.isdisjoint(it.text for it in may.clauses)


def test_taking_any_model_literally_costs_recommendations() -> None:
    text = shipped("critic-reported")
    literally = shipped("critic-reported", frozenset({"recommenders-are-models"}))
    cost = cells("platform/recommend", "platform/first-fans")
    assert text.reading.open & ~literally.reading.open == cost


def test_a_year_later_nothing_has_changed() -> None:
    may, later = shipped("soundcloud-2025-05"), shipped("soundcloud-2026-08")
    assert may.reading == later.reading
    assert may.switches == later.switches
    promise = [it.text for it in may.clauses if it.id in ("promise", "labels")]
    assert promise == [it.text for it in later.clauses if it.id in ("promise", "labels")]


def test_the_letter_promises_what_the_may_text_does_not() -> None:
    text = shipped("soundcloud-2025-05")
    assert {it.where for it in text.claims} == {Where.LETTER}
    for claim in text.claims:
        assert claim.scope.cells & text.reading.open


# ---- the other services


def test_what_one_august_text_of_zoom_grants_the_next_bars() -> None:
    before, after = shipped("zoom-2023-08-07").reading, shipped("zoom-2023-08-11").reading
    assert not cells("partner/train-*") & ~(before.granted & after.barred)
    assert not cells("platform/train-*", "group/train-*") & ~(before.opt_in & after.barred)
    assert not after.open & ~before.open
    data = frozenset({Material.ACTIVITY})
    assert not cells("platform/*", material=data) & ~(before.granted & after.granted)


def test_a_heading_of_wetransfer_says_what_no_clause_says() -> None:
    before, after = shipped("wetransfer-2025-07-17"), shipped("wetransfer-2025-07-23")
    assert before.reading == after.reading
    assert not before.claims
    training = next(it for it in after.claims if it.id == "no-training")
    assert training.where is Where.HEADING
    ours = training.scope.cells & cells("platform/train-*", "group/train-*")
    assert ours
    assert not ours & ~after.reading.granted
    bound = shipped("wetransfer-2025-07-23", frozenset({"heading-binds"}))
    assert not training.scope.cells & ~bound.reading.barred


def test_no_ai_word_stands_in_what_wetransfer_grants() -> None:
    granted = next(it for it in shipped("wetransfer-2025-07-17").clauses if it.id == "licence")
    assert granted.cells & cells("platform/train-rival")
    assert not re.search(r"\b(AI|artificial|machine|model|train)", plain(granted.text))


def test_bandcamp_binds_itself_and_others_for_music_and_leaves_lyrics_and_artwork_open() -> None:
    text = shipped("bandcamp-2025-09")
    music = cells(
        "*/train-voice", "*/train-style", "*/train-rival", material=frozenset({Material.AUDIO})
    )
    assert not music & text.reading.open
    lyrics = frozenset({Material.CONTENT})
    assert not cells("platform/train-style", material=lyrics) & ~text.reading.granted
    everything = cells("public/*", material=frozenset(Material), provenance=frozenset(Provenance))
    assert not everything & text.reading.open


def test_bandcamp_recommends_without_ai_if_what_it_tells_of_its_feed_binds() -> None:
    text = shipped("bandcamp-2025-09")
    turned = shipped("bandcamp-2025-09", frozenset({"no-learning-binds"}))
    feed = cells("platform/recommend", material=frozenset(Material))
    assert not feed & ~text.reading.barred
    assert turned.reading.open & ~text.reading.open == feed


def test_what_bandcamp_says_of_mining_and_of_scraping_bars_different_things() -> None:
    text = shipped("bandcamp-2025-09")
    of = {it.id: it.cells for it in text.clauses}
    whole = Scope(uses=parse_uses(["public/analyse", "public/insight"])).cells
    assert of["no-mining"] == whole
    assert not of["no-mining"] & of["no-scraping"]


@pytest.mark.parametrize("name", ["wetransfer-2025-07-17", "wetransfer-2025-07-23"])
def test_wetransfer_told_ahead_of_a_change_and_promises_nothing_of_the_kind(name: str) -> None:
    text = shipped(name)
    assert text.source
    assert text.effective
    assert text.source.recorded < text.effective
    assert (text.notice.timing, text.notice.days) == (Timing.AFTER, 0)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_text_of_others_grants_nothing_of_what_is_delivered(name: str) -> None:
    delivered = Scope(provenance=frozenset({Provenance.DELIVERED})).cells
    assert not shipped(name).reading.granted & delivered


# ---- the page


def test_what_was_not_seen_whole_is_not_told_to_promise_no_notice() -> None:
    about = encodings().partition("## soundcloud-2024-02\n")[2].partition("\n## ")[0]
    assert "Notice of changes: not known." in about
    assert encodings().count("not known.") == 1


def test_the_page_on_encodings_is_what_the_program_makes() -> None:
    assert PAGE.read_text("utf-8") == encodings()
