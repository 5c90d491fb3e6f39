"""The life of a model that a stage's settings name by an import path, as NeMo Curator's stages have it."""

import math
from abc import abstractmethod
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from curator_audio.models.adapter_class import adapter_class
from curator_audio.read.decode import blocks, open_audio
from curator_audio.task import AudioTask
from curator_engine.errors import CuratorError, SettingsError
from curator_engine.resources import NodeInfo, WorkerMetadata
from curator_engine.stage import ProcessingStage


class InferenceAdapter(Protocol):
    """What `AdapterInferenceStage` needs of a model; what it computes is between it and its stage."""

    def load_model(self, *, num_gpus: int) -> None:
        """Load the model in a worker that has so many GPUs."""
        ...

    def unload_model(self) -> None:
        """Let the model go."""
        ...


class AdapterInferenceStage[A: InferenceAdapter](ProcessingStage[AudioTask, AudioTask]):
    """Base of stages that ask a model behind an adapter: load it once per worker, and let it go.

    A subclass is a dataclass that declares these fields, makes the adapter in `_create_adapter`, and asks
    `self._adapter` in `process` or `process_batch`.

    Example:
        >>> @dataclass(kw_only=True)
        ... class Loud(AdapterInferenceStage[LoudAdapter]):
        ...     adapter_target: str = "loud.LoudAdapter"
        ...
        ...     def _create_adapter(self):
        ...         return self._adapter_class()()
        ...
        ...     def process(self, task):
        ...         samples, rate = self._load_audio(task.data["audio_filepath"])
        ...         task.data["loud"] = self._adapter.loud(samples, rate)
        ...         return task
    """

    adapter_target: str = ""
    """Import path of the adapter's class."""
    audio_filepath_key: str = "audio_filepath"
    """Key of a recording's path."""
    waveform_key: str | None = None
    """Key of samples, where an earlier stage has read them; else the file is read."""
    sample_rate_key: str = "sample_rate"
    """Key of their samples per second."""
    prefetch_fail_on_error: bool = True
    """Fail where the weights cannot be fetched; else try again in each worker."""
    _adapter: A | None = None

    def __post_init__(self) -> None:
        if not self.adapter_target:
            raise SettingsError(
                f"{type(self).__name__}.adapter_target must be the import path of a class."
            )
        self._adapter = None

    @abstractmethod
    def _create_adapter(self) -> A:
        """The adapter, without its model."""

    def _adapter_class(self) -> Any:
        """The class that `adapter_target` names.

        Raises:
            SettingsError: There is no such class.
        """
        return adapter_class(self.adapter_target)

    def _adapter_gpu_count(self) -> int:
        """GPUs that a worker has; a part of one is one."""
        return math.ceil(self.resources.gpus) or int(self.resources.requires_gpu)

    def setup_on_node(
        self, node_info: NodeInfo | None = None, worker_metadata: WorkerMetadata | None = None
    ) -> None:
        """Let the adapter fetch its weights, if it has `download_weights_on_node`.

        Raises:
            CuratorError: It cannot.
        """
        fetch = getattr(self._create_adapter(), "download_weights_on_node", None)
        try:
            if fetch is not None:
                fetch()
        except CuratorError:
            if self.prefetch_fail_on_error:
                raise

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model, unless it is there.

        Raises:
            SettingsError: There is no such adapter.
            CuratorError: It cannot load its model.
        """
        if self._adapter is None:
            adapter = self._create_adapter()
            try:
                adapter.load_model(num_gpus=self._adapter_gpu_count())
            except BaseException:
                with suppress(Exception):
                    adapter.unload_model()
                raise
            self._adapter = adapter

    def teardown(self) -> None:
        """Let the model go."""
        if self._adapter is not None:
            self._adapter.unload_model()
            self._adapter = None

    def inputs(self) -> tuple[list[str], list[str]]:
        """Samples and their rate, or a path."""
        if self.waveform_key:
            return [], [self.waveform_key, self.sample_rate_key]
        return [], [self.audio_filepath_key]

    @staticmethod
    def _load_audio(audio_filepath: str) -> tuple[NDArray[np.float32], int]:
        """Samples of a file, shape (samples,), or (channels, samples) of several, and their rate.

        Raises:
            AudioError: It cannot be decoded.
        """
        recording = open_audio(audio_filepath)
        samples = np.concatenate([*blocks(recording)]).T
        one = samples[0] if len(samples) == 1 else samples
        return np.ascontiguousarray(one), recording.rate
