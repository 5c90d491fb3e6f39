"""Documents out of tars, JSON lines, Parquet and PDF; hostile ones too."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from interleaved_toys import frames, mint, pdf_with_picture, picture
from web_pages import tar

from curator_engine.errors import UnreadableFileError
from curator_text.interleaved.pdf_document import pdf_document
from curator_text.interleaved.read_documents import documents_of

LISTS = {"texts": ["One.", None], "images": [None, "one"]}


def found_in(path):
    return documents_of(str(path), path.name, lambda data, id: pdf_document(data, id=id))


def read(path):
    return list(found_in(path))


def test_pictures_of_a_tar_are_found_by_name_by_frame_and_by_order(tmp_path):
    png, tiff = picture(), frames()
    two = {"texts": [None, None], "images": ["page-1", "page-2"]}
    path = mint(
        tmp_path / "a.tar",
        ("s/a", LISTS, {"one.png": png, "other.png": picture(seed=1)}),
        ("b", two, {"tiff": tiff}),
        ("c", LISTS, {"unlike.png": png}),
        ("d", LISTS, {}),
    )
    a, b, c, d = [found.document for found in read(path)]
    assert (a.id, a.parts[1].data, a.parts[1].content_type) == ("s/a", png, "image/png")
    assert [(part.frame, part.data == tiff) for part in b.parts] == [(0, True), (1, True)]
    assert c.parts[1].data == png
    assert d.parts[1].data is None


def test_a_sample_that_is_no_document_costs_itself_only(tmp_path):
    path = mint(tmp_path / "a.tar", ("a", {"texts": 1}, {}), ("b", LISTS, {}))
    bad, good = read(path)
    assert (bad.reason, bad.record) == ("it has no lists texts and images", 0)
    assert good.document.id == "b"


def test_what_is_wrong_with_a_sample_is_said_by_its_name(tmp_path):
    path = tmp_path / "a.tar"
    path.write_bytes(tar({"a.json": b'{"texts": [', "b.png": picture()}, "w"))
    bad, lone = read(path)
    assert bad.reason.startswith("a.json is no JSON (")
    assert lone.reason == "sample b has no .json"


def test_a_tar_that_is_cut_gives_what_came_before(tmp_path):
    path = mint(tmp_path / "a.tar", ("a", LISTS, {}), ("b", LISTS, {"png": picture()}))
    path.write_bytes(path.read_bytes()[:2600])
    found = found_in(path)
    assert next(found).document.id == "a"
    assert next(found).reason == "the tar breaks off in it"
    with pytest.raises(UnreadableFileError):
        next(found)


def test_names_that_lead_out_of_the_tar_are_told(tmp_path):
    path = mint(tmp_path / "a.tar", ("../../a", LISTS, {}), ("b", LISTS, {}))
    assert "leads out" in read(path)[0].reason


def test_lines_and_tables_of_lists_are_read(tmp_path):
    lines = tmp_path / "a.jsonl"
    lines.write_text(f"{json.dumps(LISTS)}\n[]\n", encoding="utf-8")
    good, bad = read(lines)
    assert good.document.id == "a.jsonl:0"
    assert bad.reason == "it is no JSON object"
    pq.write_table(pa.Table.from_pylist([{"id": "x", **LISTS}]), tmp_path / "a.parquet")
    (found,) = read(tmp_path / "a.parquet")
    assert (found.document.id, found.document.parts[1].name) == ("x", "one")


def test_a_pdf_is_one_document_and_a_broken_one_says_why(tmp_path):
    (tmp_path / "a.pdf").write_bytes(pdf_with_picture(picture(kind="JPEG"), 200, 160))
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 broken")
    assert read(tmp_path / "a.pdf")[0].document.count("image") == 1
    assert "no PDF" in read(tmp_path / "b.pdf")[0].reason


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.parquet", b"PAR1 and no more", "no table that can be read"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "neither JSON lines nor a file ending in"),
    ],
)
def test_a_file_of_another_kind_says_so_once(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UnreadableFileError, match=said):
        read(tmp_path / name)


def test_lines_need_no_ending_of_theirs(tmp_path):
    (tmp_path / "a.txt").write_text(f"\n {json.dumps(LISTS)}\n", encoding="utf-8")
    assert [found.document.id for found in read(tmp_path / "a.txt")] == ["a.txt:1"]
