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


def limited(folder, own, files):
    """A tree of cgroups, and the file that says which one is ours."""
    for name, text in files.items():
        path = folder / "fs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    (folder / "own").write_text(own, encoding="ascii")
    return folder / "fs"


def test_the_quota_of_a_nested_cgroup_counts(tmp_path):
    files = {"cpu.max": "max 100000", "job/step/cpu.max": "50000 100000"}
    cgroups = limited(tmp_path, "0::/job/step\n", files)
    assert usable_cpus(cgroups, own=tmp_path / "own") == 1


def test_the_limit_of_a_cgroup_above_counts(tmp_path):
    files = {"job/memory.max": "4096", "job/step/memory.max": "max"}
    cgroups = limited(tmp_path, "0::/job/step\n", files)
    assert usable_memory_bytes(cgroups, own=tmp_path / "own") == 4096


def test_limits_of_version_1_count(tmp_path):
    files = {
        "cpu/job/cpu.cfs_quota_us": "100000",
        "cpu/job/cpu.cfs_period_us": "100000",
        "memory/memory.limit_in_bytes": "8192",
    }
    cgroups = limited(tmp_path, "4:cpu,cpuacct:/job\n2:memory:/\n", files)
    assert usable_cpus(cgroups, own=tmp_path / "own") == 1
    assert usable_memory_bytes(cgroups, own=tmp_path / "own") == 8192


def test_without_limits_the_machine_counts(tmp_path):
    cgroups = limited(tmp_path, "0::/\n", {"cpu.max": "max 100000"})
    assert usable_cpus(cgroups, own=tmp_path / "own") == len(os.sched_getaffinity(0))
