"""Sections of `audio.py`: what the draft recogniser hears, and who speaks when."""

import json
import time
from pathlib import Path

import numpy as np
from audio_mixtures import FOLDER, recordings
from numpy.typing import NDArray

from curator_audio.models.campplus import CampPlus
from curator_audio.models.overlap_network import OverlapNetwork
from curator_audio.models.recognisers import open_recogniser
from curator_audio.models.transcript import RATE
from curator_audio.read.decode import read_span
from curator_audio.speakers.diarization_error import diarization_error
from curator_audio.speakers.diarize import diarize
from curator_audio.speakers.turns import Turn
from curator_audio.transcripts.error_rate import ErrorRate, character_errors, word_errors
from curator_audio.transcripts.normalize import normalize

_RECORDINGS = FOLDER
_PEOPLE = {
    "2412": ("2412-153948-0000.flac", "2412-153948-0001.flac"),
    "LJ": ("LJ002-0020.wav", "LJ002-0035.wav"),
    "Kennedy": ("jfk.flac",),
    "1088": ("libri-1088-134315-0000.wav",),
    "198": ("librispeech_198-209-0000.ogg",),
}
"""Recordings of known speakers."""
_MOST_DER = 0.1
_TURN_S = (2.0, 5.0)


def transcripts(place: Path, quick: bool) -> list[str]:
    """Error rates of the draft on the recordings that have transcripts, and its rate. A figure, no claim."""
    draft = open_recogniser("draft", threads=1)
    words, characters = ErrorRate(), ErrorRate()
    seconds = taken = 0.0
    print("audio: the draft recogniser (Whisper tiny.en) on recordings with transcripts")
    for line in (_RECORDINGS / "transcripts.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        clip = read_span(str(_RECORDINGS / entry["audio_filepath"]), 0.0, 600.0)
        start = time.perf_counter()
        (heard,) = draft.transcribe([clip])
        taken += time.perf_counter() - start
        seconds += len(clip) / RATE
        texts = normalize(entry["text"]), normalize(heard.text)
        found = word_errors(*texts)
        words, characters = words + found, characters + character_errors(*texts)
        print(f"  {entry['audio_filepath']:24} WER {100 * (found.rate or 0):5.1f} %  {heard.text}")
    print(
        f"  together: {words.errors} of {words.tokens} words wrong (WER {100 * (words.rate or 0):.1f} %, "
        f"CER {100 * (characters.rate or 0):.1f} %), {seconds / taken:.1f} x real time with one thread"
    )
    for name, samples in recordings(speech=False).items():
        (heard,) = draft.transcribe([samples])
        print(f"  {name:60} {len(heard.text.split())} words where nobody speaks")
    return []


def speakers(place: Path, quick: bool) -> list[str]:
    """Who speaks when, where recordings of known people are put behind each other."""
    voices, network = CampPlus(device="cpu"), OverlapNetwork(device="cpu")
    wrong: list[str] = []
    print("audio: speakers of recordings that are put behind each other (collar 0.25 s)")
    for people in (["2412"], ["2412", "Kennedy"], ["2412", "198", "Kennedy"], list(_PEOPLE)):
        samples, truth = _conversation(people, seconds=30.0 if quick else 120.0)
        length = len(samples) / RATE
        speech = [(a, min(length, a + 30.0)) for a in np.arange(0.0, length, 30.0).tolist()]
        start = time.perf_counter()
        found = diarize(
            lambda a, b, samples=samples: samples[round(a * RATE) : round(b * RATE)],
            speech,
            voices=voices,
            network=network,
        )
        taken = time.perf_counter() - start
        error = diarization_error(truth, found.turns)
        doubled = sum(end - begin for begin, end in found.overlaps) / length
        print(
            f"  {len(people)} people: {found.speakers} found, DER {100 * error.rate:5.1f} % (missed "
            f"{error.missed_s:.1f} s, false {error.false_s:.1f} s, confused {error.confused_s:.1f} s of "
            f"{error.speech_s:.0f} s), two at once {100 * doubled:.1f} %, {length / taken:.0f} x real time"
        )
        if error.rate > _MOST_DER:
            wrong.append(f"audio: DER of {len(people)} people is {error.rate:.3f}")
    return wrong


def _conversation(people: list[str], *, seconds: float) -> tuple[NDArray[np.float32], list[Turn]]:
    """Turns of 2 to 5 s from recordings of these people, in a fixed order, and who says them."""
    draw = np.random.default_rng(len(people))
    files = recordings(speech=True)
    speech = {name: np.concatenate([files[file] for file in _PEOPLE[name]]) for name in people}
    parts: list[NDArray[np.float32]] = []
    turns: list[Turn] = []
    at, last = 0, ""
    while at < seconds * RATE:
        name = str(draw.choice([each for each in people if each != last or len(people) == 1]))
        whole = speech[name]
        size = min(len(whole), int(draw.uniform(*_TURN_S) * RATE))
        first = int(draw.integers(0, len(whole) - size + 1))
        part = whole[first : first + size]
        parts.append(part / max(1e-6, float(np.abs(part).max())) * 0.5)
        turns.append(Turn(start_s=at / RATE, end_s=(at + size) / RATE, speaker=name))
        at, last = at + size, name
    return np.concatenate(parts).astype(np.float32), turns
