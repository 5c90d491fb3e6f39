"""What workflows have in common that change texts: edit, list what was edited, rewrite the files.

Each step is a pipeline of its own, joined to the next by files in the cache. Only the first and the last
read the input.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from curator_engine.files.paths import join
from curator_engine.stage import AnyStage
from curator_engine.stages.files import parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.editing.edit_documents import EditDocuments
from curator_text.editing.edits import Editor
from curator_text.editing.list_edits import ListEdits, Totals
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.outcome import (
    check_ratio,
    check_read,
    count_documents,
    write_data,
    write_losses,
)
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.removal.sources import source_tasks
from curator_text.report.edit_page import try_edit_report
from curator_text.settings import EditSettings


@dataclass(kw_only=True)
class EditWorkflow[S: EditSettings](RemovalWorkflow[S]):
    """A workflow that writes `data/` with other texts in some documents, and without some."""

    private: ClassVar[bool] = False
    """Whether no row may be kept where it cannot be read, and no text be shown."""

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

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Edit, list, rewrite."""
        settings, cache, output = self.settings, self.cache, self.settings.output
        steps.seconds["list"] = self.looked_seconds
        corpus = self._edit(steps, tasks)
        counts = count_documents(corpus)
        facts |= {name: counts[name] for name in ("num_documents", "no_text", "text_bytes")}
        found = steps.run("list_edits", self._list_stage(corpus), source_tasks(corpus))
        drops = [load_arrays(task.data[0])["drops"] for task in found]
        numbers = np.sort(np.concatenate([np.empty(0, np.int64), *drops]))
        totals = Totals(self.editor.names)
        for task in found:
            totals.merge(task._metadata["totals"])
        facts |= {"num_removed": len(numbers), **totals.counts}
        folders = {"cache": cache, "output": output}
        facts["alarms"] = write_losses(
            steps.run, corpus, numbers, **folders, source_field=settings.source_field
        )
        check_ratio(len(numbers), facts["num_documents"], most=settings.max_removed_ratio)
        write_data(
            steps.run,
            corpus,
            numbers,
            **folders,
            write=RewriteDocuments,
            write_key=self.editor_key,
        )

    def _edit(self, steps: Steps, tasks: list[FileGroupTask] | None) -> Corpus:
        folder = join(self.cache, "edit")
        edit = self.edit_stage()
        stages: list[AnyStage] = [self.source(), edit] if tasks is None else [edit]
        corpus = corpus_of(folder, steps.run("edit", stages, tasks))
        corpus.require_text(self.settings.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        corpus.save(join(self.cache, "corpus.json"))
        return corpus

    def edit_stage(self) -> EditDocuments:
        """The stage that edits."""
        stage = EditDocuments(
            path=join(self.cache, "edit"),
            editor=self.editor,
            editor_key=self.editor_key,
            text_field=self.settings.text_field,
            id_field=self.settings.id_field,
            max_row=parse_size(self.settings.max_row),
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

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known what was edited."""
        return "num_removed" in facts

    def page(self) -> str | None:
        """Write `report.html`."""
        return try_edit_report(self.settings.output)
