"""Tasks of a Slurm array: each takes its part, all parts are the whole, and what is missing is known."""

import json
from collections import Counter
from typing import Any

import pytest

from curator_engine.errors import InputError, PipelineError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.running import slurm_array
from curator_engine.running.slurm_array import (
    SlurmArrayConfig,
    SlurmArrayRetryPlan,
    build_slurm_array_retry_submissions,
    configure_slurm_array_source_filtering,
    find_slurm_array_retries,
)
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.jsonl_files import JsonlReader, JsonlWriter

SHARDS, FIRST = 3, 1


@pytest.fixture(autouse=True)
def _no_array(monkeypatch):
    for name in vars(slurm_array):
        if name.endswith("_ENV_VAR"):
            # Set and taken away, so that what a test sets is taken away as well.
            monkeypatch.setenv(getattr(slurm_array, name), "0")
            monkeypatch.delenv(getattr(slurm_array, name))
    for name in ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "in").mkdir()
    for n in range(9):
        (tmp_path / f"in/{n}.jsonl").write_text(f'{{"n": {n}}}\n', encoding="utf-8")
    return tmp_path


def copied(folder, shard, **options: Any):
    configure_slurm_array_source_filtering(shard, SHARDS, FIRST)
    pipeline = Pipeline(
        "copy",
        stages=[
            FilePartitioner(file_paths=f"{folder}/in", files_per_partition=1),
            JsonlReader(),
            JsonlWriter(path=f"{folder}/out", **options),
        ],
    )
    pipeline.run(LocalExecutor(), checkpoint_path=folder / "checkpoint", run_dir=folder / "run")
    return pipeline.last_run


def plan(indices, total, least):
    return SlurmArrayRetryPlan(shard_indices=indices, total_shards=total, minimum_shard_index=least)


def rows_in(folder):
    lines = [path.read_text(encoding="utf-8") for path in (folder / "out").glob("*.jsonl")]
    return Counter(json.loads(line)["n"] for line in lines)


def test_each_source_task_is_of_one_shard_and_all_are_taken(files):
    reports = [copied(files, shard) for shard in range(FIRST, FIRST + SHARDS)]
    assert rows_in(files) == Counter(range(9))
    assert sum(report.sources for report in reports) == 9
    assert any("of 9 source tasks are its part" in note for note in reports[0].notes)


def test_shards_that_are_not_done_are_known_and_run_again(files):
    for shard in (1, 3):
        copied(files, shard)
    assert find_slurm_array_retries(files / "checkpoint") == plan((2,), 3, 1)
    copied(files, 2)
    # Run again, a shard that is done leaves the files of the others alone.
    assert copied(files, 1).sources_resumed == copied(files, 1).sources
    assert rows_in(files) == Counter(range(9))
    assert find_slurm_array_retries(files / "checkpoint") == plan((), 3, 1)


def test_without_an_array_there_is_nothing_to_run_again(tmp_path):
    assert find_slurm_array_retries(tmp_path) is None


def test_a_damaged_note_is_said(files):
    copied(files, 1)
    (note,) = (files / "checkpoint").rglob("run.json")
    note.write_text('{"total_shards": "three"', encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json is damaged"):
        find_slurm_array_retries(files / "checkpoint")


def test_a_checkpoint_is_of_one_number_of_shards(files):
    copied(files, 1)
    configure_slurm_array_source_filtering(0, 2, 0)
    with pytest.raises(InputError, match="a run of 3 shards that are numbered from 1"):
        SlurmArrayConfig(shard_index=0, total_shards=2).begin(str(files / "checkpoint"))


def test_a_folder_that_shards_share_is_not_emptied_by_one_of_them(files):
    with pytest.raises(
        PipelineError, match="mode='overwrite' is about all that lies in the folder"
    ):
        copied(files, 1, mode="overwrite")


def test_what_looks_at_the_whole_input_is_refused():
    slurm_array.refuse_array()
    configure_slurm_array_source_filtering(0, 2, 0)
    with pytest.raises(PipelineError, match="NEMO_CURATOR_SLURM_ARRAY_ENABLED=0"):
        slurm_array.refuse_array()


def test_slurms_own_variables_count_for_scripts_of_nemo_curator_only(monkeypatch):
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")
    monkeypatch.setenv("SLURM_ARRAY_TASK_COUNT", "16")
    monkeypatch.setattr("curator_engine.compat.INSTALLED", False)
    assert slurm_array.of_this_process() is None
    monkeypatch.setattr("curator_engine.compat.INSTALLED", True)
    assert slurm_array.of_this_process() == SlurmArrayConfig(shard_index=3, total_shards=16)
    monkeypatch.setenv("NEMO_CURATOR_SLURM_ARRAY_ENABLED", "off")
    assert slurm_array.of_this_process() is None


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"SLURM_ARRAY_TASK_ID": "3"}, "SLURM_ARRAY_TASK_COUNT is not set"),
        ({"SLURM_ARRAY_TASK_ID": "x", "SLURM_ARRAY_TASK_COUNT": "2"}, "TASK_ID is 'x'"),
        ({"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_COUNT": "2"}, "shard 2 is none of 2"),
        ({"NEMO_CURATOR_SLURM_ARRAY_ENABLED": "maybe"}, "set it to 1 or 0"),
    ],
)
def test_variables_that_contradict_each_other_are_an_error(variables, message):
    with pytest.raises(PipelineError, match=message):
        SlurmArrayConfig.from_env(variables)


@pytest.mark.parametrize(
    ("most", "arrays"),
    [(None, [((3, 7, 12), 0)]), (5, [((3,), 0), ((2,), 5), ((2,), 10)])],
)
def test_missing_shards_become_arrays_that_slurm_takes(most, arrays):
    found = build_slurm_array_retry_submissions(plan((3, 7, 12), 16, 0), most)
    assert [(each.array_indices, each.shard_index_offset) for each in found] == arrays
