"""Stages under NeMo Curator's names: what its users write, set and call by hand."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest

from curator_engine.executors.local import LocalExecutor

base: Any = import_module("nemo_curator.stages.base")
Resources: Any = import_module("nemo_curator.stages.resources").Resources
tasks: Any = import_module("nemo_curator.tasks")
Pipeline: Any = import_module("nemo_curator.pipeline").Pipeline
decorators: Any = import_module("nemo_curator.stages.function_decorators")
JsonlReader: Any = import_module("nemo_curator.stages.text.io.reader").JsonlReader

HALF = Resources(cpus=0.5)


class Number(tasks.Task):
    """A user's task of one number."""

    @property
    def num_items(self):
        return 1

    def validate(self):
        return True


@dataclass
class AddTo(base.ProcessingStage):
    """A user's stage as a plain dataclass."""

    amount: int = 1
    name: str = "add_to"
    resources: Any = HALF
    batch_size: int = 2

    def process(self, task):
        return Number(task.dataset_name, task.data + self.amount)


class OldStyle(base.ProcessingStage):
    """A user's stage with an initialiser."""

    name = "OldStyle"

    def __init__(self, factor: int):
        self.factor = factor
        self.ready = False

    def setup(self, _=None):
        self.ready = True

    def process(self, task):
        assert self.ready
        return Number(task.dataset_name, task.data * self.factor)


class Both(base.CompositeStage):
    """A user's composite stage, as its documents write one."""

    name = "both"

    def __init__(self, amount: int = 1):
        super().__init__()
        self.amount = amount

    def decompose(self):
        return [AddTo(self.amount), OldStyle(3)]


def numbers(*values: int) -> list[Any]:
    return [Number("set", value) for value in values]


def run(stages: list[Any], *values: int) -> list[int]:
    found = Pipeline("p", stages=stages).run(LocalExecutor(), numbers(*values))
    return [task.data for task in found]


def test_stages_of_both_styles_run():
    assert run([AddTo(2), OldStyle(10)], 1, 2) == [30, 40]


def test_a_composite_stage_with_an_initialiser_runs():
    assert run([Both(1)], 1) == [6]


def test_a_stage_returns_one_task_several_or_none():
    class Repeat(base.ProcessingStage):
        def process(self, task):
            return [task] * task.data or None

    assert run([Repeat()], 0, 1, 2) == [1, 2, 2]


def test_a_batch_may_come_back_shorter():
    class Odd(base.ProcessingStage):
        batch_size = 8

        def process(self, task):
            raise NotImplementedError

        def process_batch(self, batch):
            return [task for task in batch if task.data % 2]

    assert run([Odd()], 1, 2, 3, 4, 6) == [1, 3]


def test_a_batch_may_come_back_empty():
    class Nothing(base.ProcessingStage):
        batch_size = 8

        def process(self, task):
            raise NotImplementedError

        def process_batch(self, batch):
            return []

    assert run([Nothing()], 1, 2, 3) == []


def test_process_batch_by_hand_gives_a_list_of_tasks():
    assert [task.data for task in AddTo(1).process_batch(numbers(1, 2))] == [2, 3]


def test_process_batch_by_hand_refuses_what_does_not_pass():
    class Never(AddTo):
        def validate_input(self, task):
            return False

    with pytest.raises(ValueError, match="cannot use task"):
        Never().process_batch(numbers(1))


def test_settings_by_position_and_none():
    stage = AddTo().with_("other", Resources(2.0), None)
    assert (stage.name, stage.resources.cpus, stage.batch_size) == ("other", 2.0, 2)


def test_a_composite_is_tuned_by_the_names_of_its_stages():
    parts = Both().with_({"OldStyle": {"resources": Resources(2.0), "batch_size": 3}})
    first, second = parts.decompose_and_apply_with()
    assert (first.batch_size, second.batch_size, second.resources.cpus) == (2, 3, 2.0)


def test_a_stage_that_a_composite_does_not_have_is_refused():
    with pytest.raises(ValueError, match="0 stages are named 'third'"):
        Both().with_({"third": {}}).decompose_and_apply_with()


def test_the_stages_of_a_reader_have_the_documented_names():
    reader = JsonlReader("somewhere").with_({"file_partitioning": {"batch_size": 1}})
    names = [stage.name for stage in reader.decompose_and_apply_with()]
    assert names == ["file_partitioning", "jsonl_reader"]


def test_a_function_becomes_a_stage():
    @decorators.processing_stage(name="double", resources=Resources(0.5), batch_size=2)
    def double(task):
        return Number(task.dataset_name, task.data * 2)

    assert run([double], 1, 2) == [2, 4]


def test_metrics_of_a_stage_are_on_its_tasks():
    class Timed(AddTo):
        def process(self, task):
            with self._time_metric("add_s"):
                done = super().process(task)
            self._log_metrics({"added": 1.0})
            return done

    [task] = Pipeline("p", stages=[Timed()]).run(LocalExecutor(), numbers(1))
    metrics = task._stage_perf[0].custom_metrics
    assert metrics["added"] == 1.0
    assert metrics["add_s"] >= 0


def test_a_property_for_a_setting_is_refused():
    with pytest.raises(TypeError, match="resources is a property"):

        class Fixed(base.ProcessingStage):
            @property
            def resources(self):
                return Resources(1.0)

            def process(self, task):
                return task


@pytest.mark.parametrize("spec", [{"num_workers": 2}, {"num_workers_per_node": 1}])
def test_workers_are_counted_in_one_place(spec):
    class Counted(AddTo):
        def num_workers(self):
            return 2

        def xenna_stage_spec(self):
            return spec

    with pytest.raises(ValueError, match="sets num_workers"):
        run([Counted()], 1)


def test_needs_are_by_class_of_task():
    class Either(AddTo):
        def inputs(self):
            return {Number: (["data"], []), tasks.DocumentBatch: (["data"], ["text"])}

    assert Either().validate_input(Number("set", 1))
    assert not Either().validate_input(tasks.DocumentBatch("set"))
    assert run([Either()], 1) == [2]
