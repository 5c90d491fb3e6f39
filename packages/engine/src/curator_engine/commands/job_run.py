"""Run the steps of a job file into one folder: each reads the `data/` of the one before it.

    OUT/data/                   the documents that the last step leaves
    OUT/steps/01-filter/ ...    the folder of each step, as its command writes it
    OUT/report.html, run.json   the funnel over all steps

A step goes on where it was stopped as its command does. A step whose settings or input differ from
those of the run that the folder holds is done again from nothing, and all after it.
"""

import itertools
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from curator_engine.commands.cli import Console, JobResult, function_of
from curator_engine.commands.job_file import JobFile, JobStep
from curator_engine.commands.job_record import (
    StepRecord,
    data_files,
    earlier_steps,
    finished_steps,
    key_of_input,
    key_of_step,
    step_result,
)
from curator_engine.commands.run_into_folder import DryRun, FolderJob
from curator_engine.commands.settings import CommonSettings
from curator_engine.counted import counted
from curator_engine.errors import CuratorError, InterruptedRunError, StageError
from curator_engine.files.listing import Listing
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    exists,
    link_or_copy,
    list_folders,
    remove,
    remove_tree,
)
from curator_engine.pipeline import session_of
from curator_engine.report.funnel_page import try_funnel_page
from curator_engine.running.run_record import RECORD_FILE, read_record, shard_record, write_record
from curator_engine.stages.files import find_inputs

STEPS = "steps"
"""Folder with the folders of the steps."""
JOB = "run"


@dataclass(frozen=True)
class _StepConsole(Console):
    """What a step says to the run's console, behind its name; lines on its folder are not of interest."""

    step: str = ""
    outer: Console = field(default_factory=Console)

    def say(self, line: str) -> None:
        if self.verbose:
            self.outer.say(f"{self.step}: {line}")

    def warn(self, line: str) -> None:
        self.outer.warn(f"{self.step}: {line}")


@dataclass(kw_only=True)
class JobRun(FolderJob[CommonSettings]):
    """A run of a job file; `run_into_folder` runs it."""

    job: JobFile
    drop_steps: bool = False
    """Remove `data/` of a step when the next one has read it."""
    name = JOB
    _done: list[StepRecord] = field(default_factory=list[StepRecord], init=False)
    _keys: list[str] = field(default_factory=list[str], init=False)

    def listed(self) -> Listing:
        """The input of the first step."""
        return self.job.listing

    def check(self) -> None:
        """Look at the input as the first step does."""
        first = self.job.steps[0]
        workflow = first.workflow(inputs=self.job.inputs, output=self.job.output)
        workflow.listing = self.listing
        try:
            workflow.look(self.executor)
        except CuratorError as error:
            raise type(error)(f"{first.where}: {first.name}: {error}") from error

    def dry_run(self) -> DryRun:
        """The plan of each step, as if the steps before it left everything."""
        lines, summary = list[str](), dict[str, Any]()
        for step in self.job.steps:
            console = _StepConsole(quiet=True, step=step.name, outer=self.console)
            try:
                result = self._command(step, self.job.inputs, "", console, dry_run=True)
            except CuratorError as error:
                lines += [f"step {step.number}, {step.name}:", f"  no plan: {error}"]
                continue
            lines += [f"step {step.number}, {step.name}:"]
            lines += [f"  {line}" for line in result.lines if line != "nothing was done"]
            summary[step.folder] = result.summary
        lines.append("each step is planned as if those before it left everything")
        return DryRun(lines=lines, summary={"steps": summary, "output": self.job.output})

    # What is done already.

    def finished(self) -> dict[str, Any] | None:
        """The facts of a run that did the same to the end; what changed since then is said."""
        key = key_of_input(self.listing, limit=self.job.options.get("limit"))
        self._keys = []
        for step in self.job.steps:
            key = key_of_step(key, step)
            self._keys.append(key)
        if not self.settings.resume:
            return None
        earlier = earlier_steps(self._out())
        self._done = finished_steps(earlier, self.job.steps, self._keys)
        self._step_back()
        if line := self._changed(earlier):
            self.console.say(line)
        if len(self._done) < len(self.job.steps) or not exists(self._out(RECORD_FILE)):
            return None
        record = read_record(self._out())
        is_whole = self._is_whole(self._done[-1], "data")
        is_done = record.get("status") == "done" and len(earlier) == len(self._done)
        if not (is_done and is_whole):
            return None
        if not exists(self._out("report.html")) and (note := try_funnel_page(self._out())):
            self.console.warn(note)
        return record["facts"]

    def _step_back(self) -> None:
        """Leave off steps at the end until the `data/` of the last one is there, if it is read again."""
        while self._done and not self._has_data(self._done[-1]):
            self._done.pop()

    def _has_data(self, record: StepRecord) -> bool:
        """Whether what a step left is there: in its folder, or of the last step in the result."""
        if self._is_whole(record, STEPS, record.folder, "data"):
            return True
        return len(self._done) == len(self.job.steps) and self._is_whole(record, "data")

    def _is_whole(self, record: StepRecord, *parts: str) -> bool:
        """Whether all the files that a step has left are in a folder."""
        return len(data_files(self._out(*parts))) == record.files

    def _changed(self, earlier: Sequence[StepRecord]) -> str | None:
        """What a resumed run does again, and why."""
        count = len(self._done)
        if not earlier or count == len(self.job.steps):
            return None
        begun = earlier[count] if count < len(earlier) else None
        first = self.job.steps[count]
        if begun is None or begun.key == self._keys[count]:
            return None
        why = begun.differs_from(first)
        return (
            f"{self._out()}: step {first.number} ({first.name}) is not as it was ({why}): it and the "
            "steps after it are done again"
        )

    # The work.

    def run(self) -> dict[str, Any]:
        """Run the steps that are not done."""
        start, status = time.perf_counter(), "failed"
        is_first = not exists(self._out(RECORD_FILE))
        before = len(self._done)
        facts: dict[str, Any] = {}
        try:
            self._clear()
            self._save("running", self._facts(start))
            with session_of(self.executor):
                for step in self.job.steps[before:]:
                    self._step(step)
                    self._save("running", self._facts(start))
            self._finish()
            status = "done"
        except (KeyboardInterrupt, InterruptedRunError):
            status = "interrupted"
            raise
        except CuratorError as error:
            if error.exit_code == 2 and is_first and not self._done:
                status = "refused"
            raise
        finally:
            facts = self._facts(start)
            if status == "refused":
                remove(self._out(RECORD_FILE))
            else:
                self._save(status, facts)
        if note := try_funnel_page(self._out()):
            facts["notes"].append(note)
        # Those of the steps were said when they were met.
        return facts | {"alarms": _unbalanced(self._done)}

    def _step_alarms(self) -> list[str]:
        return [f"{each.name}: {line}" for each in self._done for line in each.alarms]

    def _clear(self) -> None:
        """Remove what is done again; a step that was begun with the same settings and input stays."""
        earlier = {each.folder: each for each in earlier_steps(self._out())}
        stays = {each.folder for each in self._done}
        if (count := len(self._done)) < len(self.job.steps):
            folder = self.job.steps[count].folder
            begun = earlier.get(folder)
            # One that is done, and yet to be done again, has lost what it left.
            goes_on = begun and (begun.status != "done" or begun.again)
            if begun and goes_on and begun.key == self._keys[count]:
                stays.add(folder)
        for folder in list_folders(self._out(STEPS)):
            if folder not in stays:
                remove_tree(self._out(STEPS, folder))
        last = self._done[-1] if self._done else None
        if last is None or self._is_whole(last, STEPS, last.folder, "data"):
            # Else the steps' own are dropped, and what is in the result is all there is.
            remove_tree(self._out("data"))
        remove(self._out("report.html"))

    def _step(self, step: JobStep) -> None:
        """Run one step.

        Raises:
            CuratorError: It failed; the message names it.
        """
        source = self._data(self._done[-1].folder) if self._done else None
        record = StepRecord.begun(step, self._keys[step.number - 1])
        self._done.append(record)
        if source and not data_files(source):
            self.console.warn(
                f"{self._done[-2].name} left no documents: {step.name} had nothing to do"
            )
            record.status = "done"
            return
        self.console.say(f"step {step.number} of {len(self.job.steps)}: {step.name}")
        how = {"quiet": self.console.quiet, "verbose": self.console.verbose}
        console = _StepConsole(**how, step=step.name, outer=self.console)
        try:
            if source:
                _check_listed(source, step)
            inputs = [source] if source else self.job.inputs
            output = self._out(STEPS, step.folder)
            result = self._command(step, inputs, output, console, resume=True)
        except CuratorError as error:
            record.status = "failed"
            error.args = (f"step {step.number} ({step.name}): {error}",)
            if error.exit_code == 2:
                # A step that refused its input or options has not begun.
                self._done.pop()
            raise
        except BaseException:
            record.status = "interrupted"
            raise
        step_result(record, result, output)
        if self.drop_steps and len(self._done) > 1:
            remove_tree(self._data(self._done[-2].folder))

    def _command(
        self, step: JobStep, inputs: list[str], output: str, console: Console, **how: bool
    ) -> JobResult:
        """Run the command of a step."""
        how |= {"quiet": self.console.quiet, "verbose": self.console.verbose}
        settings = self.job.settings_of(
            step, inputs=inputs, output=output or self.job.output, **how
        )
        return function_of(step.job)(settings, console)

    def _finish(self) -> None:
        """Give the last step's `data/` its place in the result."""
        source = self._data(self._done[-1].folder)
        for name in data_files(source):
            link_or_copy(join(source, name), self._out("data", name))
        if self.drop_steps:
            remove_tree(source)

    def _out(self, *parts: str) -> str:
        return join(self.job.output, *parts)

    def _data(self, folder: str) -> str:
        return self._out(STEPS, folder, "data")

    # What is said.

    def _facts(self, start: float) -> dict[str, Any]:
        """The counts over all steps: in = kept + removed + lost rows."""
        all_done = [each for each in self._done if each.status == "done"]
        # What is downloaded is no document yet.
        done = [each for each in all_done if each.unit == all_done[-1].unit]
        came = done[0].documents + done[0].lost_rows if done else 0
        removed, lost = (sum(getattr(s, name) for s in done) for name in ("removed", "lost_rows"))
        return {
            "num_documents": came,
            "kept": done[-1].kept if done else 0,
            "num_removed": removed,
            "lost_rows": lost,
            "lost_files": sum(each.lost_files for each in all_done),
            "quarantined": sum(each.quarantined for each in all_done),
            "total_time": round(time.perf_counter() - start, 3),
            "seconds": {each.folder: each.seconds for each in all_done},
            "passed_over": self.listing.passed_over,
            "alarms": [*self._step_alarms(), *_unbalanced(all_done)],
            "notes": [],
        }

    def _save(self, status: str, facts: dict[str, Any]) -> None:
        given = {"job": self.job.path, "input": self.job.inputs, "output": self.job.output}
        options = {k: v for k, v in self.job.options.items() if k != "shard"}
        settings = given | options | {"drop_steps": self.drop_steps}
        record = {
            "job": self.name,
            "version": self.version,
            "status": status,
            "key": self._keys[-1],
            "settings": settings,
            **self._shard(settings),
            "facts": facts,
            "steps": {each.folder: asdict(each) for each in self._done},
        }
        write_record(self._out(), record)

    def _shard(self, settings: dict[str, Any]) -> dict[str, Any]:
        """What the record says of the shard; with the keys that the steps would have in one run over all files."""
        whole = replace(self.listing, files=list(self.listing.whole))
        key, keys = key_of_input(whole, limit=None), list[str]()
        for step in self.job.steps:
            key = key_of_step(key, step)
            keys.append(key)
        found = shard_record(self.settings.shard, self.listing, settings | {"steps": keys})
        return {"shard": found["shard"] | {"step_keys": keys}} if found else {}

    def result(self, facts: dict[str, Any]) -> JobResult:
        """The funnel in lines, and where the result is."""
        output, steps = self.job.output, self._done
        lines = [each.line() for each in steps]
        lines.append(
            f"{facts['num_documents']:,} in = {facts['kept']:,} in data/ + {facts['num_removed']:,} "
            f"removed + {facts['lost_rows']:,} in quarantine, {facts['total_time']:.1f} s"
        )
        lines.append(f"result in {output}: report.html, data/, steps/, run.json")
        names = ("kept", "lost_rows", "lost_files", "quarantined")
        summary = {
            "documents": facts["num_documents"],
            "removed": facts["num_removed"],
            **{name: facts[name] for name in names},
            "alarms": [*self._step_alarms(), *_unbalanced(self._done)],
            "seconds": facts["total_time"],
            "steps": {each.folder: each.summary() for each in steps},
            "output": output,
        }
        return JobResult(summary=summary, lines=lines, exit_code=3 if facts["quarantined"] else 0)


def _check_listed(source: str, step: JobStep) -> None:
    """Make sure that a step reads every file that the one before it has written.

    Raises:
        StageError: It would pass over some for their names.
    """
    workflow = step.workflow()
    kind, endings = workflow.reads(step.settings), workflow.extensions
    found = find_inputs([source], file_format=kind, extensions=endings, allow_empty=True)
    names = {file.name for file in found.files}
    if left := [name for name in data_files(source) if name not in names]:
        raise StageError(
            f"it would pass over {left[0]} for its name, as folders are read without hidden files and "
            "files of unknown kinds; rename that file of the input, or give format:"
        )


def _unbalanced(done: Sequence[StepRecord]) -> list[str]:
    """Steps that did not read just what the one before them left, which must not be."""
    return [
        f"{after.name} read {counted(after.documents + after.lost_rows, 'documents')} of the {before.kept:,} that "
        f"{before.name} left"
        for before, after in itertools.pairwise(done)
        if before.unit == after.unit and after.documents + after.lost_rows != before.kept
    ]
