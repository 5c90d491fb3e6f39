"""Speech in noise and music whose truth is known: the sample recordings, mixed at given levels.

What is speech is told from the clean recording alone: frames of 10 ms within 35 dB of its loudest 1 %
after a median over 50 ms, with gaps under 200 ms closed. Frames within 100 ms of an edge do not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_dilation, binary_erosion, median_filter

from curator_audio.read.decode import read_span

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "audio"
RATE = 16_000
_FRAME = RATE // 100
_PAUSE_S = 2.0
SNRS = (20, 10, 5, 0)


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """One recording of the benchmark, one channel at 16,000 Hz."""

    name: str
    under: str
    """What is under the speech: nothing, a noise or music."""
    snr: int | None
    samples: NDArray[np.float32]
    speech: NDArray[np.bool_]
    """Of each frame of 10 ms, whether somebody speaks."""
    counted: NDArray[np.bool_]
    """Of each frame, whether the truth is sure."""


def recordings(*, speech: bool) -> dict[str, NDArray[np.float32]]:
    """The sample files that hold speech, or those that hold none; empty where they are not beside the checkout."""
    endings = (".flac", ".wav", ".ogg", ".mp3")
    return {
        path.name: read_span(str(path), 0, 3600)
        for path in sorted(FOLDER.glob("*"))
        if path.suffix in endings and path.name.startswith("nonspeech_") != speech
    }


def mixtures() -> Iterator[Mixture]:
    """Every recording of speech between pauses: alone, over two noises and over music."""
    music = recordings(speech=False)
    for number, (name, clean) in enumerate(recordings(speech=True).items()):
        pause = np.zeros(round(_PAUSE_S * RATE), np.float32)
        samples = np.concatenate((pause, clean, pause))
        samples = samples[: len(samples) // _FRAME * _FRAME]
        speech, counted = truth(samples)
        level = np.sqrt(np.mean(samples[np.repeat(speech, _FRAME)] ** 2))
        random = np.random.default_rng(number)
        unders: dict[str, NDArray[np.floating]] = {
            "white": random.normal(size=len(samples)),
            "pink": _pink(len(samples), random),
        }
        if music:
            unders["music"] = np.resize(music[max(music)], len(samples))
        facts: dict[str, Any] = {"name": name, "speech": speech, "counted": counted}
        yield Mixture(under="nothing", snr=None, samples=samples, **facts)
        for under, noise in unders.items():
            for snr in SNRS:
                noise = noise * level / np.sqrt(np.mean(noise**2)) / 10 ** (snr / 20)
                mixed = (samples + noise).astype(np.float32)
                mixed /= max(1.0, float(np.abs(mixed).max()))
                yield Mixture(under=under, snr=snr, samples=mixed, **facts)


def chords(seconds: int) -> NDArray[np.float32]:
    """Music: two chords a second, of three notes with seven harmonics each, that fade."""
    random, time = np.random.default_rng(0), np.arange(RATE // 2) / RATE
    found: list[NDArray[np.floating]] = []
    for _ in range(2 * seconds):
        hertz = 110 * 2 ** (random.integers(0, 36, size=3) / 12)
        harmonics = [np.sin(2 * np.pi * f * k * time) / k for f in hertz for k in range(1, 8)]
        found.append(np.sum(harmonics, axis=0) * np.exp(-3 * time) * 0.1)
    return np.concatenate(found).astype(np.float32)


def truth(samples: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each frame of a clean recording, whether it is speech, and whether that is sure."""
    energies = np.mean(samples.reshape(-1, _FRAME).astype(np.float64) ** 2, axis=1)
    level = 10 * np.log10(np.maximum(energies, 1e-12))
    level = median_filter(level, 5, mode="nearest")
    speech = level > np.quantile(level, 0.99) - 35
    padded = np.pad(speech, 30)
    speech = np.asarray(binary_closing(padded, np.ones(20)), np.bool_)[30:-30]
    near = np.asarray(binary_dilation(speech, np.ones(21)), np.bool_)
    deep = np.asarray(binary_erosion(speech, np.ones(21), border_value=1), np.bool_)
    return speech, ~near | deep


def _pink(size: int, random: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(random.normal(size=size))
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), size)
