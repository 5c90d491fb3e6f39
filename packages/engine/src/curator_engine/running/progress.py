"""Tell how far a run is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from typing import Any, Protocol, TextIO


class ProgressSink(Protocol):
    """What a run tells while it goes on."""

    def start(self, label: str, total: int | None, unit: str) -> None:
        """A run begins; total is None while it is not known."""
        ...

    def advance(self, n: int) -> None:
        """N more units are finished."""
        ...

    def finish(self) -> None:
        """The run ends."""
        ...


class Progress:
    """Progress of one run after the other, on standard error.

    Args:
        stream: Where to write.
        logging_interval: Seconds between lines where there is no terminal.
    """

    def __init__(self, stream: TextIO | None = None, *, logging_interval: float = 60.0) -> None:
        self._stream = stream or sys.stderr
        self._interval = logging_interval
        self._bar: Any = None
        self._label, self._unit = "", ""
        self._total: int | None = None
        self._done = 0
        self._began = self._said = 0.0

    def start(self, label: str, total: int | None, unit: str) -> None:
        """A run begins; total is None while it is not known."""
        self._label, self._total, self._unit, self._done = label, total, unit, 0
        self._began = self._said = time.monotonic()
        if self._stream.isatty():
            self._bar = _open_bar(self._stream)
            self._bar.add_task(label, total=total, note="")

    def advance(self, n: int) -> None:
        """N more units are finished."""
        self._done += n
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=n, note=self.note())
        elif time.monotonic() - self._said >= self._interval:
            self._said = time.monotonic()
            note = self.note()
            self._stream.write(f"{self._line()}{note and f', {note}'}\n")
            self._stream.flush()

    def finish(self) -> None:
        """The run ends."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _line(self) -> str:
        seconds = self.elapsed
        rate = self._done / seconds if seconds else 0.0
        if self._total is None:
            return f"{self._label}: {self._done} {self._unit}, {rate:.2f}/s"
        left = f", {(self._total - self._done) / rate:.0f} s left" if rate else ""
        return f"{self._label}: {self._done} of {self._total} {self._unit}, {rate:.2f}/s{left}"

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def note(self) -> str:
        """More to say about the rate; nothing unless a subclass does."""
        return ""


def _open_bar(stream: TextIO) -> Any:
    from rich import progress
    from rich.console import Console

    class Rate(progress.ProgressColumn):
        def render(self, task: progress.Task) -> str:
            return f"{task.speed or 0:.1f}/s"

    bar = progress.Progress(
        progress.TextColumn("{task.description:>12}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        Rate(),
        progress.TextColumn("{task.fields[note]}"),
        progress.TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(file=stream),
        transient=True,
    )
    bar.start()
    return bar
