"""NeMo Curator's classifiers: each is a stage that makes tokens, one that asks the model, and one that keeps labels.

The parameters, limits and columns are NeMo Curator's. `model_identifier` takes a folder where there is no network.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from curator_engine.device import Device
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.stage import AnyStage, CompositeStage
from curator_text.classifiers.kinds import KINDS
from curator_text.classifiers.token_stages import (
    ClassifierModelStage,
    FineMathModelStage,
    FineWebModelStage,
    PromptTaskComplexityModelStage,
    TokenizerStage,
)
from curator_text.filters.score_filter import Filter
from curator_text.task import DocumentBatch
from curator_text.tokenize.chunks import CenterCropTextStage

_SHARED = (
    *("text_field", "filter_by", "max_chars", "sort_by_length", "model_inference_batch_size"),
    *("autocast", "keep_tokens", "use_existing_tokens"),
)
"""Of all classifiers of NeMo Curator, by position behind their columns."""
_MOST_TOKENS, _LARGE_BATCH, _CROPPED = 512, 1024, 10_000


@dataclass(frozen=True)
class IsOne:
    """Whether a label is one of some."""

    labels: tuple[Any, ...]

    def __call__(self, label: Any) -> bool:
        """Whether it is."""
        return label in self.labels


@dataclass(kw_only=True)
class DistributedDataClassifier(CompositeStage[DocumentBatch, DocumentBatch]):
    """Classify texts by a model of labels; with `filter_by`, keep some labels.

    Example:
        >>> DistributedDataClassifier(model_identifier="my/model", label_field="topic")
    """

    model_identifier: str
    """Folder or hub id of the model."""
    cache_dir: str | None = None
    """Only None: set HF_HOME."""
    label_field: str = "preds"
    """Column for the label."""
    score_field: str | None = None
    """Column for the probabilities of all labels; None for none."""
    text_field: str = "text"
    """Column with the texts."""
    filter_by: list[str] | None = None
    """Labels whose documents stay; None for all."""
    max_chars: int | None = None
    """Characters of a text that the model sees; None for all."""
    max_seq_length: int | None = None
    """Tokens of a text that the model sees; None for as many as it takes."""
    padding_side: Literal["left", "right"] = "right"
    """Only "right"."""
    sort_by_length: bool = True
    """Accepted: batches are of texts of like lengths; rows keep their order."""
    model_inference_batch_size: int = 256
    """Texts at a time; fewer where a GPU's memory is too small."""
    autocast: bool = True
    """On a GPU, compute in half precision."""
    keep_tokens: bool = False
    """Keep the column of tokens, for a classifier with the same tokenizer."""
    use_existing_tokens: bool = False
    """Take the column of tokens that is there."""
    device: Device = "auto"
    """Where to compute."""
    can_filter: ClassVar[bool] = True
    """Whether there are labels to keep."""

    def __post_init__(self) -> None:
        if self.filter_by and not self.can_filter:
            raise SettingsError(
                f"{type(self).__name__} takes no filter_by; use Filter on a column."
            )

    def decompose(self) -> list[AnyStage]:
        """Tokens unless they are there, the model, and the labels that stay."""
        stages: list[AnyStage] = []
        if not self.use_existing_tokens:
            stages.append(
                TokenizerStage(
                    model_identifier=self.model_identifier,
                    cache_dir=self.cache_dir,
                    text_field=self.text_field,
                    max_chars=self.max_chars,
                    max_seq_length=self.max_seq_length,
                )
            )
        stages.append(self.model_stage())
        if self.filter_by:
            stages.append(Filter(IsOne(tuple(self.filter_by)), self.label_field))
        return stages

    def model_stage(self) -> ClassifierModelStage:
        """The stage that asks the model."""
        return ClassifierModelStage(score_field=self.score_field, **self._for_model())

    def _for_model(self) -> dict[str, Any]:
        return {
            "model_identifier": self.model_identifier,
            "cache_dir": self.cache_dir,
            "label_field": self.label_field,
            "model_inference_batch_size": self.model_inference_batch_size,
            "padding_side": self.padding_side,
            "max_seq_length": self.max_seq_length,
            "autocast": self.autocast,
            "keep_tokens": self.keep_tokens,
            "device": self.device,
        }


@positional("cache_dir", "label_field", "score_field", *_SHARED)
@dataclass(kw_only=True)
class DomainClassifier(DistributedDataClassifier):
    """The domain of an English text, of 26, such as Finance or Science.

    Example:
        >>> DomainClassifier(filter_by=["Science", "Health"])
    """

    model_identifier: str = KINDS["domain"].model
    label_field: str = "domain_pred"
    max_chars: int | None = KINDS["domain"].max_chars


@positional("cache_dir", "label_field", "score_field", *_SHARED)
@dataclass(kw_only=True)
class MultilingualDomainClassifier(DistributedDataClassifier):
    """The domain of a text in one of 52 languages, of 26."""

    model_identifier: str = KINDS["multilingual-domain"].model
    label_field: str = "multilingual_domain_pred"
    max_chars: int | None = KINDS["multilingual-domain"].max_chars


@positional("cache_dir", "label_field", "score_field", *_SHARED)
@dataclass(kw_only=True)
class QualityClassifier(DistributedDataClassifier):
    """The quality of a text: High, Medium or Low."""

    model_identifier: str = KINDS["quality"].model
    label_field: str = "quality_pred"
    max_chars: int | None = KINDS["quality"].max_chars


@positional("cache_dir", "label_field", "score_field", *_SHARED)
@dataclass(kw_only=True)
class ContentTypeClassifier(DistributedDataClassifier):
    """The kind of a text, of 11, such as News or Reviews."""

    model_identifier: str = KINDS["content-type"].model
    label_field: str = "content_pred"
    max_chars: int | None = KINDS["content-type"].max_chars


@dataclass(kw_only=True)
class _FineWebClassifier(DistributedDataClassifier):
    """The educational value of a text: a score in [0, 5]."""

    max_seq_length: int | None = _MOST_TOKENS
    float_score_field: str = "float_score"
    """Column for the score."""
    int_score_field: str = "int_score"
    """Column for the whole number next to it."""

    def model_stage(self) -> ClassifierModelStage:
        """The stage that asks the model."""
        return FineWebModelStage(
            float_score_field=self.float_score_field,
            int_score_field=self.int_score_field,
            **self._for_model(),
        )


_FINEWEB = ("cache_dir", "label_field", "float_score_field", "int_score_field", *_SHARED)


@positional(*_FINEWEB)
@dataclass(kw_only=True)
class FineWebEduClassifier(_FineWebClassifier):
    """The educational value of a text, by FineWeb's model."""

    model_identifier: str = KINDS["fineweb-edu"].model
    label_field: str = "fineweb-edu-score-label"
    float_score_field: str = "fineweb-edu-score-float"
    int_score_field: str = "fineweb-edu-score-int"


@positional(*_FINEWEB)
@dataclass(kw_only=True)
class FineWebMixtralEduClassifier(_FineWebClassifier):
    """The educational value of a text, by a model of Mixtral's labels."""

    model_identifier: str = KINDS["fineweb-mixtral-edu"].model
    label_field: str = "fineweb-mixtral-edu-score-label"
    float_score_field: str = "fineweb-mixtral-edu-score-float"
    int_score_field: str = "fineweb-mixtral-edu-score-int"
    model_inference_batch_size: int = _LARGE_BATCH


@positional(*_FINEWEB)
@dataclass(kw_only=True)
class FineWebNemotronEduClassifier(_FineWebClassifier):
    """The educational value of a text, by a model of Nemotron's labels."""

    model_identifier: str = KINDS["fineweb-nemotron-edu"].model
    label_field: str = "fineweb-nemotron-edu-score-label"
    float_score_field: str = "fineweb-nemotron-edu-score-float"
    int_score_field: str = "fineweb-nemotron-edu-score-int"
    model_inference_batch_size: int = _LARGE_BATCH


@positional("cache_dir", *_SHARED)
@dataclass(kw_only=True)
class PromptTaskComplexityClassifier(DistributedDataClassifier):
    """The task of a prompt, and how complex it is, in eleven columns."""

    model_identifier: str = KINDS["prompt-task-complexity"].model
    max_seq_length: int | None = _MOST_TOKENS
    can_filter: ClassVar[bool] = False

    def model_stage(self) -> ClassifierModelStage:
        """The stage that asks the model."""
        return PromptTaskComplexityModelStage(**self._for_model())


@dataclass(kw_only=True)
class FineMathClassifier(DistributedDataClassifier):
    """How good the maths in a text are: a score in [0, 5]. The model sees the middle of the text, which stays as it is cropped."""

    model_identifier: str = KINDS["finemath"].model
    float_score_column: str = "finemath_scores"
    """Column for the score."""
    int_score_column: str = "finemath_int_scores"
    """Column for the whole number next to it."""
    max_seq_length: int | None = _MOST_TOKENS
    sort_by_length: bool = False
    model_inference_batch_size: int = _LARGE_BATCH
    center_crop_chars: int | None = _CROPPED
    """Characters before and behind the middle that stay; None or 0 for all."""
    can_filter: ClassVar[bool] = False

    def decompose(self) -> list[AnyStage]:
        """The middle of the text, tokens, the model."""
        crop = self.center_crop_chars
        if not crop:
            return super().decompose()
        middle = CenterCropTextStage(text_field=self.text_field, center_crop_chars=crop)
        return [middle, *super().decompose()]

    def model_stage(self) -> ClassifierModelStage:
        """The stage that asks the model."""
        return FineMathModelStage(
            float_score_column=self.float_score_column,
            int_score_column=self.int_score_column,
            **self._for_model(),
        )
