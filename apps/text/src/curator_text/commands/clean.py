"""The command `curator-text clean`: from settings to a run, and what is said about it."""

from dataclasses import dataclass

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.run_into_folder import run_into_folder
from curator_engine.without_pandas import leave_pandas_out
from curator_text.commands.edit_job import EditJob
from curator_text.pipelines.clean import CleanWorkflow
from curator_text.settings import CleanSettings


def run(settings: CleanSettings, console: Console) -> JobResult:
    """Clean as the settings say.

    Raises:
        CuratorError: Bad input or options, a full disk, an exceeded budget.
    """
    if settings.executor == "local":
        leave_pandas_out()
    return run_into_folder(Clean(settings=settings, console=console))


@dataclass(kw_only=True)
class Clean(EditJob[CleanSettings, CleanWorkflow]):
    """Texts that the modifiers of a recipe change."""

    of = CleanWorkflow

    def about(self) -> str:
        """The recipe."""
        recipe = self.workflow.editor
        return f"recipe {recipe.name}, {len(recipe.modifiers)} rules: {', '.join(recipe.names)}"
