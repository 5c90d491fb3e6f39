"""The stage that transcribes entries of manifests by an adapter, as NeMo Curator's `ASRStage`."""

from dataclasses import dataclass, field
from typing import Any

from curator_audio.models.adapter_stage import AdapterInferenceStage
from curator_audio.models.asr_adapters import ASRAdapter, ASRResult
from curator_audio.read.decode import SPEECH_RATE
from curator_audio.read.entry_samples import entry_samples
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError, UnreadableFileError
from curator_engine.positional import positional
from curator_engine.resources import Resources
from curator_engine.stage import Produced

SKIP, NOTES = "_skipme", "additional_notes"
OURS = "curator_audio.models.asr_adapters.RecogniserAdapter"


@positional(
    *("adapter_target", "model_id", "name", "audio_filepath_key", "waveform_key"),
    *("sample_rate_key", "target_sample_rate", "keep_waveform", "source_lang_key"),
    *("default_language", "supported_language_codes", "pred_text_key", "extras_key"),
    *("skip_if_output_exists", "fail_on_audio_error", "prefetch_fail_on_error"),
    *("adapter_kwargs", "resources", "batch_size"),
)
@dataclass(kw_only=True)
class ASRStage(AdapterInferenceStage[ASRAdapter]):
    """Set the transcript of entries, by a recogniser behind an adapter.

    Unlike NeMo Curator's it reads `audio_filepath` unless told otherwise, and has an adapter and a model
    that need no GPU by default; Resources(gpus=1) is for those that do.

    Example:
        ASRStage(model_id="draft", resources=Resources(cpus=1.0))
    """

    name: str = "ASR_inference"
    adapter_target: str = OURS
    """Import path of a class with the methods of `ASRAdapter`."""
    model_id: str = "draft"
    """What the adapter loads."""
    audio_filepath_key: str = "audio_filepath"
    waveform_key: str | None = None
    """Key of samples, where an earlier stage has read them; else the file is read."""
    sample_rate_key: str = "sampling_rate"
    target_sample_rate: int = SPEECH_RATE
    """Samples per second that the adapter gets."""
    keep_waveform: bool = False
    """Leave the samples in the entry."""
    source_lang_key: str = "source_lang"
    default_language: str | None = None
    """Code of the language of entries that do not say theirs."""
    supported_language_codes: list[str] | None = None
    """Codes of languages that are transcribed; others are marked. All, unless given."""
    pred_text_key: str = "pred_text"
    extras_key: str | None = None
    """Key of what else the adapter says, such as words with times."""
    skip_if_output_exists: bool = False
    """Leave entries alone that have a transcript."""
    fail_on_audio_error: bool = False
    """Fail where a recording cannot be read; else mark its entry."""
    prefetch_fail_on_error: bool = True
    """Fail where the weights cannot be fetched; else try again in each worker."""
    adapter_kwargs: dict[str, Any] = field(default_factory=dict[str, Any])
    batch_size: int | None = 32
    resources: Resources = field(default_factory=Resources)
    _adapter: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        keys = [self.pred_text_key, *([self.extras_key] if self.extras_key else [])]
        if not all(keys) or len({*keys, SKIP, NOTES}) < len(keys) + 2:
            raise SettingsError(
                f"pred_text_key and extras_key must be two names other than {SKIP} and {NOTES}."
            )
        if not (self.batch_size and self.batch_size > 0 and self.target_sample_rate > 0):
            raise SettingsError("batch_size and target_sample_rate must be > 0.")

    def outputs(self) -> tuple[list[str], list[str]]:
        """The transcript."""
        return [], [self.pred_text_key]

    def process(self, task: AudioTask) -> AudioTask:
        """Transcribe one entry."""
        self._transcribe([task])
        return task

    def process_batch(self, tasks: list[AudioTask]) -> list[Produced]:
        """Transcribe some entries."""
        self._transcribe(tasks)
        return list(tasks)

    def _transcribe(self, tasks: list[AudioTask]) -> None:
        asked: list[AudioTask] = []
        items: list[dict[str, Any]] = []
        for task in tasks:
            if self.skip_if_output_exists and task.data.get(self.pred_text_key):
                continue
            item = self._item(task)
            if isinstance(item, ASRResult):
                self._set(task, item)
            else:
                asked.append(task)
                items.append(item)
        results = self._adapter.transcribe_batch(items) if items else []
        for task, result in zip(asked, results, strict=True):
            self._set(task, result)
        if self.waveform_key and not self.keep_waveform:
            for task in tasks:
                task.data.pop(self.waveform_key, None)

    def _item(self, task: AudioTask) -> dict[str, Any] | ASRResult:
        """What the adapter gets, or why it gets nothing."""
        code = str(task.data.get(self.source_lang_key) or self.default_language or "").lower()
        known = self.supported_language_codes
        if known is not None and code not in {each.strip().lower() for each in known}:
            reason = "language_not_supported" if code else "language_missing"
            return ASRResult(
                text="", skipped=True, skip_reason=reason, unsupported_language=code or None
            )
        try:
            waveform = self._samples(task.data)
        except UnreadableFileError:
            if self.fail_on_audio_error:
                raise
            self.log_metric("audio_load_errors", 1)
            return ASRResult(text="", skipped=True, skip_reason="audio_load_error")
        return {
            "waveform": waveform,
            "sample_rate": self.target_sample_rate,
            "language": code or None,
            "language_code": code or None,
            "task_id": task.task_id,
        }

    def _samples(self, entry: dict[str, Any]) -> Any:
        """Mono samples at the wanted rate: of the entry, or of its span of the file."""
        return entry_samples(
            entry,
            rate=self.target_sample_rate,
            audio_filepath_key=self.audio_filepath_key,
            waveform_key=self.waveform_key,
            sample_rate_key=self.sample_rate_key,
        )

    def _set(self, task: AudioTask, result: ASRResult) -> None:
        entry = task.data
        entry[self.pred_text_key] = result.text
        if self.extras_key and result.extras:
            entry[self.extras_key] = dict(result.extras)
        if result.skipped:
            entry[SKIP] = result.skip_reason or "empty_audio"
        if result.unsupported_language:
            notes = entry.get(NOTES)
            kept: dict[str, Any] = notes if isinstance(notes, dict) else {}
            entry[NOTES] = {
                **kept,
                self.name: f"unsupported language {result.unsupported_language}",
            }

    def _create_adapter(self) -> ASRAdapter:
        """The recogniser, without its model."""
        return self._adapter_class()(model_id=self.model_id, **self.adapter_kwargs)
