"""Names of written tables sort as the input does, and say what they are from."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.executors.local import LocalExecutor
from curator_engine.files.storage import write_atomic
from curator_engine.pipeline import Pipeline
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.jsonl_files import JsonlReader, JsonlWriter
from curator_engine.stages.parquet import ParquetReader, ParquetWriter
from curator_engine.stages.table_files import table_file
from curator_engine.task import TableTask


@pytest.mark.parametrize("options", [{"blocksize": 100}, {"files_per_partition": 2}])
def test_lines_in_the_order_of_names_are_those_of_the_input(tmp, options):
    lines = [b'{"n": %d}\n' % n for n in range(300)]
    for k in range(3):
        write_atomic(f"{tmp}/in/part {k}.x.jsonl", b"".join(lines[k * 100 : k * 100 + 100]))
    stages = [
        FilePartitioner(file_paths=f"{tmp}/in", **options),
        JsonlReader(block_bytes=50),
        JsonlWriter(path=f"{tmp}/out"),
    ]
    Pipeline("p", stages=stages).run(LocalExecutor())
    files = sorted(Path(f"{tmp}/out").glob("*.jsonl"))
    assert b"".join(file.read_bytes() for file in files) == b"".join(lines)
    assert [file.name[:12] for file in (files[0], files[-1])] == ["00000-part_0", "00002-part_2"]


def test_row_groups_in_the_order_of_names_are_those_of_the_input(tmp):
    Path(f"{tmp}/in").mkdir()
    pq.write_table(pa.table({"n": range(60)}), f"{tmp}/in/x.parquet", row_group_size=5)
    stages = [
        FilePartitioner(file_paths=f"{tmp}/in"),
        ParquetReader(),
        ParquetWriter(path=f"{tmp}/out"),
    ]
    Pipeline("p", stages=stages).run(LocalExecutor())
    assert pq.read_table(f"{tmp}/out").column("n").to_pylist() == list(range(60))


def test_a_task_from_elsewhere_is_named_by_its_id():
    assert table_file(TableTask(data=pa.table({}), task_id="t_1"), ".jsonl") == "t_1.jsonl"
