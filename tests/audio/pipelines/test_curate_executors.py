"""Every executor gives the same segments, lists and tables as one process, also after a run that was stopped."""

import shutil

import pytest
from audio.runs import data, rows_of, write_recordings
from stopped_runs import stop_at

from curator_audio.pipelines.curate import CurateWorkflow
from curator_audio.recordings.find_speakers import FindSpeakers
from curator_audio.recordings.fingerprint_segments import FingerprintSegments
from curator_audio.recordings.measure_recordings import MeasureRecordings
from curator_audio.recordings.transcribe_segments import TranscribeSegments
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
        dedup="near",
    )
    facts = CurateWorkflow(settings=settings).run(executor).metadata
    names = ("manifest.jsonl", "cuts.jsonl", "duplicates.parquet", "fingerprints.arrow")
    lists = [(out / name).read_bytes() for name in names]
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


@pytest.mark.parametrize("stage", [MeasureRecordings, FingerprintSegments, WriteSegments])
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


def spoken_on(executor, source, out):
    """Who says what in a recording that is there twice."""
    settings = CurateSettings(
        inputs=[str(source)],
        output=str(out),
        output_format="none",
        speakers=True,
        transcribe="draft",
        dedup="near",
    )
    CurateWorkflow(settings=settings).run(executor)
    return rows_of(out), (out / "manifest.jsonl").read_bytes()


@pytest.fixture(scope="module")
def speech(speech_folder, tmp_path_factory):
    """A recording of a person, twice."""
    place = tmp_path_factory.mktemp("speech")
    for name in ("a.flac", "b.flac"):
        shutil.copy(speech_folder / "jfk.flac", place / name)
    return place


@pytest.fixture(scope="module")
def said(speech, tmp_path_factory):
    """What one process hears."""
    executor = LocalExecutor({"workers": 1, **POLICY})
    rows, lists = spoken_on(executor, speech, tmp_path_factory.mktemp("said") / "out")
    assert {row["drop_stage"] for row in rows} == {"", "exact"}
    assert all(row["speaker"] and row["transcript"] for row in rows)
    return rows, lists


@pytest.mark.long
@pytest.mark.parametrize("stage", [FindSpeakers, TranscribeSegments])
def test_a_stopped_run_hears_the_same_people_and_words(speech, said, tmp_path, monkeypatch, stage):
    executor = LocalExecutor({"workers": 1, **POLICY})
    with monkeypatch.context() as patch:
        stop_at(patch, stage)
        with pytest.raises(KeyboardInterrupt):
            spoken_on(executor, speech, tmp_path / "out")
    assert spoken_on(executor, speech, tmp_path / "out") == said


@pytest.mark.long
@pytest.mark.parametrize(
    "make_ray_executor", [pytest.param("actor pool", marks=pytest.mark.ray)], indirect=True
)
def test_workers_on_ray_hear_the_same_people_and_words(make_ray_executor, speech, said, tmp_path):
    assert spoken_on(make_ray_executor(**POLICY), speech, tmp_path / "out") == said
