"""The compiled loops on single documents, where their wrappers do not reach."""

import os
import subprocess
import sys

import numpy as np

from curator_text import kernels
from curator_text.minhash import cache_folder


def test_repeats_are_dropped_within_each_document_only():
    hashes = np.array([1, 1, 2, 2, 2, 3], np.uint64)
    distinct = np.zeros(2, np.int64)
    total = kernels.drop_repeats(hashes, np.array([3, 3]), distinct)
    assert hashes[:total].tolist() == [1, 2, 2, 3]
    assert distinct.tolist() == [2, 2]


def test_kernels_are_kept_in_the_users_cache(tmp_path):
    code = "from curator_text import kernels; import numba; print(numba.config.CACHE_DIR)"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode().startswith(str(tmp_path))
    assert cache_folder().name.startswith("kernels-")
