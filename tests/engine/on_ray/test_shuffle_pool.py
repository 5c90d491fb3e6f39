"""Shuffles: the same files, byte for byte, for any number of workers, killed or not."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from shuffle_toys import BandShuffle, files, pool, rows, run, run_bands, tables

from curator_engine.errors import StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.stages.shuffle import ShuffleStage

BANDS = ((0, 2), (2, 4), (4, 6))


@pytest.mark.ray
def test_files_and_ids_do_not_depend_on_the_number_of_actors(ray_cluster, tmp):
    executors = {"0": LocalExecutor(), **{str(n): pool(n) for n in (1, 2, 3)}}
    found = {}
    for name, executor in executors.items():
        outputs, _ = run(ShuffleStage(keys=["key", "band"], path=f"{tmp}/{name}"), executor)
        ids = [(task.task_id, Path(task.data[0]).name, task._metadata) for task in outputs]
        found[name] = (files(f"{tmp}/{name}"), ids)
    assert len(found["0"][0]) == 11
    assert all(each == found["0"] for each in found.values())


@pytest.mark.ray
def test_a_run_that_was_killed_in_its_third_range_keeps_two(ray_cluster, tmp):
    run(BandShuffle(keys=["band", "key"], path=f"{tmp}/whole"))
    for executor, error in ((pool(), StageError), (LocalExecutor(), KeyboardInterrupt)):
        folder = f"{tmp}/{error.__name__}"
        stage = BandShuffle(keys=["band", "key"], path=folder, _die_in=(4, 6))
        with pytest.raises(error):
            run(stage, executor)
        before = {path: path.stat().st_mtime_ns for path in Path(folder).glob("*-[24]_*.parquet")}
        assert len(list(Path(folder, ".shuffle").glob("*.done"))) == 2
        outputs, _ = run(stage, executor)
        assert len(before) == 6
        assert {path: path.stat().st_mtime_ns for path in before} == before
        assert (len(outputs), files(folder)) == (9, files(f"{tmp}/whole"))


SCRIPT = """
import sys
from shuffle_toys import run_bands
from curator_engine.executors.choice import make_executor
from curator_engine.failures import FailurePolicy

executor = make_executor(sys.argv[2], workers=2, policy=FailurePolicy())
run_bands(sys.argv[1], executor, dies=True)
"""


def totals(report):
    stage = report.stages[-1]
    counts = (stage.tasks_in, stage.tasks_out, stage.items_in, stage.rejected)
    return counts, stage.dropped, stage.metrics


@pytest.mark.ray
@pytest.mark.parametrize("name", ["local", pytest.param("ray_actor_pool", marks=pytest.mark.long)])
def test_a_program_killed_in_the_third_of_four_iterations_keeps_two(name, ray_cluster, tmp):
    tests = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": tests, "RAY_ADDRESS": ray_cluster.address}
    done = subprocess.run([sys.executable, "-c", SCRIPT, f"{tmp}/a", name], env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(Path(tmp, "a/out/.shuffle").glob("*.done"))) == 2
    before = {path: path.stat().st_mtime_ns for path in Path(tmp, "a/out").glob("*-[24]_*.parquet")}

    executor = LocalExecutor({"workers": 2}) if name == "local" else pool()
    tasks, report = run_bands(f"{tmp}/a", executor)
    whole_tasks, whole_report = run_bands(f"{tmp}/whole", LocalExecutor())
    assert len(before) == 6
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert files(f"{tmp}/a/out") == files(f"{tmp}/whole/out")
    assert len(files(f"{tmp}/a/out")) == 12
    assert [t.task_id for t in tasks] == [t.task_id for t in whole_tasks]
    assert totals(report) == totals(whole_report)
    assert run_bands(f"{tmp}/a", executor)[1].sources_resumed == 5


@pytest.mark.ray
def test_what_actors_note_is_in_the_report_as_in_one_process(ray_cluster, tmp):
    _, alone = run_bands(f"{tmp}/alone", LocalExecutor())
    _, together = run_bands(f"{tmp}/together", pool(2))
    assert totals(together) == totals(alone)
    assert alone.stages[-1].metrics["rows"] + alone.stages[-1].dropped["seven"] == 5 * 40
    assert (alone.stages[-1].metrics["files"], alone.rejected) == (12, 5)
    assert (alone.stages[-1].workers, together.stages[-1].workers) == (1, 2)


@pytest.mark.ray
def test_an_actor_that_dies_costs_one_try_of_one_range(ray_cluster, tmp):
    stage = BandShuffle(keys=["key"], path=f"{tmp}/out", _die_in=(2, 4))
    outputs, report = run(stage, pool(1, retries=1))
    assert (len(outputs), report.worker_deaths, report.stages[0].retried) == (9, 1, 11)
    assert report.stages[0].metrics == {"files": 9}


@pytest.mark.ray
def test_a_shuffle_without_tries_left_has_failed(ray_cluster, tmp):
    stage = BandShuffle(keys=["key"], path=f"{tmp}/out", _die_in=(2, 4))
    outputs, report = run(stage, pool(1, on_error="skip"))
    assert (outputs, report.failed, report.worker_deaths) == ([], 11, 1)
    assert report.failures[0].error == "WorkerDiedError: worker died"


@pytest.mark.ray
@pytest.mark.parametrize("make", [partial(pool, 1), LocalExecutor])
def test_a_range_is_done_again_if_a_row_has_changed(make, ray_cluster, tmp):
    stage = BandShuffle(keys=["key"], path=tmp)
    run(stage, make(), tasks=tables(3))
    changed = tables(3)
    changed[1].data = changed[1].data.set_column(2, "row", pa.array([7] * 40))
    outputs, _ = run(stage, make(), tasks=changed)
    found = [row[2] for task in outputs for row in rows(task)]
    assert found.count(7) == 40 + 1


@pytest.mark.ray
@pytest.mark.parametrize("make", [pool, LocalExecutor])
def test_a_task_without_the_key_is_refused(make, ray_cluster, tmp):
    with pytest.raises(StageError, match=r"shuffle_stage cannot use task .*: no column nokey"):
        run(ShuffleStage(keys=["nokey"], path=tmp), make())
