"""Decide which steps of deduplication run on GPUs, and what their workers ask for.

What is computed there is in `signer.py`, `gpu_components.py` and `sentence_encoders.py`.
"""

from dataclasses import dataclass
from typing import Literal

from curator_engine.device import Device, device_on
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Executor
from curator_engine.resources import Resources
from curator_text.fuzzy import gpu_components
from curator_text.models.sentence_encoders import is_on_gpu
from curator_text.signatures.minhash import Method
from curator_text.signatures.signer import signer_for


@dataclass(frozen=True)
class Place:
    """Where a step is computed."""

    device: Literal["cpu", "gpu"]
    resources: Resources


ON_CPU = Place("cpu", Resources(cpus=1.0))


def place_of_signing(executor: Executor, device: Device, method: Method) -> Place:
    """Where documents are signed.

    Raises:
        ResourceError: A GPU is asked for, and there is none, or nothing that can use it.
    """
    if signer_for(device_on(executor, device), method) == "cpu":
        return ON_CPU
    # Reading keeps a CPU busier than signing does a GPU, so four workers share one.
    return Place("gpu", Resources(cpus=1.0, gpus=0.25))


def place_of_embedding(executor: Executor, device: Device) -> Place:
    """Where a model embeds documents.

    The local executor hands out no GPUs, so there the model takes one without being asked for it.

    Raises:
        ResourceError: A GPU is asked for, and there is none, or nothing that can use it.
    """
    if not is_on_gpu(device):
        return ON_CPU
    asked = 0.0 if isinstance(executor, LocalExecutor) else 0.25
    return Place("gpu", Resources(cpus=1.0, gpus=asked))


def place_of_joining(executor: Executor, device: Device) -> Place:
    """Where pairs are joined to components.

    Raises:
        ResourceError: A GPU is asked for and there is none.
    """
    if not gpu_components.on_gpu(device_on(executor, device)):
        return ON_CPU
    return Place("gpu", Resources(cpus=1.0, entire_gpu=True))
