"""Copies of the input without what goes."""

import gzip
import json
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import command, deduplicate, sentence, write_jsonl

from curator_engine.errors import CuratorError
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.storage import write_atomic
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow
from curator_text.pipelines.semantic_dedup import TextSemanticDeduplicationWorkflow
from curator_text.removal.remove_documents import Loss, RemoveDocuments, alarms, known_path

JOBS = {
    "exact": ExactDeduplicationWorkflow,
    "fuzzy": FuzzyDeduplicationWorkflow,
    "semantic": partial(TextSemanticDeduplicationWorkflow, model_identifier="fingerprint"),
}


@pytest.mark.parametrize("job", JOBS)
def test_a_file_of_lines_of_which_nothing_stays_has_no_copy_and_is_listed(tmp_path, job):
    row = {"text": sentence(1)}
    for name in ("a.jsonl", "b.jsonl"):
        write_jsonl(tmp_path / "in" / name, [row])
    (tmp_path / "in/c.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "in/d.parquet")
    out = tmp_path / "out"
    JOBS[job](input_path=str(tmp_path / "in"), output_path=str(out), perform_removal=True).run()
    assert sorted(path.name for path in (out / "data").iterdir()) == ["a.jsonl", "d.parquet"]
    assert pq.read_table(out / "data/d.parquet").to_pydict() == {"text": []}
    assert pq.read_table(out / "files.parquet")["removed"].to_pylist() == [0, 1, 1, 1]


def test_marked_documents_of_a_file_stay_and_an_empty_file_has_no_copy(tmp_path):
    for name in ("a.jsonl", "b.jsonl"):
        write_jsonl(tmp_path / "in" / name, [{"text": sentence(1)}])
    write_jsonl(tmp_path / "in/c.jsonl", [])
    deduplicate(str(tmp_path / "in"), tmp_path / "out", mark=True)
    names = sorted(path.name for path in (tmp_path / "out/data").iterdir())
    assert names == ["a.jsonl", "b.jsonl"]


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


class Replace:
    """A progress reporter that puts another file of the same size in place of one when a step begins."""

    def __init__(self, path, step):
        self.path, self.step = path, step

    def start(self, label, total, unit):
        del total, unit
        if label == self.step:
            self.path.write_bytes(self.path.read_bytes().replace(b"one day", b"one way"))

    def advance(self, n):
        """Nothing."""

    def finish(self):
        """Nothing."""


@pytest.mark.parametrize("settings", [{}, {"mark": True}, {"perform_removal": False}], ids=str)
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_an_input_that_is_replaced_by_the_same_layout_is_noticed(tmp_path, form, settings):
    rows = [{"text": "one day"}, {"text": "one day"}, {"text": "c"}]
    path = tmp_path / f"in/x.{form}"
    write_jsonl(path, rows)
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, compression="none")
    options: dict[str, Any] = {"perform_removal": True, **settings}
    out = tmp_path / "out"
    workflow = ExactDeduplicationWorkflow(
        input_path=str(path), output_path=str(out), progress=Replace(path, "find"), **options
    )
    with pytest.raises(CuratorError, match=rf"x\.{form} has changed during the run"):
        workflow.run()
    assert not (out / "data" / path.name).exists()


def test_a_signature_of_an_address_is_not_in_the_list_of_files():
    place = known_path("https://host/a.jsonl?X-Amz-Signature=SECRETSECRET")
    assert place == "https://host/a.jsonl?X-Amz-Signature=***"


@pytest.fixture(scope="module")
def long_row(tmp_path_factory):
    """A file with a line that is longer than those that are read unless more is asked for."""
    path = tmp_path_factory.mktemp("long") / "x.jsonl"
    texts = ["before", "long  " * (MAX_ROW_BYTES // 6), "after\u00a0"]
    path.write_text("".join(json.dumps({"text": t, "id": t[:3]}) + "\n" for t in texts))
    return path


@pytest.mark.parametrize(
    ("words", "adds"),
    [
        (["exact"], False),
        pytest.param(["exact", "--mark"], True, marks=pytest.mark.long),
        pytest.param(["exact", "--source-field", "id"], False, marks=pytest.mark.long),
        pytest.param(["fuzzy"], False, marks=pytest.mark.long),
        pytest.param(["langid"], True, marks=pytest.mark.long),
    ],
)
def test_a_longer_line_that_was_asked_for_is_in_data(words, adds, long_row, tmp_path):
    job, *options = words
    command(job, long_row, "-o", tmp_path / "out", "--max-row", "200MB", "-q", *options)
    lines = (tmp_path / "out/data/x.jsonl").read_bytes().splitlines(keepends=True)
    if not adds:
        assert lines == long_row.read_bytes().splitlines(keepends=True)
    assert [json.loads(line)["id"] for line in lines] == ["bef", "lon", "aft"]


@pytest.mark.long
def test_a_long_line_stays_when_another_is_forgotten(long_row, tmp_path):
    command("exact", long_row, "-o", tmp_path / "out", "--max-row", "200MB", "--id-field", "id")
    code, _, said = command("forget", "aft", tmp_path / "out")
    assert code == 0, said
    lines = (tmp_path / "out/data/x.jsonl").read_bytes().splitlines(keepends=True)
    assert lines == long_row.read_bytes().splitlines(keepends=True)[:2]
