"""The input as tasks."""

from web_pages import record, write_warc

from curator_engine.files.listing import FileInfo
from curator_engine.task import EmptyTask
from curator_text.extract import page_files
from curator_text.extract.page_files import PageFiles, grouped
from curator_text.extract.page_sources import ENDINGS


def files(*names, size=10):
    return [FileInfo(path=name, size=size, stamp="", name=name) for name in names]


def sizes(*names):
    return [[each.name for each in group] for group in grouped(files(*names))]


def test_pages_are_read_together_and_archives_alone(monkeypatch):
    monkeypatch.setattr(page_files, "_GROUP_FILES", 2)
    found = sizes("a.html", "b.pdf", "c.htm", "d.warc.gz", "e.html", "f.tar")
    assert found == [["a.html", "b.pdf"], ["c.htm"], ["d.warc.gz"], ["e.html"], ["f.tar"]]


def test_a_group_is_bounded_in_bytes(monkeypatch):
    monkeypatch.setattr(page_files, "_GROUP_BYTES", 25)
    assert sizes("a.html", "b.html", "c.html") == [["a.html", "b.html"], ["c.html"]]


def test_a_limit_counts_pages(tmp_path):
    for name in "abc":
        write_warc(tmp_path / f"{name}.warc.gz", *(record(b"x", number=n) for n in range(3)))
    (tmp_path / "b.warc.gz").write_bytes(b"broken")
    source = PageFiles(file_paths=str(tmp_path), file_extensions=list(ENDINGS), limit=4)
    tasks = source.process(EmptyTask())
    assert [task.reader_config["max_pages"] for task in tasks] == [3, 0, 1]


def test_a_shard_has_its_files(tmp_path):
    for name in "abc":
        write_warc(tmp_path / f"{name}.warc.gz", record(b"x"))
    source = PageFiles(file_paths=str(tmp_path), file_extensions=list(ENDINGS), shard="1/3")
    assert [task._metadata["name"] for task in source.process(EmptyTask())] == ["b.warc.gz"]
