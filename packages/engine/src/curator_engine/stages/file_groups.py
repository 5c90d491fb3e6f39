"""Groups of whole files as tasks, as NeMo Curator's readers make them; for what cuts files see `files.py`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, cast

from curator_engine.errors import InputError
from curator_engine.files.listing import FileInfo, list_files
from curator_engine.files.paths import use_options
from curator_engine.files.storage import read_bytes
from curator_engine.positional import positional
from curator_engine.stages.files import FilePartitioner, cut_file, find_inputs, parse_size
from curator_engine.stages.id_generator import ranges_of
from curator_engine.task import EmptyTask, FileGroupTask


@dataclass(kw_only=True)
class FileGroups(FilePartitioner):
    """List the input files and join neighbours: so many files, or up to so many bytes.

    A file that is larger than `blocksize` is cut, unless the rows of its lines get ids: then it is
    read from its beginning.
    """

    storage_options: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Options of the inputs' fsspec file system."""
    joins: bool = True
    """Join files up to `blocksize`; else it only says where larger ones are cut."""
    ids: str = ""
    """File of an id generator that knows the files; see `id_generator.py`."""
    generates_ids: bool = False
    """Give ids to files that it does not know."""

    def __post_init__(self) -> None:
        use_options(self.file_paths, self.storage_options)

    def process(self, task: EmptyTask) -> list[FileGroupTask]:
        """The tasks, in the order of files.

        Raises:
            InputError: A path is missing or nothing matches.
        """
        use_options(self.file_paths, self.storage_options)
        if self.limit is not None:
            tasks = super().process(task)
        else:
            tasks = _tasks(list(self._pieces(self._listed())))
        if self.ids:
            add_ids(tasks, self.ids, generate=self.generates_ids)
        return tasks

    def _listed(self) -> list[FileInfo]:
        return find_inputs(
            self.file_paths,
            file_format=self.file_format,
            extensions=self.file_extensions or None,
            allow_empty=self.allow_empty,
        ).files

    def _pieces(
        self, files: Sequence[FileInfo]
    ) -> Iterator[tuple[list[FileInfo], tuple[int, int] | None]]:
        """Groups of files, and pieces of large ones."""
        if self.files_per_partition or not self.blocksize:
            per = self.files_per_partition or 1
            yield from ((list(files[i : i + per]), None) for i in range(0, len(files), per))
            return
        size = parse_size(self.blocksize)
        for group in up_to(files, size) if self.joins else ([file] for file in files):
            cut = len(group) == 1 and group[0].size > size and not self.ids
            for span in cut_file(group[0], size) if cut else [None]:
                yield group, span


@positional(
    "file_paths",
    "files_per_partition",
    "blocksize",
    "file_extensions",
    "storage_options",
    "limit",
    "name",
)
@dataclass(kw_only=True)
class FilePartitioningStage(FileGroups):
    """NeMo Curator's stage: whole files only, never cut; `files_per_partition` goes before `blocksize`."""

    name: str = "file_partitioning"
    file_extensions: list[str] | None = field(
        default_factory=lambda: [".jsonl", ".json", ".parquet"]
    )
    allow_empty: bool = True
    limit: int | None = None
    """Only the first tasks."""

    def process(self, task: EmptyTask) -> list[FileGroupTask]:
        """The tasks, in the order of files; none where nothing matches.

        Raises:
            InputError: A path is missing.
        """
        use_options(self.file_paths, self.storage_options)
        files = self._listed()
        if self.files_per_partition or not self.blocksize:
            per = self.files_per_partition or 1
            groups = [list(files[i : i + per]) for i in range(0, len(files), per)]
        else:
            groups = list(up_to(files, parse_size(self.blocksize)))
        return _tasks([(group, None) for group in groups])[: self.limit]


@positional(
    "file_paths",
    "files_per_partition",
    "blocksize",
    "file_extensions",
    "storage_options",
    "limit",
    "input_list_json_path",
    "name",
)
@dataclass(kw_only=True)
class ClientPartitioningStage(FilePartitioningStage):
    """NeMo Curator's listing of one folder or URL: all files below it, or those that a JSON file lists.

    Each file is a task of its own, unless `files_per_partition` is given.

    Example:
        >>> ClientPartitioningStage(
        ...     "s3://corpus/pages", input_list_json_path="s3://corpus/pages.json"
        ... )
    """

    name: str = "client_partitioning"
    file_extensions: list[str] | None = None
    input_list_json_path: str | None = None
    """A JSON file with an array of paths below `file_paths`; files that it does not list are left out."""

    def _listed(self) -> list[FileInfo]:
        """The files in the order of their paths, the first `limit` of them.

        Raises:
            InputError: The list is none, or names what is not below `file_paths`.
        """
        root = self.file_paths if isinstance(self.file_paths, list) else [self.file_paths]
        endings = self.file_extensions or [""]
        files = list_files(root, extensions=endings, allow_empty=self.allow_empty)
        files.sort(key=lambda file: file.path)
        if self.input_list_json_path:
            chosen = _paths_in(self.input_list_json_path, str(self.file_paths), files)
            files = [file for file in files if file.path in chosen]
        return files[: self.limit]


def _paths_in(path: str, root: str, files: Sequence[FileInfo]) -> set[str]:
    """The paths that a JSON file lists, all of them of files.

    Raises:
        InputError: It holds no array of paths, or one of them is not among the files.
    """
    try:
        listed = json.loads(read_bytes(path))
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}.") from error
    if not isinstance(listed, list):
        raise InputError(f'{path} holds no array of paths; write it as ["a", "b"].')
    chosen = {str(each) for each in cast("list[Any]", listed)}
    if unknown := sorted(chosen - {file.path for file in files}):
        raise InputError(f"{path} lists {unknown[0]}, which is not below {root}.")
    return chosen


def up_to(files: Sequence[FileInfo], size: int) -> Iterator[list[FileInfo]]:
    """Neighbours that have at most `size` bytes together; a larger file is alone."""
    group, total = list[FileInfo](), 0
    for file in files:
        if group and total + file.size > size:
            yield group
            group, total = [], 0
        group.append(file)
        total += file.size
    if group:
        yield group


def _tasks(
    pieces: Sequence[tuple[list[FileInfo], tuple[int, int] | None]],
) -> list[FileGroupTask]:
    """A task for each piece."""
    tasks, index, last = list[FileGroupTask](), 0, list[FileInfo]()
    for i, (group, span) in enumerate(pieces):
        if last and group is not last:
            index += len(last)
        last = group
        paths = [file.path for file in group]
        facts = {"partition_index": i, "total_partitions": len(pieces), "source_files": paths}
        tasks.append(
            FileGroupTask(
                data=paths,
                span=span,
                stamp="|".join(file.stamp for file in group),
                dataset_name=dataset_name_of(pieces[0][0][0].path),
                _metadata={"file_index": index, "name": group[0].name, **facts},
            )
        )
    return tasks


def add_ids(tasks: Sequence[FileGroupTask], state: str, *, generate: bool) -> None:
    """Note in each task the ids of its files: the first one, and how many there are.

    Args:
        tasks: In the order in which files get ids.
        state: The file of the generator.
        generate: Give ids to files that have none.

    Raises:
        InputError: The file of the generator holds no ranges.
    """
    paths = list(dict.fromkeys(path for task in tasks for path in task.data))
    found: Mapping[str, Any] = dict(
        zip(paths, ranges_of(paths, state, generate=generate), strict=True)
    )
    for task in tasks:
        task._metadata["ids"] = [found[path] for path in task.data]


def dataset_name_of(path: str) -> str:
    """What NeMo Curator calls a data set: a local file's folder, or the last part of a URL, in lower case."""
    if "://" in path:
        return path.partition("://")[2].rstrip("/").rpartition("/")[2].lower()
    place = PurePosixPath(path)
    return (place.parent.name or place.stem).lower()
