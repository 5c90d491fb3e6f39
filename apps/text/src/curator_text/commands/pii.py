"""The command `curator-text pii`: from settings to a run, and what is said about it."""

from dataclasses import dataclass

from curator_text.commands.edit_job import EditJob
from curator_text.pipelines.pii import PiiWorkflow
from curator_text.settings import PiiSettings


@dataclass(kw_only=True)
class Pii(EditJob[PiiSettings, PiiWorkflow]):
    """Documents with private data."""

    of = PiiWorkflow

    def about(self) -> str:
        """The kinds and what is done."""
        editor = self.workflow.editor
        return f"{editor.action} {', '.join(editor.names)}; phone numbers of {', '.join(editor.finder.regions)}"
