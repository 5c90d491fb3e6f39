"""Steps of a workflow: each with a checkpoint of its own, and what is known of them."""

import pytest
from toys import Number, Numbers, Write

from curator_engine.errors import StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.running.run_report import RunReport
from curator_engine.stage import ProcessingStage
from curator_engine.steps import Steps, troubles
from curator_engine.workflow import WorkflowRunResult


@pytest.fixture
def steps(tmp_path):
    return Steps(
        executor=LocalExecutor(),
        cache=str(tmp_path / "cache"),
        output=str(tmp_path / "out"),
        progress=None,
        result=WorkflowRunResult(workflow_name="toy"),
    )


def test_a_step_runs_several_stages_on_one_empty_task(steps):
    assert [task.data for task in steps.run("count", [Numbers(count=3)])] == [0, 1, 2]


def test_a_step_runs_one_stage_on_the_tasks_that_it_is_given(steps, tmp_path):
    steps.run("write", Write(path=str(tmp_path / "w")), [Number(data=n) for n in range(3)])
    assert len(list((tmp_path / "w").iterdir())) == 3


def test_steps_have_checkpoints_of_their_own(steps, tmp_path):
    for name in ("a", "b"):
        steps.run(name, Numbers(count=2))
    assert sorted(p.name for p in (tmp_path / "cache" / "checkpoint").iterdir()) == ["a", "b"]


def test_seconds_and_reports_are_kept_by_step(steps):
    steps.run("count", Numbers(count=2))
    assert list(steps.seconds) == list(steps.cpu_seconds) == list(steps.reports) == ["count"]


class Fail(ProcessingStage):
    """Fails."""

    def process(self, task):
        raise ValueError("no")


def test_a_step_that_fails_is_in_the_reports(steps):
    with pytest.raises(StageError, match="no"):
        steps.run("fail", Fail())
    assert steps.troubles()["seconds"].keys() == {"fail"}


def test_troubles_of_all_steps_are_added_up():
    reports = {
        "a": RunReport(pipeline="a", rejected=2, failed=1, notes=["x"]),
        "b": RunReport(pipeline="b", rejected=4, worker_deaths=1, notes=["y"]),
    }
    assert troubles(reports) == {"quarantined": 7, "worker_deaths": 1, "notes": ["x", "y"]}
