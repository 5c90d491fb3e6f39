"""Job files: YAML that lists input, output and steps, read and checked whole before anything starts.

    input: corpus
    output: curated
    text_field: content            # what stands beside `steps` goes to every step that has it
    steps:
      - filter: {recipe: curator-en}
      - exact
      - fuzzy: {threshold: 0.8}

A step is a job of the app by the name of its command; its options are those of its settings class.
Paths are relative to the file. `read_job_file.py` reads it, `job_run.py` runs its steps.
"""

import importlib
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.commands.settings import BaseSettings, CommonSettings, Job
from curator_engine.errors import CuratorError, InputError, SettingsError
from curator_engine.files.listing import Listing
from curator_engine.files.output_folder import refuse_overlap

RUN_KEYS = ("executor", "workers", "limit", "shard")
"""Options of the run as a whole."""
NOT_OF_A_STEP = (
    {f.name for f in fields(BaseSettings)}
    | {"output", "resume", "overwrite", "dry_run"}
    | set(RUN_KEYS)
)
"""Settings of every job that are the run's to say."""


@dataclass(frozen=True, kw_only=True)
class JobStep:
    """One step of a job file."""

    number: int
    """From 1."""
    job: Job
    settings: Any
    """Its options; input, output and how it runs are the run's to say."""
    where: str
    """File and line."""

    @property
    def name(self) -> str:
        """The name of its command."""
        return self.job.name

    @property
    def folder(self) -> str:
        """Its folder below `steps/`."""
        return f"{self.number:02d}-{self.name}"

    def workflow(self, **places: Any) -> FolderWorkflow[Any]:
        """The workflow of the step.

        Args:
            places: `inputs`, `output` and other settings that the run says.
        """
        module, _, kind = self.job.step.partition(":")
        made: Any = getattr(importlib.import_module(module), kind)
        return made(settings=replace(self.settings, **places))

    def check(self, shard: str | None = None) -> None:
        """Look at the options together.

        Args:
            shard: The shard of the run.

        Raises:
            SettingsError: They do not fit together; with file and line.
        """
        # Some settings are asked for only where there is an input.
        places = {"inputs": [self.where], "output": self.folder}
        try:
            replace(self.settings, **places, shard=shard).check()
            self.workflow(**places).check()
        except CuratorError as error:
            raise SettingsError(f"{self.where}: {self.name}: {error}") from error
        if not self.settings.writes_data:
            raise SettingsError(
                f"{self.where}: {self.name} writes no data/ with these options, which the next step "
                "and the result need; leave them out."
            )


@dataclass(frozen=True, kw_only=True)
class JobFile:
    """A job file that was read and whose options fit.

    Example:
        >>> job = read_job_file("job.yaml", steps=JOBS, changes=["fuzzy.threshold=0.7"])
        >>> [step.name for step in job.steps]
        ['filter', 'exact', 'fuzzy']
    """

    path: str
    inputs: list[str]
    output: str
    steps: list[JobStep]
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    """`executor`, `workers`, `limit` and `shard`, where they are given."""
    lines: dict[str, str] = field(default_factory=dict[str, str])
    """File and line of each key at the top."""

    @cached_property
    def listing(self) -> Listing:
        """The input, listed once.

        Raises:
            InputError: A path is missing, nothing matches, or the output lies in it; with file and line.
        """
        workflow = self.steps[0].workflow(inputs=self.inputs, shard=self.options.get("shard"))
        try:
            found = workflow.listed()
        except InputError as error:
            raise InputError(f"{self.lines['input']}: {error}") from error
        try:
            refuse_overlap(self.output, [*self.inputs, *(file.path for file in found.files)])
        except InputError as error:
            raise InputError(f"{self.lines['output']}: {error}") from error
        return found

    def settings_of(self, step: JobStep, **places: Any) -> Any:
        """The settings with which a step runs."""
        first = {"limit", "shard"} if step.number > 1 else set[str]()
        options = {k: v for k, v in self.options.items() if k not in first}
        return replace(step.settings, **options, **places)


def options_of(job: Job) -> list[str]:
    """The options that a step of a job file may give to a job."""
    return [f.name for f in fields(job.settings) if f.init and f.name not in NOT_OF_A_STEP]


def is_made_by(settings: CommonSettings, name: str, path: str) -> bool:
    """Whether a step itself writes what one of its settings names: another one names it too."""
    return any(value == path for other, value in vars(settings).items() if other != name)
