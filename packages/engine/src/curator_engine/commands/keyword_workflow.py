"""Workflows under NeMo Curator's keywords: a thin adapter that makes settings of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.commands.settings import CommonSettings
from curator_engine.errors import SettingsError
from curator_engine.pipeline import Executor
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_engine.workflow import WorkflowBase, WorkflowRunResult


@dataclass(kw_only=True)
class KeywordWorkflow(WorkflowBase):
    """A workflow under NeMo Curator's keywords, which become the settings of one of ours.

    A subclass has the keywords as fields, `of`, `options`, and `run` with NeMo Curator's arguments.
    A keyword that is neither a setting nor a field of the workflow does nothing.
    """

    of: ClassVar[type[FolderWorkflow[Any]]]
    """The workflow that does the work."""
    options: ClassVar[type[CommonSettings]]
    """Its settings."""
    steps: Steps | None = field(default=None, init=False)
    """Those of the last run."""

    @classmethod
    def keywords(cls) -> Mapping[str, str]:
        """The keyword of each setting that is called by another name here; `inputs` is one of them."""
        raise NotImplementedError(f"{cls.__name__} needs keywords().")

    def made(self) -> FolderWorkflow[Any]:
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
        keywords = self.keywords()
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        given = {k: v for k, v in values.items() if k not in keywords.values()} | {
            own: values[keyword] for own, keyword in keywords.items() if keyword in values
        }
        inputs = given["inputs"]
        given["inputs"] = [inputs] if isinstance(inputs, str) else inputs or []
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
