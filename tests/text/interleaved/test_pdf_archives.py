"""PDF files out of zips, lines and folders, whose names come from others."""

import base64
import json
import zipfile

import pytest

from curator_text.interleaved import pdf_archives
from curator_text.interleaved.pdf_archives import (
    extract_pdf_from_jsonl,
    extract_pdf_from_zip,
    extract_pdfs_from_jsonl_batch,
    inside,
    resolve_cc_pdf_zip_path,
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("0001234.pdf", "z/0000-0999/0001.zip"),
        ("1234567.pdf", "z/1000-1999/1234.zip"),
        ("12345678.pdf", "z/12000-12999/12345.zip"),
    ],
)
def test_a_name_says_its_zip(name, path):
    assert resolve_cc_pdf_zip_path(name, "z") == (path, name)


@pytest.mark.parametrize("name", ["../1.pdf", "a.pdf", "1", "/etc/1.pdf", "-5.pdf", ""])
def test_a_name_that_is_no_number_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match="is not a number"):
        resolve_cc_pdf_zip_path(name, "z")
    assert extract_pdf_from_zip(name, str(tmp_path)) is None


def test_files_come_out_of_zips(tmp_path, monkeypatch):
    folder = tmp_path / "0000-0999"
    folder.mkdir()
    with zipfile.ZipFile(folder / "0001.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0001234.pdf", b"%PDF")
        archive.writestr("0001235.pdf", bytes(5000))
    (folder / "0002.zip").write_bytes(b"no zip")
    monkeypatch.setattr(pdf_archives, "MAX_PDF_BYTES", 4000)
    assert extract_pdf_from_zip("0001234.pdf", str(tmp_path)) == b"%PDF"
    for name in ("0001235.pdf", "0001236.pdf", "0002000.pdf", "0003000.pdf"):
        assert extract_pdf_from_zip(name, str(tmp_path)) is None


def test_files_come_out_of_lines(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [
        json.dumps({"content": base64.b64encode(b"%PDF one").decode()}).encode(),
        b"no JSON",
        json.dumps({"content": base64.b64encode(b"%PDF two").decode()}).encode(),
        b'{"content": 5}',
    ]
    path.write_bytes(b"\n".join(lines))
    start = len(lines[0]) + 1 + len(lines[1]) + 1
    assert extract_pdf_from_jsonl(str(path), line_idx=2) == b"%PDF two"
    assert extract_pdf_from_jsonl(str(path), line_idx=1, byte_offset=start) == b"%PDF two"
    for line in (1, 3, 4, 99, -1, None):
        assert extract_pdf_from_jsonl(str(path), line_idx=line) is None
    assert extract_pdf_from_jsonl(str(tmp_path / "none"), line_idx=0) is None
    found = extract_pdfs_from_jsonl_batch(str(path), [start, 0, 7, -1])
    assert found == {0: b"%PDF one", start: b"%PDF two", 7: None, -1: None}
    assert extract_pdfs_from_jsonl_batch(str(tmp_path / "none"), [0]) == {0: None}


@pytest.mark.parametrize(
    "name",
    ["../a.pdf", "a/../../b.pdf", "/a.pdf", "..\\a.pdf", "s3://a/b", "a\0.pdf", "link.pdf", ""],
)
def test_no_name_leads_out_of_a_folder(tmp_path, name):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "a.pdf").write_bytes(b"mine")
    (folder / "link.pdf").symlink_to(tmp_path / "a.pdf")
    with pytest.raises(ValueError, match="leads out of"):
        inside(str(folder), name)
    assert inside(str(folder), "sub/a.pdf") == f"{folder}/sub/a.pdf"
