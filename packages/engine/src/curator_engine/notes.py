"""What a stage notes about its present call: metrics, drops, parts of the input that it rejects.

The runner takes the notes over after each call; `private_rows` keeps rows out of them.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from curator_engine.errors import DamagedFileError, UnreadableFileError
from curator_engine.failures import Rejection

if TYPE_CHECKING:
    from collections.abc import Generator

ROWS_READ = "rows_read"
"""The metric that `Notes.count_rows` keeps."""


class Notes:
    """The notes of a stage, which are made in its worker."""

    private_rows: bool = False
    """Quarantine has the place and length of what the stage rejects or fails on, never the row."""

    def log_metric(self, name: str, value: float) -> None:
        """Record a number about the present batch; it appears in the report and on the tasks."""
        vars(self).setdefault("_metrics", {})[name] = float(value)

    def _log_metric(self, name: str, value: float) -> None:
        """NeMo Curator's name for `log_metric`."""
        self.log_metric(name, value)

    def _log_metrics(self, metrics: dict[str, float]) -> None:
        """NeMo Curator's way to log several metrics."""
        for each in metrics.items():
            self.log_metric(*each)

    @contextmanager
    def _time_metric(self, name: str) -> Generator[None]:
        """NeMo Curator's way to log the seconds of a block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.log_metric(name, time.perf_counter() - start)

    def count_drops(self, reasons: dict[str, int]) -> None:
        """Count items that the present call left out, by reason."""
        vars(self).setdefault("_drops", Counter()).update(reasons)

    def count_rows(self, rows: int) -> None:
        """Count rows of the input that were read, bad ones too: only where they are is there a limit."""
        metrics = vars(self).setdefault("_metrics", {})
        metrics[ROWS_READ] = metrics.get(ROWS_READ, 0.0) + rows

    def reject(self, rejection: Rejection) -> None:
        """Send a part of the input that cannot be read to quarantine."""
        notes = vars(self)
        shown = rejection.without_row() if self.private_rows else rejection
        noted = replace(shown, task_id=notes.get("_present", ""))
        notes.setdefault("_rejections", []).append(noted)

    def reject_file(self, path: str, error: UnreadableFileError) -> None:
        """Send a whole file of the input to quarantine; what is not damaged is tried again on a resume."""
        again = not isinstance(error, DamagedFileError)
        self.reject(Rejection(file=path, reason=str(error), rest=True, again=again))

    def take_up(self, task_id: str) -> None:
        """Note which task is worked on from here (for the runner, and in `process_batch`)."""
        vars(self)["_present"] = task_id

    def take_notes(self) -> tuple[dict[str, float], dict[str, int], list[Rejection]]:
        """Metrics, drops and rejections since the last call (for the runner)."""
        notes = vars(self)
        return notes.pop("_metrics", {}), notes.pop("_drops", {}), notes.pop("_rejections", [])
