"""Buckets to pairs, pairs to components, components to the ids that go."""

from importlib import import_module
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import PipelineError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import FileGroupTask

group_stages_module: Any = import_module("curator_text.fuzzy.group_stages")
BucketsToEdgesStage = group_stages_module.BucketsToEdgesStage
ConnectedComponentsStage = group_stages_module.ConnectedComponentsStage
IdentifyDuplicatesStage = group_stages_module.IdentifyDuplicatesStage

BUCKETS = [[[1, 5, 9], [2]], [[5, 7], [], [3, 4]]]
"""Lists of ids by file: 1, 5, 7 and 9 are connected, and 3 and 4."""


@pytest.fixture
def buckets(tmp_path):
    tasks = []
    for n, lists in enumerate(BUCKETS):
        path = tmp_path / f"b{n}.parquet"
        ids = pa.array(lists, pa.list_(pa.int64()))
        pq.write_table(
            pa.table(
                {"_bucket_id": [f"b{i}" for i in range(len(lists))], "_curator_dedup_id": ids}
            ),
            path,
        )
        tasks.append(FileGroupTask(data=[str(path)], dataset_name="d"))
    return tasks


def test_neighbours_in_a_bucket_are_pairs(buckets, tmp_path):
    stage = BucketsToEdgesStage(str(tmp_path / "c"))
    made = [stage.process(task) for task in buckets]
    rows = [pq.read_table(task.data[0]).to_pydict() for task in made]
    assert rows == [
        {"_curator_dedup_id_x": [1, 5], "_curator_dedup_id_y": [5, 9]},
        {"_curator_dedup_id_x": [5, 3], "_curator_dedup_id_y": [7, 4]},
    ]
    assert made[0].dataset_name == "d_edges"


def test_the_three_steps_leave_the_smallest_of_each_component(buckets, tmp_path):
    out = str(tmp_path / "out")
    stages = [
        BucketsToEdgesStage(out),
        ConnectedComponentsStage(out),
        IdentifyDuplicatesStage(output_path=out, total_nparts=1),
    ]
    (made,) = Pipeline("p", stages=stages).run(LocalExecutor(), initial_tasks=buckets)
    groups = pq.read_table(f"{out}/ConnectedComponentsStage")
    assert groups.to_pydict() == {
        "_curator_dedup_id": [1, 3, 4, 5, 7, 9],
        "_duplicate_group_id": [0, 1, 1, 0, 0, 0],
    }
    assert pq.read_table(f"{out}/FuzzyDuplicateIds").to_pydict() == {
        "_curator_dedup_id": [4, 5, 7, 9]
    }
    assert (made._metadata["num_groups"], made._metadata["num_removal_ids"]) == (2, 4)


def test_components_of_pairs_with_other_names(tmp_path):
    path = str(tmp_path / "e.parquet")
    pq.write_table(pa.table({"s": [4, 1], "d": [2, 3]}), path)
    stage = ConnectedComponentsStage(str(tmp_path / "c"), "s", "d")
    made = stage.process(FileGroupTask(data=[path]))
    assert pq.read_table(made.data[0]).column("_duplicate_group_id").to_pylist() == [0, 1, 0, 1]
    assert made._metadata["num_vertices"] == 4


def test_ids_that_are_no_numbers_and_columns_that_are_not_there_are_named(buckets, tmp_path):
    path = str(tmp_path / "e.parquet")
    pq.write_table(pa.table({"s": ["a"], "d": ["b"]}), path)
    with pytest.raises(PipelineError, match="column s is string; ids of pairs are whole numbers"):
        ConnectedComponentsStage(str(tmp_path / "c"), "s", "d").process(FileGroupTask(data=[path]))
    with pytest.raises(PipelineError, match=r"e\.parquet has no column _curator_dedup_id"):
        BucketsToEdgesStage(str(tmp_path / "c")).process(FileGroupTask(data=[path]))
