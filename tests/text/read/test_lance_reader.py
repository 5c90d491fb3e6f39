"""Reading Lance datasets."""

from importlib import import_module
from pathlib import Path
from typing import Any

import lance
import pyarrow as pa
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stages.id_generator import create_id_generator_actor, kill_id_generator_actor
from curator_engine.task import EmptyTask

lance_reader_module: Any = import_module("curator_text.read.lance_reader")
LancePartitioningStage = lance_reader_module.LancePartitioningStage
LanceReader = lance_reader_module.LanceReader
LanceReaderStage = lance_reader_module.LanceReaderStage


@pytest.fixture
def path(tmp_path):
    """Four rows in two fragments, of which one was deleted, and a version with a fragment more."""
    made = lance.write_dataset(
        pa.table({"id": list("abcd"), "n": range(4)}), tmp_path / "a.lance", max_rows_per_file=2
    )
    made.delete("id = 'b'")
    lance.write_dataset(pa.table({"id": ["e"], "n": [4]}), tmp_path / "a.lance", mode="append")
    return str(tmp_path / "a.lance")


def read(reader):
    return Pipeline("p", stages=[reader]).run(LocalExecutor())


def ids_of(tasks):
    return [task.data.column("id").to_pylist() for task in tasks]


def test_fragments_become_tasks_and_rows_documents(path):
    tasks = read(LanceReader(path, fragments_per_partition=1))
    assert ids_of(tasks) == [["a"], ["c", "d"], ["e"]]
    assert tasks[1].data.column("__lance_fragid").to_pylist() == [1, 1]
    about = tasks[1]._metadata
    assert about["source_files"] == [path]
    assert (about["lance"]["fragment_ids"], about["lance"]["version"]) == ([1], 3)
    assert tasks[0].dataset_name == "a.lance"


def test_a_version_columns_and_a_filter_are_chosen(path):
    options = {"version": 1, "filter": "n > 0"}
    reader = LanceReader(path, 1, ["id"], options, include_lance_metadata=False)
    (first, second) = read(reader)
    assert [*first.data.to_pydict(), *second.data.to_pydict()] == ["id", "id"]
    assert ids_of([first, second]) == [["b"], ["c", "d"]]
    reader = LanceReader(
        path, read_kwargs={"scanner_options": {"columns": ["n"]}}, fragment_ids=[2, 2]
    )
    assert [task.data.column("n").to_pylist() for task in read(reader)] == [[4]]


def test_ids_are_given_over_all_tasks(path):
    create_id_generator_actor()
    try:
        listing, stage = LancePartitioningStage(path, 1), LanceReaderStage(_generate_ids=True)
        tasks = Pipeline("p", stages=[listing, stage]).run(LocalExecutor())
        numbers = [task.data.column("_curator_dedup_id").to_pylist() for task in tasks]
        assert numbers == [[0], [1, 2], [3]]
    finally:
        kill_id_generator_actor()


def test_what_cannot_be_done_is_said(path, tmp_path):
    with pytest.raises(InputError, match="has no fragment 9 in version 3"):
        LancePartitioningStage(path, fragment_ids=[0, 9]).process(EmptyTask())
    with pytest.raises(InputError, match="is no Lance dataset"):
        LancePartitioningStage(str(tmp_path / "none")).process(EmptyTask())
    with pytest.raises(SettingsError, match="below 1"):
        LancePartitioningStage(path, fragments_per_partition=0)
    with pytest.raises(SettingsError, match="only 'document'"):
        LanceReader(path, task_type="image")
    for options, said in (({"colour": 1}, "colour"), ({"filter": "nothing > 3"}, "nothing")):
        with pytest.raises(SettingsError, match=said):
            first_of(path, read_kwargs=options)
    with pytest.raises(InputError, match="gave no documents"):
        first_of(path, read_kwargs={"filter": "n > 9"}, allow_empty=False)
    assert first_of(path, read_kwargs={"filter": "n > 9"}) == []


def first_of(path, **options):
    (task,) = LancePartitioningStage(path).process(EmptyTask())
    return list(LanceReaderStage(**options).process(task))


def test_a_damaged_fragment_goes_to_quarantine(path):
    for file in Path(path, "data").iterdir():
        file.write_bytes(b"no Lance")
    stage = LanceReaderStage()
    (task,) = LancePartitioningStage(path).process(EmptyTask())
    assert list(stage.process(task)) == []
    (rejected,) = stage.take_notes()[2]
    assert rejected.file == path
