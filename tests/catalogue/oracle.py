"""The facts of a history, gathered from its events alone: no table is read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from assent.catalogue.events import Event
from assent.clock import parse_instant
from assent.permission.algebra import SILENT, Masks
from assent.permission.bulk import Holdings
from assent.permission.facts import NO_TEXT, Facts, Hold, Holder, Role, Standing
from assent.permission.programs import Program
from assent.permission.statements import Statement, fold
from assent.permission.territories import WORLD, missing, overlap, parse_territories
from assent.permission.uses import parse_use

__all__ = ["Oracle"]


def _word(names: Sequence[str]) -> int:
    return sum(map(parse_use, names))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)


class Oracle:
    """What a history comes to.

    Args:
        events: All of it, in order.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self.head = events[-1].number
        self.texts: dict[str, tuple[Masks[int], int]] = {}
        self.in_force: str | None = None
        self.names: dict[str, str] = {}
        self.accepted: dict[str, tuple[str, int]] = {}
        self.recordings: dict[str, Any] = {}
        self.holders: dict[str, list[dict[str, Any]]] = {}
        self.originals: dict[str, str | None] = {}
        self.holds: dict[int, tuple[str, Hold]] = {}
        self.statements: list[Statement] = []
        self.programs: dict[str, Program] = {}
        for event in events:
            self._take(event)

    def _take(self, event: Event) -> None:
        body, number = event.body, event.number
        match event.kind:
            case "account":
                self.names[body["id"]] = body["name"]
            case "terms.publish" | "agreement":
                masks = Masks(*(_word(body[name]) for name in Masks._fields))
                self.texts[body["id"]] = (masks, number)
                if event.kind == "terms.publish":
                    self.in_force = body["id"]
            case "terms.accept":
                self.accepted[body["account"]] = (body["text"], number)
            case "recording":
                self.recordings[body["id"]] = body
                self.holders[body["id"]] = body["holders"]
            case "holding":
                self.holders[body["recording"]] = body["holders"]
            case "copy":
                self.originals[body["recording"]] = body["original"]
            case _:
                self._take_other(event)

    def _take_other(self, event: Event) -> None:
        body, number = event.body, event.number
        match event.kind:
            case "hold":
                hold = Hold(event=number, uses=_word(body["uses"]), cause=body["cause"])
                self.holds[number] = (body["recording"], hold)
            case "hold.lift":
                del self.holds[body["hold"]]
            case "statement":
                self.statements.append(_statement(event))
            case "program.propose":
                self.programs[body["id"]] = Program(
                    id=body["id"],
                    uses=_word(body["uses"]),
                    territories=parse_territories(body["territories"].split()),
                    proposed=number,
                )
            case _:
                pass  # no word depends on it

    def facts(self, recording: str, program: str | None, at: datetime) -> Facts:
        """Return the facts of one recording for one program, or for none."""
        asked = self.programs[program].territories if program else WORLD
        held = sorted(self.holders[recording], key=lambda holder: str(holder["holder"]))
        places = [parse_territories(holder["territories"].split()) for holder in held]
        original = self.originals.get(recording)
        return Facts(
            recording=recording,
            holders=tuple(
                self._holder(holder["holder"], recording, program, at)
                for holder, place in zip(held, places, strict=True)
                if overlap(place, asked)
            ),
            unclaimed=missing(places, asked),
            holds=tuple(hold for name, hold in self.holds.values() if name == recording),
            original=self.facts(original, program, at) if original else None,
            head=self.head,
        )

    def _holder(self, holder: str, recording: str, program: str | None, at: datetime) -> Holder:
        first, second = self._standings(holder, recording)
        mine = [statement for statement in self.statements if statement.holder == holder]
        said = fold(mine, at).says(recording, program)
        return Holder(id=holder, name=self.names[holder], first=first, second=second, said=said)

    def _standings(self, holder: str, recording: str) -> tuple[Standing, Standing]:
        if agreement := self.recordings[recording]["agreement"]:
            both = self._standing(Role.AGREEMENT, agreement, None)
            return both, both
        text, event = self.accepted.get(holder, (None, None))
        return (
            self._standing(Role.ACCEPTED, text, event),
            self._standing(Role.CURRENT, self.in_force, None),
        )

    def _standing(self, role: Role, text: str | None, event: int | None) -> Standing:
        if text is None or text not in self.texts:
            return NO_TEXT[role]
        masks, published = self.texts[text]
        return Standing(role=role, text=text, masks=masks, event=event or published)

    def columns(self, program: str | None, at: datetime) -> Holdings:
        """Return the whole platform as columns, recordings in the order of their numbers."""
        names = list(self.recordings)
        numbers = {text: number for number, text in enumerate(self.texts, 1)}
        rows: list[tuple[int, int, int, int]] = []
        starts = [0]
        for name in names:
            facts = self.facts(name, program, at)
            rows += [
                (
                    numbers.get(holder.first.text, 0),
                    numbers.get(holder.second.text, 0),
                    holder.said.granted,
                    holder.said.refused,
                )
                for holder in (() if facts.unclaimed else facts.holders)
            ]
            starts.append(len(rows))
        table = np.array(rows, np.uint64).reshape(-1, 4)
        held = [self.held(name) for name in names]
        of = [self.originals.get(name) for name in names]
        return Holdings(
            texts=[SILENT, *(masks for masks, _ in self.texts.values())],
            first=table[:, 0].astype(np.uint16),
            second=table[:, 1].astype(np.uint16),
            granted=table[:, 2],
            refused=table[:, 3],
            starts=np.array(starts, np.int64),
            held=np.array(held, np.uint64),
            original=np.array([names.index(o) if o else -1 for o in of], np.int64),
        )

    def held(self, recording: str) -> int:
        """Return what holds switch off."""
        uses = 0
        for name, hold in self.holds.values():
            if name == recording:
                uses |= hold.uses
        return uses


def _statement(event: Event) -> Statement:
    body = event.body
    return Statement(
        event=event.number,
        holder=body["holder"],
        recording=body["recording"],
        program=body["program"],
        grants=_word(body["grants"]),
        refuses=_word(body["refuses"]),
        withdraws=_word(body["withdraws"]),
        lifts=_word(body["lifts"]),
        all_programs=body["all_programs"],
        since=_instant(body["since"]),
        until=_instant(body["until"]),
    )
