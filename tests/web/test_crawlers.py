"""What programs are told that walk the web."""

from urllib.robotparser import RobotFileParser

import pytest

from tests.web.conftest import Staged


@pytest.mark.parametrize(
    ("who", "may"),
    [("GPTBot", False), ("CCBot", False), ("Google-Extended", False), ("Googlebot", True)],
)
def test_peoples_search_may_come_and_crawlers_for_ai_may_not(
    staged: Staged, who: str, *, may: bool
) -> None:
    answer = staged.client().get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    for path in ("/", "/r/r0", "/artists/n0", "/search"):
        assert rules.can_fetch(who, f"http://testserver{path}") is may
    assert not rules.can_fetch(who, "http://testserver/api/studio/upload")


def test_the_small_picture_is_where_every_program_looks_for_it(staged: Staged) -> None:
    answer = staged.client().get("/favicon.ico", follow_redirects=True)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
