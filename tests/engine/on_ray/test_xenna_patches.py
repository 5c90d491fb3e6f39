"""What is changed in Cosmos-Xenna is changed for the length of a run."""

from importlib import import_module
from typing import Any

import pytest

from curator_engine.on_ray.xenna_patches import patience, quiet


def module(name):
    return import_module(f"cosmos_xenna.{name}")


def state():
    monitoring = module("pipelines.private.monitoring")
    pools = module("ray_utils.actor_pool")
    return (
        monitoring.get_ray_actors,
        monitoring.RayResourceMonitor,
        module("ray_utils.cluster").init_or_connect_to_cluster,
        pools._attempt_graceful_shutdown,
        pools._get_actor_pid_tree,
        pools._MAX_ACTOR_DEATH_RETRIES,
        pools._MAX_CONSECUTIVE_WG_DEATHS,
    )


def test_nothing_is_left_changed_after_an_error():
    before = state()
    with pytest.raises(KeyError), quiet(), patience(7):
        raise KeyError
    assert state() == before


def test_a_task_may_cost_as_many_actors_as_asked():
    with patience(7):
        assert state()[-2:] == (7, 8)


@pytest.mark.ray
def test_no_actor_reads_the_process_table(ray_cluster):
    with quiet(), module("pipelines.private.monitoring").PipelineMonitor(60.0, 0, []) as monitor:
        assert monitor._make_stats(0, [], []).cluster.actors == []


@pytest.mark.ray
def test_an_actor_whose_process_never_starts_is_not_waited_for(ray_cluster):
    import ray

    nowhere: Any = ray.remote(resources={"nowhere": 1})(dict).remote()
    with quiet():
        assert (
            module("ray_utils.actor_pool")._attempt_graceful_shutdown(nowhere, "it", 0.0) is False
        )
    ray.kill(nowhere)
