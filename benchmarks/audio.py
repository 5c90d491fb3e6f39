"""Recordings: is speech found where it is, and what the other parts of the app find.

Each section is a function that prints its figures and returns what does not hold. The recordings lie
beside the checkout in shared/data/audio; without them a section says so.
"""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from audio_duplicates import duplicates
from audio_mixtures import SNRS, chords, mixtures, recordings
from audio_speech import speakers, transcripts
from numpy.typing import NDArray

from curator_audio.models.dnsmos import Dnsmos
from curator_audio.models.silero import RATE, SileroVad
from curator_audio.scores.measure import Measures
from curator_audio.scores.speech_quality import speech_quality
from curator_audio.scores.steady_tones import SteadyTones
from curator_audio.segments.speech_spans import speech_spans

_MOST_TONES = 0.05
_LEAST_F1 = {None: 0.95, 20: 0.95, 10: 0.94, 5: 0.94, 0: 0.93}
"""Least F1 of frames by signal to noise, over all noises."""


def run(place: Path, *, quick: bool = False) -> list[str]:
    """Print all sections; returns what does not hold."""
    if not recordings(speech=True):
        print("audio: the recordings are not beside the checkout; left out")
        return []
    return [problem for section in SECTIONS for problem in section(place, quick)]


def speech(place: Path, quick: bool) -> list[str]:
    """Which frames are speech, in clean recordings and in mixtures; and none where nobody speaks."""
    vad = SileroVad()
    counts: defaultdict[tuple[str, int | None], NDArray[np.int64]] = defaultdict(
        lambda: np.zeros(3, np.int64)
    )
    for each in mixtures():
        found = _frames(vad, each.samples, len(each.speech))[each.counted]
        true = each.speech[each.counted]
        counts[each.under, each.snr] += (
            (found & true).sum(),
            (found & ~true).sum(),
            (~found & true).sum(),
        )
    print("audio: speech by frames of 10 ms")
    wrong: list[str] = []
    for (under, snr), (hits, false, missed) in sorted(counts.items(), key=lambda row: row[0][0]):
        precision, recall = hits / max(1, hits + false), hits / max(1, hits + missed)
        level = "clean" if snr is None else f"{snr} dB"
        print(
            f"  over {under:8} {level:>6}: F1 {_f1(counts[under, snr]):.3f}"
            f"  precision {precision:.3f}  recall {recall:.3f}"
        )
    for snr, least in _LEAST_F1.items():
        f1 = _f1(sum((each for (_, s), each in counts.items() if s == snr), np.zeros(3)))
        if f1 < least:
            wrong.append(f"audio: F1 of speech at {snr} dB is {f1:.3f}, not {least}")
    for name, samples in recordings(speech=True).items():
        if not _frames(vad, samples, len(samples) // 160).any():
            wrong.append(f"audio: no speech in {name}")
    for name, samples in recordings(speech=False).items():
        if _frames(vad, samples, len(samples) // 160).any():
            wrong.append(f"audio: speech in {name}")
    return wrong


def quality(place: Path, quick: bool) -> list[str]:
    """DNSMOS of a recording and of the same in a room; the noise that was mixed in, as it is estimated."""
    model, wrong = Dnsmos(), list[str]()
    files = recordings(speech=True)
    clean, room = (
        speech_quality(model, files[f"libri-1088-134315-0000{name}.wav"], windows="all")
        for name in ("", "_rvb")
    )
    print("audio: DNSMOS of a recording and of its twin in a room")
    for name, value in clean.items():
        print(f"  {name:12} {value:.3f}  {room[name]:.3f}")
        if value <= room[name]:
            wrong.append(f"audio: {name} of the clean recording is not above that of the room")
    estimates: defaultdict[int, list[float]] = defaultdict(list)
    for each in mixtures():
        if each.under == "white" and each.snr is not None:
            measures = Measures(rate=RATE, channels=1)
            measures.add(each.samples[:, None])
            estimates[each.snr].append(measures.scores()["snr"])
    print("audio: estimated signal to noise of speech over white noise, in dB")
    for snr in SNRS:
        low, middle, high = np.quantile(estimates[snr], (0.1, 0.5, 0.9))
        print(f"  {snr:2} dB: {middle:.1f} ({low:.1f} to {high:.1f})")
    return wrong


def music(place: Path, quick: bool) -> list[str]:
    """The share of steady tones: in speech, in what is none, in drawn music, and in both together."""
    voices, others = recordings(speech=True), recordings(speech=False)
    voice = np.concatenate(list(voices.values()))[: 20 * RATE]
    drawn = chords(20)
    most = max(_tones(samples) for samples in voices.values())
    print("audio: share of steady tones")
    print(f"  speech: {most:.2f} at most, in {len(voices)} recordings")
    for name, samples in {**others, "drawn chords": drawn}.items():
        print(f"  {name}: {_tones(samples):.2f}")
    for snr in SNRS:
        under = drawn * voice.std() / drawn.std() / 10 ** (snr / 20)
        print(
            f"  speech over drawn chords, {snr:2} dB: {_tones((voice + under).astype(np.float32)):.2f}"
        )
    wrong = [f"audio: steady tones in speech, {most:.2f}"] if most > _MOST_TONES else []
    return wrong if _tones(drawn) > 0.9 else [*wrong, "audio: music is not found"]


def _tones(samples: NDArray[np.float32]) -> float:
    tones = SteadyTones()
    tones.add(samples)
    return tones.ratio()


def _frames(vad: SileroVad, samples: NDArray[np.float32], frames: int) -> NDArray[np.bool_]:
    """Of each frame of 10 ms, whether its middle is in a span of speech."""
    found = np.zeros(frames, np.bool_)
    for span in speech_spans(vad.probabilities(samples), len(samples) / RATE):
        found[round(span.start_s * 100) : round(span.end_s * 100)] = True
    return found


def _f1(counts: NDArray[np.floating] | NDArray[np.int64]) -> float:
    hits, false, missed = counts
    return float(2 * hits / max(1, 2 * hits + false + missed))


SECTIONS: tuple[Callable[[Path, bool], list[str]], ...] = (
    speech,
    duplicates,
    quality,
    music,
    speakers,
    transcripts,
)
"""In the order in which they are printed."""
