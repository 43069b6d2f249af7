"""Kept fingerprints: read again as they were taken, or not at all; over both databases."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, update

from assent.catalogue import tables
from assent.catalogue.engine import reading, writing
from assent.errors import Tampered
from assent.identity.design import DESIGN, Design
from assent.identity.fingerprint import Fingerprint
from assent.identity.landmarks import landmarks
from assent.identity.peaks import Peaks
from assent.identity.store import Kept, Lengths, keep, kept, numbers, pack, tally, unpack
from tests.databases import undone
from tests.identity.music import heard, made_up, mono, patient, peaks_at

OTHER = Design(name="another")
# a peak is at least half a frame and half a band inside; ten hours are 2.25 million frames
_places = st.lists(
    st.tuples(
        st.floats(0.5, 2_250_000, width=32),
        st.floats(0.5, DESIGN.bands - 1.5, width=32),
    ),
    max_size=60,
)


def _taken(number: int, seconds: float = 4.0) -> Fingerprint:
    """A fingerprint made up, all of whose peaks are kept."""
    frames = round(seconds * DESIGN.frames_per_s) + 2
    return Fingerprint(design=DESIGN, peaks=made_up(number, seconds), frames=frames)


def _close(peaks: Peaks, read: Peaks) -> None:
    """Each peak lies where it lay, to half a step of what is kept."""
    assert len(read) == len(peaks)
    order = np.argsort(np.round(peaks["frame"].astype(np.float64) * 16), kind="stable")
    # a frame of a long recording is itself no finer than 32 bits have it
    rough = np.spacing(peaks["frame"][order])
    away = np.abs(read["frame"].astype(np.float64) - peaks["frame"][order])
    assert (away <= 1 / 32 + rough).all()
    np.testing.assert_allclose(read["band"], peaks["band"][order], rtol=0, atol=1 / 512)
    assert read["dominant"].all()
    assert (np.diff(read["frame"]) >= 0).all()


@patient
@given(_places, st.booleans())
def test_peaks_are_read_as_they_were_kept(
    places: list[tuple[float, float]], in_order: bool
) -> None:
    frames, bands = ([place[at] for place in places] for at in (0, 1))
    peaks = peaks_at(frames, bands)
    if not in_order:
        peaks = peaks[np.random.default_rng(len(places)).permutation(len(peaks))]
    read = unpack(pack(peaks))
    _close(peaks, read)
    np.testing.assert_array_equal(unpack(pack(read)), read)


def test_what_is_read_has_the_landmarks_of_what_was_heard() -> None:
    taken = heard(mono(0)[: 8 * 44_100]).kept()
    made, again = (landmarks(one, DESIGN.fan, DESIGN) for one in (taken, unpack(pack(taken))))
    assert len(again) == pytest.approx(len(made), rel=0.01)
    assert len(pack(taken)) < 6 * len(taken)


@patient
@given(_places, st.data())
def test_what_was_damaged_is_never_read_as_something_else(
    places: list[tuple[float, float]], data: st.DataObject
) -> None:
    packed = pack(peaks_at([place[0] for place in places], [place[1] for place in places]))
    at = data.draw(st.integers(0, len(packed) - 1))
    flipped = data.draw(st.integers(1, 255))
    damaged = packed[:at] + bytes([packed[at] ^ flipped]) + packed[at + 1 :]
    for other in (damaged, packed[:at], packed + bytes([flipped])):
        try:
            read = unpack(other)
        except Tampered:
            continue
        # some bits of the deflated form stand for nothing: what they say is the same
        assert other == damaged
        np.testing.assert_array_equal(read, unpack(packed))


@pytest.mark.parametrize("length", [1, 5, 7, 11])
def test_what_is_no_whole_number_of_peaks_is_tampered_with(length: int) -> None:
    with pytest.raises(Tampered, match="cut off"):
        unpack(zlib.compress(bytes(length)))


@pytest.mark.parametrize("data", [b"", b"no deflated bytes", zlib.compress(bytes(60))[:-1]])
def test_what_was_never_packed_is_tampered_with(data: bytes) -> None:
    with pytest.raises(Tampered, match="cannot be read"):
        unpack(data)


def _keep_all(connection: Connection, some: list[int]) -> dict[int, Kept]:
    return {number: keep(connection, number, _taken(number)) for number in some}


@pytest.fixture
def filled(engine: Engine) -> tuple[Engine, dict[int, Kept]]:
    """Give a catalogue that keeps fingerprints of 150 recordings, in no order."""
    order = np.random.default_rng(1).permutation(np.arange(150) * 3).tolist()
    with writing(engine) as connection:
        return engine, _keep_all(connection, order)


def test_a_catalogue_gives_what_it_keeps_by_rising_number(
    filled: tuple[Engine, dict[int, Kept]],
) -> None:
    engine, made = filled
    with reading(engine) as connection:
        assert numbers(connection) == sorted(made)
        for after in (-1, 0, 1, 222, 446, 447):
            assert numbers(connection, after) == [one for one in sorted(made) if one > after]
        wanted = [447, 0, 33, 30, 5, 999, *range(60, 360, 3)]  # more than one page, two unknown
        read = list(kept(connection, wanted))
    assert [one.recording for one in read] == sorted(set(wanted) & set(made))
    for one in read:
        expected = made[one.recording]
        assert one.frames == expected.frames
        np.testing.assert_array_equal(one.peaks, expected.peaks)
        _close(_taken(one.recording).kept(), one.peaks)


def test_lengths_are_those_of_all_that_is_kept(filled: tuple[Engine, dict[int, Kept]]) -> None:
    engine, made = filled
    with reading(engine) as connection:
        lengths = Lengths(connection)
        assert (len(lengths), list(lengths)) == (150, sorted(made))
        for number, one in made.items():
            assert lengths[number] == one.frames / DESIGN.frames_per_s
        assert lengths.hours == pytest.approx(sum(lengths.values()) / 3600)
        for number in (-1, 1, 450):
            assert number not in lengths
            assert lengths.get(number) is None
            with pytest.raises(KeyError):
                lengths[number]


def test_what_another_design_kept_is_none_of_this_one(engine: Engine) -> None:
    with undone(engine) as connection:
        _keep_all(connection, [1, 2, 3])
        taken = Fingerprint(design=OTHER, peaks=made_up(9), frames=100)
        keep(connection, 9, taken)
        assert numbers(connection) == [1, 2, 3]
        assert numbers(connection, design=OTHER) == [9]
        assert [one.recording for one in kept(connection, [1, 9])] == [1]
        assert [one.recording for one in kept(connection, [1, 9], OTHER)] == [9]
        assert 9 not in Lengths(connection)
        other = Lengths(connection, OTHER)
        assert (dict(other), len(other)) == ({9: 100 / OTHER.frames_per_s}, 1)
        assert other.hours == pytest.approx(other[9] / 3600)


def test_of_nothing_there_is_nothing(engine: Engine) -> None:
    with reading(engine) as connection:
        lengths = Lengths(connection)
        assert (len(lengths), dict(lengths), lengths.hours) == (0, {}, 0.0)
        assert numbers(connection) == []
        assert list(kept(connection, [0, 1])) == []


def test_a_damaged_row_is_said_to_be_one(engine: Engine) -> None:
    with undone(engine) as connection:
        _keep_all(connection, [1])
        table = tables.fingerprints
        connection.execute(update(table).values(peaks=b"damaged"))
        with pytest.raises(
            Tampered, match="the fingerprint of r1 is damaged; assent doctor removes it"
        ):
            list(kept(connection, [1]))


def test_the_tally_is_another_whatever_is_kept_or_erased(engine: Engine) -> None:
    with undone(engine) as connection:
        tallies = [tally(connection)]
        for number in (3, 1, 0, 7):
            keep(connection, number, _taken(number))
            tallies.append(tally(connection))
        for number in (1, 3, 0):
            table = tables.fingerprints
            connection.execute(delete(table).where(table.c.recording == number))
            tallies.append(tally(connection))
        assert tallies == [(0, 0), (1, 3), (2, 4), (3, 4), (4, 11), (3, 10), (2, 7), (1, 7)]
        keep(connection, 9, Fingerprint(design=OTHER, peaks=made_up(9), frames=100))
        assert tally(connection) == (1, 7)
        assert tally(connection, OTHER) == (1, 9)
