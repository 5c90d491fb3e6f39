"""Writing Lance datasets: every row once, and nothing of others replaced."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import lance
import pyarrow as pa
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.read.documents import JsonlReader
from curator_text.task import DocumentBatch

lance_writer: Any = import_module("curator_text.read.lance_writer")
LanceWriter, commit_lance_checkpoint = (
    lance_writer.LanceWriter,
    lance_writer.commit_lance_checkpoint,
)
LanceReader: Any = import_module("curator_text.read.lance_reader").LanceReader

NUMBERS = pa.table({"n": [1, 2]})


@pytest.fixture
def places(tmp_path):
    return str(tmp_path / "a.lance"), str(tmp_path / "notes")


def write(places, *tables, **options):
    """Write batches by hand, and commit them."""
    stage = LanceWriter(*places, **options)
    for number, table in enumerate(tables):
        stage.process(DocumentBatch(data=table, task_id=f"0_{number}"))
    return commit_lance_checkpoint(*places)


def rows(path, column="n"):
    return lance.dataset(path).to_table().column(column).to_pylist()


def test_batches_become_rows_in_their_order(places):
    tables = [pa.table({"n": [number]}) for number in range(12)]
    assert write(places, *tables) == 1
    assert rows(places[0]) == list(range(12))
    assert commit_lance_checkpoint(*places) == 1


def test_rows_go_from_a_file_to_lance_and_back_with_their_blobs(tmp_path, places):
    schema = pa.schema([pa.field("id", pa.string()), lance.blob_field("image")])
    table = pa.table({"id": ["a", "b"], "image": pa.array([b"x" * 100_000, None], pa.binary())})
    write(places, table, schema=schema, write_kwargs={"data_storage_version": "2.2"})
    second = (str(tmp_path / "b.lance"), str(tmp_path / "more"))
    writer = LanceWriter(*second, write_kwargs={"data_storage_version": "2.2"})
    Pipeline("p", stages=[LanceReader(places[0]), writer]).run(LocalExecutor())
    commit_lance_checkpoint(*second)
    found = lance.dataset(second[0])
    assert found.schema.equals(schema)
    (task,) = Pipeline("p", stages=[LanceReader(second[0])]).run(LocalExecutor())
    assert task.data.column("image").to_pylist() == [b"x" * 100_000, None]


def test_rows_are_added_or_replaced(places):
    write(places, NUMBERS)
    assert write(places, pa.table({"n": [3]}), mode="append") == 2
    assert rows(places[0]) == [1, 2, 3]
    assert write(places, pa.table({"m": ["x"]}), mode="overwrite") == 3
    assert rows(places[0], "m") == ["x"]
    assert lance.dataset(places[0], version=2).count_rows() == 3


def test_a_dataset_of_others_gets_rows_and_is_never_replaced(places):
    lance.write_dataset(NUMBERS, places[0])
    for mode, said in (("create", "is a Lance dataset already"), ("overwrite", "did not make")):
        with pytest.raises(InputError, match=said):
            write(places, NUMBERS, mode=mode)
    assert rows(places[0]) == [1, 2]
    write(places, NUMBERS, mode="append")
    assert rows(places[0]) == [1, 2, 1, 2]
    with pytest.raises(InputError, match="does not fit the dataset"):
        write(places, pa.table({"other": [1]}), mode="append")


def test_a_folder_with_other_files_is_not_written_into(places):
    Path(places[0]).mkdir()
    Path(places[0], "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds mine\.txt"):
        write(places, NUMBERS)
    with pytest.raises(InputError, match="mode='create' makes one"):
        write((f"{places[0]}.none", places[1]), NUMBERS, mode="append")
    Path(places[1]).mkdir()
    Path(places[1], "mine.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="is not the folder of a run"):
        write((f"{places[0]}.new", places[1]), NUMBERS)


def test_a_killed_commit_is_not_made_twice(places, monkeypatch):
    write(places, NUMBERS)
    stage = LanceWriter(*places, mode="append")
    stage.process(DocumentBatch(data=pa.table({"n": [3]}), task_id="0_0"))

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(lance_writer, "write_atomic", killed)
        with pytest.raises(KeyboardInterrupt):
            commit_lance_checkpoint(*places)
    assert rows(places[0]) == [1, 2, 3]
    assert commit_lance_checkpoint(*places) == 2
    assert rows(places[0]) == [1, 2, 3]


def test_a_run_that_goes_on_gives_each_row_once(tmp_path, places):
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"id": name}) + "\n", encoding="utf-8")

    def run(name):
        stages = [
            JsonlReader(file_paths=[str(tmp_path / name)], files_per_partition=1),
            LanceWriter(*places),
        ]
        checkpoint = str(tmp_path / "checkpoint")
        return Pipeline("p", stages=stages).run(LocalExecutor(), checkpoint_path=checkpoint)

    run("*.jsonl")
    notes = sorted(Path(places[1]).glob("*.json"))
    # As if killed before the second source was noted as done.
    done = sorted(Path(tmp_path, "checkpoint").rglob("done/*/*"))
    assert len(notes) == 2
    done[-1].unlink()
    run("*.jsonl")
    commit_lance_checkpoint(*places)
    assert rows(places[0], "id") == ["a", "b"]


def test_what_is_empty_or_does_not_fit_is_said(places):
    with pytest.raises(InputError, match="has no notes"):
        commit_lance_checkpoint(*places)
    write(places, NUMBERS.slice(0, 0))
    assert lance.dataset(places[0]).count_rows() == 0
    assert write(places, NUMBERS.slice(0, 0), mode="append") == 1
    with pytest.raises(InputError, match="different names or types"):
        write(places, NUMBERS, pa.table({"n": ["x"]}), mode="overwrite")
    with pytest.raises(InputError, match="the notes are of"):
        commit_lance_checkpoint(f"{places[0]}.other", places[1])
    with pytest.raises(SettingsError, match="colour"):
        write(places, NUMBERS, mode="overwrite", write_kwargs={"colour": "red"})
    schema = pa.schema({"n": pa.int8()})
    with pytest.raises(InputError, match="does not fit its schema"):
        write(places, pa.table({"n": [1000]}), mode="overwrite", schema=schema)
    with pytest.raises(InputError, match="has no column n"):
        write(places, pa.table({"m": [1]}), mode="overwrite", schema=schema)
    with pytest.raises(SettingsError, match="mode='ignore' is not one of"):
        LanceWriter(*places, mode="ignore")
    with pytest.raises(SettingsError, match="leave one of them out"):
        LanceWriter(*places, schema=schema, fields=["n"])
