"""What workflows have in common that change texts: edit, list what was edited, rewrite the files.

Each step is a pipeline of its own, joined to the next by files in the cache. Only the first and the last
read the input.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from curator_engine.files.paths import join
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.editing.edit_documents import EditDocuments
from curator_text.editing.edits import Editor
from curator_text.editing.list_edits import ListEdits, Totals
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.removal.corpus import Corpus
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.removal.sources import source_tasks
from curator_text.report.edit_page import build_page
from curator_text.settings import EditSettings


@dataclass(kw_only=True)
class EditWorkflow[S: EditSettings](RemovalWorkflow[S]):
    """A workflow that writes `data/` with other texts in some documents, and without some."""

    private: ClassVar[bool] = False
    """Whether no row may be kept where it cannot be read, and no text be shown."""
    draw = staticmethod(build_page)

    @cached_property
    def editor(self) -> Editor:
        """What edits the texts."""
        raise NotImplementedError(f"{type(self).__name__} needs an editor.")

    @property
    def editor_key(self) -> str:
        """Changes with whatever the edits may depend on; kept in `run.json`."""
        raise NotImplementedError(f"{type(self).__name__} needs an editor_key.")

    def check(self) -> None:
        """Look at the sizes, and make the editor."""
        super().check()
        _ = self.editor

    def recorded(self) -> dict[str, Any]:
        """With what identifies the editor."""
        return {**super().recorded(), "editor": self.editor_key}

    @property
    def edits_texts(self) -> bool:
        """All of them may be."""
        return True

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Edit them."""
        return self.read(steps, "edit", self.edit_stage(), tasks)

    def tasks_of_input(self, tasks: list[FileGroupTask] | None) -> list[FileGroupTask] | None:
        """As they were given; each small file is a task of its own, since edits are listed by file."""
        return tasks

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """List what was edited."""
        found = steps.run("list_edits", self._list_stage(corpus), source_tasks(corpus))
        totals = Totals(self.editor.names)
        for task in found:
            totals.merge(task._metadata["totals"])
        facts |= totals.counts
        return found

    def writer(self) -> tuple[Callable[..., RemoveDocuments], str]:
        """With the new texts."""
        return RewriteDocuments, self.editor_key

    def edit_stage(self) -> EditDocuments:
        """The stage that edits."""
        stage = EditDocuments(
            path=join(self.cache, "edit"),
            editor=self.editor,
            editor_key=self.editor_key,
            **self.reads_texts,
        )
        stage.private_rows = self.private
        return stage

    def _list_stage(self, corpus: Corpus) -> ListEdits:
        described = [self.editor_key, self.settings.text_field, str(self.settings.id_field)]
        return ListEdits(
            cache=self.cache,
            corpus_key=short_hash(corpus.key, *described),
            output=self.settings.output,
            rules=self.editor.names,
        )
