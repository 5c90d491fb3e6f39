"""LocalExecutor: its options, in this process and with workers."""

import os
from pathlib import Path

import pytest
from toys import Add, Journal, Number, Numbers, Triple

from curator_engine.errors import PipelineError, SettingsError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline


def test_a_failing_teardown_does_not_hide_what_failed_before():
    class Stuck(Add):
        def process(self, task):
            raise ValueError("the cause")

        def teardown(self):
            raise ValueError("stuck")

    with pytest.raises(StageError, match="ValueError: the cause"):
        Pipeline("p", stages=[Numbers(), Stuck()]).run(LocalExecutor())


def test_every_chain_is_torn_down_even_if_one_cannot_be(tmp):
    class Stuck(Add):
        def teardown(self):
            raise ValueError("stuck")

    journal = Path(tmp, "journal")
    stages = [Numbers(), Journal(path=str(journal)), Stuck()]
    with pytest.raises(StageError, match="teardown failed: ValueError: stuck"):
        Pipeline("p", stages=stages).run(LocalExecutor({"fuse": False}))
    assert journal.read_text(encoding="utf-8").split()[::2] == ["setup", "teardown"]


def test_an_open_file_in_a_stage_is_refused_with_the_way_out():
    with Path(os.devnull).open("rb") as handle:
        stage = Add()
        vars(stage)["handle"] = handle
        with pytest.raises(
            PipelineError, match=r"add cannot be copied: .* Open files and models in setup"
        ):
            Pipeline("p", stages=[Numbers(), stage]).run(LocalExecutor({"workers": 2}))


@pytest.mark.parametrize(
    ("config", "message"),
    [({"workers": 0}, "workers=0 is below 1"), ({"worker": 2}, "did you mean 'workers'")],
)
def test_wrong_options_are_refused(config, message):
    with pytest.raises(SettingsError, match=message):
        LocalExecutor(config)


def test_numbers_are_what_a_loop_would_give():
    tasks = Pipeline("p", stages=[Numbers(count=50), Triple(), Add()]).run(
        LocalExecutor({"workers": 2})
    )
    assert [t.data for t in tasks] == [n * 10 + i + 1 for n in range(50) for i in range(3)]
    assert all(isinstance(t, Number) for t in tasks)


def test_one_worker_runs_in_this_process(tmp):
    class Note(Add):
        def process(self, task):
            Path(tmp, str(os.getpid())).touch()
            return task

    Pipeline("p", stages=[Numbers(), Note()]).run(LocalExecutor())
    assert [p.name for p in Path(tmp).iterdir()] == [str(os.getpid())]


def test_a_node_is_set_up_once_before_its_workers(tmp):
    class Prepare(Add):
        def setup_on_node(self, node_info=None, worker_metadata=None):
            with Path(tmp, "calls").open("a", encoding="utf-8") as file:
                file.write(f"{os.getpid()}\n")

    Pipeline("p", stages=[Numbers(), Prepare()]).run(LocalExecutor({"workers": 2}))
    assert Path(tmp, "calls").read_text(encoding="utf-8").split() == [str(os.getpid())]


def test_an_executor_can_run_several_pipelines():
    executor = LocalExecutor({"workers": 2})
    pipeline = Pipeline("p", stages=[Numbers(count=3), Add()])
    assert [[t.data for t in pipeline.run(executor)] for _ in range(2)] == [[1, 2, 3], [1, 2, 3]]
