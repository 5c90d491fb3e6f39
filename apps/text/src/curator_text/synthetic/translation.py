"""Translation by a language model or a service, by NeMo Curator's names; a model is asked by the recipe `translate`, whose words are ours."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.models.ask_together import first_answers
from curator_engine.models.llm_client import AsyncLLMClient, Given
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import AnyStage, CompositeStage, ProcessingStage
from curator_engine.task import TableTask
from curator_text.read.columns import with_columns
from curator_text.synthetic.answers import tidied
from curator_text.synthetic.faith_scores import (
    METADATA,
    FaithEvalFilter,
    FaithThresholdFilterStage,
    MergeFaithScoresStage,
    recipe_for,
)
from curator_text.synthetic.field_paths import parse_structured_value
from curator_text.synthetic.translation_backends import (
    TranslationBackend,
    backend_class,
    check_codes,
    get_backend,
)
from curator_text.synthetic.translation_metadata import (
    build_translation_metadata,
    reconstruct_messages_with_translation,
)
from curator_text.synthetic.translation_segments import (
    SEGMENT_MAP,
    SEGMENTS,
    SKIP,
    TRANSLATED,
    TRANSLATION_MAP,
    ReassemblyStage,
    RestoreSkippedRowsStage,
    SegmentationStage,
    SkipExistingTranslationsStage,
    array_of,
    texts_of,
    without,
)
from curator_text.task import DocumentBatch

_CHATS = "translated_messages"


@dataclass(kw_only=True)
class SegmentTranslationStage(ProcessingStage[TableTask, TableTask]):
    """Ask a language model, or a service, for the translation of each segment."""

    source_lang: str
    """Name or code of the language of the texts."""
    target_lang: str
    """Name or code of the language of the translations."""
    client: AsyncLLMClient | None = None
    """Whom to ask; must be given for "llm"."""
    model_name: str = ""
    """Name of the model; must be given for "llm"."""
    backend_type: str = "llm"
    """A language model (llm), a service (aws, google, nmt), or a name that was registered."""
    backend_config: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Arguments of the service, as server_url of nmt."""
    generation_config: Given = None
    """How to generate; None for the most likely tokens, as many as the recipe says."""
    prompt_path: str | None = None
    """A recipe of `curator-text generate`; None for `translate`."""
    max_concurrent_requests: int = 64
    """Accepted: a client limits its requests by itself."""
    health_check: bool = True
    """Accepted: a client that does not answer fails with the first batch."""
    dry_run: bool = False
    """Only False: `curator-text generate --dry-run` says what would be asked."""
    dry_run_log_count: int = 5
    """Accepted."""
    _service: type[TranslationBackend] | None = field(default=None, init=False, repr=False)
    _backend: TranslationBackend | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.dry_run:
            raise SettingsError("dry_run is not offered here; use curator-text generate --dry-run.")
        if not self.is_llm:
            check_codes(self.source_lang, self.target_lang)
            # Found here: a worker has not seen what a script registers.
            self._service = backend_class(self.backend_type)
            return
        if self.client is None or not self.model_name.strip():
            raise SettingsError(f"{type(self).__name__} needs client and model_name.")
        recipe_for(self.source_lang, self.target_lang, self.prompt_path)

    @property
    def is_llm(self) -> bool:
        """Whether a language model is asked."""
        return self.backend_type.lower() == "llm"

    def inputs(self) -> tuple[list[str], list[str]]:
        """The segments."""
        return ["data"], [SEGMENTS]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The translations; null for one that is a refusal or empty."""
        return ["data"], [TRANSLATED]

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Connect."""
        if not self.is_llm:
            self._backend = get_backend(self.backend_type, self.backend_config, self._service)
            self._backend.setup()
        elif self.client is not None:
            self.client.setup()

    def teardown(self) -> None:
        """Let go of connections."""
        if self._backend is not None:
            self._backend.close()
        self._backend = None

    def process(self, task: TableTask) -> TableTask:
        """Translate the segments of a batch.

        Raises:
            EndpointError: A question was not answered.
        """
        rows: list[Any] = task.data.column(SEGMENTS).to_pylist()
        flat = [text for row in rows for text in row]
        said = iter(self._asked(flat) if self.is_llm else self._translated(flat))
        made = [[next(said) or None for _ in row] for row in rows]
        task.data = with_columns(task.data, {TRANSLATED: array_of(made, pa.list_(pa.string()))})
        return task

    def _translated(self, texts: Sequence[str]) -> list[str]:
        """What the service gives; the same text is paid for once in a batch."""
        wanted = list(dict.fromkeys(texts))
        if self._backend is None or not wanted:
            return []
        found = self._backend.translate_batch(wanted, self.source_lang, self.target_lang)
        known = dict(zip(wanted, found, strict=True))
        return [known[text] for text in texts]

    def _asked(self, texts: Sequence[str]) -> list[str]:
        """What the language model gives."""
        recipe = recipe_for(self.source_lang, self.target_lang, self.prompt_path)
        told = [{"role": "system", "content": recipe.told}] if recipe.told else []
        questions = [[*told, {"role": "user", "content": recipe.asked(text)}] for text in texts]
        config = self.generation_config or {"temperature": 0.0, "max_tokens": recipe.max_tokens}
        found = first_answers(self.client, questions, model=self.model_name, config=config)
        return [tidied(answer, text, recipe) for text, answer in zip(texts, found, strict=True)]


@dataclass(kw_only=True)
class FormatTranslationOutputStage(ProcessingStage[TableTask, TableTask]):
    """Write `translation_metadata`, JSON with the language, the translation and its segments; `raw` leaves that only.

    With `reconstruct_messages`, also `translated_messages`: JSON of a chat with the translations in it.
    """

    target_lang: str
    """Name or code of the language of the translations."""
    output_mode: Literal["replaced", "raw", "both"] = "replaced"
    """Whether there is that JSON (raw, both) and the column of translations (replaced, both)."""
    output_field: str = "translated_text"
    """Column with the translations."""
    reconstruct_messages: bool = False
    """Add the chats of `messages_field` with their translations."""
    messages_field: str = "messages"
    """Column with chats, nested or as JSON; without it there are none."""
    messages_content_field: str = "content"
    """Where the text of a message is."""

    def __post_init__(self) -> None:
        if self.output_mode not in ("replaced", "raw", "both"):
            raise SettingsError(f"output_mode {self.output_mode!r} is not replaced, raw or both.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """The translations."""
        return ["data"], [self.output_field]

    def process(self, task: TableTask) -> TableTask:
        """Write the rows of a batch."""
        table, columns = task.data, dict[str, Any]()
        if self.output_mode != "replaced":
            columns[METADATA] = array_of(self._metadata(table), pa.string())
        if self.reconstruct_messages and self.messages_field in table.column_names:
            columns[_CHATS] = array_of(self._chats(table), pa.string())
        raw = [self.output_field] if self.output_mode == "raw" else []
        gone = [TRANSLATION_MAP, SEGMENT_MAP, *raw]
        task.data = without(with_columns(table, columns), *gone)
        return task

    def _metadata(self, table: pa.Table) -> list[str]:
        texts = texts_of(table, self.output_field)
        maps = [
            [parse_structured_value(each) for each in texts_of(table, name)]
            for name in (TRANSLATION_MAP, SEGMENT_MAP)
        ]
        return [
            build_translation_metadata(self.target_lang, text, by_field, segments)
            for text, by_field, segments in zip(texts, *maps, strict=True)
        ]

    def _chats(self, table: pa.Table) -> list[str]:
        chats = table.column(self.messages_field).to_pylist()
        texts: list[Any] = table.column(self.output_field).to_pylist()
        made = [
            reconstruct_messages_with_translation(
                parse_structured_value(chat) or [], text, self.messages_content_field
            )
            for chat, text in zip(chats, texts, strict=True)
        ]
        return [json.dumps(each, ensure_ascii=False) for each in made]


@dataclass(kw_only=True)
class TranslationStage(CompositeStage[DocumentBatch, DocumentBatch]):
    """Translate a column of texts, and score the translations if it is wanted.

    Example:
        >>> TranslationStage(
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
    text_field: str | list[str] = "text"
    """Column with the texts, or several; a path such as messages.*.content leads to texts in a nested column, or in JSON."""
    output_field: str = "translated_text"
    """Column for the translations: of one path its whole column, of several fields JSON by their names."""
    segmentation_mode: Literal["coarse", "fine"] = "coarse"
    """Translate passages, or sentences."""
    min_segment_chars: int = 0
    """Shorter segments stay as they are."""
    client: AsyncLLMClient | None = None
    """Whom to ask; must be given for "llm", and for scores."""
    model_name: str = ""
    """Name of the model; must be given for "llm"."""
    generation_config: Given = None
    """How to generate."""
    translation_prompt_path: str | None = None
    """A recipe of `curator-text generate`; None for `translate`."""
    max_concurrent_requests: int = 64
    """Accepted: a client limits its requests by itself."""
    health_check: bool = True
    """Accepted: a client that does not answer fails with the first batch."""
    dry_run: bool = False
    """Only False."""
    dry_run_log_count: int = 5
    """Accepted."""
    backend_type: str = "llm"
    """A language model (llm), a service (aws, google, nmt), or a name that was registered."""
    backend_config: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Arguments of the service, as server_url of nmt."""
    enable_faith_eval: bool = False
    """Score each segment's translation, and drop documents with a low mean."""
    faith_threshold: float = 2.5
    """Least mean score."""
    faith_model_name: str = ""
    """Model that scores; the translating one unless given."""
    filter_enabled: bool = True
    """Otherwise nothing is dropped."""
    faith_generation_config: Given = None
    """How to generate scores."""
    faith_prompt_path: str | None = None
    """A recipe whose `score_prompt` is asked; None for `translate`."""
    faith_max_concurrent_requests: int = 64
    """Accepted: a client limits its requests by itself."""
    output_mode: Literal["replaced", "raw", "both"] = "replaced"
    """replaced: translations in their column and in that of the texts; raw: as JSON in `translation_metadata`; or both."""
    merge_scores: bool = False
    """Put the scores into that JSON."""
    reconstruct_messages: bool = False
    """Add `translated_messages`, JSON of the chats of `messages_field` with their translations."""
    messages_field: str = "messages"
    """Column with chats, nested or as JSON."""
    messages_content_field: str = "content"
    """Where the text of a message is."""
    skip_translated: bool = False
    """Leave rows alone that have a translation."""
    translation_column: str = "translated_text"
    """Column with translations that are there."""

    def __post_init__(self) -> None:
        if not self.text_field:
            raise SettingsError("text_field names no column.")
        if self.merge_scores and self.output_mode == "replaced":
            raise SettingsError("merge_scores needs output_mode='raw' or 'both'.")
        self.decompose()

    def decompose(self) -> list[AnyStage]:
        """Segments, translations, scores, texts, columns."""
        has_metadata = self.output_mode != "replaced"
        stages: list[AnyStage] = []
        if self.skip_translated:
            stages.append(SkipExistingTranslationsStage(translation_column=self.translation_column))
        stages += [
            SegmentationStage(
                source_lang=self.source_lang,
                text_field=self.text_field,
                mode=self.segmentation_mode,
                min_segment_chars=self.min_segment_chars,
                skipme_field=SKIP if self.skip_translated else None,
            ),
            SegmentTranslationStage(
                source_lang=self.source_lang,
                target_lang=self.target_lang,
                client=self.client,
                model_name=self.model_name,
                backend_type=self.backend_type,
                backend_config=self.backend_config,
                generation_config=self.generation_config,
                prompt_path=self.translation_prompt_path,
                dry_run=self.dry_run,
            ),
        ]
        if self.enable_faith_eval:
            stages += self._scoring()
        stages.append(
            ReassemblyStage(
                text_field=self.text_field,
                output_field=self.output_field,
                replace_source_fields=self.output_mode != "raw",
                emit_metadata_helpers=has_metadata,
            )
        )
        if self.skip_translated:
            stages.append(RestoreSkippedRowsStage())
        stages.append(
            FormatTranslationOutputStage(
                target_lang=self.target_lang,
                output_mode=self.output_mode,
                output_field=self.output_field,
                reconstruct_messages=self.reconstruct_messages,
                messages_field=self.messages_field,
                messages_content_field=self.messages_content_field,
            )
        )
        if self.merge_scores and self.enable_faith_eval:
            stages.append(MergeFaithScoresStage())
        return stages

    def _scoring(self) -> list[AnyStage]:
        """Scores of segments, and the threshold, which rows that are not translated now pass."""
        scoring = FaithEvalFilter(
            source_lang=self.source_lang,
            target_lang=self.target_lang,
            client=self.client,
            model_name=self.faith_model_name or self.model_name,
            source_text_field=SEGMENTS,
            translated_text_field=TRANSLATED,
            threshold=self.faith_threshold,
            filter_enabled=False,
            generation_config=self.faith_generation_config,
            prompt_path=self.faith_prompt_path,
        )
        kept = [FaithThresholdFilterStage(threshold=self.faith_threshold)]
        return [scoring, *(kept if self.filter_enabled else [])]
