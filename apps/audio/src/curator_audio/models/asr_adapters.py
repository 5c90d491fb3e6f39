"""Recognisers as NeMo Curator's `ASRStage` takes them: classes that are named by an import string.

`RecogniserAdapter` is for every recogniser of `recognisers.py`. `NeMoASRAdapter` and `QwenASRAdapter` are
for models whose packages are outside of our lock: written by their documents, they have not run here.
"""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from curator_audio.models.outside_package import outside_package
from curator_audio.models.recognisers import RecogniserBackend, check_recogniser, open_recogniser
from curator_audio.models.transcript import Recogniser
from curator_engine.device import Device


@dataclass(kw_only=True)
class ASRResult:
    """What an adapter says of one recording.

    Example:
        >>> ASRResult(text="ask not").skipped
        False
    """

    text: str
    """Empty if it was skipped."""
    skipped: bool = False
    skip_reason: str | None = None
    """Why; "empty_audio" unless it is said."""
    unsupported_language: str | None = None
    """Code of a language that is not on the stage's list."""
    extras: dict[str, Any] = field(default_factory=dict[str, Any])
    """What else the model says, as JSON has it."""


class ASRAdapter(Protocol):
    """What `ASRStage` needs of a model; made with `model_id` and `adapter_kwargs`."""

    model_id: str

    def download_weights_on_node(self) -> None:
        """Fetch the weights once per node."""
        ...

    def load_model(self, *, num_gpus: int) -> None:
        """Load the model in a worker that has so many GPUs."""
        ...

    def unload_model(self) -> None:
        """Let the model go."""
        ...

    def transcribe_batch(self, items: list[dict[str, Any]]) -> list[ASRResult]:
        """A result per item: waveform (mono float32), sample_rate, language, language_code, task_id."""
        ...


class RecogniserAdapter:
    """Any recogniser of ours behind `ASRStage`: draft, folders, hub ids, endpoints.

    Raises:
        InputError: There is no such model.
        ResourceError: What runs it is not installed.
        SettingsError: The backend cannot run it.

    Example:
        ASRStage(adapter_target="curator_audio.models.asr_adapters.RecogniserAdapter", model_id="draft")
    """

    def __init__(
        self,
        model_id: str = "draft",
        *,
        backend: RecogniserBackend = "auto",
        device: Device = "auto",
        language: str = "",
        batch: int = 8,
        threads: int = 0,
    ) -> None:
        check_recogniser(model_id, backend)
        self.model_id = model_id
        self._options: dict[str, Any] = {
            "backend": backend,
            "device": device,
            "language": language,
            "batch": batch,
            "threads": threads,
        }
        self._recogniser: Recogniser | None = None

    def download_weights_on_node(self) -> None:
        """Nothing: the libraries keep what they fetch, and a second worker finds it."""

    def load_model(self, *, num_gpus: int) -> None:
        """Open the recogniser, on the CPU if the worker has no GPU."""
        options = dict(self._options)
        if num_gpus == 0:
            options["device"] = "cpu"
        self._recogniser = open_recogniser(self.model_id, **options)

    def unload_model(self) -> None:
        """Let the recogniser go."""
        self._recogniser = None

    def transcribe_batch(self, items: list[dict[str, Any]]) -> list[ASRResult]:
        """What is said in each item; words, confidence and language are extras."""
        if self._recogniser is None:
            self.load_model(num_gpus=1)
        assert self._recogniser is not None
        heard = self._recogniser.transcribe([item["waveform"] for item in items])
        return [
            ASRResult(
                text=each.text,
                skipped=bool(each.error),
                skip_reason=each.error or None,
                extras={
                    "language": each.language,
                    "confidence": each.confidence,
                    "words": [asdict(word) for word in each.words],
                },
            )
            for each in heard
        ]


class NeMoASRAdapter:
    """A model of the NeMo toolkit, such as Parakeet. It has not run here: NeMo is not in our lock.

    Example:
        NeMoASRAdapter("nvidia/parakeet-tdt-0.6b-v2")
    """

    def __init__(self, model_id: str = "nvidia/stt_en_fastconformer_ctc_large") -> None:
        self.model_id = model_id
        self._model: Any = None

    def download_weights_on_node(self) -> None:
        """Fetch the weights by loading the model once.

        Raises:
            ResourceError: NeMo is not installed.
        """
        self._load()

    def load_model(self, *, num_gpus: int) -> None:
        """Load the model.

        Raises:
            ResourceError: NeMo is not installed.
        """
        model = self._load()
        self._model = model.cuda() if math.ceil(num_gpus) else model.cpu()
        self._model.eval()

    def unload_model(self) -> None:
        """Let the model go."""
        self._model = None

    def transcribe_batch(self, items: list[dict[str, Any]]) -> list[ASRResult]:
        """What is said in each item."""
        heard = self._model.transcribe([item["waveform"] for item in items], batch_size=len(items))
        return [ASRResult(text=str(getattr(each, "text", each))) for each in heard]

    def _load(self) -> Any:
        models = outside_package("nemo.collections.asr.models", "nemo_toolkit[asr]")
        return models.ASRModel.from_pretrained(self.model_id)


class QwenASRAdapter:
    """Qwen3-ASR by the package qwen-asr. It has not run here: the package is not in our lock.

    Example:
        QwenASRAdapter("Qwen/Qwen3-ASR-0.6B", max_new_tokens=512)
    """

    def __init__(
        self, model_id: str = "Qwen/Qwen3-ASR-1.7B", *, max_new_tokens: int = 4096
    ) -> None:
        self.model_id = model_id
        self._max_new_tokens = max_new_tokens
        self._model: Any = None

    def download_weights_on_node(self) -> None:
        """Fetch the weights.

        Raises:
            ResourceError: The hub's package is not installed.
        """
        outside_package("huggingface_hub", "huggingface-hub").snapshot_download(self.model_id)

    def load_model(self, *, num_gpus: int) -> None:
        """Load the model.

        Raises:
            ResourceError: The package is not installed.
        """
        self._model = outside_package("qwen_asr", "qwen-asr").Qwen3ASRModel.from_pretrained(
            self.model_id,
            device_map="cuda" if math.ceil(num_gpus) else "cpu",
            max_new_tokens=self._max_new_tokens,
        )

    def unload_model(self) -> None:
        """Let the model go."""
        self._model = None

    def transcribe_batch(self, items: list[dict[str, Any]]) -> list[ASRResult]:
        """What is said in each item; its language is an extra."""
        heard = self._model.transcribe(
            audio=[(item["waveform"], item["sample_rate"]) for item in items],
            language=[item["language"] for item in items],
        )
        return [ASRResult(text=each.text, extras={"language": each.language}) for each in heard]
