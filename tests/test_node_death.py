"""A node that dies costs nothing that is not said, and the rerun is complete."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.long
@pytest.mark.ray
@pytest.mark.parametrize("executor", ["ray_actor_pool", "ray_data", "xenna"])
def test_a_run_survives_its_node_or_says_so_and_the_rerun_is_complete(executor, tmp_path):
    env = {**os.environ, "PYTHONPATH": str(HERE), "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
    done = subprocess.run(
        [sys.executable, str(HERE / "node_death.py"), executor, str(tmp_path)],
        capture_output=True,
        check=False,
        timeout=900,
        env=env,
    )
    said = dict(line.split(": ", 1) for line in done.stdout.decode().splitlines() if ": " in line)
    # Xenna pins a replacement to the dead node, so there the first run ends with one error.
    if executor == "xenna" and said["first"] != "60":
        assert said["first"].startswith("StageError: slow + write: ")
    else:
        assert said["first"] == "60", done.stderr.decode()[-2000:]
    assert said["second"] == "60", done.stderr.decode()[-2000:]
    files = sorted((tmp_path / "out").glob("*.txt"))
    assert sorted(int(f.read_text(encoding="utf-8")) for f in files) == list(range(60))
