"""Conventions that nobody has to remember."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import assent
from assent import errors

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    module.name
    for module in walk_packages(assent.__path__, "assent.")
    if ".migrations" not in module.name
)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_offers_and_answers(name: str) -> None:
    module = import_module(name)
    assert module.__doc__, "a module opens with what it answers"
    if not hasattr(module, "__path__"):
        # isort's order, as ruff keeps it: constants, classes, the rest
        assert set(module.__all__) <= set(vars(module))


def test_the_version_is_the_changelogs() -> None:
    versions = re.findall(r"^## ([0-9.]+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == assent.__version__
    assert f'version = "{assent.__version__}"' in (ROOT / "pyproject.toml").read_text()


def test_the_tree_of_errors_is_drawn() -> None:
    drawn = re.findall(r"── (\w+)", errors.__doc__ or "")
    assert set(drawn) | {"AssentError"} == set(errors.__all__)


def test_only_the_clock_reads_the_clock_and_only_the_settings_the_environment() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text()
        if path.name != "clock.py":
            assert "datetime.now(" not in text, path
            assert "time.time(" not in text, path
        if path.name != "settings.py":
            assert "os.environ" not in text, path


def test_every_decision_record_is_numbered_and_in_order() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "adr").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
