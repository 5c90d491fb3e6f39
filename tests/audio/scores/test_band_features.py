import librosa
import numpy as np
import pytest
from audio.sounds import sound_file

from curator_audio.scores.band_features import BANDS, AudioFeatureExtractor
from curator_audio.scores.loudness import k_weighting

NOISE = np.random.default_rng(0).normal(0, 0.05, 48_000).astype(np.float32)
extract = AudioFeatureExtractor.calculate_band_energy


def test_energies_are_those_of_librosas_spectrum():
    power = np.abs(librosa.stft(NOISE, n_fft=4096)) ** 2
    hertz = librosa.fft_frequencies(sr=48_000, n_fft=4096)
    found = extract(NOISE, 48_000)
    assert len(found) == len(BANDS) == 24
    for name, (low, high) in BANDS.items():
        mean = power[(hertz >= low) & (hertz < high)].mean()
        less = max(0, low - 10_000) / 14_000 * 12
        assert found[f"band_energy_{name}"] == pytest.approx(
            10 * np.log10(mean / power.max()) - less, abs=0.01
        )


def test_what_the_rate_does_not_hold_is_nothing():
    found = extract(NOISE, 8_000)
    assert found["band_energy_mid1"] > -30
    assert found["band_energy_mid3"] == found["band_energy_high10"] == -120


def test_powers_have_a_floor_at_minus_25_lufs():
    """A loud and a quiet tone give the same, also where nothing else is."""
    tone = np.sin(np.arange(48_000) * 2 * np.pi * 500 / 48_000)
    loud, quiet = (extract(tone * gain, 48_000) for gain in (0.5, 0.005))
    assert loud == pytest.approx(quiet, abs=0.1)
    assert all(np.isfinite(v) for v in extract(np.zeros(48_000), 48_000).values())
    assert all(np.isfinite(v) for v in extract(tone[:1_000], 48_000).values())
    assert k_weighting(48_000).shape == (2, 5)


def test_files_and_samples_of_several_channels(tmp_path):
    path = tmp_path / "noise.wav"
    path.write_bytes(sound_file(NOISE[:, None], rate=48_000, subtype="FLOAT"))
    from_file = AudioFeatureExtractor.extract_band_features(str(path))
    of_two = AudioFeatureExtractor.extract_band_features_from_waveform(
        np.stack([NOISE, NOISE]), 48_000
    )
    assert from_file == pytest.approx(of_two, abs=1e-3)
    vector, names = AudioFeatureExtractor.features_dict_to_vector({"b": 2.0, "a": float("nan")})
    assert (vector.tolist(), names) == ([0.0, 2.0], ["a", "b"])
    assert set(AudioFeatureExtractor.get_empty_feature_dict()) == set(from_file)
