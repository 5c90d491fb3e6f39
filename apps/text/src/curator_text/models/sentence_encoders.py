"""Models that turn texts into vectors: sentence-transformers where it is installed, else our BERT.

Nothing heavy is imported before a model is loaded.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from curator_engine.batch_size import BatchSize
from curator_engine.device import Device, choose_device, torch_has_gpu
from curator_engine.errors import InputError, ResourceError
from curator_engine.models.model_names import check_model_name
from curator_engine.vectors.matrix import Matrix, unit_rows

type Backend = Literal["auto", "sentence-transformers", "transformers", "vllm"]
type Pooling = Literal["auto", "mean", "cls", "last"]
"""What of the states of a text's tokens is its vector: their mean, the first one's, the last one's."""

_FILES = ["*.json", "*.safetensors", "1_Pooling/*"]


class TextModel(Protocol):
    """What turns texts into vectors."""

    def embed(
        self, texts: list[str], *, batch_size: int, max_chars: int | None
    ) -> tuple[Matrix, int]:
        """Vectors of length one, shape (texts, dims), and how many texts were cut."""
        ...


def is_on_gpu(device: Device) -> bool:
    """Whether a text model computes on a GPU here: one that sentence-transformers runs can.

    Raises:
        ResourceError: A GPU is asked for, and there is none, or nothing that can use it.
    """
    if choose_device(device) == "cpu":
        return False
    if importlib.util.find_spec("sentence_transformers") and torch_has_gpu():
        return True
    if device == "gpu":
        raise ResourceError(
            "a text model on the GPU needs the extra 'models' of curator-text, with CUDA's torch; "
            "install it, or use device='cpu'."
        )
    return False


def load_text_model(
    name: str, *, device: Device = "auto", backend: Backend = "auto", pooling: Pooling = "auto"
) -> TextModel:
    """Load a model that turns texts into vectors.

    Args:
        name: Its folder, or its id on the hub.
        device: Where to compute.
        backend: What runs it; auto is sentence-transformers where it is installed, else our own BERT, and
            transformers where a pooling is given.
        pooling: How states become a vector, with transformers; auto goes by the model's own files.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: What it needs is not installed, or a GPU is asked for and not there.
    """
    check_model_name(name)
    if backend == "vllm":
        from curator_text.models.vllm_encoder import VllmEncoder

        return VllmEncoder(name)
    if backend == "transformers" or (backend == "auto" and pooling != "auto"):
        return _transformer(name, pooling, device)
    on_gpu = is_on_gpu(device)
    if importlib.util.find_spec("sentence_transformers"):
        return SentenceTransformerModel(name, on_gpu=on_gpu)
    if backend == "sentence-transformers":
        raise ResourceError(
            "sentence-transformers is not installed; install the extra 'models' of curator-text."
        )
    from curator_text.models.bert import BertModel

    return BertModel(_folder_of(name))


def _transformer(name: str, pooling: Pooling, device: Device) -> TextModel:
    try:
        from curator_text.models.transformer_encoder import TransformerEncoder
    except ImportError as error:
        raise ResourceError(
            f"the model {name!r} needs the extra 'models' of curator-text; install it."
        ) from error
    return TransformerEncoder(name, pooling=pooling, device=device)


class SentenceTransformerModel:
    """A model run by sentence-transformers."""

    def __init__(self, name: str, *, on_gpu: bool = False) -> None:
        library: Any = importlib.import_module("sentence_transformers")
        # Its bars would be drawn among our own lines.
        importlib.import_module("transformers.utils.logging").disable_progress_bar()
        try:
            place = "cuda" if on_gpu else "cpu"
            self._model: Any = library.SentenceTransformer(name, device=place)
            if on_gpu:
                # On an H100 5.1 times as fast as float32 with 335M parameters, 1.4 with 22M; the least
                # cosine with a CPU's vectors was 0.99996 (docs/gpu.md).
                self._model.bfloat16()
            self._most = sys.maxsize
            """Texts at a time for which the GPU's memory is known to be enough, if it was not once."""
        except (OSError, ValueError) as error:
            raise InputError(_not_loaded(name, error)) from error

    def embed(
        self, texts: list[str], *, batch_size: int, max_chars: int | None
    ) -> tuple[Matrix, int]:
        """Sentence-transformers sorts by length itself."""
        if not texts:
            return np.empty((0, 0), np.float32), 0
        shown = [text[:max_chars] for text in texts]
        cut = sum(len(a) < len(b) for a, b in zip(shown, texts, strict=True))
        ids = self._model.tokenizer(shown, truncation=False, verbose=False)["input_ids"]
        limit = self._model.max_seq_length or sys.maxsize
        cut += sum(len(each) > limit for each in ids)
        batch = BatchSize(size=min(batch_size, self._most), unit="texts")
        asked = batch.size
        rows = batch.call(lambda size: self._encode(shown, size))
        if batch.size < asked:
            self._most = batch.size
        return unit_rows(rows), cut

    def _encode(self, texts: list[str], batch_size: int) -> Any:
        return self._model.encode(
            texts, batch_size=batch_size, show_progress_bar=False, convert_to_numpy=True
        )


def _folder_of(name: str) -> Path:
    """The model's folder; one that is on the hub is downloaded."""
    if Path(name).is_dir():
        return Path(name)
    try:
        hub: Any = importlib.import_module("huggingface_hub")
    except ImportError as error:
        raise ResourceError(
            f"the model {name!r} needs the extra 'semantic' (or 'models') of curator-text; install it."
        ) from error
    try:
        return Path(hub.snapshot_download(name, allow_patterns=_FILES))
    except (OSError, ValueError) as error:
        raise InputError(_not_loaded(name, error)) from error


def _not_loaded(name: str, error: Exception) -> str:
    return (
        f"the model {name!r} cannot be loaded ({str(error).splitlines()[0][:200]}); check --model."
    )
