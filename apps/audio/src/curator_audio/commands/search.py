"""The command `curator-audio search`: the segments of a run that hold a sound, or in which words are said."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from curator_audio.commands.audio_app import AUDIO_APP
from curator_audio.pipelines.fingerprints import fingerprints_of
from curator_audio.recordings.fingerprint_segments import fingerprint_of
from curator_audio.recordings.search_segments import with_sound, with_words
from curator_audio.recordings.segment_table import SEGMENTS
from curator_audio.result_settings import SearchSettings
from curator_engine.commands.cli import Console, JobResult
from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.files.formats import AUDIO_EXTENSIONS
from curator_engine.files.paths import is_remote
from curator_engine.running.run_record import read_record

_TEXT = 100
"""Characters of a text that are printed."""


def run(settings: SearchSettings, console: Console) -> JobResult:
    """Look for what the settings say; the first search by sound makes fingerprints, which stay.

    Raises:
        CuratorError: Not the folder of a finished run, or a query that is nothing to look for.
    """
    output, query = settings.inputs
    read_record(output)
    table = SEGMENTS.read(output)
    is_id = query in table.column("uuid").to_pylist()
    by_sound = is_id or _is_file(query)
    found = _by_sound(settings, table, is_id=is_id) if by_sound else _by_words(table, settings)
    return JobResult(
        summary={"query": query, "by": "sound" if by_sound else "words", "segments": found},
        lines=[_line(row) for row in found] or ["nothing was found"],
    )


def _is_file(query: str) -> bool:
    """Whether a query is a recording's file, and no words.

    Raises:
        InputError: It is named like one, and there is none.
    """
    if is_remote(query) or Path(query).is_file():
        return True
    if query.lower().endswith(AUDIO_EXTENSIONS):
        raise InputError(f"{query}: there is no such file; check the path.")
    return False


def _by_sound(settings: SearchSettings, table: pa.Table, *, is_id: bool) -> list[dict[str, Any]]:
    output, query = settings.inputs
    sound = None
    if not is_id:
        try:
            sound = fingerprint_of(query)
        except UnreadableFileError as error:
            raise InputError(f"{query} cannot be looked for: {error}") from error
    with AUDIO_APP.change(output):
        prints = fingerprints_of(output, table, workers=settings.workers)
    if sound is None:
        at = prints.column("uuid").to_pylist()
        if query not in at:
            raise InputError(
                f"segment {query} has no fingerprint, as it was dropped; give a kept one."
            )
        sound = prints.slice(at.index(query), 1)
    return with_sound(
        table,
        prints,
        sound,
        threshold=settings.threshold,
        min_overlap=settings.min_overlap,
        top=settings.top,
    )


def _by_words(table: pa.Table, settings: SearchSettings) -> list[dict[str, Any]]:
    output, query = settings.inputs
    if all(table.column(name).null_count == table.num_rows for name in ("text", "transcript")):
        raise InputError(
            f"{query!r} is neither a file nor the id of a segment, and {output} has no texts to look in; "
            "transcribe first, or give a recording."
        )
    return with_words(table, query, top=settings.top)


def _line(row: dict[str, Any]) -> str:
    said = " ".join((row["transcript"] or row["text"] or "").split())
    cut = said[:_TEXT] + "..." * (len(said) > _TEXT)
    where = f"{row['place']} at {row['at_s']:.2f} s (segment {row['start_s']:.2f} to {row['end_s']:.2f})"
    parts = [f"{row['similarity']:.4f}", where, cut]
    return "  ".join(filter(None, parts)) + ("" if row["keep"] else ", dropped")
