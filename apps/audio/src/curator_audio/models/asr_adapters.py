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

    Args:
        model_id: Hub id or name in NVIDIA's catalogue.
        num_workers: Processes that load samples.
        verbose: Let NeMo show its progress.
        enable_local_attention: Hear long recordings in windows of attention.
        local_attention_context_size: Frames before and after, with that.
        use_cuda_graph_decoder: Of the greedy decoder; as the model has it if None.
        refresh_cache: Fetch the weights again.
        strict: Refuse weights that do not fit.

    Example:
        NeMoASRAdapter("nvidia/parakeet-tdt-0.6b-v2")
    """

    def __init__(
        self,
        model_id: str = "nvidia/stt_en_fastconformer_ctc_large",
        num_workers: int = 0,
        *,
        verbose: bool = False,
        enable_local_attention: bool = False,
        local_attention_context_size: tuple[int, int] = (128, 128),
        use_cuda_graph_decoder: bool | None = None,
        refresh_cache: bool = False,
        strict: bool = True,
    ) -> None:
        self.model_id = model_id
        self._transcribing = {"num_workers": num_workers, "verbose": verbose}
        self._loading = {"refresh_cache": refresh_cache, "strict": strict}
        self._around = list(local_attention_context_size) if enable_local_attention else None
        self._graphs = use_cuda_graph_decoder
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
        if self._around:
            model.change_attention_model("rel_pos_local_attn", self._around)
            model.change_subsampling_conv_chunking_factor(1)
        if self._graphs is not None:
            model.cfg.decoding.greedy.use_cuda_graph_decoder = self._graphs
            model.change_decoding_strategy(model.cfg.decoding)
        self._model = model.cuda() if math.ceil(num_gpus) else model.cpu()
        self._model.eval()

    def unload_model(self) -> None:
        """Let the model go."""
        self._model = None

    def transcribe_batch(self, items: list[dict[str, Any]]) -> list[ASRResult]:
        """What is said in each item."""
        clips = [item["waveform"] for item in items]
        heard = self._model.transcribe(clips, batch_size=len(items), **self._transcribing)
        return [ASRResult(text=str(getattr(each, "text", each))) for each in heard]

    def _load(self) -> Any:
        models = outside_package("nemo.collections.asr.models", "nemo_toolkit[asr]")
        return models.ASRModel.from_pretrained(self.model_id, **self._loading)


class QwenASRAdapter:
    """Qwen3-ASR by the package qwen-asr, in vLLM on a GPU. It has not run here: the package is not in our lock.

    Args:
        model_id: Hub id or folder.
        revision: Of the hub.
        gpu_memory_utilization: Share of the GPU's memory that vLLM takes.
        max_new_tokens: Most tokens of a transcript.
        max_inference_batch_size: Clips that the model hears at once.
        vllm_kwargs: What else vLLM gets.

    Example:
        QwenASRAdapter("Qwen/Qwen3-ASR-0.6B", max_new_tokens=512)
    """

    def __init__(
        self,
        model_id: str = "Qwen/Qwen3-ASR-0.6B",
        revision: str | None = None,
        *,
        gpu_memory_utilization: float = 0.7,
        max_new_tokens: int = 4096,
        max_inference_batch_size: int = 128,
        vllm_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.model_id = model_id
        self._revision = revision
        self._common = {
            **({"revision": revision} if revision else {}),
            "max_new_tokens": max_new_tokens,
            "max_inference_batch_size": max_inference_batch_size,
        }
        self._vllm = {**(vllm_kwargs or {}), "gpu_memory_utilization": gpu_memory_utilization}
        self._model: Any = None

    def download_weights_on_node(self) -> None:
        """Fetch the weights.

        Raises:
            ResourceError: The hub's package is not installed.
        """
        outside_package("huggingface_hub", "huggingface-hub").snapshot_download(
            self.model_id, revision=self._revision
        )

    def load_model(self, *, num_gpus: int) -> None:
        """Load the model.

        Raises:
            ResourceError: The package is not installed.
        """
        maker = outside_package("qwen_asr", "qwen-asr").Qwen3ASRModel
        if math.ceil(num_gpus):
            self._model = maker.LLM(model=self.model_id, **self._vllm, **self._common)
        else:
            self._model = maker.from_pretrained(self.model_id, device_map="cpu", **self._common)

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
