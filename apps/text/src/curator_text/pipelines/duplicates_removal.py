"""Remove the documents whose ids are listed in files: read, remove, write.

For lists that a deduplication of ours or another tool has written. A deduplication with
`perform_removal=True` needs no such step, and no ids.
"""

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.errors import InputError, SettingsError
from curator_engine.files.paths import join, use_options
from curator_engine.files.storage import list_folders, list_names
from curator_engine.pipeline import Executor
from curator_engine.positional import positional
from curator_engine.stage import AnyStage
from curator_engine.stages.file_groups import add_ids
from curator_engine.stages.files import Format, parse_size
from curator_engine.stages.id_generator import CURATOR_DEDUP_ID_STR
from curator_engine.steps import Steps
from curator_engine.task import EmptyTask, FileGroupTask, Task
from curator_engine.workflow import take_storage
from curator_text.pipelines.folders import named_and_listed, take_folders
from curator_text.read.documents import JsonlReader, JsonlWriter, ParquetReader, ParquetWriter
from curator_text.read.preflight import check_text_field
from curator_text.removal.array_files import load_arrays, save_arrays
from curator_text.removal.listed_ids import ListedIds, RemoveListed, read_listed_ids
from curator_text.settings import RemovalSettings
from curator_text.version import __version__

type Filetype = Literal["parquet", "jsonl"]

_COMPRESSION: dict[str, Any] = {"jsonl": None, "jsonl.gz": "gz", "jsonl.zst": "zst"}
_STORAGE = {
    "input_kwargs": "input_path",
    "duplicate_id_read_kwargs": "ids_to_remove_path",
    "output_kwargs": "output_path",
}
"""Whose options are for which paths."""


@positional(
    "input_path",
    "ids_to_remove_path",
    "output_path",
    "input_filetype",
    "input_fields",
    "id_field",
    "input_files_per_partition",
    "input_blocksize",
    "input_file_extensions",
    "input_task_limit",
    "input_kwargs",
    "duplicate_id_field",
    "duplicate_id_read_kwargs",
    "id_generator_path",
    "id_generator_storage_options",
    "output_file_extension",
    "output_filetype",
    "output_kwargs",
    "output_fields",
    "output_mode",
    "drop_id_field",
)
@dataclass(kw_only=True)
class TextDuplicatesRemovalWorkflow(FolderWorkflow[RemovalSettings]):
    """Write the input without the documents whose ids are listed.

    Parameters and defaults are NeMo Curator's, with ours after them. Ids are compared as texts. All
    documents with a listed id go; those without an id stay.
    """

    input_path: str | list[str] | None
    """Files, folders, globs or URLs; None if `run` is given tasks."""
    ids_to_remove_path: str | list[str]
    """The list: files, folders, globs or URLs, Parquet or JSON lines."""
    output_path: str
    """Folder for `data/`, `quarantine/` and `run.json`."""
    input_filetype: Filetype = "parquet"
    """Which files of a folder count, and how they are read."""
    input_fields: list[str] | None = None
    """Columns to read and write; None for all."""
    id_field: str = "_curator_dedup_id"
    """Field of the input with the document's id."""
    input_files_per_partition: int | None = None
    """Files per task, instead of `input_blocksize`."""
    input_blocksize: int | str | None = None
    """Bytes per task; need not be what the list was made with."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the file type unless given."""
    input_task_limit: int | None = None
    """Only the first tasks."""
    input_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of `input_path`, which may hold secrets; the rest is for cuDF and refused."""
    duplicate_id_field: str = "id"
    """Field of the list with the id."""
    duplicate_id_read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the list, which may hold secrets; the rest is for cuDF and refused."""
    id_generator_path: str | None = None
    """Which numbers the rows of each file have, as a deduplication with `perform_removal=False` wrote
    them: they become the field `_curator_dedup_id`. None: ids are those in the input."""
    id_generator_storage_options: dict[str, Any] | None = None
    """Options of that file's fsspec file system."""
    output_file_extension: str | None = None
    """parquet, jsonl, jsonl.gz or jsonl.zst; that of `output_filetype` if None."""
    output_filetype: Filetype = "parquet"
    """Format of `data/`."""
    output_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of `output_path`, which may hold secrets; the rest is for cuDF and refused."""
    output_fields: list[str] | None = None
    """Columns to write; None for all that were read."""
    output_mode: Literal["ignore", "overwrite", "append", "error"] | None = None
    """What to do about an earlier result: `error` refuses it, all others replace it."""
    drop_id_field: bool = False
    """Leave the id out of `data/`."""

    cache_path: str | None = None
    """Folder for what a resumed run needs; `<output_path>/.cache`, removed at the end, if None."""
    settings: RemovalSettings = field(init=False)
    """The settings that the parameters stand for."""
    job, title, version = "remove", "text_duplicates_removal", __version__

    def __post_init__(self) -> None:
        take_storage(self, **_STORAGE)
        if self.output_mode == "append":
            raise SettingsError("output_mode='append' is not offered; choose another output_path.")
        if self.drop_id_field and self.id_field in (self.output_fields or []):
            raise SettingsError(
                f"output_fields names {self.id_field!r}, which drop_id_field=True drops; choose one."
            )
        known = ["parquet"] if self.output_filetype == "parquet" else list(_COMPRESSION)
        if self._extension not in known:
            raise SettingsError(
                f"output_file_extension={self.output_file_extension!r} does not go with "
                f"{self.output_filetype}; use {', '.join(known)}."
            )
        if self.input_blocksize is not None:
            parse_size(self.input_blocksize)
        given = self.input_path
        self.settings = RemovalSettings(
            inputs=[given] if isinstance(given, str) else given or [],
            output=self.output_path,
            cache=self.cache_path,
            format=self.input_filetype,
        )

    @classmethod
    def reads(cls, settings: RemovalSettings) -> Format:
        """As the parameter says."""
        return settings.format

    @property
    def extensions(self) -> list[str] | None:
        """As they were given."""
        return self.input_file_extensions or None

    def look(self, executor: Executor) -> None:
        """Look at the output, as `output_mode` says, and for the field of the ids."""
        self._check_output()
        if self.listing and not self._numbered:
            check_text_field(self.listing.files, self.id_field, option="id")

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """The output and the cache; the list is read as well."""
        read = [*inputs, *named_and_listed(self.ids_to_remove_path)]
        return take_folders(
            self.output_path, self.cache_path, job=self.job, settings=self.recorded(), inputs=read
        )

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Read, remove, write.

        The facts: `num_documents`, `num_duplicates_removed`, `ids_listed`, `ids_unknown` (listed, but
        met nowhere).
        """
        reader = self._reader()
        listing: Any = reader[0]
        given = listing.process(EmptyTask()) if tasks is None else tasks
        if tasks is not None and self.id_generator_path:
            given = [task.fork() for task in tasks]
            add_ids(given, self.id_generator_path, generate=False)
        listed = self._save_listed()
        stages, checkpoint = self._stages(reader, listed), join(self.cache, "checkpoint")
        found = steps.run(self.job, stages, given[: self.input_task_limit], checkpoint=checkpoint)
        steps.result.add_pipeline_tasks("removal", steps.result.pipeline_tasks.pop(self.job))
        facts |= _count(found, listed)
        if unknown := facts["ids_unknown"]:
            facts["notes"] = [
                f"{unknown:,} of {facts['ids_listed']:,} listed ids are in none of the documents"
            ]

    def recorded(self) -> dict[str, Any]:
        """What the result depends on most."""
        names = ["input_path", "ids_to_remove_path", "id_field", "duplicate_id_field"]
        names += ["id_generator_path"] if self.id_generator_path else []
        return {name: getattr(self, name) for name in names}

    @property
    def _numbered(self) -> bool:
        """Whether the ids are numbers by file and row, which are not in the input."""
        return bool(self.id_generator_path) and self.id_field == CURATOR_DEDUP_ID_STR

    @property
    def _extension(self) -> str:
        return (self.output_file_extension or self.output_filetype).removeprefix(".")

    def _check_output(self) -> None:
        data = join(self.output_path, "data")
        if self.output_mode == "error" and [*list_names(data), *list_folders(data)]:
            raise InputError(f"{data} is not empty; use output_mode='overwrite' or another folder.")

    def _reader(self) -> list[AnyStage]:
        """Two stages: list the files, read them."""
        fields = self.input_fields
        if fields is not None:
            # A column of numbers by file and row is added, and not in the files.
            read = [name for name in fields if name != self.id_field]
            fields = read if self._numbered else [*read, self.id_field]
        use_options(self.id_generator_path or "", self.id_generator_storage_options)
        kind = ParquetReader if self.input_filetype == "parquet" else JsonlReader
        return kind(
            file_paths=self.input_path or [],
            files_per_partition=self.input_files_per_partition,
            blocksize=self.input_blocksize,
            fields=fields,
            file_extensions=self.input_file_extensions,
            _assign_ids=self.id_generator_path is not None,
            id_state=self.id_generator_path,
        ).decompose()

    def _save_listed(self) -> ListedIds:
        given = self.ids_to_remove_path
        listed = read_listed_ids(
            [given] if isinstance(given, str) else given, self.duplicate_id_field
        )
        save_arrays(self._ids_file, {"high": listed.high, "low": listed.low})
        return listed

    @property
    def _ids_file(self) -> str:
        return join(self.cache, "listed.npz")

    def _stages(self, reader: list[AnyStage], listed: ListedIds) -> list[AnyStage]:
        asked = self.input_fields is None or self.id_field in self.input_fields
        drop_id = self.drop_id_field or not asked
        remove = RemoveListed(
            ids_file=self._ids_file,
            ids_key=hashlib.blake2b(listed.high.tobytes(), digest_size=8).hexdigest(),
            path=join(self.cache, "met"),
            id_field=self.id_field,
            drop_fields=[self.id_field] if drop_id else [],
        )
        data = join(self.output_path, "data")
        if self.output_filetype == "parquet":
            return [reader[1], remove, ParquetWriter(path=data, fields=self.output_fields)]
        compression = _COMPRESSION[self._extension]
        writer = JsonlWriter(path=data, fields=self.output_fields, compression=compression)
        return [reader[1], remove, writer]


def _count(tasks: Sequence[Task[Any]], listed: ListedIds) -> dict[str, Any]:
    """What the results say, added up."""
    met = np.zeros(len(listed.high), np.bool_)
    for task in tasks:
        met[load_arrays(task._metadata["met"])["listed"]] = True
    return {
        "num_documents": sum(int(task._metadata["num_documents"]) for task in tasks),
        "num_duplicates_removed": sum(int(task._metadata["num_removed"]) for task in tasks),
        "ids_listed": len(met),
        "ids_unknown": int((~met).sum()),
    }
