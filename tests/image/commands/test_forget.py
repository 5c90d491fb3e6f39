"""Pictures are taken out of an index."""

import json

import pyarrow.parquet as pq
import pytest
from image.pipelines.test_curate import curate
from image.runs import image
from image.scenes import encoded, scene

from curator_image.duplicates.fingerprint import FINGERPRINT_FILE
from curator_image.images.print_index import index_files


@pytest.fixture
def index(tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / f"in/{number}.png").write_bytes(encoded(scene(number, (120, 90))))
    curate([tmp_path / "in"], tmp_path / "out", save_index=str(tmp_path / "seen"))
    return tmp_path / "seen"


def count(index):
    return sum(FINGERPRINT_FILE.read(file).num_rows for file in index_files(str(index)))


def test_pictures_go_by_their_file_id_or_a_list_of_ids(index, tmp_path, capsys):
    first, second, _ = pq.read_table(tmp_path / "out/images.parquet").to_pylist()
    (tmp_path / "ids.txt").write_text(f"{first['uuid']}\n\nunknown\n")
    words = (tmp_path / "ids.txt", second["uuid"], tmp_path / "in/2.png", index)
    assert image("forget", *words, "--dry-run") == 0
    assert "3 pictures would be forgotten" in capsys.readouterr().out
    assert count(index) == 3
    assert image("forget", *words[1:]) == 0
    assert count(index) == 1
    assert json.loads((index / "index.json").read_text())["images"] == 1
    # What is forgotten may come again, also as a copy.
    again = curate([tmp_path / "in"], tmp_path / "new", against=[str(index)])
    assert (again["kept"], again["dropped_by"]) == (2, {"leak": 1})
    assert image("forget", *words) == 0
    said = capsys.readouterr().out
    assert "1 picture forgotten" in said
    assert "3 were not found" in said


def test_what_is_no_index_or_no_picture_is_refused(index, tmp_path, capsys):
    (tmp_path / "x.bin").write_bytes(b"\xff\xfe\x00")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for words, why in (
        ((index,), "no picture; for example"),
        (("a", tmp_path / "out"), "is a run and no index"),
        (("a", tmp_path / "in"), "holds no index.json"),
        ((tmp_path / "x.bin", index), "neither a picture nor a text"),
    ):
        assert image("forget", *words) == 2
        assert why in capsys.readouterr().err
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path: data for path, data in after.items() if path in before} == before
