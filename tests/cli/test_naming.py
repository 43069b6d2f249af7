"""Which recording is meant: an id first, then an exact title that only one has."""

from pathlib import Path

import pytest

from assent.acts.house import House
from assent.acts.upload import Work, upload
from assent.cli.naming import find_recording
from assent.errors import BadInput, Unknown
from tests.cli.runs import Cli
from tests.houses import write_wav


def test_an_id_comes_first_then_a_title(stocked: House, cli: Cli) -> None:
    titles = [row["title"] for row in cli("recordings", "--json").objects]
    with stocked.reading() as connection:
        assert find_recording(connection, "r3") == "r3"
        assert find_recording(connection, titles[2]) == "r2"
        with pytest.raises(Unknown, match="no recording 'Tone'"):
            find_recording(connection, "Tone")


def test_a_title_that_several_have_names_none(stocked: House, tmp_path: Path) -> None:
    for hz in range(6000, 6009):
        work = Work(artist="Dee Marl", title="Same")
        upload(stocked, write_wav(tmp_path / f"{hz}.wav", hz, sr=16_000), work, "desk")
    with stocked.reading() as connection, pytest.raises(BadInput) as caught:
        find_recording(connection, "Same")
    assert caught.value.text == (
        "several recordings are called 'Same': r5, r6, r7, r8, r9, r10, r11, r12, …;"
        " say which by its id"
    )
