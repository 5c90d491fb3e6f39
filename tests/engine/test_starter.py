"""Starting actors: their environment, and how tasks are divided among them."""

import pytest
from toys import Number

from curator_engine.errors import ResourceError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.starter import merged_runtime_env


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
