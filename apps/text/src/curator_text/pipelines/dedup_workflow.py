"""What the workflows of deduplication have in common: how they end, their page, NeMo Curator's keywords."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.commands.keyword_workflow import KeywordWorkflow
from curator_engine.stages.id_generator import CURATOR_DEDUP_ID_STR
from curator_engine.steps import Steps
from curator_text.dedup.duplicate_ids import forget_ids, write_numbers, write_own_ids
from curator_text.dedup.marking import COLUMN, MarkDocuments, save_marks
from curator_text.pipelines.corpus_workflow import NAMES
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.removal.corpus import Corpus
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.report.page import build_page
from curator_text.settings import RemovalSettings


@dataclass(kw_only=True)
class DedupWorkflow[S: RemovalSettings](RemovalWorkflow[S]):
    """A workflow that removes documents for being like others."""

    two_steps: bool = field(default=False, init=False)
    """Also write the duplicates' ids as NeMo Curator does, for a removal in a step of its own."""
    own_ids: bool = field(default=False, init=False)
    """Those are the ids in `id_field`, not numbers by file and row."""
    ids_folder: ClassVar[str] = ""
    """Where they are written."""
    ranges_file: ClassVar[str] = ""
    """Where it is written which numbers the rows of each file have."""
    ids_column: ClassVar[str] = ""
    """What their column is called; `_curator_dedup_id`, or as the field of the input, unless given."""
    removed_name = "num_duplicates"
    draw = staticmethod(build_page)

    def finish(
        self, steps: Steps, corpus: Corpus, numbers: NDArray[np.int64], facts: dict[str, Any]
    ) -> None:
        """As of every job; then ids for a removal in a step of its own."""
        super().finish(steps, corpus, numbers, facts)
        if self.ids_folder:
            facts["id_generator_path"] = self._write_ids(corpus)

    def _write_ids(self, corpus: Corpus) -> str | None:
        """Write ids for a removal in a step of its own; the path of the ranges, if there are some."""
        output: str = self.settings.output
        forget_ids(output, folder=self.ids_folder, ranges=self.ranges_file)
        if not self.two_steps:
            return None
        if self.own_ids:
            id_field: Any = getattr(self.settings, "id_field", None)
            column = self.ids_column
            write_own_ids(output, corpus, folder=self.ids_folder, id_field=id_field, column=column)
            return None
        names = {"folder": self.ids_folder, "ranges": self.ranges_file}
        column = self.ids_column or CURATOR_DEDUP_ID_STR
        return write_numbers(output, corpus, **names, column=column)

    @property
    def adds(self) -> Sequence[str]:
        """The mark, if there is one."""
        return (COLUMN,) if getattr(self.settings, "mark", False) else ()

    def writer(self) -> tuple[Callable[..., RemoveDocuments], str]:
        """Without the duplicates, or with a mark on each; the text changes when a mark may."""
        if not getattr(self.settings, "mark", False):
            return super().writer()
        save_marks(self.settings.output, self.cache)
        return MarkDocuments, repr(self.recorded())


@dataclass(kw_only=True)
class DedupKeywords(KeywordWorkflow):
    """A workflow of deduplication under NeMo Curator's keywords."""

    @classmethod
    def keywords(cls) -> Mapping[str, str]:
        """As `run.json` calls the settings."""
        of: Any = cls.of
        return {**NAMES, **of.names}

    def given(self) -> dict[str, Any]:
        """With whether anything is removed."""
        given = super().given()
        return given | {"ids_only": not given.get("perform_removal", True)}

    def made(self) -> FolderWorkflow[Any]:
        """The workflow; without removal it writes ids for a step that removes."""
        made = super().made()
        if isinstance(made, DedupWorkflow):
            made.two_steps = not getattr(self, "perform_removal", True)
            made.own_ids = not getattr(self, "assign_id", True)
        return made
