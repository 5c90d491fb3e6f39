import librosa
import numpy as np
import pytest

from curator_audio.models.mel_scale import slaney_triangles


@pytest.mark.parametrize(
    ("rate", "fft", "bands", "low", "high"),
    [(32_000, 1024, 64, 50, 14_000), (16_000, 320, 40, 0, None)],
)
def test_bands_are_those_of_librosa(rate, fft, bands, low, high):
    expected = librosa.filters.mel(sr=rate, n_fft=fft, n_mels=bands, fmin=low, fmax=high)
    found = slaney_triangles(rate=rate, fft=fft, bands=bands, low_hz=low, high_hz=high)
    assert np.abs(found - expected).max() < 1e-6
