import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadInput
from assent.vault.blob import HeldBlob, ReadAt, blob_path, name_of

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
names = st.from_regex(r"[0-9a-z][0-9a-z][0-9a-z._-]{1,126}", fullmatch=True)


@given(name=names)
def test_a_path_and_a_name_know_each_other(name: str) -> None:
    assert name_of(blob_path(name)) == name


@given(name=names)
def test_a_blob_lies_one_folder_deep(name: str) -> None:
    folder, last = blob_path(name).split("/")
    assert (folder, last) == (name[:2], name)
    assert set(folder) <= set(ALPHABET)


@pytest.mark.parametrize(
    "name",
    ["", "a", "ab", "..", "../x", "a.b", ".incoming", "ABC", "ab/c", "abc\n", "ab\0c", "äbc"],
)
def test_what_could_lie_elsewhere_is_no_name(name: str) -> None:
    with pytest.raises(BadInput, match="a blob's name is 3 to 128 lower-case letters") as caught:
        blob_path(name)
    assert caught.value.facts == {"name": name}


def test_a_name_has_an_end() -> None:
    assert blob_path("a" * 128)
    with pytest.raises(BadInput):
        blob_path("a" * 129)


@pytest.mark.parametrize("path", ["abc", "ab/c", "ba/abc", "ab/abc/d", ".incoming/abc", "ab/ABC"])
def test_what_lies_elsewhere_has_no_name(path: str) -> None:
    assert name_of(path) is None


def test_a_blob_in_memory_gives_views_not_copies() -> None:
    blob: ReadAt = HeldBlob(b"yes or no")
    view = blob.read_at(4, 2)
    assert isinstance(view, memoryview)
    assert (blob.size, bytes(view)) == (9, b"or")
    blob.close()
    blob.close()
