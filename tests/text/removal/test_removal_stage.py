"""Documents whose ids are on a list go."""

import json
from importlib import import_module
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.task import DocumentBatch

Stage: Any = import_module("curator_text.removal.removal_stage").TextDuplicatesRemovalStage


@pytest.fixture
def listed(tmp_path):
    pq.write_table(pa.table({"_curator_dedup_id": [2, 5]}), tmp_path / "ids.parquet")
    return str(tmp_path / "ids.parquet")


def batch(ids, name="_curator_dedup_id"):
    return DocumentBatch(data=pa.table({name: ids, "text": ["t"] * len(ids)}))


def test_what_is_listed_goes_and_is_counted(listed):
    pipeline = Pipeline("p", stages=[Stage(listed, duplicate_id_field="_curator_dedup_id")])
    (made,) = pipeline.run(LocalExecutor(), initial_tasks=[batch([1, 2, None, 5, 6])])
    assert made.data.column("_curator_dedup_id").to_pylist() == [1, None, 6]
    assert pipeline.last_run is not None
    assert pipeline.last_run.stages[0].dropped == {"duplicate": 2}


def test_the_ids_may_be_left_out_and_be_texts_of_lines(tmp_path):
    (tmp_path / "ids.jsonl").write_text(json.dumps({"id": "a"}) + "\n", encoding="utf-8")
    stage = Stage(str(tmp_path / "ids.jsonl"), "key", drop_id_field=True)
    assert stage.process(batch(["a", "b"], "key")).data.to_pydict() == {"text": ["t"]}
    assert stage.process(batch(["a"], "key")) is None


def test_a_list_that_is_not_there_and_options_for_pandas_are_named(tmp_path, listed):
    with pytest.raises(InputError, match=r"none\.parquet"):
        Stage(str(tmp_path / "none.parquet")).setup()
    with pytest.raises(SettingsError, match="'chunksize' is not offered"):
        Stage(listed, read_kwargs={"chunksize": 1}).setup()
