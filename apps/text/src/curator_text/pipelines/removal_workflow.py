"""What workflows have in common that take documents out of files: the way from the input to `data/`.

Read documents, decide which go, say what is lost, write. Each step is a pipeline of its own, joined to the next by
files in the cache, so that each can run on any executor and resumes where it was stopped.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.errors import SettingsError
from curator_engine.files.formats import format_by_ending
from curator_engine.files.hive import partition_values
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.running.shard_runs import ShardRun
from curator_engine.stage import AnyStage
from curator_engine.stages.files import (
    FilePartitioner,
    Format,
    file_source,
    format_of,
    parse_size,
)
from curator_engine.stages.small_files import tasks_of
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_text.pipelines.folders import take_folders
from curator_text.read.keep import KeepPolicy
from curator_text.read.preflight import check_text_field
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.corpus_stage import CORPUS_FILE
from curator_text.removal.outcome import (
    COUNTS,
    check_keep,
    check_ratio,
    check_read,
    count_documents,
    forget_data,
    write_data,
    write_losses,
)
from curator_text.removal.output_form import OutputForm
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.shaped_data import Names
from curator_text.removal.shard_losses import join_losses
from curator_text.settings import RemovalSettings
from curator_text.version import __version__

NAMES = {
    "inputs": "input_path",
    "output": "output_path",
    "cache": "cache_path",
    "format": "input_filetype",
}
"""Settings that `run.json` and NeMo Curator's keywords call by another name."""


@dataclass(kw_only=True)
class RemovalWorkflow[S: RemovalSettings](FolderWorkflow[S]):
    """A workflow that writes `data/` without some of the documents, and those to `removed/`.

    A subclass reads (`documents`) and decides (`decide`); one that does more than leave documents out says how `data/`
    is written (`writer`).
    """

    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the format unless given."""
    version = __version__
    names: ClassVar[dict[str, str]] = {}
    """More settings that are called by another name."""
    unrecorded: ClassVar[frozenset[str]] = frozenset({"device"})
    """Settings that the result does not depend on."""
    removed_name: ClassVar[str] = "num_removed"
    """What the facts call the number of documents that go."""
    draw: ClassVar[Callable[[str], str | None]]
    """Writes `report.html` of a run's folder; a line if that cannot be."""

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Read the documents, mostly by `read`."""
        raise NotImplementedError(f"{type(self).__name__} needs documents(), or work().")

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """Find what goes: tasks with a file each, in which `drops` are the documents' numbers."""
        raise NotImplementedError(f"{type(self).__name__} needs decide(), or work().")

    def writer(self) -> tuple[Callable[..., RemoveDocuments], str]:
        """What makes the stage that writes a file of `data/`, and what else its result depends on."""
        return RemoveDocuments, ""

    @property
    def removes(self) -> bool:
        """Whether `data/` is written."""
        return self.settings.writes_data

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Read, decide, write."""
        steps.seconds["list"] = self.looked_seconds
        corpus = self.documents(steps, tasks, facts)
        counts = count_documents(corpus)
        facts |= {name: counts[name] for name in COUNTS}
        drops = [load_arrays(task.data[0])["drops"] for task in self.decide(steps, corpus, facts)]
        self.finish(steps, corpus, np.sort(np.concatenate([np.empty(0, np.int64), *drops])), facts)

    def finish(
        self, steps: Steps, corpus: Corpus, numbers: NDArray[np.int64], facts: dict[str, Any]
    ) -> None:
        """Write what becomes known with the documents that go: the losses, then `data/`.

        Args:
            steps: Runs the steps.
            corpus: The documents.
            numbers: Those that go, sorted.
            facts: Gets their number and the alarms.

        Raises:
            StageError: More would go than may.
        """
        settings, folders = self.settings, {"cache": self.cache, "output": self.settings.output}
        facts[self.removed_name] = len(numbers)
        source = getattr(settings, "source_field", None)
        lines = write_losses(steps.run, corpus, numbers, **folders, source_field=source)
        facts["alarms"] = facts.get("alarms", []) + lines
        check_ratio(len(numbers), facts["num_documents"], most=settings.max_removed_ratio)
        if self.removes:
            write, key = self.writer()
            given: dict[str, Any] = {"write": write, "write_key": key, "form": self.form}
            write_data(steps.run, corpus, numbers, **folders, **given, names=self._names)
        else:
            forget_data(corpus, **folders)

    @property
    def form(self) -> OutputForm:
        """The form of `data/`."""
        settings = self.settings
        return OutputForm(
            format=settings.output_format,
            compression=settings.compression,
            file_size=None if settings.file_size is None else parse_size(settings.file_size),
            row_group_size=settings.row_group_size,
            partition_by=tuple(settings.partition_fields),
        )

    @property
    def adds(self) -> Sequence[str]:
        """Fields that rows of `data/` get."""
        return ()

    @property
    def _names(self) -> Names:
        if self.listing is None:
            return Names()
        files = self.listing.whole or self.listing.files
        return Names(all=[file.name for file in files], first=self.listing.first)

    @property
    def reads_texts(self) -> dict[str, Any]:
        """What every stage takes that reads texts."""
        settings = self.settings
        size = parse_size(settings.max_row)
        return {"text_field": settings.text_field, "id_field": settings.id_field, "max_row": size}

    def read(
        self,
        steps: Steps,
        name: str,
        stage: AnyStage,
        tasks: list[FileGroupTask] | None,
        *,
        keep: KeepPolicy | None = None,
    ) -> Corpus:
        """Run the step that reads the documents.

        Args:
            steps: Runs it.
            name: Of the step, and of the folder in the cache into which the stage writes.
            stage: What reads.
            tasks: What it reads; None for the input.
            keep: A policy that has to be able to order the documents.

        Raises:
            InputError: No row has the text field, or the policy's.
            StageError: Nothing can be read.
        """
        tasks = self.tasks_of_input(tasks)
        stages = [self.source(), stage] if tasks is None else [stage]
        corpus = corpus_of(join(self.cache, name), steps.run(name, stages, tasks))
        corpus.require_text(self.settings.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        if keep:
            check_keep(corpus, keep)
        corpus.save(join(self.cache, CORPUS_FILE))
        return corpus

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known which documents go."""
        return self.removed_name in facts

    @classmethod
    def page_of(cls, output: str) -> str | None:
        """Write `report.html`."""
        return cls.draw(output)

    @classmethod
    def join_shards(cls, runs: Sequence[ShardRun], output: str, facts: dict[str, Any]) -> None:
        """Losses by file and by source are those of the whole, and so are the alarms."""
        facts["alarms"] = join_losses(runs, output)

    def check(self) -> None:
        """Look at the sizes."""
        parse_size(self.input_blocksize)
        parse_size(self.settings.max_row)
        if (size := self.form.file_size) is not None and size < 1:
            raise SettingsError(f"--file-size {self.settings.file_size} is below 1.")

    def look(self, executor: Executor) -> None:
        """Look for the text field."""
        if self.settings.inputs:
            files, field = self.listed().files, self.settings.text_field
            check_text_field(files, field, edits=self.edits_texts)
            self.look_at_form()

    @property
    def edits_texts(self) -> bool:
        """Whether texts are changed, and so written back into their field."""
        return False

    def look_at_form(self) -> None:
        """Look whether the input can be written in the form that is asked for."""
        form, files = self.form, self.listed().files
        if not form.is_plain:
            form.check(format_by_ending(file.name) or format_of(file.path) for file in files)
        for name in form.partition_by:
            if name not in self.adds and not any(name in partition_values(f.path) for f in files):
                check_text_field(files, name, option="partition")

    @classmethod
    def reads(cls, settings: S) -> Format:
        """As the option says."""
        return settings.format

    @property
    def extensions(self) -> list[str] | None:
        """As they were given."""
        return self.input_file_extensions

    def recorded(self) -> dict[str, Any]:
        """The settings, by the names that `run.json` has for them."""
        names, plain = {**NAMES, **self.names}, super().recorded()
        settings = self.settings
        plain |= {"output": settings.output, "cache": settings.cache}
        if "ids_only" in plain:
            plain["perform_removal"] = not plain.pop("ids_only")
        kept = {k: v for k, v in plain.items() if k not in self.unrecorded}
        return {names.get(name, name): value for name, value in kept.items()}

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """The output, the cache, the index."""
        settings = self.settings
        return take_folders(
            settings.output,
            settings.cache,
            job=self.job,
            settings=self.recorded(),
            inputs=inputs,
            index=getattr(settings, "save_index", None),
        )

    def tasks_of_input(self, tasks: list[FileGroupTask] | None) -> list[FileGroupTask] | None:
        """The tasks that were given, or some of several small files each; None for those of `source`."""
        if tasks is not None:
            return tasks
        size, limit = self.input_blocksize, self.settings.limit
        return tasks_of(self.listed().files, blocksize=size, limit=limit)

    def source(self) -> FilePartitioner:
        """The stage that cuts the input into tasks."""
        settings = self.settings
        return file_source(
            file_paths=settings.inputs,
            blocksize=self.input_blocksize,
            file_extensions=self.input_file_extensions,
            file_format=settings.format,
            limit=settings.limit,
            shard=settings.shard,
        )
