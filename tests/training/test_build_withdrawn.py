"""What is taken back while a set is built: not in it, whenever that happens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assent.acts.house import House
from assent.acts.programs import suspend
from assent.acts.say import About, grant, withdraw
from assent.errors import NotPermitted
from assent.training.build import build
from assent.training.shard import Form
from assent.training.verify import verify
from tests.houses import RIVAL, add_program
from tests.training.built import listed, recordings
from tests.training.sets import PROGRAM, Stock, files_of, take_back

in_both_forms = pytest.mark.parametrize("form", list(Form))


@contextmanager
def on_opening(
    house: House, recording: str, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Do something just before a recording is opened."""
    open_audio = house.gate.open

    def opening(token: str, asked: str) -> object:
        if asked == recording:
            act()
            house.gate.snapshot.refresh()
        return open_audio(token, asked)

    with monkeypatch.context() as patch:
        patch.setattr(house.gate, "open", opening)
        yield


@in_both_forms
@pytest.mark.parametrize("gone", ["r0", "r1", "r2", "r5"])
@pytest.mark.parametrize("at", ["r0", "r1", "r5"])
@pytest.mark.parametrize("shard_bytes", [1, 1 << 30])
def test_what_is_taken_back_while_the_set_is_built_is_not_in_it(  # noqa: PLR0917  # one case each
    form: Form,
    gone: str,
    at: str,
    shard_bytes: int,
    stocked: Stock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house, out = stocked.house, tmp_path / "set"
    audio = house.gate.listen(gone).read()
    with on_opening(house, at, lambda: take_back(house, gone), monkeypatch):
        built = build(house, PROGRAM, out, form=form, by="Kim", shard_bytes=shard_bytes)
    assert recordings(out) == set(stocked.permitted) - {gone}
    assert built.described.withdrawn == (gone,)
    assert listed(out) == list(stocked.permitted)
    assert not any(audio in content for content in files_of(out).values())
    assert verify(out).findings == ()


def test_what_is_taken_back_between_selection_and_reading_is_not_read(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    with on_opening(house, "r0", lambda: take_back(house, "r1"), monkeypatch):
        build(house, PROGRAM, tmp_path / "set", by="Kim")
    house.gate.close()
    journal = "".join(path.read_text() for path in house.settings.journals.iterdir())
    assert '"r0"' in journal
    assert '"r1"' not in journal


def test_audio_that_is_refused_in_its_middle_leaves_nothing(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    open_audio = house.gate.open

    class Stopped:
        """Gives some bytes, and then takes the recording back."""

        def __init__(self, stream: object) -> None:
            self._stream = stream
            self._begun = False

        def __enter__(self) -> "Stopped":
            return self

        def __exit__(self, *_: object) -> None:
            return

        def read(self, _: int) -> bytes:
            if self._begun:
                raise NotPermitted("no", decision=house.gate.explain(PROGRAM, "r1"))
            self._begun = True
            take_back(house, "r1")
            house.gate.snapshot.refresh()
            return b"RIFF and some of the audio"

    def opening(token: str, asked: str) -> object:
        stream = open_audio(token, asked)
        return Stopped(stream) if asked == "r1" else stream

    monkeypatch.setattr(house.gate, "open", opening)
    build(house, PROGRAM, tmp_path / "set", by="Kim")
    assert recordings(tmp_path / "set") == set(stocked.permitted) - {"r1"}
    assert b"some of the audio" not in files_of(tmp_path / "set")["shard-000000.tar"]
    assert verify(tmp_path / "set").findings == ()


def test_a_program_that_is_stopped_while_its_set_is_built_gets_no_set(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    for at in ("r1", "r5"):
        add_program(house, f"p-{at}")
        grant(house, About(holder="Ada Quill", program=f"p-{at}"), RIVAL)
        stop = lambda at=at: suspend(house, f"p-{at}", "Lee")  # noqa: E731  # once per program
        with (
            on_opening(house, at, stop, monkeypatch),
            pytest.raises(NotPermitted, match="was stopped while its set was built"),
        ):
            build(house, f"p-{at}", tmp_path / "set", by="Kim")
        assert {path.name for path in tmp_path.iterdir()} == {"data", "music"}


def test_a_program_that_is_stopped_after_all_was_read_gets_no_set(
    stocked: Stock, tmp_path: Path
) -> None:
    house = stocked.house

    def progress(done: int, total: int) -> None:
        if done == total:
            suspend(house, PROGRAM, "Lee")

    with pytest.raises(NotPermitted, match="was stopped while its set was built"):
        build(house, PROGRAM, tmp_path / "set", by="Kim", progress=progress)
    assert not (tmp_path / "set").exists()


def test_a_set_of_which_everything_is_taken_back_is_not_built(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    about = About(holder="Ada Quill", program=PROGRAM)
    with (
        on_opening(house, "r0", lambda: withdraw(house, about, RIVAL), monkeypatch),
        pytest.raises(NotPermitted, match="every recording of the set was taken back"),
    ):
        build(house, PROGRAM, tmp_path / "set", by="Kim")
    assert not (tmp_path / "set").exists()


def test_what_is_granted_again_before_the_end_stays_out(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    about = About(holder="Ada Quill", recording="r0", program=PROGRAM)

    def progress(done: int, _: int) -> None:
        if done == 2:
            grant(house, about, RIVAL)

    with on_opening(house, "r0", lambda: take_back(house, "r0"), monkeypatch):
        built = build(house, PROGRAM, tmp_path / "set", by="Kim", progress=progress)
    assert built.described.withdrawn == ("r0",)
    assert verify(tmp_path / "set").findings == ()
