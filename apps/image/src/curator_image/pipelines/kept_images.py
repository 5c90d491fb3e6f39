"""Make `data/` agree with the marks of `images.parquet`: pictures are copied out of the input again."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

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
from curator_image.images.image_tasks import PACKED_BYTES, tasks_of
from curator_image.images.kept import COLUMNS
from curator_image.images.write_images import DATA, OutputFormat, WriteImages
from curator_image.read.images import SIDECARS

type Written = OutputFormat | Literal["none"]


def write_kept(
    steps: Steps,
    tasks: Sequence[FileGroupTask],
    table: pa.Table,
    *,
    output_format: Written,
    per_file: int,
) -> pa.Table:
    """Write the kept pictures of some files.

    What a run that was killed has written stays if the marks are the same; else it is removed.

    Args:
        steps: Of the run.
        tasks: Those files.
        table: Rows of `images.parquet`, of these files at least.
        output_format: As the settings say.
        per_file: Pictures in a tar or table.

    Returns:
        The table, with where each picture lies in `path`.

    Raises:
        CuratorError: A file of the input has changed or is gone; the disk is full.
    """
    if output_format == "none":
        # An earlier run of other settings may have written some.
        remove_tree(join(steps.output, DATA))
        return table
    marks = table.select(list(COLUMNS))
    name = short_hash(output_format, str(per_file), *_lines(marks))
    file = join(steps.cache, f"marks-{name}.parquet")
    parts = join(steps.cache, "written")
    if not exists(file):
        remove_tree(join(steps.output, DATA))
        remove_tree(parts)
        write_table(file, marks)
    _run(steps, tasks, file, parts, output_format, per_file)
    return _placed(table, _paths_in(parts))


def rewrite_kept(
    output: str, table: pa.Table, before: pa.Table, settings: dict[str, Any]
) -> pa.Table:
    """Write again what other marks ask for, into the folder of a finished run.

    As the input is, only files with other marks than before are written; their copies are removed
    first, when it is known that the files are as they were.

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
    output_format: Written = settings.get("output_format", "as-input")
    if output_format == "none":
        return table
    sources, per_file = None, int(settings.get("per_file", 1000))
    if output_format == "as-input":
        sources = _changed_sources(table, before) | _missing_sources(output, before)
    tasks = tasks_of_rows(table, sources, most_files=1 if sources is not None else per_file)
    for file in (file for task in tasks for file in files_of(task)):
        try:
            check_unchanged(file.data[0], file.stamp)
        except (InputError, OSError) as error:
            raise InputError(
                f"{file.data[0]} is not as it was when it was read, so data/ cannot be written again "
                f"({error}); nothing was changed. Curate again."
            ) from error
    cache = join(output, ".cache", "rewrite")
    steps = Steps(
        executor=LocalExecutor(),
        cache=cache,
        output=output,
        progress=None,
        result=WorkflowRunResult(workflow_name="rewrite"),
    )
    try:
        if sources is None:
            return write_kept(steps, tasks, table, output_format=output_format, per_file=per_file)
        _forget(output, before, sources)
        file, parts = join(cache, "marks.parquet"), join(cache, "written")
        remove_tree(cache)
        write_table(file, table.select(list(COLUMNS)))
        _run(steps, tasks, file, parts, output_format, per_file)
        old = dict(zip(*(_values(before, name) for name in ("uuid", "path")), strict=True))
        theirs = dict(zip(*(_values(table, name) for name in ("uuid", "source")), strict=True))
        stay = {uuid: path for uuid, path in old.items() if theirs[uuid] not in sources}
        return _placed(table, {**stay, **_paths_in(parts)})
    finally:
        remove_tree(cache)


def tasks_of_rows(
    table: pa.Table, sources: set[str] | None = None, *, most_files: int = 1
) -> list[FileGroupTask]:
    """Tasks for the files of the input that rows are of, in their order.

    Args:
        table: Rows of `images.parquet`.
        sources: Names of the files that count; None for all.
        most_files: In a task.
    """
    columns = (_values(table, name) for name in ("file", "source", "stamp", "num_bytes"))
    sizes = dict[tuple[str, str, str], int]()
    for *place, size in zip(*columns, strict=True):
        file, source, stamp = place
        if sources is None or source in sources:
            sizes[file, source, stamp] = sizes.get((file, source, stamp), 0) + int(size or 0)
    files = [
        FileInfo(path=file, name=source, stamp=stamp, size=size)
        for (file, source, stamp), size in sizes.items()
    ]
    return tasks_of(files, most_files=most_files, most_bytes=PACKED_BYTES)


def _run(
    steps: Steps,
    tasks: Sequence[FileGroupTask],
    marks: str,
    parts: str,
    output_format: OutputFormat,
    per_file: int,
) -> None:
    stage = WriteImages(
        marks=marks,
        output=steps.output,
        parts=parts,
        output_format=output_format,
        images_per_file=per_file,
    )
    steps.run("write", stage, tasks)


def _forget(output: str, before: pa.Table, sources: set[str]) -> None:
    """Remove the copies of these files."""
    columns = (_values(before, name) for name in ("path", "source", "member"))
    for path, source, member in zip(*columns, strict=True):
        if not path or source not in sources:
            continue
        if member:
            # It lies in a tar or table, which goes as a whole.
            gone = [_file_of(path, member)]
        else:
            stem = path.rpartition(".")[0]
            gone = [path, *(stem + ending for ending in SIDECARS)]
        for place in gone:
            if exists(join(output, place)):
                remove(join(output, place))


def _changed_sources(table: pa.Table, before: pa.Table) -> set[str]:
    old = dict(zip(*(_values(before, name) for name in ("uuid", "keep")), strict=True))
    rows = zip(*(_values(table, name) for name in ("uuid", "keep", "source")), strict=True)
    return {source for uuid, keep, source in rows if old.get(uuid) != keep}


def _missing_sources(output: str, before: pa.Table) -> set[str]:
    """Files of which a kept picture is not in the result, as a call that was stopped leaves them."""
    columns = (_values(before, name) for name in ("keep", "path", "source", "member"))
    there: dict[str, bool] = {}
    missing: set[str] = set()
    for keep, path, source, member in zip(*columns, strict=True):
        if not keep or source in missing:
            continue
        place = _file_of(path, member) if path else ""
        if place not in there:
            there[place] = bool(place) and exists(join(output, place))
        if not there[place]:
            missing.add(source)
    return missing


def _file_of(path: str, member: str) -> str:
    """The file of the result that a picture lies in."""
    return path.removesuffix(f"/{member}").partition("#")[0] if member else path


def _paths_in(parts: str) -> dict[str, str]:
    """Where each written picture lies, by its id."""
    found: dict[str, str] = {}
    for name in list_names(parts):
        with open_read(join(parts, name)) as file:
            part = pq.read_table(file, use_threads=False)
        found |= dict(zip(_values(part, "uuid"), _values(part, "path"), strict=True))
    return found


def _placed(table: pa.Table, paths: dict[str, str]) -> pa.Table:
    values = [paths.get(uuid) for uuid in _values(table, "uuid")]
    at = table.schema.get_field_index("path")
    return table.set_column(at, table.schema.field(at), pa.array(values, pa.string()))


def _values(table: pa.Table, name: str) -> list[Any]:
    return table.column(name).to_pylist()


def _lines(table: pa.Table) -> Iterable[str]:
    for row in table.to_pylist():
        yield "\t".join(str(value) for value in row.values())
