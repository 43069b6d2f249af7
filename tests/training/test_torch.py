"""The loader in PyTorch's own DataLoader, where PyTorch is installed."""

import logging
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from assent.training.build import build
from assent.training.loader import Loader, torch_dataset
from tests.training.sets import PROGRAM, Stock, take_back

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed; it is nothing that Assent depends on"
)


# four workers are what is asked for, however few cores the machine has
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create 4 worker processes")


@pytest.fixture(params=["fork", "spawn"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])  # a spawned process finds this file
    return str(request.param)


@pytest.fixture
def loader(stocked: Stock, tmp_path: Path) -> Iterator[Loader]:
    build(stocked.house, PROGRAM, tmp_path / "set", by="Kim")
    with closing(Loader(stocked.house.settings, "s0", seed=1, seconds=0.1)) as made:
        yield made


def batches(loader: Loader, **how: object) -> Any:  # DataLoader; torch has no types here
    return torch.utils.data.DataLoader(loader, **how)


def test_it_is_an_iterable_data_set(loader: Loader) -> None:
    assert isinstance(loader, torch.utils.data.IterableDataset)
    assert torch_dataset(loader) is loader


def test_batches_are_tensors(loader: Loader) -> None:
    batch = next(iter(batches(loader, batch_size=3)))
    assert type(batch).__name__ == "Sample"
    assert batch.audio.shape == (3, 1, 800)
    assert batch.audio.dtype == torch.float32
    assert batch.sr.tolist() == [8000] * 3
    assert len(batch.recording) == 3


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_workers_share_the_set_between_them(
    loader: Loader, stocked: Stock, start: str, workers: int
) -> None:
    how = {"multiprocessing_context": start} if workers else {}
    found = [
        (sample.recording, int(sample.start))
        for sample in batches(loader, batch_size=None, num_workers=workers, **how)
    ]
    assert sorted(found) == [
        (name, 800 * piece) for name in sorted(stocked.permitted) for piece in range(5)
    ]


def test_workers_work_after_the_parent_has_read_itself(
    loader: Loader, stocked: Stock, start: str
) -> None:
    first = {sample.recording for sample in loader}
    how = {"num_workers": 2, "multiprocessing_context": start}
    assert {sample.recording for sample in batches(loader, batch_size=None, **how)} == first
    take_back(stocked.house, "r1")
    after = {sample.recording for sample in batches(loader, batch_size=None, **how)}
    assert after == first - {"r1"}


def test_a_withdrawal_stops_a_recording_in_four_workers_within_one_second(
    loader: Loader, stocked: Stock, start: str
) -> None:
    how = {"num_workers": 4, "multiprocessing_context": start, "persistent_workers": True}
    data = batches(loader, batch_size=None, prefetch_factor=2, **how)
    seen = {sample.recording for sample in data}
    assert seen == set(stocked.permitted)
    take_back(stocked.house, "r1")
    committed_s = time.monotonic()
    last_s = committed_s
    while time.monotonic() < committed_s + 3:
        for sample in data:
            if sample.recording == "r1":
                last_s = time.monotonic()
    assert last_s - committed_s < 1.0
    logging.getLogger(__name__).info("given until %.3f s after it", last_s - committed_s)
