"""The pages: a module for each part of the site, each with a `face`; all of them are served."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from assent.web.face import Face

__all__ = ["faces"]


def faces() -> Iterator[Face]:
    """Give the faces of all modules here, in the order of their names."""
    for module in sorted(iter_modules(__path__), key=lambda it: it.name):
        found = getattr(import_module(f"{__name__}.{module.name}"), "face", None)
        if isinstance(found, Face):
            yield found
