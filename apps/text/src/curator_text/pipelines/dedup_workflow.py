"""What the workflows of deduplication have in common: how they end, their page, NeMo Curator's keywords."""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.pipeline import Executor
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_engine.workflow import WorkflowBase, WorkflowRunResult
from curator_text.dedup.written_data import write_or_forget
from curator_text.pipelines.removal_workflow import NAMES, RemovalWorkflow
from curator_text.removal.corpus import Corpus
from curator_text.removal.outcome import check_ratio, write_losses
from curator_text.report.page import try_report
from curator_text.settings import RemovalSettings


@dataclass(kw_only=True)
class DedupWorkflow[S: RemovalSettings](RemovalWorkflow[S]):
    """A workflow that removes documents for being like others."""

    @property
    def removes(self) -> bool:
        """Whether `data/` is written."""
        return not getattr(self.settings, "ids_only", False)

    def finish(
        self, steps: Steps, corpus: Corpus, numbers: NDArray[np.int64], facts: dict[str, Any]
    ) -> None:
        """Write what becomes known with the duplicates: the losses, then `data/`.

        Args:
            steps: Runs the steps.
            corpus: The documents.
            numbers: The duplicates, sorted.
            facts: Gets their number and the alarms.

        Raises:
            StageError: More would go than may.
        """
        settings: Any = self.settings
        folders = {"cache": self.cache, "output": settings.output}
        facts["num_duplicates"] = len(numbers)
        source = getattr(settings, "source_field", None)
        facts["alarms"] = write_losses(steps.run, corpus, numbers, **folders, source_field=source)
        check_ratio(len(numbers), facts["num_documents"], most=settings.max_removed_ratio)
        mark = repr(self.recorded()) if getattr(settings, "mark", False) else None
        write_or_forget(steps.run, corpus, numbers, **folders, remove=self.removes, mark=mark)

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known which documents go."""
        return "num_duplicates" in facts

    def page(self) -> str | None:
        """Write `report.html`."""
        return try_report(self.settings.output)


@dataclass(kw_only=True)
class KeywordWorkflow(WorkflowBase):
    """A workflow under NeMo Curator's keywords, which become the settings of one of ours."""

    of: ClassVar[type[RemovalWorkflow[Any]]]
    """The workflow that does the work."""
    options: ClassVar[type[RemovalSettings]]
    """Its settings."""
    steps: Steps | None = field(default=None, init=False)
    """Those of the last run."""

    def made(self) -> RemovalWorkflow[Any]:
        """The workflow of the settings that the keywords stand for.

        Raises:
            SettingsError: They do not fit together.
        """
        given = self.given()
        taken = {f.name for f in fields(self.of) if f.init}
        known = {f.name for f in fields(self.options)}
        settings = self.options(**{k: v for k, v in given.items() if k in known})
        made = self.of(settings=settings, **{k: v for k, v in given.items() if k in taken})
        made.check()
        return made

    def given(self) -> dict[str, Any]:
        """The values of the keywords, by the names of settings."""
        names = {name: own for own, name in {**NAMES, **self.of.names}.items()}
        given = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        given = {k: v for k, v in given.items() if k not in names.values()} | {
            own: given[name] for name, own in names.items() if name in given
        }
        inputs = given["inputs"]
        given["inputs"] = [inputs] if isinstance(inputs, str) else inputs or []
        given["ids_only"] = not given.get("perform_removal", True)
        return given

    def settings(self) -> dict[str, Any]:
        """The parameters that the result may depend on, as in `run.json`."""
        return self.made().recorded()

    def _run(
        self, tasks: list[FileGroupTask] | None, executor: Executor | None
    ) -> WorkflowRunResult:
        made = self.made()
        if tasks is None and not made.settings.inputs:
            raise SettingsError("no input; give input_path, or initial_tasks to run().")
        try:
            return made.run(executor, tasks)
        finally:
            self.steps = made.steps
