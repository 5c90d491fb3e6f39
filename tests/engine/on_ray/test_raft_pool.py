"""Stages whose workers talk to each other: the same result for any number of them."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from toys import Add, Number, Numbers

from curator_engine.errors import StageError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.local import LocalExecutor
from curator_engine.on_ray.raft_pool import Hub, HubCommunicator
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.running.chain import fuse
from curator_engine.stage import PoolKind, ProcessingStage, Raft
from curator_engine.task import Task


@dataclass(kw_only=True)
class Points(ProcessingStage[Number, Task]):
    """Fifty points of a task's own, around one of three centres."""

    def process(self, task):
        rng = np.random.default_rng(task.data)
        return Task(data=rng.normal(size=(50, 2)) + 8 * rng.integers(0, 3, size=(50, 1)))


@dataclass(kw_only=True)
class KMeans(ProcessingStage[Task, Task]):
    """Lloyd's algorithm over the points of all tasks; each task gets its labels."""

    pool_kind: ClassVar[PoolKind] = Raft()
    path: str
    """For the centres, by the number of ranks."""
    rounds: int = 10

    def process(self, task):
        raise NotImplementedError

    def process_batch(self, tasks):
        comm = self.communicator
        points = np.concatenate([task.data for task in tasks])
        centres = comm.broadcast(points[[0, 20, 40]])
        labels = np.zeros(len(points), dtype=np.int64)
        for _ in range(self.rounds):
            labels = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
            mine = np.eye(3)[labels]
            sums, counts = comm.all_reduce(mine.T @ points), comm.all_reduce(mine.sum(axis=0))
            centres = sums / np.maximum(counts, 1)[:, None]
        comm.barrier()
        if comm.rank == 0:
            np.save(f"{self.path}/{comm.size}.npy", centres)
        cuts = np.cumsum([len(task.data) for task in tasks])[:-1]
        return [Task(data=part) for part in np.split(labels, cuts)]


@dataclass(kw_only=True)
class FailOnRank(ProcessingStage[Number, Number]):
    """One rank fails in its turn while the others wait for it."""

    pool_kind: ClassVar[PoolKind] = Raft()
    path: str
    how: str = "raise"
    times: int = 99

    def process(self, task):
        raise NotImplementedError

    def process_batch(self, tasks):
        self.communicator.barrier()
        if self.communicator.rank == self.communicator.size - 1:
            with Path(self.path, "tries").open("a+", encoding="utf-8") as file:
                file.write("x")
                file.seek(0)
                tries = len(file.read())
            if tries <= self.times:
                self._fail()
        self.communicator.barrier()
        return list(tasks)

    def teardown(self):
        with Path(self.path, "teardowns").open("a", encoding="utf-8") as file:
            file.write("x")

    def _fail(self):
        if self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "hang":
            time.sleep(600)
        raise ValueError("as asked")


def pool(size=2, **config):
    return RayActorPoolExecutor({"pool_size": size, **config}, show_progress=False)


def size(tmp, name):
    path = Path(tmp, name)
    return path.stat().st_size if path.exists() else 0


@pytest.mark.ray
@pytest.mark.skipif(find_spec("pylibraft") is not None, reason="pylibraft is here")
def test_ranks_with_gpus_talk_without_rapids(ray_cluster, tmp):
    node = ray_cluster.add_node(num_cpus=2, num_gpus=1)
    try:
        stage = KMeans(path=tmp).with_(resources=Resources(cpus=0.5, gpus=0.5))
        executor = RayActorPoolExecutor({"pool_size": 2}, show_progress=False)
        Pipeline("p", stages=[Numbers(count=4), Points(), stage]).run(executor)
    finally:
        ray_cluster.remove_node(node)
    assert np.load(f"{tmp}/2.npy").shape == (3, 2)


@pytest.mark.ray
def test_k_means_on_three_ranks_is_k_means_on_one(ray_cluster, tmp):
    def labels(executor):
        stages = [Numbers(count=8), Points(), KMeans(path=tmp)]
        return {task.task_id: task.data.tolist() for task in executor.execute(stages)}

    together, alone = labels(pool(3)), labels(LocalExecutor())
    assert (together, len(alone)) == (alone, 8)
    assert np.allclose(np.load(f"{tmp}/3.npy"), np.load(f"{tmp}/1.npy"))


@pytest.mark.ray
@pytest.mark.parametrize("how", ["raise", "kill"])
def test_a_step_whose_rank_fails_is_tried_again_as_a_whole(how, ray_cluster, tmp, monkeypatch):
    for module in ("executors.actor_pool", "on_ray.raft_pool"):
        monkeypatch.setattr(f"curator_engine.{module}._GRACE_S", 120.0)
    pipeline = Pipeline("p", stages=[Numbers(count=7), FailOnRank(path=tmp, how=how, times=1)])
    tasks = pipeline.run(pool(retries=1))
    stage = pipeline.last_run.stages[1]
    assert [task.data for task in tasks] == list(range(7))
    assert (stage.tasks_in, stage.retried) == (7, 7)
    assert pipeline.last_run.worker_deaths == (how == "kill")
    assert size(tmp, "teardowns") == (4 if how == "raise" else 3)


@pytest.mark.ray
@pytest.mark.parametrize(
    ("how", "message", "options"),
    [
        ("raise", "ValueError: as asked", {}),
        ("kill", "worker died", {}),
        ("hang", "timed out after 2 s", {"task_timeout_s": 2.0}),
    ],
)
def test_all_tasks_of_a_step_without_tries_left_have_failed(
    how, message, options, ray_cluster, tmp
):
    pipeline = Pipeline("p", stages=[Numbers(count=7), FailOnRank(path=tmp, how=how)])
    assert pipeline.run(pool(on_error="skip", **options)) == []
    assert (pipeline.last_run.stages[1].tasks_failed, pipeline.last_run.failed) == (7, 7)
    assert message in pipeline.last_run.failures[0].error
    assert size(tmp, "tries") == 1


@pytest.mark.ray
def test_a_step_that_fails_raises_where_the_policy_is_to_raise(ray_cluster, tmp):
    stages: list[Any] = [Numbers(count=7), FailOnRank(path=tmp)]
    with pytest.raises(StageError, match=r"fail_on_rank failed on 7 tasks together: .*as asked"):
        pool().execute(stages)


def test_on_one_worker_a_failing_step_is_not_split_either(tmp):
    pipeline = Pipeline("p", stages=[Numbers(count=7), FailOnRank(path=tmp)])
    assert pipeline.run(LocalExecutor({"on_error": "skip", "retries": 1})) == []
    assert (pipeline.last_run.stages[1].tasks_failed, size(tmp, "tries")) == (7, 2)


async def contributions(hub, *calls) -> list[Any]:
    return await asyncio.gather(
        *(hub.exchange(0, rank, what, np.array(array)) for rank, what, array in calls),
        return_exceptions=True,
    )


def test_the_hub_adds_in_the_order_of_ranks():
    values = [1e16, 1.0, -1e16]
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        calls = [(rank, "sum", values[rank]) for rank in order]
        results: list[Any] = asyncio.run(contributions(Hub(3), *calls))
        assert [float(result) for result in results] == [1e16 + 1.0 - 1e16] * 3


@pytest.mark.parametrize(
    ("calls", "message"),
    [
        ([(0, "sum", [1]), (1, "barrier", [1])], "rank 1 calls barrier where another rank"),
        ([(0, "sum", [1, 2]), (1, "sum", [1, 2, 3])], "arrays do not fit"),
    ],
)
def test_ranks_that_do_not_agree_are_all_told(calls, message):
    for error in asyncio.run(contributions(Hub(2), *calls)):
        with pytest.raises(StageError, match=message):
            raise error


def test_an_abort_wakes_who_waits_and_who_comes_later():
    async def play():
        hub = Hub(2)
        waiting = asyncio.create_task(contributions(hub, (0, "sum", [1])))
        await asyncio.sleep(0)
        await hub.abort("rank 1 died")
        return [*await waiting, *await contributions(hub, (1, "sum", [1]))]

    assert [str(error) for error in asyncio.run(play())] == ["rank 1 died"] * 2


def test_a_root_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="root=2, but there are the ranks 0 to 1"):
        HubCommunicator(None, 0, 2).broadcast(np.arange(3), root=2)


def test_a_stage_that_is_not_plain_has_a_chain_of_its_own_and_gets_all_tasks():
    stages: list[Any] = [Add(), FailOnRank(path="").with_(batch_size=1), Add()]
    chains = fuse(stages, enabled=True, has_source=False)
    assert [(len(c.stages), c.batch_size, c.splits) for c in chains] == [
        (1, 1, True),
        (1, None, False),
        (1, 1, True),
    ]
