"""The one reader under signing, hashing and embedding: what it gives, and what it rejects."""

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import write_jsonl

from curator_engine.errors import InputError, StorageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.stage import ProcessingStage
from curator_engine.task import FileGroupTask
from curator_text.exact.hash_documents import HashDocuments
from curator_text.fuzzy.sign import SignDocuments
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow
from curator_text.pipelines.semantic_dedup import TextSemanticDeduplicationWorkflow
from curator_text.read.blocks_of_text import DocumentReader
from curator_text.read.keep import parse_keep
from curator_text.removal.run_folder import RunFolder
from curator_text.semantic.embed import EmbedDocuments

JOBS = {
    "fuzzy": lambda **s: FuzzyDeduplicationWorkflow(**s, perform_removal=True),
    "exact": lambda **s: ExactDeduplicationWorkflow(**s, perform_removal=True),
    "semantic": lambda **s: TextSemanticDeduplicationWorkflow(
        **s, model_identifier="fingerprint", n_clusters=1, device="cpu"
    ),
}
TEXT = "the same words in both of them, long enough to have some windows"


class Rejecting(ProcessingStage):
    """Notes what is rejected."""

    def process(self, task):
        """Nothing."""


def read(path, **settings):
    task = FileGroupTask(data=[str(path)], _metadata={"file_index": 0, "name": "x"})
    stage = Rejecting()
    options: dict[str, Any] = {"field": "text", **settings}
    blocks = list(DocumentReader(**options).read(task, stage))
    return blocks, stage.take_notes()[2]


@pytest.fixture(params=JOBS)
def job(request, tmp_path):
    """A function that runs a job on files of a folder and gives its facts and the ids that go."""

    def run(**settings):
        out = tmp_path / "out"
        workflow = JOBS[request.param](
            input_path=str(tmp_path / "in"), output_path=str(out), id_field="id", **settings
        )
        facts = workflow.run(executor=LocalExecutor({"on_error": "quarantine"})).metadata
        folder = RunFolder(path=str(out), record={})
        gone = [i for batch in folder.batches("removed", ["id"]) for i in batch["id"].to_pylist()]
        return facts, gone

    return run


def parquet(path, rows, schema=None):
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema), path)


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        (pa.int64(), 2**53, 2**53 + 1),
        (pa.uint64(), 2**63, 2**63 + 1),
        (pa.timestamp("ns"), 10**18, 10**18 + 1),
        (pa.timestamp("s", "UTC"), 1, 2),
        (pa.date32(), datetime(2020, 1, 1), datetime(2020, 1, 2)),
        (pa.time64("ns"), 1, 2),
        (pa.bool_(), False, True),
        (pa.string(), "2020", "2021"),
    ],
    ids=str,
)
def test_newest_keeps_the_newest_of_every_ordinary_type(job, tmp_path, kind, old, new):
    rows = [{"id": "old", "text": TEXT}, {"id": "new", "text": TEXT}, {"id": "none", "text": TEXT}]
    table = pa.Table.from_pylist(rows).append_column("t", pa.array([old, new, None], kind))
    (tmp_path / "in").mkdir()
    pq.write_table(table, tmp_path / "in/x.parquet")
    _, gone = job(keep="newest:t")
    assert sorted(gone) == ["none", "old"]


def test_newest_keeps_the_newest_of_lines_with_numbers_beyond_a_double(job, tmp_path):
    rows = [{"id": str(i), "text": TEXT, "t": 2**60 + i} for i in range(3)]
    write_jsonl(tmp_path / "in/x.jsonl", rows)
    _, gone = job(keep="newest:t")
    assert sorted(gone) == ["0", "1"]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_newest_takes_the_folder_of_hive_with_the_highest_value(job, tmp_path, form):
    for month in (2, 10, 9):
        rows, folder = [{"id": str(month), "text": TEXT}], tmp_path / f"in/month={month:02}"
        if form == "parquet":
            folder.mkdir(parents=True)
            pq.write_table(pa.Table.from_pylist(rows), folder / "x.parquet")
        else:
            write_jsonl(folder / "x.jsonl", rows)
    _, gone = job(keep="newest:month")
    assert sorted(gone) == ["2", "9"]


def test_newest_refuses_values_of_two_kinds_with_file_and_row(job, tmp_path):
    rows = [{"id": str(i), "text": TEXT, "t": i} for i in range(40)]
    write_jsonl(tmp_path / "in/a.jsonl", rows)
    write_jsonl(tmp_path / "in/b.jsonl", [*rows, {"id": "x", "text": TEXT, "t": "2021"}])
    with pytest.raises(
        InputError, match=r"a number in .*a.jsonl, row 1 and a text in .*b.jsonl, row 41"
    ):
        job(keep="newest:t")
    assert not (tmp_path / "out/data").exists()


@pytest.mark.parametrize(
    "kind", [pa.dictionary(pa.int8(), pa.string()), pa.string_view(), pa.binary()], ids=str
)
def test_texts_of_string_like_types_are_compared_and_kept(job, tmp_path, kind):
    texts = [TEXT, TEXT, "another one that has its own words, none of the others", None]
    values = (
        pa.array(texts).dictionary_encode() if pa.types.is_dictionary(kind) else pa.array(texts)
    )
    if not pa.types.is_dictionary(kind):
        values = values.cast(kind)
    (tmp_path / "in").mkdir()
    pq.write_table(pa.table({"id": list("abcd"), "text": values}), tmp_path / "in/x.parquet")
    facts, gone = job()
    assert (facts["num_documents"], facts["quarantined"], len(gone)) == (4, 0, 1)


@pytest.mark.parametrize("stage", [SignDocuments, HashDocuments, EmbedDocuments])
def test_trouble_while_writing_is_no_fault_of_the_input(tmp_path, monkeypatch, stage):
    def full(*_):
        raise StorageError("disk full while writing x")

    path = write_jsonl(tmp_path / "x.jsonl", [{"text": TEXT}])
    monkeypatch.setattr(f"{stage.__module__}.save_arrays", full)
    task = FileGroupTask(data=[path], task_id="s", _metadata={"file_index": 0, "name": "x"})
    working = stage(path=str(tmp_path / "out"))
    with pytest.raises(StorageError, match="disk full"):
        list(working.process(task))
    assert working.take_notes()[2] == []


def test_a_damaged_file_costs_what_cannot_be_read_of_it(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1 nothing more")
    blocks, rejected = read(tmp_path / "x.parquet")
    assert blocks == []
    assert len(rejected) == 1


def test_documents_without_a_value_are_left_out_with_their_ids_and_order(tmp_path):
    rows = [{"text": None, "id": 1, "t": 5}, {"text": "a", "id": 2, "t": 6}, {"text": "b", "id": 3}]
    for path in (tmp_path / "x.jsonl", tmp_path / "x.parquet"):
        write_jsonl(path, rows) if path.suffix == ".jsonl" else parquet(path, rows)
        (block,), rejected = read(path, id_field="id", with_ids=True, keep=parse_keep("newest:t"))
        assert (block.ids.to_pylist(), block.no_text, rejected) == (["2", "3"], 1, [])
        assert block.order.keys.is_valid().to_pylist() == [True, False]
        assert block.order.kinds == {"number": 0}


def test_an_id_that_is_no_utf8_costs_no_document(tmp_path):
    line = json.dumps({"text": "a", "id": "?"}).encode().replace(b"?", b"\xff")
    (tmp_path / "x.jsonl").write_bytes(line + b"\n")
    (block,), _ = read(tmp_path / "x.jsonl", id_field="id", with_ids=True)
    assert block.ids.to_pylist() == ["\ufffd"]
