"""Every Python block of the documents runs, unedited, with `nemo_curator` meaning this engine."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

PIPELINES = {
    *("000-1", "000-2", "000-4", "001-2", "001-4", "002-3", "002-4", "002-8", "002-9"),
    *("003-1", "003-2"),
}
"""Blocks that run the JSONL pipeline over three files."""


@pytest.mark.long
@pytest.mark.ray
def test_every_block_of_the_documents_runs(tmp_path):
    data = Path("/data")
    made = not data.exists()
    if made:
        try:
            data.symlink_to(tmp_path / "data")
        except OSError:
            made = False
    (tmp_path / "data" / "documents").mkdir(parents=True)
    (tmp_path / "data" / "documents" / "a.jsonl").write_text(
        '{"text": "a b c"}\n', encoding="utf-8"
    )
    try:
        done = subprocess.run(
            [sys.executable, str(HERE / "seed_runner.py"), str(tmp_path / "work")],
            capture_output=True,
            check=False,
            timeout=900,
        )
    finally:
        if made:
            data.unlink()
    # Ray writes its warnings between the lines.
    said = dict(re.findall(r"^(\d{3}-\d+): (.*)$", done.stdout.decode(), re.MULTILINE))
    names = re.findall(r"^## (\S+)$", (HERE / "seed_blocks.md").read_text("utf-8"), re.MULTILINE)
    expected = {name: "ok 3" if name in PIPELINES else "ok -" for name in names}
    # The documents' empty pipeline: NeMo Curator raises for it as well.
    expected["000-5"] = "PipelineError: Pipeline 'curator_pipeline' has no stages"
    if not made:
        del expected["000-3"]
        said.pop("000-3", None)
    assert said == expected, done.stderr.decode()[-3000:]


LIBRARY = """
from nemo_curator.stages.base import ProcessingStage
from nemo_curator.tasks import Task

class Square(ProcessingStage):
    name = "square"

    def process(self, task):
        return Task(dataset_name="d", data=task.data**2)
"""

SCRIPT = """
import sys
import nemo_curator.pipeline
from nemo_curator.tasks import Task
from library import Square
from curator_engine.executors.choice import make_executor
from curator_engine.failures import FailurePolicy

workers = 2 if sys.argv[1] == "local" else None
executor = make_executor(sys.argv[1], workers=workers, policy=FailurePolicy())
pipeline = nemo_curator.pipeline.Pipeline(name="squares", stages=[Square()])
tasks = [Task(dataset_name="d", data=n) for n in range(4)]
print([task.data for task in pipeline.run(executor, tasks)])
"""


@pytest.mark.long
@pytest.mark.parametrize("executor", ["local", "ray_actor_pool", "ray_data", "xenna"])
def test_a_second_file_may_import_nemo_curator_in_workers(executor, tmp_path):
    (tmp_path / "library.py").write_text(LIBRARY, encoding="utf-8")
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "curator_engine.compat", "script.py", executor],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        timeout=600,
        env={k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"},
    )
    assert done.stdout.decode() == "[0, 1, 4, 9]\n", done.stderr.decode()[-2000:]
