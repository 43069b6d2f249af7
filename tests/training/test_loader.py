"""The loader: the sound of a set, asked for anew at every item of every epoch."""

import os
import pickle
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from time import sleep
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.acts.house import House
from assent.acts.programs import suspend
from assent.acts.say import About, grant
from assent.acts.upload import Work, upload
from assent.errors import BadInput, NotPermitted, NotProved, StorageFailed, Unknown
from assent.gate.snapshot import FRESH_S
from assent.permission.decide import Decision
from assent.settings import Settings
from assent.sound.decode import decode
from assent.sound.encode import Format, encode
from assent.training.build import build
from assent.training.loader import Loader, Sample, torch_dataset
from tests.houses import RIVAL, write_wav
from tests.training.sets import PROGRAM, Stock, take_back


@pytest.fixture
def cut(stocked: Stock, tmp_path: Path) -> Stock:
    build(stocked.house, PROGRAM, tmp_path / "set", by="Kim")
    return stocked


@pytest.fixture
def loader(cut: Stock) -> Iterator[Loader]:
    with closing(Loader(cut.house.settings, "s0")) as made:
        yield made


def names(samples: Loader | list[Sample]) -> list[str]:
    return [sample.recording for sample in samples]


def test_every_recording_comes_once_with_its_own_sound(loader: Loader, cut: Stock) -> None:
    samples = list(loader)
    assert names(samples) == list(cut.permitted)
    for sample in samples:
        with cut.house.gate.listen(sample.recording) as stream:
            expected = np.concatenate(list(decode(stream)), axis=1)
        np.testing.assert_array_equal(sample.audio, expected)
        assert sample.audio.dtype == np.float32
        assert sample.audio.shape == (1, 4000)
        assert (sample.sr, sample.start) == (8000, 0)
    assert loader.refused == []


def test_a_loader_of_the_folder_is_one_of_the_record(loader: Loader, cut: Stock) -> None:
    folder = cut.house.settings.data.parent / "set"
    with closing(Loader(cut.house.settings, folder)) as other:
        assert names(other) == names(loader)


def test_a_folder_without_a_set_and_a_platform_that_is_not_there_are_refused(
    cut: Stock, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="no training set"):
        Loader(cut.house.settings, tmp_path)
    with (
        closing(Loader(Settings(data=tmp_path / "nowhere"), tmp_path / "set")) as homeless,
        pytest.raises(StorageFailed, match="no platform"),
    ):
        next(iter(homeless))


def test_the_set_of_another_platform_is_refused(
    cut: Stock, tmp_path: Path, template: tuple[Path, Stock]
) -> None:
    shutil.copytree(template[0] / "data", tmp_path / "other")
    with closing(House.open(Settings(data=tmp_path / "other"))) as other:
        take_back(other, "r0")
        build(other, PROGRAM, tmp_path / "theirs", by="Kim")
    with (
        closing(Loader(cut.house.settings, tmp_path / "theirs")) as loader,
        pytest.raises(NotProved, match="is not the s0 on record"),
    ):
        next(iter(loader))


def test_a_set_that_is_not_there_is_unknown(cut: Stock) -> None:
    with (
        closing(Loader(cut.house.settings, "s9")) as loader,
        pytest.raises(Unknown, match="there is no training set"),
    ):
        next(iter(loader))


@pytest.mark.parametrize(
    "options",
    [
        {"sr": 0},
        {"seconds": 0.0},
        {"seconds": -1.0},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"seed": -1},
        {"shard": (1, 1)},
        {"shard": (-1, 1)},
        {"shard": (0, 0)},
    ],
)
def test_what_cannot_be_meant_is_refused(cut: Stock, options: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        Loader(cut.house.settings, "s0", **options)  # type: ignore[arg-type]  # that is the point


# How it is wanted.


def test_sound_is_converted_mixed_and_cut(cut: Stock) -> None:
    with closing(Loader(cut.house.settings, "s0", sr=16_000, mono=True, seconds=0.1)) as loader:
        samples = list(loader)
    assert {(sample.audio.shape, sample.sr) for sample in samples} == {((1, 1600), 16_000)}
    assert Counter(names(samples)) == dict.fromkeys(cut.permitted, 5)
    assert [sample.start for sample in samples][:5] == [0, 1600, 3200, 4800, 6400]


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seconds=st.floats(0.001, 0.7))
def test_pieces_are_the_recording_without_a_shorter_rest(cut: Stock, seconds: float) -> None:
    with closing(Loader(cut.house.settings, "s0")) as whole:
        first = next(iter(whole)).audio
    with closing(Loader(cut.house.settings, "s0", seconds=seconds)) as loader:
        pieces = [sample.audio for sample in loader if sample.recording == "r0"]
    length = max(1, round(seconds * 8000))
    assert {piece.shape[1] for piece in pieces} <= {length}
    assert len(pieces) == 4000 // length
    if pieces:
        joined = np.concatenate(pieces, axis=1)
        np.testing.assert_array_equal(joined, first[:, : joined.shape[1]])


def test_mono_is_the_mean_of_the_channels(cut: Stock, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    stereo = rng.uniform(-0.5, 0.5, (2, 9000)).astype(np.float32)
    encode(tmp_path / "music" / "stereo.wav", [stereo], 8000, format=Format.WAV_FLOAT)
    path = tmp_path / "music" / "stereo.wav"
    recording = upload(cut.house, path, Work(artist="Ada Quill"), "desk").recording
    build(cut.house, PROGRAM, tmp_path / "again", by="Kim")
    for mono, expected in ((False, stereo), (True, stereo.mean(axis=0, keepdims=True))):
        with closing(Loader(cut.house.settings, "s1", mono=mono)) as loader:
            found = next(sample for sample in loader if sample.recording == recording)
        np.testing.assert_allclose(found.audio, expected, atol=1e-7)


@given(seed=st.integers(0, 1 << 40), count=st.integers(1, 6), epoch=st.integers(0, 9))
@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_parts_of_a_set_are_the_set_in_every_epoch(
    cut: Stock, seed: int, count: int, epoch: int
) -> None:
    found: list[str] = []
    for index in range(count):
        part = Loader(cut.house.settings, "s0", seed=seed, shard=(index, count))
        with closing(part):
            part.set_epoch(epoch)
            found += names(part)
    assert sorted(found) == sorted(cut.permitted)


def test_a_seed_shuffles_every_epoch_in_its_own_way_and_always_the_same(cut: Stock) -> None:
    with closing(Loader(cut.house.settings, "s0", seed=7)) as loader:
        orders = [tuple(names(loader)) for _ in range(8)]
        assert len(set(orders)) > 1
        assert loader.epoch == 8
        loader.set_epoch(3)
        assert tuple(names(loader)) == orders[3]


def test_a_loader_can_be_given_what_opens_the_platform(cut: Stock) -> None:
    with closing(Loader(partial(House.open, cut.house.settings), "s0")) as loader:
        assert names(loader) == list(cut.permitted)


# Taken back.


@settings(
    deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    said=st.lists(st.tuples(st.booleans(), st.sampled_from(["r0", "r1", "r2", "r5"])), max_size=4)
)
def test_no_epoch_gives_what_is_taken_back_by_then(
    cut: Stock, said: list[tuple[bool, str]]
) -> None:
    with closing(Loader(cut.house.settings, "s0")) as loader:
        for yes, recording in said:
            if yes:
                about = About(holder="Ada Quill", recording=recording, program=PROGRAM)
                grant(cut.house, about, RIVAL)
            elif cut.house.gate.snapshot.allows(PROGRAM, recording):
                take_back(cut.house, recording)
            cut.house.gate.snapshot.refresh()
            loader.close()  # opened anew, so that it need not be waited for
            permitted = {f"r{n}" for n in cut.house.gate.snapshot.permitted(PROGRAM).numbers}
            expected = [name for name in cut.permitted if name in permitted]
            assert names(loader) == expected
            refused = {refusal.recording for refusal in loader.refused}
            assert refused >= set(cut.permitted) - permitted


def test_a_refusal_says_what_when_and_why(loader: Loader, cut: Stock) -> None:
    take_back(cut.house, "r1")
    assert names(loader) == ["r0", "r2", "r5"]
    refusal = loader.refused[0]
    assert (refusal.recording, refusal.epoch) == ("r1", 0)
    assert refusal.text == "rival-train may not use r1"


def test_a_strict_loader_raises_with_the_decision(cut: Stock) -> None:
    take_back(cut.house, "r1")
    with closing(Loader(cut.house.settings, "s0", strict=True)) as loader:
        samples = iter(loader)
        assert next(samples).recording == "r0"
        with pytest.raises(NotPermitted, match="may not use r1") as caught:
            next(samples)
    decision = caught.value.facts["decision"]
    assert isinstance(decision, Decision)
    assert decision.reasons
    assert [refusal.recording for refusal in loader.refused] == ["r1"]


def test_a_program_that_is_stopped_gets_nothing_more(loader: Loader, cut: Stock) -> None:
    samples = iter(loader)
    assert next(samples).recording == "r0"
    suspend(cut.house, PROGRAM, "Lee")
    wait_until_seen()
    assert list(samples) == []
    assert [refusal.recording for refusal in loader.refused] == ["r1", "r2", "r5"]


def wait_until_seen() -> None:
    """Let as much time go by as an answer may be old."""
    sleep(FRESH_S + 0.02)


def test_what_is_taken_back_while_its_pieces_are_given_ends_there(cut: Stock) -> None:
    with closing(Loader(cut.house.settings, "s0", seconds=0.05)) as loader:
        samples = iter(loader)
        assert [next(samples).recording for _ in range(3)] == ["r0"] * 3
        take_back(cut.house, "r0")
        wait_until_seen()
        assert set(names(list(samples))) == {"r1", "r2", "r5"}
        assert [refusal.recording for refusal in loader.refused] == ["r0"]


def test_what_is_taken_back_while_it_is_read_ends_there(cut: Stock, tmp_path: Path) -> None:
    # long enough that it is not all read ahead before the first piece
    path = write_wav(tmp_path / "music" / "long.wav", seconds=120)
    recording = upload(cut.house, path, Work(artist="Ada Quill"), "desk").recording
    build(cut.house, PROGRAM, tmp_path / "again", by="Kim")
    with closing(Loader(cut.house.settings, "s1", seconds=1)) as loader:
        samples = iter(loader)
        while next(samples).recording != recording:
            pass
        take_back(cut.house, recording)
        wait_until_seen()
        assert list(samples) == []
        assert [refusal.recording for refusal in loader.refused] == [recording]


def test_a_catalogue_that_cannot_be_asked_gives_nothing(loader: Loader, cut: Stock) -> None:
    samples = iter(loader)
    next(samples)
    for path in cut.house.settings.data.glob("catalogue.sqlite*"):
        path.unlink()
    shutil.rmtree(cut.house.settings.data / "blobs")
    wait_until_seen()
    with pytest.raises(StorageFailed):
        list(samples)


# In other processes.


def test_a_loader_travels_without_what_it_has_open(loader: Loader, cut: Stock) -> None:
    take_back(cut.house, "r1")
    first = names(loader)
    copy: Loader = pickle.loads(pickle.dumps(loader))
    with closing(copy):
        assert copy.refused == []
        assert copy.epoch == 1
        assert names(copy) == first


def test_a_closed_loader_opens_again(loader: Loader, cut: Stock) -> None:
    loader.close()
    loader.close()
    assert names(loader) == list(cut.permitted)


def _child(loader: Loader, report: int) -> None:
    """Load in a forked process, after the parent has: with a platform of its own."""
    inherited = loader._opened
    found = names(loader)
    assert inherited is not None
    own = loader._opened
    assert own is not None
    fine = own.house is not inherited.house and own.pid == os.getpid()
    os.write(report, f"{','.join(found)} {fine}".encode())
    loader.close()


def test_a_forked_process_opens_its_own_platform_and_leaves_the_parent_s(
    loader: Loader, cut: Stock
) -> None:
    expected = names(loader)
    out, report = os.pipe()
    pid = os.fork()
    if pid == 0:  # nothing of the parent's may run to its end in here
        try:
            _child(loader, report)
        finally:
            os._exit(0)
    os.close(report)
    with os.fdopen(out) as said:
        assert said.read() == f"{','.join(expected)} True"
    os.waitpid(pid, 0)
    take_back(cut.house, "r1")
    wait_until_seen()
    assert names(loader) == ["r0", "r2", "r5"]


def test_what_a_parent_opened_is_neither_used_nor_closed(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = names(loader)
    of_the_parent = loader._opened
    assert of_the_parent is not None
    monkeypatch.setattr("assent.training.loader.getpid", lambda: -1)
    assert names(loader) == expected
    assert loader._opened is not of_the_parent
    of_the_parent.house.gate.snapshot.refresh()  # still open
    of_the_parent.house.close()


def test_closing_in_a_forked_process_leaves_the_parent_s_platform_open(loader: Loader) -> None:
    expected = names(loader)
    pid = os.fork()
    if pid == 0:
        loader.close()
        os._exit(0)
    os.waitpid(pid, 0)
    assert names(loader) == expected


# PyTorch, as far as a loader can tell it; with the real one in test_torch.py.


def test_the_workers_of_a_data_loader_share_the_items(
    loader: Loader, cut: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[type] = []
    worker: SimpleNamespace | None = None
    torch = ModuleType("torch.utils.data")
    vars(torch).update(
        get_worker_info=lambda: worker, IterableDataset=SimpleNamespace(register=known.append)
    )
    monkeypatch.setitem(sys.modules, "torch.utils.data", torch)
    found = []
    for number in range(3):
        worker = SimpleNamespace(id=number, num_workers=3)
        found.append(names(loader))
    assert found == [["r0", "r5"], ["r1"], ["r2"]]
    assert torch_dataset(loader) is loader
    assert known == [Loader]
    worker = None  # as in the main process
    assert names(loader) == list(cut.permitted)
