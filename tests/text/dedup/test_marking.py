"""Copies of the input with the duplicates marked."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import deduplicate, sentence, write_jsonl

from curator_engine.errors import InputError
from curator_text.dedup.marking import mark_lines, marked

TEXT = sentence(1)


def mark(tmp_path, **settings):
    deduplicate(str(tmp_path / "in"), tmp_path / "out", mark=True, **settings)


def marks(path):
    return [json.loads(line)["duplicate_of"] for line in path.read_text().splitlines()]


def test_the_key_is_added_and_every_other_byte_stays():
    line = b'{"text": "a",  "n": 1.00 }\r\n'
    assert marked(line, "x") == b'{"text": "a",  "n": 1.00 , "duplicate_of": "x"}\r\n'


def test_a_document_that_is_no_duplicate_is_marked_null():
    assert json.loads(marked(b'{"text": "a"}', None)) == {"text": "a", "duplicate_of": None}


def test_an_old_mark_is_replaced():
    assert (
        marked(b'{"duplicate_of": "y", "n": 1e2}\n', None) == b'{"duplicate_of": null, "n": 1e2}\n'
    )


def test_an_id_with_quotes_is_quoted():
    assert json.loads(marked(b"{}".replace(b"}", b'"a":1}'), 'a"b\n'))["duplicate_of"] == 'a"b\n'


def test_all_documents_stay_and_duplicates_name_what_they_duplicate(tmp_path):
    rows = [{"id": i, "text": TEXT} for i in "ab"] + [{"id": "c", "text": None}]
    write_jsonl(tmp_path / "in/x.jsonl", rows)
    mark(tmp_path, id_field="id")
    assert marks(tmp_path / "out/data/x.jsonl") == [None, "a", None]


def test_lines_that_could_not_be_read_are_left_out_and_blank_ones_stay(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/x.jsonl").write_bytes(b'{"text":"a"}\n\n{half\n{"text":"b"}')
    mark(tmp_path)
    lines = (tmp_path / "out/data/x.jsonl").read_bytes().split(b"\n")
    assert lines == [
        b'{"text":"a", "duplicate_of": null}',
        b"",
        b'{"text":"b", "duplicate_of": null}',
    ]


def test_a_compressed_file_stays_compressed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/x.jsonl.gz").write_bytes(gzip.compress(b'{"text":"a"}\n{"text":"a"}\n'))
    mark(tmp_path)
    lines = gzip.decompress((tmp_path / "out/data/x.jsonl.gz").read_bytes()).splitlines()
    assert [json.loads(line)["duplicate_of"] for line in lines] == [None, "x.jsonl.gz:0"]


@pytest.mark.parametrize("old", [{}, {"duplicate_of": [7, 8, 9]}], ids=["new", "replaced"])
def test_a_parquet_file_gets_a_column(tmp_path, old):
    (tmp_path / "in").mkdir()
    table = pa.table({"text": [TEXT, "b", TEXT], **old})
    pq.write_table(table, tmp_path / "in/x.parquet", row_group_size=2)
    mark(tmp_path)
    copy = pq.read_table(tmp_path / "out/data/x.parquet")
    assert copy.column("duplicate_of").to_pylist() == [None, None, "x.parquet:0"]
    assert copy.column("text").equals(table.column("text"))


def test_a_limit_holds_for_the_copy(tmp_path):
    write_jsonl(tmp_path / "in/x.jsonl", [{"text": TEXT}] * 5)
    mark(tmp_path, limit=2)
    assert marks(tmp_path / "out/data/x.jsonl") == [None, "x.jsonl:0"]


def test_a_file_that_has_changed_is_an_error(tmp_path):
    path = write_jsonl(tmp_path / "x.jsonl", [{"text": "a"}])
    with pytest.raises(InputError, match="its lines are not where they were"):
        mark_lines(path, str(tmp_path / "out.jsonl"), {5: "a"}, set())
    assert not (tmp_path / "out.jsonl").exists()


def test_marking_after_removing_and_back_gives_what_each_gives(tmp_path):
    write_jsonl(tmp_path / "in/x.jsonl", [{"text": TEXT}] * 2)
    cache = str(tmp_path / "cache")
    data = tmp_path / "out/data/x.jsonl"
    sizes = []
    for how in (False, True, False):
        deduplicate(str(tmp_path / "in"), tmp_path / "out", mark=how, cache_path=cache)
        sizes.append(len(data.read_text().splitlines()))
    assert sizes == [1, 2, 1]
