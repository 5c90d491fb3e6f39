"""The command `curator-text pii`: from settings to a run, and what is said about it."""

from dataclasses import dataclass

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.run_into_folder import run_into_folder
from curator_engine.without_pandas import leave_pandas_out
from curator_text.commands.edit_job import EditJob
from curator_text.pipelines.pii import PiiWorkflow
from curator_text.settings import PiiSettings


def run(settings: PiiSettings, console: Console) -> JobResult:
    """Find private data, and do with it as the settings say.

    Raises:
        CuratorError: Bad input or options, a full disk, an exceeded budget.
    """
    if settings.executor == "local":
        leave_pandas_out()
    return run_into_folder(Pii(settings=settings, console=console))


@dataclass(kw_only=True)
class Pii(EditJob[PiiSettings, PiiWorkflow]):
    """Documents with private data."""

    of = PiiWorkflow

    def about(self) -> str:
        """The kinds and what is done."""
        editor = self.workflow.editor
        return f"{editor.action} {', '.join(editor.names)}; phone numbers of {', '.join(editor.finder.regions)}"
