"""What a receipt comes to, as a person reads it and as JSON."""

from json import dumps
from typing import TYPE_CHECKING

from assent.cli.output import put
from assent.clock import format_instant

if TYPE_CHECKING:
    from assent.log.policy import Trusted
    from assent.log.receipt import Checked

__all__ = ["put_receipt", "receipt_fields", "sentence"]

_LONGEST = 160
_NOT_FOR_READING = frozenset({"waveform"})


def sentence(reason: str) -> str:
    """Return what a reason code means."""
    from assent.log.receipt import SENTENCES

    return SENTENCES.get(reason, reason)


def receipt_fields(checked: "Checked") -> dict[str, object]:
    """Return a verdict as `--json` prints it."""
    claim = checked.claim
    fields: dict[str, object] = {
        "verdict": checked.verdict.value,
        "reason": checked.reason,
        "text": sentence(checked.reason),
        "holds": checked.holds,
        "index": checked.index,
        "entry": checked.entry,
        "record": checked.record,
        "shown": checked.shown,
        "claim": None,
    }
    if claim is not None:
        fields["claim"] = {
            "kind": claim.kind,
            "recording": claim.recording,
            "registered": claim.registered,
            "value": claim.value,
        }
    return {**fields, **_log_fields(checked.trusted)}


def _log_fields(trusted: "Trusted | None") -> dict[str, object]:
    if trusted is None:
        return {"log": None, "size": None, "witnessed": False, "cosigned": []}
    return {
        "log": trusted.checkpoint.origin,
        "size": trusted.checkpoint.size,
        "witnessed": bool(trusted.cosigned) and trusted.witnessed,
        "cosigned": [{"witness": name, "at": format_instant(at)} for name, at in trusted.cosigned],
    }


def put_receipt(checked: "Checked") -> None:
    """Print the verdict, and then what it is about.

    Raises:
        StorageFailed: It cannot be written.
    """
    put(f"{checked.verdict.value}: {sentence(checked.reason)}")
    if checked.trusted is None:
        return
    if checked.claim is not None:
        put(_claimed(checked))
    if checked.record is not None:
        _put_record(checked)
    elif checked.entry is not None:
        put(f"{checked.entry['k']}, at {checked.entry['t']}; what it said is not shown")
    checkpoint = checked.trusted.checkpoint
    who = ", ".join(name for name, _ in checked.trusted.cosigned)
    put(f"entry {checked.index} of {checkpoint.size} in {checkpoint.origin}")
    put(
        f"witnessed by {who}"
        if who
        else "witnessed by nobody: that others are shown the same log is the operator's word alone"
    )


def _put_record(checked: "Checked") -> None:
    record, shown = checked.record or {}, checked.shown or {}
    by = f" by {shown['by']}" if "by" in shown else ""
    put(f"{record['kind']}, event {record['number']}, at {record['at']}{by}")
    for name, value in sorted(record["body"].items()):
        if value not in (None, [], "") and name not in _NOT_FOR_READING:
            put(f"  {name}: {_short(value)}")
    for name in ("holders", "counts"):
        for part in shown.get(name, []):
            put(f"  {name}: {_short(part['entry'])}")


def _claimed(checked: "Checked") -> str:
    claim, public = checked.claim, (checked.entry or {}).get("b", {})
    assert claim is not None  # noqa: S101  # the caller asked
    which = f"{claim.recording}, registered as event {claim.registered},"
    if claim.kind == "absent" and claim.registered > public.get("head", 0):
        return f"{which} came after the training set {public.get('id')}, so it is not in it"
    if claim.kind == "absent":
        return f"{which} is not in the training set {public.get('id')}"
    if claim.kind == "member":
        return f"{which} is in the training set {public.get('id')}"
    value = claim.value or {}
    said = (
        f"as of event {public.get('head')}, {claim.recording} is open for: {_uses(value['word'])}"
    )
    programs = value.get("programs", {})
    return "; ".join(
        [said, *(f"for the program {name}: {_uses(word)}" for name, word in programs.items())]
    )


def _uses(word: str) -> str:
    from assent.permission.uses import ALL, labels

    return ", ".join(labels(int(word, 16) & ALL)) or "nothing"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
