"""The recording that an entry of a manifest means, to be decoded in blocks: its file, or samples that it carries."""

import io
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.audio_error import AudioError
from curator_audio.read.decode import Recording, open_audio
from curator_audio.read.entry_span import entry_span


def entry_recording(
    entry: Mapping[str, Any],
    *,
    audio_filepath_key: str = "audio_filepath",
    waveform_key: str = "waveform",
    sample_rate_key: str = "sample_rate",
) -> tuple[Recording, float, float]:
    """A recording with the first and the last second that the entry means.

    Samples in the entry, shape (samples,) or (channels, samples), of numpy or torch, come before its file,
    and all of them are meant: an earlier stage has cut them out.

    Raises:
        AudioError: There is neither, the samples have no rate, or the file cannot be decoded.
        UnreadableFileError: The file is not there.

    Example:
        >>> entry_recording({"audio_filepath": "a.wav", "offset": 2.0, "duration": 1.5})[1:]
        (2.0, 3.5)
    """
    waveform = entry.get(waveform_key)
    if waveform is None:
        path, start, end = entry_span(entry, audio_filepath_key=audio_filepath_key)
        return open_audio(path), start, end
    import soundfile

    samples, rate = carried_samples(waveform, entry.get(sample_rate_key))
    if rate < 1 or not samples.size:
        raise AudioError(
            "an entry", f"{waveform_key!r} holds no channels of samples with a {sample_rate_key!r}"
        )
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="FLOAT")
    return open_audio(file.getvalue()), 0.0, math.inf


def carried_samples(waveform: Any, sample_rate: Any) -> tuple[NDArray[np.float32], int]:
    """Samples that an entry carries, shape (samples, channels), and their rate; none, or 0, where there is none.

    Args:
        waveform: Shape (samples,) or (channels, samples), of numpy or torch.
        sample_rate: Of any kind of number.
    """
    samples = np.atleast_2d(np.asarray(waveform, np.float32))
    try:
        rate = int(sample_rate)
    except (TypeError, ValueError, OverflowError):
        rate = 0
    return (samples.T if samples.ndim == 2 else samples.reshape(-1, 1)[:0]), rate
