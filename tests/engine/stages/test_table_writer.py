"""The folder of a writer, before a run, during it, and by hand."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curator_engine.errors import InputError, PipelineError, SettingsError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stage import ProcessingStage
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.jsonl_files import JsonlReader, JsonlWriter
from curator_engine.stages.parquet import ParquetWriter
from curator_engine.task import EmptyTask, TableTask

WRITERS = pytest.mark.parametrize("writer", [JsonlWriter, ParquetWriter])


class Tables(ProcessingStage[EmptyTask, TableTask]):
    """Three tables, the second of which may fail."""

    fails = False

    def process(self, task):
        for n in range(3):
            if n == 1 and self.fails:
                raise ValueError("broken")
            yield table(n)


def table(n, **facts):
    return TableTask(data=pa.table({"n": [n]}), **facts)


def files(folder):
    return sorted(p.name for p in Path(folder).iterdir() if p.name != ".curator")


def write(writer, folder, *, executor=None, checkpoint=None, fails=False, **options):
    source = Tables()
    source.fails = fails
    pipeline = Pipeline("p", stages=[source, writer(path=str(folder), **options)])
    return pipeline.run(executor or LocalExecutor(), checkpoint_path=checkpoint)


class FailOn(ProcessingStage[TableTask, TableTask]):
    """Fails on tables with this number."""

    def __init__(self, number: int | None) -> None:
        self.number = number

    def process(self, task):
        if self.number in task.data.column("n").to_pylist():
            raise ValueError("broken")
        return task


def copy(folder, source, *, fails_on=None, block_bytes=1000, **options):
    stages = [
        FilePartitioner(file_paths=f"{folder}/{source}", files_per_partition=1),
        JsonlReader(block_bytes=block_bytes),
        FailOn(fails_on),
        JsonlWriter(path=f"{folder}/out", **options),
    ]
    Pipeline("p", stages=stages).run(LocalExecutor(), checkpoint_path=f"{folder}/done-{source}")


def numbers(folder):
    lines = [path.read_text(encoding="utf-8") for path in (folder / "out").glob("*.jsonl")]
    return sorted(json.loads(line)["n"] for text in lines for line in text.splitlines())


@pytest.fixture
def lines(tmp_path):
    for source, start in (("a", 0), ("b", 10)):
        for n in (0, 5):
            rows = "".join(f'{{"n": {start + n + k}}}\n' for k in range(5))
            (tmp_path / source).mkdir(exist_ok=True)
            (tmp_path / source / f"{n}.jsonl").write_text(rows, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("mode", ["ignore", "append"])
def test_a_run_that_goes_on_leaves_what_another_has_written_meanwhile(lines, mode):
    with pytest.raises(StageError):
        copy(lines, "a", fails_on=7, mode=mode)
    copy(lines, "b", mode=mode)
    copy(lines, "a", mode=mode)
    assert numbers(lines) == [*range(20)]


def test_side_by_side_a_run_that_goes_on_drops_its_own_unfinished_files_only(lines):
    with pytest.raises(StageError):
        # Of the second file, two blocks are written and one is not.
        copy(lines, "a", fails_on=9, block_bytes=20, mode="append")
    (lines / "done-a").rename(lines / "done-a-before")
    copy(lines, "a", mode="append")
    (lines / "done-a").rename(lines / "done-a-after")
    (lines / "done-a-before").rename(lines / "done-a")
    copy(lines, "a", block_bytes=20, mode="append")
    assert numbers(lines) == sorted([*range(10), *range(10)])


def test_with_other_settings_the_unfinished_files_of_the_former_ones_go(lines):
    with pytest.raises(StageError):
        copy(lines, "a", fails_on=9, block_bytes=20)
    (lines / "a/0.jsonl").unlink()
    copy(lines, "a", block_bytes=1000)
    assert numbers(lines) == [*range(5, 10)]


@WRITERS
def test_tasks_without_ids_that_are_written_by_hand_get_files_of_their_own(writer, tmp_path):
    by_hand = writer(path=str(tmp_path / "out"))
    paths = [by_hand.process(table(n)).data[0] for n in range(3)]
    assert len(set(paths)) == len(files(tmp_path / "out")) == 3


def test_an_id_that_would_lead_out_of_the_folder_does_not(tmp_path):
    path = JsonlWriter(path=str(tmp_path / "out")).process(table(1, task_id="../../x")).data[0]
    assert Path(path).parent == tmp_path / "out"


def test_by_hand_a_file_of_others_is_not_written_over(tmp_path):
    (tmp_path / "a.jsonl").write_text("mine", encoding="utf-8")
    with pytest.raises(Exception, match="was not made by a run"):
        JsonlWriter(path=str(tmp_path)).process(table(1, task_id="a"))
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == "mine"


def test_in_a_run_a_file_of_others_is_not_written_over(tmp_path):
    name = Path(write(JsonlWriter, tmp_path / "first")[0].data[0]).name
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("mine", encoding="utf-8")
    with pytest.raises(Exception, match="was not made by a run"):
        write(JsonlWriter, tmp_path / "out")
    assert (tmp_path / "out" / name).read_text(encoding="utf-8") == "mine"


@WRITERS
def test_overwrite_by_hand_replaces_an_earlier_writers_files_once(writer, tmp_path):
    writer(path=str(tmp_path / "out")).process(table(0))
    second = writer(path=str(tmp_path / "out"), mode="overwrite")
    paths = [second.process(table(n)).data[0] for n in (1, 2)]
    assert files(tmp_path / "out") == sorted(Path(path).name for path in paths)


def test_constructing_a_writer_removes_nothing(tmp_path):
    write(JsonlWriter, tmp_path / "out")
    Pipeline(
        "p", stages=[Tables(), JsonlWriter(path=str(tmp_path / "out"), mode="overwrite")]
    ).plan()
    assert len(files(tmp_path / "out")) == 3


@pytest.mark.parametrize(
    ("mode", "left", "workers"),
    [("ignore", 3, 1), ("overwrite", 3, 1), ("overwrite", 3, 2), ("append", 6, 1)],
)
def test_a_second_run(tmp_path, mode, left, workers):
    for _ in range(2):
        executor = LocalExecutor({"workers": workers})
        write(JsonlWriter, tmp_path / "out", mode=mode, executor=executor)
    assert len(files(tmp_path / "out")) == left


def test_overwrite_leaves_no_file_of_a_longer_run_before(tmp_path):
    write(JsonlWriter, tmp_path / "out", file_extension="json")
    write(JsonlWriter, tmp_path / "out", mode="overwrite")
    assert {Path(name).suffix for name in files(tmp_path / "out")} == {".jsonl"}


def test_error_refuses_the_second_run_before_it_begins(tmp_path):
    write(JsonlWriter, tmp_path / "out", mode="error")
    with pytest.raises(InputError, match="is not empty"):
        write(JsonlWriter, tmp_path / "out", mode="error")


@pytest.mark.parametrize("mode", ["overwrite", "error", "append"])
def test_a_run_that_goes_on_from_its_checkpoint_keeps_what_it_wrote(tmp_path, mode):
    options: dict[str, Any] = {"mode": mode, "checkpoint": str(tmp_path / "done")}
    with pytest.raises(StageError):
        write(JsonlWriter, tmp_path / "out", fails=True, **options)
    write(JsonlWriter, tmp_path / "out", **options)
    first = {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in files(tmp_path / "out")}
    write(JsonlWriter, tmp_path / "out", **options)
    again = {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in files(tmp_path / "out")}
    assert len(first) == 3
    assert again == first


def test_overwrite_never_empties_the_folder_that_is_read(tmp_path):
    from curator_engine.stages.files import FilePartitioner
    from curator_engine.stages.jsonl_files import JsonlReader

    write(JsonlWriter, tmp_path / "out")
    reader = [FilePartitioner(file_paths=str(tmp_path / "out")), JsonlReader()]
    writer = JsonlWriter(path=str(tmp_path / "out"), mode="overwrite")
    with pytest.raises(InputError, match="overlap"):
        Pipeline("p", stages=[*reader, writer]).run(LocalExecutor())
    assert len(files(tmp_path / "out")) == 3


@pytest.mark.parametrize(
    ("options", "ending"),
    [
        ({}, ".jsonl"),
        ({"file_extension": "json"}, ".json"),
        ({"file_extension": ".json"}, ".json"),
        ({"write_kwargs": {"compression": "gzip", "lines": True}}, ".jsonl.gz"),
        ({"file_extension": "jsonl.zst", "write_kwargs": {"compression": "zstd"}}, ".jsonl.zst"),
    ],
)
def test_the_ending_of_lines(options, ending):
    assert JsonlWriter(path="x", **options).ending == ending


def test_options_of_arrow_reach_the_file(tmp_path):
    import pyarrow.parquet as pq

    options = {"compression": "snappy", "row_group_size": 2, "index": False}
    writer = ParquetWriter(path=str(tmp_path), write_kwargs=options)
    path = writer.process(TableTask(data=pa.table({"n": [1, 2, 3]}))).data[0]
    facts = pq.ParquetFile(path).metadata
    assert (facts.num_row_groups, facts.row_group(0).column(0).compression) == (2, "SNAPPY")


@pytest.mark.parametrize(
    ("writer", "options", "words"),
    [
        (JsonlWriter, {"write_kwargs": {"date_format": "iso"}}, "write_kwargs: 'date_format'"),
        (JsonlWriter, {"write_kwargs": {"force_ascii": True}}, "force_ascii=True is not offered"),
        (JsonlWriter, {"write_kwargs": {"compression": "zip"}}, "compression='zip'"),
        (ParquetWriter, {"write_kwargs": {"partition_cols": ["a"]}}, "'partition_cols'"),
        (ParquetWriter, {"mode": "w"}, "mode='w'"),
        (ParquetWriter, {"file_extension": "a/b"}, "file_extension='a/b'"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_names_it(writer, options, words):
    with pytest.raises(SettingsError, match=words):
        writer(path="x", **options)


def test_lines_by_hand_are_what_was_given(tmp_path):
    path = JsonlWriter(path=str(tmp_path), fields=["n"]).process(
        TableTask(data=pa.table({"n": [1, 2], "m": [3, 4]}))
    )
    rows = [
        json.loads(line) for line in Path(path.data[0]).read_text(encoding="utf-8").splitlines()
    ]
    assert rows == [{"n": 1}, {"n": 2}]


def test_a_missing_column_is_found_before_the_run(tmp_path):
    with pytest.raises((PipelineError, StageError)):
        write(JsonlWriter, tmp_path / "out", fields=["none"])
