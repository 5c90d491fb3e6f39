"""The stage that extracts: what it writes, what it rejects."""

import json
import pathlib

import pyarrow.parquet as pq
import pytest
from web_pages import LONG, html, record, write_warc

from curator_engine.task import FileGroupTask
from curator_text.extract.document_file import DOCUMENTS
from curator_text.extract.extract_pages import REMOVED, ExtractPages
from curator_text.extract.page_process import FAILED
from curator_text.extract.page_texts import Extracted

PAGE = html(LONG).encode()


@pytest.fixture
def stage(ours):
    made = ExtractPages(output=ours, extractor="resiliparse")
    made.setup()
    yield made
    made.teardown()


def run(stage, *paths):
    names = [path.name for path in paths]
    task = FileGroupTask(data=list(map(str, paths)), _metadata={"name": names[0], "names": names})
    return stage.process(task), stage.take_notes()[2]


def test_documents_and_pages_without_one_are_written(stage, ours, tmp_path):
    source = write_warc(
        tmp_path / "in/a.warc.gz",
        record(PAGE, number=1, url="http://a.example/1"),
        record(b"{}", number=2, type="application/json"),
        record(b"", number=3, status="404 Not Found"),
    )
    task, rejected = run(stage, source)
    with pathlib.Path(f"{ours}/data/a.warc.gz.jsonl").open(encoding="utf-8") as file:
        (row,) = map(json.loads, file)
    assert list(row) == [name for name in DOCUMENTS.names if name != "formulas"]
    assert (row["url"], row["record"], row["file"]) == ("http://a.example/1", 0, "a.warc.gz")
    removed = pq.read_table(f"{ours}/removed/a.warc.gz.parquet")
    assert removed.schema == REMOVED
    assert removed.column("reason").to_pylist() == ["not HTML", "status 404"]
    about = task._metadata
    assert (about["kept"], about["removed"], rejected) == (1, 2, [])
    assert about["reasons"] == {"not HTML": 1, "status 404": 1}


def test_a_file_that_breaks_off_gives_what_came_before(stage, ours, tmp_path):
    source = write_warc(tmp_path / "in/a.warc.gz", record(PAGE), record(PAGE))
    source.write_bytes(source.read_bytes()[:-40])
    task, (rejected,) = run(stage, source)
    assert task._metadata["kept"] == 1
    assert rejected.rest
    assert rejected.reason.startswith("breaks off: ")


def test_a_page_that_the_extractor_fails_on_is_rejected(stage, tmp_path, monkeypatch):
    source = write_warc(tmp_path / "in/a.warc.gz", record(PAGE), record(PAGE), record(PAGE))
    answers = iter(
        [Extracted(text="x", kind="html"), Extracted(reason="took too long", kind=FAILED)]
    )
    monkeypatch.setattr(
        stage._watched, "extract", lambda page: next(answers, Extracted(text="y", kind="html"))
    )
    task, (rejected,) = run(stage, source)
    assert task._metadata["kept"] == 2
    assert (rejected.reason, rejected.line, rejected.length) == ("took too long", 2, len(PAGE))
    assert PAGE.startswith(rejected.raw)


def test_files_of_one_page_share_a_file(stage, ours, tmp_path):
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_bytes(PAGE)
    task, _ = run(stage, tmp_path / "a.html", tmp_path / "b.html")
    assert task.data == [f"{ours}/data/a.html.jsonl"]
    with pathlib.Path(task.data[0]).open(encoding="utf-8") as file:
        assert [json.loads(line)["id"] for line in file] == ["a.html", "b.html"]


def test_files_of_a_killed_run_are_removed(stage, ours, tmp_path):
    for name in ("a.warc.gz", "sub/b.warc.gz"):
        source = write_warc(tmp_path / "in" / name, record(PAGE))
        stage.process(FileGroupTask(data=[str(source)], _metadata={"name": name}))
    stage.resume(frozenset({f"{ours}/data/a.warc.gz.jsonl"}))
    assert [path.name for path in (tmp_path).rglob("*.jsonl")] == ["a.warc.gz.jsonl"]
