"""URLs are listed and fetched; what cannot be had is said."""

from importlib import import_module
from typing import Any

import pytest
from download_toys import Copies, Numbers

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import EmptyTask, FileGroupTask

stages: Any = import_module("curator_text.download.fetch")


def test_a_url_is_a_task(tmp_path):
    tasks = stages.URLGenerationStage(Numbers(), 2).process(EmptyTask())
    assert [task.data for task in tasks] == [["toy://0.txt"], ["toy://1.txt"]]
    assert tasks[1]._metadata["source_url"] == "toy://1.txt"


def test_a_file_takes_its_name_when_it_is_whole_and_is_not_fetched_twice(tmp_path):
    loader = Copies(str(tmp_path / "new"))
    (tmp_path / "new" / "0.txt.tmp").write_text("begun ", encoding="utf-8")
    paths = [loader.download("toy://0.txt") for _ in range(2)]
    assert paths == [str(tmp_path / "new" / "0.txt")] * 2
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["0.txt"]
    assert (tmp_path / "new" / "0.txt").read_text("utf-8") == "begun toy://0.txt"
    assert loader.download("toy://1.txt") is None


def test_a_url_that_cannot_be_had_goes_to_quarantine_with_its_reason(tmp_path):
    stage = stages.DocumentDownloadStage(Copies(str(tmp_path)))
    pipeline = Pipeline("p", stages=[stages.URLGenerationStage(Numbers()), stage])
    made = pipeline.run(LocalExecutor({"on_error": "quarantine"}), run_dir=str(tmp_path / "run"))
    assert [task.data[0][-5:] for task in made] == ["0.txt", "2.txt"]
    noted = "".join(p.read_text("utf-8") for p in (tmp_path / "run").rglob("*.jsonl"))
    assert "cannot be fetched: it is gone" in noted
    assert stage.xenna_stage_spec() == {"num_workers_per_node": 2}


def test_a_task_without_any_file_is_gone(tmp_path):
    stage = stages.DocumentDownloadStage(Copies(str(tmp_path)))
    assert stage.process(FileGroupTask(data=["toy://1.txt"])) is None


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"leads out of"):
        Copies(str(tmp_path / "in")).download("toy://../x.txt")
