"""Make `data/` and the lists agree with the marks of `segments.parquet`: segments are cut out of the input again."""

from collections.abc import Sequence
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from curator_audio.recordings.cut_file import AudioFormat
from curator_audio.recordings.manifests import write_manifests
from curator_audio.recordings.recording_tasks import tasks_of
from curator_audio.recordings.segment_table import SEGMENTS
from curator_audio.recordings.write_segments import DATA, MARKS, PLACED, WriteSegments
from curator_engine.errors import InputError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.listing import FileInfo, check_unchanged
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_names, open_read, remove, remove_tree
from curator_engine.stages.small_files import files_of
from curator_engine.stages.table_files import write_table
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_engine.workflow import WorkflowRunResult

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
    marks = table.select(list(MARKS))
    name = short_hash(output_format, str(rate), str(mono), *map(str, marks.to_pylist()))
    file, parts = join(steps.cache, f"marks-{name}.parquet"), join(steps.cache, "written")
    if not exists(file):
        remove_tree(join(steps.output, DATA))
        remove_tree(parts)
        write_table(file, marks)
    stage = WriteSegments(
        marks=file,
        output=steps.output,
        parts=parts,
        audio_format=output_format,
        rate=rate,
        mono=mono,
    )
    steps.run("write", stage, tasks)
    placed = _read_parts(parts)
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
    tasks = tasks_of_rows(table.filter(table.column("keep")))
    for file in (file for task in tasks for file in files_of(task)):
        check_there(file.data[0], file.stamp)
    kept = set(table.filter(table.column("keep")).column("uuid").to_pylist())
    for row in before.select(["uuid", "path"]).to_pylist():
        if row["path"] and row["uuid"] not in kept and exists(join(output, row["path"])):
            remove(join(output, row["path"]))
    cache = join(output, ".cache", "rewrite")
    steps = Steps(
        executor=LocalExecutor(),
        cache=cache,
        output=output,
        progress=None,
        result=WorkflowRunResult(workflow_name="rewrite"),
    )
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
        remove_tree(cache)


def tasks_of_rows(table: pa.Table) -> list[FileGroupTask]:
    """Tasks for the files of the input that rows are of, in their order."""
    columns = (table.column(name).to_pylist() for name in ("file", "source", "stamp"))
    places = dict.fromkeys(zip(*columns, strict=True))
    return tasks_of(
        [FileInfo(path=file, name=name, stamp=stamp, size=0) for file, name, stamp in places]
    )


def check_there(path: str, stamp: str) -> None:
    """Look whether a file of the input is as it was when it was read.

    Raises:
        InputError: It is not, or is gone.
    """
    try:
        check_unchanged(path, stamp)
    except (InputError, OSError) as error:
        raise InputError(
            f"{path} is not as it was when it was read, so data/ cannot be written again "
            f"({error}); nothing was changed. Curate again."
        ) from error


def _read_parts(parts: str) -> pa.Table:
    tables: list[pa.Table] = []
    for name in list_names(parts):
        with open_read(join(parts, name)) as file:
            tables.append(pq.read_table(file, use_threads=False))
    return pa.concat_tables(tables) if tables else PLACED.empty_table()


def _placed(table: pa.Table, files: dict[str, dict[str, Any]]) -> pa.Table:
    uuids = [str(each) for each in table.column("uuid").to_pylist()]
    for name in ("path", "num_bytes"):
        values = [files.get(uuid, {}).get(name) for uuid in uuids]
        at, kind = table.schema.get_field_index(name), SEGMENTS.schema().field(name)
        table = table.set_column(at, kind, pa.array(values, kind.type))
    return table
