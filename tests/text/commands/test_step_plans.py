"""What a dry run says of the steps' workers."""

import ctypes
import sys

import fake_rapids
import pytest

from curator_engine.files.listing import FileInfo
from curator_text.commands.step_plans import step_plans
from curator_text.settings import FuzzySettings

FILES = [FileInfo(path=f"{k}.jsonl", size=200 << 20, stamp="", name=f"{k}.jsonl") for k in range(3)]


def lines_of(**settings):
    given = FuzzySettings(inputs=["x"], **settings)
    return step_plans(given, FILES, num_bands=20, workers=given.workers)


def step(lines, name):
    return lines[lines.index(f"  {name}") + 1].strip()


def test_every_step_is_there():
    steps = [line.strip() for line in lines_of()[1:] if line[2] != " "]
    assert steps == ["sign", "exact", "buckets", "components", "gather", "verify", "remove"]


def test_workers_are_no_more_than_tasks():
    lines = lines_of(workers=5)
    assert step(lines, "buckets").endswith("5 workers, limit: workers=5")
    assert step(lines, "remove").endswith("3 workers, limit: 3 tasks")
    assert step(lines, "components").endswith("1 worker, limit: 1 task")


@pytest.mark.parametrize(
    ("executor", "says"),
    [("xenna", "   segment 2 of 2"), ("ray_actor_pool", "    2. sign_documents: 1 CPUs, batch 1")],
)
def test_ray_executors_plan_as_well(executor, says):
    assert any(line.startswith(says) for line in lines_of(executor=executor))


def test_steps_on_gpus_say_what_they_take(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    for module in fake_rapids.MODULES:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    lines = lines_of(executor="ray_actor_pool", method="curator", device="gpu")
    assert any("sign_documents: 1 CPUs and 0.25 GPUs" in line for line in lines)
