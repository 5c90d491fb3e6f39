"""NeMo Curator's classifiers of safety: Aegis and Instruction Data Guard, on Llama Guard with an adapter.

The parameters and columns are NeMo Curator's. Where there is no network, `aegis_variant`, `base_model` and the like
take folders.
"""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_engine.device import Device
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.stage import AnyStage, CompositeStage, ProcessingStage
from curator_engine.task import TableTask
from curator_text.classifiers.composites import IsOne
from curator_text.classifiers.kinds import AEGIS_CHARS, HALF
from curator_text.classifiers.safety_prompt import asked, label_in, prompt_template
from curator_text.classifiers.token_stages import TokenizerStage, check_only, without_tokens
from curator_text.filters.score_filter import Filter
from curator_text.models.guard_files import (
    AEGIS_VARIANTS,
    INSTRUCTION_DATA_GUARD,
    LLAMA_GUARD,
    MOST_TOKENS,
)
from curator_text.models.model_stage import ModelStage
from curator_text.read.columns import with_columns
from curator_text.task import DocumentBatch

HIDDEN_TEXT_FIELD = "_curator_hidden_text"
"""Column for what is asked."""
_BATCH = 64


@positional("text_field", "max_chars", "name")
@dataclass(kw_only=True)
class FormatAegisPromptStage(ProcessingStage[TableTask, TableTask]):
    """Add a column with what Aegis is asked about each text.

    Example:
        >>> FormatAegisPromptStage("text", 6000)
    """

    text_field: str
    """Column with the texts."""
    max_chars: int
    """Characters of a text that are asked about."""
    prompt_file: str | None = None
    """The question, with `{text}`; None for ours, whose words are not those that NVIDIA's adapters were trained with."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.text_field]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The questions."""
        return ["data"], [HIDDEN_TEXT_FIELD]

    def process(self, task: TableTask) -> TableTask:
        """Ask about the texts of a batch.

        Raises:
            InputError: The file of the question cannot be read.
        """
        template = prompt_template(self.prompt_file)
        texts: list[Any] = task.data.column(self.text_field).to_pylist()
        questions = [asked((text or "")[: self.max_chars], template) for text in texts]
        column: Any = pa.array(questions, pa.string())
        task.data = with_columns(task.data, {HIDDEN_TEXT_FIELD: column})
        return task


@dataclass(kw_only=True)
class AegisModelStage(ModelStage):
    """Add what Llama Guard with an adapter says of the tokens of `TokenizerStage`: its answer, or the score of a head.

    Example:
        >>> AegisModelStage(model_identifier=AEGIS_VARIANTS[0], label_field="answer")
    """

    label_field: str = "preds"
    """Column for the answer; with a head, for whether the score is 0.5 or more."""
    score_field: str = "probs"
    """Column for the score of a head."""
    add_instruction_data_guard: bool = False
    """Judge by the head instead of asking."""
    autocast: bool = True
    """Accepted: a GPU computes in bfloat16."""
    keep_tokens: bool = False
    """Keep the column of tokens."""
    base_model: str = LLAMA_GUARD
    """Folder or hub id of Llama Guard."""
    head_model: str = INSTRUCTION_DATA_GUARD
    """Folder or hub id of the head."""

    def __post_init__(self) -> None:
        check_only(self, "cache_dir", "padding_side")
        super().__post_init__()

    def outputs(self) -> tuple[list[str], list[str]]:
        """The answer, or the label and the score."""
        scores = [self.score_field] if self.add_instruction_data_guard else []
        return ["data"], [self.label_field, *scores]

    def _setup(self, local_files_only: bool = True) -> None:
        from curator_text.models.guard_model import GuardModel

        head = self.head_model if self.add_instruction_data_guard else None
        self.model = GuardModel(
            self.base_model,
            adapter=self.model_identifier,
            head=head,
            device=self.device,
            token=self.hf_token,
        )

    def answered(self, table: pa.Table, ids: list[list[int]]) -> pa.Table:
        """The table with what the guard says."""
        size = self.model_inference_batch_size
        columns: dict[str, Any] = {}
        if self.add_instruction_data_guard:
            scores = self.model.poisoned(ids, batch_size=size)
            columns[self.label_field] = pa.array(scores >= HALF, pa.bool_())
            columns[self.score_field] = pa.array(scores, pa.float64())
        else:
            answers = self.model.answers(ids, batch_size=size)
            columns[self.label_field] = pa.array(answers, pa.string())
        return with_columns(without_tokens(table, keep=self.keep_tokens), columns)


@positional(
    "cache_dir",
    "hf_token",
    "label_field",
    "raw_output_field",
    "keep_raw_output",
    "aegis_prompt_field",
    "keep_aegis_prompt_field",
    "name",
)
@dataclass(kw_only=True)
class PostProcessAegisResponsesStage(ProcessingStage[TableTask, TableTask]):
    """Make a label of each answer of Aegis: `safe`, a class from O1 to O13, or `unknown`.

    Example:
        >>> PostProcessAegisResponsesStage(keep_raw_output=True)
    """

    cache_dir: str | None = None
    """Accepted: no model is needed here."""
    hf_token: str | None = field(default=None, repr=False)
    """Accepted: no model is needed here."""
    label_field: str = "aegis_pred"
    """Column for the label."""
    raw_output_field: str = "_aegis_raw_pred"
    """Column with the answers."""
    keep_raw_output: bool = False
    """Keep them."""
    aegis_prompt_field: str = HIDDEN_TEXT_FIELD
    """Column with what was asked."""
    keep_aegis_prompt_field: bool = False
    """Keep it."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """The answers."""
        return ["data"], [self.raw_output_field]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The labels."""
        raw = [self.raw_output_field] if self.keep_raw_output else []
        return ["data"], [self.label_field, *raw]

    def process(self, task: TableTask) -> TableTask:
        """Read the answers of a batch."""
        answers: list[Any] = task.data.column(self.raw_output_field).to_pylist()
        labels: Any = pa.array([label_in(each or "") for each in answers], pa.string())
        kept = {
            self.raw_output_field: self.keep_raw_output,
            self.aegis_prompt_field: self.keep_aegis_prompt_field,
        }
        names = task.data.column_names
        gone = [name for name, stays in kept.items() if not stays and name in names]
        task.data = with_columns(task.data.drop_columns(gone), {self.label_field: labels})
        return task


@dataclass(kw_only=True)
class _GuardClassifier(CompositeStage[DocumentBatch, DocumentBatch]):
    """What both classifiers share."""

    cache_dir: str | None = None
    """Only None: set HF_HOME."""
    hf_token: str | bool | None = field(default=None, repr=False)
    """Of the hub, which gives Llama Guard to those who have agreed to its licence; None for that of HF_TOKEN."""
    text_field: str = "text"
    """Column with the texts."""
    sort_by_length: bool = True
    """Accepted: batches are of texts of like lengths; rows keep their order."""
    model_inference_batch_size: int = _BATCH
    """Texts at a time; fewer where a GPU's memory is too small."""
    autocast: bool = True
    """Accepted: a GPU computes in bfloat16."""
    keep_tokens: bool = False
    """Keep the column of tokens."""
    use_existing_tokens: bool = False
    """Take the column of tokens that is there."""
    base_model: str = LLAMA_GUARD
    """Folder or hub id of Llama Guard."""
    device: Device = "auto"
    """Where to compute."""

    def __post_init__(self) -> None:
        check_only(self, "cache_dir")

    @property
    def _token(self) -> str | None:
        """The token; True and False stand for that of the environment."""
        return self.hf_token if isinstance(self.hf_token, str) else None

    def tokenizer(self, text_field: str, max_chars: int | None = None) -> list[AnyStage]:
        """The stage that makes tokens, unless they are there."""
        if self.use_existing_tokens:
            return []
        return [
            TokenizerStage(
                model_identifier=self.base_model,
                text_field=text_field,
                max_chars=max_chars,
                max_seq_length=MOST_TOKENS,
                hf_token=self._token,
            )
        ]

    def model_stage(self, adapter: str, **columns: Any) -> AegisModelStage:
        """The stage that asks the model."""
        return AegisModelStage(
            model_identifier=adapter,
            base_model=self.base_model,
            model_inference_batch_size=self.model_inference_batch_size,
            keep_tokens=self.keep_tokens,
            device=self.device,
            hf_token=self._token,
            **columns,
        )


@positional(
    *("aegis_variant", "cache_dir", "hf_token", "label_field", "raw_output_field"),
    *("keep_raw_output", "text_field", "filter_by", "max_chars", "sort_by_length"),
    *("model_inference_batch_size", "autocast", "keep_tokens", "aegis_prompt_field"),
    *("keep_aegis_prompt_field", "use_existing_tokens"),
)
@dataclass(kw_only=True)
class AegisClassifier(_GuardClassifier):
    """Whether a text is safe, and else which class of harm it is of.

    Example:
        >>> AegisClassifier(filter_by=["safe"], prompt_file="aegis-prompt.txt")
    """

    aegis_variant: str = AEGIS_VARIANTS[0]
    """Folder or hub id of the adapter; NVIDIA's second says less often that a text is unsafe."""
    label_field: str = "aegis_pred"
    """Column for the label: `safe`, a class from O1 to O13, or `unknown`."""
    raw_output_field: str = "_aegis_raw_pred"
    """Column for the answer."""
    keep_raw_output: bool = False
    """Keep it."""
    filter_by: list[str] | None = None
    """Labels whose documents stay; None for all."""
    max_chars: int = AEGIS_CHARS
    """Characters of a text that the model sees."""
    aegis_prompt_field: str | None = None
    """Column with the whole question about each text; None to make it."""
    keep_aegis_prompt_field: bool = False
    """Keep the column with the question."""
    prompt_file: str | None = None
    """The question, with `{text}`; None for ours, whose words are not those that NVIDIA's adapters were trained with."""

    def decompose(self) -> list[AnyStage]:
        """The question, its tokens, the answer, the label, and the labels that stay."""
        stages: list[AnyStage] = []
        asks = self.aegis_prompt_field is None and not self.use_existing_tokens
        if asks:
            stages.append(
                FormatAegisPromptStage(
                    text_field=self.text_field,
                    max_chars=self.max_chars,
                    prompt_file=self.prompt_file,
                )
            )
        questions = self.aegis_prompt_field or HIDDEN_TEXT_FIELD
        stages += self.tokenizer(questions)
        stages.append(self.model_stage(self.aegis_variant, label_field=self.raw_output_field))
        stages.append(
            PostProcessAegisResponsesStage(
                label_field=self.label_field,
                raw_output_field=self.raw_output_field,
                keep_raw_output=self.keep_raw_output,
                aegis_prompt_field=questions,
                keep_aegis_prompt_field=self.keep_aegis_prompt_field,
            )
        )
        if self.filter_by:
            stages.append(Filter(IsOne(tuple(self.filter_by)), self.label_field))
        return stages


@positional(
    *("cache_dir", "hf_token", "label_field", "score_field", "text_field", "filter_by"),
    *("max_chars", "sort_by_length", "model_inference_batch_size", "autocast", "keep_tokens"),
    "use_existing_tokens",
)
@dataclass(kw_only=True)
class InstructionDataGuardClassifier(_GuardClassifier):
    """How likely an instruction and its answer, in English, are poisoned: a score in [0, 1].

    Example:
        >>> InstructionDataGuardClassifier(filter_by=["false"])
    """

    label_field: str = "is_poisoned"
    """Column for whether the score is 0.5 or more."""
    score_field: str = "instruction_data_guard_poisoning_score"
    """Column for the score."""
    filter_by: list[Any] | None = None
    """Labels whose documents stay, True or False, also as words; None for all."""
    max_chars: int | None = None
    """Characters of a text that the model sees; None for as many as 4,096 tokens have."""
    aegis_variant: str = AEGIS_VARIANTS[0]
    """Folder or hub id of the adapter."""
    head_model: str = INSTRUCTION_DATA_GUARD
    """Folder or hub id of the head."""

    def decompose(self) -> list[AnyStage]:
        """Tokens, the score and the label, and the labels that stay.

        Raises:
            SettingsError: A label to keep is neither true nor false.
        """
        stages: list[AnyStage] = [
            *self.tokenizer(self.text_field, self.max_chars),
            self.model_stage(
                self.aegis_variant,
                label_field=self.label_field,
                score_field=self.score_field,
                add_instruction_data_guard=True,
                head_model=self.head_model,
            ),
        ]
        if self.filter_by:
            kept = [str(each).lower() for each in self.filter_by]
            if not {*kept} <= {"true", "false"}:
                raise SettingsError(f"filter_by {self.filter_by} is not of True and False.")
            stages.append(Filter(IsOne(tuple(each == "true" for each in kept)), self.label_field))
        return stages
