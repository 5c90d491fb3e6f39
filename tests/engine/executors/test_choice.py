"""Executors by name."""

import pytest

from curator_engine.errors import SettingsError
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY


def test_the_policy_of_commands_is_passed_on():
    executor = make_executor("local", workers=3, policy=COMMAND_POLICY)
    assert (executor.options.workers, executor.policy) == (3, COMMAND_POLICY)


@pytest.mark.parametrize(
    ("name", "option"), [("ray_actor_pool", "pool_size"), ("xenna", "max_workers_per_stage")]
)
def test_workers_are_each_executors_own_option(name, option):
    executor = make_executor(name, workers=3, policy=COMMAND_POLICY)
    assert getattr(executor.options, option) == 3


def test_ray_data_chooses_the_number_itself():
    with pytest.raises(SettingsError, match="--workers cannot be set with --executor ray_data"):
        make_executor("ray_data", workers=3, policy=COMMAND_POLICY)


def test_an_unknown_executor_is_named():
    with pytest.raises(SettingsError, match="executor 'dask' is not one of local"):
        make_executor("dask", workers=None, policy=COMMAND_POLICY)
