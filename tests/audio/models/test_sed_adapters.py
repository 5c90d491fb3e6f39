import numpy as np
import pytest
import torch
from audio.small_networks import write_cnn14

from curator_audio.models import sed_adapters
from curator_audio.models.sed_adapters import PANNsSEDAdapter, SEDAdapter, get_model_class
from curator_engine.device import has_gpu
from curator_engine.errors import InputError, SettingsError

RATE = 32_000


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)


@pytest.fixture
def checkpoint(tmp_path, monkeypatch):
    return write_cnn14(tmp_path, monkeypatch, classes=7)


def loaded(path, **settings):
    adapter = PANNsSEDAdapter(checkpoint_path=path, classes_num=7, **settings)
    assert isinstance(adapter, SEDAdapter)
    adapter.download_weights_on_node()
    adapter.load_model(num_gpus=0)
    return adapter


def test_clips_are_heard_as_if_each_were_alone(checkpoint):
    adapter = loaded(checkpoint)
    clips = [noise(1.5), noise(0.1), noise(1.5, 1), noise(0)]
    together = adapter.infer_batch([{"waveform": clip} for clip in clips])
    for clip, result in zip(clips, together, strict=True):
        (alone,) = adapter.infer_batch([{"waveform": clip}])
        assert result.framewise_output == pytest.approx(alone.framewise_output, abs=1e-5)
        assert result.original_num_samples == len(clip)
    assert [result.valid_frames for result in together] == [150, 10, 150, 0]
    assert together[0].fps == 100
    with torch.inference_mode():
        whole = adapter._network(torch.from_numpy(clips[0][None]))["framewise_output"][0]
    assert together[0].framewise_output == pytest.approx(whole.numpy(), abs=1e-5)
    adapter.unload_model()


def test_a_long_clip_is_heard_in_parts_as_if_it_were_one(checkpoint, monkeypatch):
    adapter = loaded(checkpoint)
    clip = noise(5.47)
    (whole,) = adapter.infer_batch([{"waveform": clip}])
    monkeypatch.setattr(sed_adapters, "_PART", 256)
    (parts,) = adapter.infer_batch([{"waveform": clip}])
    assert parts.framewise_output == pytest.approx(whole.framewise_output, abs=1e-5)
    assert parts.valid_frames == 547


def test_short_clips_have_no_sounds_unless_they_are_padded(checkpoint):
    adapter = loaded(checkpoint, pad_short_segments=False)
    (result,) = adapter.infer_batch([{"waveform": noise(0.1)}])
    assert (result.framewise_output.shape, result.valid_frames) == ((0, 7), 0)


def test_weights_of_another_network_are_an_input_error(checkpoint):
    adapter = PANNsSEDAdapter(checkpoint_path=checkpoint, model_type="Cnn14_DecisionLevelAtt")
    with pytest.raises(InputError, match="Cnn14_DecisionLevelAtt"):
        adapter.load_model(num_gpus=0)


@pytest.mark.parametrize(
    "wrong", [{"hop_size": 0}, {"sample_rate": 16_000}, {"model_type": "Cnn6"}]
)
def test_settings_that_fit_no_weights_are_refused(wrong):
    with pytest.raises(SettingsError):
        PANNsSEDAdapter(**wrong)
    with pytest.raises(SettingsError, match="give one of"):
        get_model_class("Cnn6")


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
def test_a_gpu_agrees_with_the_cpu(checkpoint):
    here, there = loaded(checkpoint), PANNsSEDAdapter(checkpoint_path=checkpoint, classes_num=7)
    there.load_model(num_gpus=1)
    (expected,), (found,) = (each.infer_batch([{"waveform": noise(1)}]) for each in (here, there))
    assert found.framewise_output == pytest.approx(expected.framewise_output, abs=1e-3)
