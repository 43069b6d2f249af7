import pytest

from assent.errors import BadStatement
from assent.permission.presets import PRESETS, Preset, parse_preset
from assent.permission.uses import ALL, CONSENT_ONLY, labels


def test_every_preset_has_its_masks_and_a_title_of_its_own() -> None:
    assert set(PRESETS) == set(Preset)
    assert len({masks.title for masks in PRESETS.values()}) == len(Preset)


@pytest.mark.parametrize("preset", Preset)
def test_no_preset_opens_what_needs_a_grant_or_says_two_things(preset: Preset) -> None:
    masks = PRESETS[preset]
    assert masks.granted & (CONSENT_ONLY | masks.refused) == 0
    assert (masks.granted | masks.refused) & ~ALL == 0


def test_no_ai_refuses_all_but_what_protects_the_creator() -> None:
    masks = PRESETS[Preset.NO_AI]
    assert labels(ALL & ~masks.refused) == ("platform/identify", "platform/protect")
    assert not masks.granted
    assert not masks.asks


def test_found_not_trained_grants_being_found_and_nothing_else() -> None:
    found = ["analyse", "insight", "recommend", "search"]
    granted = labels(PRESETS[Preset.FOUND].granted)
    assert sorted(granted) == sorted([*(f"platform/{name}" for name in found), "public/search"])
    assert not PRESETS[Preset.FOUND].asks
    assert PRESETS[Preset.ASK].granted == PRESETS[Preset.FOUND].granted
    assert PRESETS[Preset.ASK].asks


@pytest.mark.parametrize("preset", Preset)
def test_a_preset_is_found_by_its_name(preset: Preset) -> None:
    assert parse_preset(preset.value) is preset


@pytest.mark.parametrize("name", ["", "no ai", "No-AI", "NO_AI", "no_ai", "no-ai ", "all"])
def test_an_unknown_preset_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(BadStatement, match="there are no-ai, found-not-trained, ask-me"):
        parse_preset(name)
