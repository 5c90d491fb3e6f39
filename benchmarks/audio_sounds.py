"""Sounds to copy and to change: the sample recordings, drawn voices and drawn music, mono at 16 kHz.

A seed gives the same sound everywhere. What looks alike and is no copy is drawn as well: a tune played
again by hand on another instrument, two voices over one backing, one voice that says two things.
"""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import soxr
from audio_mixtures import RATE, recordings
from numpy.typing import NDArray
from scipy.signal import lfilter

type Sound = NDArray[np.float32]
_SECONDS = 18.0


def bases(*, drawn: int) -> dict[str, Sound]:
    """The sample recordings but for one in a room, which is a copy, and drawn sounds."""
    files = recordings(speech=True) | recordings(speech=False)
    real = {name: samples for name, samples in files.items() if "_rvb" not in name}
    voices = {f"voice {seed}": voice(seed) for seed in range(drawn)}
    return real | voices | {f"music {seed}": music(seed) for seed in range(drawn)}


def look_alikes(*, drawn: int) -> dict[str, Sound]:
    """Sounds that have much in common with others of them and are no copies."""
    out: dict[str, Sound] = {}
    for seed in range(10_000, 10_000 + drawn):
        out[f"tune {seed}"] = music(seed)
        out[f"tune {seed} again"] = music(seed, soft=2.5, tempo=1.03, loose=0.04)
        backing = music(seed + 1000)
        for singer in range(2):
            out[f"singer {singer} over music {seed}"] = (
                voice(2 * seed + singer) + 0.35 * backing
            ).astype(np.float32)
        for text in range(2):
            out[f"speaker {seed} says {text}"] = voice(seed + 1000 * text, speaker=seed)
    return out


def voice(seed: int, *, speaker: int | None = None) -> Sound:
    """Pulses of a gliding pitch through moving resonances, with hiss and pauses."""
    random = np.random.default_rng((1, seed))
    count = int(_SECONDS * RATE)
    times, grid = np.arange(count) / RATE, np.linspace(0, _SECONDS, int(5 * _SECONDS))
    owner = np.random.default_rng((2, seed if speaker is None else speaker))
    pitch = owner.uniform(90, 230) * np.interp(times, grid, random.uniform(0.8, 1.3, len(grid)))
    pulses = (np.cumsum(pitch) / RATE % 1 < 0.1) - 0.1
    out, block = np.zeros(count), RATE // 100
    for low, high, width in ((300, 800, 80), (900, 2200, 120), (2300, 3300, 200)):
        middle = np.interp(times, grid, random.uniform(low, high, len(grid)))
        size, state = np.exp(-np.pi * width / RATE), np.zeros(2)
        for at in range(0, count, block):
            turn = -2 * size * np.cos(2 * np.pi * middle[at] / RATE)
            part: Any = lfilter([1 - size], [1, turn, size**2], pulses[at : at + block], zi=state)
            out[at : at + block] += part[0]
            state = part[1]
    syllables = np.linspace(0, _SECONDS, int(10 * _SECONDS))
    out *= np.interp(times, syllables, random.choice([0.02, 0.3, 0.7, 1.0], len(syllables)))
    hiss = np.interp(times, syllables, random.choice([0, 0, 0, 0.015], len(syllables)))
    out = 0.5 * out / np.abs(out).max() + hiss * random.standard_normal(count)
    return out.astype(np.float32)


def music(seed: int, *, soft: float = 1.3, tempo: float = 1.0, loose: float = 0.0) -> Sound:
    """Plucked notes of a scale, one to three at a time, in a rhythm that is kept within `loose` seconds."""
    random, hand = np.random.default_rng((3, seed)), np.random.default_rng((4, seed))
    out = np.zeros(int(_SECONDS * RATE))
    beat, root, at = random.uniform(0.22, 0.4), random.uniform(110, 220), 0.0
    while at < _SECONDS:
        for _ in range(int(random.integers(1, 4))):
            steps = random.choice([0, 2, 4, 5, 7, 9, 11]) + 12 * random.integers(0, 3)
            length = random.uniform(0.3, 1.2)
            start = max(0, int((at / tempo + hand.uniform(-loose, loose)) * RATE))
            times = np.arange(min(int(length * RATE), len(out) - start)) / RATE
            for overtone in range(1, 7):
                wave = np.sin(2 * np.pi * root * 2 ** (steps / 12) * overtone * times)
                out[start : start + len(times)] += wave * np.exp(-3 * times) / overtone**soft
        at += beat * random.choice([0.5, 1, 1, 2])
    return (0.5 * out / np.abs(out).max()).astype(np.float32)


def coded(sound: Sound, container: str, codec: str, rate: int) -> Sound:
    """After a codec at 32 kbit/s."""
    import av

    file = io.BytesIO()
    pcm = (32767 * np.clip(soxr.resample(sound, RATE, rate), -1, 1)).astype(np.int16)
    with av.open(file, "w", format=container) as target:
        stream: Any = target.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = 32_000
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = rate
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    file.seek(0)
    resampler, parts = av.AudioResampler(format="flt", layout="mono", rate=RATE), list[Sound]()
    with av.open(file, "r") as source:
        for each in (*source.decode(audio=0), None):
            parts += [frame.to_ndarray()[0] for frame in resampler.resample(each)]
    return np.concatenate(parts)


def noisy(sound: Sound, random: np.random.Generator, decibels: float) -> Sound:
    """With white noise so far below it."""
    level = np.sqrt(np.mean(sound**2)) / 10 ** (decibels / 20)
    return (sound + level * random.standard_normal(len(sound))).astype(np.float32)


def faster(sound: Sound, speed: float) -> Sound:
    """As a tape that runs faster sounds."""
    return soxr.resample(sound, RATE * speed, RATE).astype(np.float32)


def part(sound: Sound, random: np.random.Generator) -> Sound:
    """10 seconds of it, or two thirds of a shorter one."""
    size = 10 * RATE if len(sound) > 10 * RATE else 2 * len(sound) // 3
    start = int(random.integers(0, len(sound) - size + 1))
    return sound[start : start + size]


def _mp3(sound: Sound) -> Sound:
    return coded(sound, "mp3", "libmp3lame", RATE)


EDITS: dict[str, Callable[[Sound, np.random.Generator], Sound]] = {
    "MP3 32 kbit/s": lambda x, _: _mp3(x),
    "Opus 32 kbit/s": lambda x, _: coded(x, "ogg", "libopus", 48_000),
    "20 dB softer": lambda x, _: 0.1 * x,
    "10 s of it": part,
    "noise at 20 dB": lambda x, random: noisy(x, random, 20),
    "noise at 10 dB": lambda x, random: noisy(x, random, 10),
    "2 % faster": lambda x, _: faster(x, 1.02),
    "2 % slower": lambda x, _: faster(x, 1 / 1.02),
    "5 % faster": lambda x, _: faster(x, 1.05),
    "10 s, noise at 10 dB": lambda x, random: noisy(part(x, random), random, 10),
    "10 s, 2 % faster, MP3": lambda x, random: _mp3(faster(part(x, random), 1.02)),
}
"""Changes of a copy."""
