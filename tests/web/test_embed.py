"""What other sites show of a recording: a framed player, oEmbed, Open Graph; of what is public."""

import io
import re
from html import unescape
from urllib.parse import quote
from xml.etree import ElementTree as ET

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.catalogue import tables
from assent.web.cover import cover
from tests.web.conftest import Staged
from tests.web.test_hearing import page


def test_a_player_may_be_framed_by_anybody_and_sets_no_cookie(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    answer = staged.client().get(f"/embed/{recording}")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "script-src 'self';" in policy
    assert "x-frame-options" not in answer.headers
    assert "set-cookie" not in answer.headers
    source = unescape(re.findall(r'<source src="([^"]+)"', answer.text)[0])
    assert staged.client().get(source).status_code == 200
    assert "frame-ancestors 'none'" in staged.client().get("/").headers["content-security-policy"]


def test_what_is_not_public_is_embedded_nowhere(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    page(staged, recording, visibility="private")
    for name in ("", "Wren", "Rhea"):
        client = staged.client(name)
        asked = quote(f"http://testserver/r/{recording}")
        for path in (f"/embed/{recording}", f"/r/{recording}/cover.png", f"/oembed?url={asked}"):
            assert client.get(path).status_code == 404, (name, path)


def test_oembed_says_the_same_in_json_and_xml(staged: Staged) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    asked = quote(f"http://testserver/r/{recording}?t=0:01")
    json = client.get(f"/oembed?url={asked}").json()
    assert (json["type"], json["version"], json["title"]) == ("rich", "1.0", "Tone 330")
    frame = unescape(re.findall(r'src="([^"]+)"', json["html"])[0])
    assert client.get(frame).status_code == 200
    assert client.get(json["thumbnail_url"]).status_code == 200
    xml = ET.fromstring(client.get(f"/oembed?url={asked}&format=xml").content)
    assert {one.tag: one.text for one in xml} == {name: str(it) for name, it in json.items()}
    small = client.get(f"/oembed?url={asked}&maxwidth=300&maxheight=100").json()
    assert (small["width"], small["height"]) == (300, 100)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://other.example/r/r0", 404),
        ("http://testserver/artists/n0", 404),
        ("http://testserver/r/r999", 404),
        ("http://[", 404),
        ("", 404),
    ],
)
def test_oembed_knows_this_site_alone(staged: Staged, url: str, status: int) -> None:
    assert staged.client().get(f"/oembed?url={quote(url)}").status_code == status
    known = quote(f"http://testserver/r/{staged.recordings['Wren'][0]}")
    assert staged.client().get(f"/oembed?url={known}&format=yaml").status_code == 501


def test_a_page_tells_other_sites_what_it_is(staged: Staged) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    text = client.get(f"/r/{recording}").text
    told = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', text))
    assert told["og:title"] == "Tone 330"
    assert told["og:url"] == f"http://testserver/r/{recording}"
    assert client.get(told["og:image"]).headers["content-type"] == "image/png"
    assert client.get(told["twitter:player"]).status_code == 200
    links = re.findall(r'type="(?:application/json|text/xml)\+oembed" href="([^"]+)"', text)
    assert [client.get(unescape(it)).status_code for it in links] == [200, 200]


def test_a_title_with_script_in_it_stays_a_title(staged: Staged) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    with staged.house.writing() as connection:
        connection.execute(tables.recordings.update().values(title='"><script>alert(1)</script>'))
    for path in (f"/embed/{recording}", f"/r/{recording}"):
        assert "<script>alert" not in client.get(path).text
    asked = quote(f"http://testserver/r/{recording}")
    assert "<script" not in client.get(f"/oembed?url={asked}").json()["html"]


def test_a_picture_comes_in_the_size_that_is_asked_for_and_once(staged: Staged) -> None:
    client, recording = staged.client(), staged.recordings["Wren"][0]
    answer = client.get(f"/r/{recording}/cover.png?size=300")
    with av.open(io.BytesIO(answer.content), "r") as picture:
        frame = next(picture.decode(video=0))
    assert (frame.width, frame.height) == (300, 300)
    tag = {"if-none-match": answer.headers["etag"]}
    assert client.get(f"/r/{recording}/cover.png?size=300", headers=tag).status_code == 304
    assert client.get(f"/r/{recording}/cover.png?size=99999").status_code == 422


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=300),
    st.integers(16, 300),
    st.integers(16, 300),
)
def test_a_picture_can_be_read_and_holds_both_colours_at_most(
    peaks: list[float], width: int, height: int
) -> None:
    with av.open(io.BytesIO(cover(peaks, width, height)), "r") as picture:
        points = next(picture.decode(video=0)).to_ndarray(format="rgb24")
    assert points.shape == (height, width, 3)
    assert len(np.unique(points.reshape(-1, 3), axis=0)) <= 2
