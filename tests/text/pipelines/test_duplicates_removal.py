"""Removing listed documents, from files to files."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import rows_of, write_corpus, write_jsonl

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_text import ExactDeduplicationWorkflow, TextDuplicatesRemovalWorkflow

ROWS = [{"id": f"d{i}", "text": f"text {i % 7}", "n": i} for i in range(30)]
LISTED = ["d3", "d4", "d4", "d29", "other"]


@pytest.fixture
def source(tmp_path):
    write_jsonl(tmp_path / "ids.jsonl", [{"id": each} for each in LISTED])
    return write_corpus(tmp_path / "in", ROWS)


def remove(source: Any, tmp_path: Path, *, workers: int = 1, **settings: Any) -> dict[str, Any]:
    options: dict[str, Any] = {
        "id_field": "id",
        "input_filetype": "jsonl",
        "output_filetype": "jsonl",
        "ids_to_remove_path": str(tmp_path / "ids.jsonl"),
        **settings,
    }
    workflow = TextDuplicatesRemovalWorkflow(
        input_path=source, output_path=str(tmp_path / "out"), **options
    )
    return workflow.run(LocalExecutor({"workers": workers})).metadata


def by_number(out):
    return sorted(rows_of(out), key=lambda row: row["n"])


STAY = [row for row in ROWS if row["id"] not in LISTED]


@pytest.mark.parametrize(
    "settings",
    [{}, {"workers": 2}, {"input_blocksize": 100}, {"input_files_per_partition": 2}],
    ids=lambda settings: next(iter(settings), "default"),
)
def test_listed_documents_go_whatever_the_tasks(source, tmp_path, settings):
    facts = remove(source, tmp_path, **settings)
    assert by_number(tmp_path / "out") == STAY
    assert (facts["num_documents"], facts["num_duplicates_removed"]) == (30, 3)


def test_unknown_ids_are_counted_and_told(source, tmp_path):
    facts = remove(source, tmp_path)
    assert (facts["ids_listed"], facts["ids_unknown"]) == (4, 1)
    assert "1 of 4 listed ids are in none of the documents" in facts["notes"]


def test_all_documents_with_a_listed_id_go_and_those_without_one_stay(tmp_path):
    rows = [{"id": 3, "n": 0}, {"id": 3, "n": 1}, {"id": None, "n": 2}, {"n": 3}]
    write_jsonl(tmp_path / "ids.jsonl", [{"id": "3"}])
    remove(write_jsonl(tmp_path / "x.jsonl", rows), tmp_path)
    assert [row["n"] for row in by_number(tmp_path / "out")] == [2, 3]


def test_parquet_to_parquet_is_the_default(tmp_path):
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "x.parquet", row_group_size=7)
    pq.write_table(pa.table({"id": LISTED}), tmp_path / "ids.parquet")
    TextDuplicatesRemovalWorkflow(
        input_path=str(tmp_path / "x.parquet"),
        ids_to_remove_path=str(tmp_path / "ids.parquet"),
        output_path=str(tmp_path / "out"),
        id_field="id",
    ).run()
    assert pq.read_table(tmp_path / "out/data").sort_by("n").to_pylist() == STAY


def test_lines_become_parquet_and_fields_are_chosen(source, tmp_path):
    remove(source, tmp_path, output_filetype="parquet", output_fields=["n"])
    assert pq.read_table(tmp_path / "out/data").column_names == ["n"]


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"drop_id_field": True}, {"text", "n"}),
        ({"input_fields": ["n"]}, {"n"}),
        ({"input_fields": ["n", "id"]}, {"n", "id"}),
        ({"output_fields": ["id", "n"]}, {"n", "id"}),
    ],
)
def test_only_the_asked_fields_are_written(source, tmp_path, settings, names):
    remove(source, tmp_path, **settings)
    assert {name for row in by_number(tmp_path / "out") for name in row} == names
    assert len(rows_of(tmp_path / "out")) == len(STAY)


def test_the_output_is_compressed_as_asked(source, tmp_path):
    remove(source, tmp_path, output_file_extension="jsonl.gz")
    assert {path.suffix for path in (tmp_path / "out/data").iterdir()} == {".gz"}


def test_a_task_limit_takes_the_first_tasks(source, tmp_path):
    assert remove(source, tmp_path, input_task_limit=1)["num_documents"] == 10


def test_what_exact_deduplication_found_can_be_removed_later(source, tmp_path):
    exact = ExactDeduplicationWorkflow(
        input_path=source, output_path=str(tmp_path / "found"), id_field="id"
    )
    exact.run()
    facts = remove(source, tmp_path, ids_to_remove_path=str(tmp_path / "found/removed"))
    assert facts["num_duplicates_removed"] == 23
    assert by_number(tmp_path / "out") == ROWS[:7]


def test_a_second_run_replaces_the_first(source, tmp_path):
    remove(source, tmp_path)
    write_jsonl(tmp_path / "ids.jsonl", [{"id": "d0"}])
    remove(source, tmp_path)
    assert by_number(tmp_path / "out") == ROWS[1:]


def test_a_stopped_run_goes_on_and_counts_all(source, tmp_path):
    cache = str(tmp_path / "cache")
    first = remove(source, tmp_path, cache_path=cache)
    marker = next(Path(cache).rglob("done/*/*/*.json"))
    marker.unlink()
    again = remove(source, tmp_path, cache_path=cache)
    names = ("num_documents", "num_duplicates_removed", "ids_unknown")
    assert [again[name] for name in names] == [first[name] for name in names]
    assert by_number(tmp_path / "out") == STAY


def test_bad_lines_go_to_quarantine(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(b'{"id":"d0","n":0}\n{half\n{"id":"d3","n":1}\n')
    write_jsonl(tmp_path / "ids.jsonl", [{"id": "d3"}])
    facts = remove(str(tmp_path / "x.jsonl"), tmp_path)
    assert (facts["num_documents"], facts["quarantined"]) == (2, 1)
    assert [row["n"] for row in rows_of(tmp_path / "out")] == [0]


def test_the_id_field_in_no_file_is_an_error(source, tmp_path):
    with pytest.raises(InputError, match="the id field '_curator_dedup_id' is in none"):
        remove(source, tmp_path, id_field="_curator_dedup_id")


def test_an_earlier_result_is_refused_if_so_asked(source, tmp_path):
    remove(source, tmp_path)
    with pytest.raises(InputError, match="data is not empty; use output_mode='overwrite'"):
        remove(source, tmp_path, output_mode="error")


def test_the_input_cannot_be_the_output(source, tmp_path):
    remove(source, tmp_path)
    before = rows_of(tmp_path / "out")
    with pytest.raises(InputError, match="overlap"):
        remove(str(tmp_path / "out/data"), tmp_path)
    assert rows_of(tmp_path / "out") == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"output_kwargs": {"a": 1}}, "output_kwargs takes storage_options only"),
        ({"output_mode": "append"}, "output_mode='append' is not offered"),
        ({"drop_id_field": True, "output_fields": ["id"], "id_field": "id"}, "choose one"),
        ({"output_file_extension": "csv"}, "output_file_extension='csv' does not go with parquet"),
        ({"input_blocksize": "huge"}, "'huge' is not a size"),
    ],
)
def test_a_parameter_that_cannot_be_honoured_is_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        TextDuplicatesRemovalWorkflow(
            input_path="x", ids_to_remove_path="y", output_path="z", **settings
        )


def test_the_record_says_what_was_done(source, tmp_path):
    remove(source, tmp_path)
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert (record["job"], record["status"]) == ("remove", "done")
