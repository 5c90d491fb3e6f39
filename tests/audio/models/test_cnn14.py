import numpy as np
import pytest
import torch

from curator_audio.models import cnn14
from curator_audio.models.cnn14 import (
    AttBlock,
    Cnn14DecisionLevelAtt,
    Cnn14DecisionLevelAvg,
    Cnn14DecisionLevelMax,
    ConvBlock,
    init_bn,
    interpolate,
    pad_framewise_output,
)

NETWORKS = [Cnn14DecisionLevelMax, Cnn14DecisionLevelAvg, Cnn14DecisionLevelAtt]
CLIPS = torch.from_numpy(np.random.default_rng(0).normal(0, 0.1, (2, 32_000)).astype(np.float32))


@pytest.fixture
def _narrow(monkeypatch):
    monkeypatch.setattr(cnn14, "CHANNELS", (2, 2, 2, 2, 4, 4))


def test_weights_have_the_names_and_shapes_of_those_that_are_published():
    """As https://github.com/qiuqiangkong/audioset_tagging_cnn and torchlibrosa name them."""
    with torch.device("meta"):
        first, second = (
            Cnn14DecisionLevelMax(32_000).state_dict(),
            Cnn14DecisionLevelAtt().state_dict(),
        )
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    names = {"logmel_extractor.melW", *(f"bn0.{each}" for each in norm)}
    names |= {f"spectrogram_extractor.stft.conv_{part}.weight" for part in ("real", "imag")}
    for block in range(1, 7):
        for layer in (1, 2):
            names.add(f"conv_block{block}.conv{layer}.weight")
            names |= {f"conv_block{block}.bn{layer}.{each}" for each in norm}
    names |= {"fc1.weight", "fc1.bias"}
    assert set(first) == names | {"fc_audioset.weight", "fc_audioset.bias"}
    decision = {f"att_block.bn_att.{each}" for each in norm}
    decision |= {f"att_block.{a}.{b}" for a in ("att", "cla") for b in ("weight", "bias")}
    assert set(second) == names | decision
    shapes = {
        "spectrogram_extractor.stft.conv_real.weight": (513, 1, 1024),
        "logmel_extractor.melW": (513, 64),
        "bn0.weight": (64,),
        "conv_block1.conv1.weight": (64, 1, 3, 3),
        "conv_block6.conv2.weight": (2048, 2048, 3, 3),
        "fc_audioset.weight": (527, 2048),
    }
    assert {name: tuple(first[name].shape) for name in shapes} == shapes


@pytest.mark.usefixtures("_narrow")
@pytest.mark.parametrize("network", NETWORKS)
def test_each_network_names_sounds_in_frames(network):
    net = network(32_000, classes_num=5).eval()
    with torch.inference_mode():
        both = net(CLIPS)
        one = net(CLIPS[:1])
    assert both["framewise_output"].shape == (2, 101, 5)
    assert both["clipwise_output"].shape == (2, 5)
    assert both["framewise_output"][:1] == pytest.approx(one["framewise_output"], abs=1e-5)
    frames, clips = both["framewise_output"], both["clipwise_output"]
    assert torch.equal(frames[:, 64:96], frames[:, 64:65].expand(-1, 32, -1))
    if network is Cnn14DecisionLevelMax:
        assert torch.equal(clips, frames.amax(dim=1))


@pytest.mark.usefixtures("_narrow")
def test_the_front_end_is_the_log_mel_spectrum_of_librosa():
    import librosa

    net = Cnn14DecisionLevelMax(32_000)
    found = net.logmel_extractor(net.spectrogram_extractor(CLIPS))[0].numpy().T
    powers = librosa.feature.melspectrogram(
        *(),
        y=CLIPS[0].numpy(),
        sr=32_000,
        n_fft=1024,
        hop_length=320,
        n_mels=64,
        fmin=50,
        fmax=14_000,
        pad_mode="reflect",
    )
    expected = librosa.power_to_db(powers, ref=1.0, amin=1e-10, top_db=None)
    assert np.abs(found - expected).max() < 0.01


def test_parts():
    block = ConvBlock(1, 3).eval()
    x = torch.rand(1, 1, 4, 4)
    mean, most = block(x), block(x, pool_type="max")
    assert torch.allclose(block(x, pool_type="avg+max"), mean + most)
    assert block(x, (1, 1)).shape == (1, 3, 4, 4)
    clip, attention, classes = AttBlock(3, 2, "linear").eval()(torch.rand(1, 3, 5))
    assert torch.allclose(attention.sum(dim=2), torch.ones(1, 2))
    assert torch.allclose(clip, (attention * classes).sum(dim=2))
    norm = torch.nn.BatchNorm1d(2)
    init_bn(norm)
    assert norm.weight.tolist() == [1, 1]
    segments = torch.tensor([[[1.0], [2.0]]])
    assert pad_framewise_output(interpolate(segments, 2), 5).flatten().tolist() == [1, 1, 2, 2, 2]
