"""What the workflows of deduplication have in common: how they end, their page, NeMo Curator's keywords."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.commands.keyword_workflow import KeywordWorkflow
from curator_engine.steps import Steps
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
