"""Buckets of documents whose signatures agree in a band."""

from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import PipelineError, SettingsError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import FileGroupTask

lsh_stage_module: Any = import_module("curator_text.fuzzy.lsh_stage")
LSHStage = lsh_stage_module.LSHStage

SIGNED = np.array(
    [[1, 2, 3, 4, 5, 6], [1, 2, 9, 9, 5, 6], [7, 8, 3, 4, 0, 0], [1, 2, 0, 0, 5, 7]], np.uint32
)
"""Of documents 10 to 13; three bands of two rows."""


@pytest.fixture
def signed(tmp_path):
    tasks = []
    for n in range(2):
        path = tmp_path / f"s{n}.parquet"
        part = slice(2 * n, 2 * n + 2)
        lists = pa.array(SIGNED[part].tolist(), pa.list_(pa.uint32()))
        pq.write_table(
            pa.table({"_curator_dedup_id": [10 + 2 * n, 11 + 2 * n], "_minhash_signature": lists}),
            path,
        )
        tasks.append(FileGroupTask(data=[str(path)]))
    return tasks


def buckets(tmp_path, tasks, **options):
    stage = LSHStage(num_bands=3, minhashes_per_band=2, output_path=str(tmp_path / "c"), **options)
    made = Pipeline("p", stages=[stage]).run(LocalExecutor(), initial_tasks=tasks)
    rows = [row for task in made for row in pq.read_table(task.data[0]).to_pylist()]
    return made, {
        (row["_bucket_id"].split("_")[0], tuple(row["_curator_dedup_id"])) for row in rows
    }


@pytest.mark.parametrize(
    "options", [{"bands_per_iteration": 1}, {"bands_per_iteration": 3, "total_nparts": 1}]
)
def test_documents_that_agree_in_a_band_share_a_bucket(options, signed, tmp_path):
    made, found = buckets(tmp_path, signed, **options)
    assert found == {("b0", (10, 11, 13)), ("b1", (10, 12)), ("b2", (10, 11))}
    assert sum(task._metadata["num_docs"] for task in made) == 3
    assert all("/LSHStage/" in task.data[0] for task in made)


def test_a_bucket_has_the_same_name_whatever_else_is_signed(signed, tmp_path):
    def names(tasks, **options):
        made, _ = buckets(tmp_path, tasks, **options)
        tables = [pq.read_table(task.data[0]) for task in made]
        return {name for table in tables for name in table.column("_bucket_id").to_pylist()}

    assert names(signed, bands_per_iteration=1) == names(signed, bands_per_iteration=3)


def test_too_short_or_uneven_signatures_are_named(signed, tmp_path):
    stage = LSHStage(4, 2, output_path=str(tmp_path / "c"), bands_per_iteration=4)
    with pytest.raises(PipelineError, match="have 6 rows, and 4 bands of 2 need 8"):
        stage.process_batch(signed)
    pq.write_table(
        pa.table({"_curator_dedup_id": [1, 2], "_minhash_signature": [[1], [1, 2, 3]]}),
        signed[0].data[0],
    )
    with pytest.raises(StageError, match="not all of the same length"):
        buckets(tmp_path, signed, bands_per_iteration=3)


def test_bands_per_iteration_is_in_range():
    with pytest.raises(SettingsError, match=r"bands_per_iteration=4 is not in \[1, 3\]"):
        LSHStage(num_bands=3, minhashes_per_band=2, bands_per_iteration=4)


def test_files_without_documents_give_no_buckets(signed, tmp_path):
    for task in signed:
        pq.write_table(pq.read_table(task.data[0]).slice(0, 0), task.data[0])
    made, found = buckets(tmp_path, signed, bands_per_iteration=3)
    assert (made, found) == ([], set())
