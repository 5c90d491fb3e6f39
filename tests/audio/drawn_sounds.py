"""Sounds that tests of copies draw, mono at 16 kHz: a voice and a tune, another for each number."""

from typing import Any

import numpy as np
import pyarrow as pa

from curator_audio.duplicates.fingerprint import FINGERPRINTS, fingerprint

RATE = 16_000


def voice(seed: int, seconds: float = 6.0) -> Any:
    """Syllables of a gliding pitch through moving resonances, with pauses."""
    random = np.random.default_rng(seed)
    times = np.arange(int(seconds * RATE)) / RATE
    grid = np.linspace(0, seconds, int(6 * seconds) + 2)

    def moving(low, high):
        return np.interp(times, grid, random.uniform(low, high, len(grid)))

    pitch = random.choice([110, 150, 200]) * moving(0.8, 1.3)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    resonances = [(moving(300, 800), 120), (moving(900, 2300), 200), (moving(2400, 3400), 300)]
    out = np.zeros(len(times))
    for number in range(1, 25):
        gain = sum(
            1 / (1 + ((number * pitch - middle) / width) ** 2) for middle, width in resonances
        )
        out += gain * np.sin(number * phase)
    loudness = np.interp(times, grid, random.choice([0.0, 0.4, 0.8, 1.0], len(grid)))
    out *= loudness
    return (0.5 * out / np.abs(out).max()).astype(np.float32)


def tune(seed: int, seconds: float = 6.0) -> Any:
    """Plucked notes of a scale."""
    random = np.random.default_rng(1000 + seed)
    out = np.zeros(int(seconds * RATE))
    root, start = random.uniform(110, 220), 0
    while start < len(out):
        steps = random.choice([0, 2, 4, 5, 7, 9, 11]) + 12 * random.integers(0, 3)
        times = np.arange(min(RATE, len(out) - start)) / RATE
        for overtone in range(1, 6):
            wave = np.sin(2 * np.pi * root * 2 ** (steps / 12) * overtone * times)
            out[start : start + len(times)] += wave * np.exp(-3 * times) / overtone
        start += int(RATE * random.choice([0.15, 0.3, 0.45]))
    return (0.5 * out / np.abs(out).max()).astype(np.float32)


def noisy(samples: Any, decibels: float, seed: int = 0) -> Any:
    """With white noise that is so far below the sound."""
    noise = np.random.default_rng(seed).standard_normal(len(samples))
    level = np.sqrt(np.mean(samples**2)) / 10 ** (decibels / 20)
    return (samples + level * noise).astype(np.float32)


def faster(samples: Any, speed: float) -> Any:
    """As a tape that runs faster sounds."""
    places = np.arange(0, len(samples) - 1, speed)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


def fingerprints(sounds: dict[str, Any]) -> pa.Table:
    """Of sounds by their ids."""
    rows = [fingerprint(samples, uuid) for uuid, samples in sounds.items()]
    return pa.Table.from_pylist(rows, schema=FINGERPRINTS)
