"""Byte ranges, as RFC 9110 has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.listening.ranges import Unsatisfiable, asked

ETAG = '"tag"'


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-", 0, 100),
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=90-200", 90, 100),
        ("bytes=90-" + "9" * 23, 90, 100),
        ("bytes=-1", 99, 100),
        ("bytes=-500", 0, 100),
        ("bytes = 5 - 6", 5, 7),
    ],
)
def test_a_single_range_is_given(header: str, start: int, end: int) -> None:
    span = asked(header, None, 100, ETAG)
    assert (span.start, span.end, span.partial) == (start, end, True)
    assert span.content_range == f"bytes {start}-{end - 1}/100"


@pytest.mark.parametrize(
    "header", [None, "", "bytes=", "bytes=-", "bytes=1-2,4-5", "lines=1-2", "bytes=9-3", "bytes=a-"]
)
def test_what_is_no_single_range_gives_the_whole(header: str | None) -> None:
    span = asked(header, None, 100, ETAG)
    assert (span.start, span.end, span.partial) == (0, 100, False)


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end_cannot_be_given(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        asked(header, None, 100, ETAG)


def test_a_range_of_what_was_another_file_gives_the_whole() -> None:
    assert asked("bytes=5-", ETAG, 100, ETAG).partial
    assert not asked("bytes=5-", '"other"', 100, ETAG).partial
    assert not asked("bytes=5-", "Wed, 21 Oct 2031 07:28:00 GMT", 100, ETAG).partial


@given(st.text(max_size=30), st.integers(1, 10**9))
def test_whatever_is_asked_the_bytes_lie_in_the_file(header: str, size: int) -> None:
    try:
        span = asked(f"bytes={header}", None, size, ETAG)
    except Unsatisfiable:
        return
    assert 0 <= span.start < span.end <= size
    assert span.partial or span.length == size


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 150))
def test_the_pieces_of_a_file_make_the_file(first: int, second: int, size: int) -> None:
    data = bytes(at % 251 for at in range(size))
    cuts = sorted({0, min(first, size - 1), min(second, size - 1)})
    ends = [*cuts[1:], size]
    pieces = []
    for start, end in zip(cuts, ends, strict=True):
        span = asked(f"bytes={start}-{end - 1}", None, size, ETAG)
        pieces.append(data[span.start : span.end])
    assert b"".join(pieces) == data
