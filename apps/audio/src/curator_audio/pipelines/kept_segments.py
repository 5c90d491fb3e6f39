"""Make `data/` and the lists agree with the marks of `segments.parquet`: segments are cut out of the input again."""

from collections.abc import Sequence
from typing import Any, Literal

import pyarrow as pa

from curator_audio.recordings.cut_file import AudioFormat
from curator_audio.recordings.manifests import write_manifests
from curator_audio.recordings.recording_tasks import tasks_of
from curator_audio.recordings.write_segments import DATA, MARKS, PLACED, WriteSegments
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, remove, remove_tree
from curator_engine.items.input_again import (
    check_unchanged_since,
    end_again,
    files_of_rows,
    steps_again,
    tables_in,
    write_marks,
)
from curator_engine.items.item_table import with_values
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask

type Written = AudioFormat | Literal["none"]


def write_kept(
    steps: Steps,
    tasks: Sequence[FileGroupTask],
    table: pa.Table,
    *,
    output_format: Written,
    rate: int | None = None,
    mono: bool = False,
) -> pa.Table:
    """Write the kept segments of some files, and the lists of all that is kept.

    What a run that was killed has written stays if the marks are the same; else it is removed.

    Args:
        steps: Of the run.
        tasks: Those files.
        table: Rows of `segments.parquet`.
        output_format: As the settings say.
        rate: Likewise.
        mono: Likewise.

    Returns:
        The table, with where each segment lies in `path`.

    Raises:
        CuratorError: A file of the input has changed or is gone; the disk is full.
    """
    if output_format == "none":
        # An earlier run of other settings may have written some.
        remove_tree(join(steps.output, DATA))
        write_manifests(steps.output, table, None)
        return _placed(table, {})
    key = (output_format, str(rate), str(mono))
    file, parts = write_marks(steps, table.select(list(MARKS)), *key, data=DATA)
    stage = WriteSegments(
        marks=file,
        output=steps.output,
        parts=parts,
        audio_format=output_format,
        rate=rate,
        mono=mono,
    )
    steps.run("write", stage, tasks)
    placed = tables_in(parts, PLACED)
    write_manifests(steps.output, table, placed)
    return _placed(table, {row["uuid"]: row for row in placed.to_pylist()})


def rewrite_kept(
    output: str, table: pa.Table, before: pa.Table, settings: dict[str, Any]
) -> pa.Table:
    """Write again what other marks ask for, into the folder of a finished run.

    Files of segments that stay are left as they are; those of others go when it is known that the input is
    as it was.

    Args:
        output: The folder of the run.
        table: Its rows with the new marks.
        before: Its rows with the marks that `data/` agrees with.
        settings: Of the run.

    Returns:
        The table with the new places.

    Raises:
        InputError: The input has changed or is gone; nothing was changed.
        StorageError: A file cannot be written; call again.
    """
    output_format: Written = settings.get("output_format", "flac")
    if output_format == "none":
        write_manifests(output, table, None)
        return table
    # To know rate and length of what stays, its recordings are written again with what comes back.
    tasks = tasks_of(files_of_rows(table.filter(table.column("keep"))))
    check_unchanged_since(tasks)
    kept = set(table.filter(table.column("keep")).column("uuid").to_pylist())
    for row in before.select(["uuid", "path"]).to_pylist():
        if row["path"] and row["uuid"] not in kept and exists(join(output, row["path"])):
            remove(join(output, row["path"]))
    steps = steps_again(output, "rewrite")
    try:
        return write_kept(
            steps,
            tasks,
            table,
            output_format=output_format,
            rate=settings.get("rate"),
            mono=bool(settings.get("mono")),
        )
    finally:
        end_again(steps)


def _placed(table: pa.Table, files: dict[str, dict[str, Any]]) -> pa.Table:
    uuids = [str(each) for each in table.column("uuid").to_pylist()]
    names = ("path", "num_bytes")
    return with_values(table, {n: [files.get(uuid, {}).get(n) for uuid in uuids] for n in names})
