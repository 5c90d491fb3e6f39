"""Counts and tables of what was edited."""

from pathlib import Path

import pyarrow as pa

from curator_engine.files.storage import write_atomic
from curator_text.editing.list_edits import ListEdits, Totals, changes_schema

ROWS = pa.table(
    {
        "rule": pa.array([None, "b", None], pa.string()),
        "before": [5, 9, 1],
        "after": [3, 0, 1],
        "n.a": [2, 0, 0],
        "n.b": [1, 4, 0],
    }
)


def test_totals_are_of_documents_that_stay_and_rules_of_all():
    totals = Totals(["a", "b"])
    totals.add(ROWS)
    totals.merge(totals.counts | {"dropped": {"b": 1, "c": 2}})
    assert totals.counts == {
        "changed": 4,
        "chars_before": 12,
        "chars_after": 8,
        "dropped": {"b": 2, "c": 2},
        "documents": {"a": 2, "b": 4},
        "met": {"a": 4, "b": 10},
    }


def test_a_column_is_there_for_each_rule():
    assert changes_schema(["a"]).names[-3:] == ["chars_before", "chars_after", "a"]


def test_tables_of_sources_that_are_not_done_are_removed(ours):
    for name in ("changes/part-00000.parquet", "removed/part-00001.parquet"):
        write_atomic(f"{ours}/{name}", b"")
    stage = ListEdits(cache="c", corpus_key="", output=str(ours), rules=[])
    stage.resume(frozenset(["c/drops/00000.npz"]))
    left = [p.name for name in ("changes", "removed") for p in Path(ours, name).glob("*")]
    assert left == ["part-00000.parquet"]
