"""The commands of an app that are about job files: `run`, `check`, `list`, `estimate`.

Every app whose jobs can be steps gets them by `with_job_files`; the app says its jobs, and may say
what else `list` shows.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.merge_settings import merge_job
from curator_engine.commands.settings import (
    BaseSettings,
    CommonSettings,
    Flag,
    Group,
    Job,
    Kind,
    Short,
)
from curator_engine.counted import counted
from curator_engine.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class JobApp:
    """The app whose jobs are the steps."""

    program: str
    """Its command."""
    version: str
    jobs: Sequence[Job]
    """Its jobs; those with `step` can be steps."""
    more: str = ""
    """What `list` shows besides steps, as "module:function" that returns a dict of `Listed` by title."""


@dataclass(frozen=True, kw_only=True)
class JobFileSettings(BaseSettings):
    """What all commands take that read a job file."""

    takes: ClassVar[str] = "JOB.yaml"
    """A job file: input, output and steps; its paths are relative to it."""
    set: Annotated[list[str], Group.FILES] = field(default_factory=list[str])
    """Change an option of a step, as fuzzy.threshold=0.7, or one that stands beside steps, as limit=1000; may be given several times."""
    output: Annotated[str, Short("o"), Group.FILES, Kind.FOLDER] = ""
    """Folder for the result, instead of the one that the file names."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Several files.
        """
        super().check()
        if len(self.inputs) > 1:
            raise SettingsError(f"one job file, please; {len(self.inputs)} were given.")


@dataclass(frozen=True, kw_only=True)
class RunSettings(JobFileSettings):
    """Settings of `run`."""

    drop_steps: Annotated[Flag, Group.FILES] = False
    """Remove data/ of each step when the next one has read it: without, every step keeps its own, at most the input's size each; with it, explain has no texts of the later steps, and a changed step starts from an earlier one."""
    executor: Annotated[
        Literal["local", "xenna", "ray_data", "ray_actor_pool"] | None, Group.RUNNING
    ] = None
    """Where to run, instead of what the file says; local unless it does."""
    workers: Annotated[int | None, Group.RUNNING] = None
    """Worker processes, per stage on Ray, instead of what the file says."""
    limit: Annotated[int | None, Group.LIMITS] = None
    """Take only the first documents of the input, instead of what the file says."""
    shard: Annotated[str | None, Group.RUNNING] = None
    """Do one of several parts of the input, as 3/16 (0/16 to 15/16), or slurm for the task of a job array: into OUT/shard-00003-of-00016. `merge` joins the parts."""
    resume: Annotated[Flag, Group.RUNNING] = False
    """Go on with a run that was stopped, from the step that is not done or was changed."""
    overwrite: Annotated[Flag, Group.RUNNING] = False
    """Remove the result of an earlier run first."""
    dry_run: Annotated[Flag, Group.RUNNING] = False
    """Print the plan of each step, with an estimate, and do nothing."""


@dataclass(frozen=True, kw_only=True)
class JobSettings(CommonSettings):
    """How the steps of a job file run; whether they can be done in shards, each of them says."""

    why_whole = ""


@dataclass(frozen=True, kw_only=True)
class CheckSettings(JobFileSettings):
    """Settings of `check`."""


@dataclass(frozen=True, kw_only=True)
class EstimateSettings(JobFileSettings):
    """Settings of `estimate`."""

    sample: Annotated[str, Group.LIMITS, Kind.SIZE] = "8MB"
    """How much of the input is really run through the steps, from the beginnings of several files."""


@dataclass(frozen=True, kw_only=True)
class ListSettings(BaseSettings):
    """Settings of `list`."""

    takes: ClassVar[str] = "[NAME...]"
    """Steps or recipes to show; all unless given."""
    needs_input: ClassVar[bool] = False


def with_job_files(program: str, jobs: Sequence[Job], *, version: str, more: str = "") -> list[Job]:
    """The jobs of an app, and the commands about job files whose steps they are.

    Example:
        JOBS = with_job_files("curator-text", [Job(...), ...], version=__version__)
    """
    app = JobApp(program=program, version=version, jobs=jobs, more=more)
    offers: list[tuple[str, type[BaseSettings], Any, str, str]] = [
        (
            "run",
            RunSettings,
            _run,
            "Run the steps of a job file, or the command that the file's key `job` names.",
            "run job.yaml",
        ),
        (
            "check",
            CheckSettings,
            _check,
            "Look whether a job file could be run, and do nothing.",
            "check job.yaml",
        ),
        (
            "estimate",
            EstimateSettings,
            _later("estimate_job:estimate"),
            "Say what a job file would take and leave, from a sample that runs through its steps.",
            "estimate job.yaml",
        ),
        (
            "list",
            ListSettings,
            _later("list_steps:list_steps"),
            "List the steps of job files, their options and defaults.",
            "list filter",
        ),
    ]
    return [
        *jobs,
        merge_job(program, {job.name: job.step for job in jobs if job.step}),
        *(
            Job(
                name=name,
                settings=settings,
                run=partial(run, app=app),
                help=text,
                example=f"{program} {example}",
            )
            for name, settings, run, text, example in offers
        ),
    ]


def run_job_file(
    path: str,
    app: JobApp,
    console: Console,
    *,
    changes: Sequence[str] = (),
    output: str = "",
    drop_steps: bool = False,
    options: dict[str, Any] | None = None,
    **how: Any,
) -> JobResult:
    """Run a job file.

    Args:
        path: The file.
        app: The app whose jobs are the steps.
        console: Is told what happens.
        changes: As `--set`.
        output: Output folder instead of the file's.
        drop_steps: Remove `data/` of each step when it has been read.
        options: `executor`, `workers`, `limit`, `shard` instead of the file's.
        how: `resume`, `overwrite`, `dry_run`.

    Raises:
        CuratorError: The file, the input or the output is not as it must be; a step failed.
    """
    from curator_engine.commands.job_run import JobRun
    from curator_engine.commands.read_job_file import read_job_file
    from curator_engine.commands.run_into_folder import run_into_folder

    job = read_job_file(path, steps=app.jobs, changes=changes, output=output, options=options)
    settings = JobSettings(inputs=job.inputs, output=job.output, **job.options, **how)
    settings.check()
    options = job.options | ({"shard": settings.shard} if settings.shard else {})
    job = replace(job, output=settings.output, options=options)
    kind = type("JobRun", (JobRun,), {"version": app.version})
    return run_into_folder(kind(settings=settings, console=console, job=job, drop_steps=drop_steps))


def _run(settings: RunSettings, console: Console, *, app: JobApp) -> JobResult:
    given = ("executor", "workers", "limit", "shard")
    return run_job_file(
        settings.inputs[0],
        app,
        console,
        changes=settings.set,
        output=settings.output,
        drop_steps=settings.drop_steps,
        options={name: getattr(settings, name) for name in given},
        resume=settings.resume,
        overwrite=settings.overwrite,
        dry_run=settings.dry_run,
    )


def _check(settings: CheckSettings, console: Console, *, app: JobApp) -> JobResult:
    from curator_engine.commands.read_job_file import read_job_file

    path = settings.inputs[0]
    job = read_job_file(path, steps=app.jobs, changes=settings.set, output=settings.output)
    files = job.listing.files
    if job.listing.note:
        console.say(job.listing.note)
    size = sum(file.size for file in files)
    names = [step.name for step in job.steps]
    summary = {"steps": names, "files": len(files), "input_bytes": size, "output": job.output}
    line = f"{path}: {counted(len(names), 'steps')} ({', '.join(names)}), {counted(len(files), 'files')}, {size / 1e6:,.1f} MB; it can be run"
    return JobResult(summary=summary, lines=[line])


def _later(place: str) -> Any:
    """A function of a module beside this one, which is imported when it runs."""

    def run(settings: Any, console: Console, *, app: JobApp) -> JobResult:
        module, _, function = place.partition(":")
        found = importlib.import_module(f"curator_engine.commands.{module}")
        return getattr(found, function)(settings, console, app=app)

    return run
