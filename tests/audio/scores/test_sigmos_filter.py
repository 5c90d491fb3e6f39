from typing import Any

import numpy as np
import pytest
from audio.small_networks import write_sigmos
from audio.sounds import sound_file

from curator_audio.models.sigmos import SigMOS
from curator_audio.scores.sigmos_filter import SIGMOSFilterStage
from curator_audio.task import AudioTask
from curator_engine.errors import InputError

THRESHOLDS: dict[str, Any] = {"noise_threshold": None, "ovrl_threshold": None}


def test_recordings_are_kept_by_their_ratings(tmp_path):
    network = write_sigmos(tmp_path / "net.onnx")
    noise = np.random.default_rng(0).normal(0, 0.1, (48_000, 1)).astype(np.float32)
    path = tmp_path / "noise.wav"
    path.write_bytes(sound_file(noise, rate=48_000, subtype="FLOAT"))
    expected = SigMOS("", model_path=network).run(noise[:, 0])
    entry = {"audio_filepath": str(path)}

    def kept(**thresholds: Any):
        stage = SIGMOSFilterStage(model_path=network, **(THRESHOLDS | thresholds))
        stage.setup()
        found = stage.process(AudioTask(data=dict(entry)))
        stage.teardown()
        return found and found.data

    found = kept()
    kinds = ("noise", "ovrl", "sig", "col", "disc", "loud", "reverb")
    assert found is not None
    for kind in kinds:
        value = expected[f"MOS_{kind.upper()}"]
        assert found[f"sigmos_{kind}"] == pytest.approx(value, rel=1e-4)
        assert kept(**{f"{kind}_threshold": value + 0.01}) is None
        assert kept(**{f"{kind}_threshold": value - 0.01}) is not None


def test_a_network_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="there is no model of SIGMOS"):
        SIGMOSFilterStage(model_dir=str(tmp_path)).setup()
