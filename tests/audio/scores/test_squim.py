from typing import Any

import numpy as np
import pytest
from audio.sounds import sound_file

from curator_audio.scores.squim import TorchSquimQualityMetricsStage
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import Task


def tiny():
    import torch
    from torchaudio.models.squim.objective import squim_objective_model

    torch.manual_seed(0)
    sizes = {"feat_dim": 4, "win_len": 64, "d_model": 4, "nhead": 1, "hidden_dim": 4}
    return squim_objective_model(**sizes, num_blocks=1, rnn_type="LSTM", chunk_size=71)


def rated(*entries, **settings):
    stage = TorchSquimQualityMetricsStage(
        audio_filepath_key="audio_filepath", model=tiny(), **settings
    )
    tasks: list[Task[Any]] = [AudioTask(data=entry) for entry in entries]
    return [t.data for t in Pipeline("s", stages=[stage]).run(LocalExecutor(), initial_tasks=tasks)]


def test_segments_get_their_metrics(tmp_path):
    path = tmp_path / "noise.wav"
    samples = np.random.default_rng(0).normal(0, 0.1, (8_000 * 3, 1)).astype(np.float32)
    path.write_bytes(sound_file(samples, rate=8_000))
    segments = [
        {"start": 0.0, "end": 1.0, "text": "hello", "metrics": {"bandwidth": 4000}},
        {"start": 1.0, "end": 2.0, "speaker": "no-speaker"},
        {"start": 1.0, "end": 2.0, "text": " "},
        {"start": 2.0, "end": 2.0},
        {"start": 2.0, "end": 2.5},
    ]
    whole = {"audio_filepath": str(path)}
    first, second = rated({**whole, "segments": segments}, {**whole, "offset": 2, "duration": 0.5})
    assert ["metrics" in row for row in first["segments"]] == [True, False, False, False, True]
    one = first["segments"][0]["metrics"]
    assert set(one) == {"bandwidth", "pesq_squim", "stoi_squim", "sisdr_squim"}
    assert second["metrics"] == first["segments"][4]["metrics"]


def test_weights_that_are_not_there_are_said_on_the_node():
    with pytest.raises(InputError, match=r"absent\.pth"):
        TorchSquimQualityMetricsStage(model_path="absent.pth").setup_on_node()


def test_settings_are_checked():
    with pytest.raises(SettingsError):
        TorchSquimQualityMetricsStage(compute_batch_size=0)
