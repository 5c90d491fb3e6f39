"""Real recordings that lie beside the checkout, where they are there."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from curator_audio.read.decode import read_span

_FOLDER = Path(__file__).parents[3] / "shared" / "data" / "audio"


def speech_path(name: str) -> str:
    """Where a recording lies; the test is skipped without it."""
    if not (_FOLDER / name).exists():
        pytest.skip("the recordings are not here")
    return str(_FOLDER / name)


def recording(name: str) -> NDArray[np.float32]:
    """One channel at 16,000 Hz; the test is skipped without the file."""
    return read_span(speech_path(name), 0, 3600)


def write_talk(path: Path) -> str:
    """A file in which one person speaks for 3 s, another for 3 s, and the first again for 2.7 s."""
    import soundfile

    spans = [("jfk.flac", 0.5, 3.5), ("2412-153948-0000.flac", 1.0, 4.0), ("jfk.flac", 7.8, 10.5)]
    clips = [read_span(speech_path(name), start, end) for name, start, end in spans]
    soundfile.write(path, np.concatenate(clips), 16_000)
    return str(path)


class SaysTurns:
    """A model of who speaks when that says the same of every file, in the form of NeMo's."""

    def __init__(self, *said: object) -> None:
        self.said = said
        self.asked: list[str] = []

    def diarize(self, audio: list[str], batch_size: int = 1) -> list[list[object]]:
        """What it says, per file."""
        self.asked += audio
        return [list(self.said) for _ in audio]
