"""A disk that fails, or is cut off, at any one call; and what it holds when the power comes back.

Calls are made of the real system and kept in a model beside it, which knows what was synced: the
bytes of a file once the file was, a name once its folder was. All else may be gone, or may not.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EIO, ENOSPC
from pathlib import Path
from random import Random
from typing import Any

import pytest

__all__ = ["FAULTS", "FAULTS_OF_WRITES", "Disk", "Fault", "Killed"]

FAULTS = ("EIO", "ENOSPC", "stored", "killed before", "killed after")
"""The call fails; is done and said to have failed; the process ends before or after it."""

FAULTS_OF_WRITES = ("short", "torn", "killed halfway")
"""A write takes half of its bytes, and says so, or that the disk is full, or nothing any more."""

_ERRORS = {"EIO": EIO, "ENOSPC": ENOSPC, "stored": EIO, "torn": ENOSPC}
_CALLS = ("open", "write", "fsync", "close", "replace", "mkdir", "unlink", "rmdir")
_REAL: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in _CALLS}
_REAL_READ = io.open


class Killed(BaseException):
    """The process is gone: nothing that it does from here on happens."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong: at which call of the process, from 0, and how."""

    call: int
    how: str


@dataclass
class _Node:
    """A file or folder: as it is, and as it is after the worst of power cuts."""

    now: Any  # bytes, or nodes by their names
    safe: Any


class Disk:
    """The calls that are made below a folder, which is there to stay.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.phase = "start"
        self.calls: list[str] = []
        self._fault: Fault | None = None
        self._dead = False
        self._top = _loaded(root)
        self._handles: dict[int, tuple[_Node, str]] = {}

    @contextmanager
    def process(self, fault: Fault | None = None) -> Iterator[None]:
        """Be the disk of a process: what the block does is counted, and one call goes wrong."""
        self.phase, self.calls, self._fault, self._dead = "start", [], fault, False
        with pytest.MonkeyPatch.context() as patch:
            for name in _CALLS:
                patch.setattr(os, name, self._between(name, getattr(self, f"_{name}"), _REAL[name]))
            patch.setattr(io, "open", self._between("read", _REAL_READ, _REAL_READ))
            try:
                yield
            finally:
                for handle in self._handles:  # closed by its end, whatever that was
                    _REAL["close"](handle)
                self._handles.clear()

    def _between(
        self, name: str, kept: Callable[..., Any], real: Callable[..., Any]
    ) -> Callable[..., Any]:
        def call(what: Any, *rest: Any, **more: Any) -> Any:
            if not self._is_ours(what):
                return real(what, *rest, **more)
            if self._dead:
                raise Killed
            self.calls.append(f"{self.phase}: {name} {self._kind(what)}")
            if self._fault is None or self._fault.call != len(self.calls) - 1:
                return kept(what, *rest, **more)
            return self._break(self._fault.how, kept, what, *rest, **more)

        return call

    def _break(self, how: str, call: Callable[..., Any], *args: Any, **more: Any) -> Any:
        self._dead = how.startswith("killed")
        if how in FAULTS_OF_WRITES:
            handle, data = args
            taken = call(handle, data[: -(-len(data) // 2)])
            if how == "short":
                return taken
        elif how in {"stored", "killed after"}:
            made = call(*args, **more)
            if isinstance(made, io.IOBase):
                made.close()
        if self._dead:
            raise Killed
        raise OSError(_ERRORS[how], os.strerror(_ERRORS[how]))

    def _is_ours(self, what: Any) -> bool:
        if isinstance(what, int):
            return what in self._handles
        return f"{what}/".startswith(f"{self.root}/")

    def _kind(self, what: Any) -> str:
        """Say what a call is about."""
        if isinstance(what, int):
            return self._handles[what][1]
        if Path(what).is_dir():
            return "folder"
        return "arriving" if "/.incoming/" in str(what) else "file"

    def _find(self, path: Path | str) -> _Node:
        node = self._top
        for part in Path(path).relative_to(self.root).parts:
            node = node.now[part]
        return node

    def _folder(self, path: Path | str) -> Any:
        return self._find(Path(path).parent).now

    def _open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        kind = self._kind(path)
        handle: int = _REAL["open"](path, flags, mode)
        if flags & os.O_CREAT:
            self._folder(path)[path.name] = _Node(b"", b"")
        self._handles[handle] = self._find(path), kind
        return handle

    def _write(self, handle: int, data: bytes) -> int:
        taken: int = _REAL["write"](handle, data)
        self._handles[handle][0].now += bytes(data[:taken])
        return taken

    def _fsync(self, handle: int) -> None:
        node, _ = self._handles[handle]  # in the model alone: the real disk need not work so hard
        node.safe = dict(node.now) if isinstance(node.now, dict) else node.now

    def _close(self, handle: int) -> None:
        _REAL["close"](handle)
        del self._handles[handle]

    def _replace(self, source: Path, target: Path) -> None:
        _REAL["replace"](source, target)
        self._folder(target)[target.name] = self._folder(source).pop(source.name)

    def _mkdir(self, path: Path, mode: int = 0o777) -> None:
        _REAL["mkdir"](path, mode)
        self._folder(path)[path.name] = _Node({}, {})

    def _unlink(self, path: Path) -> None:
        _REAL["unlink"](path)
        del self._folder(path)[path.name]

    def _rmdir(self, path: Path) -> None:
        _REAL["rmdir"](path)
        del self._folder(path)[path.name]

    def after_power_cut(self, place: Path, chance: Random | None = None) -> "Disk":
        """Return the disk as it may be when the power comes back.

        Args:
            place: A new folder that becomes it.
            chance: Draws what of the unsynced survived; None: nothing did.
        """
        _laid_out(self._top, place, chance)
        return Disk(place)


def _loaded(path: Path) -> _Node:
    """Return what lies on a disk, all of it long synced."""
    if path.is_file():
        return _Node(path.read_bytes(), path.read_bytes())
    nodes = {child.name: _loaded(child) for child in path.iterdir()}
    return _Node(nodes, dict(nodes))


def _laid_out(node: _Node, place: Path, chance: Random | None) -> None:
    survived = node.now if chance is not None and chance.random() < 0.5 else node.safe
    if isinstance(survived, bytes):
        place.write_bytes(survived)
        return
    place.mkdir()
    for name, child in survived.items():
        _laid_out(child, place / name, chance)
