"""What workflows have in common that take documents out of files: the way from the input to `data/`.

Read documents, decide which go, say what is lost, write. Each step is a pipeline of its own, joined to the next by
files in the cache, so that each can run on any executor and resumes where it was stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.files.formats import format_by_ending
from curator_engine.files.hive import partition_values
from curator_engine.pipeline import Executor
from curator_engine.running.shard_runs import ShardRun
from curator_engine.stages.files import format_of, parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_text.pipelines.corpus_workflow import CorpusWorkflow
from curator_text.read.preflight import check_text_field
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus
from curator_text.removal.outcome import (
    COUNTS,
    check_ratio,
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


@dataclass(kw_only=True)
class RemovalWorkflow[S: RemovalSettings](CorpusWorkflow[S]):
    """A workflow that writes `data/` without some of the documents, and those to `removed/`.

    A subclass reads (`documents`) and decides (`decide`); one that does more than leave documents out says how `data/`
    is written (`writer`).
    """

    unrecorded: ClassVar[frozenset[str]] = frozenset({"device"})
    """Settings that the result does not depend on."""
    removed_name: ClassVar[str] = "num_removed"
    """What the facts call the number of documents that go."""

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

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known which documents go."""
        return self.removed_name in facts

    @classmethod
    def join_shards(cls, runs: Sequence[ShardRun], output: str, facts: dict[str, Any]) -> None:
        """Losses by file and by source are those of the whole, and so are the alarms."""
        facts["alarms"] = join_losses(runs, output)

    def check(self) -> None:
        """Look at the sizes."""
        super().check()
        if (size := self.form.file_size) is not None and size < 1:
            raise SettingsError(f"--file-size {self.settings.file_size} is below 1.")

    def look(self, executor: Executor) -> None:
        """Look for the text field, and whether the input can be written in the form that is asked for."""
        super().look(executor)
        if self.settings.inputs:
            self.look_at_form()

    def look_at_form(self) -> None:
        """Look whether the input can be written in the form that is asked for."""
        form, files = self.form, self.listed().files
        if not form.is_plain:
            form.check(format_by_ending(file.name) or format_of(file.path) for file in files)
        for name in form.partition_by:
            if name not in self.adds and not any(name in partition_values(f.path) for f in files):
                check_text_field(files, name, option="partition")

    def recorded(self) -> dict[str, Any]:
        """The settings, by the names that `run.json` has for them."""
        plain = super().recorded()
        if "ids_only" in plain:
            plain["perform_removal"] = not plain.pop("ids_only")
        return plain
