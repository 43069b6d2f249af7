"""What becomes of a file that has arrived; and that nothing is lost where it cannot be taken in."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from sqlalchemy import select

from assent.acts.accounts import Account, Role, open_account
from assent.acts.edit import Part, Tool, Voice
from assent.acts.holders import parse_share
from assent.acts.house import House
from assent.acts.publish import make_agreement
from assent.acts.rebuild import findings
from assent.catalogue import tables
from assent.catalogue.site_tables import recording_pages
from assent.errors import BadAudio, BadInput, Busy, NotAllowed
from assent.identity.recogniser import Recogniser
from assent.settings import Settings
from assent.studio import uploads
from assent.studio.licences import ALL_RIGHTS, LICENCES
from assent.studio.measuring import measuring
from assent.studio.uploads import Upload
from assent.studio.uploads_file import folder_of, held, path_of, receiving
from assent.studio.uploads_said import Said, keep_said, kept_said
from assent.studio.uploads_taken import HereAlready, Taken, finish
from tests.houses import agreement_toml, write_wav


def joined(house: House, name: str, role: Role = Role.ARTIST) -> Account:
    with house.act(name) as act:
        return open_account(act, name, role)


def sent(house: House, account: Account, data: bytes, name: str = "tide.wav") -> Upload:
    one = uploads.begin(house, account.id, name, len(data))
    with receiving(path_of(house, one.id), len(data), 0) as part:
        part.write(data)
    return uploads.found(house, account.id, one.id)


def tone(folder: Path, hz: float = 440.0) -> bytes:
    return write_wav(folder / "tone.wav", hz).read_bytes()


def taken(house: House, account: Account, one: Upload, said: Said | None = None) -> Taken:
    return finish(house, Recogniser(house), account, one, said or Said())


def test_all_that_was_said_is_on_record_and_the_file_goes(house: House, tmp_path: Path) -> None:
    wren = joined(house, "Wren")
    said = Said(
        title="Low tide",
        artist="The Tides",
        licence="CC-BY-4.0",
        isrc="GB-ABC-31-00001",
        holders=(
            parse_share("Wren=50%"),
            parse_share("Mara Fen=50%,producer"),
        ),
        made_with=(Tool(part=Part.VOCALS, name="Choir 2", voice=Voice.PERMITTED),),
        about="Made by the sea.",
        visibility="private",
        downloads=True,
    )
    done = taken(house, wren, sent(house, wren, tone(tmp_path)), said)
    assert (done.title, done.is_public, done.copy_of) == ("Low tide", False, "")
    with house.reading() as connection:
        row = connection.execute(select(tables.recordings)).one()
        page = connection.execute(select(recording_pages)).one()
        artist = connection.execute(select(tables.artists.c.name)).scalar_one()
        holders = connection.execute(select(tables.holdings.c.role)).scalars().all()
        made_with = connection.execute(select(tables.disclosures.c.made_with)).scalar_one()
    assert (row.title, row.licence, row.isrc, artist) == (
        "Low tide",
        "CC-BY-4.0",
        "GBABC3100001",
        "The Tides",
    )
    assert tuple(page) == (done.recording, "private", True, "Made by the sea.")
    assert sorted(holders) == ["owner", "producer"]
    assert "Choir 2" in made_with
    assert list(folder_of(house).iterdir()) == []
    assert uploads.under_way(house, wren.id) == []
    assert findings(house) == []


def test_without_words_it_is_called_like_its_file_and_is_its_uploaders(
    house: House, tmp_path: Path
) -> None:
    wren = joined(house, "Wren")
    done = taken(house, wren, sent(house, wren, tone(tmp_path), "潮汐 - مدّ.wav"))
    assert (done.title, done.is_public) == ("潮汐 - مدّ", True)
    with house.reading() as connection:
        holders = connection.execute(select(tables.holdings.c.holder)).scalars().all()
        query = select(tables.events.c.by).where(tables.events.c.kind == "recording")
        authors = connection.execute(query).scalars().all()
    assert list(holders) == [wren.id]
    assert list(authors) == ["Wren"]


def test_doing_it_again_gives_the_same_answer(house: House, tmp_path: Path) -> None:
    wren = joined(house, "Wren")
    one = sent(house, wren, tone(tmp_path))
    first = taken(house, wren, one)
    assert taken(house, wren, one) == first  # as a request finds it that came at the same time
    assert taken(house, wren, uploads.found(house, wren.id, one.id)) == first
    with house.reading() as connection:
        assert len(connection.execute(select(tables.recordings)).all()) == 1


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def silent(data: bytes) -> bytes:
    return data[:44] + bytes(len(data) - 44)


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "text": (lambda _: b"no audio at all" * 99, "'tide.wav' is not audio that can be read"),
    "cut": (cut, "'tide.wav' is cut off: its end is missing"),
    "silent": (silent, "'tide.wav' is silent from beginning to end"),
    "short": (lambda data: data[:44], "tide.wav"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_said_in_a_sentence_and_nothing_is_lost(
    house: House, tmp_path: Path, kind: str
) -> None:
    wren, (broken, text) = joined(house, "Wren"), BROKEN[kind]
    data = broken(tone(tmp_path))
    one = sent(house, wren, data)
    said = Said(title="Typed <b>once</b>", holders=(parse_share("Wren=30%"),), made_with=())
    with pytest.raises(BadAudio) as refused:
        taken(house, wren, one, said)
    assert text in refused.value.text
    assert one.id not in refused.value.text
    left = uploads.found(house, wren.id, one.id)
    assert left.error == refused.value.text
    assert kept_said(house, left) == said
    assert path_of(house, one.id).read_bytes() == data
    with house.reading() as connection:
        assert connection.execute(select(tables.recordings)).all() == []


def test_what_was_brought_before_is_told_with_where_it_is(house: House, tmp_path: Path) -> None:
    wren, data = joined(house, "Wren"), tone(tmp_path)
    first = taken(house, wren, sent(house, wren, data), Said(title="Tide"))
    again = sent(house, wren, data, "again.wav")
    with pytest.raises(HereAlready, match="here as “Tide”") as refused:
        taken(house, wren, again, Said(title="Tide again"))
    assert refused.value.facts["recording"] == first.recording
    left = uploads.found(house, wren.id, again.id)
    assert (left.recording, left.taken) == (first.recording, False)


def test_what_is_typed_wrong_can_be_typed_anew(house: House, tmp_path: Path) -> None:
    wren, ada = joined(house, "Wren"), joined(house, "Ada Quill")
    one = sent(house, wren, tone(tmp_path))
    wrong = [
        (Said(isrc="12"), BadInput),
        (Said(title="x" * 501), BadInput),
        (Said(visibility="secret"), BadInput),
        (Said(about="x" * 5001), BadInput),
        (Said(artist=ada.name), NotAllowed),
        (
            Said(
                holders=(
                    parse_share("Wren=60%"),
                    parse_share("Ada Quill=60%"),
                )
            ),
            BadInput,
        ),
    ]
    for said, kind in wrong:
        with pytest.raises(kind):
            taken(house, wren, one, said)
        assert uploads.found(house, wren.id, one.id).error
    assert taken(house, wren, one, Said(title="At last")).title == "At last"


def test_what_has_not_arrived_whole_is_not_taken_in(house: House, tmp_path: Path) -> None:
    wren, data = joined(house, "Wren"), tone(tmp_path)
    one = uploads.begin(house, wren.id, "tide.wav", len(data))
    with pytest.raises(BadInput, match="not arrived whole"):
        taken(house, wren, one)
    with receiving(path_of(house, one.id), len(data), 0) as part:
        part.write(data)
    with held(path_of(house, one.id)), pytest.raises(Busy):
        taken(house, wren, uploads.found(house, wren.id, one.id))
    assert taken(house, wren, uploads.found(house, wren.id, one.id)).is_public


def test_the_sound_of_somebody_else_waits_for_a_person(house: House, tmp_path: Path) -> None:
    wren, ada = joined(house, "Wren"), joined(house, "Ada Quill")
    data = tone(tmp_path)
    original = taken(house, ada, sent(house, ada, data)).recording
    done = taken(house, wren, sent(house, wren, data))
    assert (done.copy_of, done.is_public) == (original, False)
    with house.reading() as connection:
        query = select(tables.recordings.c.original).order_by(tables.recordings.c.number)
        assert list(connection.execute(query).scalars()) == [None, original]


def test_a_label_delivers_under_its_agreement_and_nobody_else(house: House, tmp_path: Path) -> None:
    make_agreement(house, agreement_toml(), "desk")
    with house.reading() as connection:
        accounts = tables.accounts.c
        query = select(accounts.id).where(accounts.name == "Lantern Row")
        label = Account(id=connection.execute(query).scalar_one(), name="Lantern Row")
    wren = joined(house, "Wren")
    said = Said(artist="Mara Fen", agreement="lantern-1", holders=(parse_share("Mara Fen=100%"),))
    with pytest.raises(NotAllowed, match="somebody else"):
        taken(house, wren, sent(house, wren, tone(tmp_path)), said)
    done = taken(house, label, sent(house, label, tone(tmp_path, 500)), said)
    with house.reading() as connection:
        row = connection.execute(select(tables.recordings)).one()
    assert (row.id, row.agreement) == (done.recording, "lantern-1")


def test_what_is_said_is_kept_as_it_was(house: House) -> None:
    one = uploads.begin(house, "a1", "x.wav", 1)
    assert kept_said(house, one) == Said()
    said = Said(
        title="مدّ",
        holders=(parse_share("Wren=33.3%,composer,DE FR"),),
        made_with=(Tool(part=Part.LYRICS, name="Rhymer"),),
        downloads=True,
    )
    keep_said(house, one, said)
    assert kept_said(house, one) == said


def test_licences_are_named_as_the_field_does() -> None:
    assert ALL_RIGHTS in LICENCES
    assert all(words for words in LICENCES.values())


def test_a_file_without_bytes_is_refused_before_it_is_sent(house: House) -> None:
    wren = joined(house, "Wren")
    with pytest.raises(BadInput, match="no bytes"):
        uploads.begin(house, wren.id, "tide.wav", 0)
    assert uploads.under_way(house, wren.id) == []


def of_an_hour(folder: Path) -> bytes:
    """Return a second more than an hour of quiet, as FLAC, which makes a small file of it."""
    quiet = np.zeros((1, 4_000), "<i2")
    path = folder / "hour.flac"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("flac", rate=4_000, layout="mono")
        for _ in range(3_601):
            frame = av.AudioFrame.from_ndarray(quiet, format="s16", layout="mono")
            frame.sample_rate = 4_000
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path.read_bytes()


def without_a_length(flac: bytes) -> bytes:
    """Return a FLAC that does not say how long it is, as one that was streamed."""
    return flac[:21] + bytes([flac[21] & 0xF0]) + bytes(4) + flac[26:]


@pytest.mark.parametrize("says", [lambda it: it, without_a_length], ids=["says", "says nothing"])
def test_what_sounds_longer_than_is_taken_is_refused(
    house: House, tmp_path: Path, says: Callable[[bytes], bytes]
) -> None:
    wren, data = joined(house, "Wren"), says(of_an_hour(tmp_path))
    house.settings = Settings(data=house.settings.data, longest_upload_h=1)
    one = sent(house, wren, data, "hour.flac")
    with pytest.raises(BadAudio, match="longer than 1 hour, which"):
        taken(house, wren, one)
    assert "longer" in uploads.found(house, wren.id, one.id).error


def test_who_comes_where_all_places_are_taken_is_told_and_loses_nothing(
    house: House, tmp_path: Path
) -> None:
    wren = joined(house, "Wren")
    one = sent(house, wren, tone(tmp_path))
    said = Said(title="Typed once")
    with measuring(), measuring():
        with pytest.raises(Busy, match="measuring other files") as refused:
            finish(house, Recogniser(house), wren, one, said, patience_s=0)
        assert refused.value.facts["wait_s"]
        left = uploads.found(house, wren.id, one.id)
        assert (left.is_whole, left.error, kept_said(house, left)) == (True, "", said)
    assert taken(house, wren, one, said).title == "Typed once"
