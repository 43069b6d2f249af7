"""Everything that can go wrong, split by who is to blame.

    AssentError
    ├── Refused             the answer is no
    │   ├── NotPermitted        the gate's decision; carries it
    │   ├── NotAllowed          this person may not do this act
    │   ├── NotProved           what was to be verified does not hold
    │   └── TokenRefused        a token is forged, expired or for something else
    ├── BadInput            what was handed in cannot be used
    │   ├── BadAudio            not audio, truncated, empty or without length
    │   ├── BadProof            a receipt, note, policy, tile or evidence that breaks its format
    │   ├── BadTable            a CSV without the columns it needs
    │   ├── BadText             a terms, agreement or program file that breaks its rules
    │   └── BadStatement        uses, dates or a preset that cannot be meant
    ├── Unknown             it names something that does not exist
    └── CouldNot            the world did not cooperate
        ├── Busy                somebody else is at it, who must come to an end first
        ├── StorageFailed       disk full, read-only, object store or database away
        ├── KeyFailed           a master key that is missing, malformed or the wrong one
        ├── Tampered            sealed bytes or a projection that is not what was written
        └── Stale               the snapshot could not be brought up to date in time

Errors know nothing of exit codes or HTTP: each face has one table from class to code.
The text of an error is one clause that a musician can read.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AssentError",
    "BadAudio",
    "BadInput",
    "BadProof",
    "BadStatement",
    "BadTable",
    "BadText",
    "Busy",
    "CouldNot",
    "KeyFailed",
    "NotAllowed",
    "NotPermitted",
    "NotProved",
    "Refused",
    "Stale",
    "StorageFailed",
    "Tampered",
    "TokenRefused",
    "Unknown",
]


class AssentError(Exception):
    """The root.

    Args:
        text: One clause for a person, without a full stop.
        facts: What a program may want to know of it, by name.
    """

    def __init__(self, text: str, **facts: object) -> None:
        super().__init__(text)
        self.text = text
        self.facts: Mapping[str, object] = facts

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the facts when a worker process hands the error to its parent."""
        return (_rebuilt, (type(self), self.text, dict(self.facts)))


def _rebuilt(kind: type[AssentError], text: str, facts: dict[str, object]) -> AssentError:
    return kind(text, **facts)


class Refused(AssentError):
    """The answer is no."""


class NotPermitted(Refused):
    """The gate refused; `facts["decision"]` is the decision with its reasons, None if erased."""


class NotAllowed(Refused):
    """This person may not do this act."""


class NotProved(Refused):
    """What was to be verified does not hold; for a proof, `facts["reason"]` is a reason code."""


class TokenRefused(Refused):
    """A token is forged, expired or for something else."""


class BadInput(AssentError):
    """What was handed in cannot be used."""


class BadAudio(BadInput):
    """Not audio, truncated, empty or without length."""


class BadProof(BadInput):
    """A receipt, note, policy, tile or evidence file that breaks its format.

    `facts["reason"]` is a reason code of docs/log.md.
    """


class BadTable(BadInput):
    """A table without the columns it needs."""


class BadText(BadInput):
    """A terms, agreement or program file that breaks its rules."""


class BadStatement(BadInput):
    """Uses, dates or a preset that cannot be meant."""


class Unknown(AssentError):
    """It names something that does not exist."""


class CouldNot(AssentError):
    """The world did not cooperate."""


class Busy(CouldNot):
    """Somebody else is at it, who must come to an end first."""


class StorageFailed(CouldNot):
    """Disk full, read-only, object store or database away."""


class KeyFailed(CouldNot):
    """A master key that is missing, malformed or the wrong one."""


class Tampered(CouldNot):
    """Sealed bytes or a projection that is not what was written."""


class Stale(CouldNot):
    """The snapshot could not be brought up to date in time."""
