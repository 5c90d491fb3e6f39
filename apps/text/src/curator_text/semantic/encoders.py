"""What turns the texts of a block into vectors: a fingerprint, a model that runs here, or an endpoint.

An `Encoding` says which, and travels to where an `Encoder` is opened. Nothing heavy is imported before that.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.device import Device
from curator_engine.errors import InputError
from curator_engine.models.asker import Asking
from curator_engine.models.embedding_asker import EmbeddingAsker, TextToEmbed, vector_in
from curator_engine.task import ArrowArray, short_hash
from curator_engine.vectors.matrix import Matrix, unit_rows
from curator_text.models.sentence_encoders import Backend, Pooling, TextModel, load_text_model
from curator_text.semantic import FINGERPRINT
from curator_text.semantic.fingerprint import DIMS, fingerprints

ENDPOINT = "endpoint"
_compute: Any = pc


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """The vectors of some texts."""

    matrix: Matrix
    """Of length one, shape (texts, dims); zeros where there is none."""
    cut: int = 0
    """Texts of which the model saw a part only."""
    failed: dict[int, str] = field(default_factory=dict[int, str])
    """Why a text has no vector, by its number."""
    tokens: int = 0
    """That were paid for."""


class Encoder(Protocol):
    """Turns texts into vectors."""

    def encode(self, texts: ArrowArray) -> Encoded:
        """The vectors of texts, of which none is null."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How texts become vectors.

    Example:
        >>> Encoding(model="all-MiniLM-L6-v2/").open().encode(pa.array(["a text"])).matrix.shape
        (1, 384)
    """

    model: str = FINGERPRINT
    """`fingerprint`, the folder or hub id of a model, or its name at the endpoint."""
    backend: Backend = "auto"
    """What runs the model."""
    pooling: Pooling = "auto"
    """How its states become a vector."""
    max_chars: int | None = None
    """Characters of a text that count; None for all that the model takes."""
    batch_size: int = 64
    """Texts at a time."""
    device: Device = "auto"
    """Where the model computes."""
    asking: Asking | None = None
    """The endpoint that has the model."""

    @property
    def is_fingerprint(self) -> bool:
        """Whether no model is used."""
        return self.asking is None and self.model == FINGERPRINT

    @property
    def is_heavy(self) -> bool:
        """Whether a model computes here: on a GPU, or else on all processors by itself."""
        return self.asking is None and not self.is_fingerprint

    @property
    def facts(self) -> dict[str, Any]:
        """What the vectors depend on, to be written beside them: with it, a query is embedded as they were."""
        where = {"endpoint": self.asking.url} if self.asking else {}
        return where | {
            "model": self.model,
            "backend": ENDPOINT if self.asking else self.backend,
            "pooling": self.pooling,
            "max_chars": self.max_chars,
        }

    @property
    def key(self) -> str:
        """Changes with whatever a vector depends on: also with the sizes and times of a folder's files."""
        folder = Path(self.model)
        is_folder = self.is_heavy and folder.is_dir()
        files = sorted(path for path in folder.rglob("*") if path.is_file()) if is_folder else []
        stamps = [f"{path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
        return short_hash(repr(self.facts), *stamps)

    def open(self) -> Encoder:
        """What encodes.

        Raises:
            CuratorError: The model cannot be loaded, or the endpoint not be asked.
        """
        if self.asking is not None:
            return EndpointEncoder(self.asking.open(EmbeddingAsker), max_chars=self.max_chars)
        if self.is_fingerprint:
            return FingerprintEncoder(self.max_chars)
        model = load_text_model(
            self.model, device=self.device, backend=self.backend, pooling=self.pooling
        )
        return ModelEncoder(model, batch_size=self.batch_size, max_chars=self.max_chars)


class FingerprintEncoder:
    """Fingerprints: see `fingerprint.py`."""

    def __init__(self, max_chars: int | None = None) -> None:
        self._max_chars = max_chars

    def encode(self, texts: ArrowArray) -> Encoded:
        """Each text's own, whatever it is computed with."""
        if not len(texts):
            return Encoded(matrix=np.empty((0, DIMS), np.float32))
        if self._max_chars is None:
            return Encoded(matrix=fingerprints(texts))
        shown = _compute.utf8_slice_codeunits(texts, 0, self._max_chars)
        cut = _compute.sum(_compute.greater(_compute.utf8_length(texts), self._max_chars))
        return Encoded(matrix=fingerprints(shown), cut=int(cut.as_py()))

    def close(self) -> None:
        """It holds nothing."""


class ModelEncoder:
    """A model that runs here."""

    def __init__(self, model: TextModel, *, batch_size: int, max_chars: int | None) -> None:
        self._model: TextModel | None = model
        self._batch_size, self._max_chars = batch_size, max_chars

    def encode(self, texts: ArrowArray) -> Encoded:
        """The model's vectors; a text of which it has none fails."""
        if self._model is None:
            raise ValueError("the encoder is closed.")
        plain: list[Any] = texts.to_pylist()
        matrix, cut = self._model.embed(
            plain, batch_size=self._batch_size, max_chars=self._max_chars
        )
        bad = ~np.isfinite(matrix).all(axis=1) | ~matrix.any(axis=1)
        reason = "the model's embedding is all zeros, or holds NaN or infinity"
        return Encoded(
            matrix=np.where(bad[:, None], np.float32(0), matrix),
            cut=cut,
            failed=dict.fromkeys(np.flatnonzero(bad).tolist(), reason),
        )

    def close(self) -> None:
        """Let the model go."""
        self._model = None


class EndpointEncoder:
    """A model behind an endpoint."""

    def __init__(self, asker: EmbeddingAsker, *, max_chars: int | None = None) -> None:
        self._asker, self._max_chars = asker, max_chars
        self._dims = 0

    def encode(self, texts: ArrowArray) -> Encoded:
        """The endpoint's vectors; a text that got none fails.

        Raises:
            InputError: They are not all of one size.
            StorageError: No further text would get one, or the budget is spent.
        """
        plain: list[Any] = texts.to_pylist()
        shown = [text[: self._max_chars] for text in plain]
        replies = self._asker.ask_all([TextToEmbed(text=text) for text in shown])
        failed = {
            i: f"no embedding: {each.error}" for i, each in enumerate(replies) if not each.text
        }
        found = {i: vector_in(each) for i, each in enumerate(replies) if each.text}
        for i, vector in found.items():
            self._dims = self._dims or len(vector)
            if len(vector) != self._dims:
                raise InputError(
                    f"the endpoint gives vectors of {len(vector)} numbers and of {self._dims}; ask one model only."
                )
            if not vector.any():
                failed[i] = "the endpoint's embedding is all zeros"
        rows: NDArray[np.float32] = np.zeros((len(plain), self._dims), np.float32)
        for i, vector in found.items():
            rows[i] = vector
        return Encoded(
            matrix=unit_rows(rows),
            cut=sum(len(a) < len(b) for a, b in zip(shown, plain, strict=True)),
            failed=failed,
            tokens=sum(each.usage.tokens for each in replies),
        )

    def close(self) -> None:
        """Close the journal."""
        self._asker.journal.close()
