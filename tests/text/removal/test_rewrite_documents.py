"""Copies of the input with fields changed or added: nothing else about a row changes."""

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import write_jsonl

from curator_engine.errors import InputError
from curator_engine.executors.local import LocalExecutor
from curator_engine.stages.files import FilePartitioner, find_inputs
from curator_engine.stages.small_files import tasks_of
from curator_engine.steps import Steps
from curator_engine.workflow import WorkflowRunResult
from curator_text.removal.array_files import save_array, save_arrays
from curator_text.removal.block_stage import BlockStage
from curator_text.removal.changed_columns import as_type, writable
from curator_text.removal.corpus import corpus_of
from curator_text.removal.outcome import write_data
from curator_text.removal.remove_documents import DROPS_FILE
from curator_text.removal.rewrite_documents import (
    CHANGES_ENDING,
    RewriteDocuments,
    changed_line,
    save_changes,
)
from curator_text.removal.sources import source_tasks


@dataclass(kw_only=True)
class Upper(BlockStage):
    """Writes texts that begin with "x" in capitals, and as a field how long each is if asked."""

    lengths: bool = False

    def write(self, stem, block):
        texts = block.values.to_pylist()
        if self.lengths:
            numbers = np.arange(len(texts))
            fields = {"length": pa.array([len(str(text)) for text in texts], pa.int64())}
        else:
            numbers = np.array([i for i, t in enumerate(texts) if t.startswith("x")], np.int64)
            fields = {"text": pa.array([texts[i].upper() for i in numbers], pa.string())}
        save_changes(stem + CHANGES_ENDING, numbers, fields)
        save_arrays(f"{stem}.npz", {"position": block.position, "bad": block.bad})


@dataclass
class Rewrite:
    """A run of two steps."""

    folder: Path
    lengths: bool = False
    drop: list = field(default_factory=list)
    block_bytes: int = 8 << 20
    tasks: list | None = None

    def __post_init__(self):
        cache, output = str(self.folder / "cache"), str(self.folder / "out")
        steps = Steps(
            executor=LocalExecutor({"workers": 1, "on_error": "quarantine"}),
            cache=cache,
            output=output,
            progress=None,
            result=WorkflowRunResult(workflow_name="t"),
        )
        source = FilePartitioner(file_paths=[str(self.folder / "in")])
        upper = Upper(path=cache + "/b", lengths=self.lengths, block_bytes=self.block_bytes)
        stages: list[Any] = [upper] if self.tasks else [source, upper]
        self.corpus = corpus = corpus_of(cache + "/b", steps.run("read", stages, self.tasks))
        corpus.save(cache + "/corpus.json")
        numbers = np.array(self.drop, np.int64)
        save_array(f"{cache}/{DROPS_FILE}", numbers)
        stage = RewriteDocuments
        if self.lengths:
            stage = self.adding
        write_data(steps.run, corpus, numbers, cache=cache, output=output, write=stage)

    @staticmethod
    def adding(**given):
        return RewriteDocuments(**given, added={"length": pa.int64()})


def rewrite(folder, lines, **how):
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in/a.jsonl").write_bytes(lines)
    Rewrite(folder, **how)
    return (folder / "out/data/a.jsonl").read_bytes()


ODD = (
    b'\xef\xbb\xbf{"n": 1.00, "text":"x\\u00e9",  "deep": {"text": "xx"} }\r\n'
    b'\n{"text": "stays", "n" : 1e2}\n{bad\n'
    b'{"big": 123456789012345678901234567890, "text": "xy"}'
)


def test_a_changed_row_changes_in_its_field_only_and_others_stay_byte_for_byte(tmp_path):
    assert rewrite(tmp_path, ODD) == (
        b'\xef\xbb\xbf{"n": 1.00, "text":"X\xc3\x89",  "deep": {"text": "xx"} }\r\n'
        b'\n{"text": "stays", "n" : 1e2}\n'
        b'{"big": 123456789012345678901234567890, "text": "XY"}'
    )


def test_fields_are_added_to_every_row_and_null_where_there_is_no_document(tmp_path):
    lines = ODD + b'\n{"text": null, "length": "old"}\n'
    rows = [
        json.loads(line)
        for line in rewrite(tmp_path, lines, lengths=True)[3:].split(b"\n")
        if line.strip()
    ]
    assert [row["length"] for row in rows] == [2, 5, 2, None]
    assert rows[0]["text"] == "xé"


def test_documents_that_go_are_left_out_as_well(tmp_path):
    lines = b"".join(b'{"text":"x%d"}\n' % i for i in range(9))
    expected = b"".join(b'{"text":"X%d"}\n' % i for i in (0, 2, 3, 4, 5, 6, 7))
    assert rewrite(tmp_path, lines, drop=[1, 8]) == expected


def test_changes_of_many_blocks_and_of_a_compressed_file_come_to_their_rows(tmp_path):
    rows = [{"text": f"{'x' if i % 3 else 'y'}{i}"} for i in range(500)]
    (tmp_path / "in").mkdir()
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (tmp_path / "in/a.jsonl.gz").write_bytes(gzip.compress(lines))
    write_jsonl(tmp_path / "in/b.jsonl", rows)
    Rewrite(tmp_path, block_bytes=1000, drop=[0])
    expected = [row["text"].upper() if row["text"][0] == "x" else row["text"] for row in rows]
    out = gzip.decompress((tmp_path / "out/data/a.jsonl.gz").read_bytes()).splitlines()
    assert [json.loads(line)["text"] for line in out] == expected[1:]
    out = (tmp_path / "out/data/b.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["text"] for line in out] == expected


def test_changes_of_many_small_files_come_to_their_files(tmp_path, monkeypatch):
    for i in range(5):
        write_jsonl(tmp_path / f"in/{i}.jsonl", [{"text": f"y{i}"}, {"text": f"x{i}"}])
    monkeypatch.setattr("curator_engine.stages.small_files.MANY", 2)
    tasks = tasks_of(find_inputs([str(tmp_path / "in")]).files, blocksize="1MB", limit=None)
    assert tasks is not None
    assert len(tasks) == 1
    Rewrite(tmp_path, tasks=tasks, drop=[4])
    texts = {
        p.stem: [json.loads(line)["text"] for line in p.read_text().splitlines()]
        for p in (tmp_path / "out/data").iterdir()
    }
    assert texts == {str(i): [f"y{i}", f"X{i}"][i == 2 :] for i in range(5)}


def test_a_row_as_deep_as_you_like_changes_in_its_field_only():
    deep = b"[" * 100_000 + b'"]"' + b"]" * 100_000
    line = b'{"a": ' + deep + b', "n": 1' + b"0" * 9000 + b', "text": "x"}\n'
    changed = changed_line("f", 0, line, {"text": "y"})
    assert changed == line.replace(b'"text": "x"', b'"text": "y"')


def test_bytes_that_are_no_text_stay_in_other_fields():
    line = b'{"a": "\xff", "text": "x"}'
    assert changed_line("f", 0, line, {"text": "y"}) == b'{"a": "\xff", "text": "y"}'


def test_a_line_that_is_no_row_any_more_is_a_change_of_the_file():
    with pytest.raises(InputError, match="f has changed during the run: no row is at 7"):
        changed_line("f", 7, b"text\n", {"text": "y"})


KINDS = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.binary(2),
    pa.dictionary(pa.int8(), pa.string()),
]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_parquet_file_keeps_its_types_and_metadata(tmp_path, kind):
    texts = ["x1", "y2", None, "x3", "y4"]
    column = as_type(pa.chunked_array([pa.array(texts)]), kind)
    times = pa.array([1, None, 3, 4, 5], pa.timestamp("ns", "UTC"))
    schema = pa.schema(
        [pa.field("text", kind, metadata={"k": "v"}), pa.field("t", times.type)], {"a": "b"}
    )
    (tmp_path / "in").mkdir()
    path = tmp_path / "in/a.parquet"
    pq.write_table(pa.table([column, times], schema=schema), path, row_group_size=2)
    before = pq.ParquetFile(path).schema_arrow
    Rewrite(tmp_path, drop=[3])
    out = pq.ParquetFile(tmp_path / "out/data/a.parquet")
    copy = out.read()
    found = [v.decode() if isinstance(v, bytes) else v for v in copy.column("text").to_pylist()]
    assert found == ["X1", "y2", None, "X3"]
    assert copy.column("t").equals(pa.chunked_array([times[:4]]))
    assert copy.schema.field("text").type == writable(before.field("text").type)
    assert copy.schema.metadata is not None
    assert (copy.schema.metadata[b"a"], (copy.schema.field("text").metadata or {})[b"k"]) == (
        b"b",
        b"v",
    )
    assert out.num_row_groups == 2


def test_parquet_gets_a_column_and_an_old_one_is_replaced(tmp_path):
    (tmp_path / "in").mkdir()
    pq.write_table(pa.table({"text": ["ab", None, "c"]}), tmp_path / "in/a.parquet")
    old = pa.table({"length": ["a", "b"], "text": ["ab", "abc"]})
    pq.write_table(old, tmp_path / "in/b.parquet")
    Rewrite(tmp_path, lengths=True)
    a, b = (pq.read_table(tmp_path / f"out/data/{name}.parquet") for name in "ab")
    assert a.column("length").to_pylist() == [2, None, 1]
    assert b.to_pydict() == {"length": [2, 3], "text": ["ab", "abc"]}


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_a_file_of_which_nothing_changes_is_the_same_file(tmp_path, name):
    (tmp_path / "in").mkdir()
    if name == "a.jsonl":
        (tmp_path / "in" / name).write_bytes(b'{"text" :"a"}\r\n\n{"text":"b"}')
    else:
        pq.write_table(pa.table({"text": ["a", None]}), tmp_path / "in" / name)
    Rewrite(tmp_path)
    assert (tmp_path / "out/data" / name).read_bytes() == (tmp_path / "in" / name).read_bytes()


def test_changes_may_lie_in_a_folder_by_the_number_of_the_block(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": "a"}, {"text": "b"}])
    corpus = Rewrite(tmp_path).corpus
    fields = {"text": pa.array(["c"])}
    save_changes(f"{tmp_path}/changes/00000.arrow", np.array([1]), fields)
    stage = RewriteDocuments(
        cache=f"{tmp_path}/cache",
        corpus_key="",
        output=f"{tmp_path}/again",
        changes=f"{tmp_path}/changes",
    )
    [task] = source_tasks(corpus)
    task._metadata["name"] = "a.jsonl"
    stage.process(task)
    lines = (tmp_path / "again/data/a.jsonl").read_text().splitlines()
    assert lines == ['{"text": "a"}', '{"text": "c"}']
