"""Pictures of what a file is made of."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from assent.identity.picture import Drawn, picture
from assent.identity.proof import Finding
from tests.identity.matches import a_match

SVG = "{http://www.w3.org/2000/svg}"


def drawn(name: str, start_s: float, finding: Finding = Finding.SAME) -> Drawn:
    match = a_match(
        start_s=start_s,
        end_s=start_s + 10,
        original_start_s=5.0,
        original_end_s=15.8,
        tempo=1.08,
        semitones=1.3,
    )
    return Drawn(name, 60.0, match, finding)


def test_each_match_is_a_band_and_each_recording_a_bar() -> None:
    shown = [drawn("a.ogg", 0), drawn("a.ogg", 20, Finding.OPEN), drawn("b.ogg", 40, Finding.ALIKE)]
    tree = ElementTree.fromstring(picture("asked.wav", 60.0, shown))
    bands = tree.findall(f".//{SVG}polygon")
    assert len(bands) == 3
    assert len({band.get("fill") for band in bands}) == 3
    bars = [one for one in tree.findall(f"{SVG}rect") if one.get("class") == "bar"]
    assert len(bars) == 4  # two recordings, each under what was asked about
    first = [float(point.split(",")[0]) for point in str(bands[0].get("points")).split()]
    assert first == [24.0, 24 + 912 / 6, round(24 + 912 * 15.8 / 60, 1), 24 + 912 / 12]
    said = [one.text for one in tree.findall(f".//{SVG}g/{SVG}title")]
    assert said[2] == "0:40 to 0:50 is 0:05 to 0:15: same notes on the same samples"


def test_nothing_found_is_a_picture_too() -> None:
    tree = ElementTree.fromstring(picture("asked.wav", 0.0, []))
    assert tree.findall(f".//{SVG}polygon") == []


@given(st.text(), st.floats(0, 1e6), st.floats(0, 1e6))
def test_whatever_files_are_called_it_is_sound_and_no_script(
    name: str, length_s: float, start_s: float
) -> None:
    tree = ElementTree.fromstring(picture(name, length_s, [drawn(name, start_s)] * 20))
    assert {one.tag.removeprefix(SVG) for one in tree.iter()} == {
        *("svg", "title", "style", "rect", "g", "polygon", "text")
    }
    assert len(tree.findall(f".//{SVG}polygon")) == 12
