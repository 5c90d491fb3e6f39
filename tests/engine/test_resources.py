"""What a worker asks for, and what this process may use."""

import os

import pytest

from curator_engine.errors import ResourceError
from curator_engine.resources import Resources, usable_cpus, usable_memory_bytes


def test_negative_resources_are_refused():
    with pytest.raises(ResourceError, match="cpus=-1"):
        Resources(cpus=-1)


def test_gpus_are_asked_for_in_one_way():
    with pytest.raises(ResourceError, match="one of gpus=, gpu_memory_gb= and entire_gpu="):
        Resources(gpus=1, gpu_memory_gb=4)


@pytest.mark.parametrize("need", [{"gpus": 0.1}, {"gpu_memory_gb": 1}, {"entire_gpu": True}])
def test_every_way_of_asking_needs_a_gpu(need):
    assert Resources(**need).requires_gpu


def test_usable_cpus_are_within_the_affinity_mask():
    assert 1 <= usable_cpus() <= len(os.sched_getaffinity(0))


def test_usable_memory_is_within_the_machine():
    assert (
        1 << 20 < usable_memory_bytes() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    )
