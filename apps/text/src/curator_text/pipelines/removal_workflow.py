"""What workflows have in common that take documents out of files: folders, record, source."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.pipeline import Executor
from curator_engine.stages.files import FilePartitioner, Format, parse_size
from curator_engine.stages.small_files import tasks_of
from curator_engine.task import FileGroupTask
from curator_text.pipelines.folders import take_folders
from curator_text.read.preflight import check_text_field
from curator_text.settings import RemovalSettings
from curator_text.version import __version__

NAMES = {
    "inputs": "input_path",
    "output": "output_path",
    "cache": "cache_path",
    "format": "input_filetype",
}
"""Settings that `run.json` and NeMo Curator's keywords call by another name."""


@dataclass(kw_only=True)
class RemovalWorkflow[S: RemovalSettings](FolderWorkflow[S]):
    """A workflow that writes `data/` without some of the documents, and those to `removed/`."""

    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the format unless given."""
    version = __version__
    names: ClassVar[dict[str, str]] = {}
    """More settings that are called by another name."""
    unrecorded: ClassVar[frozenset[str]] = frozenset({"device"})
    """Settings that the result does not depend on."""

    def check(self) -> None:
        """Look at the sizes."""
        parse_size(self.input_blocksize)
        parse_size(self.settings.max_row)

    def look(self, executor: Executor) -> None:
        """Look for the text field."""
        if self.settings.inputs:
            check_text_field(self.listed().files, self.settings.text_field)

    @classmethod
    def reads(cls, settings: S) -> Format:
        """As the option says."""
        return settings.format

    @property
    def extensions(self) -> list[str] | None:
        """As they were given."""
        return self.input_file_extensions

    def recorded(self) -> dict[str, Any]:
        """The settings, by the names that `run.json` has for them."""
        names, plain = {**NAMES, **self.names}, super().recorded()
        settings = self.settings
        plain |= {"output": settings.output, "cache": settings.cache}
        if "ids_only" in plain:
            plain["perform_removal"] = not plain.pop("ids_only")
        kept = {k: v for k, v in plain.items() if k not in self.unrecorded}
        return {names.get(name, name): value for name, value in kept.items()}

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """The output, the cache, the index."""
        settings = self.settings
        return take_folders(
            settings.output,
            settings.cache,
            job=self.job,
            settings=self.recorded(),
            inputs=inputs,
            index=getattr(settings, "save_index", None),
        )

    def tasks_of_input(self, tasks: list[FileGroupTask] | None) -> list[FileGroupTask] | None:
        """The tasks that were given, or some of several small files each; None for those of `source`."""
        if tasks is not None:
            return tasks
        size, limit = self.input_blocksize, self.settings.limit
        return tasks_of(self.listed().files, blocksize=size, limit=limit)

    def source(self) -> FilePartitioner:
        """The stage that cuts the input into tasks."""
        return FilePartitioner(
            file_paths=self.settings.inputs,
            blocksize=self.input_blocksize,
            file_extensions=self.input_file_extensions,
            file_format=self.settings.format,
            limit=self.settings.limit,
        )
