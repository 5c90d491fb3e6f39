"""Arrow files as Parquet files: streams and files with a footer."""

import pathlib
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import DamagedFileError, OtherFormatError
from curator_engine.files.storage import write_atomic
from curator_engine.stages import arrow_files
from curator_engine.stages.parquet import copy_rows, count_rows, iter_row_groups, schema_of

TABLE = pa.table(
    {"n": pa.array(range(50), pa.int16()), "text": [f"row {i}" for i in range(50)]}
).replace_schema_metadata({"huggingface": "{}"})
WRITERS = {"stream": pa.ipc.new_stream, "file": pa.ipc.new_file}


@pytest.fixture(params=WRITERS)
def path(tmp, request):
    return written(tmp, request.param)


def written(tmp, kind, table=TABLE):
    path = f"{tmp}/{kind}.arrow"
    with WRITERS[kind](path, table.schema) as file:
        file.write_table(table, max_chunksize=10)
    return path


def numbers(path, **options):
    return [n for _, t in iter_row_groups(path, **options) for n in t.column("n").to_pylist()]


def test_rows_come_in_order_with_their_types(path):
    assert schema_of(path).equals(TABLE.schema)
    assert [row for row, _ in iter_row_groups(path)] == [0]
    assert numbers(path) == list(range(50))


def test_groups_of_batches_are_read_alone_and_in_any_order(path, monkeypatch):
    monkeypatch.setattr(arrow_files, "_GROUP_ROWS", 20)
    assert count_rows(path) == [20, 20, 10]
    assert numbers(path, span=(1, 3)) == list(range(20, 50))
    assert numbers(path, max_rows=25) == list(range(25))
    with pathlib.Path(path).open("rb") as raw:
        file = arrow_files.ArrowFile(raw, path)
        found = [file.read_row_group(i).column("n")[0].as_py() for i in (2, 0, 1)]
    assert found == [40, 0, 20]


def test_a_copy_is_parquet_with_types_and_metadata(path, tmp):
    out = f"{tmp}/out.parquet"
    assert copy_rows(path, out, np.array([3, 49])) == (48, 2)
    assert pq.read_table(out).schema.equals(TABLE.schema, check_metadata=True)
    assert copy_rows(path, out, np.array([], np.int64)) == (50, 0)
    assert pq.read_table(out).equals(TABLE)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_that_is_cut_off_is_damaged(tmp, kind):
    path = written(tmp, kind)
    with pathlib.Path(path).open("r+b") as file:
        file.truncate(1500)
    with pytest.raises(DamagedFileError, match=path):
        count_rows(path)


def test_a_file_that_is_no_arrow_is_damaged(tmp):
    with pathlib.Path(f"{tmp}/a.arrow").open("wb") as file:
        file.write(b"text")
    with pytest.raises(DamagedFileError, match="not readable as Arrow"):
        count_rows(f"{tmp}/a.arrow")


def test_a_type_that_parquet_lacks_is_named(tmp):
    table = pa.table({"odd": pa.array([None], pa.month_day_nano_interval())})
    with pytest.raises(OtherFormatError, match="column 'odd' of the type month_day_nano_interval"):
        count_rows(written(tmp, "file", table))


def test_a_file_without_batches_has_no_rows(tmp):
    assert numbers(written(tmp, "stream", TABLE.schema.empty_table())) == []


@pytest.mark.parametrize("kind", WRITERS)
def test_a_remote_file_is_read(tmp, kind):
    with pathlib.Path(written(tmp, kind)).open("rb") as file:
        write_atomic(f"memory://arrow/{kind}.arrow", file.read())
    assert numbers(f"memory://arrow/{kind}.arrow") == list(range(50))


def test_offsets_that_lead_nowhere_are_damage_not_the_end_of_the_process(tmp):
    path = written(tmp, "stream", pa.table({"n": [0, 1, 2], "text": ["x" * 1000] * 3}))
    sound, odd = struct.pack("<3i", 0, 1000, 2000), struct.pack("<3i", 0, 1000, 1 << 30)
    file = pathlib.Path(path)
    file.write_bytes(file.read_bytes().replace(sound, odd))
    with pytest.raises(DamagedFileError, match="is damaged"):
        list(iter_row_groups(path))
