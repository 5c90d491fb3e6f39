from typing import Any

import numpy as np
import pytest
import soundfile
from audio.sounds import sound_file, tone
from audio.speech import speech_path

from curator_audio.recordings.vad_segmentation import VADSegmentationStage
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline


def segments(entry, **settings):
    pipeline = Pipeline("vad", stages=[VADSegmentationStage(**settings)])
    return [
        task.data for task in pipeline.run(LocalExecutor(), initial_tasks=[AudioTask(data=entry)])
    ]


def test_segments_are_entries_with_their_place():
    path = speech_path("2412-153948-0001.flac")
    found = segments({"audio_filepath": path, "speaker": "2412", "duration": 10.51})
    assert [entry["segment_num"] for entry in found] == list(range(len(found)))
    for entry in found:
        assert entry["speaker"] == "2412"
        assert entry["audio_filepath"] == entry["original_file"] == path
        assert entry["duration"] >= 2
        assert entry["offset"] * 1000 == pytest.approx(entry["start_ms"])
        assert entry["end_ms"] - entry["start_ms"] == pytest.approx(entry["duration"] * 1000)
    short = segments({"audio_filepath": path}, min_duration_sec=1, max_duration_sec=3, nested=True)
    assert all(1 <= row["duration"] <= 3 for row in short[0]["segments"])
    assert len(short[0]["segments"]) > len(found)
    part = segments({"audio_filepath": path, "offset": 4.5, "duration": 3})
    assert all(entry["start_ms"] >= 4500 and entry["end_ms"] <= 7500 for entry in part)


def test_segments_of_samples_carry_their_own(tmp_path):
    path = speech_path("2412-153948-0001.flac")
    samples, rate = soundfile.read(path, dtype="float32")
    entry = {"voice": samples[None], "hz": rate, "original_file": "talk.wav"}
    found = segments(entry, waveform_key="voice", sample_rate_key="hz")
    by_file = segments({"audio_filepath": path})
    places = [[(each["start_ms"], each["end_ms"]) for each in rows] for rows in (found, by_file)]
    assert places[0] == places[1]
    for each in found:
        part = samples[each["start_ms"] * rate // 1000 : each["end_ms"] * rate // 1000]
        assert np.array_equal(each["voice"], part[None])
        assert (each["hz"], each["original_file"]) == (rate, "talk.wav")


def test_of_a_speaker_only_the_own_times_count():
    path = speech_path("2412-153948-0001.flac")
    turns = [
        {"start": 0.5, "end": 2.0},
        {"start": 2.3, "end": 4.0},
        {"start_ms": 6000, "end_ms": 9000},
    ]
    entry = {"audio_filepath": path, "speaker_id": "speaker_0", "segments": turns}
    found = segments(entry, min_duration_sec=1.0)
    places = [(each["start_ms"], each["end_ms"]) for each in found]
    assert places
    assert all(500 <= start < end <= 4000 or 6000 <= start < end <= 9000 for start, end in places)
    assert any(start < 2000 and end > 2300 for start, end in places)
    assert all("segments" not in each for each in found)
    everywhere = segments({**entry, "speaker_id": None}, min_duration_sec=1.0)
    assert everywhere[-1]["end_ms"] > 9000


def test_a_recording_without_speech_is_gone(tmp_path):
    path = tmp_path / "tone.wav"
    path.write_bytes(sound_file(tone(1)))
    assert segments({"audio_filepath": str(path)}) == []


@pytest.mark.parametrize(
    "wrong",
    [{"threshold": 0}, {"min_duration_sec": -1}, {"max_duration_sec": 1}, {"speech_pad_ms": -1}],
)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(SettingsError):
        VADSegmentationStage(**wrong)


def test_parameters_stand_in_the_order_of_nemo_curator():
    stage: Any = VADSegmentationStage
    assert stage(400, 1.0, 30.0).max_duration_sec == 30
