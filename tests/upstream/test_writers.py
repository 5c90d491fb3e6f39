"""Writers under NeMo Curator's names; their folders in `tests/engine/stages/test_table_writer.py`."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import curator_engine.compat
from curator_engine.errors import InputError
from curator_engine.executors.local import LocalExecutor

assert curator_engine.compat.INSTALLED
writers: Any = import_module("nemo_curator.stages.text.io.writer")
readers: Any = import_module("nemo_curator.stages.text.io.reader")
DocumentBatch: Any = import_module("nemo_curator.tasks").DocumentBatch
Pipeline: Any = import_module("nemo_curator.pipeline").Pipeline
partitioning: Any = import_module("nemo_curator.stages.file_partitioning")

ROWS = [{"text": f"text {i}", "n": i} for i in range(4)]


@pytest.fixture
def source(tmp_path):
    (tmp_path / "in").mkdir()
    for f in range(2):
        lines = "".join(json.dumps(row) + "\n" for row in ROWS[2 * f : 2 * f + 2])
        (tmp_path / "in" / f"f{f}.jsonl").write_text(lines, encoding="utf-8")
    return readers.JsonlReader(file_paths=str(tmp_path / "in"))


def written(tasks):
    paths = [Path(path) for task in tasks for path in task.data]
    if paths[0].suffix == ".parquet":
        return [row for path in paths for row in pq.read_table(path).to_pylist()]
    return [json.loads(line) for p in paths for line in p.read_text(encoding="utf-8").splitlines()]


def run(source, writer, workers=1):
    return Pipeline("write", stages=[source, writer]).run(LocalExecutor({"workers": workers}))


@pytest.mark.parametrize("name", ["JsonlWriter", "ParquetWriter"])
@pytest.mark.parametrize("mode", ["ignore", "overwrite", "append", "error"])
def test_each_mode_writes_all_documents(source, tmp_path, name, mode):
    writer = getattr(writers, name)(path=str(tmp_path / "out"), mode=mode)
    assert written(run(source, writer)) == ROWS


def test_a_mode_reaches_worker_processes(source, tmp_path):
    writer = writers.ParquetWriter(path=str(tmp_path / "out"), mode="append")
    assert written(run(source, writer, workers=2)) == ROWS


def test_a_script_that_is_run_again_with_overwrite_leaves_one_result(source, tmp_path):
    for _ in range(2):
        run(source, writers.JsonlWriter(path=str(tmp_path / "out"), mode="overwrite"))
    assert len(list((tmp_path / "out").glob("*.jsonl"))) == 2


def test_overwrite_of_a_folder_with_something_else_changes_nothing(source, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="nothing in it is touched"):
        run(source, writers.JsonlWriter(path=str(tmp_path / "out"), mode="overwrite"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["notes.txt"]


def test_fields_choose_the_columns(source, tmp_path):
    writer = writers.ParquetWriter(path=str(tmp_path / "out"), fields=["n"])
    assert written(run(source, writer)) == [{"n": row["n"]} for row in ROWS]


def test_batches_made_by_hand_are_written_side_by_side(tmp_path):
    import pandas as pd

    writer = writers.JsonlWriter(path=str(tmp_path / "out"))
    tasks = [writer.process(DocumentBatch(data=pd.DataFrame([row]))) for row in ROWS]
    assert written(tasks) == ROWS


def test_a_task_of_files_can_be_read_from(source, tmp_path):
    stage = partitioning.FilePartitioningStage(file_paths=str(tmp_path / "in"))
    assert [
        Path(t.data[0]).name for t in Pipeline("list", stages=[stage]).run(LocalExecutor())
    ] == [
        "f0.jsonl",
        "f1.jsonl",
    ]
