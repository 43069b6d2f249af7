"""The two logs of a platform: every event, and the roots of prefix trees; published and read.

Begun the first time that something is published: then the logs get their origins, keys and the
policy by which strangers may trust them. Publishing is for one process at a time; whoever comes
second waits a little.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from secrets import token_hex

from assent.acts.house import House
from assent.catalogue.engine import alone
from assent.catalogue.leaves import INDEX_KINDS, Ledger
from assent.disk import replace_file, storage
from assent.errors import KeyFailed, NotProved, Unknown
from assent.log.checkpoint import Checkpoint
from assent.log.keys import create_keys, load_keys, new_key
from assent.log.policy import Policy, PolicyLog, format_policy, parse_policy
from assent.log.store import LogStore, open_store
from assent.log.tile import TileReader
from assent.log.tree import prove_inclusion
from assent.log.writer import Published, Witnesses, Writer, read_published

__all__ = ["CONSENT", "INDEX", "LOGS", "Head", "Log", "Logs"]

CONSENT, INDEX = "consent", "index"
LOGS = (CONSENT, INDEX)

_PATIENCE_S = 20.0
_NO_DOMAIN = "assent.invalid"
"""Origins need not be reachable; this one says that it never is (RFC 6761)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A log as it stands in public.

    Args:
        checkpoint: Its size and root.
        note: The same, as it was signed.
        tiles: Its hashes, by level and index.
    """

    checkpoint: Checkpoint
    note: bytes
    tiles: TileReader

    def prove(self, index: int) -> tuple[bytes, ...]:
        """Return the proof that the entry at an index is included."""
        return prove_inclusion(index, self.checkpoint.size, self.tiles)


class Log:
    """One log of a platform.

    Args:
        house: The platform.
        name: Which one.
    """

    def __init__(self, house: House, name: str) -> None:
        self.name = name
        self.ledger = Ledger(house.engine, name, INDEX_KINDS if name == INDEX else None)
        self.keys = house.settings.log_keys / name
        self._address = house.settings.log

    @cached_property
    def store(self) -> LogStore:
        """Where its public files lie."""
        return open_store(self._address, self.name)

    def head(self) -> Head:
        """Return the log as it stands in public.

        Raises:
            Unknown: Nothing of it was published yet.
            StorageFailed: It cannot be read.
        """
        found = read_published(self.store)
        if found is None:
            raise Unknown(f"nothing of the log {self.name!r} was published yet")
        tiles = TileReader(self.store.get, found[0].size)
        return Head(checkpoint=found[0], note=found[1], tiles=tiles)


class Logs:
    """The logs of a platform.

    Args:
        house: The platform.
        witnesses: Given the policy in force, who cosigns checkpoints; nobody if None.
    """

    def __init__(
        self, house: House, witnesses: Callable[[Policy], Witnesses | None] | None = None
    ) -> None:
        self._house = house
        self._witnesses = witnesses
        self.consent = Log(house, CONSENT)
        self.index = Log(house, INDEX)
        self._writers: dict[str, Writer] = {}

    def log(self, name: str) -> Log:
        """Return one of the two by its name.

        Raises:
            Unknown: There is no such log.
        """
        for log in (self.consent, self.index):
            if log.name == name:
                return log
        raise Unknown(f"there is no log {name!r}; there are {' and '.join(LOGS)}", log=name)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other publisher out of a block.

        Raises:
            Busy: Another one is at work and does not come to an end.
        """
        with alone(self._house.engine, self._house.settings.data / "log.lock", _PATIENCE_S):
            yield

    def publish(self, *, again: bool = False) -> dict[str, Published]:
        """Publish all that has happened in both logs.

        Args:
            again: Sign and have cosigned anew even where nothing has happened.

        Raises:
            BadProof: The logs cannot be called as the settings say.
            Busy: Another process is publishing.
            KeyFailed: The signing keys are gone.
            StorageFailed: The disk refused; nothing was signed.
            Tampered: What is public is not what the catalogue says; nothing was signed.
        """
        with self.alone():
            self._begin()
            at = self._house.clock()
            published = {}
            for log in (self.consent, self.index):
                # one whose witnesses were away is shown to them again, once by each process
                missed = log.name not in self._writers and self._is_unwitnessed(log)
                published[log.name] = self._writer(log).publish(at, again=again or missed)
            return published

    def _is_unwitnessed(self, log: Log) -> bool:
        """Say whether the quorum that the policy wants did not cosign what is public."""
        found = read_published(log.store)
        if found is None or self._witnesses is None:
            return False
        try:
            return not self.policy().check(found[1]).witnessed
        except NotProved:
            return False  # what is wrong with it is for the writer to say

    def _begin(self) -> None:
        """Give the logs origins, keys and a policy, those that they have not."""
        base = self._house.settings.log_origin.strip("/") or f"{_NO_DOMAIN}/{token_hex(8)}"
        new_key(f"{base}/{CONSENT}")  # refuses what could not be a log's name, for good
        consent = self.consent.ledger.start(f"{base}/{CONSENT}").origin
        # both under one base, also where the first was started and the second not any more
        self.index.ledger.start(f"{consent.rpartition('/')[0]}/{INDEX}")
        for log in (self.consent, self.index):
            state = log.ledger.state()
            # keys that have signed and are gone are not for us to replace
            if state.frontier.size == 0 and read_published(log.store) is None:
                create_keys(log.keys, state.origin)
        if not self._house.settings.policy.exists():
            if read_published(self.consent.store) is not None:
                raise KeyFailed(
                    f"the policy {self._house.settings.policy.name} is gone, and with it who has"
                    " to witness the log: put your copy of it back"
                )
            self.trust(Policy(logs=self._own(), witnesses=(), groups=(), quorum=None))

    def _own(self) -> tuple[PolicyLog, ...]:
        return tuple(
            PolicyLog(key=key.vkey)
            for log in (self.consent, self.index)
            for key in load_keys(log.keys)
        )

    def _writer(self, log: Log) -> Writer:
        if log.name not in self._writers:
            asked = self._witnesses(self.policy()) if self._witnesses else None
            self._writers[log.name] = Writer(log.ledger, log.store, load_keys(log.keys), asked)
        return self._writers[log.name]

    def policy(self) -> Policy:
        """Return by which keys and witnesses this platform's logs are to be trusted.

        Raises:
            BadProof: The file breaks a rule.
            Unknown: Nothing was published yet.
            StorageFailed: It cannot be read.
        """
        path = self._house.settings.policy
        with storage("read the policy", path):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                raise Unknown(
                    "nothing of the log was published yet, so there is no policy"
                ) from None
        return parse_policy(data)

    def trust(self, policy: Policy) -> None:
        """Write the policy down, in place of the one that was there.

        Raises:
            StorageFailed: The disk refused.
        """
        path = self._house.settings.policy
        with storage("write the policy", path):
            replace_file(path, format_policy(policy))
        self._writers.clear()

    def check_keys(self) -> None:
        """Check that the policy trusts every key that signs now.

        Raises:
            NotProved: It does not; strangers would refuse what is published.
        """
        trusted = {log.key for log in self.policy().logs}
        missing = [own.key.key_id.hex() for own in self._own() if own.key not in trusted]
        if missing:
            raise NotProved(f"the policy does not name the keys {', '.join(missing)}")
