import numpy as np
import pytest
import torch
from audio.small_networks import write_squim
from torchaudio.models.squim.objective import squim_objective_model

from curator_audio.models.squim import Squim, fetched
from curator_engine.device import has_gpu
from curator_engine.errors import InputError

TINY = {"feat_dim": 4, "win_len": 64, "d_model": 4, "nhead": 1, "hidden_dim": 4, "num_blocks": 1}


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    return squim_objective_model(**TINY, rnn_type="LSTM", chunk_size=71)


def noise(seconds, seed=0):
    size = int(seconds * 16_000)
    return np.random.default_rng(seed).normal(0, 0.1, size).astype(np.float32)


def test_clips_are_rated_as_if_each_were_alone(tiny):
    squim = Squim(device="cpu", model=tiny)
    clips = [noise(0.5), noise(0.3), noise(0.5, 1), noise(0.05), np.zeros(16_000, np.float32)]
    found = squim.rate(clips)
    assert found == [squim.rate([clip])[0] for clip in clips]
    assert found[3:] == [None, None]
    with torch.inference_mode():
        stoi, pesq, sisdr = (round(x.item(), 3) for x in tiny(torch.from_numpy(clips[0][None])))
    assert found[0] == {"pesq_squim": pesq, "stoi_squim": stoi, "sisdr_squim": sisdr}


def test_a_long_clip_has_the_mean_of_its_parts(tiny):
    squim = Squim(device="cpu", model=tiny)
    first, second = noise(8), noise(8, 1) * 0.01
    halves, (whole,) = squim.rate([first, second]), squim.rate([np.concatenate([first, second])])
    assert whole is not None
    for name, value in whole.items():
        mean = np.mean([half[name] for half in halves if half])
        assert value == pytest.approx(mean, abs=0.002)


def test_weights_are_those_of_torchaudios_file(tmp_path, monkeypatch):
    """From a path, and from where torchaudio keeps it."""
    kept = tmp_path / "hub" / "torchaudio" / "models"
    kept.mkdir(parents=True)
    path = write_squim(kept)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert str(fetched()) == path
    clip = noise(0.2)
    assert Squim(path, device="cpu").rate([clip]) == Squim(device="cpu").rate([clip])


def test_other_weights_are_an_input_error(tmp_path, tiny):
    torch.save(tiny.state_dict(), tmp_path / "other.pth")
    with pytest.raises(InputError, match="SQUIM"):
        Squim(str(tmp_path / "other.pth"), device="cpu")


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
def test_a_gpu_agrees_with_the_cpu(tmp_path):
    path = write_squim(tmp_path)
    here, there = (Squim(path, device=each).rate([noise(2)])[0] for each in ("cpu", "gpu"))
    assert here is not None
    assert there == pytest.approx(here, abs=0.01)
