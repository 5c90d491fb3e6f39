"""Measures of pictures out of `scores/` of an earlier run: `interleaved --scores RUN`."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet as pq

from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_read
from curator_engine.running.run_record import read_record
from curator_text.interleaved.limits import UNREADABLE
from curator_text.interleaved.picture_measures import MEASURES, Measures
from curator_text.interleaved.score_tables import STAMP, Row

_COLUMNS = ["record", "position", "modality", "reason", *MEASURES]

type Known = dict[int, Measures | str]
"""Measures of a document's pictures by their positions; a text says why there are none."""


def check_run(path: str, version: str) -> None:
    """Make sure that a folder has measures that this version would take too.

    Raises:
        InputError: It has none; the line says why.
    """
    record, reason = read_record(path), ""
    if record.get("job") != "interleaved" or record.get("status") != "done":
        reason = "it is not the folder of a finished run of interleaved"
    elif record.get("version") != version:
        reason = f"version {record.get('version')} made it, and this is {version}"
    if reason:
        raise InputError(f"--scores {path}: {reason}; leave out --scores to measure the pictures.")


@dataclass(kw_only=True)
class EarlierMeasures:
    """Measures of the pictures of a file, which are asked for in the order of its documents.

    There are none if the file has changed since, or the run had it not.

    Example:
        with closing(EarlierMeasures(run="curated", name="a.tar", stamp=stamp)) as earlier:
            earlier.of(0)
    """

    run: str
    """Folder of the earlier run; none if empty."""
    name: str
    """Of the file in the tables."""
    stamp: str
    """Of the file as it is."""
    _rows: Generator[Row] = field(init=False, repr=False)
    _next: Row | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._rows = self._read()

    def of(self, record: int) -> Known:
        """What is known of the pictures of a document; `record` only grows."""
        found: Known = {}
        while (row := self._next or next(self._rows, None)) is not None:
            self._next = row
            if row["record"] > record:
                break
            self._next = None
            known = _known(row)
            if row["record"] == record and known is not None:
                found[row["position"]] = known
        return found

    def close(self) -> None:
        """Close the table."""
        self._rows.close()

    def _read(self) -> Generator[Row]:
        path = join(self.run, "scores", f"{self.name}.parquet")
        if not self.run or not self.stamp or not exists(path):
            return
        with open_read(path) as raw, pq.ParquetFile(raw) as table:
            marks: dict[bytes, bytes] = table.schema_arrow.metadata or {}
            if marks.get(STAMP) != self.stamp.encode():
                return
            for batch in table.iter_batches(1 << 12, columns=_COLUMNS, use_threads=False):
                yield from batch.to_pylist()


def _known(row: dict[str, Any]) -> Measures | str | None:
    """What a row says of a picture; None if it was not measured."""
    reason = str(row["reason"])
    if row["modality"] != "image":
        return None
    if reason.startswith(UNREADABLE):
        return reason.removeprefix(UNREADABLE).removeprefix(": ") or {}
    measures = {name: row[name] for name in MEASURES if row[name] is not None}
    return measures or None
