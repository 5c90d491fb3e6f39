"""Where compiled kernels are kept."""

import os
import subprocess
import sys

from curator_text.minhash import cache_folder


def test_kernels_are_kept_in_the_users_cache(tmp_path):
    code = "from curator_text import kernels; import numba; print(numba.config.CACHE_DIR)"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode().startswith(str(tmp_path))
    assert cache_folder().name.startswith("kernels-")
