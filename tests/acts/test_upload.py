"""What becomes of files that are handed in, good and bad."""

from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.holders import parse_share
from assent.acts.house import House
from assent.acts.import_folder import Arrival, arrive, plan
from assent.acts.publish import make_agreement
from assent.acts.rebuild import findings
from assent.acts.say import About, refuse
from assent.acts.upload import NOBODY, Work, upload
from assent.catalogue import tables
from assent.catalogue.events import head
from assent.errors import BadAudio, BadInput, BadTable, NotAllowed, StorageFailed, Unknown
from assent.permission.reasons import Kind
from tests.houses import add, add_program, agreement_toml, write_wav


def come(house: House, folder: Path, index: str, **options: str) -> list[Arrival]:
    path = folder / "index.csv"
    path.write_text(index)
    return [arrive(house, planned, "desk") for planned in plan(folder, index=path, **options)]


def test_a_folder_is_taken_in_once(house: House, tmp_path: Path) -> None:
    for number in range(3):
        write_wav(tmp_path / "music" / f"{number}.wav", 300 + 50 * number)
    first = [arrive(house, p, "desk") for p in plan(tmp_path / "music", "Ada Quill")]
    assert [a.uploaded.recording for a in first if a.uploaded] == ["r0", "r1", "r2"]
    again = [arrive(house, p, "desk") for p in plan(tmp_path / "music", "Ada Quill")]
    assert [a.uploaded.new for a in again if a.uploaded] == [False] * 3
    assert findings(house) == []


def test_a_bad_file_is_listed_and_the_import_goes_on(house: House, tmp_path: Path) -> None:
    write_wav(tmp_path / "good.wav", 500)
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_bytes(b"hello, this is no audio" * 100)
    whole = write_wav(tmp_path / "cut.wav", 510).read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    write_wav(tmp_path / "none.wav", seconds=0)
    index = "file,artist,title\n" + "".join(
        f"{name},Ada Quill,T\n"
        for name in (
            "empty.wav",
            "text.wav",
            "cut.wav",
            "none.wav",
            "absent.wav",
            "../x.wav",
            "/etc/passwd",
            "good.wav",
        )
    )
    arrivals = come(house, tmp_path, index)
    assert [type(a.error) for a in arrivals] == [
        BadAudio,
        BadAudio,
        BadAudio,
        BadAudio,
        Unknown,
        BadInput,
        BadInput,
        type(None),
    ]
    assert arrivals[-1].uploaded is not None
    assert findings(house) == []


def test_the_index_says_who_holds_what(house: House, tmp_path: Path) -> None:
    make_agreement(house, agreement_toml(), "desk")
    for name in "abcde":
        write_wav(tmp_path / f"{name}.wav", 600 + 20 * ord(name))
    index = (
        "file,artist,title,isrc,holders,agreement,licence\n"
        "a.wav,Ada Quill,One,GB-ABC-31-00001,,,CC-BY-4.0\n"
        "b.wav,Ada Quill,Two,nonsense,Ada Quill=60%;Bo Tarn=40%,,\n"
        "c.wav,The Lamps,Three,,,lantern-1,\n"
        "d.wav,,Four,,,,\n"
        "e.wav,Ada Quill,Five,,Ada Quill=much,,\n"
    )
    arrivals = come(house, tmp_path, index)
    assert isinstance(arrivals[-1].error, BadInput)
    with house.reading() as connection:
        rows = connection.execute(select(tables.recordings).order_by("number")).all()
        held = connection.execute(
            select(tables.holdings.c.recording, tables.accounts.c.name)
            .join(tables.accounts, tables.accounts.c.id == tables.holdings.c.holder)
            .order_by(tables.holdings.c.recording, tables.accounts.c.name)
        ).all()
    assert [(row.title, row.isrc) for row in rows] == [
        ("One", "GBABC3100001"),
        ("Two", None),
        ("Three", None),
        ("Four", None),
    ]
    assert [tuple(row) for row in held] == [
        ("r0", "Ada Quill"),
        ("r1", "Ada Quill"),
        ("r1", "Bo Tarn"),
        ("r2", "Lantern Row"),
    ]
    add_program(house)
    nobody = house.gate.explain("rival-train", "r3")
    assert [reason.kind for reason in nobody.reasons] == [Kind.UNCLAIMED]
    with house.reading() as connection:
        names = connection.execute(select(tables.artists.c.name)).scalars().all()
    assert NOBODY in names


def test_the_same_sound_under_another_name_is_a_copy(house: House, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "one.wav", 700)
    first = upload(house, path, Work(artist="Ada Quill"), "desk")
    second = upload(house, path, Work(artist="Thea Copy"), "desk")
    assert (second.new, second.copy_of) == (True, first.recording)
    silence = write_wav(tmp_path / "silence.wav", 0)
    louder = write_wav(tmp_path / "longer.wav", 0, seconds=0.5, sr=8001)
    assert upload(house, silence, Work(artist="Ada Quill"), "desk").copy_of is None
    assert upload(house, louder, Work(artist="Bo Tarn"), "desk").copy_of is None
    assert findings(house) == []


@pytest.mark.parametrize(
    ("index", "clause"),
    [
        ("", "no column 'file'"),
        ("file,title\na.wav,T\n", "no column 'artist'"),
        ("file;artist;title\n", "no column 'file'"),
        ("file,artist,title\na.wav,A\n", "line 2"),
        ("file,artist,title\na.wav,A,T,more\n", "line 2"),
        ("file,artist,title\na.wav,A,T\na.wav,B,U\n", "two things"),
        ('file,artist,title\n"a.wav,A,T\n', "CSV"),
    ],
)
def test_a_table_without_its_columns_is_refused(
    house: House, tmp_path: Path, index: str, clause: str
) -> None:
    with pytest.raises(BadTable, match=clause):
        come(house, tmp_path, index)


def test_a_folder_or_index_that_is_not_there_is_said_so(house: House, tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="folder"):
        plan(tmp_path / "nowhere", "Ada Quill")
    with pytest.raises(Unknown, match="index"):
        plan(tmp_path, index=tmp_path / "nowhere.csv")
    with pytest.raises(BadInput, match="whose"):
        plan(tmp_path)
    (tmp_path / "latin.csv").write_bytes(b"file,artist,title\na.wav,J\xf6rg,T\n")
    with pytest.raises(BadTable, match="UTF-8"):
        plan(tmp_path, index=tmp_path / "latin.csv")
    with pytest.raises(StorageFailed):
        upload(house, tmp_path / "nowhere.wav", Work(artist="A"), "desk")


def test_an_unknown_agreement_changes_nothing(house: House, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "one.wav")
    with house.reading() as connection:
        before = head(connection)
    with pytest.raises(Unknown, match="agreement"):
        upload(house, path, Work(artist="The Lamps", agreement="zed"), "desk")
    with house.reading() as connection:
        assert head(connection) == before
    assert not any(house.gate._vault.blobs.names())


def test_an_artist_may_upload_and_also_be_delivered_by_a_label(
    house: House, tmp_path: Path
) -> None:
    _, label = make_agreement(house, agreement_toml(), "desk")
    own = add(house, tmp_path, "Ada Quill")
    delivered = add(house, tmp_path, "Ada Quill", agreement="lantern-1")
    first_delivered = add(house, tmp_path, "The Lamps", agreement="lantern-1")
    own_later = add(house, tmp_path, "the  LAMPS")
    with house.reading() as connection:
        query = select(tables.holdings.c.recording, tables.accounts.c.name)
        query = query.join(tables.accounts, tables.accounts.c.id == tables.holdings.c.holder)
        holders = {row.recording: row.name for row in connection.execute(query)}
        assert connection.execute(select(tables.artists.c.id)).all() == [("n0",), ("n1",)]
    assert holders == {
        own: "Ada Quill",
        delivered: label.name,
        first_delivered: label.name,
        own_later: "the LAMPS",
    }


def test_nobody_speaks_for_a_label_by_an_artists_name(house: House, tmp_path: Path) -> None:
    make_agreement(house, agreement_toml(), "desk")
    add(house, tmp_path, "The Lamps", agreement="lantern-1")
    with pytest.raises(NotAllowed, match="Lantern Row speaks"):
        refuse(house, About(holder="The Lamps"), 1 << 40)
    refuse(house, About(holder="lantern row"), 1 << 40)


def test_two_spellings_of_a_name_are_one_account(house: House, tmp_path: Path) -> None:
    add(house, tmp_path, "Ren\u00e9 Vane")
    add(house, tmp_path, "REN\u00c9  vane")
    add(house, tmp_path, "Rene\u0301 Vane")
    with house.reading() as connection:
        assert len(connection.execute(select(tables.accounts)).all()) == 1


def test_who_is_only_named_by_others_has_accepted_nothing(house: House, tmp_path: Path) -> None:
    shares = (parse_share("Ada Quill=50%"), parse_share("Cy Vane=50%"))
    both = add(house, tmp_path, "Ada Quill", holders=shares)
    add_program(house)
    reasons = house.gate.explain("rival-train", both).reasons
    assert {(r.kind, r.name) for r in reasons} == {
        (Kind.NOT_GRANTED, "Ada Quill"),
        (Kind.NO_TEXT, "Cy Vane"),
        (Kind.NOT_GRANTED, "Cy Vane"),
    }
    add(house, tmp_path, "Cy Vane")
    house.gate.snapshot.refresh()
    reasons = house.gate.explain("rival-train", both).reasons
    assert Kind.NO_TEXT not in {r.kind for r in reasons}


def test_hostile_names_do_no_harm(house: House, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a\n\x1b[31mred\u202e.wav", 730)
    done = upload(house, path, Work(artist="Ada Quill"), "desk")
    assert done.title.isprintable()
    # the sentence names the sign since names in any script are taken; the answer is as before
    with pytest.raises(BadInput, match=r"nobody sees: U\+001B"):
        upload(house, write_wav(tmp_path / "b.wav", 740), Work(artist="A\x1b[0m"), "desk")
    assert findings(house) == []


def test_nobody_becomes_a_label_by_taking_its_id_for_a_name(house: House, tmp_path: Path) -> None:
    _, label = make_agreement(house, agreement_toml(), "desk")
    own = add(house, tmp_path, label.id)
    recording = add(house, tmp_path, "The Lamps", agreement="lantern-1")
    with house.reading() as connection:
        query = select(tables.holdings.c.recording, tables.holdings.c.holder)
        holders = dict(connection.execute(query).all())
    assert holders[recording] == label.id
    assert holders[own] != label.id
