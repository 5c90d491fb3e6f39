"""The frame of commands that read files and leave a run in a folder: with `run.json`, `--resume`, a page.

A job says what it looks at, how it runs and what it found; the frame lists the input once, takes the
output folder, prints the first and the last line, and knows `--dry-run`, `--resume` and a finished run.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from curator_engine.commands.cli import Console, JobResult, free_disk_bytes, take_output
from curator_engine.commands.settings import CommonSettings
from curator_engine.commands.standard_input import with_standard_input
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_engine.files.earlier import Earlier
from curator_engine.files.listing import FileInfo, Listing
from curator_engine.files.sharding import Shard, in_shard
from curator_engine.kernel_cache import kernels_are_cached
from curator_engine.pipeline import Executor
from curator_engine.stages.files import Format, find_inputs
from curator_engine.without_pandas import leave_pandas_out


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What a job would do, and what it is expected to take."""

    lines: list[str]
    """The plan and the input, as lines."""
    seconds: float | None = None
    """None if it cannot be guessed; then the next two are not either."""
    memory_bytes: int = 0
    disk_bytes: int = 0
    """In the output folder and the cache, while the run lasts."""
    pace: str = ""
    """More about the seconds, such as "12x real time"."""
    summary: dict[str, Any]
    """What else `--json` prints."""

    def result(self, output: str) -> JobResult:
        """What the command prints; `output` tells whose disk is looked at."""
        if self.seconds is None:
            return JobResult(summary=self.summary, lines=[*self.lines, "nothing was done"])
        free = free_disk_bytes(output)
        estimate = (
            f"estimate: {self.seconds:,.0f} s{f' ({self.pace})' if self.pace else ''}, "
            f"{self.memory_bytes / 1e6:,.0f} MB of memory, {self.disk_bytes / 1e6:,.0f} MB of disk"
            + (f" ({free / 1e6:,.0f} MB free)" if free else "")
        )
        names = ("seconds", "memory_bytes", "disk_bytes")
        summary = self.summary | {name: getattr(self, name) for name in names}
        return JobResult(summary=summary, lines=[*self.lines, estimate, "nothing was done"])


@dataclass(kw_only=True)
class FolderJob[S: CommonSettings](ABC):
    """A job for `run_into_folder`, which calls its methods in the order in which they stand here.

    Example:
        class CountWords(FolderJob[CountSettings]):
            name, version = "count", __version__

            def dry_run(self): ...
            def finished(self): ...
            def run(self): ...
            def result(self, facts): ...


        Job(name="count", settings=CountSettings, run="words.commands.count:CountWords", ...)
    """

    settings: S
    console: Console
    listing: Listing = field(init=False)
    """The input; there when `check` is called."""
    name: ClassVar[str]
    """The job, as in `run.json`."""
    version: ClassVar[str]
    """Of the app."""
    has_kernels: ClassVar[bool] = False
    """Whether the job calls functions that numba compiles when they are called first."""
    without_pandas: ClassVar[bool] = False
    """Whether Arrow does not load pandas, which takes longer than all else that a small job does."""

    @classmethod
    def as_command(cls, settings: S, console: Console) -> JobResult:
        """Run such a job: what a command whose `run` names the class calls.

        Raises:
            CuratorError: Bad input or options, a full disk, an exceeded budget.
        """
        if cls.without_pandas and settings.executor == "local":
            leave_pandas_out()
        return run_into_folder(cls(settings=settings, console=console))

    @property
    def files(self) -> list[FileInfo]:
        """The input files."""
        return self.listing.files

    @property
    def file_format(self) -> Format:
        """What counts as input."""
        return "auto"

    @property
    def extensions(self) -> list[str] | None:
        """Endings that count in folders, such as .png, instead of a format."""
        return None

    def listed(self) -> Listing:
        """The input, listed.

        Raises:
            InputError: A path is missing or nothing matches.
        """
        found = find_inputs(
            self.settings.inputs, file_format=self.file_format, extensions=self.extensions
        )
        return in_shard(found, self.settings.shard)

    def check(self) -> None:
        """Look at the input and the settings before anything is written.

        Raises:
            CuratorError: They do not fit together.
        """

    def workers(self) -> int | None:
        """Worker processes; None for as many as there are CPUs."""
        return self.settings.workers

    @cached_property
    def executor(self) -> Executor:
        """Where the job runs, as the settings say."""
        ratio = self.settings.max_rejected_ratio
        policy = replace(COMMAND_POLICY, max_rejected_ratio=ratio)
        return make_executor(self.settings.executor, workers=self.workers(), policy=policy)

    @abstractmethod
    def dry_run(self) -> DryRun:
        """What would be done."""

    def adopt(self, folder: str) -> Earlier | None:
        """What a version without manifests left in a folder; None if it is not ours."""
        return None

    @abstractmethod
    def finished(self) -> dict[str, Any] | None:
        """The facts of a finished run of the same settings and input, or None if there is something to do."""

    @abstractmethod
    def run(self) -> dict[str, Any]:
        """Do the work; the facts that `result` tells, with `notes` and `alarms` as lists of lines."""

    @abstractmethod
    def result(self, facts: dict[str, Any]) -> JobResult:
        """What is said about the run."""


def run_into_folder(job: FolderJob[Any]) -> JobResult:
    """Run a job of a command.

    Raises:
        CuratorError: Bad input or options, a folder that is not ours, a full disk, an exceeded budget.
    """
    with with_standard_input(job.settings, job.file_format) as job.settings:
        return _run(job)


def _run(job: FolderJob[Any]) -> JobResult:
    settings, console = job.settings, job.console
    if settings.shard:
        Shard.parse(settings.shard).check_beside(settings.output)
    job.listing = job.listed()
    if note := job.listing.note:
        console.say(note)
    job.check()
    if settings.dry_run:
        _say_kernels(job)
        return job.dry_run().result(settings.output)
    with take_output(
        settings,
        console,
        job=job.name,
        version=job.version,
        inputs=[file.path for file in job.files],
        adopt=job.adopt,
    ):
        facts = job.finished()
        if facts is not None:
            console.say(f"{settings.output} is finished already; nothing to do.")
            return job.result(facts)
        console.say(
            f"result in {settings.output}; if stopped, the same command with --resume goes on"
        )
        _say_kernels(job)
        facts = job.run()
        for line in [*facts.get("notes", []), *facts.get("alarms", [])]:
            console.warn(line)
        return job.result(facts)


def _say_kernels(job: FolderJob[Any]) -> None:
    """Say why the first run takes longer than all others."""
    if job.has_kernels and not kernels_are_cached(type(job).__module__.partition(".")[0]):
        job.console.say("compiling kernels, only this once: about 10 s of CPU time")
