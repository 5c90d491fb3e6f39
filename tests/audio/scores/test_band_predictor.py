import pytest
from audio.small_networks import band_noise, write_forest

from curator_audio.scores.band_predictor import BandPredictor
from curator_engine.errors import InputError, SettingsError


def test_bands_are_told_apart(tmp_path):
    predictor = BandPredictor(write_forest(tmp_path / "forest.joblib"), feature_cache_size=1)
    pairs = [(band_noise(9), 48_000), (band_noise(9, 4_000)[None], 48_000)]
    assert predictor.predict_audio_batch(pairs) == ["full_band", "narrow_band"]


def test_what_is_no_classifier_of_bandwidth_is_refused(tmp_path):
    with pytest.raises(InputError, match="3 features"):
        BandPredictor(write_forest(tmp_path / "forest.joblib", features=3))
    with pytest.raises(SettingsError):
        BandPredictor("")
