"""Scores that a language model gives a translation (FAITH), by NeMo Curator's names; the question is that of the recipe `translate`.

A score is a number from 1 to 5; 0 stands for: does not apply, or was not said. The mean is of those above 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.models.ask_together import first_answers
from curator_engine.models.llm_client import AsyncLLMClient, Given
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import Filter, ProcessingStage
from curator_engine.task import TableTask
from curator_text.read.columns import with_columns
from curator_text.synthetic.answers import scores_in
from curator_text.synthetic.prompt_recipe import PromptRecipe, load_prompt_recipe
from curator_text.synthetic.translation_metadata import merge_faith_scores_into_metadata

FAITH_KEYS = ("Fluency", "Accuracy", "Idiomaticity", "Terminology", "Handling_of_Format")
FAITH_COLUMNS = (*(f"faith_{key.lower()}" for key in FAITH_KEYS), "faith_avg")
"""Columns of the scores and of their mean."""
PARSE_FAILED = "faith_parse_failed"
METADATA = "translation_metadata"
_ANSWER_TOKENS = 256


def recipe_for(source_lang: str, target_lang: str, path: str | None) -> PromptRecipe:
    """The recipe that asks for a translation and for its scores.

    Args:
        source_lang: Name or code of a language, as the model knows it.
        target_lang: The same.
        path: A recipe file of one's own; None for ours.

    Raises:
        SettingsError: A language is missing, or there is no such recipe.
    """
    if not source_lang.strip() or not target_lang.strip():
        raise SettingsError("source_lang and target_lang are both needed, as 'English', 'German'.")
    languages = [f"source_lang={source_lang.strip()}", f"target_lang={target_lang.strip()}"]
    return load_prompt_recipe(path or "translate", languages)


def below(table: pa.Table, threshold: float) -> list[str | None]:
    """Why documents go by the mean of their scores; those that have none, or none that could be read, stay."""
    means: list[Any] = table.column("faith_avg").to_pylist()
    failed: list[Any] = table.column(PARSE_FAILED).to_pylist()
    return [
        "low FAITH score" if mean is not None and not lost and mean < threshold else None
        for mean, lost in zip(means, failed, strict=True)
    ]


@dataclass(kw_only=True)
class FaithThresholdFilterStage(Filter[TableTask]):
    """Drop documents of which the mean score is too low; those whose scores could not be read stay.

    Example:
        >>> FaithThresholdFilterStage(threshold=3.0)
    """

    threshold: float = 2.5
    """Least mean score."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """The scores."""
        return ["data"], ["faith_avg", PARSE_FAILED]

    def drop_batch(self, data: pa.Table) -> Sequence[str | None]:
        """The reason to drop each row, or None."""
        return below(data, self.threshold)


@dataclass(kw_only=True)
class FaithEvalFilter(Filter[TableTask]):
    """Score each translation by a language model, and drop those that are bad.

    The columns of texts may hold lists, as of segments: then each pair is scored, and a score is the mean of the pairs'.

    Example:
        >>> FaithEvalFilter(
        ...     source_lang="English",
        ...     target_lang="German",
        ...     client=AsyncOpenAIClient(),
        ...     model_name="m",
        ... )
    """

    source_lang: str
    """Name or code of the language of the texts."""
    target_lang: str
    """Name or code of the language of the translations."""
    model_name: str
    """Name of the model."""
    client: AsyncLLMClient | None = None
    """Whom to ask; must be given."""
    source_text_field: str = "text"
    """Column with the texts."""
    translated_text_field: str = "translated_text"
    """Column with the translations."""
    threshold: float = 2.5
    """Least mean score."""
    filter_enabled: bool = True
    """Otherwise nothing is dropped."""
    generation_config: Given = None
    """How to generate; None for the most likely 256 tokens."""
    prompt_path: str | None = None
    """A recipe of `curator-text generate` whose `score_prompt` is asked; None for `translate`."""
    max_concurrent_requests: int = 64
    """Accepted: a client limits its requests by itself."""

    def __post_init__(self) -> None:
        if self.client is None or not self.model_name.strip():
            raise SettingsError("FaithEvalFilter needs client and model_name.")
        _ = self._recipe

    @property
    def _recipe(self) -> PromptRecipe:
        return recipe_for(self.source_lang, self.target_lang, self.prompt_path)

    def inputs(self) -> tuple[list[str], list[str]]:
        """Texts and translations."""
        return ["data"], [self.source_text_field, self.translated_text_field]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The scores."""
        return ["data"], [*FAITH_COLUMNS, PARSE_FAILED]

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Connect."""
        if self.client is not None:
            self.client.setup()

    def drop_batch(self, data: pa.Table) -> Sequence[str | None]:
        """The reason to drop each row, or None."""
        return below(data, self.threshold)

    def process(self, task: TableTask) -> TableTask | None:
        """Score the rows of a batch.

        Raises:
            EndpointError: A question was not answered.
        """
        sources = _lists(task.data, self.source_text_field)
        translations = _lists(task.data, self.translated_text_field)
        pairs = [
            [pair for pair in zip(a, b, strict=False) if any(each.strip() for each in pair)]
            for a, b in zip(sources, translations, strict=True)
        ]
        replies = iter(self._replies([pair for each in pairs for pair in each]))
        found = [[scores_in(next(replies), FAITH_KEYS) for _ in each] for each in pairs]
        task.data = with_columns(task.data, _columns(found))
        return super().process(task) if self.filter_enabled else task

    def _replies(self, pairs: Sequence[tuple[str, str]]) -> list[str]:
        recipe = self._recipe
        questions = [
            [{"role": "user", "content": recipe.asked_for_score(text, answer)}]
            for text, answer in pairs
        ]
        config = self.generation_config or {"temperature": 0.0, "max_tokens": _ANSWER_TOKENS}
        return first_answers(self.client, questions, model=self.model_name, config=config)


@dataclass(kw_only=True)
class MergeFaithScoresStage(ProcessingStage[TableTask, TableTask]):
    """Put the scores of each row into the JSON of its column `translation_metadata`, as `faith_scores`."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """The scores and the JSON."""
        return ["data"], [METADATA, *FAITH_COLUMNS]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The JSON."""
        return ["data"], [METADATA]

    def process(self, task: TableTask) -> TableTask:
        """Write the rows of a batch."""
        names = [*FAITH_COLUMNS, METADATA]
        rows: list[dict[str, Any]] = task.data.select(names).to_pylist()
        said = [merge_faith_scores_into_metadata(row.pop(METADATA) or "{}", row) for row in rows]
        column: Any = pa.array(said, pa.string())
        task.data = with_columns(task.data, {METADATA: column})
        return task


def _lists(table: pa.Table, name: str) -> list[list[str]]:
    """Texts of each row: one, or those of a list."""
    values: list[Any] = table.column(name).to_pylist()
    return [each if isinstance(each, list) else [each or ""] for each in values]


def _columns(found: Sequence[Sequence[dict[str, float] | None]]) -> dict[str, Any]:
    """The columns of scores, given those of the pairs of each row: null for a row without pairs."""
    rows = [
        _means([each for each in scores if each is not None])
        if scores
        else [None] * len(FAITH_COLUMNS)
        for scores in found
    ]
    lost = [bool(scores) and all(each is None for each in scores) for scores in found]
    columns: dict[str, Any] = {
        name: pa.array([row[place] for row in rows], pa.float64())
        for place, name in enumerate(FAITH_COLUMNS)
    }
    return columns | {PARSE_FAILED: pa.array(lost, pa.bool_())}


def _means(scores: Sequence[dict[str, float]]) -> list[float]:
    means = [_mean([each[key] for each in scores]) for key in FAITH_KEYS]
    return [*means, _mean(means)]


def _mean(values: Sequence[float]) -> float:
    known = [each for each in values if each > 0]
    return sum(known) / len(known) if known else 0.0
