"""Write RTTM files of a run: one per recording, named by it."""

import json
from collections.abc import Iterable, Mapping, Sequence

from curator_audio.recordings.by_recording import Row
from curator_audio.speakers.rttm import rttm_lines
from curator_audio.speakers.turns import LONGEST_PAUSE_S, Turn
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, remove, write_atomic

RTTM = "rttm"
"""The folder."""


def write_rttm(output: str, turns: Mapping[str, Sequence[Turn]]) -> None:
    """Write a file per recording; what an earlier run of the folder left there goes.

    Args:
        output: Folder of the run.
        turns: Who speaks when, by the names of recordings.

    Raises:
        StorageError: A file cannot be written.
    """
    folder = join(output, RTTM)
    for name in list_names(folder):
        if name.removesuffix(".rttm") not in turns:
            remove(join(folder, name))
    for name, spoken in turns.items():
        write_atomic(join(folder, f"{name}.rttm"), rttm_lines(name, spoken).encode())


def turns_in(rows: Iterable[Row]) -> list[Turn]:
    """The turns of a recording's segments, in order; those of one speaker are joined over short pauses."""
    parts = [
        Turn(start_s=start, end_s=end, speaker=speaker)
        for row in rows
        for start, end, speaker in json.loads(row["turns"] or "[]")
    ]
    found: list[Turn] = []
    for turn in parts:
        last = found[-1] if found else None
        if last and last.speaker == turn.speaker and turn.start_s - last.end_s <= LONGEST_PAUSE_S:
            found[-1] = Turn(start_s=last.start_s, end_s=turn.end_s, speaker=turn.speaker)
        else:
            found.append(turn)
    return found
