"""One schema for the files of a run, and what Parquet has no type for."""

import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator_engine.executors.local import LocalExecutor
from curator_engine.files.storage import write_atomic
from curator_engine.pipeline import Pipeline
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.jsonl_files import JsonlReader
from curator_engine.stages.parquet import ParquetReader, ParquetWriter
from curator_engine.stages.parquet_schema import JSON_TEXT, unify
from curator_engine.task import FileGroupTask, TableTask


def run(tmp, *files, **options):
    """JSON lines to Parquet, a file each: the pipeline and the folder's table."""
    for i, lines in enumerate(files):
        write_atomic(f"{tmp}/in/{i}.jsonl", b"".join(line + b"\n" for line in lines))
    stages = [
        FilePartitioner(file_paths=f"{tmp}/in"),
        JsonlReader(),
        ParquetWriter(path=f"{tmp}/out"),
    ]
    pipeline = Pipeline("p", stages=stages)
    tasks = pipeline.run(LocalExecutor(), **options)
    return pipeline, pa.concat_tables([pq.read_table(task.data[0]) for task in tasks])


@pytest.mark.parametrize(
    ("blocks", "kind", "values"),
    [
        ([b'{"a":null}', b'{"a":"x"}'], pa.string(), [None, "x"]),
        ([b'{"b":1}', b'{"a":"x"}'], pa.string(), [None, "x"]),
        ([b'{"a":1}', b'{"a":1.5}'], pa.float64(), [1.0, 1.5]),
        ([b'{"a":null}', b'{"b":1}'], pa.string(), [None, None]),
        ([b'{"a":9007199254740993}', b'{"a":1.5}'], pa.string(), ["9007199254740993", "1.5"]),
        ([b'{"a":1}', b'{"a":"1"}', b'{"a":true}'], pa.string(), ["1", '"1"', "true"]),
        ([b'{"a":[]}', b'{"a":["x"]}'], pa.list_(pa.string()), [[], ["x"]]),
        (
            [b'{"a":{"x":1}}', b'{"a":{"y":"z"}}'],
            None,
            [{"x": 1, "y": None}, {"x": None, "y": "z"}],
        ),
        ([b'{"a":{}}', b'{"a":null}'], pa.string(), ["{}", None]),
        ([b'{"a":[{}]}', b'{"a":{"b":1}}'], pa.string(), ["[{}]", '{"b": 1}']),
    ],
)
def test_the_files_of_a_run_have_one_schema(tmp, blocks, kind, values):
    _, table = run(tmp, *[[block] for block in blocks])
    assert table.column("a").to_pylist() == values
    assert kind is None or table.schema.field("a").type.equals(kind)
    assert ds.dataset(f"{tmp}/out").to_table().num_rows == len(blocks)
    assert len(pd.read_parquet(f"{tmp}/out")) == len(blocks)


def test_a_column_of_several_kinds_is_json_text_as_it_was_written_and_is_named(tmp):
    lines = [b'{"lang":"en"}', b'{"lang":5.10}', b'{"lang":12345678901234567890}', b'{"lang":null}']
    pipeline, table = run(tmp, lines, [b'{"lang":"de"}'])
    texts = table.column("lang").to_pylist()
    assert texts == ['"en"', "5.10", "12345678901234567890", None, '"de"']
    assert table.schema.field("lang").metadata == JSON_TEXT
    assert [note for note in pipeline.last_run.notes if "'lang'" in note]


def test_a_resumed_run_ends_with_the_same_files(tmp):
    files = [[b'{"a":null}'], [b'{"a":1}'], [b'{"a":0.5}']]
    run(tmp, *files, checkpoint_path=f"{tmp}/checkpoint")
    before = {p.name: p.read_bytes() for p in Path(f"{tmp}/out").glob("*.parquet")}
    run(tmp, *files, checkpoint_path=f"{tmp}/checkpoint")
    assert {p.name: p.read_bytes() for p in Path(f"{tmp}/out").glob("*.parquet")} == before


def test_files_that_are_alike_are_left_alone(tmp):
    for name in "xy":
        pq.write_table(pa.table({"a": [1]}), f"{tmp}/{name}.parquet")
    before = Path(f"{tmp}/x.parquet").stat()
    assert unify([f"{tmp}/x.parquet", f"{tmp}/y.parquet"]) == []
    assert Path(f"{tmp}/x.parquet").stat() == before


def test_no_files_have_nothing_to_unify():
    assert unify([]) == []


def test_a_column_that_is_there_twice_is_written_twice(tmp):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    path = ParquetWriter(path=tmp).process(TableTask(data=table, task_id="t")).data[0]
    assert pq.ParquetFile(path).read().equals(table)


def test_chosen_fields_are_written_in_their_order(tmp):
    table = pa.table({"a": [1], "b": [2], "c": [3]})
    task = TableTask(data=table, task_id="t")
    path = ParquetWriter(path=tmp, fields=["c", "a"]).process(task).data[0]
    assert pq.read_table(path).column_names == ["c", "a"]


LEAVES = [
    (pa.int8(), st.integers(-128, 127)),
    (pa.uint64(), st.integers(0, 2**64 - 1)),
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.float64(), st.floats(allow_nan=False)),
    (pa.bool_(), st.booleans()),
    (pa.string(), st.text(max_size=5)),
    (pa.large_binary(), st.binary(max_size=5)),
    (pa.binary(2), st.binary(min_size=2, max_size=2)),
    (pa.decimal128(20, 3), st.integers(-(10**19), 10**19).map(lambda n: Decimal(n).scaleb(-3))),
    (pa.timestamp("us", "UTC"), st.integers(-(2**50), 2**50)),
    (pa.timestamp("ns"), st.integers(-(2**62), 2**62)),
    (pa.date32(), st.integers(-(10**5), 10**5)),
    (pa.dictionary(pa.int32(), pa.string()), st.text(max_size=3)),
]


def nested(leaf):
    kind, values = leaf
    return st.sampled_from(
        [
            leaf,
            (pa.list_(kind), st.lists(values | st.none(), max_size=3)),
            (pa.struct([pa.field("x", kind)]), st.fixed_dictionaries({"x": values | st.none()})),
            (
                pa.map_(pa.string(), kind),
                st.dictionaries(st.text(max_size=2), values, max_size=2).map(
                    lambda d: list(d.items())
                ),
            ),
        ]
    )


@st.composite
def tables(draw):
    rows = draw(st.integers(1, 6))
    columns = {}
    for name in draw(
        st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=4, unique=True)
    ):
        leaf = draw(st.sampled_from(LEAVES))
        flat = pa.types.is_dictionary(leaf[0])
        kind, values = leaf if flat else draw(nested(leaf))
        cells = draw(st.lists(values | st.none(), min_size=rows, max_size=rows))
        columns[name] = pa.array(cells, kind.value_type if flat else kind)
        columns[name] = columns[name].dictionary_encode() if flat else columns[name]
    return pa.table(columns).replace_schema_metadata({"about": "test"})


@settings(max_examples=60, deadline=None)
@given(table=tables())
def test_any_table_is_read_and_written_as_it_is(tmp_path_factory, table):
    folder = tmp_path_factory.mktemp("any")
    pq.write_table(table, f"{folder}/x.parquet", row_group_size=3)
    reader, writer = ParquetReader(), ParquetWriter(path=f"{folder}/out")
    read = list(reader.process(FileGroupTask(data=[f"{folder}/x.parquet"])))
    for i, task in enumerate(read):
        task.task_id = str(i)
    paths = [path for task in read for path in writer.process(task).data]
    assert writer.finish_files(paths) == []
    written = pa.concat_tables([pq.ParquetFile(path).read() for path in paths])
    assert written.schema.equals(
        pq.ParquetFile(f"{folder}/x.parquet").schema_arrow, check_metadata=True
    )
    assert json.dumps(written.to_pylist(), default=str) == json.dumps(
        table.to_pylist(), default=str
    )
