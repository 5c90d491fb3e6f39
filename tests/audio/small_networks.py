"""Files of networks with random weights, of the form that published ones have, that tests write."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


def write_cnn14(folder: Path, patch: pytest.MonkeyPatch, *, classes: int) -> str:
    """CNN14 with few channels, as PANNs' training saves it; until `patch` is undone all are so narrow."""
    import torch

    from curator_audio.models import cnn14

    patch.setattr(cnn14, "CHANNELS", (2, 2, 2, 2, 4, 4))
    torch.manual_seed(0)
    network = cnn14.Cnn14DecisionLevelMax(32_000, classes_num=classes)
    path = folder / "cnn14.pth"
    torch.save({"iteration": 1, "model": network.state_dict()}, path)
    return str(path)


def write_squim(folder: Path) -> str:
    """SQUIM as it is, with random weights, as torchaudio's file holds it."""
    import torch
    from torchaudio.models import squim_objective_base

    torch.manual_seed(0)
    path = folder / "squim_objective_dns2020.pth"
    torch.save(squim_objective_base().state_dict(), path)
    return str(path)


def write_sigmos(path: Path, *, ratings: int = 7) -> str:
    """A network with SIGMOS's input and outputs: sums of the means of magnitudes, real and imaginary parts."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = np.arange(3 * ratings, dtype=np.float32).reshape(3, ratings)
    axes = np.array([2, 3], np.int64)
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["spectra", "axes"], ["means"], keepdims=0),
            helper.make_node("MatMul", ["means", "weights"], ["ratings"]),
        ],
        "sigmos",
        [helper.make_tensor_value_info("spectra", TensorProto.FLOAT, [1, 3, "frames", 481])],
        [helper.make_tensor_value_info("ratings", TensorProto.FLOAT, [1, ratings])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(axes, "axes")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, str(path))
    return str(path)


def write_utmos(path: Path) -> str:
    """UTMOS22 strong with few features and layers, with the names of the published weights."""
    import torch

    torch.manual_seed(0)
    state = {
        "domain_emb": torch.randn(1, 4),
        "judge_emb": torch.randn(1, 4),
        "wav2vec2.mask_emb": torch.randn(64),
    }
    lstm = torch.nn.LSTM(64 + 8, 8, batch_first=True, bidirectional=True)
    layers = torch.nn.Sequential(torch.nn.Linear(16, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    state |= {f"blstm.{name}": tensor for name, tensor in lstm.state_dict().items()}
    state |= {f"projection.{name}": tensor for name, tensor in layers.state_dict().items()}
    wide = "wav2vec2.feature_extractor.conv_layers"
    for i, kernel in enumerate((10, 3, 3, 3, 3, 2, 2)):
        state[f"{wide}.{i}.0.weight"] = torch.randn(8, 8 if i else 1, kernel) * 0.5
    shapes = {
        f"{wide}.0.2": (8,),
        "wav2vec2.layer_norm": (8,),
        "wav2vec2.post_extract_proj": (64, 8),
        "wav2vec2.encoder.layer_norm": (64,),
    }
    for layer in range(2):
        start = f"wav2vec2.encoder.layers.{layer}"
        shapes |= {f"{start}.self_attn.{part}_proj": (64, 64) for part in ("q", "k", "v", "out")}
        shapes |= {f"{start}.fc1": (96, 64), f"{start}.fc2": (64, 96)}
        shapes |= {
            f"{start}.{norm}": (64,) for norm in ("self_attn_layer_norm", "final_layer_norm")
        }
    for name, shape in shapes.items():
        state[f"{name}.weight"] = torch.randn(shape) * 0.1 + (len(shape) == 1)
        state[f"{name}.bias"] = torch.randn(shape[0]) * 0.1
    around = "wav2vec2.encoder.pos_conv.0"
    state[f"{around}.weight_g"] = torch.rand(1, 1, 8) + 0.5
    state[f"{around}.weight_v"] = torch.randn(64, 16, 8)
    state[f"{around}.bias"] = torch.randn(64) * 0.1
    torch.save(state, path)
    return str(path)


def band_noise(seed: int, hertz: float = 24_000) -> NDArray[np.float32]:
    """Half a second of noise up to a frequency, at 48,000 Hz, shape (24000,)."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0, 0.05, 24_000))
    spectrum[np.fft.rfftfreq(24_000, 1 / 48_000) > hertz] = 0
    return np.fft.irfft(spectrum).astype(np.float32)


def write_forest(path: Path, features: int = 24) -> str:
    """A classifier of bandwidth by scikit-learn, trained on noise of a full band and of a telephone's."""
    import joblib
    from sklearn.ensemble import RandomForestClassifier

    from curator_audio.scores.band_features import AudioFeatureExtractor

    energies = [
        AudioFeatureExtractor.calculate_band_energy(band_noise(seed, hertz), 48_000)
        for hertz in (4_000, 24_000)
        for seed in range(4)
    ]
    vectors = [AudioFeatureExtractor.features_dict_to_vector(each)[0] for each in energies]
    forest: Any = RandomForestClassifier(5, random_state=0)
    forest.fit([vector[:features] for vector in vectors], [0] * 4 + [1] * 4)
    joblib.dump(forest, path)
    return str(path)
