"""Starting actors: their environment, their GPUs, and how tasks are divided among them.

The GPUs here are logical ones: Ray hands out numbers, whether there is a device or not.
"""

import os
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from toys import Number, Numbers

from curator_engine.errors import ResourceError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.on_ray.actor_starter import merged_runtime_env
from curator_engine.on_ray.session import num_gpus
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.stage import ProcessingStage


class Devices(ProcessingStage[Number, Number]):
    """Each actor notes the GPUs that it sees; none works before so many have done so."""

    def __init__(self, folder, actors):
        self.folder = Path(folder)
        self.actors = actors

    def setup(self, worker_metadata=None):
        text = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        (self.folder / f"{os.getpid()}").write_text(text, encoding="utf-8")

    def process(self, task):
        deadline = time.monotonic() + 300
        while len(list(self.folder.iterdir())) < self.actors and time.monotonic() < deadline:
            time.sleep(0.02)
        return task


@contextmanager
def node_with_gpus(cluster, *, gigabytes):
    """One more node; its environment says what its two logical GPUs have."""
    import ray

    node = cluster.add_node(
        num_cpus=2,
        num_gpus=2,
        object_store_memory=200 << 20,
        env_vars={"CURATOR_GPU_MEMORY_GB": str(gigabytes)},
    )
    yield node
    cluster.remove_node(node)
    while any(each["Alive"] and each["NodeID"] == node.node_id for each in ray.nodes()):
        time.sleep(0.1)


@pytest.fixture(scope="module")
def gpu_node(ray_cluster):
    """A third node, with two logical GPUs of 16 GB."""
    with node_with_gpus(ray_cluster, gigabytes=16) as node:
        yield node


def devices_of(need, folder, *, actors=1, **options):
    """The GPUs that each actor saw, as Ray numbers them."""
    stages = [Numbers(count=12), Devices(folder, actors).with_(resources=need)]
    Pipeline("p", stages=stages).run(RayActorPoolExecutor(options, show_progress=False))
    return sorted(path.read_text(encoding="utf-8") for path in Path(folder).iterdir())


@pytest.fixture
def large_gpus(ray_cluster):
    """A node with two logical GPUs of 80 GB."""
    with node_with_gpus(ray_cluster, gigabytes=80) as node:
        yield node


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.parametrize(("reserved", "devices"), [(0.0, ["0", "1"]), (1.0, ["0"])])
def test_reserved_gpus_stay_free(reserved, devices, gpu_node, tmp):
    need = Resources(cpus=0.5, gpus=1)
    assert devices_of(need, tmp, actors=len(devices), reserved_gpus=reserved) == devices


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.parametrize(("gpus", "devices"), [(0.5, ["0", "0"]), (1.0, ["0", "1"])])
def test_two_halves_are_on_one_gpu(gpus, devices, gpu_node, tmp):
    assert devices_of(Resources(cpus=0.5, gpus=gpus), tmp, actors=2, pool_size=2) == devices


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.parametrize(("gigabytes", "devices"), [(40, ["0", "0", "1", "1"]), (60, ["0", "1"])])
def test_gpu_memory_decides_how_many_share_a_gpu(gigabytes, devices, gpu_node, large_gpus, tmp):
    need = Resources(cpus=0.5, gpu_memory_gb=gigabytes)
    assert devices_of(need, tmp, actors=len(devices)) == devices


@pytest.mark.ray
def test_more_gpus_than_there_are_are_refused(gpu_node, tmp):
    with pytest.raises(ResourceError, match=r"needs 0\.5 CPUs and 3 GPUs; the largest of 3 nodes"):
        devices_of(Resources(cpus=0.5, gpus=3), tmp)


@pytest.mark.ray
def test_gpus_of_unknown_memory_are_refused(ray_cluster, tmp):
    with (
        node_with_gpus(ray_cluster, gigabytes=0),
        pytest.raises(ResourceError, match=r"GPU memory of node .* is not known; use gpus="),
    ):
        devices_of(Resources(cpus=0.5, gpu_memory_gb=10), tmp)


@pytest.mark.ray
@pytest.mark.parametrize(
    ("gigabytes", "share", "small", "large"), [(40, "0.5", 0, 4), (16, "0.2 to 1", 2, 4)]
)
def test_the_plan_asks_each_node_what_its_gpus_have(
    gigabytes, share, small, large, gpu_node, large_gpus
):
    need = Resources(cpus=0.5, gpu_memory_gb=gigabytes)
    stages = [Numbers(), Devices("", 1).with_(resources=need)]
    line = str(Pipeline("p", stages=stages).plan(RayActorPoolExecutor())).splitlines()[-1]
    where = {gpu_node.node_id[:6]: small, large_gpus.node_id[:6]: large}
    assert f"({share} of a GPU)" in line
    assert f"{small + large} workers" in line
    assert all((f"{n} on {node}" in line) == bool(n) for node, n in where.items())


def test_environment_variables_are_joined_and_the_rest_is_laid_over():
    base = {"env_vars": {"A": "1", "B": "1"}, "pip": ["x"]}
    over = {"env_vars": {"B": "2"}, "working_dir": "."}
    assert merged_runtime_env(base, over) == {
        "env_vars": {"A": "1", "B": "2"},
        "pip": ["x"],
        "working_dir": ".",
    }
    assert merged_runtime_env({}, {}) == {}


@pytest.mark.parametrize(
    ("arguments", "sizes"),
    [
        ({"batch_size": 4}, [4, 4, 2]),
        ({}, [10]),
        ({"num_output_tasks": 3}, [3, 3, 4]),
        ({"num_output_tasks": 20}, [1] * 10),
    ],
)
def test_tasks_are_divided_in_order(arguments, sizes):
    tasks = [Number(data=i) for i in range(10)]
    batches = RayActorPoolExecutor()._generate_task_batches(tasks, **arguments)
    assert [len(batch) for batch in batches] == sizes
    assert [task for batch in batches for task in batch] == tasks


def test_actors_are_started_inside_a_run_only():
    with pytest.raises(ResourceError, match="inside execute"):
        RayActorPoolExecutor()._run()


@pytest.mark.parametrize(("visible", "count"), [(None, 4), ("0,2", 2), ("", 0)])
def test_hidden_gpus_are_not_planned_with(visible, count, monkeypatch):
    """On a machine whose driver says that it has four."""
    from ray._private.thirdparty import pynvml

    for name in ("nvmlInit", "nvmlShutdown"):
        monkeypatch.setattr(pynvml, name, lambda: None)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetCount", lambda: 4)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert num_gpus() == count
