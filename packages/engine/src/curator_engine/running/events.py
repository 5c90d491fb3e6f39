"""`events.jsonl`: a line for each batch of a run, written as it comes in.

Totals are `run_report.py`'s.
"""

import json
import time
from pathlib import Path
from typing import TextIO

from curator_engine.files.manifest import note
from curator_engine.files.paths import is_remote
from curator_engine.files.storage import storage_errors
from curator_engine.redaction import redacted
from curator_engine.resources import WorkerPlace

_PLAIN = ("done", "failed")
"""What most batches end with: no secret, so it is not looked through."""


class EventLog:
    """The file of one run; later runs in the same folder add to it.

    Args:
        run_dir: The folder; without one, and on object stores, which cannot append, nothing is kept.
    """

    def __init__(self, run_dir: str | None) -> None:
        self._file: TextIO | None = None
        if run_dir and not is_remote(run_dir):
            path = Path(run_dir, "events.jsonl")
            with storage_errors(str(path), "writing"):
                note(str(path))
                path.parent.mkdir(parents=True, exist_ok=True)
                self._file = path.open("a", encoding="utf-8", buffering=1)

    def add(
        self,
        stage: str,
        worker: WorkerPlace,
        *,
        tasks: int,
        items: int,
        seconds: float,
        outcome: str,
    ) -> None:
        """Write one line."""
        if not self._file:
            return
        event = {
            "time": round(time.time(), 3),
            "stage": stage,
            "pid": worker.pid,
            "node": worker.node,
            "actor": worker.actor,
            "tasks": tasks,
            "items": items,
            "seconds": round(seconds, 6),
            "outcome": outcome if outcome in _PLAIN else redacted(outcome),
        }
        with storage_errors(self._file.name, "writing"):
            self._file.write(json.dumps(event) + "\n")

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
