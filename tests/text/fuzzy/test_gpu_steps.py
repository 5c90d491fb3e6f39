"""Steps go to GPUs where there are some, the executor hands them out, and something can use them."""

import ctypes
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

import fake_rapids
import pytest

from curator_engine.device import has_gpu
from curator_engine.errors import ResourceError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.local import LocalExecutor
from curator_text.fuzzy.gpu_steps import (
    ON_CPU,
    place_of_embedding,
    place_of_joining,
    place_of_signing,
)

DEVICES: list[Any] = ["auto", "gpu"]
POOL = RayActorPoolExecutor(show_progress=False)


@pytest.fixture
def gpu(monkeypatch):
    """A fake GPU with fake RAPIDS."""
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    for module in fake_rapids.MODULES:
        monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture
def models(gpu, monkeypatch):
    """A fake GPU with sentence-transformers, and a torch that sees it."""
    torch, library = ModuleType("torch"), ModuleType("sentence_transformers")
    vars(torch)["cuda"] = SimpleNamespace(is_available=lambda: True)
    library.__spec__ = ModuleSpec("sentence_transformers", None)
    for module in (torch, library):
        monkeypatch.setitem(sys.modules, module.__name__, module)


def test_workers_that_sign_share_a_gpu_and_the_one_that_joins_has_its_own(gpu):
    signing, joining = place_of_signing(POOL, "auto", "curator"), place_of_joining(POOL, "auto")
    assert (signing.device, signing.resources.gpus) == ("gpu", 0.25)
    assert (joining.device, joining.resources.entire_gpu) == ("gpu", True)


def test_an_executor_without_gpus_gets_none_unless_they_are_asked_for(gpu):
    executor = LocalExecutor()
    assert place_of_signing(executor, "auto", "curator") == ON_CPU
    assert place_of_joining(executor, "auto") == ON_CPU
    assert place_of_signing(executor, "gpu", "curator").device == "gpu"


def test_without_cugraph_pairs_are_joined_on_the_cpu(gpu, monkeypatch):
    monkeypatch.setitem(sys.modules, "pylibcugraph", None)
    assert place_of_joining(POOL, "gpu") == ON_CPU


@pytest.mark.skipif(has_gpu(), reason="there is a GPU here")
def test_without_a_gpu_all_is_on_the_cpu():
    assert place_of_signing(POOL, "auto", "fast") == ON_CPU
    assert place_of_joining(POOL, "auto") == ON_CPU
    with pytest.raises(ResourceError, match="there is no GPU here"):
        place_of_signing(POOL, "gpu", "fast")


@pytest.mark.parametrize("device", DEVICES)
def test_workers_that_embed_share_the_gpus_of_an_executor_that_hands_them_out(models, device):
    place = place_of_embedding(POOL, device)
    assert (place.device, place.resources.gpus) == ("gpu", 0.25)


@pytest.mark.parametrize("device", DEVICES)
def test_a_model_takes_the_gpu_of_this_machine_itself(models, device):
    place = place_of_embedding(LocalExecutor(), device)
    assert (place.device, place.resources.gpus) == ("gpu", 0.0)


def test_a_model_stays_on_the_cpu_where_it_is_told_to(models):
    assert place_of_embedding(POOL, "cpu") == ON_CPU


def test_a_model_that_cannot_use_the_gpu_is_embedded_with_on_the_cpu_or_refused(gpu, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert place_of_embedding(POOL, "auto") == ON_CPU
    with pytest.raises(ResourceError, match="a text model on the GPU needs the extra 'models'"):
        place_of_embedding(POOL, "gpu")


@pytest.mark.skipif(has_gpu(), reason="there is a GPU here")
def test_without_a_gpu_models_are_on_the_cpu():
    assert place_of_embedding(POOL, "auto") == ON_CPU
    with pytest.raises(ResourceError, match="there is no GPU here"):
        place_of_embedding(POOL, "gpu")
