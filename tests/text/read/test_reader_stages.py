"""Stages that read the files of tasks, and readers of one's own."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError, SettingsError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stages.file_groups import FilePartitioningStage
from curator_engine.stages.id_generator import create_id_generator_actor, kill_id_generator_actor
from curator_engine.task import FileGroupTask
from curator_text.read.reader_stages import BaseReader, ReaderOutput

reader_stages_module: Any = import_module("curator_text.read.reader_stages")
JsonlReaderStage = reader_stages_module.JsonlReaderStage
ParquetReaderStage = reader_stages_module.ParquetReaderStage

KINDS = {"jsonl": JsonlReaderStage, "parquet": ParquetReaderStage}


@pytest.fixture
def files(tmp_path):
    """Two files of two documents, as lines and as Parquet."""
    for kind in KINDS:
        (tmp_path / kind).mkdir()
    for f in range(2):
        rows = [{"n": 2 * f + i, "text": "t"} for i in range(2)]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / "jsonl" / f"{f}.jsonl").write_text(lines, encoding="utf-8")
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "parquet" / f"{f}.parquet")
    return tmp_path


@pytest.fixture
def ids():
    create_id_generator_actor()
    yield
    kill_id_generator_actor()


def task_of(folder):
    return FileGroupTask(data=sorted(str(path) for path in folder.iterdir()), dataset_name="d")


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_of_a_task_are_one_batch(kind, files):
    batch = KINDS[kind](fields=["n"]).process(task_of(files / kind))
    assert batch.to_pyarrow().column("n").to_pylist() == [0, 1, 2, 3]
    assert batch.get_columns() == ["n"]
    assert batch._metadata["source_files"] == task_of(files / kind).data


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_given_and_found_again(kind, files, ids):
    task = task_of(files / kind)
    for options in ({"_generate_ids": True}, {"_assign_ids": True}):
        batch = KINDS[kind](**options).process(task)
        assert batch.data.column("_curator_dedup_id").to_pylist() == [0, 1, 2, 3]


def test_in_a_pipeline_it_reads_what_was_listed(files):
    stages = [FilePartitioningStage(file_paths=str(files / "jsonl")), JsonlReaderStage(["text"])]
    tasks = Pipeline("p", stages=stages).run(LocalExecutor())
    assert [task.num_items for task in tasks] == [2, 2]


def test_parquet_takes_columns_and_filters(files):
    stage = ParquetReaderStage(read_kwargs={"columns": ["n"], "filters": [("n", ">", 1)]})
    assert stage.process(task_of(files / "parquet")).data.to_pydict() == {"n": [2, 3]}


def test_what_is_not_offered_is_refused():
    with pytest.raises(SettingsError, match="'chunksize' is not offered"):
        JsonlReaderStage(read_kwargs={"chunksize": 1})
    with pytest.raises(SettingsError, match="not both"):
        JsonlReaderStage(_generate_ids=True, _assign_ids=True)
    with pytest.raises(SettingsError, match="not both"):
        BaseReader(_generate_ids=True, _assign_ids=True)


class Lines(BaseReader):
    """A reader of one's own: a document per line."""

    def read_data(self, file_paths, read_kwargs, fields):
        texts = [line for path in file_paths for line in Path(path).read_text("utf-8").splitlines()]
        return ReaderOutput(data=pd.DataFrame({"line": texts}), metadata=read_kwargs)


def test_a_reader_of_ones_own_gives_documents_with_ids(files, ids):
    stages = [
        FilePartitioningStage(file_paths=str(files / "jsonl")),
        Lines(read_kwargs={"a": 1}, _generate_ids=True),
    ]
    tasks = Pipeline("p", stages=stages).run(LocalExecutor())
    assert [task.data.column("_curator_dedup_id").to_pylist() for task in tasks] == [[0, 1], [2, 3]]
    assert all(task._metadata["a"] == 1 for task in tasks)
    again = Lines(_assign_ids=True).process(task_of_second(files))
    assert again.data.column("_curator_dedup_id").to_pylist() == [2, 3]


def task_of_second(files):
    return FileGroupTask(data=[str(files / "jsonl" / "1.jsonl")])


def test_files_that_are_unknown_or_changed_are_named(files, ids):
    with pytest.raises(InputError, match=r"1\.jsonl is unknown to the id generator"):
        Lines(_assign_ids=True).process(task_of_second(files))
    Lines(_generate_ids=True).process(task_of_second(files))
    (files / "jsonl" / "1.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError, match="gave 1 documents, and 2 of it have ids"):
        Lines(_assign_ids=True).process(task_of_second(files))


def test_a_reader_that_gives_nothing_says_so(files):
    (files / "jsonl" / "1.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(StageError, match="gave no documents; allow_empty=True"):
        Pipeline("p", stages=[Lines()]).run(LocalExecutor(), initial_tasks=[task_of_second(files)])
    assert Lines(allow_empty=True).process(task_of_second(files)) is None


def test_a_reader_without_read_data_is_named(files):
    with pytest.raises(NotImplementedError, match=r"BaseReader does not define read_data\(\)"):
        BaseReader().process(task_of_second(files))
