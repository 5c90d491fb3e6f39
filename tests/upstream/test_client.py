"""A script of NeMo Curator's users, from its client to the removal of duplicates, unchanged."""

import json
import os
import runpy
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from text_toys import sentence

SCRIPT = """
import os
import sys

import pandas as pd

from nemo_curator.core.client import RayClient
from nemo_curator.pipeline import Pipeline
from nemo_curator.stages.base import ProcessingStage
from nemo_curator.stages.deduplication.exact import ExactDeduplicationWorkflow
from nemo_curator.stages.deduplication.fuzzy import FuzzyDeduplicationWorkflow
from nemo_curator.stages.deduplication.id_generator import (
    CURATOR_DEDUP_ID_STR,
    create_id_generator_actor,
    kill_id_generator_actor,
)
from nemo_curator.stages.resources import Resources
from nemo_curator.stages.text.deduplication import TextDuplicatesRemovalWorkflow
from nemo_curator.stages.text.io.reader import JsonlReader, ParquetReader
from nemo_curator.stages.text.io.writer import ParquetWriter
from nemo_curator.tasks import DocumentBatch
from nemo_curator.utils.file_utils import get_all_file_paths_under


class Lengths(ProcessingStage[DocumentBatch, DocumentBatch]):
    name = "lengths"
    resources = Resources(cpus=0.5)

    def process(self, batch):
        frame = batch.to_pandas()
        frame["length"] = frame["text"].str.len()
        return DocumentBatch(dataset_name=batch.dataset_name, data=frame, _metadata=batch._metadata)


def main(folder, executor):
    client = RayClient(num_cpus=2, include_dashboard=False)
    client.start()

    measured = os.path.join(folder, "measured")
    pipeline = Pipeline(name="measure", description="Lengths of documents")
    pipeline.add_stage(JsonlReader(os.path.join(folder, "input"), files_per_partition=2, fields=["text"]))
    pipeline.add_stage(Lengths())
    pipeline.add_stage(ParquetWriter(measured, mode="overwrite"))
    pipeline.run(executor)
    print("files", len(get_all_file_paths_under(measured, keep_extensions=["parquet"])))

    exact_dir = os.path.join(folder, "exact")
    ExactDeduplicationWorkflow(
        input_path=measured, output_path=exact_dir, text_field="text", input_filetype="parquet"
    ).run(executor=executor)

    fuzzy_dir = os.path.join(folder, "fuzzy")
    found = FuzzyDeduplicationWorkflow(
        input_path=measured,
        cache_path=os.path.join(fuzzy_dir, "cache"),
        output_path=fuzzy_dir,
        input_filetype="parquet",
        input_blocksize="512MiB",
        text_field="text",
        read_kwargs=None,
    ).run(executor=executor)
    print("duplicates", found.metadata["num_duplicates"])

    listed = os.path.join(fuzzy_dir, "FuzzyDuplicateIds")
    print("ids", sorted(pd.read_parquet(listed)[CURATOR_DEDUP_ID_STR]))
    removed = TextDuplicatesRemovalWorkflow(
        input_path=measured,
        ids_to_remove_path=listed,
        output_path=os.path.join(fuzzy_dir, "deduplicated"),
        input_filetype="parquet",
        input_blocksize="512MiB",
        duplicate_id_field=CURATOR_DEDUP_ID_STR,
        id_generator_path=os.path.join(fuzzy_dir, "fuzzy_id_generator.json"),
        output_filetype="parquet",
    ).run(executor=executor)
    print("removed", removed.metadata["num_duplicates_removed"])

    create_id_generator_actor(os.path.join(fuzzy_dir, "fuzzy_id_generator.json"))
    try:
        batches = Pipeline("look", stages=[ParquetReader(measured, _assign_ids=True)]).run(executor)
        frame = pd.concat([batch.to_pandas() for batch in batches])
        print("rows", len(frame), frame[CURATOR_DEDUP_ID_STR].is_unique)
    finally:
        kill_id_generator_actor()
    client.stop()
"""

SAID = ["files 2", "duplicates 3", "ids [3, 5, 6]", "removed 3", "rows 8 True"]


@pytest.fixture
def folder(tmp_path):
    """Four files of two documents; four documents are one text."""
    texts = [sentence(n) for n in range(8)]
    texts[3] = texts[5] = texts[6] = texts[1]
    (tmp_path / "input").mkdir()
    for f in range(4):
        lines = "".join(json.dumps({"text": text}) + "\n" for text in texts[2 * f : 2 * f + 2])
        (tmp_path / "input" / f"f{f}.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def script(folder: Path, executor: str) -> str:
    path = folder / "script.py"
    path.write_text(
        f"{SCRIPT}\n\nif __name__ == '__main__':\n    main(sys.argv[1], {executor})\n",
        encoding="utf-8",
    )
    return str(path)


def test_it_runs_in_this_process_and_once_more_over_its_own_result(folder, capsys, monkeypatch):
    # A cluster that is there is not started, and nothing here asks it for anything.
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    executor = "__import__('curator_engine.executors.local', fromlist=['x']).LocalExecutor()"
    path = script(folder, executor)
    monkeypatch.setattr(sys, "argv", [path, str(folder)])
    for _ in range(2):
        runpy.run_path(path, run_name="__main__")
        assert capsys.readouterr().out.splitlines() == SAID


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.long
def test_it_runs_on_a_cluster_of_its_own(folder):
    words = [sys.executable, "-m", "curator_engine.compat"]
    imports = (
        "from nemo_curator.backends.experimental.ray_actor_pool import RayActorPoolExecutor as E"
    )
    path = script(folder, "E()")
    Path(path).write_text(f"{imports}\n{Path(path).read_text(encoding='utf-8')}", encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"}
    done = subprocess.run([*words, path, str(folder)], env=env, capture_output=True, text=True)
    assert [line for line in done.stdout.splitlines() if line in SAID] == SAID, done.stderr


def test_a_module_says_what_it_does_not_offer():
    code = textwrap.dedent("from nemo_curator.core.client import PromClient")
    with pytest.raises(ImportError, match="does not offer PromClient"):
        exec(code, {})
