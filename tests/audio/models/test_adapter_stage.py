from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from audio.sounds import sound_file, tone

from curator_audio.models.adapter_stage import AdapterInferenceStage
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.stage import Produced


class Peak:
    """Says how loud the loudest sample is, once it has been loaded."""

    def __init__(self, log: list[str], *, fails: bool = False) -> None:
        self.log, self.fails = log, fails

    def load_model(self, *, num_gpus: int) -> None:
        self.log.append(f"load {num_gpus}")
        if self.fails:
            raise InputError("no weights")

    def unload_model(self) -> None:
        self.log.append("unload")

    def download_weights_on_node(self) -> None:
        self.log.append("download")
        if self.fails:
            raise InputError("no weights")


@dataclass(kw_only=True)
class PeakStage(AdapterInferenceStage[Peak]):
    adapter_target: str = f"{__name__}.Peak"
    waveform_key: str | None = None
    prefetch_fail_on_error: bool = True
    fails: bool = False
    batch_size: int | None = 2
    log: list[str] = field(default_factory=list[str])

    def _create_adapter(self) -> Peak:
        return self._adapter_class()(self.log, fails=self.fails)

    def process(self, task: AudioTask) -> AudioTask:
        raise NotImplementedError

    def process_batch(self, tasks: list[AudioTask]) -> list[Produced]:
        assert self._adapter
        for task in tasks:
            samples, task.data["rate"] = self._load_audio(task.data["audio_filepath"])
            task.data["shape"], task.data["peak"] = samples.shape, float(np.abs(samples).max())
        return list(tasks)


def test_a_model_is_loaded_once_for_all_batches_and_let_go(tmp_path):
    paths = [tmp_path / f"{channels}.wav" for channels in (1, 2, 1)]
    for channels, path in zip((1, 2, 1), paths, strict=True):
        path.write_bytes(sound_file(np.hstack([tone(0.1)] * channels)))
    stage = PeakStage()
    tasks: list[Any] = [AudioTask(data={"audio_filepath": str(path)}) for path in paths]
    found = Pipeline("peak", stages=[stage]).run(LocalExecutor(), initial_tasks=tasks)
    assert [task.data["shape"] for task in found] == [(1600,), (2, 1600), (1600,)]
    assert found[0].data["peak"] == pytest.approx(0.3, abs=0.001)
    stage.setup()
    stage.setup()
    stage.teardown()
    stage.teardown()
    assert stage.log[-2:] == ["load 0", "unload"]


@pytest.mark.parametrize(
    ("resources", "gpus"),
    [({}, 0), ({"gpus": 0.25}, 1), ({"gpus": 2.0}, 2), ({"gpu_memory_gb": 4.0}, 1)],
)
def test_a_part_of_a_gpu_is_one(resources, gpus):
    stage = PeakStage(log=[]).with_(resources=Resources(**resources))
    stage.setup()
    assert stage.log == [f"load {gpus}"]


def test_a_model_that_cannot_be_loaded_is_let_go():
    stage = PeakStage(fails=True)
    with pytest.raises(InputError):
        stage.setup()
    with pytest.raises(InputError):
        stage.setup_on_node()
    stage.teardown()
    assert stage.log == ["load 0", "unload", "download"]
    PeakStage(fails=True, prefetch_fail_on_error=False).setup_on_node()


def test_what_it_needs_is_said():
    assert PeakStage().inputs() == ([], ["audio_filepath"])
    assert PeakStage(waveform_key="waveform").inputs() == ([], ["waveform", "sample_rate"])
    with pytest.raises(SettingsError, match=r"PeakStage\.adapter_target"):
        PeakStage(adapter_target="")
    with pytest.raises(SettingsError, match="names no class"):
        PeakStage(adapter_target="nowhere.Adapter").setup()
