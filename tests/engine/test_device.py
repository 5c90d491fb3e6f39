"""The device that something is computed on."""

import ctypes

import fake_rapids
import pytest

from curator_engine.device import (
    choose_device,
    default_executor,
    device_on,
    has_gpu,
)
from curator_engine.errors import ResourceError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.local import LocalExecutor


def test_auto_is_what_is_there():
    assert choose_device("auto") == ("gpu" if has_gpu() else "cpu")


def test_the_cpu_can_always_be_chosen():
    assert choose_device("cpu") == "cpu"


def test_a_gpu_that_is_not_there_is_an_error_that_says_so():
    if not has_gpu():
        with pytest.raises(ResourceError, match="there is no GPU here; use auto or cpu"):
            choose_device("gpu")


def test_on_cpus_one_process_runs_it():
    assert isinstance(default_executor("cpu"), LocalExecutor)


def test_on_gpus_a_pool_of_actors_runs_it(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    assert isinstance(default_executor("auto"), RayActorPoolExecutor)


def test_auto_leaves_gpus_alone_that_the_executor_does_not_hand_out():
    assert device_on(LocalExecutor(), "auto") == "cpu"
    assert device_on(LocalExecutor(), "gpu") == "gpu"
    assert device_on(RayActorPoolExecutor(), "auto") == "auto"
