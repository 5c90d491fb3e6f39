"""Whole-number ids of rows, without a column in the input: a range per file, kept in a JSON file.

A row's id is its file's first id plus its number in the file, so it does not depend on the sizes of
tasks, on workers or on the executor. The file has NeMo Curator's form: `next_id`, and by the name-based
UUID of a file's path the first and the last id of its rows.
"""

import atexit
import json
import os
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.blocks import iter_blocks
from curator_engine.files.formats import format_of
from curator_engine.files.paths import is_remote, use_options
from curator_engine.files.storage import exists, read_bytes, write_atomic
from curator_engine.files.streams import BrokenFileError
from curator_engine.stages.jsonl import index_lines
from curator_engine.stages.parquet import count_rows

CURATOR_DEDUP_ID_STR = "_curator_dedup_id"
"""The column with the ids."""
CURATOR_ID_GENERATOR_ACTOR_NAME = "curator_deduplication_id_generator"
"""NeMo Curator's name for it; here it is no actor but a file."""
_STATE = "CURATOR_ID_GENERATOR"
"""Environment variable with the file of the present generator, as child processes see it."""


class IdGeneratorBase:
    """Ranges of ids by groups of files.

    Args:
        start_id: The next id that is free.
        batch_registry: First and last id by the key of a group.
    """

    def __init__(
        self, start_id: int = 0, batch_registry: Mapping[str, Sequence[int]] | None = None
    ) -> None:
        self.next_id = start_id
        self.batch_registry = {k: (int(a), int(b)) for k, (a, b) in (batch_registry or {}).items()}

    def register_batch(self, files: str | list[str], count: int) -> int:
        """The first id of the rows of some files, which get so many ids if they have none yet."""
        key = self.hash_files(files)
        if key not in self.batch_registry:
            self.batch_registry[key] = (self.next_id, self.next_id + count - 1)
            self.next_id += count
        return self.batch_registry[key][0]

    def hash_files(self, filepath: str | list[str]) -> str:
        """The key of a group of files: a name-based UUID of their paths."""
        paths = [filepath] if isinstance(filepath, str) else filepath
        return str(uuid.uuid5(uuid.NAMESPACE_URL, ";".join(paths)))

    def get_batch_range(self, files: str | list[str] | None, key: str | None) -> tuple[int, int]:
        """First and last id of a group, given by its files or by its key.

        Raises:
            SettingsError: Neither is given, or both.
            KeyError: It has no ids.
        """
        if (files is None) == (key is None):
            raise SettingsError("get_batch_range needs files or key, one of them.")
        return self.batch_registry[self.hash_files(files) if files is not None else str(key)]

    def to_disk(self, filepath: str, storage_options: Mapping[str, Any] | None = None) -> None:
        """Write the ranges.

        Raises:
            StorageError: They cannot be written.
        """
        use_options(filepath, storage_options)
        record = {"next_id": self.next_id, "batch_registry": self.batch_registry}
        write_atomic(filepath, json.dumps(record).encode())

    @classmethod
    def from_disk(cls, filepath: str, storage_options: Mapping[str, Any] | None = None) -> Self:
        """Read ranges, ours or NeMo Curator's.

        Raises:
            InputError: There are none in the file.
        """
        use_options(filepath, storage_options)
        if not exists(filepath):
            raise InputError(f"{filepath} does not exist; it should hold the ranges of ids.")
        try:
            record = json.loads(read_bytes(filepath))
            return cls(int(record["next_id"]), record["batch_registry"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{filepath} does not hold ranges of ids; check the path.") from error


IdGenerator = IdGeneratorBase
"""NeMo Curator's actor has this name."""


def create_id_generator_actor(
    filepath: str | None = None, storage_options: Mapping[str, Any] | None = None
) -> None:
    """Begin to give ids: readers with `_generate_ids` or `_assign_ids` use this generator from now on.

    Args:
        filepath: Ranges to begin with; None for none.
        storage_options: Of the file's file system.

    Raises:
        InputError: The file holds no ranges.
    """
    known = IdGeneratorBase.from_disk(filepath, storage_options) if filepath else IdGeneratorBase()
    kill_id_generator_actor()
    handle, state = tempfile.mkstemp(prefix="curator-ids-", suffix=".json")
    os.close(handle)
    known.to_disk(state)
    os.environ[_STATE] = state
    atexit.register(Path(state).unlink, missing_ok=True)


def get_id_generator_actor() -> IdGeneratorBase:
    """The present generator as it is now: an object, where NeMo Curator has an actor's handle.

    Raises:
        SettingsError: There is none.
    """
    return IdGeneratorBase.from_disk(present_state())


def kill_id_generator_actor() -> None:
    """End the present generator, if there is one."""
    state = os.environ.pop(_STATE, None)
    if state is not None:
        Path(state).unlink(missing_ok=True)


def write_id_generator_to_disk(
    filepath: str, storage_options: Mapping[str, Any] | None = None
) -> None:
    """Write the present generator's ranges.

    Raises:
        SettingsError: There is none.
    """
    get_id_generator_actor().to_disk(filepath, storage_options)


def present_state() -> str:
    """The file of the present generator.

    Raises:
        SettingsError: There is none.
    """
    state = os.environ.get(_STATE, "")
    if not state:
        raise SettingsError(
            "ids were asked for and there is no id generator; call create_id_generator_actor() first."
        )
    return state


def ranges_of(paths: Sequence[str], state: str, *, generate: bool) -> list[tuple[int, int] | None]:
    """First id of each file, and how many it has; None for one without ids.

    Args:
        paths: The files, in the order in which they get ids.
        state: The file of the generator.
        generate: Give ids to files that have none: their rows are counted.

    Raises:
        InputError: The file of the generator holds no ranges.
        UnreadableFileError: A file cannot be counted.
    """
    known = IdGeneratorBase.from_disk(state)
    if generate:
        for path in paths:
            if known.hash_files(whole_path(path)) not in known.batch_registry:
                known.register_batch(whole_path(path), rows_of(path))
        known.to_disk(state)
    found = [known.batch_registry.get(known.hash_files(whole_path(path))) for path in paths]
    return [None if each is None else (each[0], each[1] - each[0] + 1) for each in found]


def whole_path(path: str) -> str:
    """The path by which a file's ids are known: absolute, unless it is a URL."""
    return path if is_remote(path) else str(Path(path).absolute())


def rows_of(path: str) -> int:
    """Rows of a Parquet file, or lines of another, blank and unreadable ones too.

    Raises:
        UnreadableFileError: The file cannot be read.
    """
    if format_of(path) == "parquet":
        return sum(count_rows(path))
    lines = 0
    with suppress(BrokenFileError):
        for _, data in iter_blocks(path, block_bytes=4 << 20):
            lines += len(index_lines(data).starts)
    return lines
