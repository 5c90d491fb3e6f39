"""UTMOS: how natural people would find speech, from 1 to 5, by the strong learner of UTMOS22.

Saeki and others, "UTMOS: UTokyo-SaruLab System for VoiceMOS Challenge 2022" (2022). NeMo Curator runs code
from a repository for it; here wav2vec 2.0 is torchaudio's, and what follows it is written from the names of
the weights (MIT), which tarepan/SpeechMOS publishes.
"""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from curator_audio.models.transcript import Clip
from curator_audio.models.weight_file import State, not_weights, read_weights, weight_file
from curator_engine.device import Device
from curator_engine.errors import InputError, ResourceError
from curator_engine.models.loading import place_of

RATE = 16_000
_URL = "https://github.com/tarepan/SpeechMOS/releases/download/v1.0.0/utmos22_strong_step7459_v1.pt"
_STRIDES = (5, 2, 2, 2, 2, 2, 2)
"""Of the convolutions."""
_HEAD = 64
"""Features of one head of attention."""
_PART = 30 * RATE
"""Samples that are heard at once: attention grows with their square. A longer clip has the mean of its parts."""
_LEAST = 400
"""Samples of one frame."""
_NAMES = (
    (r"^feature_extractor\.conv_layers\.(\d+)\.0\.", r"feature_extractor.conv_layers.\1.conv."),
    (r"^feature_extractor\.conv_layers\.0\.2\.", "feature_extractor.conv_layers.0.layer_norm."),
    (r"^layer_norm\.", "encoder.feature_projection.layer_norm."),
    (r"^post_extract_proj\.", "encoder.feature_projection.projection."),
    (r"^encoder\.pos_conv\.0\.bias", "encoder.transformer.pos_conv_embed.conv.bias"),
    (
        r"^encoder\.pos_conv\.0\.weight_g",
        "encoder.transformer.pos_conv_embed.conv.parametrizations.weight.original0",
    ),
    (
        r"^encoder\.pos_conv\.0\.weight_v",
        "encoder.transformer.pos_conv_embed.conv.parametrizations.weight.original1",
    ),
    (r"^encoder\.layer_norm\.", "encoder.transformer.layer_norm."),
    (
        r"^encoder\.layers\.(\d+)\.self_attn_layer_norm\.",
        r"encoder.transformer.layers.\1.layer_norm.",
    ),
    (r"^encoder\.layers\.(\d+)\.self_attn\.", r"encoder.transformer.layers.\1.attention."),
    (
        r"^encoder\.layers\.(\d+)\.fc1\.",
        r"encoder.transformer.layers.\1.feed_forward.intermediate_dense.",
    ),
    (
        r"^encoder\.layers\.(\d+)\.fc2\.",
        r"encoder.transformer.layers.\1.feed_forward.output_dense.",
    ),
    (
        r"^encoder\.layers\.(\d+)\.final_layer_norm\.",
        r"encoder.transformer.layers.\1.final_layer_norm.",
    ),
)
"""From fairseq's names to torchaudio's."""


class Utmos:
    """The network.

    Args:
        path: File with the weights; the published ones (400 MB) from torch's cache or fetched, if empty.
        device: Where it computes.

    Raises:
        InputError: The file is missing, or holds other weights.
        ResourceError: torchaudio is not installed, or the weights cannot be fetched.

    Example:
        >>> Utmos("utmos22_strong_step7459_v1.pt").rate(samples)
        4.2
    """

    def __init__(self, path: str = "", *, device: Device = "auto") -> None:
        self._place = place_of(device)
        found = fetched(path)
        state = read_weights(found, what="UTMOS22 strong")
        try:
            network = _Learner(state)
            network.load_state_dict(_renamed(state))
        except (KeyError, RuntimeError, ValueError, IndexError) as error:
            raise InputError(not_weights(found, "UTMOS22 strong")) from error
        self._network = network.to(self._place).eval()

    @torch.inference_mode()
    def rate(self, clip: Clip) -> float | None:
        """The rating of one clip at 16,000 Hz; None if it is shorter than a frame of 25 ms."""
        if len(clip) < _LEAST:
            return None
        parts = np.array_split(clip, math.ceil(len(clip) / _PART))
        rated = [self._network(torch.from_numpy(part[None]).to(self._place)) for part in parts]
        return float(np.mean([float(each) for each in rated]))


def fetched(path: str = "") -> Path:
    """Where the weights lie, after they have been fetched if that is needed.

    Raises:
        InputError: There is no such file.
        ResourceError: They cannot be fetched.
    """
    return weight_file(path, url=_URL)


class _Learner(nn.Module):
    """wav2vec 2.0, two vectors that say which listeners are meant, an LSTM and two layers; sizes by weights."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.wav2vec2 = _wav2vec2(state)
        self.domain_emb = nn.Parameter(torch.empty_like(state["domain_emb"]))
        self.judge_emb = nn.Parameter(torch.empty_like(state["judge_emb"]))
        taken, hidden = state["blstm.weight_ih_l0"].shape[1], state["blstm.weight_hh_l0"].shape[1]
        self.blstm = nn.LSTM(taken, hidden, batch_first=True, bidirectional=True)
        inner = len(state["projection.0.bias"])
        self.projection = nn.Sequential(
            nn.Linear(2 * hidden, inner), nn.ReLU(), nn.Linear(inner, 1)
        )

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """The rating of clips (clips, samples)."""
        heard, _ = self.wav2vec2(clips)
        listeners = torch.cat([self.domain_emb, self.judge_emb], dim=1)
        whom = listeners[:, None].expand(*heard.shape[:2], -1)
        frames, _ = self.blstm(torch.cat([heard, whom], dim=2))
        # The network says how far from 3 a rating is, in halves of the scale.
        return self.projection(frames).mean(dim=(1, 2)) * 2 + 3


def _wav2vec2(state: State) -> Any:
    try:
        from torchaudio.models import wav2vec2_model
    except ImportError as error:
        raise ResourceError(
            "UTMOS needs the extra 'models' of curator-audio (torchaudio is missing); install it."
        ) from error
    start = "wav2vec2."
    shapes = {k.removeprefix(start): v.shape for k, v in state.items() if k.startswith(start)}
    convolutions: list[tuple[int, int, int]] = []
    for i, stride in enumerate(_STRIDES):
        given, _, kernel = shapes[f"feature_extractor.conv_layers.{i}.0.weight"]
        convolutions.append((given, kernel, stride))
    features = shapes["post_extract_proj.weight"][0]
    around = shapes["encoder.pos_conv.0.weight_v"]
    return wav2vec2_model(
        extractor_mode="group_norm",
        extractor_conv_layer_config=convolutions,
        extractor_conv_bias=False,
        encoder_embed_dim=features,
        encoder_projection_dropout=0.1,
        encoder_pos_conv_kernel=around[2],
        encoder_pos_conv_groups=features // around[1],
        encoder_num_layers=sum(k.endswith(".fc1.bias") for k in shapes),
        encoder_num_heads=features // _HEAD,
        encoder_attention_dropout=0.1,
        encoder_ff_interm_features=shapes["encoder.layers.0.fc1.weight"][0],
        encoder_ff_interm_dropout=0.0,
        encoder_dropout=0.1,
        encoder_layer_norm_first=False,
        encoder_layer_drop=0.05,
        aux_num_out=None,
    )


def _renamed(state: State) -> State:
    """The weights with torchaudio's names; what was used in training only is left out."""
    start = "wav2vec2."
    named: State = {}
    for name, tensor in state.items():
        if not name.startswith(start):
            named[name] = tensor
        elif name != f"{start}mask_emb":
            named[start + _theirs(name.removeprefix(start))] = tensor
    return named


def _theirs(name: str) -> str:
    for ours, theirs in _NAMES:
        new, changed = re.subn(ours, theirs, name)
        if changed:
            return new
    return name
