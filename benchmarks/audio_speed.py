"""What measures and models cost per second of sound, in CPU time of one core, beside the bare decode and beside others.

Times are of the whole process; each way takes the same file. `x` is how many seconds of sound a second of
one core does.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from audio_mixtures import FOLDER, recordings
from numpy.typing import NDArray

from curator_audio.models.dnsmos import WINDOW, Dnsmos
from curator_audio.models.silero import RATE, SileroVad
from curator_audio.read.decode import blocks, open_audio
from curator_audio.scores.measure import Measures
from curator_audio.segments.speech_spans import SpeechRule, speech_spans

_LEAST = 300
"""Times real time of all measures, decode included."""
_MOST_OF_SILERO = 1.1
_TURNS = 5
_SILERO = SpeechRule(min_silence_s=0.1, pad_s=0.03)
"""What its own package takes."""


def run(folder: Path, *, size: int) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the recordings.
        size: Their length in seconds.
    """
    if not FOLDER.is_dir():
        print("audio_speed: the recordings are not beside the checkout; left out")
        return []
    wrong: list[str] = []
    for name, path in _written(folder, size).items():
        print(f"audio_speed: {size} s, {name}")
        # Kernels are compiled when they are called first.
        _measured(path)
        ways = {
            "decode and all measures": lambda path=path: _measured(path),
            "bare decode by soundfile": lambda path=path: _decoded(path),
        }
        rates = _rates(ways, size)
        if rates["decode and all measures"] < _LEAST:
            wrong.append(f"audio_speed: all measures of {name} are below {_LEAST} x")
        _rates({"decode, pyloudnorm, librosa": lambda path=path: _others(path)}, size, turns=1)
    return wrong + _models(size)


def _written(folder: Path, size: int) -> dict[str, Path]:
    """The sample recordings one after the other, as speech corpora have them and as studios do."""
    folder.mkdir(parents=True, exist_ok=True)
    speech = np.resize(np.concatenate(list(recordings(speech=True).values())), size * RATE)
    jfk, rate = soundfile.read(FOLDER / "jfk.flac", dtype="float32")
    stereo = np.resize(jfk, (size * rate, 2))
    paths = {
        "16 kHz mono FLAC": folder / "mono.flac",
        "44.1 kHz stereo FLAC": folder / "stereo.flac",
        "44.1 kHz stereo WAV": folder / "stereo.wav",
    }
    for path in paths.values():
        samples, hertz = (speech, RATE) if path.stem == "mono" else (stereo, rate)
        soundfile.write(path, samples, hertz)
    return paths


def _decoded(path: Path) -> None:
    with soundfile.SoundFile(path) as sound:
        for _ in sound.blocks(10 * sound.samplerate, dtype="float32"):
            pass


def _measured(path: Path) -> dict[str, float]:
    recording = open_audio(str(path))
    measures = Measures(rate=recording.rate, channels=recording.channels)
    for block in blocks(recording):
        measures.add(block)
    return measures.scores()


def _others(path: Path) -> list[Any]:
    """Loudness, true peak, levels, silence and bandwidth as scripts compute them."""
    import librosa
    import pyloudnorm
    from scipy.signal import resample_poly

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    return [
        pyloudnorm.Meter(rate).integrated_loudness(samples),
        np.abs(resample_poly(samples, 4, 1, axis=0)).max(),
        librosa.feature.rms(y=mono, frame_length=rate // 40, hop_length=rate // 100),
        librosa.effects.split(mono),
        librosa.feature.spectral_rolloff(y=mono, sr=rate),
    ]


def _models(size: int) -> list[str]:
    """Speech and its quality, beside the detector's own package."""
    import torch
    from silero_vad import get_speech_timestamps, load_silero_vad
    from silero_vad.sequence_vad import get_speech_timestamps_sequence

    torch.set_num_threads(1)
    samples = np.resize(np.concatenate(list(recordings(speech=True).values())), size * RATE)
    vad, dnsmos = SileroVad(), Dnsmos()
    sequence: Any = load_silero_vad(sequence=True)
    onnx, jit = load_silero_vad(onnx=True), load_silero_vad()
    timestamps: Callable[..., list[Any]] = get_speech_timestamps
    by_sequence: Callable[..., list[Any]] = get_speech_timestamps_sequence
    tensor = torch.from_numpy(samples)
    print("audio_speed: speech, one channel at 16 kHz")
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: _spans(vad, samples),
        "silero-vad, sequence": lambda: by_sequence(samples, sequence),
    }
    rates = _rates(ways, size)
    slower = {
        "silero-vad, onnx": lambda: timestamps(tensor, onnx),
        "silero-vad, torch": lambda: timestamps(tensor, jit),
    }
    _rates(slower, size, turns=1)
    window = samples[:WINDOW]
    _rates({"DNSMOS, windows side by side": lambda: dnsmos.scores(window)}, WINDOW / RATE)
    wrong: list[str] = []
    if [(round(a * RATE), round(b * RATE)) for a, b in _spans(vad, samples)] != [
        (each["start"], each["end"]) for each in by_sequence(samples, sequence)
    ]:
        wrong.append("audio_speed: spans of speech are not those of silero-vad")
    if rates["ours"] * _MOST_OF_SILERO < rates["silero-vad, sequence"]:
        wrong.append(f"audio_speed: speech is slower than {_MOST_OF_SILERO} of silero-vad's own")
    return wrong


def _spans(vad: SileroVad, samples: NDArray[np.float32]) -> list[tuple[float, float]]:
    found = speech_spans(vad.probabilities(samples), len(samples) / RATE, rule=_SILERO)
    return [(each.start_s, each.end_s) for each in found]


def _rates(
    ways: Mapping[str, Callable[[], object]], seconds: float, *, turns: int = _TURNS
) -> dict[str, float]:
    """Print and return how many seconds of sound a second of one core does; the best of some turns counts.

    The ways take turns, so that they see the same load.
    """
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, work in ways.items():
            start = time.process_time()
            work()
            spent[name].append(max(1e-9, time.process_time() - start))
    rates = {name: seconds / min(each) for name, each in spent.items()}
    for name, rate in rates.items():
        print(f"  {name:30} {rate:8,.0f} x")
    return rates
