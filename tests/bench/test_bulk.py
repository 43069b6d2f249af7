"""The columns that are measured on are such as the product has."""

import numpy as np

from assent.bench.bulk import columns, rows
from assent.permission.bulk import recompute
from assent.permission.uses import CONSENT_ONLY


def test_the_columns_open_some_and_close_some() -> None:
    words = recompute(columns(2000))
    assert 0 < np.bitwise_count(words).mean() < 30
    assert not np.any(words[1::100] & np.uint64(CONSENT_ONLY))


def test_the_scan_finds_what_we_find() -> None:
    scan, limit, anew = rows(quick=True)  # it raises where SQL counts another number
    assert scan.ours is not None
    assert scan.peer is not None
    assert limit.ours is not None
    assert anew.goal == 0.05
