"""What is read of a folder that has rows in several formats, and what it is called then."""

import json

import pytest

from curator_engine.files.formats import ROWS
from curator_engine.files.listing import find_files
from curator_engine.files.storage import write_atomic

JSON, CSV = b'{"text": "a"}\n', b"text\na\n"


def listed(*inputs, formats=ROWS, **options):
    return find_files(list(inputs), formats=formats, **options)


def names(*inputs, **options):
    return [file.name for file in listed(*inputs, **options).files]


def write(folder, **files):
    for name, data in files.items():
        write_atomic(f"{folder}/{name.replace('_', '.')}", data)


def test_rows_of_json_come_before_tables_and_notes_which_are_said(tmp):
    write(tmp, a_jsonl=JSON, b_csv=CSV, c_md=b"notes", d_txt=b"more")
    listing = listed(tmp)
    assert [file.name for file in listing.files] == ["a.jsonl"]
    assert listing.passed_over == {".csv": 1, ".md": 1, ".txt": 1}


def test_tables_come_before_notes(tmp):
    write(tmp, b_csv=CSV, c_tsv=CSV, d_txt=b"notes")
    assert names(tmp) == ["b.csv.jsonl", "c.tsv.jsonl"]


def test_texts_are_read_where_there_is_nothing_else(tmp):
    write(tmp, b_txt=b"one", c_md=b"two", d_png=b"\x89PNG", e_py=b"x = 1")
    listing = listed(tmp)
    assert [file.name for file in listing.files] == ["b.txt.jsonl", "c.md.jsonl"]
    assert listing.passed_over == {".png": 1, ".py": 1}


def test_each_argument_is_looked_at_for_itself(tmp):
    write(f"{tmp}/x", a_jsonl=JSON)
    write(f"{tmp}/y", b_csv=CSV)
    assert names(f"{tmp}/x", f"{tmp}/y") == ["a.jsonl", "b.csv.jsonl"]


def test_a_file_that_is_named_is_read_whatever_lies_beside_it(tmp):
    write(tmp, a_jsonl=JSON, b_csv=CSV, d_txt=b"notes", e_py=b"x = 1")
    given = [f"{tmp}/{name}" for name in ("b.csv", "d.txt", "e.py")]
    assert names(*given) == ["b.csv.jsonl", "d.txt.jsonl", "e.py.jsonl"]


def test_the_format_that_is_asked_for_is_read(tmp):
    write(tmp, a_jsonl=JSON, b_csv=CSV, e_py=b"x = 1", d_txt=b"notes")
    assert names(tmp, formats=["csv"], forced=True) == ["b.csv.jsonl"]
    assert names(tmp, formats=["text"], forced=True) == ["d.txt.jsonl", "e.py.jsonl"]


def test_json_in_a_text_is_no_text_unless_it_is_named(tmp):
    write(tmp, a_txt=JSON, b_txt=b"one")
    listing = listed(tmp)
    assert [file.name for file in listing.files] == ["b.txt.jsonl"]
    assert listing.note == "passed over: 1 .txt; --format jsonl takes more"
    assert names(f"{tmp}/a.txt") == ["a.txt"]


@pytest.mark.parametrize(
    ("name", "converted"), [("a.csv.gz", "a.csv.jsonl.gz"), ("b.txt.zst", "b.txt.jsonl.zst")]
)
def test_what_becomes_of_a_file_is_packed_as_it_is(tmp, name, converted):
    write_atomic(f"{tmp}/{name}", b"")
    assert names(f"{tmp}/{name}") == [converted]


def test_of_a_folder_of_datasets_the_files_of_its_state_are_read(tmp):
    write(f"{tmp}/train", a_arrow=b"", cache_arrow=b"")
    state = {"_data_files": [{"filename": "a.arrow"}]}
    write_atomic(f"{tmp}/train/state.json", json.dumps(state).encode())
    write_atomic(f"{tmp}/dataset_dict.json", b'{"splits": ["train"]}')
    write_atomic(f"{tmp}/train/dataset_info.json", b'{"features": {}}')
    listing = listed(tmp)
    assert [file.name for file in listing.files] == ["train/a.arrow.parquet"]
    assert listing.passed_over["of datasets' own"] == 4
