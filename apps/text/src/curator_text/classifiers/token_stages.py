"""The pair of stages under every classifier: one makes tokens of texts, one asks the model; NeMo Curator's parameters.

Tokens are lists of ids in a column, without what would fill up a batch. Rows stay in their order: a batch that the
model computes is of texts of like lengths, and its answers go back to their rows.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import pyarrow as pa

from curator_engine.device import Device, has_gpu
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_text.classifiers.kinds import Head
from curator_text.models.prompt_scores import PROMPT_FIELDS
from curator_text.read.columns import with_columns

INPUT_ID_FIELD = "input_ids"
"""Column of the tokens."""
_MODEL_BATCH = 256


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


@dataclass(kw_only=True)
class ClassifierModelStage(ProcessingStage[TableTask, TableTask]):
    """Add what a classifier says of the tokens of `TokenizerStage`: a label, and the probabilities of all if they are asked for.

    Example:
        >>> ClassifierModelStage(model_identifier="nvidia/domain-classifier", label_field="domain")
    """

    model_identifier: str
    """Folder or hub id of the model."""
    cache_dir: str | None = None
    """Only None: set HF_HOME."""
    label_field: str = "preds"
    """Column for the label."""
    score_field: str | None = None
    """Column for the probabilities of all labels; None for none."""
    model_inference_batch_size: int = _MODEL_BATCH
    """Texts at a time; fewer where a GPU's memory is too small."""
    has_seq_order: bool = True
    """Accepted: batches are of like lengths; rows keep their order."""
    padding_side: Literal["left", "right"] = "right"
    """Only "right"."""
    max_seq_length: int | None = None
    """Tokens of a text that are looked at; None for all that there are."""
    autocast: bool = True
    """On a GPU, compute in half precision."""
    keep_tokens: bool = False
    """Keep the column of tokens."""
    device: Device = "auto"
    """Where to compute."""
    head: ClassVar[Head] = "labels"
    """What stands on the encoder."""
    _model: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_only(self, "cache_dir", "padding_side")
        if self.device == "gpu" or (self.device == "auto" and has_gpu()):
            self.resources = Resources(cpus=1.0, gpus=1.0)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The tokens."""
        return ["data"], [INPUT_ID_FIELD]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The answers."""
        return ["data"], list(self.roles)

    @property
    def roles(self) -> dict[str, str]:
        """What is written: by the column, which of the model's answers it is."""
        scores = {} if self.score_field is None else {self.score_field: "probs"}
        return {self.label_field: "label", **scores}

    def num_workers(self) -> int | None:
        """One where it computes on the CPU: it takes all of them by itself."""
        return None if self.resources.requires_gpu else 1

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: There is no such model, or it is one of another kind.
            ResourceError: What it needs is not installed, or a GPU is asked for and not there.
        """
        from curator_text.models.text_classifier import TextClassifier

        self._model = TextClassifier(
            self.model_identifier, head=self.head, device=self.device, autocast=self.autocast
        )

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None

    def process(self, task: TableTask) -> TableTask:
        """Classify the texts of a batch."""
        given: list[Any] = task.data.column(INPUT_ID_FIELD).to_pylist()
        ids = [each[: self.max_seq_length] for each in given]
        found = self._model.predict(ids, batch_size=self.model_inference_batch_size)
        columns: dict[str, Any] = {
            name: pa.array(found[role], _type_of(role)) for name, role in self.roles.items()
        }
        table = task.data if self.keep_tokens else task.data.drop_columns([INPUT_ID_FIELD])
        task.data = with_columns(table, columns)
        return task


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
