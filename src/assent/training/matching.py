"""The samples of a set against its manifest: both rise by number, so they are read side by side.

Finds what is missing, what is extra, what comes twice, and audio or descriptions that are not what
the manifest says. Memory is flat however large the set is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from assent.errors import AssentError
from assent.sound.decode import opened
from assent.sound.measure import AudioDigest
from assent.sound.source import ByteStream, safe_name
from assent.training.findings import Findings, Kind
from assent.training.item import Item, describe, file_number
from assent.training.shard import CHUNK_BYTES, Found

__all__ = ["Matching"]


@dataclass(slots=True)
class Matching:
    """Goes through samples and manifest side by side.

    Args:
        training_set: The set's id.
        items: The manifest's, by rising number.
        withdrawn: The recordings that were taken back while the set was built.
        deep: Decode the audio too.
        findings: Where to note what is wrong.
        seen: Called after each sample.
        matched: How many recordings were found where they belong.
        size_bytes: How much audio that is.
        frames: How much sound.
        left_out: How many recordings that were taken back are not there, as it should be.
    """

    training_set: str
    items: Iterator[Item]
    withdrawn: frozenset[str]
    deep: bool
    findings: Findings
    seen: Callable[[], None]
    matched: int = 0
    size_bytes: int = 0
    frames: int = 0
    left_out: int = 0
    _last: int = -1
    _blind: bool = False
    _waiting: Item | None = None

    def __post_init__(self) -> None:
        self._waiting = next(self.items, None)

    def lose_sight(self) -> None:
        """Note that samples were passed over unread: none is missing until the next one read."""
        self._blind = True

    def take(self, found: Found, shard: str) -> None:
        """Compare the next sample."""
        number = file_number(found.file)
        if number is None:
            self._extra(found, shard, "is no recording of a set")
        elif number <= self._last:
            self._extra(found, shard, "comes twice, or out of turn")
        else:
            self._last = number
            self._pass_over(number)
            self._compare(found, number, shard)
        self.seen()

    def finish(self) -> None:
        """Note what the manifest names and no shard held."""
        self._pass_over(None)

    def _extra(self, found: Found, shard: str, why: str) -> None:
        self.findings.add(Kind.EXTRA, shard, f"{safe_name(found.file)} in {shard} {why}")

    def _pass_over(self, number: int | None) -> None:
        """Go on in the manifest up to a number, or to its end."""
        while (item := self._waiting) is not None and (number is None or item.number < number):
            if item.recording in self.withdrawn:
                self.left_out += 1
            elif not self._blind:
                text = f"{item.recording} is in the manifest and in no shard"
                self.findings.add(Kind.MISSING, item.recording, text)
            self._waiting = next(self.items, None)
        self._blind = False

    def _compare(self, found: Found, number: int, shard: str) -> None:
        item = self._waiting
        if item is None or item.number != number:
            self._extra(found, shard, "is not in the manifest")
            return
        self._waiting = next(self.items, None)
        if item.recording in self.withdrawn:
            self._extra(found, shard, "was taken back, and is there all the same")
            return
        self.matched += 1
        self.size_bytes += item.size_bytes
        self.frames += item.frames
        if found.description != describe(item, self.training_set) or found.file != item.file:
            text = f"what {shard} says of {item.recording} is not what the manifest says"
            self.findings.add(Kind.DESCRIPTION, item.recording, text)
        for wrong in self._wrong(item, found):
            self.findings.add(Kind.AUDIO, item.recording, f"the audio of {item.recording} {wrong}")

    def _wrong(self, item: Item, found: Found) -> Iterator[str]:
        if found.size_bytes != item.size_bytes:
            yield f"has {found.size_bytes} bytes, not {item.size_bytes}"
        elif _digest(found.audio) != item.digest:
            yield "is not the audio of the manifest"
        elif self.deep:
            yield from _sounds_wrong(item, found.audio)


def _digest(audio: ByteStream) -> str:
    digest = sha256()
    audio.seek(0)
    while chunk := audio.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _sounds_wrong(item: Item, audio: ByteStream) -> Iterator[str]:
    """Decode, and yield what is not what the manifest says."""
    audio.seek(0)
    try:
        with opened(audio) as recording:
            probe, frames = recording.probe, 0
            digest = AudioDigest(probe.channels)
            for block in recording.blocks():
                frames += block.shape[1]
                digest.add(block)
    except AssentError as error:
        yield f"cannot be decoded: {error.text}"
        return
    heard = (probe.sr, probe.channels, frames, digest.hexdigest(), probe.codec)
    said = (item.sr, item.channels, item.frames, item.audio_digest, item.codec)
    names = ("sample rate", "channels", "length", "sound", "codec")
    different = [name for name, one, other in zip(names, heard, said, strict=True) if one != other]
    if different:
        yield f"decodes to another {' and '.join(different)} than the manifest says"
