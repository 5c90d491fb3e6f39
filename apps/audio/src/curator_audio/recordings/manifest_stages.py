"""Stages that read manifests into entries and make tables of entries, with NeMo Curator's names and parameters."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from curator_audio.recordings.entry_journal import EntryJournal
from curator_audio.recordings.fetch_recordings import LARGE, fetch_list, fetch_recordings
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError, UnreadableFileError
from curator_engine.files.fetch import FetchRules
from curator_engine.files.list_rows import list_rows, text_lines
from curator_engine.positional import positional
from curator_engine.stage import AnyStage, CompositeStage, ProcessingStage, Rejection
from curator_engine.stages.files import FilePartitioner
from curator_engine.task import EmptyTask, FileGroupTask, TableTask

_ENDINGS = [".jsonl", ".json"]
_NAME_AT, _TEXT_AT = 1, 2
"""Columns of FLEURS' lists: the file, and what is said in it."""


@dataclass(kw_only=True)
class ManifestReaderStage(ProcessingStage[FileGroupTask, AudioTask]):
    """Make a task of every entry of manifests: JSON lines, or CSV by its ending.

    A line that is no object goes to quarantine.

    Example:
        >>> [task] = ManifestReaderStage().process(FileGroupTask(data=["manifest.jsonl"]))
        >>> task.data["audio_filepath"]
        'a.wav'
    """

    name: str = "manifest_reader_stage"

    def process(self, task: FileGroupTask) -> Iterator[AudioTask]:
        """The entries, in their order; what cannot be read is rejected."""
        count = 0
        for path in task.data:
            try:
                for number, row in enumerate(list_rows(path)):
                    if row is None:
                        # The engine counts what is rejected by itself.
                        self.reject(
                            Rejection(file=f"{path}#{number}", reason="it is no JSON object")
                        )
                    elif row:
                        count += 1
                        yield AudioTask(data=row, dataset_name=task.dataset_name)
            except UnreadableFileError as error:
                self.reject(Rejection(file=path, reason=str(error), rest=True))
        self.count_rows(count)


@positional(
    *("manifest_path", "name", "files_per_partition", "blocksize"),
    *("file_extensions", "storage_options"),
)
@dataclass(kw_only=True)
class ManifestReader(CompositeStage[EmptyTask, AudioTask]):
    """Find manifests and read their entries.

    Example:
        Pipeline("speech", stages=[ManifestReader("manifests/"), GetAudioDurationStage()])
    """

    name: str = "manifest_reader"
    manifest_path: str | list[str]
    """Files, folders, globs or URLs."""
    files_per_partition: int | None = 1
    """Files of a task."""
    blocksize: int | str | None = None
    """Not used: a manifest is read as a whole."""
    file_extensions: list[str] = field(default_factory=lambda: list(_ENDINGS))
    """Endings that count in folders."""
    storage_options: dict[str, Any] | None = None
    """Not supported: what a file system needs is in its own settings."""

    def __post_init__(self) -> None:
        if self.storage_options:
            raise SettingsError(
                "ManifestReader takes no storage_options; give them in the settings of fsspec."
            )

    def decompose(self) -> list[AnyStage]:
        """List, and read."""
        files = FilePartitioner(
            file_paths=self.manifest_path,
            files_per_partition=self.files_per_partition,
            file_extensions=self.file_extensions,
        )
        return [files, ManifestReaderStage()]


@positional("output_path", "name")
@dataclass(kw_only=True)
class ManifestWriterStage(EntryJournal):
    """Write entries into one manifest, in their order; a list that others made is not written over.

    Example:
        ManifestWriterStage("out/manifest.jsonl")
    """

    name: str = "manifest_writer"

    def line(self, task: AudioTask) -> dict[str, Any]:
        """The entry as it is."""
        return dict(task.data)


@dataclass(kw_only=True)
class AudioToDocumentStage(ProcessingStage[AudioTask, TableTask]):
    """Make a table of an entry, which writers of tables take: one row, a column per key.

    Example:
        >>> AudioToDocumentStage().process(AudioTask(data={"text": "hello"})).data.num_rows
        1
    """

    name: str = "AudioToDocumentStage"

    def process(self, task: AudioTask) -> TableTask:
        """The entry as a row."""
        table = pa.Table.from_pylist([dict(task.data)])
        return TableTask(data=table, dataset_name=task.dataset_name, _metadata=dict(task._metadata))


@positional(
    *("name", "lang", "split", "raw_data_dir", "filepath_key", "text_key"),
    *("batch_size", "cache_dir", "auto_download"),
)
@dataclass(kw_only=True)
class CreateInitialManifestFleursStage(ProcessingStage[EmptyTask, AudioTask]):
    """Make an entry of each recording of FLEURS in a folder, and fetch what is not there.

    The folder has `<split>.tsv` and the recordings in `<split>/`, as they come out of the archives of
    the dataset `google/fleurs`. Recordings that are there are taken as they are.

    Raises:
        SettingsError: Language, split or folder is not given.

    Example:
        CreateInitialManifestFleursStage(lang="hy_am", split="dev", raw_data_dir="fleurs/hy_am")
    """

    name: str = "CreateInitialManifestFleurs"
    lang: str = ""
    """Code of the language, such as hy_am."""
    split: str = ""
    """train, dev or test."""
    raw_data_dir: str = ""
    """The folder."""
    filepath_key: str = "audio_filepath"
    """Key of the path in the entries."""
    text_key: str = "text"
    """Key of what is said."""
    cache_dir: str | None = None
    """Not used: what is fetched lies in the folder alone."""
    auto_download: bool = True
    """Fetch the list and the recordings, where they are not there."""
    url: str = "https://huggingface.co/datasets/google/fleurs/resolve/main/data"
    """Where the dataset is."""
    rules: FetchRules = LARGE
    """The limits of fetching."""
    fan_out: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for name in ("lang", "split", "raw_data_dir"):
            if not getattr(self, name):
                raise SettingsError(f"{type(self).__name__} needs {name}.")

    def outputs(self) -> tuple[list[str], list[str]]:
        """Path and text."""
        return [], [self.filepath_key, self.text_key]

    def process(self, task: EmptyTask) -> list[AudioTask]:
        """The entries, in the order of the list.

        Raises:
            InputError: The list is not there and cannot be fetched, or a line of it is none.
            StorageError: What is fetched cannot be written.
        """
        folder = Path(self.raw_data_dir)
        path = folder / f"{self.split}.tsv"
        if self.auto_download:
            self._fetch(path, folder / self.split)
        if not path.is_file():
            raise InputError(
                f"{path} is not there; set auto_download=True, or: hf download google/fleurs --repo-type dataset "
                f"--include 'data/{self.lang}/*', and unpack audio/{self.split}.tar.gz beside it."
            )
        tasks: list[AudioTask] = []
        for number, line in enumerate(filter(None, text_lines(str(path)))):
            parts = line.split("\t")
            if len(parts) <= _TEXT_AT:
                raise InputError(f"{path}: line {number + 1} has no recording and text.")
            place = str((folder / self.split / parts[_NAME_AT]).absolute())
            entry = {self.filepath_key: place, self.text_key: parts[_TEXT_AT]}
            name = f"Fleurs_{self.lang}_{self.split}_{self.raw_data_dir}"
            tasks.append(AudioTask(data=entry, dataset_name=name))
        return tasks

    def _fetch(self, path: Path, recordings: Path) -> None:
        """Fetch what is not there: the list, and the recordings."""
        source = f"{self.url}/{self.lang}"
        if not path.is_file():
            fetch_list(f"{source}/{self.split}.tsv", path, rules=self.rules)
        if not recordings.is_dir():
            archive = f"{source}/audio/{self.split}.tar.gz"
            fetch_recordings(archive, recordings, rules=self.rules, job=self.name)
