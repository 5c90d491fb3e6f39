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
