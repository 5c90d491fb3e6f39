"""Diarisation error rate: the share of speech time that is missed, made up, or given to the wrong person.

As NIST's md-eval: speakers are matched so that the error is least, times around the reference's boundaries
are not counted (the collar), and where several speak, each of them counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_audio.speakers.turns import Turn

COLLAR_S = 0.25
"""Seconds on both sides of each start and end of the reference that are not counted."""


@dataclass(frozen=True, kw_only=True)
class DiarizationError:
    """Seconds of errors, over seconds of speech in the reference."""

    speech_s: float
    missed_s: float
    false_s: float
    """Speech where nobody speaks, or of more people than speak."""
    confused_s: float
    """Speech of somebody else."""

    @property
    def rate(self) -> float:
        """The sum of the errors per second of speech; 0 without speech and errors."""
        errors = self.missed_s + self.false_s + self.confused_s
        return errors / self.speech_s if self.speech_s else float(errors > 0)


def diarization_error(
    reference: Sequence[Turn], hypothesis: Sequence[Turn], *, collar_s: float = COLLAR_S
) -> DiarizationError:
    """The error of a diarisation.

    Args:
        reference: Who really speaks when.
        hypothesis: Who is said to; names need not be the reference's.
        collar_s: Seconds around the reference's boundaries that are not counted.
    """
    edges = {time for turn in [*reference, *hypothesis] for time in (turn.start_s, turn.end_s)}
    collars = [time for turn in reference for time in (turn.start_s, turn.end_s)]
    edges |= {time + shift for time in collars for shift in (-collar_s, collar_s)}
    times = np.array(sorted(edges))
    if len(times) < 2:
        return DiarizationError(speech_s=0.0, missed_s=0.0, false_s=0.0, confused_s=0.0)
    middles, lengths = (times[1:] + times[:-1]) / 2, np.diff(times)
    if collars:
        distance = np.abs(middles[:, None] - np.array(collars)[None, :]).min(axis=1)
        lengths = np.where(distance < collar_s, 0.0, lengths)
    truly, said = _active(reference, middles), _active(hypothesis, middles)
    shared = (truly * lengths) @ said.T
    correct = most_shared(shared)
    there, claimed = truly.sum(axis=0), said.sum(axis=0)
    both = float((np.minimum(there, claimed) * lengths).sum())
    return DiarizationError(
        speech_s=float((there * lengths).sum()),
        missed_s=float((np.maximum(0, there - claimed) * lengths).sum()),
        false_s=float((np.maximum(0, claimed - there) * lengths).sum()),
        confused_s=max(0.0, both - correct),
    )


def most_shared(shared: NDArray[np.float64]) -> float:
    """The most that pairs of a row and a column can share in all, each in one pair at most.

    The Hungarian method by shortest paths: rows are added one by one, and what was paired before is
    paired anew where that costs least.

    Args:
        shared: What each row shares with each column, not negative, shape (rows, columns).
    """
    costs = -(shared if shared.shape[0] <= shared.shape[1] else shared.T)
    rows, columns = costs.shape
    of_row, of_column = np.zeros(rows), np.zeros(columns + 1)
    # The last column is where a row waits that has none yet.
    paired = np.full(columns + 1, -1)
    for row in range(rows):
        paired[-1] = row
        least, before = np.full(columns, np.inf), np.full(columns, -1)
        seen = np.zeros(columns + 1, bool)
        column = columns
        while paired[column] >= 0:
            seen[column] = True
            here = paired[column]
            reduced = costs[here] - of_row[here] - of_column[:-1]
            shorter = ~seen[:-1] & (reduced < least)
            least[shorter], before[shorter] = reduced[shorter], column
            following = int(np.where(seen[:-1], np.inf, least).argmin())
            step = least[following]
            of_row[paired[seen]] += step
            of_column[seen] -= step
            least[~seen[:-1]] -= step
            column = following
        while column != columns:
            paired[column] = paired[before[column]]
            column = before[column]
    return float(-sum(costs[row, i] for i, row in enumerate(paired[:-1]) if row >= 0))


def _active(turns: Iterable[Turn], middles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Who speaks at these times: 1 or 0, shape (speakers, times)."""
    turns = list(turns)
    names = sorted({turn.speaker for turn in turns})
    active = np.zeros((len(names), len(middles)))
    for turn in turns:
        inside = (middles >= turn.start_s) & (middles < turn.end_s)
        active[names.index(turn.speaker), inside] = 1.0
    return active
