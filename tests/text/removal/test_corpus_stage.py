"""Stages that look at all documents."""

from dataclasses import dataclass

import numpy as np
import pytest

from curator_engine.errors import StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.storage import list_names, write_atomic
from curator_engine.pipeline import Pipeline
from curator_engine.task import EmptyTask
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus_stage import CorpusStage, DecidingStage


@dataclass(kw_only=True)
class Count(CorpusStage[EmptyTask]):
    """Writes a number."""

    fails: bool = False

    def process(self, task):
        if self.fails:
            raise ValueError("no")
        return self.result("count.npz", {"count": np.array([3])}, documents=3)


def test_a_result_is_a_file_of_the_cache_and_facts(tmp):
    task = Count(cache=tmp, corpus_key="").process(EmptyTask(data=None))
    assert load_arrays(task.data[0])["count"].tolist() == [3]
    assert task._metadata == {"documents": 3}


def test_one_that_fails_ends_the_run_rather_than_leave_documents_out(tmp_path):
    stage = Count(cache=str(tmp_path), corpus_key="", fails=True)
    with pytest.raises(StageError):
        Pipeline("count", stages=[stage]).run(LocalExecutor())


@dataclass(kw_only=True)
class Decide(DecidingStage[EmptyTask]):
    """Lets document 5 go."""

    folders = ("removed", "none")

    def process(self, task):
        return self.decided(7, np.array([5]), {"rules": {"a": 1}}, more=np.array([1, 2]))


def test_tables_stay_whose_task_is_done(ours):
    stage = Decide(cache=f"{ours}/cache", corpus_key="", output=ours)
    done = stage.process(EmptyTask(data=None))
    assert done._metadata == {"rules": {"a": 1}}
    assert {name: each.tolist() for name, each in load_arrays(done.data[0]).items()} == {
        "drops": [5],
        "more": [1, 2],
    }
    for number in (7, 8):
        write_atomic(f"{ours}/removed/part-{number:05d}.parquet", b"")
    stage.resume(frozenset(done.data))
    assert list_names(f"{ours}/removed") == ["part-00007.parquet"]
