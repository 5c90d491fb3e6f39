"""Readers and writers of JSON lines: unchanged items are written as they were read."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator_engine.errors import InputError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.blocks import iter_blocks
from curator_engine.files.storage import list_names, write_atomic
from curator_engine.pipeline import Pipeline
from curator_engine.stage import Filter, ProcessingStage
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.jsonl import index_lines
from curator_engine.stages.jsonl_files import JsonlReader, JsonlWriter, copy_lines
from curator_engine.task import FileGroupTask, TableTask

LINES = [
    b'{"text": "a", "n": 1.00, "z": 12345678901234567890123}\n',
    b'{"n":2e5,"text":"b\\u00e9"}\r\n',
    b'{"text":null,"when":"2020-01-01"}\n',
    b'{"text":"d","extra":{"k":[1]}}',
]


class DropB(Filter[TableTask]):
    def drop(self, item):
        return "b" if (item["text"] or "").startswith("b") else None


class Upper(ProcessingStage[TableTask, TableTask]):
    def process(self, task):
        values = [v.upper() if v else v for v in task.data.column("text").to_pylist()]
        task.data = task.data.set_column(
            task.data.column_names.index("text"), "text", pa.array(values)
        )
        return task


class Score(ProcessingStage[TableTask, TableTask]):
    def process(self, task):
        task.data = task.data.append_column("score", pa.array(range(task.num_items)))
        return task


def run(tmp, *stages, lines=LINES, executor=None, fields=None, fields_read=None, **reader):
    write_atomic(f"{tmp}/in/x.jsonl", b"".join(lines))
    source = FilePartitioner(file_paths=f"{tmp}/in")
    writer = JsonlWriter(path=f"{tmp}/out", fields=fields)
    pipeline = Pipeline(
        "p", stages=[source, JsonlReader(fields=fields_read, **reader), *stages, writer]
    )
    tasks = pipeline.run(executor or LocalExecutor(), run_dir=f"{tmp}/run")
    return b"".join(Path(t.data[0]).read_bytes() for t in tasks), pipeline.last_run


def test_unchanged_items_are_written_byte_for_byte(tmp):
    assert run(tmp)[0] == b"".join(LINES) + b"\n"


def test_filtered_items_are_written_byte_for_byte(tmp):
    assert run(tmp, DropB())[0] == LINES[0] + LINES[2] + LINES[3] + b"\n"


def test_items_are_written_byte_for_byte_from_worker_processes(tmp):
    executor = LocalExecutor({"workers": 2, "fuse": False})
    assert run(tmp, DropB(), executor=executor)[0] == LINES[0] + LINES[2] + LINES[3] + b"\n"


def test_a_changed_column_leaves_the_others_as_they_were(tmp):
    first = run(tmp, Upper())[0].splitlines()[0]
    assert first == b'{"text": "A", "n": 1.00, "z": 12345678901234567890123}'


def test_an_added_column_comes_last(tmp):
    assert run(tmp, Score())[0].splitlines()[1] == b'{"n":2e5,"text":"b\\u00e9", "score": 1}'


def test_a_chosen_field_is_all_that_is_written(tmp):
    rows = [json.loads(line) for line in run(tmp, fields=["text"])[0].splitlines()]
    assert [list(row) for row in rows] == [["text"]] * 4


def test_reading_fewer_fields_loses_none(tmp):
    assert run(tmp, fields=None)[0] == b"".join(LINES) + b"\n"


class Without(ProcessingStage[TableTask, TableTask]):
    def process(self, task):
        task.data = task.data.drop_columns(["n"])
        return task


class KeepEnglish(Filter[TableTask]):
    def drop(self, item):
        return None if item["lang"] == "en" else f"{type(item['lang']).__name__}"


class KeepEnglishAtOnce(Filter[TableTask]):
    def drop_batch(self, data):
        english = pc.equal(data.column("lang"), pa.scalar("en"))
        return pc.if_else(english, pa.scalar(None, pa.string()), "no")


def test_a_dropped_column_is_gone_and_the_others_keep_their_bytes(tmp):
    out = run(tmp, Without())[0].splitlines()
    assert out[0] == b'{"text": "a", "z": 12345678901234567890123}'
    assert out[1] == b'{"text":"b\\u00e9"}'


def test_a_field_that_was_not_read_is_gone(tmp):
    out = run(tmp, fields_read=["z", "text"])[0].splitlines()
    assert out[0] == b'{"text": "a", "z": 12345678901234567890123}'
    assert out[3] == b'{"text":"d"}'


def test_a_renamed_column_is_not_there_twice(tmp):
    class Rename(ProcessingStage[TableTask, TableTask]):
        def process(self, task):
            names = {"text": "content"}
            task.data = task.data.rename_columns([names.get(n, n) for n in task.data.column_names])
            return task

    row = json.loads(run(tmp, Rename())[0].splitlines()[0])
    assert list(row) == ["n", "z", "content"]


def test_a_row_with_an_added_field_keeps_its_line_end(tmp):
    out = run(tmp, Score(), lines=[b'\xef\xbb\xbf{ "n" : 1.0 }\r\n', b"{}"])[0]
    assert out == b'\xef\xbb\xbf{ "n" : 1.0 , "score": 0}\r\n{"score": 1}\n'


@pytest.mark.parametrize("stage", [KeepEnglish(), KeepEnglishAtOnce()], ids=["rows", "batch"])
def test_an_odd_value_leaves_the_others_of_its_column_alone(tmp, stage):
    english = b'{"lang": "en"}\n'
    odd = [b'{"lang": 5}\n', b'{"lang": ["en"]}\n', b'{"lang": "5"}\n']
    out, report = run(tmp, stage, lines=[english] * 10 + odd + [english] * 10)
    assert out == english * 20
    if isinstance(stage, KeepEnglish):
        assert report.stages[2].dropped == {"int": 1, "list": 1, "str": 1}


def test_a_column_of_mixed_types_is_written_as_it_was_read(tmp):
    lines = [b'{"a": 1, "n": 1.50}\n', b'{"a": "1", "n": 2}\n', b'{"a": {"b": []}, "n": 3}\n']
    assert (
        run(tmp, Score(), lines=lines)[0].splitlines()[2] == b'{"a": {"b": []}, "n": 3, "score": 2}'
    )
    assert run(tmp, Without(), lines=lines)[0] == b'{"a": 1}\n{"a": "1"}\n{"a": {"b": []}}\n'


def test_a_field_that_is_called_like_the_column_of_lines_was_is_read(tmp):
    line = b'{"_curator_line": 5}\n'
    assert run(tmp, lines=[line])[0] == line


def test_no_file_is_written_for_no_rows(tmp):
    task = TableTask(data=pa.table({"n": pa.array([], pa.int64())}), task_id="t")
    assert JsonlWriter(path=f"{tmp}/out").process(task).data == []
    assert not Path(f"{tmp}/out").exists()


def test_bad_lines_go_to_quarantine_with_file_and_line(tmp):
    out, report = run(tmp, lines=[b'{"text":"a"}\n', b"{half\n", b'{"text":"c"}\n'])
    assert out == b'{"text":"a"}\n{"text":"c"}\n'
    record = json.loads(next(Path(tmp, "run/quarantine/p/rows").iterdir()).read_text())
    assert (record["file"], record["line"], record["raw"]) == (f"{tmp}/in/x.jsonl", 2, "{half\n")
    assert report.rejected == 1


def test_a_broken_file_is_rejected_and_the_others_are_read(tmp):
    write_atomic(f"{tmp}/in/y.jsonl.gz", b"no gzip")
    out, report = run(tmp)
    assert (out, report.rejected) == (b"".join(LINES) + b"\n", 1)


def test_an_unreadable_file_is_rejected(tmp):
    reader = JsonlReader()
    assert list(reader.process(FileGroupTask(data=[f"{tmp}/gone.jsonl"]))) == []
    assert "No such file" in reader.take_notes()[2][0].reason


def test_a_missing_column_is_null(tmp):
    write_atomic(f"{tmp}/x.jsonl", b'{"a":1}\n')
    task = next(JsonlReader(fields=["b"]).process(FileGroupTask(data=[f"{tmp}/x.jsonl"])))
    assert task.data.column("b").to_pylist() == [None]


def test_a_table_from_elsewhere_is_written_as_json(tmp):
    task = TableTask(data=pa.table({"text": ["é"], "n": [1]}), task_id="t")
    path = JsonlWriter(path=tmp).process(task).data[0]
    assert Path(path).read_text(encoding="utf-8") == '{"text": "é", "n": 1}\n'


@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_output_can_be_compressed(tmp, compression):
    task = TableTask(data=pa.table({"n": [1]}), task_id="t")
    path = JsonlWriter(path=tmp, compression=compression).process(task).data[0]
    assert b"".join(data for _, data in iter_blocks(path)) == b'{"n": 1}\n'


def test_leftovers_of_a_killed_run_are_removed(ours):
    names = ("0_a_0.jsonl", "0_a_1.jsonl", "0_b.jsonl.1.curator.tmp", "0_bc.jsonl", "0_a.txt")
    for name in names:
        write_atomic(f"{ours}/{name}", b"")
    JsonlWriter(path=ours).drop_unfinished(frozenset({f"{ours}/0_a_0.jsonl"}), {"0_a", "0_b"})
    assert list_names(ours) == ["0_a.txt", "0_a_0.jsonl", "0_bc.jsonl"]


DATA = b"".join(b'{"n":%d}\n' % i for i in range(1000))


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_lines_are_left_out_of_a_copy(tmp, ending):
    write_atomic(f"{tmp}/x.jsonl", DATA)
    starts = index_lines(DATA).starts
    copy_lines(f"{tmp}/x.jsonl", f"{tmp}/y.jsonl{ending}", starts[::3])
    kept = b"".join(b'{"n":%d}\n' % i for i in range(1000) if i % 3)
    assert b"".join(data for _, data in iter_blocks(f"{tmp}/y.jsonl{ending}")) == kept


def test_lines_longer_than_a_piece_are_copied_whole(tmp):
    lines = [b"%d" % k * size + b"\n" for k, size in enumerate([400_000, 3, 1_000_000, 5, 300_000])]
    write_atomic(f"{tmp}/x.jsonl", b"".join(lines))
    starts = index_lines(b"".join(lines)).starts
    copy_lines(f"{tmp}/x.jsonl", f"{tmp}/y.jsonl", starts[[1, 4]])
    assert Path(f"{tmp}/y.jsonl").read_bytes() == lines[0] + lines[2] + lines[3]


def test_a_copy_of_spans_has_their_lines_only(tmp):
    write_atomic(f"{tmp}/x.jsonl", DATA)
    starts = index_lines(DATA).starts.tolist()
    spans = [(starts[0], starts[10]), (starts[20], starts[30])]
    copy_lines(f"{tmp}/x.jsonl", f"{tmp}/y.jsonl", np.array([starts[5], starts[25]]), spans=spans)
    numbers = [
        json.loads(line)["n"]
        for line in Path(f"{tmp}/y.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert numbers == [i for i in [*range(10), *range(20, 30)] if i not in (5, 25)]


def test_spans_of_a_compressed_file_are_copied_in_one_pass(tmp):
    write_atomic(f"{tmp}/x.jsonl", DATA)
    none = np.empty(0, np.int64)
    copy_lines(f"{tmp}/x.jsonl", f"{tmp}/x.jsonl.gz", none)
    spans = [(0, 80), (160, 240)]
    copy_lines(f"{tmp}/x.jsonl.gz", f"{tmp}/y.jsonl", none, spans=spans)
    assert Path(f"{tmp}/y.jsonl").read_bytes() == DATA[:80] + DATA[160:240]


def test_a_file_that_has_changed_is_not_copied(tmp):
    write_atomic(f"{tmp}/x.jsonl", DATA)
    with pytest.raises(InputError, match="has changed during the run"):
        copy_lines(f"{tmp}/x.jsonl", f"{tmp}/y.jsonl", np.array([3]))
    assert not Path(f"{tmp}/y.jsonl").exists()


def test_a_file_that_has_become_shorter_is_not_copied(tmp):
    write_atomic(f"{tmp}/x.jsonl", DATA)
    with pytest.raises(InputError, match="it is shorter than it was"):
        copy_lines(f"{tmp}/x.jsonl", f"{tmp}/y.jsonl", np.array([len(DATA) + 10]))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=4)
LAYOUTS = st.tuples(
    st.booleans(), st.sampled_from(["", " ", "\t"]), st.sampled_from(["\n", "\r\n"])
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(OBJECTS, LAYOUTS), min_size=1, max_size=6))
def test_any_lines_are_read_and_written_as_they_are(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("any")
    texts = [
        space + json.dumps(row, ensure_ascii=ascii, separators=(f"{space},", ":")) + space + end
        for row, (ascii, space, end) in rows
    ]
    data = "".join(texts).encode("utf-8", "surrogatepass")
    Path(f"{folder}/x.jsonl").write_bytes(data)
    reader, writer = JsonlReader(), JsonlWriter(path=str(folder))
    tasks = list(reader.process(FileGroupTask(data=[f"{folder}/x.jsonl"])))
    assert reader.take_notes()[2] == []
    paths = [path for task in tasks for path in writer.process(task).data]
    assert b"".join(Path(path).read_bytes() for path in paths) == data
    for task in tasks:
        task.data = task.data.append_column("_new_", pa.array([1] * task.num_items))
    edited = [path for task in tasks for path in writer.process(task).data]
    lines = b"".join(Path(path).read_bytes() for path in edited).split(b"\n")[:-1]
    for line, (row, _) in zip(lines, rows, strict=True):
        assert json.loads(line) == {**row, "_new_": 1}
