"""`set.json`: what is written is read, and no bit of it changes unseen."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadInput
from assent.training.set_file import SET, SetFile, ShardEntry, format_set, parse_set, read_set
from assent.training.shard import Form

_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_counts = st.integers(0, 1 << 60)
_sets = st.builds(
    SetFile,
    id=_words,
    event=_counts,
    program=_words,
    head=_counts,
    form=st.sampled_from(Form),
    manifest=_words,
    permitted=_counts,
    items=_counts,
    size_bytes=_counts,
    frames=_counts,
    shards=st.lists(
        st.builds(ShardEntry, file=_words, sha256=_words, size_bytes=_counts, items=_counts),
        max_size=2,
    ).map(tuple),
    withdrawn=st.lists(_words, max_size=3).map(tuple),
)
SOME = SetFile(
    id="s0",
    event=9,
    program="rival-train",
    head=8,
    form=Form.WEBDATASET,
    manifest="ab" * 32,
    permitted=2,
    items=1,
    size_bytes=100,
    frames=50,
    shards=(ShardEntry(file="shard-000000.tar", sha256="cd" * 32, size_bytes=2048, items=1),),
    withdrawn=("r4",),
)


@given(_sets)
def test_what_is_written_is_read(described: SetFile) -> None:
    assert parse_set(format_set(described)) == described


def test_no_bit_can_change_unseen() -> None:
    text = format_set(SOME)
    for place in range(len(text)):
        for bit in range(8):
            changed = bytearray(text)
            changed[place] ^= 1 << bit
            with pytest.raises(BadInput, match=SET):
                parse_set(bytes(changed))


@given(st.binary(max_size=40) | st.text(alphabet='{}[]":,01ab ', max_size=40).map(str.encode))
def test_whatever_else_is_there_is_refused(text: bytes) -> None:
    with pytest.raises(BadInput, match=SET):
        parse_set(text)


def _changed(**fields: object) -> bytes:
    said = {**json.loads(format_set(SOME)), **fields}
    return (json.dumps(said, indent=1, sort_keys=True) + "\n").encode()


WRONG = {
    "another format": _changed(format="assent-training-set/9"),
    "another form": _changed(form="zip"),
    "a count below nothing": _changed(items=-1),
    "a count that is true": _changed(items=True),
    "a count that is text": _changed(items="1"),
    "an id that is none": _changed(id=None),
    "a field more": _changed(more=1),
    "no shards": _changed(shards=None),
    "a shard that is none": _changed(shards=[1]),
    "withdrawn that is text": _changed(withdrawn="r4"),
    "withdrawn numbers": _changed(withdrawn=[4]),
    "another digest": _changed(digest="00"),
    "too deep": b"[" * 100_000,
    "a number too long": b'{"format": ' + b"1" * 10_000 + b"}",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_what_no_build_writes_is_refused(text: bytes) -> None:
    with pytest.raises(BadInput, match=SET):
        parse_set(text)


def test_a_set_that_vouches_for_itself_is_still_checked_for_its_kinds() -> None:
    wrong = replace(SOME, items=True)
    with pytest.raises(BadInput):
        parse_set(format_set(wrong))


def test_a_folder_without_a_set_a_link_and_a_giant_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no training set, or not a whole one"):
        read_set(tmp_path)
    (tmp_path / "elsewhere").write_bytes(format_set(SOME))
    (tmp_path / SET).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="no training set"):
        read_set(tmp_path)
    (tmp_path / SET).unlink()
    with (tmp_path / SET).open("wb") as file:
        file.truncate(1 << 27)
    with pytest.raises(BadInput, match="larger"):
        read_set(tmp_path)
    (tmp_path / SET).write_bytes(format_set(SOME))
    assert read_set(tmp_path) == SOME


def test_a_folder_whose_name_no_disk_can_have_is_refused() -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_set(Path("x" * 5000))
