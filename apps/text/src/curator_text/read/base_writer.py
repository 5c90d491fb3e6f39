"""NeMo Curator's base class for writers of one's own; the engine's `table_writer.py` looks after the folder."""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any

from curator_engine.errors import SettingsError
from curator_engine.files import manifest
from curator_engine.files.paths_under import get_fs
from curator_engine.files.storage import remove
from curator_engine.positional import positional
from curator_engine.stages.given_options import STORAGE
from curator_engine.stages.table_writer import TableWriter
from curator_engine.task import FileGroupTask, TableTask


@positional(
    "path", "file_extension", "write_kwargs", "fields", "name", "mode", "append_mode_implemented"
)
@dataclass(kw_only=True)
class BaseWriter(TableWriter):
    """A writer of one's own: write `write_data`, which makes one file of one batch.

    Example:
        >>> @dataclass
        ... class CsvWriter(BaseWriter):
        ...     file_extension: str = "csv"
        ...
        ...     def write_data(self, task, file_path):
        ...         task.to_pandas().to_csv(file_path, columns=self.fields, **self.write_kwargs)
    """

    append_mode_implemented: bool = False
    """Accepted: files of several runs stay side by side with mode="append"."""
    storage_options: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False)
    """Of the folder's file system, from `write_kwargs`."""

    def __post_init__(self) -> None:
        if not self.file_extension:
            raise SettingsError(f"{self.name} needs file_extension, the ending of its files.")
        given = self.write_kwargs or {}
        self.storage_options = given.get(STORAGE) or {}
        # What the others are is known to write_data alone.
        self.write_kwargs = {STORAGE: self.storage_options}
        super().__post_init__()
        self.write_kwargs = given

    @property
    def ending(self) -> str:
        """That of the files, with its dot."""
        return f".{self.get_file_extension().lstrip('.')}"

    @property
    def fs(self) -> Any:
        """The fsspec file system of the folder."""
        return get_fs(self.path, self.storage_options)

    def get_file_extension(self) -> str:
        """The ending of the files."""
        return self.file_extension or ""

    @abstractmethod
    def write_data(self, task: Any, file_path: str) -> None:
        """Write one batch as one file.

        Args:
            task: A `DocumentBatch`.
            file_path: Path or URL of the file; it is removed again if this fails.
        """

    def process(self, task: TableTask) -> FileGroupTask:
        """Write the batch."""
        with self.file_of(task) as path:
            manifest.note(path)
            try:
                self.write_data(task, path)
            except BaseException:
                remove(path)
                raise
        facts = {**task._metadata, "format": self.get_file_extension()}
        return FileGroupTask(data=[path], dataset_name=task.dataset_name, _metadata=facts)
