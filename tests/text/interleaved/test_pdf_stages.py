"""From lists of PDF files to pictures of their pages."""

import base64
import json

import pytest
from interleaved_toys import pdf_with_picture, picture

from curator_engine.errors import SettingsError
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.interleaved.pdf_stages import PDFPartitioningStage, PDFPreprocessStage

PDF = pdf_with_picture(picture(kind="JPEG"), 200, 160)


def listed(tmp_path, *rows, **options):
    path = tmp_path / "list.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    stage = PDFPartitioningStage(manifest_path=str(path), **options)
    return stage.process(EmptyTask()), stage.take_notes()[2]


def test_a_list_becomes_tasks(tmp_path):
    rows = [
        {"file_name": "a.pdf", "url": "http://a", "byte_offset": 7},
        {"cc_pdf_file_names": ["1.pdf", "2.pdf", "1.pdf"], "url": "http://b"},
        {},
        {"url": "http://c"},
        [1],
    ]
    tasks, rejected = listed(tmp_path, *rows, pdfs_per_task=2)
    entries = [[json.loads(each) for each in task.data] for task in tasks]
    assert entries == [
        [
            {"byte_offset": 7, "file_name": "a.pdf", "url": "http://a"},
            {"file_name": "1.pdf", "url": "http://b"},
        ],
        [{"file_name": "2.pdf", "url": "http://b"}],
    ]
    assert [each.line for each in rejected] == [3, 4, 5]
    assert tasks[1]._metadata["partition_index"] == 1
    assert len(listed(tmp_path, *rows, max_pdfs=2)[0][0].data) == 2


def pages_of(stage, *entries):
    task = FileGroupTask(data=[json.dumps(each) for each in entries], dataset_name="d")
    rows = [row for batch in stage.process(task) for row in batch.data.to_pylist()]
    reasons = {each.file: each.reason for each in stage.take_notes()[2]}
    return rows, reasons


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pdfs")
    (folder / "a.pdf").write_bytes(PDF)
    (folder / "broken.pdf").write_bytes(b"broken")
    line = json.dumps({"content": base64.b64encode(PDF).decode()})
    (folder / "a.jsonl").write_text(f"{line}\n{line}\n", encoding="utf-8")
    return folder


def test_pages_come_with_their_pictures_and_what_cannot_be_read_with_its_reason(folder):
    stage = PDFPreprocessStage(pdf_dir=str(folder), dpi=36)
    names = ("a.pdf", "broken.pdf", "none.pdf", "../a.pdf")
    rows, reasons = pages_of(stage, *({"file_name": name, "url": "u"} for name in names))
    (row,) = rows
    assert row["binary_content"].startswith(b"\x89PNG")
    assert (row["sample_id"], row["position"], row["modality"]) == ("a", 0, "page_image")
    assert (row["url"], row["pdf_name"]) == ("u", "a.pdf")
    assert reasons == {
        "broken.pdf": "no page of it can be rendered",
        "none.pdf": "it is not there, or cannot be read",
        "../a.pdf": "it is not there, or cannot be read",
    }
    lines = PDFPreprocessStage(jsonl_base_dir=str(folder), dpi=36)
    lines._reader = stage._reader
    places = [{"byte_offset": 0}, {"line_idx": 1}, {}, {"jsonl_file": "../a.jsonl"}]
    entries = [
        {"file_name": f"{n}.pdf", "jsonl_file": "a.jsonl"} | place for n, place in enumerate(places)
    ]
    rows, reasons = pages_of(lines, *entries)
    assert [row["pdf_name"] for row in rows] == ["0.pdf", "1.pdf"]
    assert set(reasons) == {"2.pdf", "3.pdf"}
    zips = PDFPreprocessStage(zip_base_dir=str(folder))
    zips._reader = stage._reader
    assert set(pages_of(zips, {"file_name": "0000001.pdf"})[1]) == {"0000001.pdf"}
    stage.teardown()


def test_options_that_do_not_fit_are_refused():
    with pytest.raises(SettingsError, match="no place of PDF files"):
        PDFPreprocessStage()
    with pytest.raises(SettingsError, match="dpi=0 is not above 0"):
        PDFPreprocessStage(pdf_dir="a", dpi=0)
    with pytest.raises(SettingsError, match="pdfs_per_task=0 is below 1"):
        PDFPartitioningStage(manifest_path="a", pdfs_per_task=0)
