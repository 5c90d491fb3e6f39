from typing import Any

import numpy as np
import pytest
import soundfile
from audio.sounds import sound_file, tone

from curator_audio.recordings.concatenate_segments import SegmentConcatenationStage
from curator_audio.segments.original_times import MAPPINGS, TimestampMapperStage
from curator_audio.task import AudioTask
from curator_engine.errors import PipelineError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline

RATE = 8_000


def carried(seconds, number, *, rate=RATE, channels=1, level=0.5):
    samples = np.full((channels, round(seconds * rate)), level, np.float32)
    place = {"original_file": "talk.wav", "start_ms": 9000 * number, "segment_num": number}
    return {
        **place,
        "end_ms": 9000 * number + 1000 * seconds,
        "waveform": samples,
        "sample_rate": rate,
    }


def join(segments, path=None, **settings):
    entry = {"segments": segments, "text": "so"} | ({"audio_filepath": path} if path else {})
    task: Any = AudioTask(data=entry)
    stages: Any = [SegmentConcatenationStage(**settings)]
    [found] = Pipeline("join", stages=stages).run(LocalExecutor(), initial_tasks=[task])
    return found


def test_segments_are_joined_with_silence_in_the_order_of_their_numbers():
    found = join([carried(3, 1, level=0.25), carried(2, 0)], silence_duration_sec=1.0)
    entry = found.data
    assert [*entry] == [
        "waveform",
        "sample_rate",
        "original_file",
        "num_segments",
        "total_duration_sec",
    ]
    assert (entry["num_segments"], entry["total_duration_sec"]) == (2, 6.0)
    assert entry["waveform"].shape == (1, 6 * RATE)
    assert entry["waveform"][0, [0, 2 * RATE, 3 * RATE]].tolist() == [0.5, 0.0, 0.25]
    assert found._metadata[MAPPINGS] == [
        {
            "original_file": "talk.wav",
            "original_start_ms": 9000 * number,
            "original_end_ms": 9000 * number + length,
            "concat_start_ms": begin,
            "concat_end_ms": begin + length,
            "segment_index": number,
        }
        for number, begin, length in ((0, 0, 2000), (1, 3000, 3000))
    ]


def test_spans_of_a_file_are_joined_into_a_file(tmp_path):
    path = tmp_path / "talk.wav"
    path.write_bytes(sound_file(np.hstack([tone(3)] * 2)))
    segments = [
        {"audio_filepath": str(path), "start_ms": start, "end_ms": end, "segment_num": number}
        for number, (start, end) in enumerate([(0, 500), (1500, 2750)])
    ]
    out = tmp_path / "joined"
    found = join(segments, output_dir=str(out))
    samples, rate = soundfile.read(found.data["audio_filepath"])
    assert (rate, len(samples), samples.ndim) == (16_000, 36_000, 1)
    assert "waveform" not in found.data
    assert not samples[8_000:16_000].any()
    assert np.abs(samples[16_000:]).max() == pytest.approx(0.3, abs=0.01)
    # What lies in the second part of the joined file is found again in the recording.
    entry = {**found.data, "start_ms": 1100, "end_ms": 1300}
    placed = TimestampMapperStage().process(AudioTask(data=entry, _metadata=found._metadata))
    assert placed is not None
    assert (placed.data["original_file"], placed.data["original_start_ms"]) == (str(path), 1600)


def test_spans_in_seconds_are_of_the_recording_of_the_entry(tmp_path):
    path = tmp_path / "talk.wav"
    path.write_bytes(sound_file(tone(3)))
    turns = [{"start": 2.0, "end": 2.5}, {"start": 0.5, "end": 1.5, "segment_num": 7}, {"other": 1}]
    found = join(turns, str(path), silence_duration_sec=0)
    assert found.data["total_duration_sec"] == 1.5
    assert found.data["original_file"] == str(path)
    places = [
        (each["original_start_ms"], each["segment_index"]) for each in found._metadata[MAPPINGS]
    ]
    assert places == [(2000, 0), (500, 7)]


def test_what_differs_in_rate_or_channels_becomes_like_the_first():
    segments = [carried(1, 0, channels=2), carried(1, 1, rate=2 * RATE), carried(1, 2, channels=2)]
    entry = join(segments, silence_duration_sec=0).data
    assert entry["waveform"].shape == (2, 3 * RATE)
    assert np.median(entry["waveform"][:, RATE : 2 * RATE]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("segments", [[], [{"other": 1}], [carried(1, 0) | {"sample_rate": 0}]])
def test_an_entry_without_sound_is_gone(segments):
    stage = SegmentConcatenationStage()
    assert stage.process(AudioTask(data={"segments": segments})) == []
    assert stage.take_notes()[1] == {"no segments": 1}


def test_what_is_missing_or_out_of_range_is_said():
    with pytest.raises(PipelineError, match="VADSegmentationStage"):
        SegmentConcatenationStage().process(AudioTask(data={}))
    with pytest.raises(SettingsError, match="below 0"):
        SegmentConcatenationStage(silence_duration_sec=-1)


def test_parameters_stand_in_the_order_of_nemo_curator():
    stage: Any = SegmentConcatenationStage
    assert stage(1.5, "joined").name == "joined"
