import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audio.drawn_sounds import voice
from audio.sounds import sound_file

from curator_audio.duplicates.fingerprint import fingerprint
from curator_audio.recordings.fingerprint_segments import FingerprintSegments
from curator_engine.errors import BudgetExceededError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stages.small_files import task_of
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask


def _rows(stage, *paths):
    task = stage.process(FileGroupTask(data=[str(path) for path in paths]))
    return pq.read_table(task.data[0]).to_pylist()


def test_a_whole_recording_has_the_name_of_its_place(tmp_path):
    samples = voice(1, 2.0)
    (tmp_path / "a.wav").write_bytes(sound_file(samples[:, None], subtype="FLOAT"))
    (row,) = _rows(FingerprintSegments(parts=str(tmp_path / "parts")), tmp_path / "a.wav")
    assert row["uuid"] == str(tmp_path / "a.wav")
    assert row["peaks"] == fingerprint(samples)["peaks"]


def test_equal_samples_in_other_files_have_equal_hashes(tmp_path):
    samples = np.round(voice(2, 1.0) * 32768)[:, None] / 32768
    for kind in ("WAV", "FLAC"):
        (tmp_path / f"a.{kind.lower()}").write_bytes(sound_file(samples, format=kind))
    stage = FingerprintSegments(parts=str(tmp_path / "parts"))
    wav, flac = (_rows(stage, tmp_path / name)[0] for name in ("a.wav", "a.flac"))
    assert wav["samples"] == flac["samples"]
    assert wav["sha256"] != flac["sha256"]


def test_marked_spans_only(tmp_path):
    (tmp_path / "a.wav").write_bytes(sound_file(voice(1, 2.0)[:, None]))
    span = {"source": str(tmp_path / "a.wav"), "position": 0, "recording_s": 2.0}
    rows = [
        {**span, "uuid": "x", "start_s": 0.5, "end_s": 2.0, "keep": True},
        {**span, "uuid": "y", "start_s": 0.0, "end_s": 1.0, "keep": False},
    ]
    write_table(str(tmp_path / "marks.parquet"), pa.Table.from_pylist(rows))
    stage = FingerprintSegments(
        parts=str(tmp_path / "parts"), marks=str(tmp_path / "marks.parquet")
    )
    assert [(row["uuid"], row["seconds"]) for row in _rows(stage, tmp_path / "a.wav")] == [
        ("x", 1.5)
    ]


def test_what_cannot_be_decoded_is_rejected(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF nothing")
    assert _rows(FingerprintSegments(parts=str(tmp_path / "parts")), tmp_path / "a.wav") == []


def test_of_two_recordings_one_that_cannot_be_read_is_half(tmp_path):
    (tmp_path / "a.wav").write_bytes(sound_file(voice(1, 1.0)[:, None]))
    (tmp_path / "b.wav").write_bytes(b"none")
    task = task_of([(str(tmp_path / name), name, "") for name in ("a.wav", "b.wav")])
    executor = LocalExecutor({"on_error": "quarantine", "max_rejected_ratio": 0.4})
    stage = FingerprintSegments(parts=str(tmp_path / "parts"))
    with pytest.raises(BudgetExceededError, match="1 of 2 rows cannot be read"):
        Pipeline("fingerprints", stages=[stage]).run(executor, [task])
