"""The first chapters: the house rules, the music that is brought, and what its people choose."""

from assent.acts.import_folder import arrive, plan
from assent.acts.publish import DEFAULT_TERMS, make_agreement, publish_default
from assent.acts.say import choose
from assent.demo.cast import AGREEMENT, BAND, DESK, LABEL, NO_AI, SAYS_NOTHING, SAYS_YES, SLOTS
from assent.demo.stage import Stage, listed, told
from assent.identity.backfill import look
from assent.identity.recogniser import Recogniser
from assent.permission.presets import PRESETS, Preset
from assent.permission.uses import ALL, CONSENT_ONLY
from assent.terms.text import parse_text

__all__ = ["bring", "choose_for_themselves", "set_rules"]


def set_rules(stage: Stage) -> None:
    """Publish the default terms, before anybody is there whom they could surprise."""
    event = publish_default(stage.house)
    stage.must(event is not None, "no terms were in force before")
    text = parse_text(DEFAULT_TERMS)
    masks = text.masks
    closed = ALL & ~(masks.granted | masks.opt_out | masks.opt_in)
    stage.yes(
        f"The terms “{text.title}” are in force. There are {ALL.bit_count()} things that AI could"
        " do with a recording:"
    )
    stage.because(
        f"{masks.granted.bit_count()} are always open, to protect you: {told(masks.granted)}.",
        f"{masks.opt_out.bit_count()} are open until you say no: {told(masks.opt_out)}.",
        f"{masks.opt_in.bit_count()} wait for your yes.",
        f"{closed.bit_count()} are closed.",
    )
    taken = (masks.granted | masks.opt_out) & CONSENT_ONLY
    stage.must(not taken, "the terms leave all generative uses to a yes")
    stage.plain(
        f"{CONSENT_ONLY.bit_count()} of the {ALL.bit_count()} train or feed a generative AI. Those"
        " no terms can open, whatever they say: it takes a yes from everybody who holds rights."
    )


def bring(stage: Stage) -> None:
    """Import the music of three artists and a label."""
    agreed, label = make_agreement(stage.house, AGREEMENT, DESK)
    stage.must(label.name == LABEL, f"the agreement is with {LABEL}")
    planned = plan(stage.material.folder, index=stage.material.index)
    recogniser = Recogniser(stage.house)
    for file, slot in zip(planned, SLOTS, strict=True):
        arrival = arrive(stage.house, file, DESK, recogniser)
        uploaded = arrival.uploaded
        if uploaded is None or not uploaded.new or uploaded.copy_of:
            stage.fail(f"{file.name} can be taken in ({arrival.error or 'it is here already'})")
        stage.titles[uploaded.recording] = uploaded.title
        stage.artists[uploaded.recording] = slot.artist
        stage.lengths_s[uploaded.recording] = uploaded.duration_s
    for looked in look(stage.house, DESK):  # what waited for a holder who had not come yet
        stage.must(not looked.found, f"{stage.title(looked.recording)} is a copy of nothing")
    for artist in dict.fromkeys(stage.artists.values()):
        theirs = stage.by(artist)
        length_s = sum(stage.lengths_s[recording] for recording in theirs)
        whose = f"{LABEL}, for {artist}" if artist == BAND else artist
        stage.yes(f"{whose}: {stage.title_list(theirs)}, {length_s:.0f} seconds.")
    opens = parse_text(AGREEMENT).masks.granted
    stage.because(
        f"Delivered under an agreement (event {agreed.number}) that opens {opens.bit_count()} uses:"
        f" {told(opens)}."
    )
    _say_who_shares(stage)
    stage.plain(
        "Each file was measured, and sealed with a key of its own. What lies on the disk is noise;"
        " the only way to the sound is through the gate, and the gate asks first."
    )


def _say_who_shares(stage: Stage) -> None:
    shared = {r: names for r, names in stage.holders().items() if len(names) > 1}
    stage.must(len(shared) == 1, "one recording has two rights holders")
    for recording, names in shared.items():
        stage.plain(
            f"{stage.title(recording)} belongs to {listed(sorted(names))}: they wrote it together,"
            " so both have to agree."
        )


def choose_for_themselves(stage: Stage) -> None:
    """Let one artist choose "No AI", while the others say nothing yet."""
    before = stage.words()
    choose(stage.house, NO_AI, Preset.NO_AI)
    words = stage.words()
    changed = {recording for recording in words if words[recording] != before[recording]}
    stage.must(changed == set(stage.by(NO_AI)), "what an artist says is about their own alone")
    left = {words[recording] for recording in changed}
    stage.must(len(left) == 1, "“No AI” means the same for each recording")
    stays = left.pop()
    stage.must(not stays & PRESETS[Preset.NO_AI].refused, "“No AI” closes all that can be closed")
    stage.no(
        f"{NO_AI} chooses “{PRESETS[Preset.NO_AI].title}”. Of {ALL.bit_count()} uses,"
        f" {stays.bit_count()} stay open: {told(stays)}."
    )
    unsaid = words[stage.by(SAYS_NOTHING)[0]]
    generative = unsaid & CONSENT_ONLY
    stage.must(not generative, "silence opens no generative use")
    stage.plain(
        f"{SAYS_NOTHING} says nothing, and {SAYS_YES} nothing yet. That leaves"
        f" {unsaid.bit_count()} uses open, as the terms have it, and {generative.bit_count()} of"
        f" the {CONSENT_ONLY.bit_count()} generative ones. Silence is not a yes."
    )
