"""NeMo Curator's writer of Lance datasets: workers write fragments and notes of them, and one commit makes them rows.

A run that was killed leaves fragments that no version of the dataset knows: its rows are all there, each once, or not at all.
"""

import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal

import pyarrow as pa

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.lance_datasets import blob_names, need_lance, reason
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join, use_options
from curator_engine.files.storage import (
    exists,
    list_folders,
    list_names,
    read_bytes,
    storage_errors,
    write_atomic,
)
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.stages.given_options import STORAGE
from curator_engine.stages.parquet_schema import parquet_table
from curator_engine.stages.table_writer import FolderWriter
from curator_engine.task import FileGroupTask, TableTask, Task, short_hash
from curator_text.read.lance_columns import (
    encode_lance_blob_columns,
)

type LanceMode = Literal["create", "append", "overwrite"]
_MODES = ("create", "append", "overwrite")
_OURS = b"curator"
"""In the metadata of a schema: the dataset was made here, so that it may be replaced."""
_JOB = "lance_writer"
_COMMITTED = "committed.json"
_COMMIT = "curator_commit"
"""Property of a transaction: the notes that it committed."""
_RECENT = 1000
"""Transactions in which a commit is looked for that was made, but of which no note was left."""
_OWN_COLUMNS = "__lance_"
"""How columns begin that a reader has added."""
_CHECKPOINT_STORAGE = "checkpoint_storage_options"


@dataclass(kw_only=True)
class _Notes(FolderWriter[Task[dict[str, Any]]]):
    """Write notes, a JSON file for each."""

    name: str = _JOB
    mode: Any = "overwrite"

    @property
    def ending(self) -> str:
        """That of a note."""
        return ".json"

    def process(self, task: Task[dict[str, Any]]) -> FileGroupTask:
        """Write a note."""
        with self.file_of(task) as path:
            write_atomic(path, json.dumps(task.data).encode())
        return FileGroupTask(
            data=[path], dataset_name=task.dataset_name, _metadata=dict(task._metadata)
        )


@positional("path", "commit_path", "schema", "write_kwargs", "fields", "name", "mode")
@dataclass(kw_only=True)
class LanceWriter(ProcessingStage[TableTask, FileGroupTask]):
    """Write each batch as fragments of a Lance dataset; `commit_lance_checkpoint` makes them its rows.

    What is written before the commit no reader sees. A dataset that others made is never replaced: it gets rows by
    `mode="append"` only. Data files that a killed run left are removed by `cleanup_old_versions` of Lance. Needs the extra `lance`.

    Example:
        >>> Pipeline("to Lance", stages=[reader, LanceWriter("pages.lance", "notes")]).run()
        >>> commit_lance_checkpoint("pages.lance", "notes")
        1
    """

    name: str = _JOB
    path: str
    """Folder or URL of the dataset."""
    commit_path: str
    """Folder for notes of what was written; it is ours, or new."""
    schema: pa.Schema | None = None
    """The columns, all of them, and their types; those of the batches unless given, and of what `LanceReader` read."""
    # Options of storage may be keys, which no message shows.
    write_kwargs: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Options of `lance.fragment.write_fragments`, as `max_rows_per_file`, `storage_options`, and `checkpoint_storage_options` for the notes."""
    fields: list[str] | None = None
    """Columns to write; None writes all but those that a reader of Lance has added."""
    mode: LanceMode = "create"
    """create: there must be none. append: there must be one, whoever made it. overwrite: there is none, or one that we made, whose rows are replaced."""
    writes_to: ClassVar[tuple[str, ...]] = ("commit_path",)
    _made_in: int = field(default=0, init=False, repr=False)
    """The process that has still to look at the dataset; 0 if that is done."""

    def __post_init__(self) -> None:
        if self.mode not in _MODES:
            raise SettingsError(f"mode={self.mode!r} is not one of {', '.join(_MODES)}.")
        if self.schema is not None and self.fields is not None:
            raise SettingsError("schema and fields say two things; leave one of them out.")
        self._made_in = os.getpid()

    def inputs(self) -> tuple[list[str], list[str]]:
        """The columns to write, where they are named."""
        return ["data"], self.fields or (self.schema.names if self.schema else [])

    @cached_property
    def _notes(self) -> _Notes:
        options = self.write_kwargs.get(_CHECKPOINT_STORAGE) or {}
        return _Notes(path=self.commit_path, write_kwargs={STORAGE: options} if options else {})

    @property
    def _options(self) -> dict[str, Any]:
        return {k: v for k, v in self.write_kwargs.items() if k != _CHECKPOINT_STORAGE}

    def ready_folder(self, job: str, *, goes_on: bool) -> None:
        """Look at the dataset, and make the folder of notes ready.

        Raises:
            InputError: The dataset is not as `mode` asks, or the folder of notes is not ours.
        """
        self._made_in = 0
        if not goes_on:
            _check_dataset(self.path, self.mode, self._options.get("storage_options"))
        self._notes.ready_folder(job, goes_on=goes_on)

    def join_run(self, run: str) -> None:
        """As of every writer."""
        self._notes.join_run(run)

    def drop_unfinished(self, committed: frozenset[str], sources: Collection[str]) -> None:
        """Remove notes of these sources that are not done; what they are of stays unknown to the dataset."""
        self._notes.drop_unfinished(committed, sources)

    def process(self, task: TableTask) -> FileGroupTask:
        """Write the fragments of a batch, then the note of them.

        Raises:
            InputError: The dataset that they are for has other columns.
            SettingsError: An option of `write_kwargs` is not known.
            StorageError: They cannot be written.
        """
        if self._made_in == os.getpid():
            self.ready_folder(self.name, goes_on=False)
        from lance.schema import schema_to_json

        table = self._table(task)
        fragments = self._written(table)
        note = {
            "kind": "lance_write",
            "dataset_path": self.path,
            "mode": self.mode,
            "task_id": task.task_id,
            "rows": table.num_rows,
            "schema": schema_to_json(table.schema),
            "fragments": [each.to_json() for each in fragments],
        }
        return self._notes.process(
            Task(
                data=note,
                task_id=task.task_id,
                dataset_name=task.dataset_name,
                _metadata=task._metadata,
            )
        )

    def _table(self, task: TableTask) -> pa.Table:
        """The columns that are written, with their types."""
        there = [name for name in task.get_columns() if not name.startswith(_OWN_COLUMNS)]
        names = self.schema.names if self.schema else self.fields or there
        if missing := [name for name in names if name not in task.data.column_names]:
            raise InputError(f"a batch for {self.path} has no column {missing[0]}.")
        # Blobs are as they must be; a column of values of several kinds is JSON text, as in Parquet.
        is_blobs = bool(blob_names(task.data.schema))
        table = task.data.select(names) if is_blobs else parquet_table(task, names)
        if self.schema is None:
            return encode_lance_blob_columns(table, _schema_read(task))
        table = encode_lance_blob_columns(table, self.schema)
        try:
            return table.cast(self.schema)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
            raise InputError(
                f"a batch for {self.path} does not fit its schema: {error}."
            ) from error

    def _written(self, table: pa.Table) -> list[Any]:
        if not table.num_rows:
            return []
        need_lance()
        from lance.fragment import write_fragments

        with storage_errors(self.path, "writing"):
            try:
                found: Any = write_fragments(table, self.path, mode=self.mode, **self._options)
            except TypeError as error:
                raise SettingsError(f"write_kwargs of {self.name}: {error}.") from error
            except (ValueError, OSError) as error:
                if "schema" not in str(error):
                    raise
                raise InputError(
                    f"a batch does not fit the dataset {self.path}: {reason(error)}."
                ) from error
        return list(found)


def _schema_read(task: TableTask) -> pa.Schema:
    """The schema of the dataset that a batch was read from; none if it is from elsewhere."""
    told = (task._metadata.get("lance") or {}).get("schema")
    if not isinstance(told, dict):
        return pa.schema([])
    need_lance()
    from lance.schema import json_to_schema

    return json_to_schema(told)


def _check_dataset(path: str, mode: LanceMode, storage: dict[str, Any] | None) -> None:
    """Make sure that a dataset may be written.

    Raises:
        InputError: With create, there is something; with append, there is none; with overwrite, one that we did not make.
    """
    dataset = _dataset(path, storage)
    if dataset is None:
        if mode == "append":
            raise InputError(f"{path} is no Lance dataset; mode='create' makes one.")
        others = [name for name in [*list_names(path), *list_folders(path)] if name != "data"]
        if others:
            raise InputError(
                f"{path} holds {others[0]} and is no Lance dataset; choose another folder."
            )
    elif mode == "create":
        raise InputError(
            f"{path} is a Lance dataset already; mode='append' adds rows to it, or choose another folder."
        )
    elif mode == "overwrite" and _OURS not in (dataset.schema.metadata or {}):
        raise InputError(
            f"{path} is a Lance dataset that we did not make, so mode='overwrite' replaces nothing; choose another folder."
        )


def _dataset(path: str, storage: dict[str, Any] | None) -> Any:
    """The dataset as it is, or None if there is none.

    Raises:
        InputError: It cannot be read.
    """
    lance = need_lance()
    try:
        return lance.dataset(path, storage_options=storage)
    except (ValueError, OSError) as error:
        if "not found" in str(error).lower():
            return None
        raise InputError(
            f"{path} is no Lance dataset that can be read: {reason(error)}."
        ) from error


def commit_lance_checkpoint(
    path: str,
    commit_path: str,
    *,
    storage_options: dict[str, Any] | None = None,
    checkpoint_storage_options: dict[str, Any] | None = None,
) -> int:
    """Make the fragments that `LanceWriter` has written rows of their dataset, in the order of its batches.

    Called again, also after it was killed, it commits nothing twice.

    Args:
        path: The dataset.
        commit_path: The folder of notes.
        storage_options: Of the dataset.
        checkpoint_storage_options: Of the folder of notes.

    Returns:
        The version of the dataset that has these rows.

    Raises:
        InputError: There are no notes, they are of another dataset, or of batches whose columns differ.
    """
    use_options(commit_path, checkpoint_storage_options)
    names = [
        name for name in list_names(commit_path) if name.endswith(".json") and name != _COMMITTED
    ]
    notes = [
        json.loads(read_bytes(join(commit_path, name))) for name in sorted(names, key=_in_order)
    ]
    if not notes:
        raise InputError(f"{commit_path} has no notes of LanceWriter; run the pipeline first.")
    _check_notes(notes, path)
    id = short_hash(json.dumps(notes))
    marker = join(commit_path, _COMMITTED)
    if exists(marker) and (known := json.loads(read_bytes(marker)))["commit"] == id:
        return int(known["version"])
    version = _earlier_commit(path, id, storage_options) or _commit(
        path, notes, id, storage_options
    )
    with take(commit_path, job=_JOB, mode="share"):
        write_atomic(marker, json.dumps({"version": version, "commit": id}).encode())
    return version


def _in_order(name: str) -> list[tuple[int, str]]:
    """A key by which `0_10` comes after `0_9`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _check_notes(notes: list[dict[str, Any]], path: str) -> None:
    first = notes[0]
    for note in notes:
        if note["dataset_path"] != path:
            raise InputError(f"the notes are of {note['dataset_path']}, not of {path}.")
        if note["mode"] != first["mode"]:
            raise InputError(f"the notes of {path} are of two modes; write them again.")
        if note["schema"] != first["schema"]:
            raise InputError(
                f"the batches for {path} have columns of different names or types; give LanceWriter a schema."
            )


def _earlier_commit(path: str, id: str, storage: dict[str, Any] | None) -> int | None:
    """The version that a commit made which was killed before it could note so."""
    dataset = _dataset(path, storage)
    for found in dataset.get_transactions(_RECENT) if dataset is not None else []:
        if found is not None and (found.transaction_properties or {}).get(_COMMIT) == id:
            return int(found.read_version) + 1
    return None


def _commit(path: str, notes: list[dict[str, Any]], id: str, storage: dict[str, Any] | None) -> int:
    lance = need_lance()
    from lance.fragment import FragmentMetadata
    from lance.schema import json_to_schema

    mode: LanceMode = notes[0]["mode"]
    _check_dataset(path, mode, storage)
    fragments = [
        FragmentMetadata.from_json(json.dumps(each)) for note in notes for each in note["fragments"]
    ]
    dataset = _dataset(path, storage)
    before = 0 if dataset is None else dataset.version
    if mode == "append":
        if not fragments:
            return before
        operation = lance.LanceOperation.Append(fragments)
    else:
        schema: pa.Schema = json_to_schema(notes[0]["schema"])
        marked = schema.with_metadata({**(schema.metadata or {}), _OURS: _JOB.encode()})
        operation = lance.LanceOperation.Overwrite(marked, fragments)
    transaction = lance.Transaction(
        read_version=before, operation=operation, transaction_properties={_COMMIT: id}
    )
    with storage_errors(path, "writing"):
        made = lance.LanceDataset.commit(path, transaction, storage_options=storage)
    return int(made.version)
