"""The folder of a run, as it is read afterwards: its record, its tables, its input.

Any command that writes `run.json` and `removed/` gives such a folder. Nothing here
writes; tables are read a batch at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator_engine.errors import CuratorError, InputError
from curator_engine.files.manifest import names_below
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_read
from curator_engine.running.run_record import read_record
from curator_engine.stages.files import find_inputs

FILES = "files.parquet"
"""A row per input file: `file`, `path`, `stamp`, `documents`, `removed`."""
SOURCES = "sources.parquet"
"""With --source-field, a row per value: `source`, `documents`, `removed`."""
EDITING_JOBS = ("clean", "pii")
"""Jobs that change texts, and list in which documents in `changes/`."""
REMOVAL_JOBS = (
    *("fuzzy", "exact", "semantic", "filter", "decontaminate", "langid", "classify"),
    *("substring", "lines", "generate"),
    *EDITING_JOBS,
)
"""Jobs that list what they remove, in `removed/`."""
_BATCH_ROWS = 1 << 14


@dataclass(frozen=True, kw_only=True)
class InputFile:
    """One file that the run read."""

    path: str
    stamp: str
    """What `listing.FileInfo.stamp` was then; empty if it was not kept."""


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """A run's folder and its record."""

    path: str
    record: dict[str, Any]
    """`run.json`."""

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the run."""
        return self.record.get("settings", {})

    @property
    def facts(self) -> dict[str, Any]:
        """The counts of the run."""
        return self.record.get("facts", {})

    def parts(self, name: str) -> list[str]:
        """The Parquet files of a table: a file, or those below a folder in order; [] if there are none."""
        path = join(self.path, name)
        if name.endswith(".parquet"):
            return [path] if exists(path) else []
        return [join(path, part) for part in sorted(names_below(path)) if part.endswith(".parquet")]

    def count(self, name: str) -> int:
        """Rows of a table."""
        total = 0
        for part in self.parts(name):
            with open_read(part) as raw:
                total += pq.ParquetFile(raw).metadata.num_rows
        return total

    def batches(self, name: str, columns: list[str]) -> Iterator[pa.Table]:
        """A table in pieces, in order; a column that it lacks is left out."""
        for part in self.parts(name):
            with open_read(part) as raw:
                file = pq.ParquetFile(raw)
                there = [column for column in columns if column in file.schema_arrow.names]
                for batch in file.iter_batches(_BATCH_ROWS, columns=there, use_threads=False):
                    yield pa.Table.from_batches([batch])

    def find(
        self, name: str, columns: list[str], *, limit: int, **values: Any
    ) -> tuple[list[dict[str, Any]], int]:
        """Rows in which all these columns have these values.

        Args:
            name: The table.
            columns: Columns to give.
            limit: Rows to give.
            values: The values, by column.

        Returns:
            The first rows, and how many there are.
        """
        wanted = reduce(lambda a, b: a & b, (pc.field(k) == v for k, v in values.items()))
        rows: list[dict[str, Any]] = []
        total = 0
        for batch in self.batches(name, list(dict.fromkeys([*columns, *values]))):
            found = batch.filter(wanted)
            total += found.num_rows
            rows += found.slice(0, limit - len(rows)).to_pylist()
        return rows, total

    def input_file(self, name: str) -> InputFile | None:
        """The input file that the tables call by this name, or None if it is not known."""
        if self.parts(FILES):
            rows, _ = self.find(FILES, ["path", "stamp"], limit=1, file=name)
            return InputFile(**{k: rows[0][k] for k in ("path", "stamp")}) if rows else None
        paths = self.settings.get("input_path") or []
        endings = self.settings.get("input_file_extensions") or None
        file_format = self.settings.get("input_filetype", "auto")
        try:
            files = find_inputs(paths, file_format=file_format, extensions=endings).files
        except CuratorError:
            return None
        return next((InputFile(path=f.path, stamp="") for f in files if f.name == name), None)


def open_run(path: str, *, jobs: Sequence[str] = ()) -> RunFolder:
    """Read the record of a run.

    Args:
        path: Its folder.
        jobs: Those whose folders have the tables that are needed; any if empty.

    Raises:
        InputError: It is not the folder of a run, or of another job.
    """
    run = RunFolder(path=path, record=read_record(path))
    job = run.record.get("job")
    if jobs and job == "run" and "run" not in jobs:
        first = next(iter(run.record.get("steps", {})), "01-filter")
        raise InputError(
            f"{path} is the folder of a run of several steps; give that of one of its steps, such as "
            f"{join(path, 'steps', first)}."
        )
    if jobs and job not in jobs:
        raise InputError(
            f"{path} is the folder of a run of {job}, which lists no removed documents; "
            "give that of a run that does."
        )
    return run
