"""Kernels: compiled once, loaded without numba's compiler."""

import os
import subprocess
import sys

import pytest

LOAD = """
import sys
import numpy as np
from curator_text import kernels
counts = np.zeros(1, np.int64)
kernels.count_characters(np.frombuffer("naïve".encode(), np.uint8), np.array([0, 6]), counts)
print(counts[0], *kernels.count_characters.stats.cache_hits.values())
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
