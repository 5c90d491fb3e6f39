"""The page of a run of deduplication, and NeMo Curator's keywords."""

import json

import pytest
from text_toys import corpus, write_corpus

from curator_engine.errors import StageError
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow


@pytest.fixture
def workflow(tmp_path):
    source = write_corpus(tmp_path / "in", corpus())
    return ExactDeduplicationWorkflow(input_path=source, output_path=str(tmp_path / "out"))


def test_a_page_that_cannot_be_written_is_a_note_and_no_failure(workflow, tmp_path):
    (tmp_path / "page").mkdir()
    workflow.run()
    (tmp_path / "out/report.html").unlink()
    (tmp_path / "out/report.html").mkdir()
    [note] = workflow.run().metadata["notes"]
    assert note.startswith(f"{tmp_path}/out/report.html was not written: ")


def test_a_keyword_that_is_set_later_counts(workflow, tmp_path):
    workflow.max_removed_ratio = 0.0
    with pytest.raises(StageError, match=r"more than max_removed_ratio=0\.0 allows"):
        workflow.run()
    assert json.loads((tmp_path / "out/run.json").read_text())["status"] == "failed"


def test_the_steps_of_the_last_run_are_there(workflow):
    assert workflow.steps is None
    workflow.run()
    assert list(getattr(workflow.steps, "reports", [])) == ["hash", "find"]
