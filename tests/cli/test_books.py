"""`rebuild` and `doctor`: the events are the truth, and it can be checked."""

from pathlib import Path

from sqlalchemy import update

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.engine import writing
from tests.cli.runs import Cli


def test_a_sound_platform_is_told_so(cli: Cli) -> None:
    found = cli("doctor")
    assert (found.code, found.err) == (0, "")
    assert found.lines == [
        "all is well: the tables are what the events say, and all audio is there"
    ]
    assert cli("doctor", "--json").object == {"well": True, "findings": []}


def test_a_table_that_was_tampered_with_is_found_and_made_anew(cli: Cli, stocked: House) -> None:
    with writing(stocked.engine) as connection:
        connection.execute(update(tables.recordings).values(word=(1 << 60) - 1))
    wrong = "the table recordings is not what the events say"
    found = cli("doctor")
    assert (found.code, found.lines) == (1, [wrong])
    assert cli("doctor", "--json").object == {"well": False, "findings": [wrong]}
    rebuilt = cli("rebuild")
    assert rebuilt == (0, "", "all tables were made anew from the events\n")
    assert cli("doctor").code == 0


def test_audio_that_is_gone_is_found(cli: Cli, stocked: House, data: Path) -> None:
    with stocked.reading() as connection:
        blob = connection.execute(tables.recordings.select()).first()
    assert blob is not None
    (found,) = (path for path in (data / "blobs").rglob("*") if path.name.startswith(blob.blob))
    found.unlink()
    checked = cli("doctor")
    assert (checked.code, checked.lines) == (1, ["the audio of r0 is not whole in the vault"])


def test_what_an_interrupted_import_left_is_swept_away(
    cli: Cli, stocked: House, data: Path
) -> None:
    stocked.gate.take_in([b"sealed, and then the power went"])
    before = sum(path.is_file() for path in (data / "blobs").rglob("*"))
    assert cli("doctor").code == 0
    assert sum(path.is_file() for path in (data / "blobs").rglob("*")) == before - 1
