"""Kernels: compiled once, loaded without numba's compiler."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import curator_text

LOAD = """
import sys
from pathlib import Path
import numpy as np
from curator_text.kernels import hash_kernels
counts = np.zeros(1, np.int64)
hash_kernels.count_characters(np.frombuffer("naïve".encode(), np.uint8), np.array([0, 6]), counts)
print(counts[0], *hash_kernels.count_characters.stats.cache_hits.values())
print("numba.np.random.legacy" in sys.modules)
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """What a kernel's first call says in each of two processes that share a cache."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path_factory.mktemp("kernels"))}
    words = [sys.executable, "-c", LOAD]
    return [
        subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]


def test_a_kernel_is_compiled_first(runs):
    assert runs[0].split() == ["5", "True"]


def test_it_is_loaded_from_then_on_and_the_compiler_is_not(runs):
    assert runs[1].split() == ["5", "1", "False"]


def test_a_copy_of_the_package_elsewhere_loads_what_the_first_one_compiled(tmp_path):
    package = Path(curator_text.__file__).parent
    found = []
    for name in ("one", "two"):
        # As a checkout, whose files have times of their own.
        copy = tmp_path / name / "curator_text"
        shutil.copytree(package, copy, copy_function=shutil.copyfile)
        os.utime(copy / "kernels/hash_kernels.py", (len(found), len(found)))
        paths = [str(tmp_path / name), os.environ.get("PYTHONPATH", "")]
        own = {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "XDG_CACHE_HOME": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", LOAD],
            env=os.environ | own,
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(done.stdout.split())
    assert found[0] == ["5", "True"]
    assert found[1] == ["5", "1", "False"]
