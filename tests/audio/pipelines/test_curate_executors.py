"""Every executor gives the same segments, lists and tables as one process, also after a run that was stopped."""

import pytest
from audio.runs import data, rows_of, write_recordings
from stopped_runs import stop_at

from curator_audio.pipelines.curate import CurateWorkflow
from curator_audio.recordings.measure_recordings import MeasureRecordings
from curator_audio.recordings.write_segments import WriteSegments
from curator_audio.settings import CurateSettings
from curator_engine.executors.local import LocalExecutor

POLICY = {"on_error": "quarantine"}
_COUNTS = ("recordings", "segments", "kept", "dropped", "unreadable", "kept_s", "quarantined")


def curate_on(executor, source, out):
    """All that a run writes, its rows, and what it counts."""
    settings = CurateSettings(
        inputs=[str(source), str(source / "list.jsonl")],
        output=str(out),
        cut="whole",
        min_loudness=-40.0,
    )
    facts = CurateWorkflow(settings=settings).run(executor).metadata
    lists = [(out / name).read_bytes() for name in ("manifest.jsonl", "cuts.jsonl")]
    return data(out), lists, rows_of(out), {name: facts[name] for name in _COUNTS}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Tones, a file that is none, and a list."""
    return write_recordings(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def expected(source, tmp_path_factory):
    """What one process gives."""
    executor = LocalExecutor({"workers": 1, **POLICY})
    return curate_on(executor, source, tmp_path_factory.mktemp("one") / "out")


@pytest.mark.long
def test_local_workers_give_the_same(source, expected, tmp_path):
    executor = LocalExecutor({"workers": 2, **POLICY})
    assert curate_on(executor, source, tmp_path / "out") == expected


@pytest.mark.parametrize("stage", [MeasureRecordings, WriteSegments])
def test_a_run_that_was_stopped_gives_the_same(source, expected, tmp_path, monkeypatch, stage):
    executor = LocalExecutor({"workers": 1, **POLICY})
    with monkeypatch.context() as patch:
        stop_at(patch, stage)
        with pytest.raises(KeyboardInterrupt):
            curate_on(executor, source, tmp_path / "out")
    assert curate_on(executor, source, tmp_path / "out") == expected


@pytest.mark.long
def test_executors_on_ray_give_the_same(ray_executor_of_app, source, expected, tmp_path):
    assert curate_on(ray_executor_of_app(**POLICY), source, tmp_path / "out") == expected
