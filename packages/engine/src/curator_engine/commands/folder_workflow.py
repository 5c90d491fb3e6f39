"""The frame of workflows whose result is a folder: taken, recorded in `run.json`, gone on with.

A workflow says what it checks and which steps it runs; the frame looks before it takes the folder,
keeps the record up to date whatever becomes of the run, and removes what lay between the steps.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from curator_engine.commands.settings import CommonSettings
from curator_engine.errors import CuratorError, InterruptedRunError, SettingsError, StorageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.listing import Listing
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.files.sharding import in_shard
from curator_engine.files.storage import exists, remove, remove_tree, remove_unfinished
from curator_engine.pipeline import Executor, session_of
from curator_engine.report.html_page import try_page
from curator_engine.running.progress import ProgressSink
from curator_engine.running.run_record import RECORD_FILE, Wanted, shard_record, write_record
from curator_engine.running.shard_runs import ShardRun
from curator_engine.stage import AnyStage
from curator_engine.stages.files import Format, find_inputs
from curator_engine.stages.given_tasks import placed
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_engine.workflow import WorkflowBase, WorkflowRunResult

_HOW_IT_RUNS = {f.name for f in fields(CommonSettings)} - {"inputs", "limit"}
"""Options that say how a command runs and what it prints, not what comes out."""
_OF_THE_FRAME = {"settings", "progress", "listing", "key"}


@dataclass(kw_only=True)
class FolderWorkflow[S: CommonSettings](WorkflowBase):
    """A job that leaves its result in a folder.

    A subclass names itself and lists its stages; it overrides `work` if it has several steps.

    Example:
        >>> @dataclass(kw_only=True)
        ... class CountLines(FolderWorkflow[CountSettings]):
        ...     job, version = "count", "0.1.0"
        ...
        ...     def stages(self):
        ...         return [FilePartitioner(file_paths=self.settings.inputs), CountFile()]
        >>> CountLines(settings=CountSettings(inputs=["corpus"], output="counts")).run()
    """

    settings: S
    """What is done; with `inputs`, unless `run` is given tasks, and `output`."""
    progress: ProgressSink | None = None
    listing: Listing | None = None
    """The input, where it is listed already."""
    key: str = ""
    """Kept in `run.json`, to know a finished run of the same settings and input."""
    steps: Steps | None = field(default=None, init=False)
    """Those of the last run."""
    looked_seconds: float = field(default=0.0, init=False)
    """How long it took to look at the input."""
    job: ClassVar[str]
    """As in `run.json`."""
    version: ClassVar[str]
    """Of the app."""
    title: ClassVar[str] = ""
    """Name of the result; the job unless given."""
    draw: ClassVar[Callable[[str], str] | None] = None
    """Makes the page of the run in a folder, `report.html`, as text; None for a job without one."""
    obsolete: ClassVar[frozenset[str]] = frozenset()
    """Settings of earlier versions that had no effect on the result."""
    same_in_shards: ClassVar[frozenset[str]] = frozenset()
    """Facts that each shard has of the whole, and that `merge` does not add up."""

    # What a job says of itself.

    def stages(self) -> list[AnyStage]:
        """The pipeline of a job of one step; its first stage lists the input."""
        raise NotImplementedError(f"{type(self).__name__} needs stages(), or work().")

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Run the steps.

        Args:
            steps: Runs them.
            tasks: What is read instead of the input.
            facts: What the record says of the run; gets each count when it is known.
        """
        stages = self.stages()
        facts["num_tasks"] = len(
            steps.run(self.job, stages if tasks is None else stages[1:], tasks)
        )

    @classmethod
    def reads(cls, settings: S) -> Format:
        """What counts as input."""
        return "auto"

    def check(self) -> None:
        """Look at the settings alone.

        Raises:
            SettingsError: They do not fit together.
        """

    def look(self, executor: Executor) -> None:
        """Look at the input and the executor before anything is written; the input is listed.

        Raises:
            CuratorError: The job cannot run.
        """

    def default_executor(self) -> Executor:
        """Where the job runs unless `run` is told."""
        return LocalExecutor()

    def recorded(self) -> dict[str, Any]:
        """The settings that the result may depend on, for `run.json`."""
        given = {k: v for k, v in vars(self.settings).items() if k not in _HOW_IT_RUNS}
        return given | {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.init and f.name not in _OF_THE_FRAME
        }

    def defaults(self) -> dict[str, Any]:
        """What `recorded` gives where nothing but defaults is asked for."""
        return type(self)(settings=type(self.settings)()).recorded()

    def first_facts(self) -> dict[str, Any]:
        """What is known of the run before it begins."""
        return {}

    def about(self) -> dict[str, Any]:
        """What else the record says."""
        return {}

    def counts(self, steps: Steps) -> dict[str, Any]:
        """Facts of every run, whatever became of it; `notes` is a list of lines."""
        return steps.troubles()

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether there is something to show on a page."""
        return bool(facts)

    def page(self) -> str | None:
        """Write the page of the result, if the job has one; a line if it could not be written."""
        return self.page_of(self.settings.output)

    @classmethod
    def page_of(cls, output: str) -> str | None:
        """Write the page of the run in a folder, if the job has one; a line if it could not be written."""
        return try_page(cls.draw, output) if cls.draw else None

    @classmethod
    def join_shards(cls, runs: Sequence[ShardRun], output: str, facts: dict[str, Any]) -> None:
        """Mend what `merge` has made of the runs of shards: their files side by side, their tables below each other.

        Args:
            runs: Of all shards, in order.
            output: The folder of the whole.
            facts: The sums of theirs.
        """

    def folders(self, inputs: Sequence[str]) -> AbstractContextManager[Any]:
        """Take what is written into; `inputs` is what is read."""
        return take(self.settings.output, job=self.job, version=self.version, inputs=inputs)

    # What it gets.

    @property
    def cache(self) -> str:
        """Folder for what lies between the steps."""
        return self.kept_cache or join(self.settings.output, ".cache")

    @property
    def kept_cache(self) -> str | None:
        """The cache that the settings name and that stays, if they do."""
        return getattr(self.settings, "cache", None)

    @property
    def extensions(self) -> list[str] | None:
        """Endings of the files that count; those of the format if None."""
        return None

    def listed(self) -> Listing:
        """The input, which is listed once.

        Raises:
            InputError: A path is missing or nothing matches.
        """
        if self.listing is None:
            kind, endings = self.reads(self.settings), self.extensions
            found = find_inputs(self.settings.inputs, file_format=kind, extensions=endings)
            self.listing = in_shard(found, self.settings.shard)
        return self.listing

    def wanted(self) -> Wanted:
        """What the run is to do, to be compared with what an earlier one did."""
        files = self.listed().files[: self.files_that_count()]
        return Wanted(
            settings=self.recorded(),
            defaults=self.defaults(),
            files=[f"{file.path} {file.stamp}" for file in files],
            obsolete=self.obsolete,
        )

    def files_that_count(self) -> int | None:
        """How many of the files can change the result; None for all."""
        return None

    def run(
        self, executor: Executor | None = None, initial_tasks: list[FileGroupTask] | None = None
    ) -> WorkflowRunResult:
        """Run all steps; run again with the same folders, what is finished is not done again.

        Args:
            executor: Where to run.
            initial_tasks: Files to read instead of the input.

        Returns:
            Metadata: the facts of `run.json`.

        Raises:
            CuratorError: Bad input or options, a failed step, a full disk.
        """
        if not self.settings.output:
            raise SettingsError("no output folder; give one as `output` of the settings.")
        if initial_tasks is None and not self.settings.inputs:
            raise SettingsError(
                "no input; give `inputs` in the settings, or initial_tasks to run()."
            )
        executor = executor or self.default_executor()
        self.settings.check_shard()
        self.check()
        if initial_tasks is not None:
            initial_tasks = placed(initial_tasks, file_format=self.reads(self.settings))
        inputs = [str(path) for task in initial_tasks or [] for path in task.data]
        if initial_tasks is None:
            inputs = [*self.settings.inputs, *(file.path for file in self.listed().files)]
        start = time.perf_counter()
        self.look(executor)
        self.looked_seconds = round(time.perf_counter() - start, 3)
        with self.folders(inputs):
            return self._run(initial_tasks, executor)

    def _run(self, tasks: list[FileGroupTask] | None, executor: Executor) -> WorkflowRunResult:
        start, output = time.perf_counter(), self.settings.output
        result = WorkflowRunResult(workflow_name=self.title or self.job)
        steps = self.steps = Steps(
            executor=executor,
            cache=self.cache,
            output=output,
            progress=self.progress,
            result=result,
        )
        status, facts = "failed", self.first_facts()
        is_first = not exists(join(output, RECORD_FILE))
        self._save("running", facts, steps)
        try:
            with session_of(executor):
                self.work(steps, tasks, facts)
            status = "done"
        except (KeyboardInterrupt, InterruptedRunError):
            status = "interrupted"
            raise
        except CuratorError as error:
            if error.exit_code == 2 and is_first and not steps.reports:
                # Nothing was done: the mended command must not meet a folder that is not empty.
                status = "refused"
            raise
        finally:
            facts.setdefault("total_time", round(time.perf_counter() - start, 3))
            counted, noted = self.counts(steps), facts.pop("notes", [])
            facts |= counted | {"notes": [*counted["notes"], *noted]}
            facts["passed_over"] = self.listing.passed_over if self.listing else {}
            note = self._save(status, facts, steps)
        facts["notes"] += [note] if note else []
        if self.kept_cache is None:
            remove_tree(self.cache)
        result.extend_metadata(facts)
        return result

    def _save(self, status: str, facts: dict[str, Any], steps: Steps) -> str | None:
        """Write the record, and the page of a run that is done; a line if there is no page."""
        output = self.settings.output
        if status == "refused":
            remove(join(output, RECORD_FILE))
            return None
        record = {
            "job": self.job,
            "version": self.version,
            "status": status,
            "key": self.key,
            "settings": self.recorded(),
            **shard_record(self.settings.shard, self.listing, self.recorded()),
            **self.about(),
            "facts": facts,
            "steps": {name: report.to_dict() for name, report in steps.reports.items()},
        }
        # A full disk has already been reported by what met it first.
        with suppress(StorageError) if status == "failed" else nullcontext():
            write_record(output, record)
            return self.page() if status != "running" and self.has_result(facts) else None
        return None

    def tidy_up(self) -> str | None:
        """Do what a run did not come to that was killed in its last moments, with its result complete.

        Returns:
            A line that says why there is no page, if it could not be written.
        """
        output = self.settings.output
        if self.kept_cache is None:
            remove_tree(self.cache)
        remove_unfinished(output)
        return None if exists(join(output, "report.html")) else self.page()
