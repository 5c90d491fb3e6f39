"""The stages under every classifier: one makes tokens of texts, one asks the model; NeMo Curator's parameters."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_text.classifiers.kinds import Head
from curator_text.models.model_stage import (
    ATTENTION_MASK_FIELD,
    INPUT_ID_FIELD,
    SEQ_ORDER_FIELD,
    ModelStage,
    format_name_with_suffix,
)
from curator_text.models.prompt_scores import PROMPT_FIELDS
from curator_text.read.columns import with_columns


@positional(
    "model_identifier",
    "cache_dir",
    "hf_token",
    "text_field",
    "max_chars",
    "max_seq_length",
    "padding_side",
    "sort_by_length",
    "unk_token",
    "transformers_init_kwargs",
)
@dataclass(kw_only=True)
class TokenizerStage(ProcessingStage[TableTask, TableTask]):
    """Add a column with the tokens of each text, of at most so many characters and tokens; a missing text counts as empty.

    Example:
        >>> TokenizerStage("nvidia/domain-classifier", max_chars=2000)
    """

    model_identifier: str
    """Folder or hub id of the model."""
    cache_dir: str | None = None
    """Only None: set HF_HOME."""
    hf_token: str | None = field(default=None, repr=False)
    """Of the hub, for models that need one; None for that of HF_TOKEN."""
    text_field: str = "text"
    """Column with the texts."""
    max_chars: int | None = None
    """Characters of a text that are looked at; None for all."""
    max_seq_length: int | None = None
    """Tokens of a text that are looked at; None for as many as the model takes."""
    padding_side: Literal["left", "right"] = "right"
    """Accepted: nothing is filled up here."""
    sort_by_length: bool = True
    """Accepted: the model's batches are of like lengths; rows keep their order."""
    unk_token: bool = False
    """Accepted: what fills up a batch makes no difference."""
    transformers_init_kwargs: dict[str, Any] = field(default_factory=dict[str, Any])
    """Only {}."""
    _tokenizer: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_only(self, "cache_dir", "transformers_init_kwargs")
        self.name = format_name_with_suffix(self.model_identifier, "_tokenizer")

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.text_field]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The tokens."""
        return ["data"], [self.text_field, INPUT_ID_FIELD]

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the tokenizer.

        Raises:
            InputError: There is no such model, or it cannot be read.
        """
        from curator_text.models.text_classifier import TextTokenizer

        self._tokenizer = TextTokenizer(
            self.model_identifier,
            max_chars=self.max_chars,
            max_seq_length=self.max_seq_length,
            token=self.hf_token,
        )

    def teardown(self) -> None:
        """Let the tokenizer go."""
        self._tokenizer = None

    def process(self, task: TableTask) -> TableTask:
        """Tokenise the texts of a batch."""
        texts: list[Any] = task.data.column(self.text_field).to_pylist()
        ids, cut = self._tokenizer.tokens([text or "" for text in texts])
        self.log_metric("texts_cut", float(cut))
        column: Any = pa.array(ids, pa.list_(pa.int32()))
        task.data = with_columns(task.data, {INPUT_ID_FIELD: column})
        return task


@positional("attention_mask_field")
@dataclass(kw_only=True)
class SortByLengthStage(ProcessingStage[TableTask, TableTask]):
    """Sort the rows of a batch by their tokens, the fewest first, and note the order they had.

    A `ModelStage` behind it puts them back. Ours need no such stage: their batches are of like lengths anyway.

    Example:
        >>> SortByLengthStage()
    """

    attention_mask_field: str = ATTENTION_MASK_FIELD
    """Column with 1 for each token and 0 for what fills up; where it is missing, the tokens are counted."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """Nothing that must be there: either the mask or the tokens."""
        return ["data"], []

    def outputs(self) -> tuple[list[str], list[str]]:
        """The order that rows had."""
        return ["data"], [SEQ_ORDER_FIELD]

    def process(self, task: TableTask) -> TableTask:
        """Sort a batch, once.

        Raises:
            SettingsError: It has neither a mask nor tokens.
        """
        table, field_ = task.data, self.attention_mask_field
        if SEQ_ORDER_FIELD in table.column_names:
            return task
        if not {field_, INPUT_ID_FIELD} & set(table.column_names):
            raise SettingsError(f"there is no column {field_!r} or {INPUT_ID_FIELD!r} to sort by.")
        is_mask = field_ in table.column_names
        rows: list[Any] = table.column(field_ if is_mask else INPUT_ID_FIELD).to_pylist()
        sizes = [sum(each or ()) if is_mask else len(each or ()) for each in rows]
        order = sorted(range(len(sizes)), key=sizes.__getitem__)
        task.data = with_columns(table, {SEQ_ORDER_FIELD: pa.array(range(len(sizes)))}).take(order)
        return task


@dataclass(kw_only=True)
class ClassifierModelStage(ModelStage):
    """Add what a classifier says of the tokens of `TokenizerStage`: a label, and the probabilities of all if they are asked for.

    Example:
        >>> ClassifierModelStage(model_identifier="nvidia/domain-classifier", label_field="domain")
    """

    label_field: str = "preds"
    """Column for the label."""
    score_field: str | None = None
    """Column for the probabilities of all labels; None for none."""
    keep_tokens: bool = False
    """Keep the column of tokens."""
    head: ClassVar[Head] = "labels"
    """What stands on the encoder."""

    def __post_init__(self) -> None:
        check_only(self, "cache_dir", "padding_side")
        super().__post_init__()

    def outputs(self) -> tuple[list[str], list[str]]:
        """The answers."""
        return ["data"], list(self.roles)

    @property
    def roles(self) -> dict[str, str]:
        """What is written: by the column, which of the model's answers it is."""
        scores = {} if self.score_field is None else {self.score_field: "probs"}
        return {self.label_field: "label", **scores}

    def _setup(self, local_files_only: bool = True) -> None:
        from curator_text.models.text_classifier import TextClassifier

        self.model = TextClassifier(
            self.model_identifier,
            head=self.head,
            device=self.device,
            autocast=self.autocast,
            token=self.hf_token,
        )

    def answered(self, table: pa.Table, ids: list[list[int]]) -> pa.Table:
        """The table with the answers of the model."""
        found = self.model.predict(ids, batch_size=self.model_inference_batch_size)
        columns: dict[str, Any] = {
            name: pa.array(found[role], _type_of(role)) for name, role in self.roles.items()
        }
        return with_columns(without_tokens(table, keep=self.keep_tokens), columns)


@dataclass(kw_only=True)
class FineWebModelStage(ClassifierModelStage):
    """Add what a model of educational value says: a score in [0, 5], the whole number next to it, and high_quality from 2.5 on."""

    float_score_field: str = "float_score"
    """Column for the score."""
    int_score_field: str = "int_score"
    """Column for the whole number."""
    head: ClassVar[Head] = "score"

    @property
    def roles(self) -> dict[str, str]:
        """The score, the number and the label."""
        return {
            self.float_score_field: "float",
            self.int_score_field: "int",
            self.label_field: "label",
        }


@dataclass(kw_only=True)
class FineMathModelStage(ClassifierModelStage):
    """Add what a model of the quality of maths says: a score in [0, 5], and the whole number next to it."""

    float_score_column: str = "finemath_scores"
    """Column for the score."""
    int_score_column: str = "finemath_int_scores"
    """Column for the whole number."""
    head: ClassVar[Head] = "score"

    @property
    def roles(self) -> dict[str, str]:
        """The score and the number."""
        return {self.float_score_column: "float", self.int_score_column: "int"}


@dataclass(kw_only=True)
class PromptTaskComplexityModelStage(ClassifierModelStage):
    """Add the task of a prompt and how complex it is, in eleven columns."""

    model_identifier: str = "nvidia/prompt-task-and-complexity-classifier"
    """Folder or hub id of the model."""
    head: ClassVar[Head] = "prompt"

    @property
    def roles(self) -> dict[str, str]:
        """The columns of the model."""
        return {name: name for name in PROMPT_FIELDS}


_ONLY: dict[str, tuple[Any, str]] = {
    "cache_dir": (None, "set HF_HOME in the environment"),
    "padding_side": ("right", "leave it out"),
    "transformers_init_kwargs": ({}, "leave them out"),
}
_TYPES: dict[str, Any] = {
    "label": pa.string(),
    "probs": pa.list_(pa.float64()),
    "float": pa.float64(),
    "int": pa.int64(),
    "task_type_1": pa.string(),
    "task_type_2": pa.string(),
}


def _type_of(role: str) -> Any:
    return _TYPES.get(role, pa.float64())


def check_only(stage: Any, *names: str) -> None:
    """Refuse parameters that take one value here.

    Raises:
        SettingsError: One has another.
    """
    for name in names:
        only, instead = _ONLY[name]
        if getattr(stage, name) != only:
            raise SettingsError(f"{name} is not offered here; {instead}.")


def without_tokens(table: pa.Table, *, keep: bool = False) -> pa.Table:
    """The table without the column of tokens, unless it is kept."""
    return table if keep else table.drop_columns([INPUT_ID_FIELD])
