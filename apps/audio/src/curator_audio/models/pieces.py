"""Cut clips that are longer than a model hears at once, at their quietest places."""

import numpy as np

from curator_audio.models.transcript import RATE, Clip

LONGEST_S = 30.0
"""What Whisper hears at once; others need memory that grows with the square of the length."""
_SEARCHED_S = 6.0
"""Length of the end of a piece in which the quietest place is looked for."""
_QUIET_S = 0.1
"""Length of such a place."""


def pieces_of(clip: Clip, *, longest_s: float = LONGEST_S) -> list[tuple[int, Clip]]:
    """Parts of a clip, in order, each with the index of its first sample; none of an empty clip.

    Example:
        >>> [start for start, _ in pieces_of(np.zeros(16_000 * 40, np.float32), longest_s=30.0)]
        [0, 384800]
    """
    longest = int(longest_s * RATE)
    pieces: list[tuple[int, Clip]] = []
    start = 0
    while len(clip) - start > longest:
        end = _quietest(clip, start, start + longest)
        pieces.append((start, clip[start:end]))
        start = end
    return [*pieces, (start, clip[start:])] if len(clip) else []


def _quietest(clip: Clip, start: int, latest: int) -> int:
    """The middle of the quietest 0.1 s in the last seconds before `latest`."""
    first = max(start + (latest - start) // 2, latest - int(_SEARCHED_S * RATE))
    size = int(_QUIET_S * RATE)
    count = (latest - first) // size
    energy = np.square(clip[first : first + count * size], dtype=np.float64)
    quietest = int(energy.reshape(count, size).sum(axis=1).argmin())
    return first + quietest * size + size // 2
