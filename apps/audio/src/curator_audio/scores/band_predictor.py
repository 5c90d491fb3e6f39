"""Full or narrow band, by a forest of the user's on the energies of bands."""

from typing import Any, Literal

from curator_audio.models.forest import Forest
from curator_audio.scores.band_features import BANDS, AudioFeatureExtractor
from curator_engine.errors import InputError, SettingsError

_FULL = 1
"""The class of a full band."""

type Band = Literal["full_band", "narrow_band"]


class BandPredictor:
    """Says of samples whether they fill the band or only that of a telephone.

    The forest of NeMo Curator is `nvidia/nemocurator-speech-bandwidth-filter` on the hub, a pickle: it is
    read here without running anything of it, and without scikit-learn.

    Args:
        model_path: The file that joblib has written of a RandomForestClassifier, whose class 1 is a full band.
        feature_cache_size: Not used: features are not kept.

    Raises:
        InputError: There is no such file, or it holds no such forest.
        SettingsError: No file is named.

    Example:
        >>> BandPredictor("band_classifier_model_band_7000_samples.joblib").predict_audio(
        ...     samples, 48_000
        ... )
        'full_band'
    """

    def __init__(self, model_path: str, feature_cache_size: int = 100) -> None:
        if not model_path:
            raise SettingsError("model_path names no file with a forest; give one.")
        self.model_path, self.feature_cache_size = model_path, feature_cache_size
        self._forest = Forest(model_path)
        if self._forest.features != len(BANDS):
            raise InputError(
                f"{model_path} holds a forest for {self._forest.features} features; a classifier of bandwidth has "
                f"{len(BANDS)}."
            )

    def predict_audio(self, waveform: Any, sample_rate: int) -> Band:
        """The band of samples, shape (samples,) or (channels, samples), of numpy or torch."""
        features = AudioFeatureExtractor.extract_band_features_from_waveform(waveform, sample_rate)
        vector, _ = AudioFeatureExtractor.features_dict_to_vector(features)
        return "full_band" if self._forest.predict(vector) == _FULL else "narrow_band"

    def predict_audio_batch(self, audio_data: list[tuple[Any, int]]) -> list[Band]:
        """The band of each pair of samples and samples per second."""
        return [self.predict_audio(waveform, rate) for waveform, rate in audio_data]
