"""The manifest: what is written is read, equal items give equal bytes, anything else is refused."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from assent.errors import BadInput
from assent.training.item import Item
from assent.training.manifest import SCHEMA, Heading, opened, write
from tests.training.sets import items, sample_item

HEADING = Heading(
    program="rival-train", uses=("partner/train-rival",), territories="world", head=41
)


def read(path: Path) -> tuple[Heading, int, list[Item]]:
    with opened(path) as manifest:
        return manifest.heading, manifest.count, list(manifest.items())


@settings(deadline=None, max_examples=50)
@given(items())
def test_what_is_written_is_read_and_equal_items_give_equal_bytes(drawn: list[Item]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder, "first"), Path(folder, "second")
        assert write(first, HEADING, drawn) == len(drawn)
        write(second, HEADING, iter(drawn))
        assert first.read_bytes() == second.read_bytes()
        assert read(first) == (HEADING, len(drawn), drawn)


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "here", HEADING, [sample_item(n, b"x" * n) for n in range(1, 50)])
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.training.sets import sample_item\n"
        "from tests.training.test_manifest import HEADING\n"
        "from assent.training.manifest import write\n"
        "write(Path(sys.argv[1]), HEADING, [sample_item(n, b'x' * n) for n in range(1, 50)])\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script, tmp_path / "there"], check=True, cwd=root)
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()


def test_a_manifest_of_many_row_groups_is_read_whole_and_in_order(tmp_path: Path) -> None:
    many = [sample_item(number, b"x") for number in range(10_000)]
    assert write(tmp_path / "m", HEADING, iter(many)) == 10_000
    assert read(tmp_path / "m") == (HEADING, 10_000, many)


def test_other_readers_find_every_column_and_the_grounds(tmp_path: Path) -> None:
    write(tmp_path / "m", HEADING, [sample_item(4, b"x")])
    table = pq.read_table(tmp_path / "m")
    assert table.column_names == SCHEMA.names
    row = table.to_pylist()[0]
    assert (row["recording"], row["head"], row["program"]) == ("r4", 41, "rival-train")
    assert row["grounds"][0]["events"] == [7]
    assert row["grounds"][0]["uses"] == ["partner/train-rival"]
    assert pq.read_metadata(tmp_path / "m").metadata[b"assent.format"] == b"assent-manifest/1"


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write(tmp_path / "m", HEADING, [])
    assert (tmp_path / "m").read_bytes() == b"mine"


Rows = list[dict[str, object]]


def _rows() -> Rows:
    write_to = tempfile.mkdtemp()
    write(Path(write_to, "m"), HEADING, [sample_item(n, b"x") for n in (1, 2)])
    rows: Rows = pq.read_table(Path(write_to, "m")).to_pylist()
    return rows


def _turned(rows: Rows) -> Rows:
    return rows[::-1]


def _twice(rows: Rows) -> Rows:
    return [rows[0], rows[0]]


def _with(field: str, value: object) -> Callable[[Rows], Rows]:
    return lambda rows: [rows[0], {**rows[1], field: value}]


WRONG_ROWS: dict[str, Callable[[Rows], Rows]] = {
    "by falling number": _turned,
    "one twice": _twice,
    "of another program": _with("program", "other"),
    "of another head": _with("head", 42),
    "under another number": _with("recording", "r3"),
    "with a file outside the set": _with("file", "../r2.wav"),
    "with another's file": _with("file", "r1.wav"),
    "without grounds": _with("grounds", []),
    "without sound": _with("frames", 0),
    "with less than no bytes": _with("size_bytes", -1),
}


@pytest.mark.parametrize("change", WRONG_ROWS.values(), ids=WRONG_ROWS)
def test_rows_that_no_build_writes_are_refused(
    tmp_path: Path, change: Callable[[Rows], Rows]
) -> None:
    write(tmp_path / "right", HEADING, [sample_item(1, b"x")])
    said = pq.read_metadata(tmp_path / "right").metadata
    with pq.ParquetWriter(tmp_path / "m", SCHEMA, store_schema=False) as writer:
        writer.add_key_value_metadata(said)
        writer.write_table(pa.Table.from_pylist(change(_rows()), SCHEMA))
    with pytest.raises(BadInput, match="manifest"):
        read(tmp_path / "m")


WRONG_HEADINGS: dict[str, dict[bytes, bytes]] = {
    "of no format": {},
    "of another format": {b"assent.format": b"assent-manifest/9"},
    "without a heading": {b"assent.format": b"assent-manifest/1"},
    "no JSON": {b"assent.format": b"assent-manifest/1", b"assent.heading": b"{"},
    "a list": {b"assent.format": b"assent-manifest/1", b"assent.heading": b"[]"},
    "too deep": {b"assent.format": b"assent-manifest/1", b"assent.heading": b"[" * 100_000},
    "other fields": {b"assent.format": b"assent-manifest/1", b"assent.heading": b'{"uses": []}'},
    "other kinds": {
        b"assent.format": b"assent-manifest/1",
        b"assent.heading": b'{"program":1,"uses":[],"territories":"world","head":1,"register":1}',
    },
    "other uses": {
        b"assent.format": b"assent-manifest/1",
        b"assent.heading": b'{"program":"p","uses":[1],"territories":"","head":1,"register":1}',
    },
}


@pytest.mark.parametrize("said", WRONG_HEADINGS.values(), ids=WRONG_HEADINGS)
def test_a_heading_that_no_build_writes_is_refused(
    tmp_path: Path, said: dict[bytes, bytes]
) -> None:
    with pq.ParquetWriter(tmp_path / "m", SCHEMA, store_schema=False) as writer:
        writer.add_key_value_metadata(said)
    with pytest.raises(BadInput, match="manifest"):
        read(tmp_path / "m")


def test_other_columns_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "right", HEADING, [sample_item(1, b"x")])
    said = pq.read_metadata(tmp_path / "right").metadata
    fewer = pq.read_table(tmp_path / "right").drop_columns(["licence"])
    with pq.ParquetWriter(tmp_path / "m", fewer.schema, store_schema=False) as writer:
        writer.add_key_value_metadata(said)
    with pytest.raises(BadInput, match="other columns"):
        read(tmp_path / "m")


def test_a_row_group_larger_than_any_that_is_written_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "right", HEADING, [sample_item(1, b"x")])
    said = pq.read_metadata(tmp_path / "right").metadata
    many = [sample_item(number, b"x") for number in range(5000)]
    write(tmp_path / "many", HEADING, many)
    with pq.ParquetWriter(tmp_path / "m", SCHEMA, store_schema=False) as writer:
        writer.add_key_value_metadata(said)
        writer.write_table(pq.read_table(tmp_path / "many").cast(SCHEMA))
    with pytest.raises(BadInput, match="row groups larger"):
        read(tmp_path / "m")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"hello" * 99])
def test_what_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m").write_bytes(content)
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "m")


def test_a_manifest_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "m")
