"""The check of what is written for GPUs: what it says where there is none, and how it fails."""

import ast
import importlib
import json
import os
import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from curator_engine.device import has_gpu

ROOT = Path(__file__).parents[2]
CHECK = ROOT / "benchmarks" / "gpu_check.py"


def check(folder, *options, **variables):
    command = [sys.executable, CHECK, *options, "--out", folder]
    done = subprocess.run(
        command, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    return done, json.loads((folder / "gpu-report.json").read_text())


@pytest.mark.skipif(has_gpu(), reason="there is a GPU here")
def test_without_a_device_each_part_says_so_in_one_line_and_nothing_fails(tmp_path):
    done, report = check(tmp_path)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert "signatures  no device" in lines
    assert len(lines) == len(report["rows"]) + 1
    assert {row["ran"] for row in report["rows"]} == {"no device"}
    assert (tmp_path / "gpu-report.md").read_text().count("no device") == len(report["rows"])


def test_the_cpu_can_stand_in_and_agrees_with_itself(tmp_path):
    pytest.importorskip("torch")
    done, report = check(tmp_path, "--device", "cpu", "--only", "pairwise", "nvenc")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {row["part"]: row for row in report["rows"]}
    assert "recall 1.000" in rows["pairwise"]["agreement"]
    assert rows["nvenc"]["ran"] == "needs a GPU"


def test_a_part_that_crashes_costs_that_part_only(tmp_path):
    pytest.importorskip("torch")
    # A stand-in for transformers that ends the process at once.
    broken = tmp_path / "transformers"
    broken.mkdir()
    (broken / "__init__.py").write_text("import os; os.kill(os.getpid(), 9)")
    done, report = check(
        tmp_path, "--device", "cpu", "--only", "clip", "pairwise", PYTHONPATH=str(tmp_path)
    )
    assert done.returncode == 1
    rows = {row["part"]: row for row in report["rows"]}
    assert rows["clip"]["ran"] == "failed: exit -9"
    assert rows["pairwise"]["ran"] == "yes"


def _imported(path):
    """The packages and modules that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("benchmarks/gpu_parts/*.py")), ids=lambda path: path.stem
)
def test_a_part_finds_what_is_ours_where_nothing_is_installed(path, monkeypatch):
    monkeypatch.syspath_prepend(str(CHECK.parent))
    paths = [*map(str, importlib.import_module("gpu_check")._SOURCES), str(CHECK.parent)]
    ours = {
        name
        for name in _imported(path)
        if name.startswith("curator_") or (ROOT / "tests" / f"{name}.py").is_file()
    }
    assert [name for name in ours if PathFinder.find_spec(name, paths) is None] == []


def test_the_part_of_tests_runs_each_file_that_has_some_for_a_gpu(monkeypatch):
    monkeypatch.syspath_prepend(str(CHECK.parent))
    suite = importlib.import_module("gpu_parts.suite")
    names = {path.relative_to(ROOT / "tests").as_posix() for path in suite.marked_files()}
    assert {"engine/vectors/test_centroids.py", "video/models/test_transnetv2.py"} <= names
    assert set(suite._NEEDS) <= {path.name for path in suite.marked_files()}
