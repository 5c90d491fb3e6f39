import numpy as np
import pytest
from audio.small_networks import write_sigmos

from curator_audio.models import sigmos
from curator_audio.models.sigmos import RATINGS, SigMOS, Version, build_sigmos_model, features
from curator_engine.errors import DamagedFileError, InputError

NOISE = np.random.default_rng(0).normal(0, 0.1, 48_000).astype(np.float32)


def test_the_network_gets_spectra_with_magnitudes_to_the_power_of_a_third_or_so():
    found = features(NOISE)
    assert found.shape == (1, 3, 101, 481)
    window = np.sqrt(np.hanning(961)[:-1])
    spectrum = np.fft.rfft(NOISE[480 * 9 : 480 * 11] * window)
    magnitude, real, imaginary = found[0, :, 10]
    assert magnitude == pytest.approx(np.abs(spectrum) ** 0.3, rel=1e-4)
    assert real == pytest.approx(magnitude * np.cos(np.angle(spectrum)), abs=1e-4)
    assert imaginary == pytest.approx(magnitude * np.sin(np.angle(spectrum)), abs=1e-4)
    assert [features(NOISE[:n]).shape[2] for n in (1, 479, 480, 481)] == [2, 2, 2, 3]


def test_ratings_come_in_the_networks_order(tmp_path):
    path = write_sigmos(tmp_path / "net.onnx")
    model = build_sigmos_model(model_path=path, force_cpu=True)
    found = model.run(NOISE)
    means = features(NOISE).mean(axis=(2, 3))[0].astype(float)
    expected = means @ np.arange(21).reshape(3, 7)
    assert list(found) == list(RATINGS)
    assert list(found.values()) == pytest.approx(list(expected), rel=1e-4)
    half = model.run(NOISE[:16_000], sr=16_000)
    assert half["MOS_OVRL"] == pytest.approx(model.run(NOISE[:16_000], sr=16_000)["MOS_OVRL"])


def test_the_file_lies_in_a_folder_under_its_published_name(tmp_path):
    write_sigmos(tmp_path / "model-sigmos_1697718653_41d092e8-epo-200.onnx")
    assert SigMOS(str(tmp_path), Version.V1).run(NOISE)
    with pytest.raises(InputError, match=r"fetch https://github\.com/microsoft"):
        SigMOS(str(tmp_path / "elsewhere"))


def test_a_long_clip_has_the_mean_of_its_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(sigmos, "_PART_S", 0.5)
    model = SigMOS("", model_path=write_sigmos(tmp_path / "net.onnx"))
    halves = [model.run(NOISE[:24_000]), model.run(NOISE[24_000:])]
    whole = model.run(NOISE)
    for name, value in whole.items():
        assert value == pytest.approx(np.mean([half[name] for half in halves]))


def test_other_networks_and_empty_clips_are_refused(tmp_path):
    model = SigMOS("", model_path=write_sigmos(tmp_path / "net.onnx", ratings=6))
    with pytest.raises(DamagedFileError, match="6 ratings"):
        model.run(NOISE)
    with pytest.raises(DamagedFileError, match="without samples"):
        model.run(NOISE[:0])
