"""Write Opus files that are the same bytes for the same samples.

libsndfile gives each stream of Ogg a number by chance; FFmpeg's writer takes it from us.
"""

from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

BITS_PER_SECOND = 32_000
"""Of each channel: speech in full band, hardly told from the original."""
OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
"""Samples per second that Opus takes."""
MOST_CHANNELS = 2
"""Of a file here; what more channels mean is not said in recordings."""
_BIT_EXACT = 1 << 23
"""FFmpeg's flag for codecs: nothing of the version in the file."""


def opus_rate(rate: int) -> int:
    """The least rate of Opus that keeps all of a recording's, or the highest.

    Example:
        >>> opus_rate(22_050), opus_rate(96_000)
        (24000, 48000)
    """
    return next((each for each in OPUS_RATES if each >= rate), OPUS_RATES[-1])


class OpusFile:
    """An Opus file that is being written, as `soundfile.SoundFile` is.

    Example:
        >>> with open("a.opus", "wb") as file, OpusFile(file, rate=16_000, channels=1) as target:
        ...     target.write(np.zeros((16_000, 1), np.float32))
    """

    def __init__(self, file: BinaryIO, *, rate: int, channels: int) -> None:
        """Begin.

        Args:
            file: Gets the bytes.
            rate: Samples per second, of OPUS_RATES.
            channels: One or two.
        """
        import av

        self._layout = "mono" if channels == 1 else "stereo"
        self._rate, self._at = rate, 0
        options = {"serial_offset": "1", "fflags": "+bitexact"}
        self._container: Any = av.open(file, "w", format="ogg", options=options)
        self._stream: Any = self._container.add_stream(
            "libopus",
            rate=rate,
            layout=self._layout,
            options={"b": str(BITS_PER_SECOND * channels)},
        )
        self._stream.codec_context.flags |= _BIT_EXACT

    def write(self, samples: NDArray[np.float32]) -> None:
        """Add samples, shape (samples, channels), full scale one."""
        import av

        if not len(samples):
            return
        packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
        frame: Any = av.AudioFrame.from_ndarray(packed, format="flt", layout=self._layout)
        frame.sample_rate, frame.pts = self._rate, self._at
        self._at += len(samples)
        self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Write what waits, and the end; after an error the file is of no use."""
        if kind is None and self._at:
            self._container.mux(self._stream.encode(None))
        self._container.close()
