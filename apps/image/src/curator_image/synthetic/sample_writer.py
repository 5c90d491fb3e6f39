"""NeMo Curator's stage that writes samples as lines of JSON, and the function that joins what a run wrote.

samples_shards/<task id>.jsonl    one per sample, so that a sample that is tried again is there once
samples.jsonl                     all of them in the order of the tasks, by `merge_output_shards`
"""

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, ClassVar

import numpy as np

from curator_engine.errors import InputError
from curator_engine.files import manifest
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    list_names,
    open_atomic,
    open_read,
    remove_tree,
    write_atomic,
)
from curator_engine.files.write_mode import clear
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.stages.json_text import dump
from curator_engine.stages.table_files import table_file
from curator_engine.task import id_key
from curator_image.task import ImageSampleTask

_ENDING = ".jsonl"


@positional("output_path", "valid_only", "image_parent")
@dataclass(kw_only=True)
class JsonlSampleWriterStage(ProcessingStage[ImageSampleTask[Any], ImageSampleTask[Any]]):
    """Write each sample as a line of JSON; `merge_output_shards` makes one file of them after the run.

    A run begins with an empty folder of shards, unless it goes on from a checkpoint.

    Example:
        JsonlSampleWriterStage("samples.jsonl", image_parent="pictures")
    """

    output_path: str | Path
    """The file that the samples are to be in; the shards are in `<its name>_shards` beside it."""
    valid_only: bool = True
    """Leave samples out on which a stage has failed; they are counted by the stage that did."""
    image_parent: str | Path | None = None
    """Folder to which the paths of pictures are made relative."""
    name: str = "jsonl_sample_writer"
    writes_to: ClassVar[tuple[str, ...]] = ("shards",)

    @property
    def shards(self) -> str:
        """The folder of the shards."""
        return shards_of(self.output_path)

    def ready_folder(self, job: str, *, goes_on: bool) -> None:
        """Remove what an earlier run of ours left there, unless this one goes on with it.

        Raises:
            InputError: The folder holds what we did not write.
        """
        if not goes_on:
            clear(self.shards, "overwrite", job=job)

    def process(self, task: ImageSampleTask[Any]) -> ImageSampleTask[Any]:
        """Write a sample.

        Raises:
            StorageError: It cannot be written.
        """
        data = task.data
        if self.valid_only and not data.is_valid:
            reason = (data.error or "invalid").partition(":")[0]
            self.count_drops({f"invalid after {reason}": 1})
            return task
        record = {
            name: value
            for name, value in data.to_dict().items()
            if value is not None and name != "is_valid"
        }
        record["image_path"] = self._path_of(data.image_path)
        line = dump(_plain(record)).encode("utf-8", "backslashreplace")
        with take(self.shards, job=self.name, mode="share"):
            write_atomic(join(self.shards, table_file(task, _ENDING)), line + b"\n")
        return task

    def _path_of(self, path: str | Path) -> str:
        if self.image_parent is not None and PurePath(path).is_relative_to(self.image_parent):
            return str(PurePath(path).relative_to(self.image_parent))
        return str(path)


def shards_of(output_path: str | Path) -> str:
    """The folder of the shards of a file of samples."""
    path = PurePath(output_path)
    return str(path.with_name(f"{path.stem}_shards"))


def merge_output_shards(output_path: str | Path, *, delete_shards: bool = True) -> Path:
    """Join the shards of a finished run into one file, in the order of the tasks.

    Args:
        output_path: As it was given to the writer; a file of this name that such a join made is replaced.
        delete_shards: Remove the shards afterwards.

    Returns:
        The file; without shards it is left as it is.

    Raises:
        InputError: The shards are not ours.
        StorageError: It cannot be written, or there is a file of this name that we did not make.

    Example:
        merge_output_shards("samples.jsonl")
    """
    path, folder = Path(output_path), shards_of(output_path)
    path = path if path.suffix else path.with_suffix(_ENDING)
    names = [each for each in list_names(folder) if each.endswith(_ENDING)]
    if not names:
        return path
    if manifest.read_marker(folder) is None:
        raise InputError(f"{folder} is not a folder of shards of ours; move it away.")
    # A file of this name that we did not make is an error.
    with (
        take(str(path.parent), job="merge_output_shards", mode="share"),
        open_atomic(str(path)) as whole,
    ):
        for name in sorted(names, key=_place):
            with open_read(join(folder, name)) as shard:
                shutil.copyfileobj(shard, whole)
    if delete_shards:
        remove_tree(folder)
        if next(manifest.foreign_names(folder), None) is None:
            shutil.rmtree(folder)
    return path


def _place(name: str) -> list[tuple[int, str]]:
    return id_key(name.removesuffix(_ENDING))


def _plain(value: Any) -> Any:
    """A value in the forms that JSON has."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic | np.ndarray):
        return _plain(value.tolist())
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
