"""Tasks under NeMo Curator's names, as its users make and change them."""

import pickle
from importlib import import_module
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from curator_engine.errors import StageError
from curator_engine.executors.local import LocalExecutor

tasks: Any = import_module("nemo_curator.tasks")
Pipeline: Any = import_module("nemo_curator.pipeline").Pipeline
ProcessingStage: Any = import_module("nemo_curator.stages.base").ProcessingStage


class SampleTask(tasks.Task):
    """A user's task around a DataFrame, which stays one."""

    @property
    def num_items(self):
        return len(self.data)

    def validate(self):
        return True


class Words(ProcessingStage):
    """A user's stage in pandas that changes the task's own frame."""

    def inputs(self):
        return ["data"], ["sentence"]

    def outputs(self):
        return ["data"], ["sentence", "words"]

    def process(self, task):
        task.data["words"] = task.data["sentence"].str.split().str.len()
        return task


class Longer(ProcessingStage):
    """A user's stage that replaces the data of a batch by a filtered DataFrame."""

    def process(self, task):
        frame = task.to_pandas()
        task.data = frame[frame["text"].str.len() > 2]
        return task


def batch(*texts: str) -> Any:
    return tasks.DocumentBatch(dataset_name="set", data=pd.DataFrame({"text": list(texts)}))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_users_own_task_carries_a_dataframe_through(workers):
    given = [SampleTask("set", pd.DataFrame({"sentence": ["a b", "c d e"]})) for _ in range(3)]
    found = Pipeline("p", stages=[Words()]).run(LocalExecutor({"workers": workers}), given)
    assert [task.data["words"].tolist() for task in found] == [[2, 3]] * 3
    assert [task.num_items for task in found] == [2, 2, 2]


def test_a_users_task_without_the_column_is_refused():
    given = [SampleTask("set", pd.DataFrame({"text": ["a"]}))]
    with pytest.raises(StageError, match="no column sentence; there are text"):
        Pipeline("p", stages=[Words()]).run(LocalExecutor(), given)


@pytest.mark.parametrize("workers", [1, 2])
def test_rows_that_a_dataframe_lost_are_gone(workers):
    given = [batch("a", "bcd", "efgh"), batch("ij", "klm")]
    found = Pipeline("p", stages=[Longer()]).run(LocalExecutor({"workers": workers}), given)
    assert [task.data.column("text").to_pylist() for task in found] == [["bcd", "efgh"], ["klm"]]
    assert [task.get_columns() for task in found] == [["text"], ["text"]]


def test_a_batch_gives_both_forms():
    both = batch("a", "b")
    assert isinstance(both.to_pyarrow(), pa.Table)
    assert both.to_pandas()["text"].tolist() == ["a", "b"]


def test_a_batch_of_documents_is_good_with_rows_and_columns():
    assert [batch("a").validate(), batch().validate()] == [True, False]


def test_a_task_survives_a_pickle():
    again = pickle.loads(pickle.dumps(batch("a", "b")))
    assert (again.dataset_name, again.num_items) == ("set", 2)


def test_the_empty_task_has_no_data():
    assert (tasks.EmptyTask().data, tasks.EmptyTask().num_items) == (None, 0)
    assert tasks.EmptyTask().task_id == "0"


def test_ids_of_tasks_are_the_engines_and_the_same_in_each_run():
    given = [batch("abc"), batch("def")]
    ids = [
        [task.task_id for task in Pipeline("p", stages=[Longer()]).run(LocalExecutor(), given)]
        for _ in range(2)
    ]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_what_a_user_keeps_about_a_task_travels_with_it():
    given = batch("abc")
    given._metadata["source"] = "web"
    [task] = Pipeline("p", stages=[Longer()]).run(LocalExecutor(), [given])
    assert task._metadata["source"] == "web"
    assert [perf.stage_name for perf in task._stage_perf] == ["longer"]
