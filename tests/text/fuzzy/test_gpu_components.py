"""Components by cuGraph are those of the CPU; with a stand-in, and where a GPU is."""

import ctypes
import sys

import fake_rapids
import numpy as np
import pytest

from curator_engine import rapids
from curator_engine.device import has_gpu
from curator_engine.errors import ResourceError
from curator_text.fuzzy.gpu_components import gpu_components, join_components, on_gpu
from curator_text.fuzzy.lsh import components

HAS_CUGRAPH = has_gpu() and not rapids.missing(rapids.Part.COMPONENTS)


def stand_in(monkeypatch):
    for module in fake_rapids.MODULES:
        monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture(
    params=[
        "stand-in",
        pytest.param(
            "cuGraph",
            marks=[
                pytest.mark.gpu,
                pytest.mark.skipif(not HAS_CUGRAPH, reason="no GPU with cuGraph"),
            ],
        ),
    ]
)
def cugraph(request, monkeypatch):
    """A stand-in for pylibcugraph, then the real one."""
    if request.param == "stand-in":
        stand_in(monkeypatch)


def pairs(count, among, seed=0):
    ends = np.random.default_rng(seed).integers(0, among, (2, count))
    return ends.min(axis=0), ends.max(axis=0)


@pytest.mark.parametrize(("count", "among"), [(1, 2), (30, 100), (300, 500), (2000, 500)])
def test_labels_are_the_smallest_members(cugraph, count, among):
    left, right = pairs(count, among)
    expected = components([(left, right)], count=among)
    assert np.array_equal(gpu_components(left, right, count=among), expected)


def test_a_chain_against_the_order_is_one_component(cugraph):
    left = np.arange(500)[::-1].copy()
    assert not gpu_components(left, left + 1, count=501).any()


def test_pairs_that_come_twice_or_with_themselves_do_no_harm(cugraph):
    left, right = np.array([3, 3, 1, 2]), np.array([4, 4, 1, 3])
    assert gpu_components(left, right, count=6).tolist() == [0, 1, 2, 2, 2, 5]


def test_no_pairs_leave_everybody_alone(cugraph):
    none = np.empty(0, np.int64)
    assert gpu_components(none, none, count=3).tolist() == [0, 1, 2]


def test_the_cpu_joins_where_there_is_no_cugraph(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    monkeypatch.setitem(sys.modules, "pylibcugraph", None)
    assert not on_gpu("gpu")
    left, right = pairs(30, 50)
    found = join_components([(left, right)], count=50, device="gpu")
    assert np.array_equal(found, components([(left, right)], count=50))


def test_auto_takes_the_gpu_that_is_there(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    stand_in(monkeypatch)
    assert on_gpu("auto")
    assert not on_gpu("cpu")
    left, right = pairs(30, 50)
    found = join_components([(left, right)], count=50, device="auto")
    assert np.array_equal(found, components([(left, right)], count=50))


@pytest.mark.skipif(has_gpu(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there_is_an_error(monkeypatch):
    with pytest.raises(ResourceError, match="there is no GPU here"):
        on_gpu("gpu")
