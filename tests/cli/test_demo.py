"""`demo`: told to its end, or the exit code says that it was not."""

from pathlib import Path

import pytest

from assent.cli.main import run
from assent.demo import story
from assent.demo.compose import tracks, write
from assent.demo.story import Chapter
from assent.errors import Unknown
from tests.cli.runs import Cli


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    for track in tracks(5):
        write(track, folder)
    return folder


def test_the_story_is_told_where_it_is_asked_to(bare: Cli, tmp_path: Path, music: Path) -> None:
    told = bare("demo", "--music", music)
    assert told.code == 0
    assert told.err == ""
    assert "nothing trains without a yes" in told.out
    assert (tmp_path / "bare" / "catalogue.sqlite").exists()
    # what it tells to type next works as it says
    assert bare("doctor").code == 0


def test_a_story_that_breaks_off_ends_with_1(
    bare: Cli, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(_stage: object) -> None:
        raise Unknown("there is no second act")

    monkeypatch.setattr(story, "CHAPTERS", (Chapter("The end", stumble),))
    told = bare("demo", "--music", music)
    assert told.code == 1
    assert "The story breaks off here: there is no second act." in told.out


def test_a_bug_in_the_story_is_told_as_one(
    bare: Cli, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_stage: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(story, "CHAPTERS", (Chapter("The end", crash),))
    told = bare("demo", "--music", music)
    assert told.code == 4
    assert told.err == (
        "assent: a bug in Assent: ZeroDivisionError: by nothing; ASSENT_TRACEBACK=1 shows where\n"
    )


def test_a_bug_shows_where_it_struck_if_asked(
    bare: Cli, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_stage: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(story, "CHAPTERS", (Chapter("The end", crash),))
    monkeypatch.setenv("ASSENT_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError, match="by nothing"):
        bare("demo", "--music", music)


def test_a_folder_that_nobody_named_is_a_fresh_one(
    music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("ASSENT_DATA", str(tmp_path / "the-platform-in-use"))
    # the whole story, where it was told without its chapters; and it would go on to serve
    assert run(["demo", "--music", str(music), "--no-serve"]) == 0
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("assent-demo-")
