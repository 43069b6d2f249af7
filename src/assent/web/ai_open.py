"""What stays open under a preset or after a choice, and by which words."""

from collections.abc import Mapping
from urllib.parse import quote

from assent.permission.presets import PRESETS, Preset
from assent.permission.uses import labels
from assent.studio.choices import ChosenPreset
from assent.studio.foresight import Foresight
from assent.studio.foresight_presets import TRAINS, Left, Outlook, promise
from assent.studio.foresight_remains import Because, Remain
from assent.studio.foresight_words import because_told, use_lines, uses_told
from assent.web.view import View

__all__ = [
    "LeftView",
    "PresetView",
    "RemainView",
    "TextView",
    "UseLineView",
    "UserView",
    "presets_view",
    "remains_view",
    "use_lines_view",
    "users_view",
]


class TextView(View):
    """A text by its id, and where it is told what it leaves open; empty for an agreement."""

    id: str
    href: str


class UseLineView(View):
    """One thing done, in plain words, and the names of the uses that it tells."""

    text: str
    uses: list[str]


class LeftView(View):
    """What a preset leaves open by some texts: the training in words, all else counted.

    `refusable` says that a no would close it.
    """

    trains: list[UseLineView]
    more: int
    refusable: bool
    texts: list[TextView]


class PresetView(View):
    """A preset: `chosen` is the one that was chosen last, `like` the one that the terms come to.

    `lines` says what it means under the texts that hold for this account, and `left` what they
    leave open all the same.
    """

    name: str
    title: str
    lines: list[str]
    chosen: bool
    like: bool
    left: list[LeftView]


class RemainView(View):
    """Uses that would be open for one reason; `later` says that it is about what comes later."""

    because: str
    says: str
    later: bool
    lines: list[UseLineView]
    texts: list[TextView]


class UserView(View):
    """A program that could use recordings after all, how many, and what for."""

    program: str
    owner: str
    live: bool
    recordings: int
    plain: list[str]


def presets_view(chosen: ChosenPreset, outlooks: Mapping[Preset, Outlook]) -> list[PresetView]:
    """Return the presets, as they would come out.

    Args:
        chosen: Which one was chosen.
        outlooks: What each would leave open.
    """
    return [
        PresetView(
            name=preset.value,
            title=PRESETS[preset].title,
            lines=list(promise(outlooks[preset])),
            chosen=preset is chosen.preset,
            like=preset is chosen.is_like,
            left=[_left(it) for it in outlooks[preset].left if _is_told(preset, it)],
        )
        for preset in Preset
    ]


def _is_told(preset: Preset, left: Left) -> bool:
    # of the other presets only training says more than their lines do
    return preset is Preset.NO_AI or bool(left.uses & TRAINS)


def _left(left: Left) -> LeftView:
    return LeftView(
        trains=use_lines_view(dict.fromkeys(labels(left.uses & TRAINS), 0)),
        more=(left.uses & ~TRAINS).bit_count(),
        refusable=left.because is Because.UNLESS_NO,
        texts=_texts(left.texts, is_agreement=left.is_agreement),
    )


def use_lines_view(counts: Mapping[str, int], of: int = 0) -> list[UseLineView]:
    """Return uses in plain words, one line for each thing done.

    Args:
        counts: In how many recordings each is meant, by its name; 0 where none are counted.
        of: How many recordings there are.
    """
    return [UseLineView(text=it.text, uses=list(it.uses)) for it in use_lines(counts, of)]


def remains_view(foresight: Foresight) -> list[RemainView]:
    """Return what would be open after all."""
    return [_remain(it, foresight.recordings) for it in foresight.remains]


def _remain(remain: Remain, of: int) -> RemainView:
    counts = {labels(use)[0]: many for use, many in remain.counts.items()}
    says = because_told(remain.because, is_agreement=remain.is_agreement)
    return RemainView(
        because=remain.because.value,
        says=f"{says[:1].upper()}{says[1:]}",
        later=remain.is_later,
        lines=use_lines_view(counts, of),
        texts=_texts(remain.texts, is_agreement=remain.is_agreement),
    )


def users_view(foresight: Foresight) -> list[UserView]:
    """Return the programs that could use any of the recordings after all."""
    return [
        UserView(
            program=it.program,
            owner=it.owner,
            live=it.is_live,
            recordings=len(it.gains) + len(it.keeps),
            plain=list(uses_told(it.uses)),
        )
        for it in foresight.users
    ]


def _texts(texts: tuple[str, ...], *, is_agreement: bool) -> list[TextView]:
    return [
        TextView(id=it, href="" if is_agreement else f"/terms/{quote(it, safe='')}/open")
        for it in texts
    ]
