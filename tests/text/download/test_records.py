"""Records of files become documents."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from download_toys import Copies, Numbers

from curator_engine.errors import PipelineError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import FileGroupTask
from curator_text.download import records
from curator_text.download.records import DocumentExtractor, DocumentIterator, filename_column

stages: Any = import_module("curator_text.download.records")


class Lines(DocumentIterator):
    """A record per line; one that says so breaks the file off."""

    def iterate(self, file_path):
        with Path(file_path).open(encoding="utf-8") as file:
            for line in file:
                if line.startswith("broken"):
                    raise ValueError("a broken record")
                yield {"raw": line.strip()}

    def output_columns(self):
        return ["raw"]


class Upper(DocumentExtractor):
    """Capitals; a blank record has no document."""

    def extract(self, record):
        return {"text": record["raw"].upper()} if record["raw"] else None

    def input_columns(self):
        return ["raw"]

    def output_columns(self):
        return ["text"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one\n\ntwo\nthree\n", encoding="utf-8")
    return path


def rows(file, *args, **options):
    stage = stages.DocumentIterateExtractStage(Lines(), *args, **options)
    return stage.process(FileGroupTask(data=[str(file)])).data.to_pylist()


def test_documents_have_the_name_of_their_file(file):
    assert rows(file, Upper()) == [
        {"text": text, "file_name": "a.txt"} for text in ("ONE", "TWO", "THREE")
    ]
    assert rows(file, record_limit=1, add_filename_column="src") == [{"raw": "one", "src": "a.txt"}]
    assert rows(file, Upper(), 2, False) == [{"text": "ONE"}, {"text": "TWO"}]
    assert [filename_column(each) for each in (True, False, "x")] == ["file_name", None, "x"]


def test_large_files_give_several_batches(file, monkeypatch):
    monkeypatch.setattr(records, "BATCH_BYTES", 6)
    stage = stages.DocumentIterateExtractStage(Lines(), None, None, False)
    batches = list(stage.process(FileGroupTask(data=[str(file)])))
    assert [batch.data.column("raw").to_pylist() for batch in batches] == [
        ["one", "", "two"],
        ["three"],
    ]


def test_where_a_file_breaks_off_what_came_before_stays(file, tmp_path):
    file.write_text("one\n\nbroken\ntwo\n", encoding="utf-8")
    stage = stages.DocumentIterateExtractStage(Lines(), Upper())
    pipeline = Pipeline("p", stages=[stage])
    (made,) = pipeline.run(
        LocalExecutor({"on_error": "quarantine"}),
        initial_tasks=[FileGroupTask(data=[str(file)])],
        run_dir=str(tmp_path / "run"),
    )
    assert made.data.column("text").to_pylist() == ["ONE"]
    assert pipeline.last_run.stages[0].dropped == {"nothing extracted": 1}
    noted = "".join(p.read_text("utf-8") for p in (tmp_path / "run").rglob("*.jsonl"))
    assert "ValueError: a broken record" in noted


def test_a_file_without_records_gives_nothing(file):
    class Nothing(Lines):
        def iterate(self, file_path):
            return None

    stage = stages.DocumentIterateExtractStage(Nothing())
    assert stage.process(FileGroupTask(data=[str(file)])) is None


def test_values_of_several_kinds_are_named(file):
    class Mixed(Lines):
        def iterate(self, file_path):
            return iter([{"n": 1}, {"n": "one"}])

    with pytest.raises(PipelineError, match="column 'n' holds values of several kinds"):
        stages.DocumentIterateExtractStage(Mixed()).process(FileGroupTask(data=[str(file)]))


def test_all_steps_are_one_stage(tmp_path):
    stage = stages.DocumentDownloadExtractStage(
        Numbers(), Copies(str(tmp_path)), Lines(), Upper(), 1
    )
    (made,) = Pipeline("p", stages=[stage]).run(LocalExecutor())
    assert made.data.to_pylist() == [{"text": "TOY://0.TXT", "file_name": "0.txt"}]
