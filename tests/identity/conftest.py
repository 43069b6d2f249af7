"""An index of composed music, made once."""

from typing import NamedTuple

import pytest

from assent.identity.fingerprint import Fingerprint
from assent.identity.index import Index
from assent.identity.match import Match, match
from tests.identity.music import heard, mono


class Known(NamedTuple):
    """An index, and how long its recordings are [seconds]."""

    archive: Index
    lengths_s: dict[int, float]

    def of(self, asked: Fingerprint) -> list[Match]:
        return match(asked, self.archive, lengths_s=self.lengths_s)


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """Give an index of the first five pieces; the others are strangers."""
    index = Index(tmp_path_factory.mktemp("known"))
    taken = {number: heard(mono(number)) for number in range(5)}
    index.add([(number, one.kept()) for number, one in taken.items()])
    return Known(index, {number: one.duration_s for number, one in taken.items()})
