"""Readers under NeMo Curator's names."""

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import curator_engine.compat
from curator_engine.errors import InputError, SettingsError, StageError
from curator_engine.executors.local import LocalExecutor

assert curator_engine.compat.INSTALLED
readers: Any = import_module("nemo_curator.stages.text.io.reader")
writers: Any = import_module("nemo_curator.stages.text.io.writer")
ids: Any = import_module("nemo_curator.stages.deduplication.id_generator")
Pipeline: Any = import_module("nemo_curator.pipeline").Pipeline

FORMATS = pytest.mark.parametrize("kind", ["jsonl", "parquet"])


@pytest.fixture
def corpus(tmp_path):
    """Five files of each kind, of three documents each."""
    for kind in ("jsonl", "parquet"):
        (tmp_path / kind).mkdir()
    for f in range(5):
        rows = [{"text": f"text {f} {i}", "n": 3 * f + i} for i in range(3)]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / "jsonl" / f"f{f}.jsonl").write_text(lines, encoding="utf-8")
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "parquet" / f"f{f}.parquet")
    return tmp_path


@pytest.fixture
def generator():
    ids.create_id_generator_actor()
    yield ids
    ids.kill_id_generator_actor()


def reader(kind, corpus, **options):
    cls = readers.JsonlReader if kind == "jsonl" else readers.ParquetReader
    return cls(file_paths=str(corpus / kind), **options)


def read(kind, corpus, *stages, workers=1, **options):
    pipeline = Pipeline("read", stages=[reader(kind, corpus, **options), *stages])
    return pipeline.run(LocalExecutor({"workers": workers}))


def column(tasks, name):
    return [value for task in tasks for value in task.data.column(name).to_pylist()]


@FORMATS
def test_a_batch_has_the_documents_of_so_many_files(kind, corpus):
    tasks = read(kind, corpus, files_per_partition=2)
    assert [task.num_items for task in tasks] == [6, 6, 3]
    assert column(tasks, "n") == list(range(15))


@FORMATS
def test_a_blocksize_joins_small_files(kind, corpus):
    assert len(read(kind, corpus, blocksize="1MiB")) == 1


@FORMATS
def test_a_blocksize_cuts_no_document(kind, corpus):
    assert column(read(kind, corpus, blocksize=40), "n") == list(range(15))


@FORMATS
def test_without_either_a_file_is_a_batch(kind, corpus):
    assert [task.num_items for task in read(kind, corpus)] == [3] * 5


@FORMATS
def test_the_metadata_names_the_source_files(kind, corpus):
    for options in ({}, {"files_per_partition": 3}):
        tasks = read(kind, corpus, **options)
        named = [Path(path).name for task in tasks for path in task._metadata["source_files"]]
        assert named == [f"f{f}.{kind}" for f in range(5)]


def test_joined_lines_are_written_byte_for_byte(corpus, tmp_path):
    writer = writers.JsonlWriter(path=str(tmp_path / "out"))
    (task,) = read("jsonl", corpus, writer, files_per_partition=5)
    before = b"".join(path.read_bytes() for path in sorted((corpus / "jsonl").iterdir()))
    assert Path(task.data[0]).read_bytes() == before


@pytest.mark.parametrize(("kind", "workers"), [("jsonl", 1), ("parquet", 1), ("jsonl", 2)])
def test_ids_follow_the_order_of_files_and_rows(kind, corpus, generator, workers):
    tasks = read(kind, corpus, _generate_ids=True, workers=workers)
    assert column(tasks, "_curator_dedup_id") == list(range(15))
    assert str(tasks[0].data.schema.field("_curator_dedup_id").type) == "int64"


@FORMATS
def test_assigned_ids_are_those_that_were_generated_whatever_the_blocksize(
    kind, corpus, generator, tmp_path
):
    read(kind, corpus, _generate_ids=True, blocksize="1MiB")
    generator.write_id_generator_to_disk(str(tmp_path / "ids.json"))
    generator.create_id_generator_actor(str(tmp_path / "ids.json"))
    for options in ({}, {"blocksize": 40}, {"files_per_partition": 2}):
        tasks = read(kind, corpus, _assign_ids=True, **options)
        assert column(tasks, "_curator_dedup_id") == column(tasks, "n")


def test_blank_and_bad_lines_keep_their_numbers(corpus, generator):
    path = corpus / "jsonl" / "f0.jsonl"
    path.write_text('{"n": 0}\n\nbad\n{"n": 3}\n', encoding="utf-8")
    tasks = read("jsonl", corpus, _generate_ids=True)
    assert column(tasks[:1], "_curator_dedup_id") == column(tasks[:1], "n")


def test_a_column_of_ids_that_is_there_stays(corpus, generator):
    (corpus / "jsonl" / "f0.jsonl").write_text('{"_curator_dedup_id": 77}\n', encoding="utf-8")
    assert column(read("jsonl", corpus, _generate_ids=True)[:1], "_curator_dedup_id") == [77]


def test_a_file_that_the_generator_does_not_know_is_named(corpus, generator):
    with pytest.raises(StageError, match=r"f0\.jsonl is unknown to the id generator"):
        read("jsonl", corpus, _assign_ids=True)


def test_a_file_that_has_grown_since_it_got_ids_is_named(corpus, generator):
    read("jsonl", corpus, _generate_ids=True)
    with (corpus / "jsonl" / "f1.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"n": 99}\n')
    with pytest.raises(StageError, match=r"f1\.jsonl has more rows than the 3 that got ids"):
        read("jsonl", corpus, _assign_ids=True)


def test_ids_without_a_generator_are_an_error_that_says_how_to_get_one(corpus):
    with pytest.raises(SettingsError, match="call create_id_generator_actor"):
        read("jsonl", corpus, _generate_ids=True)


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("jsonl", {"_generate_ids": True, "_assign_ids": True}, "not both"),
        ("jsonl", {"task_type": "image"}, "task_type='image'"),
        ("jsonl", {"read_kwargs": {"nrows": 3}}, "read_kwargs: 'nrows' is not offered"),
        ("jsonl", {"read_kwargs": {"engine": "ujson"}}, "engine='ujson' is not offered"),
        ("parquet", {"read_kwargs": {"partitioning": "hive"}}, "'partitioning' is not offered"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_names_it(corpus, kind, options, words):
    with pytest.raises(SettingsError, match=words):
        reader(kind, corpus, **options)


def test_arrows_filters_keep_rows_and_count_the_others(corpus):
    source = reader("parquet", corpus, read_kwargs={"filters": [("n", ">=", 13)]})
    pipeline = Pipeline("read", stages=[source])
    tasks = pipeline.run(LocalExecutor())
    assert column(tasks, "n") == [13, 14]
    stage = pipeline.last_run.stage("parquet_reader")
    assert stage.dropped == {"filters of read_kwargs": 13}


def test_columns_in_read_kwargs_are_the_fields(corpus):
    assert read("parquet", corpus, read_kwargs={"columns": ["n"]})[0].get_columns() == ["n"]


@pytest.mark.parametrize("workers", [2])
def test_storage_options_reach_every_process(corpus, bucket, monkeypatch, workers):
    import s3fs

    url = f"{bucket}/readers-{workers}"
    s3fs.S3FileSystem().put(str(corpus / "jsonl") + "/", f"{url}/", recursive=True)
    keys: dict[str, Any] = {"key": "test", "secret": "test"}
    keys["client_kwargs"] = {"endpoint_url": os.environ["AWS_ENDPOINT_URL"]}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    s3fs.S3FileSystem.clear_instance_cache()
    source = readers.JsonlReader(file_paths=url, read_kwargs={"storage_options": keys})
    writer = writers.JsonlWriter(path=f"{url}-out", write_kwargs={"storage_options": keys})
    tasks = Pipeline("s3", stages=[source, writer]).run(LocalExecutor({"workers": workers}))
    assert len(tasks) == 5


def test_no_repr_shows_the_options_of_storage(corpus):
    options = {"storage_options": {"secret": "s3cret"}}
    source = reader("jsonl", corpus, read_kwargs=options)
    writer = writers.JsonlWriter(path="s3://b/out", write_kwargs=options)
    plan = Pipeline("p", stages=[source, writer]).build()
    assert "s3cret" not in repr([source, writer, *plan.stages, plan])


def test_a_missing_input_is_an_error(tmp_path):
    with pytest.raises((InputError, StageError), match="does not exist"):
        read("jsonl", tmp_path)
