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
from curator_engine.models.model_names import check_model_name, check_vocabulary
from curator_engine.vectors.matrix import Matrix, unit_rows

type Backend = Literal["auto", "sentence-transformers", "transformers", "vllm"]
type Pooling = Literal["auto", "mean", "cls", "last"]
"""What of the states of a text's tokens is its vector: their mean, the first one's, the last one's."""

_FILES = ["*.json", "*.safetensors", "1_Pooling/*"]
_MODELS = "install the extra 'models' of curator-text"
_PACKAGES = {
    "sentence-transformers": (("sentence_transformers",), _MODELS),
    "transformers": (("torch", "transformers"), _MODELS),
    "vllm": (("vllm",), "install it, or use --backend transformers"),
    "bert": (
        ("safetensors", "tokenizers"),
        "install the extra 'semantic' (or 'models') of curator-text",
    ),
}
"""The packages of what runs a model, and what to do where one is missing."""


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


def check_text_model(name: str, *, backend: Backend = "auto", pooling: Pooling = "auto") -> None:
    """Look whether a model could be loaded, without loading it: for use before any work.

    Args:
        name: As of `load_text_model`, as are the others.
        backend: What runs it.
        pooling: How states become a vector.

    Raises:
        InputError: The name is neither a folder's nor of the form of a hub id.
        ResourceError: What runs it is not installed.
    """
    check_model_name(name)
    packages, remedy = _PACKAGES[_runner(backend, pooling)]
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise ResourceError(
                f"the model {name!r} needs {package}, which is not installed; {remedy}."
            )


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
    check_text_model(name, backend=backend, pooling=pooling)
    runner = _runner(backend, pooling)
    if runner == "vllm":
        from curator_text.models.vllm_encoder import VllmEncoder

        return VllmEncoder(name)
    if runner == "transformers":
        from curator_text.models.transformer_encoder import TransformerEncoder

        return TransformerEncoder(name, pooling=pooling, device=device)
    on_gpu = is_on_gpu(device)
    if runner == "sentence-transformers":
        return SentenceTransformerModel(name, on_gpu=on_gpu)
    from curator_text.models.bert import BertModel

    return BertModel(_folder_of(name))


def _runner(backend: Backend, pooling: Pooling) -> str:
    """What runs a model."""
    if backend != "auto":
        return backend
    if pooling != "auto":
        return "transformers"
    has_library = importlib.util.find_spec("sentence_transformers") is not None
    return "sentence-transformers" if has_library else "bert"


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
        check_vocabulary(self._model, name)

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
    # It comes with tokenizers.
    hub: Any = importlib.import_module("huggingface_hub")
    try:
        return Path(hub.snapshot_download(name, allow_patterns=_FILES))
    except (OSError, ValueError) as error:
        raise InputError(_not_loaded(name, error)) from error


def _not_loaded(name: str, error: Exception) -> str:
    return (
        f"the model {name!r} cannot be loaded ({str(error).splitlines()[0][:200]}); check --model."
    )
