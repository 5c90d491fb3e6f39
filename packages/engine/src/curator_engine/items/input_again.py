"""Read the input of a finished run once more: to write `data/` for other marks, or to look at what is kept."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import InputError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.listing import FileInfo, check_unchanged
from curator_engine.files.paths import is_remote, join, path_of_name
from curator_engine.files.storage import exists, list_names, open_read, remove_tree
from curator_engine.running.progress import ProgressSink
from curator_engine.stages.small_files import files_of
from curator_engine.stages.table_files import write_table
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_engine.workflow import WorkflowRunResult


def files_of_rows(table: pa.Table) -> list[FileInfo]:
    """The files of the input that rows of a table of items are of, in their order.

    A file's size is that of its items, which need not be all.

    Args:
        table: With `file`, `source` (its name), `stamp` and `num_bytes`.
    """
    columns = (table.column(n).to_pylist() for n in ("file", "source", "stamp", "num_bytes"))
    sizes = dict[tuple[str, str, str], int]()
    for *place, size in zip(*columns, strict=True):
        file, source, stamp = place
        sizes[file, source, stamp] = sizes.get((file, source, stamp), 0) + int(size or 0)
    return [
        FileInfo(path=path_of_name(file), name=name, stamp=stamp, size=size)
        for (file, name, stamp), size in sizes.items()
    ]


def check_unchanged_since(tasks: Iterable[FileGroupTask]) -> None:
    """Look whether the files of tasks are as they were when they were read.

    Raises:
        InputError: One is not, or is gone.
    """
    for file in (file for task in tasks for file in files_of(task)):
        try:
            check_unchanged(file.data[0], file.stamp)
        except (InputError, OSError) as error:
            raise InputError(
                f"{file.data[0]} is not as it was when it was read, so data/ cannot be written again "
                f"({error}); nothing was changed. Curate again."
            ) from error


def steps_again(
    output: str, name: str, *, workers: int | None = None, progress: ProgressSink | None = None
) -> Steps:
    """Steps in the folder of a finished run, in processes of this machine.

    Args:
        output: The folder.
        name: Of what is done, and of its cache.
        workers: Processes.
        progress: Is told how far they are.
    """
    return Steps(
        executor=LocalExecutor({"workers": workers} if workers else None),
        cache=join(output, ".cache", name),
        output=output,
        progress=progress,
        result=WorkflowRunResult(workflow_name=name),
    )


def end_again(steps: Steps) -> None:
    """Remove the cache of `steps_again`, and the folder of such caches if it was the last one.

    Raises:
        StorageError: It cannot be removed.
    """
    remove_tree(steps.cache)
    if not is_remote(steps.cache):
        with suppress(OSError):
            Path(steps.cache).parent.rmdir()


def write_marks(steps: Steps, marks: pa.Table, *key: str, data: str) -> tuple[str, str]:
    """Write the marks that a stage writes the kept items by.

    What a run that was killed has written stays if the marks and the key are the same; else it is removed.

    Args:
        steps: Of the run.
        marks: What the stage reads.
        key: What else the files depend on.
        data: Name of their folder.

    Returns:
        The file of the marks, and the folder for tables of what the stage has written.
    """
    name = short_hash(*key, *map(str, marks.to_pylist()))
    file, parts = join(steps.cache, f"marks-{name}.parquet"), join(steps.cache, "written")
    if not exists(file):
        remove_tree(join(steps.output, data))
        remove_tree(parts)
        write_table(file, marks)
    return file, parts


def tables_in(folder: str, empty: pa.Schema) -> pa.Table:
    """The Parquet files of a folder, one below the other.

    Args:
        folder: It may be missing.
        empty: Columns where there are none.
    """
    tables: list[pa.Table] = []
    for name in list_names(folder):
        with open_read(join(folder, name)) as file:
            tables.append(pq.read_table(file, use_threads=False))
    return pa.concat_tables(tables) if tables else empty.empty_table()
