from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from audio.sounds import sound_file, tone

from curator_audio.read.audio_error import AudioError
from curator_audio.recordings.resample_audio import ResampleAudioStage
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline


def recording(path, channels=2):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sound_file(np.hstack([tone(1, rate=48_000)] * channels), rate=48_000))
    return AudioTask(data={"audio_filepath": str(path)})


def test_recordings_are_written_at_another_rate(tmp_path):
    tasks: list[Any] = [recording(tmp_path / folder / "a.wav") for folder in ("one", "two")]
    out = tmp_path / "out"
    pipeline = Pipeline("resample", stages=[ResampleAudioStage(resampled_audio_dir=str(out))])
    found = [task.data for task in pipeline.run(LocalExecutor(), initial_tasks=tasks)]
    assert [entry["audio_item_id"] for entry in found] == ["a", "a"]
    paths = {entry["resampled_audio_filepath"] for entry in found}
    assert len(paths) == 2
    for path in paths:
        samples, rate = soundfile.read(path)
        assert (rate, samples.shape) == (16_000, (16_000,))
        assert np.abs(samples).max() == pytest.approx(0.3, abs=0.01)
    assert {entry["duration"] for entry in found} == {1.0}


@pytest.mark.parametrize("format", ["flac", "ogg", "opus"])
def test_other_formats_and_two_channels(tmp_path, format):
    (tmp_path / "out").mkdir()
    stage = ResampleAudioStage(
        resampled_audio_dir=str(tmp_path / "out"),
        target_format=format,
        target_nchannels=2,
        target_sample_rate=24_000,
    )
    data = stage.process(recording(tmp_path / "a.wav", 1)).data
    assert Path(data["resampled_audio_filepath"]).suffix == f".{format}"
    assert soundfile.info(data["resampled_audio_filepath"]).channels == 2
    with pytest.raises(AudioError, match="has 3 channels; target_nchannels=1 takes their mean"):
        stage.process(recording(tmp_path / "b.wav", 3))


@pytest.mark.parametrize(
    "wrong", [{"target_format": "mp9"}, {"target_sample_rate": 1}, {"target_nchannels": 3}]
)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(SettingsError):
        ResampleAudioStage(resampled_audio_dir="out", **wrong)
