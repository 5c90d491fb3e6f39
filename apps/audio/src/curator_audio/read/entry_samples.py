"""The samples that an entry of a manifest means, for stages that hand them to a network."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.audio_error import AudioError
from curator_audio.read.decode import read_span, resample
from curator_audio.read.entry_span import entry_span

_MOST_S = 86_400.0
"""Seconds after which a recording is cut off: longer ones are segmented first."""


def entry_samples(
    entry: Mapping[str, Any],
    *,
    rate: int,
    audio_filepath_key: str = "audio_filepath",
    waveform_key: str | None = None,
    sample_rate_key: str = "sample_rate",
) -> NDArray[np.float32]:
    """One channel at a rate, shape (samples,): of the entry's file, or of samples that it carries.

    Args:
        entry: With a path and maybe a span, as `entry_span` has it.
        rate: Samples per second of what is returned.
        audio_filepath_key: The key of the path.
        waveform_key: The key of samples, shape (samples,) or (channels, samples), of numpy or torch; None to read
            the file.
        sample_rate_key: The key of their samples per second.

    Raises:
        AudioError: There is neither, or the recording cannot be decoded.
        UnreadableFileError: The file is not there.

    Example:
        >>> entry_samples(
        ...     {"audio_filepath": "a.wav", "offset": 2.0, "duration": 1.5}, rate=16_000
        ... ).shape
        (24000,)
    """
    if waveform_key is None:
        path, start, end = entry_span(entry, audio_filepath_key=audio_filepath_key)
        return read_span(path, start, start + _MOST_S if math.isinf(end) else end, rate)
    try:
        samples = np.asarray(entry[waveform_key], np.float32)
        mono = samples if samples.ndim == 1 else samples.mean(axis=0, dtype=np.float32)
        old = int(entry[sample_rate_key])
    except (KeyError, TypeError, ValueError) as error:
        raise AudioError(
            "an entry", f"has no samples as {waveform_key!r} with a rate as {sample_rate_key!r}"
        ) from error
    if mono.ndim != 1 or old < 1:
        raise AudioError("an entry", f"{waveform_key!r} holds no channels of samples")
    return resample(mono, old, rate)
