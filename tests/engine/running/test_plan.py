"""Plans: flat copies of stages, what is wrong with them, and the workers that they would have."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from toys import Add, AddToAll, AddTwice, Centre, Even, Number, Numbers, Sum

from curator_engine.errors import ResourceError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.local import LocalExecutor
from curator_engine.executors.ray_data import RayDataExecutor
from curator_engine.executors.xenna import XennaExecutor
from curator_engine.failures import FailurePolicy
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources, usable_cpus
from curator_engine.running.calculator import Placement
from curator_engine.running.plan import Crew, flatten, make_plan


def test_flat_stages_are_copies():
    stage = Add()
    assert flatten([stage])[0] is not stage


def test_composites_are_taken_apart():
    assert [stage.name for stage in flatten([Numbers(), AddTwice()])] == [
        "numbers",
        "first",
        "second",
    ]


def test_a_batch_size_below_one_is_a_problem():
    plan = make_plan("p", [Add().with_(batch_size=0)], has_source=False)
    assert str(plan.problems[0]) == "add: batch_size=0 is below 1. Use 1 or more, or None for all."


def test_a_plan_prints_its_problems():
    plan = make_plan("p", [Add().with_(batch_size=0)], has_source=False)
    assert (
        str(plan).splitlines()[-1]
        == "  problem: add: batch_size=0 is below 1. Use 1 or more, or None for all."
    )


def test_a_plan_prints_batches_of_all_tasks():
    assert "batch all tasks" in str(make_plan("p", [AddToAll()], has_source=False))


def test_a_budget_of_a_stage_is_a_problem():
    stage = Add().with_(failure_policy=FailurePolicy(max_failures=1))
    assert "set max_failures=" in str(make_plan("p", [stage], has_source=False).problems[0])


def lines(stages, executor, tasks=None):
    return str(Pipeline("p", stages=stages).plan(executor, tasks)).splitlines()


def test_no_more_local_workers_are_planned_than_there_are_batches():
    tasks = [Number(data=k) for k in range(5)]
    line = lines([Add().with_(batch_size=2)], LocalExecutor({"workers": 8}), tasks)[1]
    assert line == "  1. add: 1 CPUs, batch 2; 3 workers, limit: 3 tasks"


def test_a_line_names_four_nodes_and_counts_the_others():
    crew = Crew(placement=Placement(workers={f"{k}" * 40: 2 for k in range(6)}, limit="resources"))
    assert crew.text(with_nodes=True) == (
        "12 workers (2 on 000000, 2 on 111111, 2 on 222222, 2 on 333333, 4 on 2 more), "
        "limit: resources"
    )


def test_a_crew_that_cannot_grow_is_not_called_autoscaled():
    crew = Crew(placement=Placement(workers={"a": 1}, limit="resources"), at_first=1)
    assert crew.text(with_nodes=False) == "1 worker, limit: resources"


def on_cluster(ray_cluster, *counts):
    """How a line names the fixture's two nodes."""
    nodes = [ray_cluster.head_node, *ray_cluster.worker_nodes]
    return ", ".join(
        f"{count} on {node.node_id[:6]}" for count, node in zip(counts, nodes, strict=False)
    )


@pytest.mark.ray
def test_a_pool_of_actors_is_planned_on_the_nodes_of_the_cluster(ray_cluster):
    assert lines([Numbers(), Add(), Even()], RayActorPoolExecutor()) == [
        "Plan: p, RayActorPoolExecutor, 2 nodes of a Ray cluster (4 CPUs, 0 GPUs)",
        f"  1. numbers (source): 1 CPUs, batch 1; 1 worker ({on_cluster(ray_cluster, 1)}), "
        "limit: 1 task",
        f"  2. add + even: 1 CPUs, batch 1; 4 workers ({on_cluster(ray_cluster, 2, 2)}), "
        "limit: resources",
    ]


@pytest.mark.ray
@pytest.mark.parametrize(
    ("options", "stage", "says"),
    [
        ({}, Add(), "4 workers"),
        ({"pool_size": 3}, Add(), "limit: pool_size=3"),
        ({"pool_size": 3}, Add().with_(num_workers=2), "limit: num_workers=2"),
        ({"reserved_cpus": 3.0}, Add(), "1 worker "),
        ({}, AddToAll(), "limit: 1 task"),
    ],
)
def test_what_limits_a_pool_is_said(options, stage, says, ray_cluster):
    assert says in lines([Numbers(), stage], RayActorPoolExecutor(options))[-1]


@pytest.mark.ray
def test_what_is_reserved_is_said(ray_cluster):
    head = lines([Numbers()], RayActorPoolExecutor({"reserved_cpus": 1.5}))[0]
    assert head.endswith("2 nodes of a Ray cluster, 1.5 CPUs and 0 GPUs reserved (4 CPUs, 0 GPUs)")


@pytest.mark.ray
def test_a_pool_of_ranks_has_no_more_of_them_than_tasks(ray_cluster):
    tasks = [Number(data=k) for k in range(3)]
    assert "3 workers" in lines([Centre()], RayActorPoolExecutor(), tasks)[-1]


@pytest.mark.ray
@pytest.mark.parametrize("executor", [XennaExecutor, RayDataExecutor])
def test_executors_that_scale_plan_a_range_and_segments(executor, ray_cluster):
    config = {"cpu_allocation_percentage": 1.0} if executor is XennaExecutor else {}
    plan = lines([Numbers(), Add(), Even(), Sum()], executor(config))
    assert [line for line in plan if line.startswith(" segment")] == [
        f" segment {k} of 3" for k in (1, 2, 3)
    ]
    most = on_cluster(ray_cluster, 2, 2)
    assert plan[4] == (
        f"  2. add + even: 1 CPUs, batch 1; 1-4 workers, autoscaled ({most}), limit: resources"
    )


@pytest.mark.ray
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "1-4 workers, autoscaled ("),
        ({"execution_mode": "batch"}, "; 4 workers ("),
        ({"max_workers_per_stage": 2}, "limit: max_workers_per_stage=2"),
        ({"max_workers_per_stage": 9}, "limit: resources"),
        ({"cpu_allocation_percentage": 0.5}, "1-2 workers"),
    ],
)
def test_an_option_of_xenna_shows_in_the_plan(options, says, ray_cluster):
    executor = XennaExecutor({"cpu_allocation_percentage": 1.0, **options})
    assert says in lines([Numbers(), Add()], executor)[-1]


@pytest.mark.ray
def test_workers_that_leave_room_for_other_stages_are_planned_as_they_run(ray_cluster):
    stages = [Numbers(), Add().with_(num_workers=4), Add().with_(name="last", batch_size=2)]
    line = lines(stages, XennaExecutor({"cpu_allocation_percentage": 1.0}))[-2]
    assert "; 3 workers (" in line
    assert line.endswith("limit: resources, with the segment's other stages")


@pytest.mark.ray
@pytest.mark.parametrize("executor", [XennaExecutor, RayDataExecutor, RayActorPoolExecutor])
def test_a_worker_that_fits_on_no_node_is_a_problem_of_the_plan(executor, ray_cluster):
    stages = [Numbers(), Add().with_(resources=Resources(cpus=3))]
    [problem] = Pipeline("p", stages=stages).validate(executor())
    assert (problem.stage, problem.error) == ("add", ResourceError)
    assert problem.message.startswith("a worker needs 3 CPUs; the largest of 2 nodes has")


@pytest.mark.ray
def test_a_head_that_is_left_out_has_no_workers_in_the_plan(ray_cluster):
    line = lines([Numbers(), Add()], RayDataExecutor(ignore_head_node=True))[-1]
    other = next(iter(ray_cluster.worker_nodes)).node_id[:6]
    assert f"1-2 workers, autoscaled (2 on {other})" in line


ALONE = """
import psutil
import ray
from toys import Add, Numbers
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.pipeline import Pipeline

print(Pipeline("p", stages=[Numbers(), Add()]).plan(RayActorPoolExecutor()))
print(ray.is_initialized(), psutil.Process().children())
"""


def plan_alone(**variables):
    env = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    env |= {"PYTHONPATH": str(Path(__file__).parents[2]), **variables}
    return subprocess.run([sys.executable, "-c", ALONE], capture_output=True, check=False, env=env)


@pytest.mark.slow
def test_without_a_cluster_the_plan_is_for_this_machine_and_starts_nothing():
    said = plan_alone().stdout.decode().splitlines()
    cpus = usable_cpus()
    assert said[0].startswith(
        f"Plan: p, RayActorPoolExecutor, a Ray of its own on this machine ({cpus} CPUs, "
    )
    assert said[2].startswith(f"  2. add: 1 CPUs, batch 1; {cpus} worker")
    assert said[3] == "False []"


@pytest.mark.ray
@pytest.mark.slow
def test_a_cluster_that_is_named_is_asked_and_left(ray_cluster):
    done = plan_alone(RAY_ADDRESS=ray_cluster.address, RAY_ENABLE_UV_RUN_RUNTIME_ENV="0")
    said = done.stdout.decode().splitlines()
    assert "2 nodes of a Ray cluster (4 CPUs, 0 GPUs)" in said[0], done.stderr.decode()[-2000:]
    assert said[3] == "False []"
