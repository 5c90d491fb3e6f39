"""How near two texts are, by the measures of machine translation: BLEU, chrF and TER of the package sacrebleu.

Of a translation, its translation back is compared with the text, or it with one by a person.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import Filter
from curator_engine.task import TableTask
from curator_text.read.columns import with_columns

_MEASURES = {"sacrebleu": "sentence_bleu", "chrf": "sentence_chrf", "ter": "sentence_ter"}
"""By NeMo Curator's names; of TER less is better."""


def compute_text_quality_metric(
    hypothesis: str, reference: str, metric_type: str, threshold: float
) -> tuple[float, bool]:
    """A score, and whether it is good enough.

    Args:
        hypothesis: The text that is judged.
        reference: What it is compared with.
        metric_type: sacrebleu (BLEU, 0 to 100), chrf (0 to 100) or ter (edits per 100 words, from 0).
        threshold: Least score; of ter the highest.

    Raises:
        SettingsError: There is no such measure.
        ResourceError: sacrebleu is not installed.
    """
    if metric_type not in _MEASURES:
        raise SettingsError(f"metric {metric_type!r} is none of {', '.join(_MEASURES)}.")
    measure: Any = getattr(_sacrebleu(), _MEASURES[metric_type])
    score = float(measure(hypothesis, [reference]).score)
    return score, score <= threshold if metric_type == "ter" else score >= threshold


def _sacrebleu() -> Any:
    try:
        return importlib.import_module("sacrebleu")
    except ImportError as error:
        raise ResourceError(
            "BLEU, chrF and TER need the extra 'translation' of curator-text; install it."
        ) from error


@dataclass(kw_only=True)
class TextQualityMetricStage(Filter[TableTask]):
    """Add `score_<measure>` and `score_<measure>_passed` for each measure, and whether all were passed; drop what was not, if that is wanted.

    Example:
        >>> TextQualityMetricStage(metrics=[{"type": "chrf", "threshold": 40}])
    """

    reference_text_field: str = "text"
    """Column with the texts that are compared with; a missing one counts as empty."""
    hypothesis_text_field: str = "backtranslated_text"
    """Column with the texts that are judged."""
    metrics: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of each measure, `type` (sacrebleu, chrf, ter) and `threshold`."""
    filter_enabled: bool = False
    """Drop rows that do not pass."""
    pass_column: str = "is_quality_metric_passed"
    """Column for whether all measures were passed."""

    def __post_init__(self) -> None:
        for each in self.metrics:
            if each.get("type") not in _MEASURES or "threshold" not in each:
                raise SettingsError(
                    f"a metric needs a type of {', '.join(_MEASURES)}, and a threshold."
                )

    def inputs(self) -> tuple[list[str], list[str]]:
        """Both texts."""
        return ["data"], [self.reference_text_field, self.hypothesis_text_field]

    def outputs(self) -> tuple[list[str], list[str]]:
        """Scores, and what they mean."""
        names = [f"score_{each['type']}" for each in self.metrics]
        return ["data"], [self.pass_column, *names, *(f"{name}_passed" for name in names)]

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """See whether sacrebleu is there.

        Raises:
            ResourceError: It is not.
        """
        if self.metrics:
            _sacrebleu()

    def process(self, task: TableTask) -> TableTask | None:
        """Score the rows of a batch."""
        pairs = self._pairs(task.data)
        columns, passed = dict[str, Any](), [True] * len(pairs)
        for each in self.metrics:
            kind, threshold = str(each["type"]), float(each["threshold"])
            found = [compute_text_quality_metric(a, b, kind, threshold) for a, b in pairs]
            columns[f"score_{kind}"] = pa.array([score for score, _ in found], pa.float64())
            columns[f"score_{kind}_passed"] = pa.array([good for _, good in found], pa.bool_())
            passed = [a and good for a, (_, good) in zip(passed, found, strict=True)]
        columns[self.pass_column] = pa.array(passed, pa.bool_())
        task.data = with_columns(task.data, columns)
        return super().process(task) if self.filter_enabled else task

    def drop_batch(self, data: pa.Table) -> Sequence[str | None]:
        """The reason to drop each row, or None."""
        passed: list[Any] = data.column(self.pass_column).to_pylist()
        return [None if each else "low translation score" for each in passed]

    def _pairs(self, table: pa.Table) -> list[tuple[str, str]]:
        judged, compared = (
            [str(each or "") for each in table.column(name).to_pylist()]
            for name in (self.hypothesis_text_field, self.reference_text_field)
        )
        return list(zip(judged, compared, strict=True))
