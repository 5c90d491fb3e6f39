# pyright: basic
"""The tests that are marked `gpu`."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from gpu_parts.part import Row, Setting

_ROOT = Path(__file__).parents[2]
_FILES = (
    "text/test_triton_kernels.py",
    "text/test_triton_signatures.py",
    "text/test_rapids_signatures.py",
    "text/test_graph_components.py",
    "engine/test_centroids.py",
    "engine/test_pairwise.py",
    "engine/test_batch_size.py",
    "engine/test_gpu_exchange.py",
    "video/test_transnetv2.py",
    "video/test_clip.py",
)
_NEEDS = {
    "engine/test_gpu_exchange.py": ("ray", "rapidsmpf"),
    "video/test_transnetv2.py": ("av", "cyclopts"),
    "video/test_clip.py": ("av", "cyclopts"),
}


def check_tests(setting: Setting) -> list[Row]:
    """Each file with such tests, by pytest."""
    if setting.device == "cpu":
        return [Row(case="tests marked gpu", ran="need a GPU")]
    rows = []
    for name in _FILES:
        missing = [module for module in _NEEDS.get(name, ()) if not find_spec(module)]
        if missing:
            rows.append(Row(case=name, ran=f"not installed: {', '.join(missing)}"))
            continue
        command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, f"tests/{name}"], cwd=_ROOT, capture_output=True, text=True, timeout=100
        )
        print(done.stdout[-3000:], done.stderr[-2000:], flush=True)
        last = (done.stdout.strip().splitlines() or ["nothing"])[-1].strip("= ")
        rows.append(
            Row(
                case=name,
                ran="yes" if done.returncode == 0 else f"exit {done.returncode}",
                note=last,
            )
        )
    return rows
