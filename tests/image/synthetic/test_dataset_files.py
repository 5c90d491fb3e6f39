"""Files of data sets, in folders and on a hub: a server on the loopback address that answers as the hub does."""

import json
import pathlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from huggingface_hub import constants

from curator_engine.errors import InputError, ResourceError
from curator_image.synthetic.dataset_files import files_of, of_split

NAMES = ["data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"]


def test_names_say_the_split():
    assert of_split(NAMES, "train", where="x") == NAMES[:1]
    assert of_split(["a/val/0.parquet", "b/dev.parquet"], "val", where="x") == ["a/val/0.parquet"]
    assert of_split(["0.parquet", "1.parquet"], "train", where="x") == ["0.parquet", "1.parquet"]
    with pytest.raises(InputError, match="x has no split 'dev'; there are test, train"):
        of_split(NAMES, "dev", where="x")
    with pytest.raises(InputError, match="x has no split 'test'; its files name no split"):
        of_split(["0.parquet"], "test", where="x")


def test_a_folder_by_its_files(tmp_path):
    for name in ("train/a.jpg", "train/b.PNG", "test/c.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = files_of(str(tmp_path), split="train", config=None)
    assert [each.rpartition("/")[2] for each in found] == ["a.jpg", "b.PNG"]
    (tmp_path / "dataset_dict.json").write_text("{nothing")
    with pytest.raises(InputError, match="cannot be read as JSON"):
        list(files_of(str(tmp_path), split="train", config=None))


FILES = {
    ("org/tables", "main"): ["README.md", "en/train-0.parquet", "fr/train-0.parquet"],
    ("org/script", "main"): ["load.py"],
    ("org/script", "refs/convert/parquet"): ["default/train/0000.parquet"],
}
"""Two data sets: one with tables, and one that the hub has made tables of."""


class Hub(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.replace("%2F", "/").partition("?")[0]
        for (name, revision), files in FILES.items():
            if path == f"/api/datasets/{name}/tree/{revision}":
                about = {"type": "file", "size": 1, "oid": "0"}
                return self._send(json.dumps([{**about, "path": f} for f in files]).encode())
            if path in {f"/datasets/{name}/resolve/{revision}/{file}" for file in files}:
                return self._send(b"table of " + path.encode())
        return self._send(b"{}", status=404)

    def do_HEAD(self):
        self.do_GET()

    def _send(self, data, status=200):
        self.send_response(status)
        for header in ("ETag", "X-Repo-Commit"):
            self.send_header(header, "0" * 40)
        if status == 404:
            self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *args):
        pass


@pytest.fixture
def hub(monkeypatch, tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        url + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_part_of_a_data_set_on_the_hub_is_fetched(hub):
    (path,) = files_of("org/tables", split="train", config="fr")
    with pathlib.Path(path).open("rb") as file:
        assert file.read() == b"table of /datasets/org/tables/resolve/main/fr/train-0.parquet"
    with pytest.raises(InputError, match="has no part 'de'; its folders are en, fr"):
        list(files_of("org/tables", split="train", config="de"))


def test_of_a_data_set_in_another_form_the_hub_s_tables_are_taken(hub):
    (path,) = files_of("org/script", split="train", config=None)
    assert path.endswith("default/train/0000.parquet")


def test_a_folder_needs_no_hub(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    monkeypatch.setitem(sys.modules, "huggingface_hub.errors", None)
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert len(list(files_of(str(tmp_path), split="train", config=None))) == 1
    with pytest.raises(ResourceError, match="a data set on the hub needs the extra 'models'"):
        list(files_of("org/tables", split="train", config=None))


def test_what_is_not_on_the_hub_is_an_input_error(hub):
    with pytest.raises(InputError, match="'org/none' cannot be fetched"):
        list(files_of("org/none", split="train", config=None))
