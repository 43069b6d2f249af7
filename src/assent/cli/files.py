"""Text files that a person hands in, read with a clear word where they cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from assent.cli.session import settings_of
from assent.errors import BadText, StorageFailed, Unknown

__all__ = ["blamed_on_file", "read_policy", "read_policy_file", "read_small_file", "read_text_file"]

_MOST_BYTES = 1 << 21


def read_small_file(path: Path, most_bytes: int) -> bytes:
    """Return what a file holds.

    Args:
        path: Where it is.
        most_bytes: How large it may be [bytes].

    Raises:
        BadText: It is larger, or is a folder.
        StorageFailed: It cannot be read.
        Unknown: There is no such file.
    """
    try:
        if path.is_fifo() or path.is_socket():  # nobody may ever write to it
            raise BadText(f"{path.name!r} is no file")
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise Unknown(f"there is no file {str(path)!r}", path=str(path)) from None
    except IsADirectoryError:
        raise BadText(f"{path.name!r} is a folder, not a file") from None
    except OSError as error:
        raise StorageFailed(f"{path.name!r} cannot be read: {error.strerror}") from error
    if len(content) > most_bytes:
        raise BadText(f"{path.name!r} is larger than {most_bytes} bytes")
    return content


@contextmanager
def blamed_on_file(path: Path) -> Iterator[None]:
    """Say in which file, and on which line of it, whatever is wrong within."""
    try:
        yield
    except BadText as error:
        line = f", line {error.facts['line']}" if "line" in error.facts else ""
        raise BadText(f"{path.name}{line}: {error.text}", **error.facts) from None


def read_text_file(path: Path) -> str:
    """Return the text of a file.

    Raises:
        BadText: It is no text in UTF-8, is too large, or is a folder.
        StorageFailed: It cannot be read.
        Unknown: There is no such file.
    """
    content = read_small_file(path, _MOST_BYTES)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BadText(f"{path.name!r} is not text in UTF-8") from None


def read_policy(ctx: typer.Context, path: Path | None) -> bytes:
    """Return the policy by which somebody trusts a log: as said, or this platform's own.

    Raises:
        Unknown: There is no such file; or none is said, and there is no platform with one here.
        StorageFailed: It cannot be read.
        BadText: It is too large, or is a folder.
        BadProof: It breaks a rule.
    """
    own = settings_of(ctx).policy
    if path is None and not own.exists():
        raise Unknown("say whom you trust: --trust POLICY, the file that the platform publishes")
    return read_policy_file(path or own)


def read_policy_file(path: Path) -> bytes:
    """Return a policy.

    Raises:
        Unknown: There is no such file.
        StorageFailed: It cannot be read.
        BadText: It is too large, or is a folder.
        BadProof: It breaks a rule.
    """
    from assent.log.policy import MOST_BYTES, parse_policy

    data = read_small_file(path, MOST_BYTES)
    parse_policy(data)
    return data
