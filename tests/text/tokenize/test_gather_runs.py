"""Files of tokens, gathered from runs."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from token_toys import folder_documents, folder_rows

from curator_text.dedup.removed_tables import PartitionTask
from curator_text.tokenize import gather_runs
from curator_text.tokenize.gather_runs import GatherRuns, added_up, bounded
from curator_text.tokenize.runs import KEYS, Run, save_run, save_runs
from curator_text.tokenize.shard_layout import Shard


def save(folder, runs):
    made = []
    for number, keys in enumerate(runs):
        count, stem = len(keys), str(folder / f"r{number}")
        table = {
            "key": pa.array(keys, pa.int64()),
            "length": pa.array([3] * count, pa.int64()),
            "id": [str(key) for key in keys],
            "source": ["s"] * count,
            "file": ["f"] * count,
            "row": pa.array(range(count), pa.int64()),
            "text_hash": pa.array([1] * count, pa.uint64()),
        }
        save_run(stem, pa.table(table), np.repeat(keys, 3), kind="uint16")
        made.append(Run(stem=stem, kind="uint16", documents=count))
    save_runs(str(folder), made)


@pytest.mark.parametrize("ranges", [1, 3])
def test_documents_of_all_runs_are_in_the_order_of_their_keys(tmp_path, ranges):
    save(tmp_path, [[9, 2, 4], [], [3, 2]])
    shard = Shard(name="part-00000", low=0, high=10, first_document=7, ranges=ranges)
    stage = GatherRuns(
        cache=str(tmp_path),
        output=str(tmp_path / "out"),
        form="megatron",
        kind="uint16",
        shards=[shard],
        runs_key="",
    )
    task = stage.process(PartitionTask(data=0))
    assert folder_documents(tmp_path / "out") == [[key] * 3 for key in (2, 2, 3, 4, 9)]
    rows = folder_rows(tmp_path / "out")
    assert [row["document"] for row in rows] == [7, 8, 9, 10, 11]
    assert [row["offset"] for row in rows] == [0, 3, 6, 9, 12]
    assert task._metadata["sources"] == {"s": [5, 15]}
    assert added_up([task, task]) == {"s": [10, 30]}


def test_packed_sequences_are_full_and_the_table_ends_where_they_do(tmp_path):
    save(tmp_path, [[1, 2, 3, 4, 5]])
    shard = Shard(name="part-00000", low=0, high=KEYS, first_document=0, ranges=2)
    stage = GatherRuns(
        cache=str(tmp_path),
        output=str(tmp_path / "out"),
        form="megatron",
        kind="uint16",
        shards=[shard],
        runs_key="",
        sequence_length=4,
    )
    facts = stage.process(PartitionTask(data=0))._metadata
    assert folder_documents(tmp_path / "out") == [[1, 1, 1, 2], [2, 2, 3, 3], [3, 4, 4, 4]]
    assert [row["length"] for row in folder_rows(tmp_path / "out")] == [3, 3, 3, 3]
    assert (facts["left_out"], facts["sequences"], facts["documents"]) == (3, 3, 4)
    assert np.load(tmp_path / "out/part-00000.boundaries.npy").tolist() == [0, 3, 6, 9, 12]


def test_too_many_sources_count_as_one_at_the_end(monkeypatch):
    monkeypatch.setattr(gather_runs, "MAX_SOURCES", 2)
    assert bounded({"a": [1, 1], "b": [1, 9], "c": [1, 2]}) == {
        "b": [1, 9],
        "(other values)": [2, 3],
    }


@pytest.mark.parametrize(
    ("by", "found"), [("", ["a/x", "b"]), ("/", ["a", "."]), ("site", ["s", "(no value)"])]
)
def test_a_source_is_a_file_a_folder_or_the_value_of_a_field(by, found):
    table = pa.table({"file": ["a/x", "b"], "field:site": ["s", None]})
    stage: Any = SimpleNamespace(source_by=by)
    assert GatherRuns._sources(stage, table).to_pylist() == found
