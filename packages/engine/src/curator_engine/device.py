"""Where something is computed: on the CPU, or on a GPU that is there."""

import ctypes
import importlib
from typing import Any, Literal

from curator_engine.errors import ResourceError
from curator_engine.pipeline import Executor

type Device = Literal["auto", "cpu", "gpu"]


def has_gpu() -> bool:
    """Whether the driver finds a GPU here."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int(0)
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return False
    return count.value > 0


def torch_has_gpu() -> bool:
    """Whether torch is installed and sees a GPU."""
    try:
        torch: Any = importlib.import_module("torch")
    except ImportError:
        return False
    return bool(torch.cuda.is_available())


def choose_device(device: Device) -> Literal["cpu", "gpu"]:
    """The device that is meant.

    Raises:
        ResourceError: A GPU is asked for and there is none.
    """
    if device == "cpu":
        return "cpu"
    if has_gpu():
        return "gpu"
    if device == "gpu":
        raise ResourceError("device='gpu', but there is no GPU here; use auto or cpu.")
    return "cpu"


def default_executor(device: Device) -> Executor:
    """One worker on a CPU, a pool of actors on GPUs."""
    on_gpu = choose_device(device) == "gpu"
    module, name = ("actor_pool", "RayActorPoolExecutor") if on_gpu else ("local", "LocalExecutor")
    return _executor_class(module, name)()


def device_on(executor: Executor, device: Device) -> Device:
    """What is meant with this executor: `auto` leaves GPUs alone that it does not hand out."""
    is_local = isinstance(executor, _executor_class("local", "LocalExecutor"))
    return "cpu" if device == "auto" and is_local else device


def _executor_class(module: str, name: str) -> Any:
    """Resolved by name: executors and stages do not know each other."""
    return getattr(importlib.import_module(f"curator_engine.executors.{module}"), name)
