"""Which code signs: what is asked for, what is there, and always the same numbers."""

import ctypes
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import fake_rapids
import numpy as np
import pyarrow as pa
import pytest

from curator_engine.device import has_gpu
from curator_engine.errors import ResourceError
from curator_text.signatures.minhash import signatures
from curator_text.signatures.signer import sign_texts, signer_for

no_gpu = pytest.mark.skipif(has_gpu(), reason="there is a GPU here")


def torch_that_sees(gpus):
    torch: Any = ModuleType("torch")
    torch.cuda = SimpleNamespace(is_available=lambda: gpus > 0)
    return torch


@pytest.fixture
def gpu(monkeypatch):
    """A fake GPU, with a torch that cannot use it and without RAPIDS."""
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    monkeypatch.setitem(sys.modules, "pylibcudf", None)
    monkeypatch.setitem(sys.modules, "torch", torch_that_sees(0))


def with_rapids(monkeypatch):
    for module in fake_rapids.MODULES:
        monkeypatch.setitem(sys.modules, module.__name__, module)


@no_gpu
def test_without_a_gpu_auto_is_the_cpu():
    assert signer_for("auto", "fast") == "cpu"


@no_gpu
def test_a_gpu_that_is_not_there_is_an_error():
    with pytest.raises(ResourceError, match="there is no GPU here"):
        signer_for("gpu", "fast")


def test_the_cpu_can_always_be_chosen(gpu, monkeypatch):
    with_rapids(monkeypatch)
    assert signer_for("cpu", "curator") == "cpu"


@pytest.mark.parametrize("method", ["fast", "curator"])
def test_triton_signs_where_torch_sees_the_gpu(gpu, monkeypatch, method):
    with_rapids(monkeypatch)
    monkeypatch.setitem(sys.modules, "torch", torch_that_sees(1))
    assert signer_for("auto", method) == "triton"


def test_cudf_signs_by_its_own_method_only(gpu, monkeypatch):
    with_rapids(monkeypatch)
    assert signer_for("gpu", "curator") == "cudf"
    assert signer_for("auto", "fast") == "cpu"


def test_a_gpu_that_nothing_here_can_use_is_the_cpus_turn_or_an_error(gpu):
    assert signer_for("auto", "fast") == "cpu"
    with pytest.raises(ResourceError, match="needs torch with CUDA and"):
        signer_for("gpu", "fast")


def test_signatures_do_not_depend_on_what_signs(gpu, monkeypatch):
    with_rapids(monkeypatch)
    texts = pa.array(["some text that is longer than a window is", "ab", ""])
    options: dict[str, Any] = {"char_ngrams": 5, "num_hashes": 12, "seed": 3, "method": "curator"}
    expected = signatures(texts, **options)
    for device in ("cpu", "auto", "gpu"):
        assert np.array_equal(sign_texts(texts, **options, device=device), expected)
