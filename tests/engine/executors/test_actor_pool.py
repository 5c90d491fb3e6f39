"""RayActorPoolExecutor: its options and documented methods; the rest is in test_executors.py."""

import json
import os
import time
from collections import Counter
from pathlib import Path

import pytest
from toys import Add, Number, Numbers, Tables

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.stage import ProcessingStage, Raft
from curator_engine.stages.shuffle import ShuffleStage
from curator_engine.task import Task


class Slow(Add):
    def process(self, task):
        time.sleep(0.1)
        return task


class Crowd(Add):
    """Each worker leaves the name of its node at its setup; none works before so many have."""

    def __init__(self, folder, size):
        self.folder, self.size = Path(folder), size

    def setup(self, worker_metadata=None):
        import ray

        node = ray.get_runtime_context().get_node_id()
        (self.folder / str(os.getpid())).write_text(node, encoding="utf-8")

    def process(self, task):
        deadline = time.monotonic() + 300
        while len(list(self.folder.iterdir())) < self.size and time.monotonic() < deadline:
            time.sleep(0.02)
        return task


class Environment(ProcessingStage[Number, Task[str]]):
    """A variable of the worker's environment."""

    def __init__(self, variable):
        self.variable = variable

    def process(self, task):
        return Task(data=os.environ.get(self.variable, "absent"))


def run(stages, config=None, *, run_dir=None, **options):
    pipeline = Pipeline("p", stages=stages)
    executor = RayActorPoolExecutor(config, show_progress=False, **options)
    return pipeline.run(executor, run_dir=run_dir), pipeline.last_run


def events(folder):
    lines = Path(folder, "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"config": {"pool_size": 0}}, "pool_size=0 is below 1"),
        ({"config": {"reserved_cpus": -1}}, "reserved_cpus=-1 is negative"),
        ({"config": {"poolsize": 2}}, "no option 'poolsize'; did you mean 'pool_size'"),
        ({"progress_interval": 0}, "progress_interval=0 is not above 0"),
    ],
)
def test_a_wrong_option_is_named(options, message):
    with pytest.raises(SettingsError, match=message):
        RayActorPoolExecutor(**options)


def test_batches_of_a_number_differ_by_one_at_most():
    tasks = [Number(data=i) for i in range(10)]
    batches = RayActorPoolExecutor()._generate_task_batches(tasks, num_output_tasks=4)
    assert [len(batch) for batch in batches] == [2, 3, 2, 3]


@pytest.mark.ray
def test_execute_takes_the_documented_methods(ray_cluster):
    calls = []

    class Watched(RayActorPoolExecutor):
        def _create_actor_pool(self, stage, num_actors):
            calls.append((stage.name, num_actors))
            return super()._create_actor_pool(stage, 1)

        def _generate_task_batches(self, tasks, batch_size=None, num_output_tasks=None):
            return super()._generate_task_batches(tasks, 2)

    executor = Watched(show_progress=False)
    tasks = executor.execute([Numbers(count=6), Add().with_(batch_size=3)])
    assert [task.data for task in tasks] == [1, 2, 3, 4, 5, 6]
    assert calls == [("numbers", 1), ("add", 3)]


class Ranks(Add):
    """Adds the number of ranks."""

    pool_kind = Raft()

    def process_batch(self, tasks):
        return [Number(data=task.data + self.communicator.size) for task in tasks]


@pytest.mark.ray
def test_execute_takes_the_documented_methods_of_pools_that_work_together(ray_cluster, tmp):
    calls = []

    class Watched(RayActorPoolExecutor):
        def _create_raft_actor_pool(self, stage, num_actors, session_id):
            calls.append((stage.name, num_actors, len(session_id)))
            return super()._create_raft_actor_pool(stage, 2, session_id)

        def _create_rapidsmpf_actors(self, stage, num_actors, num_tasks):
            calls.append((stage.name, num_actors, num_tasks))
            return super()._create_rapidsmpf_actors(stage, 1, num_tasks)

        def _process_shuffle_stage_with_rapidsmpf_actors(self, actors, tasks, band_range=None):
            calls.append((len(actors), len(tasks), band_range))
            outputs = super()._process_shuffle_stage_with_rapidsmpf_actors(actors, tasks)
            return outputs[:1]

    executor = Watched({"pool_size": 3}, show_progress=False)
    shuffle = ShuffleStage(keys=["value"], path=tmp, num_partitions=4)
    assert [task.data for task in executor.execute([Numbers(count=4), Ranks()])] == [2, 3, 4, 5]
    assert len(executor.execute([Numbers(count=2), Tables(), shuffle])) == 1
    assert calls == [("ranks", 3, 16), ("shuffle_stage", 3, 4), (1, 4, None)]


@pytest.mark.ray
@pytest.mark.parametrize(
    ("options", "nodes"),
    [({}, [2, 2]), ({"pool_size": 3}, [1, 2]), ({"reserved_cpus": 2.0}, [2])],
    ids=["all that fit", "a size", "a reserve"],
)
def test_a_pool_has_as_many_actors_as_it_should_on_each_node(options, nodes, ray_cluster, tmp):
    crowd = Crowd(tmp, sum(nodes))
    run([Numbers(), crowd.with_(name="crowd")], options)
    found = [path.read_text(encoding="utf-8") for path in Path(tmp).iterdir()]
    assert sorted(Counter(found).values()) == nodes


@pytest.mark.ray
def test_events_name_the_one_actor_of_a_pool_of_one(ray_cluster, tmp):
    run([Numbers(), Add()], {"pool_size": 1}, run_dir=tmp)
    actors = {event["actor"] for event in events(tmp) if event["stage"] == "add"}
    assert (len(actors), "" in actors) == (1, False)


@pytest.mark.ray
def test_a_pool_that_does_not_fit_is_capped_with_a_warning(ray_cluster, caplog):
    tasks, _ = run([Numbers(count=8), Add()], {"pool_size": 50})
    assert len(tasks) == 8
    assert "add: 50 actors were asked for; 4 fit." in caplog.messages


@pytest.mark.ray
def test_work_stays_off_a_head_that_is_left_out(ray_cluster, tmp):
    run([Numbers(), Add()], ignore_head_node=True, run_dir=tmp)
    assert {e["node"] for e in events(tmp)} == {next(iter(ray_cluster.worker_nodes)).node_id}


@pytest.mark.ray
def test_a_stages_runtime_environment_is_laid_over_the_executors(ray_cluster):
    config = {"runtime_env": {"env_vars": {"CURATOR_A": "run", "CURATOR_B": "run"}}}
    stage = Environment("CURATOR_A").with_(runtime_env={"env_vars": {"CURATOR_A": "stage"}})
    assert [t.data for t in run([Numbers(count=1), stage], config)[0]] == ["stage"]
    stage = Environment("CURATOR_B").with_(runtime_env={"env_vars": {"CURATOR_A": "stage"}})
    assert [t.data for t in run([Numbers(count=1), stage], config)[0]] == ["run"]


@pytest.mark.ray
def test_a_worker_that_fits_on_no_node_is_refused(ray_cluster):
    with pytest.raises(ResourceError, match="a worker needs 3 CPUs; the largest of 2 nodes has 2"):
        run([Numbers(), Add().with_(resources=Resources(cpus=3))])


@pytest.mark.ray
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"show_progress": True, "progress_interval": 0.1}, True),
        ({"show_progress": True, "progress_interval": 3600.0}, False),
        ({"show_progress": False, "progress_interval": 0.1}, False),
    ],
)
def test_progress_is_shown_when_asked_and_at_its_interval(options, says, ray_cluster, capsys):
    executor = RayActorPoolExecutor({"pool_size": 1}, **options)
    Pipeline("p", stages=[Numbers(count=6), Slow()]).run(executor)
    assert ("p: " in capsys.readouterr().err) == says
