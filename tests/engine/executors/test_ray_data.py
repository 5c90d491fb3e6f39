"""RayDataExecutor: its options; what all executors share is in test_executors.py."""

import json
from pathlib import Path

import pytest
from toys import Add, FailOn, Journal, Numbers

from curator_engine.errors import SettingsError, StageError
from curator_engine.executors.ray_data import RayDataExecutor, needs_actor
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.running.chain import Chain


def chain(stage):
    return Chain(index=0, stages=(stage,))


def test_a_stage_without_state_runs_in_tasks():
    assert not needs_actor(chain(Add()))


@pytest.mark.parametrize(
    "stage",
    [
        Journal(path="x"),
        Add().with_(resources=Resources(cpus=1, gpus=0.5)),
        Add().with_(ray_stage_spec={"is_actor_stage": True}),
    ],
    ids=["setup", "gpu", "said so"],
)
def test_a_stage_that_keeps_something_runs_in_actors(stage):
    assert needs_actor(chain(stage))


def test_a_wrong_option_is_named():
    with pytest.raises(SettingsError, match="no option 'ignore_failure'; did you mean"):
        RayDataExecutor({"ignore_failure": True})


@pytest.mark.ray
@pytest.mark.slow
def test_work_stays_off_a_head_that_is_left_out(ray_cluster, tmp):
    pipeline = Pipeline("p", stages=[Numbers(), Add()])
    pipeline.run(RayDataExecutor(ignore_head_node=True), run_dir=tmp)
    lines = Path(tmp, "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["node"] for line in lines} == {
        next(iter(ray_cluster.worker_nodes)).node_id
    }


@pytest.mark.ray
def test_failures_are_ignored_only_when_asked(ray_cluster):
    pipeline = Pipeline("p", stages=[Numbers(), FailOn()])
    with pytest.raises(StageError, match="7 is poison"):
        pipeline.run(RayDataExecutor({"ignore_failures": False}))
    assert len(pipeline.run(RayDataExecutor({"ignore_failures": True}))) == 19
    assert pipeline.last_run.failed == 1
