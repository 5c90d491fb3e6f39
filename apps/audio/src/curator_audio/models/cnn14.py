"""CNN14 of PANNs, which names the sounds of AudioSet in each frame; the three networks that decide per segment.

Kong and others, "PANNs: Large-Scale Pretrained Audio Neural Networks for Audio Pattern Recognition" (2020).
Written from the paper and the names of the published weights (MIT), which load as they are. Inputs are
samples of one channel in [-1, 1]; a frame is a hop of them.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from curator_audio.models.mel_scale import slaney_triangles

CHANNELS = (64, 128, 256, 512, 1024, 2048)
"""Of the blocks."""
_FLOOR = 1e-10
"""Of powers: the logarithm of silence is -100 dB."""
_RATIO = 32
"""Frames of a segment: five blocks halve the time."""
_STEEPEST = 10.0
"""Most that attention can be before the softmax."""

type Pooling = Literal["avg", "max", "avg+max"]


def init_layer(layer: nn.Linear | nn.Conv1d | nn.Conv2d) -> None:
    """Random weights by Glorot and Bengio, no bias: for a network that is to be trained."""
    nn.init.xavier_uniform_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def init_bn(bn: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
    """A normalisation that neither scales nor shifts."""
    nn.init.ones_(bn.weight)
    nn.init.zeros_(bn.bias)


def interpolate(x: Tensor, ratio: int) -> Tensor:
    """Segments as frames: each is repeated.

    Args:
        x: Shape (clips, segments, classes).
        ratio: Frames of a segment.
    """
    return x.repeat_interleave(ratio, dim=1)


def pad_framewise_output(framewise_output: Tensor, frames_num: int) -> Tensor:
    """Frames up to a number, by repeating the last; shape (clips, frames, classes)."""
    missing = frames_num - framewise_output.shape[1]
    last = framewise_output[:, -1:].expand(-1, max(0, missing), -1)
    return torch.cat([framewise_output, last], dim=1)


class ConvBlock(nn.Module):
    """Two convolutions of 3 by 3 with normalisation, then a pooling."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(out_channels), nn.BatchNorm2d(out_channels)
        for layer in (self.conv1, self.conv2):
            init_layer(layer)

    def forward(
        self, x: Tensor, pool_size: tuple[int, int] = (2, 2), pool_type: Pooling = "avg"
    ) -> Tensor:
        """Shape (clips, channels, frames, bands), with frames and bands divided by the pool's size."""
        x = functional.relu(self.bn1(self.conv1(x)))
        x = functional.relu(self.bn2(self.conv2(x)))
        mean = functional.avg_pool2d(x, pool_size) if "avg" in pool_type else 0.0
        most = functional.max_pool2d(x, pool_size) if "max" in pool_type else 0.0
        return torch.as_tensor(mean + most)


class AttBlock(nn.Module):
    """Says of each class which segments count, and what they say."""

    def __init__(
        self, n_in: int, n_out: int, activation: Literal["linear", "sigmoid"] = "sigmoid"
    ) -> None:
        super().__init__()
        self.activation = activation
        self.att, self.cla = nn.Conv1d(n_in, n_out, 1), nn.Conv1d(n_in, n_out, 1)
        # The published weights have it; it is in no path.
        self.bn_att = nn.BatchNorm1d(n_out)
        for layer in (self.att, self.cla):
            init_layer(layer)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of features (clips, n_in, segments): classes (clips, n_out), attention and classes per segment."""
        attention = self.att(x).clamp(-_STEEPEST, _STEEPEST).softmax(dim=2)
        classes = self.cla(x)
        if self.activation == "sigmoid":
            classes = classes.sigmoid()
        return (attention * classes).sum(dim=2), attention, classes


class _FourierTransform(nn.Module):
    """Spectra by convolution, whose kernels are among the published weights."""

    def __init__(self, window_size: int, hop_size: int) -> None:
        super().__init__()
        bins, self._half = window_size // 2 + 1, window_size // 2
        self.conv_real = nn.Conv1d(1, bins, window_size, stride=hop_size, bias=False)
        self.conv_imag = nn.Conv1d(1, bins, window_size, stride=hop_size, bias=False)
        waves = torch.fft.fft(torch.eye(window_size, dtype=torch.float64))[:, :bins]
        kernels = waves * torch.hann_window(window_size, dtype=torch.float64)[:, None]
        for layer, kernel in ((self.conv_real, kernels.real), (self.conv_imag, kernels.imag)):
            layer.weight = nn.Parameter(kernel.T[:, None].float(), requires_grad=False)

    def forward(self, clips: Tensor) -> Tensor:
        """Powers of samples (clips, samples), shape (clips, frames, bins)."""
        padded = functional.pad(clips[:, None], (self._half, self._half), mode="reflect")
        return (self.conv_real(padded).square() + self.conv_imag(padded).square()).transpose(1, 2)


class _Spectrogram(nn.Module):
    def __init__(self, window_size: int, hop_size: int) -> None:
        super().__init__()
        self.stft = _FourierTransform(window_size, hop_size)

    def forward(self, clips: Tensor) -> Tensor:
        return self.stft(clips)


class _LogMel(nn.Module):
    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.melW = nn.Parameter(weights, requires_grad=False)

    def forward(self, powers: Tensor) -> Tensor:
        return 10 * (powers @ self.melW).clamp(min=_FLOOR).log10()


class _DecisionLevel(nn.Module):
    """The front end, six blocks and a layer; what decides on a segment follows.

    Args:
        sample_rate: Samples per second; the published weights were trained at 32,000.
        window_size: Samples of a spectrum.
        hop_size: Samples of a frame.
        mel_bins: Bands.
        fmin: Where the first band begins, in Hz.
        fmax: Where the last band ends, in Hz.
        classes_num: Kinds of sounds.
    """

    interpolate_ratio = _RATIO

    def __init__(
        self,
        sample_rate: int = 16_000,
        window_size: int = 1024,
        hop_size: int = 320,
        mel_bins: int = 64,
        fmin: int = 50,
        fmax: int = 14_000,
        classes_num: int = 527,
    ) -> None:
        super().__init__()
        triangles = slaney_triangles(
            rate=sample_rate, fft=window_size, bands=mel_bins, low_hz=fmin, high_hz=fmax
        )
        self.spectrogram_extractor = _Spectrogram(window_size, hop_size)
        self.logmel_extractor = _LogMel(torch.from_numpy(triangles.T.copy()))
        self.bn0 = nn.BatchNorm2d(mel_bins)
        before = (1, *CHANNELS)
        for number, (taken, given) in enumerate(zip(before, CHANNELS, strict=False), 1):
            self.add_module(f"conv_block{number}", ConvBlock(taken, given))
        self.fc1 = nn.Linear(CHANNELS[-1], CHANNELS[-1])
        init_layer(self.fc1)
        self.add_decision(CHANNELS[-1], classes_num)

    def add_decision(self, features: int, classes_num: int) -> None:
        """Add the layer that decides on a segment."""
        self.fc_audioset = nn.Linear(features, classes_num)
        init_layer(self.fc_audioset)

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        """The sounds of samples (clips, samples), at least 32 frames.

        Returns:
            framewise_output, shape (clips, frames, classes), and clipwise_output, shape (clips, classes).
        """
        x = self.logmel_extractor(self.spectrogram_extractor(waveform))
        frames = x.shape[1]
        x = self.bn0(x.transpose(1, 2)[..., None])[..., 0].transpose(1, 2)[:, None]
        last = len(CHANNELS)
        for number in range(1, last + 1):
            block = self.get_submodule(f"conv_block{number}")
            x = self._dropped(block(x, pool_size=(1, 1) if number == last else (2, 2)), 0.2)
        x = x.mean(dim=3)
        x = functional.max_pool1d(x, 3, 1, 1) + functional.avg_pool1d(x, 3, 1, 1)
        x = self._dropped(x, 0.5).transpose(1, 2)
        x = self._dropped(functional.relu(self.fc1(x)), 0.5)
        clipwise, segments = self.decide(x)
        framewise = pad_framewise_output(interpolate(segments, self.interpolate_ratio), frames)
        return {"framewise_output": framewise, "clipwise_output": clipwise}

    def decide(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The sounds of clips, shape (clips, classes), and of their segments, shape (clips, segments, classes).

        Args:
            x: Shape (clips, segments, features).
        """
        raise NotImplementedError

    def _dropped(self, x: Tensor, share: float) -> Tensor:
        return functional.dropout(x, share, training=self.training)


class Cnn14DecisionLevelMax(_DecisionLevel):
    """A clip has the sounds of its surest segment.

    Example:
        >>> Cnn14DecisionLevelMax().eval()(torch.zeros(1, 16_000))["framewise_output"].shape
        torch.Size([1, 51, 527])
    """

    def decide(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The most of the segments."""
        segments = self.fc_audioset(x).sigmoid()
        return segments.amax(dim=1), segments


class Cnn14DecisionLevelAvg(_DecisionLevel):
    """A clip has the mean of its segments.

    Example:
        >>> Cnn14DecisionLevelAvg(classes_num=10)
    """

    def decide(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The mean of the segments."""
        segments = self.fc_audioset(x).sigmoid()
        return segments.mean(dim=1), segments


class Cnn14DecisionLevelAtt(_DecisionLevel):
    """A clip has a mean of its segments in which those count that matter.

    Example:
        >>> Cnn14DecisionLevelAtt(classes_num=10)
    """

    def add_decision(self, features: int, classes_num: int) -> None:
        """Add the layers of attention."""
        self.att_block = AttBlock(features, classes_num)

    def decide(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The mean by attention."""
        clips, _, segments = self.att_block(x.transpose(1, 2))
        return clips, segments.transpose(1, 2)
