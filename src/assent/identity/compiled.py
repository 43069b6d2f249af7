"""Functions that are compiled to machine code the first time they are called, and kept on disk.

What is compiled is plain Python over arrays: `function.py_func` is the same, slowly, for tests.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

__all__ = ["compiled"]

_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """Return a function, compiled for what it is called with; it lets other threads run.

    Where nothing can be kept on disk, it is compiled anew by each process.
    """
    try:
        made = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # no folder can be written, neither beside the source nor the user's own
        made = numba.njit(nogil=True, error_model="numpy")(function)
    return cast("_F", made)
