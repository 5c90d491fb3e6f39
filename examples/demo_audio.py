"""Make sounds by code, curate them, and say where the page of the run lies.

Syllables of drawn vowels, which the detector takes for speech, clean and in noise, quiet, clipped and in
stereo; a melody, which is none; a file that is no recording, and a manifest. Nothing is downloaded.
"""

import io
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

OUT = Path("demo-audio-out")
RATE = 16_000
VOWELS = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
)
"""Formants of a, i, u, e, o in Hz, as Peterson and Barney measured them in 1952."""


def syllable(rng: np.random.Generator, seconds: float, pitch: float) -> NDArray[np.float64]:
    """A breath of noise and a vowel that glides into another: harmonics, shaped by formants."""
    count = round(seconds * RATE)
    at = np.arange(count) / RATE
    share = at / seconds
    bend = pitch * (1 + 0.12 * np.sin(2 * np.pi * (share * 0.6 + rng.random())))
    phase = 2 * np.pi * np.cumsum(bend * (1 + 0.01 * np.sin(2 * np.pi * 5 * at))) / RATE
    first, last = (np.array(VOWELS[k], float) for k in rng.integers(0, len(VOWELS), 2))
    formants = first[:, None] * (1 - share) + last[:, None] * share
    voice = np.zeros(count)
    for k in range(1, 40):
        hertz = k * bend
        widths = np.array([80.0, 100.0, 140.0])[:, None]
        gains = 1 / (1 + ((hertz - formants) / widths) ** 2)
        level = (gains * np.array([1.0, 0.6, 0.3])[:, None]).sum(axis=0) / k**0.3
        voice += np.where(hertz < 7000, level * np.sin(k * phase), 0.0)
    breath = rng.normal(0, 0.6, count) * np.exp(-at / 0.03)
    edge = np.minimum(1, np.minimum(at / 0.03, (seconds - at) / 0.06))
    return edge * voice / np.abs(voice).max() + 0.3 * breath


def speech(number: int, seconds: float) -> NDArray[np.float32]:
    """Words of a few syllables with pauses; shape (samples,), one voice for each number."""
    rng = np.random.default_rng(number)
    pitch, parts, total = rng.uniform(95, 220), [np.zeros(RATE // 2)], 0.5
    while total < seconds:
        for _ in range(rng.integers(1, 5)):
            parts.append(syllable(rng, rng.uniform(0.12, 0.28), pitch))
            total += len(parts[-1]) / RATE
        gap = 1.2 if rng.random() < 0.15 else rng.uniform(0.03, 0.12)
        parts.append(np.zeros(round(gap * RATE)))
        total += gap
    return np.float32(0.25) * np.concatenate(parts).astype(np.float32)


def in_noise(samples: NDArray[np.float32], level: float) -> NDArray[np.float32]:
    """The same with white noise of a level."""
    noise = np.random.default_rng(0).normal(0, level, len(samples))
    return samples + noise.astype(np.float32)


def melody(seconds: float) -> NDArray[np.float32]:
    """Notes of pure tones."""
    at = np.arange(round(seconds * RATE)) / RATE
    notes = 220 * 2 ** (np.random.default_rng(1).integers(0, 24, round(seconds * 3)) / 12)
    hertz = np.repeat(notes, -(-len(at) // len(notes)))[: len(at)]
    return (0.2 * np.sin(2 * np.pi * np.cumsum(hertz) / RATE)).astype(np.float32)


def encoded(samples: NDArray[np.float32], kind: str = "WAV") -> bytes:
    """Samples as a file's bytes."""
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format=kind)
    return file.getvalue()


def make_sounds(folder: Path) -> int:
    """Write the files; returns how many there are."""
    folder.mkdir(parents=True)
    # Rooms are never without any noise.
    voice = [in_noise(speech(number, 12.0), 0.0004) for number in range(6)]
    files = {
        "clean.flac": encoded(voice[0], "FLAC"),
        "noisy.wav": encoded(in_noise(voice[1], 0.05)),
        "quiet.wav": encoded(np.float32(0.002) * voice[2]),
        "clipped.wav": encoded(np.clip(np.float32(8) * voice[3], -1, 1)),
        "stereo.flac": encoded(np.stack([voice[4], voice[4]], axis=1), "FLAC"),
        "compressed.mp3": encoded(voice[5], "MP3"),
        "melody.wav": encoded(melody(8.0)),
        "broken.wav": b"RIFF, but no recording",
    }
    spans = [{"offset": 0.5, "duration": 3.0}, {"offset": 4.0, "duration": 3.0}]
    rows = [{"audio_filepath": "clean.flac", "text": "vowels", **span} for span in spans]
    files["manifest.jsonl"] = "\n".join(map(json.dumps, rows)).encode()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return len(files)


def command(*words: str) -> int:
    """Run curator-audio and show how; its exit code."""
    print("\n$ " + " ".join(["curator-audio", *words]), flush=True)
    program = Path(sys.executable).parent / "curator-audio"
    return subprocess.run([str(program), *words], check=False).returncode


def main() -> int:
    """Run the demo; the exit code of the command."""
    start = time.perf_counter()
    shutil.rmtree(OUT, ignore_errors=True)
    sounds, result = OUT / "input", OUT / "result"
    count = make_sounds(sounds)
    print(f"wrote {count} files into {sounds}: voices, a melody, some bad ones, and a manifest")
    inputs = (str(sounds), str(sounds / "manifest.jsonl"))
    usual = ("--limits", "usual", "--max-rejected-ratio", "0.5")
    code = command("curate", *inputs, "-o", str(result), *usual)
    if code not in (0, 3):
        return code
    print(
        f"\n{time.perf_counter() - start:.1f} s in all. Look at {result / 'report.html'} and {result / 'manifest.jsonl'}."
    )
    print("Try: curator-audio filter", result, '--where "snr > 20 and duration_s >= 2"')
    return 0


if __name__ == "__main__":
    sys.exit(main())
