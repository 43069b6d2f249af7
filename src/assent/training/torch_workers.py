"""PyTorch, if the program that uses the loader has loaded it; never imported from here.

Answers which worker of a `DataLoader` this process is, and makes a loader known to it as an
iterable data set.
"""

import sys
from typing import NamedTuple

__all__ = ["Part", "introduce", "this_worker"]


class Part(NamedTuple):
    """One of several that share work.

    Args:
        number: Which, from 0.
        of: How many there are.
    """

    number: int
    of: int


def this_worker() -> Part:
    """Return which worker of a `DataLoader` this process is; the only one if it is none."""
    data = sys.modules.get("torch.utils.data")
    worker = data.get_worker_info() if data is not None else None
    return Part(0, 1) if worker is None else Part(worker.id, worker.num_workers)


def introduce(kind: type) -> None:
    """Let `DataLoader` take instances of a class for iterable data sets, if there is PyTorch."""
    data = sys.modules.get("torch.utils.data")
    if data is not None:
        data.IterableDataset.register(kind)
