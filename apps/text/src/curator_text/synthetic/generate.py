"""Ask a language model about each document, or for texts in several languages; NeMo Curator's parameters.

A client is any of `curator_engine.models.llm_client`; one that asks several questions at a time is asked
those of a whole batch at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.models.ask_together import Client, ask_all
from curator_engine.models.llm_client import Given
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import EmptyTask, TableTask
from curator_text.filters.doc_filter import DocumentFilter
from curator_text.task import DocumentBatch

type Row = Mapping[str, Any]


@positional(
    "system_prompt",
    "prompt",
    "input_field",
    "output_field",
    "client",
    "model_name",
    "generation_config",
    "name",
)
@dataclass(kw_only=True)
class BaseSyntheticStage(ProcessingStage[TableTask, TableTask]):
    """Ask a model about each document and keep its answer in a column; a document without a text is not asked about.

    A subclass may write `_process_llm_prompt` (the question about a row) and `_process_llm_response`
    (what is kept of the answers).

    Example:
        >>> BaseSyntheticStage(
        ...     prompt="Summarise: {document}",
        ...     input_field="text",
        ...     output_field="summary",
        ...     client=OpenAIClient(),
        ...     model_name="small",
        ... )
    """

    system_prompt: str | None = None
    """What the model is told first; None for nothing."""
    prompt: str | None = None
    """The question, with `{document}` for the text."""
    input_field: str | None = None
    """Column with the texts."""
    output_field: str | None = None
    """Column with the answers."""
    client: Client | None = None
    """Whom to ask."""
    model_name: str | None = None
    """Name of the model."""
    generation_config: Given = None
    """How to generate; None for the client's own."""

    def __post_init__(self) -> None:
        needed = ("prompt", "input_field", "output_field", "client", "model_name")
        if missing := [name for name in needed if getattr(self, name) is None]:
            raise SettingsError(f"{type(self).__name__} needs {', '.join(missing)}.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.input_field or ""]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The answers."""
        return ["data"], [self.output_field or ""]

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Connect."""
        if self.client is not None:
            self.client.setup()

    def process(self, task: TableTask) -> TableTask:
        """Ask about the documents of a batch.

        Raises:
            EndpointError: A question was not answered.
        """
        rows = task.data.select(task.get_columns()).to_pylist()
        asked = [i for i, row in enumerate(rows) if row[self.input_field or ""]]
        questions = [self._messages(rows[i]) for i in asked]
        answers: list[str | None] = [None] * len(rows)
        if asked and self.client is not None:
            found = ask_all(
                self.client, questions, model=self.model_name or "", config=self.generation_config
            )
            for i, texts in zip(asked, found, strict=True):
                answers[i] = self.kept(rows[i], texts)
        task.data = with_column(task.data, self.output_field or "", answers)
        return task

    def kept(self, row: Row, answers: list[str]) -> str:
        """What is kept of the answers about a row."""
        return self._process_llm_response(answers)

    def _messages(self, row: Row) -> list[dict[str, str]]:
        told = [{"role": "system", "content": self.system_prompt}] if self.system_prompt else []
        return [*told, {"role": "user", "content": self._process_llm_prompt(row)}]

    def _process_llm_prompt(self, sample: Row) -> str:
        """The question about a row."""
        return (self.prompt or "").format(document=sample[self.input_field or ""])

    def _process_llm_response(self, response: list[str]) -> str:
        """The first answer."""
        return response[0] if response else ""


def with_column(table: pa.Table, name: str, texts: Sequence[str | None]) -> pa.Table:
    """The table with a column of texts, in its place if it is there."""
    column: Any = pa.array(texts, pa.string())
    names = table.column_names
    if name in names:
        return table.set_column(names.index(name), name, column)
    return table.append_column(name, column)


@positional(
    "prompt", "languages", "client", "model_name", "num_samples", "generation_config", "name"
)
@dataclass(kw_only=True)
class QAMultilingualSyntheticStage(ProcessingStage[EmptyTask, DocumentBatch]):
    """Ask a model for texts, each in a language that is drawn; a column `text`.

    Example:
        >>> QAMultilingualSyntheticStage(
        ...     "A question in {language}, and its answer.",
        ...     ["English", "French"],
        ...     OpenAIClient(),
        ...     "small",
        ...     10,
        ... )
    """

    prompt: str
    """The question, with `{language}` for the language."""
    languages: list[str]
    """What is drawn from."""
    client: Client
    """Whom to ask."""
    model_name: str
    """Name of the model."""
    num_samples: int
    """How many texts."""
    generation_config: Given = None
    """How to generate; None for the client's own."""
    seed: int = 0
    """Of the languages that are drawn."""

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Connect."""
        self.client.setup()

    def process(self, task: EmptyTask) -> DocumentBatch:
        """The texts, without the asterisks of bold type.

        Raises:
            EndpointError: A question was not answered.
        """
        draw = np.random.default_rng(self.seed)
        places = draw.integers(len(self.languages), size=self.num_samples)
        drawn = [self.languages[place] for place in places.tolist()]
        questions = [
            [{"role": "user", "content": self.prompt.format(language=each)}] for each in drawn
        ]
        found = ask_all(
            self.client, questions, model=self.model_name, config=self.generation_config
        )
        texts = [self._process_llm_response(each) for each in found]
        return DocumentBatch(
            data=pa.table({"text": pa.array(texts, pa.string())}),
            dataset_name="simple_synthetic_data",
        )

    def _process_llm_response(self, response: list[str]) -> str:
        """The first answer, without asterisks."""
        return response[0].replace("*", "") if response else ""


class LanguageFilter(DocumentFilter):
    """Keep texts that begin with one of these words, as a language in brackets.

    Args:
        languages: The words.
    """

    name = "language_filter"

    def __init__(self, languages: list[str]) -> None:
        self.languages = languages

    def score_document(self, text: str) -> float:
        """1 or 0."""
        return float(text.startswith(tuple(self.languages)))

    def keep_document(self, score: float) -> bool:
        """Whether it is 1."""
        return score == 1.0
