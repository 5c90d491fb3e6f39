"""One channel of a recording at 16,000 Hz as a whole: in memory, and of long ones on disk.

Segments are cut out of it, at any place and in any order, without decoding the recording again.
"""

import os
import pathlib
import tempfile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.decode import SPEECH_RATE

MOST_SECONDS = 1800.0
"""In memory, which takes 64,000 bytes per second: 115 MB."""


class LongTrack:
    """Collects samples and gives spans of them.

    Example:
        >>> track = LongTrack()
        >>> track.add(np.zeros(16_000, np.float32))
        >>> track.span(0.25, 0.5).shape
        (4000,)
    """

    def __init__(self, most_seconds: float = MOST_SECONDS) -> None:
        """Empty; of more seconds the samples lie in a file that goes with it."""
        self._parts: list[NDArray[np.float32]] = []
        self._most = round(most_seconds * SPEECH_RATE)
        self._file: IO[bytes] | None = None
        self.samples = 0

    @property
    def seconds(self) -> float:
        """So far."""
        return self.samples / SPEECH_RATE

    def add(self, samples: NDArray[np.float32]) -> None:
        """Take the next samples, shape (samples,)."""
        self.samples += len(samples)
        if self._file is None and self.samples > self._most:
            self._file = _nameless_file()
            for part in self._parts:
                self._file.write(part.tobytes())
            self._parts = []
        if self._file is None:
            self._parts.append(samples)
        else:
            self._file.write(np.ascontiguousarray(samples, np.float32).tobytes())

    def span(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        """The samples of a span, shape (samples,)."""
        first = max(0, round(start_s * SPEECH_RATE))
        last = min(self.samples, round(end_s * SPEECH_RATE))
        if self._file is None:
            if len(self._parts) > 1:
                self._parts = [np.concatenate(self._parts)]
            return self._parts[0][first:last] if self._parts else np.zeros(0, np.float32)
        self._file.seek(4 * first)
        return np.frombuffer(self._file.read(4 * max(0, last - first)), np.float32)

    def close(self) -> None:
        """Let go of what it holds."""
        self._parts = []
        if self._file is not None:
            self._file.close()


def _nameless_file() -> IO[bytes]:
    """A file that is gone when it is closed, also by the end of a process that is killed."""
    number, path = tempfile.mkstemp(prefix="curator-audio-")
    pathlib.Path(path).unlink()
    return os.fdopen(number, "w+b")
