"""The command `curator-text clean`: from settings to a run, and what is said about it."""

from dataclasses import dataclass

from curator_text.commands.edit_job import EditJob
from curator_text.pipelines.clean import CleanWorkflow
from curator_text.settings import CleanSettings


@dataclass(kw_only=True)
class Clean(EditJob[CleanSettings, CleanWorkflow]):
    """Texts that the modifiers of a recipe change."""

    of = CleanWorkflow

    def about(self) -> str:
        """The recipe."""
        recipe = self.workflow.editor
        return f"recipe {recipe.name}, {len(recipe.modifiers)} rules: {', '.join(recipe.names)}"
