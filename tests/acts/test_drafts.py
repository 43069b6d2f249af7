"""Drafts: what has to wait for its notice, what need not, and what becomes of one."""

from datetime import UTC, date, datetime
from functools import reduce
from itertools import product
from operator import or_
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from assent.acts import notices
from assent.acts.drafts import (
    LEAST_DAYS,
    change,
    days_of,
    first_day,
    less_notice,
    pending,
)
from assent.acts.expire import expire
from assent.acts.house import House
from assent.acts.publish import (
    accept_terms,
    make_agreement,
    publish_terms,
    put_in_force,
    withdraw_draft,
)
from assent.acts.rebuild import differences
from assent.catalogue import tables
from assent.catalogue.events import Event, head, replay
from assent.errors import AssentError, BadInput, BadText, NotAllowed, Unknown
from assent.permission.algebra import SILENT, Masks, says
from assent.permission.uses import ALL, labels
from assent.terms.grid import EVERY_CELL, uses_in
from assent.terms.notice import NO_NOTICE, Chance, Channel, Notice, Timing
from assent.terms.text import parse_text
from tests.houses import Clock, add, agreement_toml, publish_at_last

STATUSES = ("barred", "opt_in", "opt_out", "granted")
WORDS = st.integers(0, ALL)
NOTICES = st.builds(
    Notice,
    timing=st.sampled_from(Timing),
    days=st.integers(0, 100),
    channel=st.sampled_from(Channel),
    chance=st.sampled_from(Chance),
    text=st.just("We tell you."),
)


def notice(days: int) -> str:
    return f"""
[notice]
timing = "before"
days = {days}
channel = "inbox"
chance = "accept"
text = "We tell you."
"""


def toml(
    name: str,
    status: str = "granted",
    *,
    extra: str = "",
    facets: str = "",
    promise: str = notice(30),
) -> str:
    """Return terms of one clause, which promise the notice that the default terms promise."""
    return f"""
id = "{name}"
title = "Terms"
{extra}
{promise}

[[clause]]
id = "all"
text = "This is what AI may do."
status = "{status}"
uses = ["*/*"]
{facets}
"""


def more_open(before: Masks[int], after: Masks[int]) -> int:
    """Return the uses for which somebody's yes, no or silence opens what it did not before."""
    voices = ((0, 0), (ALL, 0), (0, ALL))
    return reduce(or_, (says(after, *said) & ~says(before, *said) for said in voices))


def masks(before: int) -> Masks[int]:
    """Return the masks of one bit of a status by its place in `STATUSES`."""
    return Masks(int(before == 3), int(before == 2), int(before == 1))


def kinds(house: House) -> list[str]:
    with house.reading() as connection:
        return [event.kind for event in replay(connection)]


def told(house: House, text: str) -> list[Event]:
    with house.reading() as connection:
        found = [event for event in replay(connection) if event.kind == "terms.notice"]
    return [event for event in found if event.body["text"] == text]


def in_force(house: House) -> str:
    texts = tables.texts.c
    with house.reading() as connection:
        return str(connection.execute(select(texts.id).where(texts.current)).scalar_one())


def refused(house: House, kind: type[AssentError], toml: str, **how: object) -> str:
    """Have terms refused; nothing is written by it."""
    before = kinds(house)
    with pytest.raises(kind) as caught:
        publish_terms(house, toml, "Kim", **how)  # type: ignore[arg-type]  # options, by name
    assert kinds(house) == before
    return caught.value.text


# what widens


@pytest.mark.parametrize(("before", "after"), list(product(range(4), repeat=2)))
def test_a_use_is_more_open_exactly_if_its_status_moves_up(before: int, after: int) -> None:
    assert more_open(masks(before), masks(after)) == int(after > before)


@pytest.mark.parametrize(("before", "after"), list(product(range(4), repeat=2)))
def test_what_does_not_move_up_opens_for_nobody_whatever_they_say(before: int, after: int) -> None:
    opened = {
        said: says(masks(after), *said) & ~says(masks(before), *said) & 1
        for said in ((0, 0), (1, 0), (0, 1))  # all that a holder can say of one use
    }
    assert any(opened.values()) == (more_open(masks(before), masks(after)) == 1)


@given(st.lists(WORDS, min_size=3, max_size=3), st.lists(WORDS, min_size=3, max_size=3))
def test_every_bit_is_compared_by_itself(first: list[int], second: list[int]) -> None:
    before, after = (Masks(g, o & ~g, i & ~o & ~g) for g, o, i in (first, second))
    for position in range(ALL.bit_length()):
        bits = [Masks(*(word >> position & 1 for word in text)) for text in (before, after)]
        assert more_open(before, after) >> position & 1 == more_open(*bits)


@pytest.mark.parametrize(("before", "after"), list(product(STATUSES, repeat=2)))
def test_what_opens_on_the_grid_is_what_the_algebra_opens(before: str, after: str) -> None:
    first, second = parse_text(toml("a", before)), parse_text(toml("b", after))
    assert uses_in(change(first, second).opened) == more_open(first.masks, second.masks)


def test_beside_no_terms_all_that_a_text_opens_is_opened() -> None:
    assert change(None, parse_text(toml("a"))).opened == EVERY_CELL
    assert not change(None, parse_text(toml("a", "barred"))).waits


def test_nothing_is_more_open_than_itself_and_everything_than_silence() -> None:
    assert more_open(SILENT, Masks(1, 2, 4)) == 7
    assert more_open(Masks(1, 2, 4), Masks(1, 2, 4)) == 0


@pytest.mark.parametrize(
    "facets",
    ['material = ["content"]', 'material = ["activity"]', 'time = ["after"]', 'time = ["before"]'],
)
def test_what_no_recording_stands_on_widens_all_the_same(facets: str) -> None:
    closed, wider = toml("a", "barred"), toml("b", "granted", facets=facets)
    now = change(parse_text(closed), parse_text(wider))
    assert now.opened
    assert now.waits
    assert more_open(parse_text(closed).masks, parse_text(wider).masks) == 0


def test_a_text_that_promises_less_than_fourteen_days_gives_fourteen() -> None:
    texts = [parse_text(toml("a", promise=notice(days))) for days in (0, 1, 14, 15, 30)]
    assert [days_of(text) for text in texts] == [LEAST_DAYS, LEAST_DAYS, 14, 15, 30]


@given(NOTICES, NOTICES)
def test_of_two_promises_in_each_way_one_is_less_or_they_are_equal(
    first: Notice, second: Notice
) -> None:
    less, more = less_notice(first, second), less_notice(second, first)
    assert not set(less) & set(more)
    for way in ("days", "timing", "channel", "chance"):
        same = getattr(first, way) == getattr(second, way)
        assert same == (way not in less and way not in more)


@given(NOTICES)
def test_no_promise_is_less_than_none(first: Notice) -> None:
    assert less_notice(NO_NOTICE, first) == ()
    assert set(less_notice(first, NO_NOTICE)) == {
        way
        for way in ("days", "timing", "channel", "chance")
        if getattr(first, way) != getattr(NO_NOTICE, way)
    }


@pytest.mark.parametrize(
    ("way", "before", "after"),
    [
        ("days", "days = 30", "days = 29"),
        ("timing", 'timing = "before"', 'timing = "after"'),
        ("channel", 'channel = "inbox"', 'channel = "page"'),
        ("chance", 'chance = "accept"', 'chance = "leave"'),
    ],
)
def test_terms_that_promise_less_notice_wait_for_the_notice_promised(
    house: House, clock: Clock, way: str, before: str, after: str
) -> None:
    event = publish_terms(
        house, toml("quick", "barred", promise=notice(30).replace(before, after)), "Kim"
    )
    body = event.body
    assert (event.kind, body["days"], body["less_notice"]) == ("terms.draft", 30, [way])
    assert (body["widens"], body["widens_cells"]) == ([], 0)
    clock.turn(days=29)
    assert expire(house) is None
    clock.turn(days=2)
    assert expire(house) is not None
    assert in_force(house) == "quick"


def test_less_notice_cannot_come_early(house: House) -> None:
    quick = toml("quick", "barred", promise="")
    assert refused(house, BadInput, quick, in_force=date(2031, 3, 31)) == (
        "it promises less notice of changes, and that needs 30 days' notice: it can be in force"
        " from 2031-04-01, not 2031-03-31"
    )


@pytest.mark.parametrize(
    "facets",
    ['material = ["content"]', 'material = ["activity"]', 'time = ["before"]'],
)
def test_what_a_draft_widens_is_told_of_all_that_it_is_held_against(
    house: House, facets: str
) -> None:
    publish_terms(house, toml("shut", "barred"), "Kim")
    event = publish_terms(house, toml("wide", facets=facets).replace("*/*", "public/search"), "Kim")
    cells = {"content": 4, "activity": 4, "before": 6}
    assert event.body["widens"] == ["public/search"]
    assert event.body["widens_cells"] == next(n for it, n in cells.items() if it in facets)
    assert event.body["less_notice"] == []


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2031, 3, 1, tzinfo=UTC), date(2031, 3, 15)),
        (datetime(2031, 3, 1, 0, 0, 0, 1, tzinfo=UTC), date(2031, 3, 16)),
        (datetime(2031, 3, 1, 23, 59, tzinfo=UTC), date(2031, 3, 16)),
    ],
)
def test_the_first_day_leaves_the_whole_notice(at: datetime, day: date) -> None:
    assert first_day(at, 14) == day


# the way of a text


def test_a_wider_text_waits_for_the_notice_that_the_text_in_force_promises(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    add(house, tmp_path, "Ada Quill")
    add(house, tmp_path, "Bo Tarn")
    event = publish_terms(house, toml("wide"), "Kim")
    assert (event.kind, event.body["days"], event.body["against"]) == (
        "terms.draft",
        30,
        "assent-terms-1",
    )
    assert event.body["in_force"] == "2031-04-01T00:00:00.000Z"
    assert "public/train-rival" in event.body["widens"]
    (note,) = told(house, "wide")
    facets = ("before", "inbox", "accept", 2)
    assert tuple(note.body[it] for it in ("timing", "channel", "chance", "told")) == facets
    assert [it["holder"] for it in note.body["holders"]] == ["a0", "a1"]
    clock.at = datetime(2031, 3, 31, 23, 59, 59, tzinfo=UTC)
    with pytest.raises(NotAllowed, match="can be in force from 2031-04-01"):
        put_in_force(house, "wide", "Kim")
    assert expire(house) is None
    assert in_force(house) == "assent-terms-1"
    clock.at = datetime(2031, 4, 1, tzinfo=UTC)
    published = put_in_force(house, "wide", "Kim")
    assert (published.kind, published.by, in_force(house)) == ("terms.publish", "Kim", "wide")
    for name in ("title", "granted", "opt_out", "opt_in", "source", "digest"):
        assert published.body[name] == event.body[name]
    assert differences(house) == []


def test_the_clock_puts_a_draft_in_force_on_its_day(house: House, clock: Clock) -> None:
    publish_terms(house, toml("wide"), "Kim")
    clock.turn(days=31)
    event = expire(house)
    assert event is not None
    assert (event.kind, event.by, in_force(house)) == ("terms.publish", "clock", "wide")
    assert expire(house) is None


def test_a_tighter_text_is_in_force_at_once_and_everybody_is_told_after(
    house: House, tmp_path: Path
) -> None:
    add(house, tmp_path, "Ada Quill")
    assert publish_terms(house, toml("shut", "barred"), "Kim").kind == ("terms.publish")
    assert in_force(house) == "shut"
    (note,) = told(house, "shut")
    assert (note.body["timing"], note.body["told"]) == ("after", 1)


def test_a_tighter_text_may_be_announced_for_a_day(house: House, clock: Clock) -> None:
    shut = toml("shut", "barred")
    event = publish_terms(house, shut, "Kim", in_force=date(2031, 3, 3))
    assert (event.kind, event.body["days"], event.body["widens"]) == ("terms.draft", 0, [])
    clock.turn(days=2)
    assert put_in_force(house, "shut", "Kim").kind == "terms.publish"


def test_a_tighter_text_for_today_is_in_force_at_once(house: House) -> None:
    shut = toml("shut", "barred", extra="effective = 2031-03-01")
    assert publish_terms(house, shut, "Kim").kind == "terms.publish"


def test_a_text_says_itself_from_when(house: House) -> None:
    event = publish_terms(house, toml("wide", extra="effective = 2031-05-01"), "Kim")
    assert event.body["in_force"] == "2031-05-01T00:00:00.000Z"


def test_without_a_promise_the_house_gives_fourteen_days(house: House) -> None:
    publish_at_last(house, toml("plain", "opt_in", promise=""))
    assert isinstance(house.clock, Clock)
    house.clock.turn(days=31)  # the promise of the default terms has run out
    event = publish_terms(house, toml("wide"), "Kim")
    assert (event.kind, event.body["days"]) == ("terms.draft", LEAST_DAYS)


def test_a_promise_of_notice_outlives_its_text_by_as_long_as_it_promises(
    house: House, clock: Clock
) -> None:
    # a text that promises less comes after its own notice; it does not make the next one sooner
    publish_at_last(house, toml("hasty", "barred", promise=""))
    clock.turn(days=29)
    assert publish_terms(house, toml("wide"), "Kim").body["days"] == 30
    withdraw_draft(house, "wide", "Kim")
    clock.turn(days=2)
    assert publish_terms(house, toml("wide-2"), "Kim").body["days"] == LEAST_DAYS


def test_whoever_came_since_is_told_when_it_is_in_force(house: House, tmp_path: Path) -> None:
    add(house, tmp_path, "Ada Quill")
    publish_terms(house, toml("wide"), "Kim")
    add(house, tmp_path, "Bo Tarn")
    assert isinstance(house.clock, Clock)
    house.clock.turn(days=31)
    put_in_force(house, "wide", "Kim")
    before, after = told(house, "wide")
    assert [it["holder"] for it in before.body["holders"]] == ["a0"]
    assert [it["holder"] for it in after.body["holders"]] == ["a1"]
    assert (before.body["timing"], after.body["timing"]) == ("before", "after")


def test_whoever_comes_after_the_notice_is_widened_only_when_they_accept(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    publish_terms(house, toml("wide"), "Kim")
    late = add(house, tmp_path, "Bo Tarn")
    clock.turn(days=31)
    before = word(house, late)
    expire(house)
    assert word(house, late) == before
    accept_terms(house, "Bo Tarn", None, "Bo Tarn")
    assert word(house, late) & ~before


def word(house: House, recording: str) -> int:
    recordings = tables.recordings.c
    with house.reading() as connection:
        query = select(recordings.word).where(recordings.id == recording)
        return int(connection.execute(query).scalar_one())


def test_many_are_told_by_several_events(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "MOST_TOLD", 2)
    for name in ("Ada Quill", "Bo Tarn", "Cy Vane"):
        add(house, tmp_path, name)
    publish_terms(house, toml("wide"), "Kim")
    assert [event.body["told"] for event in told(house, "wide")] == [2, 1]


def test_other_channels_stand_on_the_word_of_the_operator(house: House, tmp_path: Path) -> None:
    add(house, tmp_path, "Ada Quill")
    channels = (Channel.BANNER, Channel.MAIL, Channel.INBOX, Channel.NONE)
    publish_terms(house, toml("wide"), "Kim", channels=channels)
    found = [(it.body["channel"], it.body["told"], it.by) for it in told(house, "wide")]
    assert found == [("mail", 1, "Kim"), ("inbox", 1, "Kim"), ("banner", 0, "Kim")]


def test_the_channel_that_was_promised_is_used(house: House) -> None:
    mail = notice(30).replace("inbox", "mail")
    publish_terms(house, toml("shut", "barred", promise=mail), "Kim")
    assert "'shut' promises notice by mail" in refused(house, BadInput, toml("wide"))
    publish_terms(house, toml("wide"), "Kim", channels=[Channel.MAIL])
    assert {it.body["channel"] for it in told(house, "wide")} == {"mail", "inbox"}


def test_a_withdrawn_draft_leaves_everything_as_it_was(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    recording = add(house, tmp_path, "Ada Quill")
    before = word(house, recording)
    publish_terms(house, toml("wide"), "Kim")
    assert withdraw_draft(house, "wide", "Kim").body == {"id": "wide"}
    clock.turn(days=40)
    assert expire(house) is None
    assert (in_force(house), word(house, recording)) == ("assent-terms-1", before)
    with pytest.raises(NotAllowed, match="was withdrawn"):
        put_in_force(house, "wide", "Kim")
    with pytest.raises(NotAllowed, match="was withdrawn"):
        withdraw_draft(house, "wide", "Kim")
    assert differences(house) == []
    assert publish_terms(house, toml("wide-2"), "Kim").kind == "terms.draft"


# what came between


def test_a_draft_that_a_tighter_text_overtook_opens_no_more_than_was_told(
    house: House, clock: Clock
) -> None:
    publish_terms(house, toml("asking", "opt_out"), "Kim")
    publish_terms(house, toml("shut", "barred"), "Kim")
    assert in_force(house) == "shut"
    clock.turn(days=31)
    with pytest.raises(NotAllowed, match="open more beside 'shut'"):
        put_in_force(house, "asking", "Kim")
    assert expire(house) is None
    withdraw_draft(house, "asking", "Kim")
    assert in_force(house) == "shut"


def test_a_draft_stays_good_where_what_came_between_changes_nothing_of_it(
    house: House, clock: Clock
) -> None:
    publish_at_last(house, toml("asking", "opt_in"))
    publish_terms(house, toml("wide", "opt_out"), "Kim")
    publish_terms(house, toml("same", "opt_in"), "Kim")
    assert in_force(house) == "same"
    clock.turn(days=31)
    put_in_force(house, "wide", "Kim")
    assert in_force(house) == "wide"


def test_a_draft_waits_longer_where_what_came_between_promises_more(
    house: House, clock: Clock
) -> None:
    publish_at_last(house, toml("asking", "opt_in"))
    publish_terms(house, toml("wide", "opt_out", promise=notice(60)), "Kim")
    publish_terms(house, toml("patient", "opt_in", promise=notice(60)), "Kim")
    clock.turn(days=31)
    with pytest.raises(NotAllowed, match="60 days' notice is promised by now"):
        put_in_force(house, "wide", "Kim")


def test_a_draft_takes_no_promise_that_was_made_after_its_notice(
    house: House, clock: Clock
) -> None:
    publish_at_last(house, toml("asking", "opt_in"))
    publish_terms(house, toml("wide", "opt_out"), "Kim")
    publish_terms(house, toml("patient", "opt_in", promise=notice(60)), "Kim")
    clock.turn(days=90)
    with pytest.raises(NotAllowed, match="promise less notice beside 'patient'"):
        put_in_force(house, "wide", "Kim")
    assert expire(house) is None


# what is refused


def test_a_second_draft_waits_for_the_first(house: House) -> None:
    publish_terms(house, toml("wide"), "Kim")
    assert refused(house, NotAllowed, toml("other")) == (
        "the draft 'wide' waits for its day; withdraw it first"
    )
    with house.reading() as connection:
        waiting = pending(connection)
    assert waiting is not None
    assert waiting.id == "wide"


def test_an_id_is_used_once_for_a_draft_too(house: House) -> None:
    publish_terms(house, toml("wide"), "Kim")
    assert "drafted before" in refused(house, BadText, toml("wide"))
    with pytest.raises(BadText, match="drafted before"):
        make_agreement(house, agreement_toml("wide"), "Kim")


def test_days_that_are_past_or_too_early_are_refused(house: House) -> None:
    past, early = date(2031, 2, 28), date(2031, 3, 31)
    shut = toml("shut", "barred")
    assert "2031-02-28 is past" in refused(house, BadInput, shut, in_force=past)
    assert "from 2031-04-01, not 2031-03-31" in refused(
        house, BadInput, toml("wide"), in_force=early
    )
    assert "which is past" in refused(house, BadText, toml("wide", extra="effective = 2031-02-28"))
    party, own = 'party = "Lantern Row"', toml("assent-terms-1")
    for terms, line in (
        (toml("wide", extra="effective = 2031-02-28"), 4),
        (toml("wide", extra=party), 4),
        (own, 2),
        (own.replace("\nid =", '\n# id = "a"\n  "id" ='), 3),
    ):
        with pytest.raises(BadText) as caught:
            publish_terms(house, terms, "Kim")
        assert caught.value.facts["line"] == line
    assert "the text itself says" in refused(
        house, BadInput, toml("wide", extra="effective = 2031-05-01"), in_force=date(2031, 6, 1)
    )


def test_what_is_no_draft_cannot_be_put_in_force(house: House) -> None:
    make_agreement(house, agreement_toml(), "Kim")
    publish_terms(house, toml("shut", "barred"), "Kim")
    with house.reading() as connection:
        before = head(connection)
    for name, kind, words in (
        ("zed", Unknown, "no draft 'zed'"),
        ("shut", NotAllowed, "in force already"),
        ("assent-terms-1", NotAllowed, "others replaced them"),
        ("lantern-1", BadText, "is an agreement"),
    ):
        for act in (put_in_force, withdraw_draft):
            with pytest.raises(kind, match=words):
                act(house, name, "Kim")
    with house.reading() as connection:
        assert head(connection) == before


def test_nobody_accepts_a_draft(house: House, tmp_path: Path) -> None:
    add(house, tmp_path, "Ada Quill")
    publish_terms(house, toml("wide"), "Kim")
    with pytest.raises(NotAllowed, match="never in force"):
        accept_terms(house, "Ada Quill", "wide", "Ada Quill")


def test_the_first_terms_of_a_house_need_no_notice(tmp_path: Path) -> None:
    from assent.settings import Settings

    house = House.open(Settings(data=tmp_path / "data"), create=True, clock=Clock())
    try:
        assert publish_terms(house, toml("wide"), "Kim").kind == "terms.publish"
        assert kinds(house) == ["terms.publish"]
    finally:
        house.close()


def test_the_uses_that_a_draft_widens_are_those_of_any_cell(house: House) -> None:
    own = toml("own", "opt_in", facets='provenance = ["own"]')
    publish_at_last(house, own)
    event = publish_terms(house, toml("wide", "opt_in", facets='material = ["audio"]'), "Kim")
    # what was opt-in stays so; recordings that a label delivers were barred
    assert event.body["widens"] == list(labels(ALL))
    assert event.body["widens_cells"] == 2 * ALL.bit_count()
