"""setup_on_node: once per stage and node, only where the stage can be."""

from pathlib import Path

import pytest
from toys import Add, Number, Numbers

from curator_engine.errors import StageError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.ray_data import RayDataExecutor
from curator_engine.on_ray.nodes import calculate_optimal_actors_for_stage, wait_for_nodes
from curator_engine.on_ray.session import cluster_nodes
from curator_engine.pipeline import Pipeline

pytestmark = pytest.mark.ray


class Prepared(Add):
    """Leaves a file per call."""

    def __init__(self, folder):
        self.folder = folder
        self.amount = 1

    def setup_on_node(self, node_info=None, worker_metadata=None):
        from uuid import uuid4

        Path(self.folder, f"{node_info.node_id}.{uuid4().hex}").touch()

    def process(self, task):
        assert any(Path(self.folder).iterdir())
        return Number(data=task.data + 1)


def nodes(folder):
    return sorted(p.name.partition(".")[0] for p in Path(folder).iterdir())


@pytest.mark.parametrize("kind", [RayActorPoolExecutor, RayDataExecutor])
def test_every_node_is_set_up_once_before_the_work(kind, ray_cluster, tmp):
    Pipeline("p", stages=[Numbers(count=4), Prepared(tmp)]).run(kind())
    assert nodes(tmp) == sorted(node.node_id for node in ray_cluster.list_all_nodes())


@pytest.mark.parametrize("kind", [RayActorPoolExecutor, RayDataExecutor])
def test_a_head_that_is_left_out_is_not_set_up(kind, ray_cluster, tmp):
    Pipeline("p", stages=[Numbers(count=4), Prepared(tmp)]).run(kind(ignore_head_node=True))
    assert nodes(tmp) == [next(iter(ray_cluster.worker_nodes)).node_id]


def test_a_setup_that_fails_ends_the_run(ray_cluster):
    class Fails(Add):
        def setup_on_node(self, node_info=None, worker_metadata=None):
            raise OSError("no weights")

    with pytest.raises(StageError, match="setup_on_node failed: OSError: no weights"):
        Pipeline("p", stages=[Numbers(count=1), Fails()]).run(
            RayActorPoolExecutor(show_progress=False)
        )


@pytest.mark.parametrize(
    ("tasks", "options", "actors"),
    [(10, {}, 4), (3, {}, 3), (10, {"reserved_cpus": 1.0}, 3), (10, {"ignore_head_node": True}, 2)],
)
def test_the_number_of_actors_follows_from_cluster_tasks_and_reserve(
    tasks, options, actors, ray_cluster
):
    assert calculate_optimal_actors_for_stage(Add(), tasks, **options) == actors


def test_a_cluster_whose_nodes_answer_is_not_waited_for(ray_cluster):
    wait_for_nodes(patience=300)
    assert len(cluster_nodes()) == 2
