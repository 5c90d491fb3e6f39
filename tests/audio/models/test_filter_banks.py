import numpy as np
import torch
from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

from curator_audio.models.filter_banks import filter_banks, mel_triangles


def test_they_are_kaldis_as_transformers_computes_them():
    clip = np.random.default_rng(0).normal(0, 0.1, 8000)
    weights = mel_filter_bank(
        num_frequency_bins=257,
        num_mel_filters=80,
        min_frequency=20,
        max_frequency=8000,
        sampling_rate=16000,
        mel_scale="kaldi",
        triangularize_in_mel_space=True,
    )
    assert np.allclose(weights, mel_triangles(), atol=1e-6)
    logs = spectrogram(
        clip,
        window_function(400, "povey", periodic=False),
        frame_length=400,
        hop_length=160,
        fft_length=512,
        power=2.0,
        center=False,
        preemphasis=0.97,
        remove_dc_offset=True,
        mel_filters=weights,
        log_mel="log",
        mel_floor=1.192092955078125e-07,
    ).T
    (found,) = filter_banks(torch.from_numpy(clip[None]).float()).numpy()
    assert found.shape == (48, 80)
    assert np.abs(found - (logs - logs.mean(axis=0))).max() < 1e-2


def test_silence_is_no_trouble():
    assert filter_banks(torch.zeros(1, 400)).abs().max() == 0
