"""Stages that are lists here and one stage in NeMo Curator: called by hand, set as one."""

from curator_engine.resources import Resources
from curator_engine.stage import ProcessingStage
from curator_engine.stages.called_by_hand import HandCalled
from curator_engine.task import FileGroupTask


class Twice(ProcessingStage):
    """Two tasks of each that has two files, else one."""

    def process(self, task):
        return [FileGroupTask(data=[path]) for path in task.data]


class Marked(ProcessingStage):
    """With a mark on each path."""

    mark = ""

    def setup(self, worker_metadata=None):
        self.mark = "!"

    def process(self, task):
        return FileGroupTask(data=[path + self.mark for path in task.data])


class Both(HandCalled):
    """The two."""

    def decompose(self):
        return [Twice(), Marked()]


def test_one_task_or_a_list_comes_back():
    assert Both().process(FileGroupTask(data=["a"])).data == ["a!"]
    assert [task.data for task in Both().process(FileGroupTask(data=["a", "b"]))] == [
        ["a!"],
        ["b!"],
    ]


def test_settings_are_those_of_the_last_stage():
    tuned = Both().with_(name="x", resources=Resources(cpus=2.0), num_workers=3)
    first, last = tuned.flatten()
    assert (first.resources.cpus, last.resources.cpus) == (1.0, 2.0)
    assert (first.num_workers(), last.num_workers(), tuned.name) == (None, 3, "x")


def test_each_call_uses_the_same_stages_and_a_copy_its_own():
    class Counted(Both):
        made = 0

        def decompose(self):
            type(self).made += 1
            return super().decompose()

    stage = Counted()
    for name in ("a", "b"):
        stage.process(FileGroupTask(data=[name]))
    assert Counted.made == 1
    stage.with_(name="x").process(FileGroupTask(data=["c"]))
    assert Counted.made == 2
