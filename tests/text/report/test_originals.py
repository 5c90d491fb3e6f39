"""Texts read again from the input, or why not."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import deduplicate, sentence, table, write_jsonl

from curator_engine.errors import InputError
from curator_text.removal.run_folder import open_run
from curator_text.report.originals import Originals, Place, place_of

TEXT = sentence(1)
ROWS = [{"text": sentence(2)}, {"text": TEXT}, {"text": sentence(3)}, {"text": TEXT}]


def originals(out, max_bytes=1 << 20, max_scan_bytes=1 << 30):
    return Originals(run=open_run(str(out)), max_bytes=max_bytes, max_scan_bytes=max_scan_bytes)


def text_of_the_duplicate(out, **limits):
    return originals(out, **limits).text(place_of(table(out, "removed")[0]))


@pytest.fixture(params=["jsonl", "gz", "parquet"])
def out(request, tmp_path):
    path = write_jsonl(tmp_path / "in/x.jsonl", ROWS)
    if request.param == "gz":
        (tmp_path / "in/x.jsonl.gz").write_bytes(gzip.compress(Path(path).read_bytes()))
        Path(path).unlink()
    if request.param == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "in/x.parquet", row_group_size=3)
        Path(path).unlink()
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    return tmp_path / "out"


def test_a_document_is_read_by_its_place(out):
    assert text_of_the_duplicate(out) == TEXT


def test_a_document_is_read_by_its_row_alone(out):
    kept = table(out, "clusters")[0]
    assert originals(out).text(Place(file=kept["file"], row=kept["row"])) == TEXT


def test_a_changed_input_is_said(out):
    path = next((out.parent / "in").iterdir())
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(InputError, match="has changed since the run"):
        text_of_the_duplicate(out)


def test_an_input_that_is_gone_is_said(out):
    next((out.parent / "in").iterdir()).unlink()
    with pytest.raises(InputError, match="is gone"):
        text_of_the_duplicate(out)


def test_a_row_that_is_not_there_is_said(out):
    file = table(out, "removed")[0]["file"]
    with pytest.raises(InputError, match="has fewer"):
        originals(out).text(Place(file=file, row=99))


def test_a_long_document_is_not_read(out):
    with pytest.raises(InputError, match="too many to show"):
        text_of_the_duplicate(out, max_bytes=100)


def test_a_row_group_that_is_too_large_is_not_read(tmp_path):
    (tmp_path / "in").mkdir()
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "in/x.parquet")
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    with pytest.raises(InputError, match=r"row group in .* is too large"):
        text_of_the_duplicate(tmp_path / "out", max_scan_bytes=10)


def test_a_file_that_the_run_did_not_read_is_said(tmp_path):
    deduplicate(write_jsonl(tmp_path / "x.jsonl", ROWS), tmp_path / "out")
    with pytest.raises(InputError, match=r"where y\.jsonl was read from is not known"):
        originals(tmp_path / "out").text(Place(file="y.jsonl", row=0))


def test_a_bucket_is_read_like_a_folder(bucket, tmp_path):
    import s3fs

    fs = s3fs.S3FileSystem(skip_instance_cache=True)
    fs.put(write_jsonl(tmp_path / "x.jsonl", ROWS), "bucket/originals/x.jsonl")
    deduplicate("s3://bucket/originals", tmp_path / "out")
    assert text_of_the_duplicate(tmp_path / "out") == TEXT


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_another_document_at_the_place_is_not_taken_for_it(tmp_path, form):
    rows = [{"id": "a", "text": TEXT}, {"id": "b", "text": TEXT}]
    if form == "jsonl":
        write_jsonl(tmp_path / "in/x.jsonl", rows)
    else:
        (tmp_path / "in").mkdir()
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in/x.parquet")
    deduplicate(str(tmp_path / "in"), tmp_path / "out", id_field="id")
    place = Place(file=f"x.{form}", row=0, id="of an index")
    with pytest.raises(InputError, match="has another document at row 0, not of an index"):
        originals(tmp_path / "out").text(place)


def test_the_text_of_an_index_is_not_looked_for_in_the_input(tmp_path):
    deduplicate(write_jsonl(tmp_path / "x.jsonl", ROWS), tmp_path / "out")
    path = tmp_path / "out/run.json"
    record = json.loads(path.read_text())
    record["settings"]["against"] = "old-index"
    path.write_text(json.dumps(record), encoding="utf-8")
    place = place_of({**table(tmp_path / "out", "clusters")[0], "file": "index:0001-ab/x.jsonl"})
    with pytest.raises(InputError, match="is of the index old-index, which has no texts"):
        originals(tmp_path / "out").text(place)


def test_an_id_of_any_type_is_known_again(tmp_path):
    ids = [7, "seven", None, 1.5, 8]
    rows = [{"id": each, "text": TEXT} for each in ids]
    deduplicate(write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out", id_field="id")
    texts = [
        originals(tmp_path / "out").text(place_of(r)) for r in table(tmp_path / "out", "removed")
    ]
    assert texts == [TEXT] * 4
