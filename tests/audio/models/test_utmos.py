import numpy as np
import pytest
import torch
from audio.small_networks import write_utmos
from torch.nn import functional

from curator_audio.models import utmos
from curator_audio.models.utmos import Utmos
from curator_engine.device import has_gpu
from curator_engine.errors import InputError

NOISE = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_utmos(tmp_path_factory.mktemp("utmos") / "net.pt")


def plainly(state, clip):
    """What the weights say, computed step by step from the published description."""

    def named(name):
        return state[f"{name}.weight"], state[f"{name}.bias"]

    def norm(x, name):
        return functional.layer_norm(x, x.shape[-1:], *named(name))

    x, w = torch.from_numpy(clip)[None, None], "wav2vec2"
    for i, stride in enumerate((5, 2, 2, 2, 2, 2, 2)):
        x = functional.conv1d(
            x, state[f"{w}.feature_extractor.conv_layers.{i}.0.weight"], None, stride
        )
        if i == 0:
            scale, shift = named(f"{w}.feature_extractor.conv_layers.0.2")
            x = functional.group_norm(x, len(scale), scale, shift)
        x = functional.gelu(x)
    x = norm(x.transpose(1, 2), f"{w}.layer_norm")
    x = functional.linear(x, *named(f"{w}.post_extract_proj"))
    around = f"{w}.encoder.pos_conv.0"
    kernel = state[f"{around}.weight_v"]
    kernel = kernel / kernel.norm(dim=(0, 1), keepdim=True) * state[f"{around}.weight_g"]
    place = functional.conv1d(
        x.transpose(1, 2), kernel, state[f"{around}.bias"], padding=4, groups=4
    )
    x = norm(x + functional.gelu(place[:, :, :-1]).transpose(1, 2), f"{w}.encoder.layer_norm")
    for layer in range(2):
        start = f"{w}.encoder.layers.{layer}"
        q, k, v = (functional.linear(x, *named(f"{start}.self_attn.{p}_proj")) for p in "qkv")
        seen = (q @ k.transpose(1, 2) / 8).softmax(dim=2) @ v
        seen = functional.linear(seen, *named(f"{start}.self_attn.out_proj"))
        x = norm(x + seen, f"{start}.self_attn_layer_norm")
        inner = functional.gelu(functional.linear(x, *named(f"{start}.fc1")))
        x = norm(x + functional.linear(inner, *named(f"{start}.fc2")), f"{start}.final_layer_norm")
    whom = torch.cat([state["domain_emb"], state["judge_emb"]], dim=1)[:, None].expand(
        1, x.shape[1], -1
    )
    lstm = torch.nn.LSTM(72, 8, batch_first=True, bidirectional=True)
    lstm.load_state_dict({k.removeprefix("blstm."): v for k, v in state.items() if "blstm" in k})
    frames = lstm(torch.cat([x, whom], dim=2))[0]
    frames = functional.linear(frames, *named("projection.0")).relu()
    return float(functional.linear(frames, *named("projection.2")).mean()) * 2 + 3


def test_a_rating_is_what_the_weights_say(path):
    with torch.inference_mode():
        expected = plainly(torch.load(path), NOISE)
    assert Utmos(path, device="cpu").rate(NOISE) == pytest.approx(expected, abs=1e-4)


def test_a_long_clip_has_the_mean_of_its_parts(path, monkeypatch):
    monkeypatch.setattr(utmos, "_PART", 4_000)
    network = Utmos(path, device="cpu")
    halves = [network.rate(NOISE[:4_000]), network.rate(NOISE[4_000:])]
    assert network.rate(NOISE) == pytest.approx(np.mean(np.array(halves, float)))
    assert network.rate(NOISE[:399]) is None


def test_other_weights_are_an_input_error(path, tmp_path):
    state = torch.load(path)
    for gone in ("judge_emb", "blstm.bias_hh_l0", "wav2vec2.encoder.pos_conv.0.bias"):
        torch.save({k: v for k, v in state.items() if k != gone}, tmp_path / "net.pt")
        with pytest.raises(InputError, match="UTMOS22"):
            Utmos(str(tmp_path / "net.pt"), device="cpu")


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
def test_a_gpu_agrees_with_the_cpu(path):
    here, there = (Utmos(path, device=each).rate(NOISE) for each in ("cpu", "gpu"))
    assert there == pytest.approx(here, abs=0.01)
