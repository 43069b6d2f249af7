"""`artists` and `recordings`: all there is, or all of somebody's."""

import pytest

from assent.acts.holders import Share, set_holders
from assent.acts.house import House
from assent.cli import listings
from tests.cli.runs import Cli


def test_artists_are_listed_with_what_they_have(cli: Cli) -> None:
    found = cli("artists", "--json").objects
    assert {(artist["name"], artist["recordings"]) for artist in found} >= {
        ("Ada Quill", 2),
        ("Bo Ferrum", 1),
        ("Cy Loom", 1),
    }
    assert found[0]["accepted"] == "assent-terms-1"
    assert cli("artists").lines[0].split("\t") == ["Ada Quill", "Ada Quill", "assent-terms-1", "2"]


def test_recordings_are_listed_with_their_holders(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "_PAGE", 2)  # pages leave nothing out
    found = cli("recordings", "--json").objects
    assert [recording["recording"] for recording in found] == ["r0", "r1", "r2", "r3", "r4"]
    assert found[0]["duration_s"] == 0.5
    assert found[0]["artist"] == "Ada Quill"
    assert found[0]["holders"][0]["name"] == "Ada Quill"
    assert found[4]["holders"] == []
    lines = cli("recordings").lines
    assert lines[0].split("\t")[::4] == ["r0", "Ada Quill"]
    assert lines[4].endswith("\tnobody")


def test_recordings_of_somebody_are_those_under_the_name_and_those_held(
    cli: Cli, stocked: House
) -> None:
    assert len(cli("recordings", "--artist", "Ada Quill").lines) == 2
    half = 500_000
    shares = [Share(name="Bo Ferrum", share_ppm=half), Share(name="Ada Quill", share_ppm=half)]
    set_holders(stocked, "r2", shares, "desk")
    found = cli("recordings", "--artist", "Ada Quill", "--json").objects
    assert [recording["recording"] for recording in found] == ["r0", "r1", "r2"]
    assert cli("recordings", "--artist", "Bo Ferrum").lines[0].startswith("r2\t")


def test_nobody_of_that_name_is_unknown(cli: Cli) -> None:
    found = cli("recordings", "--artist", "Nobody At All")
    assert (found.code, found.err) == (3, "assent: nobody here is called 'Nobody At All'\n")
