"""Finding input files, here and on an object store."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from curator_engine.errors import InputError
from curator_engine.files import storage
from curator_engine.files.listing import find_files, list_files


@pytest.fixture(params=["local", "s3"])
def folder(request, tmp_path):
    """A fresh folder, here and on S3."""
    if request.param == "local":
        return str(tmp_path)
    root = request.getfixturevalue("bucket")
    return f"{root}/{tmp_path.name}-{abs(hash(str(tmp_path)))}"


def names(inputs, **options):
    return [file.name for file in list_files(inputs, extensions=[".jsonl"], **options)]


def test_a_folder_is_searched_all_the_way_down(folder):
    for name in ("b.jsonl", "a/c.jsonl", "a/d.txt"):
        storage.write_atomic(f"{folder}/in/{name}", b"1")
    assert names([f"{folder}/in"]) == ["a/c.jsonl", "b.jsonl"]


def test_a_glob_finds_matching_files(folder):
    for name in ("1.jsonl", "2.jsonl", "3.txt"):
        storage.write_atomic(f"{folder}/in/{name}", b"1")
    assert names([f"{folder}/in/*.jsonl"]) == ["1.jsonl", "2.jsonl"]


def test_arguments_keep_their_order(folder):
    for name in ("1.jsonl", "2.jsonl"):
        storage.write_atomic(f"{folder}/in/{name}", b"1")
    assert names([f"{folder}/in/2.jsonl", f"{folder}/in"]) == ["2.jsonl", "1.jsonl"]


def test_a_stamp_changes_with_the_content(folder):
    storage.write_atomic(f"{folder}/a.jsonl", b"1")
    before = list_files([f"{folder}/a.jsonl"], extensions=[".jsonl"])[0].stamp
    storage.write_atomic(f"{folder}/a.jsonl", b"22")
    assert list_files([f"{folder}/a.jsonl"], extensions=[".jsonl"])[0].stamp != before


def test_a_missing_path_is_named(folder):
    with pytest.raises(InputError, match=r"missing.jsonl does not exist; check the path"):
        names([f"{folder}/missing.jsonl"])


def test_a_folder_without_matching_files_says_what_was_looked_for(folder):
    storage.write_atomic(f"{folder}/in/a.txt", b"1")
    with pytest.raises(InputError, match=r"no files ending in \.jsonl in"):
        names([f"{folder}/in"])


def test_an_unmatched_glob_may_be_allowed(folder):
    storage.write_atomic(f"{folder}/in/a.txt", b"1")
    assert names([f"{folder}/in/*.jsonl"], allow_empty=True) == []


def test_files_of_the_same_name_stay_apart(tmp):
    for name in ("a/x.jsonl", "b/x.jsonl"):
        storage.write_atomic(f"{tmp}/{name}", b"1")
    assert names([f"{tmp}/a/x.jsonl", f"{tmp}/b/x.jsonl"]) == ["x.jsonl", "2/x.jsonl"]


def test_hidden_files_and_folders_are_left_out(tmp):
    for name in (".a.jsonl", ".git/b.jsonl", "c.jsonl"):
        storage.write_atomic(f"{tmp}/{name}", b"1")
    assert names([tmp]) == ["c.jsonl"]


class _OneFile(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "14")
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(b'{"text": "a"}\n')

    def log_message(self, *_):
        """Nothing."""


def test_a_file_behind_a_signed_address_is_called_without_its_signature():
    with ThreadingHTTPServer(("127.0.0.1", 0), _OneFile) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/in/x.jsonl?sig=SECRET"
        (file,) = find_files([address], extensions=[".jsonl"]).files
        server.shutdown()
    assert (file.name, file.path) == ("x.jsonl", address)


def test_endings_of_no_rows_are_not_taken_for_formats_that_exclude_each_other(tmp_path):
    for name in ("a.html", "b.pdf", "c.tar.gz", "d.xml", "e.jsonl"):
        (tmp_path / name).write_text("<x>", encoding="utf-8")
    endings = [".html", ".pdf", ".tar.gz", ".xml"]
    found = find_files(
        [str(tmp_path)], formats=["jsonl", "parquet", "csv", "text", "arrow"], extensions=endings
    )
    assert [file.name for file in found.files] == ["a.html", "b.pdf", "c.tar.gz", "d.xml"]


def test_tables_beside_recordings_are_passed_over(tmp_path):
    for name in ("a/x.wav", "a/facts.parquet", "b/rows.parquet"):
        storage.write_atomic(f"{tmp_path}/{name}", b"1")
    formats = ("audio", "video", "parquet", "arrow")
    listing = find_files([f"{tmp_path}/a", f"{tmp_path}/b"], formats=formats)
    assert [file.name for file in listing.files] == ["x.wav", "rows.parquet"]
    assert listing.passed_over == {".parquet": 1}


def test_captions_beside_pictures_are_not_passed_over(tmp_path):
    for name in ("a.jpg", "a.txt", "a.json", "b.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    listing = find_files([str(tmp_path)], formats=["image"])
    assert listing.passed_over == {".txt": 1}
