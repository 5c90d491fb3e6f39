"""Losses by the value of a field."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import deduplicate, sentence, write_invalid_parquet, write_jsonl

from curator_text.removal import sources

TEXT = sentence(1)
ROWS = [
    {"site": "a", "text": TEXT},
    {"site": "b", "text": TEXT},
    {"site": "b", "text": sentence(2)},
    {"site": None, "text": TEXT},
]


def losses(tmp_path, **settings):
    deduplicate(str(tmp_path / "in"), tmp_path / "out", source_field="site", **settings)
    rows = pq.read_table(tmp_path / "out/sources.parquet").to_pylist()
    return {row["source"]: (row["documents"], row["removed"]) for row in rows}


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_documents_and_losses_are_counted_by_value(tmp_path, form):
    if form == "jsonl":
        write_jsonl(tmp_path / "in/x.jsonl", ROWS)
    else:
        (tmp_path / "in").mkdir()
        pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "in/x.parquet", row_group_size=3)
    assert losses(tmp_path) == {"b": (2, 1), "a": (1, 0), "(no value)": (1, 1)}


def test_values_that_are_numbers_are_told_apart(tmp_path):
    write_jsonl(tmp_path / "in/x.jsonl", [{"site": n, "text": f"{n}"} for n in (7, 8, 8)])
    assert losses(tmp_path) == {"8": (2, 1), "7": (1, 0)}


def test_documents_without_the_field_are_counted(tmp_path):
    write_jsonl(tmp_path / "in/x.jsonl", [{"text": TEXT}] * 3)
    assert losses(tmp_path) == {"(no value)": (3, 2)}


def test_lines_that_are_no_documents_do_not_count(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/x.jsonl").write_bytes(
        b'{"site":"a","text":"x"}\n{half\n\n{"site":"a","text":null}\n'
    )
    assert losses(tmp_path) == {"a": (1, 0)}


def test_pieces_of_a_file_add_up(tmp_path):
    write_jsonl(tmp_path / "in/x.jsonl", ROWS * 5)
    assert losses(tmp_path, input_blocksize=2000)["b"] == (10, 9)


def test_a_source_that_loses_most_is_an_alarm(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"site": "bad", "text": TEXT}] * 30)
    write_jsonl(tmp_path / "in/b.jsonl", [{"site": "good", "text": sentence(k)} for k in range(9)])
    losses(tmp_path)
    facts = json.loads((tmp_path / "out/run.json").read_text())["facts"]
    assert facts["alarms"] == ["bad loses 29 of its 30 documents"]


def test_the_rarest_of_very_many_values_count_as_one(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_SOURCES", 1)
    write_jsonl(tmp_path / "in/x.jsonl", ROWS)
    assert losses(tmp_path) == {"b": (2, 1), "(other values)": (2, 1)}


def test_a_table_of_an_earlier_field_does_not_stay(tmp_path):
    write_jsonl(tmp_path / "in/x.jsonl", ROWS)
    losses(tmp_path)
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    assert not (tmp_path / "out/sources.parquet").exists()


def test_values_that_are_no_utf8_count_as_none(tmp_path):
    write_invalid_parquet(tmp_path / "in/x.parquet", "site")
    assert losses(tmp_path) == {"a": (6, 2), "(no value)": (2, 2)}


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_folder_of_hive_names_the_source(tmp_path, form):
    for site, words in (("a", [1, 2]), ("b", [2, 3, 3])):
        rows = [{"text": sentence(n)} for n in words]
        write_jsonl(tmp_path / f"in/site={site}/x.jsonl", rows)
        if form == "parquet":
            (tmp_path / f"in/site={site}/x.jsonl").unlink()
            pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"in/site={site}/x.parquet")
    assert losses(tmp_path) == {"b": (3, 2), "a": (2, 0)}
