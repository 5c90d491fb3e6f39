"""Turns as RTTM, the format of diarisation: a line per turn.

SPEAKER talk 1 2.500 4.250 <NA> <NA> speaker_0 <NA> <NA>
"""

import math
from collections.abc import Iterable

from curator_audio.speakers.turns import Turn
from curator_engine.errors import DamagedFileError

_FIELDS = 8
"""Fields of a line, up to the speaker's name."""


def rttm_lines(recording: str, turns: Iterable[Turn]) -> str:
    """The turns of a recording as lines, in order.

    Args:
        recording: Name of the recording; white space in it and in speakers' names becomes "_".
        turns: Who speaks when.
    """
    name = _word(recording)
    return "".join(
        f"SPEAKER {name} 1 {turn.start_s:.3f} {turn.seconds:.3f} <NA> <NA> {_word(turn.speaker)} <NA> <NA>\n"
        for turn in sorted(turns)
    )


def parse_rttm(text: str, *, where: str) -> dict[str, list[Turn]]:
    """The turns of each recording in an RTTM file; lines of other kinds than SPEAKER are passed over.

    Args:
        text: What the file holds.
        where: Its name, for messages.

    Raises:
        DamagedFileError: A line has too few fields, or times that are none.
    """
    found: dict[str, list[Turn]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if not fields or fields[0] != "SPEAKER":
            continue
        try:
            start, seconds = float(fields[3]), float(fields[4])
            speaker = fields[_FIELDS - 1]
        except (IndexError, ValueError) as error:
            raise DamagedFileError(
                f"{where}, line {number}: no start, duration and speaker."
            ) from error
        if not (0 <= start < math.inf and 0 <= seconds < math.inf):
            raise DamagedFileError(f"{where}, line {number}: a time is negative or no number.")
        turn = Turn(start_s=start, end_s=start + seconds, speaker=speaker)
        found.setdefault(fields[1], []).append(turn)
    return {name: sorted(turns) for name, turns in found.items()}


def _word(text: str) -> str:
    return "_".join(text.split()) or "_"
