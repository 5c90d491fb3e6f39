from typing import Any

import numpy as np
import pytest
from audio.small_networks import write_cnn14
from audio.sounds import sound_file, tone

from curator_audio.scores.sound_events import SEDInferenceStage
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import Task


@pytest.fixture
def checkpoint(tmp_path, monkeypatch):
    return write_cnn14(tmp_path, monkeypatch, classes=3)


def heard(entries, checkpoint, **settings):
    stage = SEDInferenceStage(
        checkpoint_path=checkpoint, adapter_kwargs={"classes_num": 3}, **settings
    )
    tasks: list[Task[Any]] = [AudioTask(data=entry) for entry in entries]
    return [t.data for t in Pipeline("s", stages=[stage]).run(LocalExecutor(), initial_tasks=tasks)]


def test_entries_get_their_sounds_and_files(tmp_path, checkpoint):
    path = tmp_path / "tone.wav"
    path.write_bytes(sound_file(tone(1)))
    (tmp_path / "bad.wav").write_text("no sound")
    whole = {"audio_filepath": str(path)}
    part = {**whole, "offset": 0.25, "duration": 0.5}
    entries = [whole, part, {"audio_filepath": str(tmp_path / "bad.wav")}, {"_skipme": "short"}]
    out = tmp_path / "out"
    first, second, bad, skipped = heard(entries, checkpoint, save_npz=True, output_dir=str(out))
    assert (first["sed_valid_frames"], second["sed_valid_frames"], first["sed_fps"]) == (
        100,
        50,
        100,
    )
    assert first["_sed_framewise"].shape == (101, 3)
    assert first["_sed_framewise"].dtype == np.float16
    assert bad["_skipme"] == "audio_load_error"
    assert set(skipped) == {"_skipme"}
    assert first["npz_filepath"] != second["npz_filepath"]
    with np.load(first["npz_filepath"]) as file:
        assert (file["framewise"] == first["_sed_framewise"]).all()
        assert (str(file["audio_filepath"]), int(file["original_num_samples"])) == (
            str(path),
            32_000,
        )
    before = (out / "framewise").stat().st_mtime_ns
    (again,) = heard(
        [first],
        checkpoint,
        save_npz=True,
        keep_framewise=False,
        output_dir=str(out),
        skip_if_output_exists=True,
    )
    assert again["npz_filepath"] == first["npz_filepath"]
    assert (out / "framewise").stat().st_mtime_ns == before


def test_samples_of_an_earlier_stage_are_heard(checkpoint):
    entry = {"waveform": tone(1, rate=8_000)[:, 0], "sample_rate": 8_000}
    (found,) = heard([entry], checkpoint, waveform_key="waveform", framewise_dtype="float32")
    assert found["_sed_framewise"].dtype == np.float32
    assert found["sed_valid_frames"] == 100


def test_weights_are_looked_for_on_the_node(tmp_path):
    absent = str(tmp_path / "absent.pth")
    with pytest.raises(InputError, match=r"absent\.pth"):
        SEDInferenceStage(checkpoint_path=absent).setup_on_node()
    SEDInferenceStage(checkpoint_path=absent, prefetch_fail_on_error=False).setup_on_node()


@pytest.mark.parametrize(
    "wrong",
    [
        *({"batch_size": 0}, {"sample_rate": 0}, {"framewise_dtype": "int8"}),
        {"keep_framewise": False},
    ],
)
def test_settings_are_checked(wrong):
    with pytest.raises(SettingsError):
        SEDInferenceStage(**wrong)
