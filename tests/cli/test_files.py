"""Files that people hand in as text."""

import os
from pathlib import Path

import pytest

from assent.cli.files import read_text_file
from assent.errors import AssentError, BadText, StorageFailed, Unknown


def test_a_text_is_read_however_its_lines_end(tmp_path: Path) -> None:
    file = tmp_path / "terms.toml"
    file.write_bytes("\ufeffid = 'å'\r\nnext\n".encode())
    assert read_text_file(file) == "id = 'å'\nnext\n"


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"a" * ((1 << 21) + 1))
    (tmp_path / "binary").write_bytes(b"\xff")
    cases: list[tuple[Path, type[AssentError], str]] = [
        (tmp_path, BadText, "is a folder"),
        (tmp_path / "pipe", BadText, "is no file"),
        (tmp_path / "none", Unknown, "there is no file"),
        (tmp_path / "large" / "below", Unknown, "there is no file"),
        (tmp_path / "large", BadText, "is larger than"),
        (tmp_path / "binary", BadText, "is not text in UTF-8"),
        (tmp_path / ("a" * 300), StorageFailed, "cannot be read"),
    ]
    for path, kind, said in cases:
        with pytest.raises(kind, match=said):
            read_text_file(path)
