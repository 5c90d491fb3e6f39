"""A script for NeMo Curator, unchanged, on every executor; and an executor of a user's own."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline

backends: Any = import_module("nemo_curator.backends.base")
base: Any = import_module("nemo_curator.stages.base")
tasks: Any = import_module("nemo_curator.tasks")

SCRIPT = '''
import sys
from dataclasses import dataclass

import pandas as pd

from nemo_curator.backends.experimental.ray_actor_pool import RayActorPoolExecutor
from nemo_curator.backends.experimental.ray_data import RayDataExecutor
from nemo_curator.backends.xenna import XennaExecutor
from nemo_curator.pipeline import Pipeline
from nemo_curator.stages.base import ProcessingStage
from nemo_curator.stages.resources import Resources
from nemo_curator.stages.text.filters import WordCountFilter
from nemo_curator.stages.text.io.reader import JsonlReader
from nemo_curator.stages.text.io.writer import JsonlWriter
from nemo_curator.stages.text.modules import ScoreFilter
from nemo_curator.tasks import DocumentBatch


@dataclass
class Louder(ProcessingStage[DocumentBatch, DocumentBatch]):
    """A stage in pandas."""

    column: str = "loud"
    name: str = "louder"
    batch_size: int = 2

    def inputs(self):
        return ["data"], ["text"]

    def outputs(self):
        return ["data"], [self.column]

    def process(self, task):
        df = task.to_pandas()
        df = df[df["text"] != ""]
        df[self.column] = df["text"].str.upper() + "!"
        return DocumentBatch(
            dataset_name=task.dataset_name,
            data=df,
            _metadata=task._metadata,
            _stage_perf=task._stage_perf,
        )


def main(name, source, target):
    executor = {"actor pool": RayActorPoolExecutor, "ray data": RayDataExecutor, "xenna": XennaExecutor}
    pipeline = Pipeline("loud", "Texts in capitals")
    reader = JsonlReader(source, 1, None, ["text"])
    pipeline.add_stage(reader.with_({"jsonl_reader": {"resources": Resources(0.5)}}))
    pipeline.add_stage(Louder().with_("shout", Resources(0.5)))
    pipeline.add_stage(ScoreFilter(WordCountFilter(2, 5), "text", "words").with_(resources=Resources(0.5)))
    pipeline.add_stage(JsonlWriter(target, mode="overwrite").with_(resources=Resources(0.5)))
    if name in executor:
        found = pipeline.run(executor[name]())
    else:
        from curator_engine.executors.local import LocalExecutor

        found = pipeline.run(LocalExecutor({"workers": int(name)}))
    print(len(found), [perf.stage_name for perf in found[0]._stage_perf])


if __name__ == "__main__":
    main(*sys.argv[1:])
'''

EXPECTED = [
    {"text": f"number {i} here", "loud": f"NUMBER {i} HERE!", "words": 3.0} for i in range(4)
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "in").mkdir()
    for i in range(4):
        rows = [{"text": f"number {i} here", "n": i}, {"text": "", "n": 0}, {"text": "one", "n": 1}]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / "in" / f"{i}.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def run_script(folder: Path, name: str, **env: str) -> list[dict[str, Any]]:
    # Workers of a borrowed cluster have a folder of their own, so relative paths are not theirs.
    places = [str(folder / each) for each in ("in", "out")]
    words = ["-m", "curator_engine.compat", "script.py", name, *places]
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, env={**os.environ, **env}
    )
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 0, said
    names = ["file_partitioning", "jsonl_reader", "shout", "score_filter", "jsonl_writer"]
    assert f"4 {names}" in done.stdout.decode(), said
    files = sorted((folder / "out").glob("*.jsonl"))
    assert len(files) == 4
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_script_runs_unchanged_and_again(folder, workers):
    assert run_script(folder, workers) == EXPECTED
    if workers == "1":
        assert run_script(folder, workers) == EXPECTED


@pytest.mark.ray
@pytest.mark.parametrize(
    "name",
    [
        "actor pool",
        pytest.param("xenna", marks=pytest.mark.long),
        pytest.param("ray data", marks=pytest.mark.long),
    ],
)
def test_a_script_runs_unchanged_on_ray(folder, ray_cluster, name):
    assert run_script(folder, name, RAY_ADDRESS=ray_cluster.address) == EXPECTED


class Twice(base.ProcessingStage):
    """A user's stage."""

    def process(self, task):
        return [task, task]


class OwnExecutor(backends.BaseExecutor):
    """A user's executor: one stage after the other, by adapters."""

    def execute(self, stages, initial_tasks=None):
        found = initial_tasks or [tasks.EmptyTask()]
        for stage in stages:
            adapter = backends.BaseStageAdapter(stage)
            adapter.setup_on_node(backends.NodeInfo("here"), backends.WorkerMetadata("w"))
            adapter.setup(backends.WorkerMetadata("w"))
            found = adapter.process_batch(found)
            adapter.teardown()
        return found


def test_an_executor_of_a_users_own_gives_what_ours_give():
    def run(executor: Any) -> list[str]:
        return [task.task_id for task in Pipeline("p", stages=[Twice(), Twice()]).run(executor)]

    assert run(OwnExecutor({"any": 1})) == run(LocalExecutor())


def test_options_that_an_executor_does_not_have_are_named():
    executors: Any = import_module("nemo_curator.backends.xenna")
    with pytest.raises(ValueError, match="did you mean 'execution_mode'"):
        executors.XennaExecutor({"execution_modus": "batch"})


def test_the_head_node_cannot_be_left_out_with_xenna():
    executors: Any = import_module("nemo_curator.backends.xenna")
    with pytest.raises(ValueError, match="ignore_head_node"):
        executors.XennaExecutor(ignore_head_node=True)
