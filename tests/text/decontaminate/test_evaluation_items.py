"""Evaluation sets as they come: which rows, which fields, which texts."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError
from curator_text.decontaminate.evaluation_items import evaluation_files, read_items

ROWS = [{"q": "first text", "n": 3, "choices": ["a", "b"]}, {"q": "second text", "choices": []}]


def read(path, fields=()):
    seen = []
    items = list(read_items(evaluation_files([str(path)]), fields, seen))
    return [(item.row, item.field, item.text) for item in items], seen


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS).encode()),
        ("x.json", json.dumps(ROWS, indent=1).encode()),
        ("one-line.json", json.dumps(ROWS).encode()),
        ("x.jsonl.gz", gzip.compress("\n".join(map(json.dumps, ROWS)).encode())),
        ("array.json.gz", gzip.compress(json.dumps(ROWS, indent=1).encode())),
    ],
)
def test_json_is_read_as_lines_and_as_an_array(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    found, [about] = read(tmp_path / name)
    assert found == [(0, "q", "first text"), (0, "choices", "a\nb"), (1, "q", "second text")]
    assert (about.rows, about.unreadable) == (2, 0)


def test_parquet_is_read_with_nested_texts(tmp_path):
    rows = [{"q": "first", "all": {"text": ["a", "b"], "label": [1, 2]}}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "x.parquet")
    assert sorted(read(tmp_path / "x.parquet")[0]) == [(0, "all", "a\nb"), (0, "q", "first")]


def test_tables_and_plain_lines_are_read(tmp_path):
    (tmp_path / "a.csv").write_text('q,a\n"one, two\nthree",4\n', encoding="utf-8")
    (tmp_path / "b.tsv").write_text("q\ta\nfive\tsix\n", encoding="utf-8")
    (tmp_path / "c.txt").write_text("seven\n\neight\n", encoding="utf-8")
    found, seen = read(tmp_path)
    assert found == [
        *((0, "q", "one, two\nthree"), (0, "a", "4"), (0, "q", "five"), (0, "a", "six")),
        *((0, "line", "seven"), (2, "line", "eight")),
    ]
    assert [about.name for about in seen] == ["a.csv", "b.tsv", "c.txt"]


def test_only_the_fields_that_are_named_count(tmp_path):
    (tmp_path / "x.jsonl").write_text(json.dumps(ROWS[0]), encoding="utf-8")
    assert read(tmp_path / "x.jsonl", ["choices"])[0] == [(0, "choices", "a\nb")]
    with pytest.raises(InputError, match=r"field 'question' is in none .* choices, n, q"):
        read(tmp_path / "x.jsonl", ["question"])


def test_rows_that_cannot_be_read_are_counted(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"q": "a"}\n{half\n[1]\n', encoding="utf-8")
    found, [about] = read(tmp_path / "x.jsonl")
    assert (len(found), about.rows, about.unreadable) == (1, 3, 2)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.jsonl", b"{half\n", "no row of the evaluation file"),
        ("x.parquet", b"PAR1 no table", "not readable as Parquet"),
        ("x.jsonl.gz", b"no gzip", "an evaluation file cannot be read"),
        ("x.json", b'[\n{"q": 1},\n{"q": }]', "is no JSON"),
    ],
)
def test_a_file_that_is_none_is_one_line(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        read(tmp_path / name)
