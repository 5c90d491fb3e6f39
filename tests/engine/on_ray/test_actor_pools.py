"""Pools of actors, used by hand; what a run makes of them is in test_executors.py."""

import time
from typing import Any

import pytest
from toys import Add, FailOn, Number

from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.failures import FailurePolicy
from curator_engine.on_ray.actor_pools import cause_of
from curator_engine.pipeline import Pipeline
from curator_engine.running.chain import Chain
from curator_engine.running.ledger import Ledger

pytestmark = pytest.mark.ray


def test_the_outputs_of_an_actor_outlive_it(ray_cluster):
    stages = [Add(), Add().with_(name="again", batch_size=2)]
    tasks: list[Any] = [Number(data=i) for i in range(6)]
    executor = RayActorPoolExecutor({"pool_size": 2}, show_progress=False)
    # The first stage's actors are gone when the second one's begin.
    assert [t.data for t in Pipeline("p", stages=stages).run(executor, tasks)] == list(range(2, 8))


def test_an_actor_streams_its_reply_and_what_is_too_large_for_it(ray_cluster):
    import ray

    from curator_engine.on_ray.actor_pools import RayActorPoolStageAdapter

    chain = Chain(index=0, stages=(Add(),), is_sink=True)
    actor: Any = ray.remote(RayActorPoolStageAdapter).remote(chain, FailurePolicy(), "w")
    run = actor.run.options(num_returns="streaming")
    stream: list[Any] = list(run.remote([Number(data=1, task_id="a")], deliver=True))
    reply, output = ray.get(stream)
    assert (reply.outcome.outputs[0].task_id, output.data) == ("a_0", 2)
    assert len(list(run.remote([Number(data=1, task_id="a")], deliver=False))) == 1
    ray.kill(actor)


@pytest.mark.long
def test_a_worker_that_is_done_in_time_is_not_ended_by_a_driver_that_is_late(
    ray_cluster, monkeypatch
):
    received = Ledger.received

    def late(*words, **options):
        time.sleep(4)
        return received(*words, **options)

    monkeypatch.setattr(Ledger, "received", late)
    tasks: list[Any] = [Number(data=i) for i in range(8)]
    options = {"pool_size": 2, "on_error": "skip", "task_timeout_s": 3.0}
    pipeline = Pipeline("p", stages=[Add()])
    found = pipeline.run(RayActorPoolExecutor(options, show_progress=False), tasks)
    assert [task.data for task in found] == list(range(1, 9))
    assert pipeline.last_run.worker_deaths == 0


def test_the_cause_of_a_failed_call_is_what_was_raised_there(ray_cluster):
    import ray
    from ray.exceptions import RayError

    from curator_engine.on_ray.actor_pools import RayActorPoolStageAdapter

    chain = Chain(index=0, stages=(FailOn(poison=1),), is_sink=True)
    actor: Any = ray.remote(RayActorPoolStageAdapter).remote(chain, FailurePolicy(), "w")
    stream = actor.run.options(num_returns="streaming").remote([Number(data=1)], deliver=True)
    with pytest.raises(RayError) as caught:
        ray.get(next(stream))
    assert "ValueError: 1 is poison" in str(cause_of(caught.value))
    ray.kill(actor)
