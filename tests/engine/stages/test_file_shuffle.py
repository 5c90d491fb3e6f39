"""Rows of Parquet files, brought together by key."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError, PipelineError, SettingsError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import FileGroupTask

file_shuffle_module: Any = import_module("curator_engine.stages.file_shuffle")
ShuffleFiles = file_shuffle_module.ShuffleFiles


@pytest.fixture
def given(tmp_path):
    """Three tasks of a file each, four keys in all of them."""
    tasks = []
    for n in range(3):
        path = tmp_path / f"in{n}.parquet"
        pq.write_table(pa.table({"key": list("abcd"), "n": [n] * 4}), path)
        tasks.append(FileGroupTask(data=[str(path)]))
    return tasks


def run(stage, tasks):
    return Pipeline("p", stages=[stage]).run(LocalExecutor(), initial_tasks=tasks)


def test_equal_keys_are_in_one_file(given, tmp_path):
    made = run(ShuffleFiles(["key"], 2, str(tmp_path / "out")), given)
    keys = [set(pq.read_table(task.data[0]).column("key").to_pylist()) for task in made]
    assert sum(map(len, keys)) == len(set.union(*keys)) == 4
    assert pq.read_table([task.data[0] for task in made]).num_rows == 12
    assert {Path(task.data[0]).parent.name for task in made} == {"out"}


def test_what_an_earlier_run_wrote_goes_and_what_others_wrote_stops_the_run(given, tmp_path):
    stage = ShuffleFiles(["key"], 1, str(tmp_path / "out"))
    run(stage, given)
    (made,) = run(stage, given[:1])
    assert [str(path) for path in (tmp_path / "out").glob("*.parquet")] == made.data
    (tmp_path / "out" / "mine.txt").touch()
    with pytest.raises(InputError, match=r"holds mine\.txt, which we did not write"):
        run(stage, given)


def test_called_by_hand_it_does_the_same(given, tmp_path):
    (made,) = ShuffleFiles(["key"], 1, str(tmp_path / "out")).process_batch(given)
    assert pq.read_table(made.data[0]).column("n").to_pylist() == [0] * 4 + [1] * 4 + [2] * 4


def test_a_missing_key_is_named(given, tmp_path):
    with pytest.raises(StageError, match=r"in\d\.parquet has no column url; there are key, n"):
        run(ShuffleFiles(["url"], output_path=str(tmp_path / "out")), given)
    with pytest.raises(PipelineError):
        ShuffleFiles(["url"], output_path=str(tmp_path / "out")).process_batch(given)


def test_an_option_for_cudf_is_refused_by_name(tmp_path):
    with pytest.raises(SettingsError, match="read_kwargs: 'blocksize' is not offered"):
        ShuffleFiles(["key"], output_path=str(tmp_path), read_kwargs={"blocksize": 1})
