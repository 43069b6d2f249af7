"""A stocked platform, items of every kind, and folders to tamper with; invented artists."""

import io
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from assent.acts.house import House
from assent.acts.say import About, choose, grant, withdraw
from assent.catalogue.events import Event
from assent.permission.presets import Preset
from assent.training.item import Ground, Item
from tests.houses import RIVAL, add, add_program

__all__ = ["PROGRAM", "Stock", "Stopping", "files_of", "items", "sample_item", "stock", "take_back"]

PROGRAM = "rival-train"


class Stock(NamedTuple):
    """What is on the platform.

    Args:
        house: The platform.
        permitted: The recordings that `PROGRAM` may use, by number.
        others: Those it may not.
    """

    house: House
    permitted: tuple[str, ...]
    others: tuple[str, ...]


def stock(house: House, folder: Path, count: int = 3) -> Stock:
    """Upload some recordings of an artist who says yes, and one each of three who do not."""
    first = [add(house, folder, "Ada Quill") for _ in range(count)]
    others = [add(house, folder, "Bo Ferrum"), add(house, folder, "Cy Loom")]
    last = add(house, folder, "Ada Quill")
    add_program(house, PROGRAM)
    grant(house, About(holder="Ada Quill", program=PROGRAM), RIVAL)
    choose(house, "Bo Ferrum", Preset.NO_AI)
    return Stock(house, (*first, last), tuple(others))


def take_back(house: House, recording: str, artist: str = "Ada Quill") -> Event:
    """Have the artist take one recording back."""
    return withdraw(house, About(holder=artist, recording=recording, program=PROGRAM), RIVAL)


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def sample_item(number: int, audio: bytes, **fields: object) -> Item:
    """Return an item that some bytes are the audio of."""
    said: dict[str, object] = {
        "recording": f"r{number}",
        "number": number,
        "title": f"Song {number}",
        "artist": "Ada Quill",
        "file": f"r{number}.wav",
        "digest": sha256(audio).hexdigest(),
        "audio_digest": "00" * 32,
        "size_bytes": len(audio),
        "frames": 100,
        "sr": 8000,
        "channels": 1,
        "codec": "pcm_s16le",
        "licence": "",
        "grounds": (_GROUND,),
    }
    return Item(**{**said, **fields})  # type: ignore[arg-type]  # fields of Item, by name


_GROUND = Ground(
    kind="granted",
    recording="r0",
    holder="a0",
    name="Ada Quill",
    role=None,
    text=None,
    events=(7,),
    uses=("partner/train-rival",),
)

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
_counts = st.integers(1, 1 << 40)
_grounds = st.builds(
    Ground,
    kind=_texts,
    recording=_texts,
    holder=st.none() | _texts,
    name=st.none() | _texts,
    role=st.none() | _texts,
    text=st.none() | _texts,
    events=st.lists(st.integers(1, 1 << 40), max_size=3).map(tuple),
    uses=st.lists(_texts, max_size=3).map(tuple),
)


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    """Draw the items of a manifest: any words, any numbers, rising."""
    numbers = sorted(draw(st.sets(st.integers(0, 10**17), max_size=6)))
    return [
        Item(
            recording=f"r{number}",
            number=number,
            title=draw(_texts),
            artist=draw(_texts),
            file=f"r{number}.{draw(st.sampled_from(['ogg', 'wav', 'audio']))}",
            digest=draw(_digests),
            audio_digest=draw(_digests),
            size_bytes=draw(_counts),
            frames=draw(_counts),
            sr=draw(_counts),
            channels=draw(_counts),
            codec=draw(_texts),
            licence=draw(_texts),
            grounds=tuple(draw(st.lists(_grounds, min_size=1, max_size=2))),
        )
        for number in numbers
    ]


class Stopping(io.BytesIO):
    """Audio that is refused after some bytes."""

    def __init__(self, audio: bytes, after: int, refusal: Exception) -> None:
        super().__init__(audio)
        self._left = after
        self._refusal = refusal

    def read(self, size: int | None = -1, /) -> bytes:
        if self._left <= 0:
            raise self._refusal
        chunk = super().read(min(self._left, 1000))
        self._left -= len(chunk)
        return chunk
