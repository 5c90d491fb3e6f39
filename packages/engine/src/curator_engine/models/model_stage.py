"""Models that answer questions about pictures or texts: what is asked, and which model is meant.

A model is a folder or hub id, run here by transformers or vLLM, or the URL of an OpenAI-compatible
endpoint. The models are `models/`'s and `endpoint.py`'s; nothing heavy is imported before one is loaded.
"""

import importlib.util
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from curator_engine.device import Device, has_gpu
from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.models.endpoint import Endpoint, is_url
from curator_engine.models.model_names import may_be_model
from curator_engine.models.questions import Answer, Question
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import Task

type Backend = Literal["auto", "transformers", "vllm", "endpoint"]


class Describer(Protocol):
    """What answers questions."""

    name: str
    """Short name of the model: the key of its captions."""

    def answer(self, questions: list[Question]) -> list[Answer]:
        """An answer per question; one that fails has its error, and the others are not affected."""
        ...


@dataclass(kw_only=True)
class ModelStage[X: Task[Any], Y: Task[Any]](ProcessingStage[X, Y]):
    """A stage that asks a model: a subclass puts the questions and takes the answers in `process`."""

    model: str
    """Folder, hub id, or http(s) URL of an OpenAI-compatible endpoint."""
    backend: Backend = "auto"
    """What runs it; auto: an endpoint if it is a URL, else transformers."""
    device: Device = "auto"
    """Where transformers computes."""
    batch: int = 8
    """Questions that are asked at once."""
    max_tokens: int = 512
    """Length of an answer at most."""
    endpoint_model: str = ""
    """Name of the model at the endpoint; the only one that it lists unless given."""
    api_key_env: str = "CURATOR_API_KEY"
    """Environment variable with the endpoint's key; read where the stage runs, never stored."""
    timeout_s: float = 120.0
    """Seconds for one answer of an endpoint."""
    retries: int = 4
    """Further attempts where an endpoint is busy or does not answer."""
    backoff_s: float = 1.0
    """Seconds before the first further attempt; doubles each time."""
    sees: ClassVar[bool] = True
    """Whether its questions have pictures."""
    _describer: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_model_name(self.model, self.backend)
        for name in ("batch", "max_tokens", "timeout_s"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name}={getattr(self, name)} is not above 0.")
        for name in ("retries", "backoff_s"):
            if getattr(self, name) < 0:
                raise SettingsError(f"{name}={getattr(self, name)} is negative.")
        if self._on_gpu and not self.resources.requires_gpu:
            self.resources = Resources(cpus=1.0, gpus=1.0)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model, or look what the endpoint has."""
        self._describer = self._open(retries=self.retries)

    def teardown(self) -> None:
        """Let the model go."""
        self._describer = None

    def num_workers(self) -> int | None:
        """One where a model computes on the CPU: it takes all of them by itself."""
        return None if self._remote or self._on_gpu else 1

    def check(self) -> None:
        """Look whether the model is there, without loading it: for use before any work.

        Raises:
            InputError: There is no such folder, or the endpoint does not answer.
            ResourceError: What runs it is not installed.
        """
        if self._remote:
            self._open(retries=0)
            return
        library = "vllm" if self.backend == "vllm" else "transformers"
        for package in ("torch", library):
            if importlib.util.find_spec(package) is None:
                raise ResourceError(
                    f"the model {self.model!r} needs {package}; install it (the app's extra 'models' has "
                    "torch and transformers), or give the URL of an endpoint."
                )

    @property
    def _remote(self) -> bool:
        return self.backend == "endpoint" or is_url(self.model)

    @property
    def _on_gpu(self) -> bool:
        if self._remote:
            return False
        wanted = self.backend == "vllm" or self.device == "gpu"
        return wanted or (self.device == "auto" and has_gpu())

    def _open(self, *, retries: int) -> Describer:
        if self._remote:
            return Endpoint(
                url=self.model,
                model=self.endpoint_model,
                api_key_env=self.api_key_env,
                max_tokens=self.max_tokens,
                timeout_s=self.timeout_s,
                retries=retries,
                backoff_s=self.backoff_s,
                parallel=self.batch,
            )
        if self.backend == "vllm":
            from curator_engine.models.vllm_model import VllmModel

            return VllmModel(self.model, max_tokens=self.max_tokens, sees=self.sees)
        if self.sees:
            from curator_engine.models.vision_language import VisionLanguageModel

            return VisionLanguageModel(self.model, device=self.device, max_tokens=self.max_tokens)
        from curator_engine.models.text_language import TextLanguageModel

        return TextLanguageModel(self.model, device=self.device, max_tokens=self.max_tokens)


def check_model_name(name: str, backend: str = "auto") -> None:
    """Look whether the name can be a model's, without loading or asking anything.

    Raises:
        SettingsError: A URL and the backend exclude each other.
        InputError: It is neither a folder nor of the form of a hub id.
    """
    if is_url(name):
        if backend not in ("auto", "endpoint"):
            raise SettingsError(f"{name} is a URL, which backend={backend!r} cannot run; use auto.")
        return
    if backend == "endpoint":
        raise SettingsError(f"the endpoint {name!r} is no URL; it must begin with http(s)://.")
    if not may_be_model(name):
        raise InputError(f"the model {name!r} is neither a folder, a hub id nor a URL; check it.")
