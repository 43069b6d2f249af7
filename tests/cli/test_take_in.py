"""`import` and `upload`: what comes in, what is left out, and what is said of it."""

import csv
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from shutil import copy

import pytest

from assent.acts.house import House
from assent.acts.publish import make_agreement
from assent.settings import Settings
from tests.cli.runs import PROGRAM, Cli
from tests.houses import agreement_toml, write_wav


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "new-music"
    for number, hz in enumerate((5000, 5100, 5200)):
        write_wav(folder / f"{number}.wav", hz, sr=16_000)
    return folder


def write_index(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder.parent / "index.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_folder_makes_a_platform(bare: Cli, music: Path) -> None:
    found = bare("import", music, "--artist", "Dee Marl")
    assert (found.code, found.err) == (0, "")
    assert found.lines[0] == "taken in: 3, here already: 0, left out: 0"
    assert found.lines[1].startswith("0 min 02 s of sound in ")
    assert found.lines[1].endswith(" times real time")
    assert found.lines[2] == (
        "accounts opened: 1, all accepted the terms in force (assent-terms-1): Dee Marl"
    )
    assert [row["accepted"] for row in bare("artists", "--json").objects] == ["assent-terms-1"]
    again = bare("import", music, "--artist", "Dee Marl")
    assert again.lines[0] == "taken in: 0, here already: 3, left out: 0"
    assert len(again.lines) == 2


def test_an_index_says_what_each_file_is(cli: Cli, music: Path) -> None:
    rows = [
        {"file": "0.wav", "artist": "Dee Marl", "title": "One", "holders": ""},
        {"file": "1.wav", "artist": "Dee Marl", "title": "Two", "holders": "Eve Pond=100%"},
        {"file": "2.wav", "artist": "", "title": "Three", "holders": ""},
    ]
    found = cli("import", music, "--index", write_index(music, rows), "--by", "Kim")
    assert found.code == 0
    # Eve Pond was only named by another, so she has accepted nothing; nobody's account is not told
    assert found.lines[2] == (
        "accounts opened: 2, 1 accepted the terms in force (assent-terms-1): Dee Marl, Eve Pond"
    )
    assert found.lines[3] == "nobody is known to hold r7, so nobody can say yes to AI"
    assert [row["title"] for row in cli("recordings", "--json").objects[5:]] == [
        *("One", "Two", "Three")
    ]


def test_a_bad_file_is_named_and_the_others_are_taken_in(cli: Cli, music: Path) -> None:
    (music / "1.wav").write_text("this is no audio")
    found = cli("import", music, "--artist", "Dee Marl")
    assert found.code == 2
    assert found.lines[0] == "taken in: 2, here already: 0, left out: 1"
    (line,) = found.err.splitlines()
    assert line.startswith("assent: 1.wav: ")


def test_nothing_but_bad_files_is_bad_too(bare: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "notes.txt").write_text("hello")
    found = bare("import", folder, "--artist", "Dee Marl")
    assert (found.code, found.lines[0]) == (2, "taken in: 0, here already: 0, left out: 1")


def test_json_tells_each_file_and_then_the_sum(cli: Cli, music: Path) -> None:
    (music / "3.wav").touch()
    found = cli("import", music, "--artist", "Dee Marl", "--json")
    assert found.code == 2
    *files, whole = found.objects
    assert [file["file"] for file in files] == ["0.wav", "1.wav", "2.wav", "3.wav"]
    assert [file["recording"] for file in files] == ["r5", "r6", "r7", None]
    assert files[0]["new"] is True
    assert files[3]["error"]
    assert (whole["taken_in"], whole["already_here"], whole["left_out"]) == (3, 0, 1)
    assert whole["duration_s"] == 1.5
    assert whole["accounts"] == ["Dee Marl"]
    assert whole["terms"] == "assent-terms-1"
    assert whole["copies"] == whole["unclaimed"] == []


def test_a_copy_of_somebody_elses_is_said(cli: Cli, music: Path, template: Path) -> None:
    tone = min((template.parent / "music").glob("*.wav"))
    copy(tone, music / "mine.wav")
    found = cli("import", music, "--artist", "Dee Marl")
    assert found.code == 0
    # an import and an upload say it in the same words now, and that it waits
    waits = "it waits, and gets no more than that, until it is decided"
    assert f"r8 sounds exactly as r0: {waits}" in found.lines
    uploaded = cli("upload", tone, "--artist", "Flo Bay")
    assert uploaded.code == 0
    assert uploaded.err == f"it sounds exactly as r0: {waits}\n"
    # a copy gets no more than its original, whatever the copier says
    assert cli("may", "r8", "--program", PROGRAM).code == 1


def test_a_file_is_uploaded_with_all_that_is_said_of_it(cli: Cli, music: Path) -> None:
    found = cli(
        *("upload", music / "0.wav", "--artist", "Dee Marl", "--title", "Low Tide", "--by", "Kim"),
        *("--licence", "CC-BY-4.0", "--origin", "a cellar", "--isrc", "QZ-ES1-31-00001"),
        *("--holder", "Dee Marl=60%,composer", "--holder", "Eve Pond=40%,performer,DE FR"),
    )
    # Eve Pond has accepted no terms, so nobody may compare it with others yet: that is said
    unseen = (
        "it could not be compared with others, because not all who hold it have accepted the terms,"
        " its text does not allow it, or there is nothing in it to know it by: until assent copies"
        " scan can look, copies of it are not known, and all uses of it that need a yes are on hold"
    )
    assert found == (0, "r5\n", f"{unseen}\n")
    recording = cli("recordings", "--json", "--artist", "Dee Marl").object
    assert recording["title"] == "Low Tide"
    assert recording["licence"] == "CC-BY-4.0"
    assert recording["origin"] == "a cellar"
    assert recording["isrc"] == "QZES13100001"
    assert [(one["name"], one["share_ppm"]) for one in recording["holders"]] == [
        ("Dee Marl", 600_000),
        ("Eve Pond", 400_000),
    ]


def test_the_same_file_twice_is_one_recording(cli: Cli, music: Path) -> None:
    first = cli("upload", music / "0.wav", "--artist", "Dee Marl", "--json")
    again = cli("upload", music / "0.wav", "--artist", "Dee Marl")
    assert first.object["new"] is True
    assert (again.code, again.out) == (0, "r5\n")
    assert again.err == "'0' was here already, as r5\n"


def test_a_label_delivers_under_its_agreement(cli: Cli, music: Path, stocked: House) -> None:
    make_agreement(stocked, agreement_toml(), "desk")
    found = cli("import", music, "--artist", "Gil Fen", "--agreement", "lantern-1")
    assert found.code == 0
    assert {row["agreement"] for row in cli("recordings", "--json").objects[5:]} == {"lantern-1"}


def test_an_agreement_that_is_not_there_is_said_before_anything_is_made(
    bare: Cli, cli: Cli, music: Path, tmp_path: Path
) -> None:
    found = bare("import", music, "--artist", "Gil Fen", "--agreement", "none")
    assert (found.code, found.out) == (4, "")
    assert found.err.startswith("assent: there is no platform in ")
    assert not (tmp_path / "bare").exists()
    found = cli("import", music, "--artist", "Gil Fen", "--agreement", "none")
    assert found == (3, "", "assent: there is no agreement 'none'\n")
    assert len(cli("recordings").lines) == 5


def test_a_row_with_an_agreement_that_is_not_there_is_left_out(cli: Cli, music: Path) -> None:
    rows = [
        {"file": "0.wav", "artist": "Gil Fen", "title": "One", "agreement": "none"},
        {"file": "1.wav", "artist": "Gil Fen", "title": "Two", "agreement": ""},
    ]
    found = cli("import", music, "--index", write_index(music, rows))
    assert found.code == 2
    assert found.lines[0] == "taken in: 1, here already: 0, left out: 1"
    assert found.err == "assent: 0.wav: there is no agreement 'none'\n"


@pytest.mark.parametrize("json", [(), ("--json",)])
def test_what_was_taken_in_before_the_disk_failed_is_said(
    cli: Cli, music: Path, data: Path, json: tuple[str, ...]
) -> None:
    (music / "1.wav").write_text("this is no audio")
    hours = music / "2.wav"  # its sealed bytes are more than a file may have
    write_wav(hours, 5300, seconds=40, sr=16_000)
    soft, hard = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (1 << 20, hard))
    try:
        found = cli("import", music, "--artist", "Dee Marl", *json)
    finally:
        setrlimit(RLIMIT_FSIZE, (soft, hard))
    assert found.code == 4
    first, second = found.err.splitlines()
    assert first.startswith("assent: 1.wav: ")
    assert second.startswith("assent: ")
    if json:
        assert [file["recording"] for file in found.objects] == ["r5", None]
    else:
        assert found.lines == ["taken in: 1, here already: 0, left out: 1"]
    assert len(cli("recordings").lines) == 6
    assert cli("doctor").code == 0


def test_an_import_that_says_nobody_is_refused(cli: Cli, music: Path) -> None:
    found = cli("import", music)
    assert found.code == 2
    assert found.err.startswith("assent: say whose recordings these are")


def test_accounts_opened_before_there_are_terms_have_accepted_none(
    bare: Cli, music: Path, tmp_path: Path
) -> None:
    house = House.open(Settings(data=tmp_path / "bare"), create=True)
    make_agreement(house, agreement_toml(), "desk")
    house.close()
    found = bare("import", music, "--artist", "Dee Marl")
    assert found.lines[2] == "accounts opened: 1: Dee Marl"
