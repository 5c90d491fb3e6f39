"""Copies of the input without what goes."""

from pathlib import Path

import pyarrow.parquet as pq
from text_toys import deduplicate, sentence, write_jsonl

from curator_engine.files.storage import write_atomic
from curator_text.removal import Loss, RemoveDocuments, alarms


def test_a_file_of_which_nothing_stays_is_there_and_empty(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": sentence(1)}])
    write_jsonl(tmp_path / "in/b.jsonl", [{"text": sentence(1)}])
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    assert (tmp_path / "out/data/b.jsonl").read_bytes() == b""


def test_folders_of_the_input_are_folders_of_the_output(tmp_path):
    write_jsonl(tmp_path / "in/x/a.jsonl", [{"text": "a"}])
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    assert (tmp_path / "out/data/x/a.jsonl").exists()


def test_unfinished_copies_are_removed_before_a_resumed_run(ours):
    for name in ("kept.jsonl", "sub/half.jsonl", ".hidden.jsonl"):
        write_atomic(f"{ours}/data/{name}", b"")
    Path(ours, "data/theirs.jsonl").touch()
    stage = RemoveDocuments(cache=ours, corpus_key="k", output=ours)
    stage.resume(frozenset({f"{ours}/data/kept.jsonl"}))
    assert sorted(p.name for p in Path(ours, "data").rglob("*.jsonl")) == [
        "kept.jsonl",
        "theirs.jsonl",
    ]


def test_a_source_that_loses_most_of_many_rows_is_an_alarm():
    many = Loss(source="x", documents=30, removed=20)
    few = Loss(source="y", documents=12, removed=12)
    half = Loss(source="z", documents=40, removed=20)
    assert alarms([many, few, half]) == ["x loses 20 of its 30 documents"]


def test_of_many_alarms_the_worst_are_said_and_the_others_counted():
    found = [Loss(source=f"part{n:02}", documents=100, removed=51 + n) for n in range(48)]
    assert alarms(found) == [
        "part47 loses 98 of its 100 documents",
        "part46 loses 97 of its 100 documents",
        "part45 loses 96 of its 100 documents",
        "and 45 more lose most of their documents; report.html has the table",
    ]


def test_every_input_file_is_listed_with_what_it_loses(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": sentence(1)}])
    write_jsonl(tmp_path / "in/b.jsonl", [{"text": sentence(1)}, {"text": "b"}])
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    rows = pq.read_table(tmp_path / "out/files.parquet").to_pylist()
    assert [(row["file"], row["documents"], row["removed"]) for row in rows] == [
        ("a.jsonl", 1, 0),
        ("b.jsonl", 2, 1),
    ]
    assert [row["path"] for row in rows] == [str(tmp_path / f"in/{name}.jsonl") for name in "ab"]
