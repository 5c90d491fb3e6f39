"""BERT encoders in numpy: sentence-transformers' folders of this kind without torch.

For MiniLM, BGE, E5, GTE and others whose `config.json` says `bert`. What it cannot run exactly, it
refuses, and names the extra that can.
"""

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError, ResourceError
from curator_engine.vectors.matrix import Matrix, unit_rows

_F32 = np.float32

type Weights = dict[str, NDArray[np.float32]]


class BertModel:
    """An encoder with mean or first-token pooling.

    Args:
        folder: With `config.json`, `model.safetensors` and `tokenizer.json`.

    Raises:
        InputError: A file is missing.
        ResourceError: Another kind of model, or tokenizers and safetensors are not installed.
    """

    def __init__(self, folder: Path) -> None:
        config = _read_json(folder / "config.json", required=True)
        pooling = _read_json(folder / "1_Pooling" / "config.json")
        self._first_token = bool(pooling.get("pooling_mode_cls_token"))
        _refuse_others(folder, config, pooling, first_token=self._first_token)
        try:
            tokenizers: Any = importlib.import_module("tokenizers")
            safetensors: Any = importlib.import_module("safetensors.numpy")
            self._erf: Any = importlib.import_module("scipy.special").erf
        except ImportError as error:
            raise ResourceError(
                f"the model in {folder} needs the extra 'semantic' of curator-text; install it."
            ) from error
        for name in ("model.safetensors", "tokenizer.json"):
            if not (folder / name).is_file():
                raise InputError(
                    f"the model in {folder} has no {name}; install the extra 'models'."
                )
        loaded: dict[str, Any] = safetensors.load_file(folder / "model.safetensors")
        self._weights: Weights = {
            name.removeprefix("bert."): np.asarray(value, np.float32)
            for name, value in loaded.items()
        }
        self._heads = int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        longest = int(config["max_position_embeddings"])
        limits = _read_json(folder / "sentence_bert_config.json")
        self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(min(longest, limits.get("max_seq_length") or longest))
        self._tokenizer.no_padding()
        self._dims = int(config["hidden_size"])

    def embed(
        self, texts: list[str], *, batch_size: int = 64, max_chars: int | None = None
    ) -> tuple[Matrix, int]:
        """Vectors of length one, shape (texts, dims), and how many texts were cut.

        Texts of similar length are computed together, so little is padding.
        """
        shown = [text[:max_chars] for text in texts]
        coded = self._tokenizer.encode_batch(shown)
        cut = sum(
            bool(each.overflowing) or len(a) < len(b)
            for each, a, b in zip(coded, shown, texts, strict=True)
        )
        ids = [each.ids for each in coded]
        out = np.zeros((len(texts), self._dims), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
        for at in range(0, len(order), batch_size):
            part = order[at : at + batch_size]
            out[part] = self._encode([ids[i] for i in part])
        return unit_rows(out), cut

    def _encode(self, ids: list[list[int]]) -> Matrix:
        lengths = np.array([len(each) for each in ids])
        width = int(lengths.max())
        tokens = np.array([each + [0] * (width - len(each)) for each in ids])
        mask = (np.arange(width) < lengths[:, None]).astype(np.float32)
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][tokens]
        x = x + w["embeddings.position_embeddings.weight"][:width]
        x = x + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x, "embeddings.LayerNorm")
        for layer in range(self._layers):
            x = self._layer(x, mask, f"encoder.layer.{layer}")
        if self._first_token:
            return x[:, 0]
        return (x * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)

    def _layer(self, x: Matrix, mask: Matrix, name: str) -> Matrix:
        batch, width, dims = x.shape
        size = dims // self._heads

        def split(part: str) -> Matrix:
            rows = self._dense(x, f"{name}.attention.self.{part}")
            return rows.reshape(batch, width, self._heads, size).transpose(0, 2, 1, 3)

        scores: NDArray[Any] = split("query") @ split("key").swapaxes(2, 3) / _F32(size**0.5)
        scores += (1 - mask)[:, None, None, :] * _F32(-1e9)
        scores = np.exp(scores - scores.max(axis=3, keepdims=True))
        scores /= scores.sum(axis=3, keepdims=True)
        seen = (scores @ split("value")).transpose(0, 2, 1, 3).reshape(batch, width, dims)
        seen = self._dense(seen, f"{name}.attention.output.dense")
        x = self._norm(x + seen, f"{name}.attention.output.LayerNorm")
        wide = self._dense(x, f"{name}.intermediate.dense")
        wide = wide * _F32(0.5) * (1 + self._erf(wide / _F32(2**0.5)))
        return self._norm(x + self._dense(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _dense(self, x: Matrix, name: str) -> Matrix:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, x: Matrix, name: str) -> Matrix:
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        scaled: NDArray[Any] = centred / np.sqrt(variance + _F32(self._epsilon))
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _refuse_others(
    folder: Path, config: dict[str, Any], pooling: dict[str, Any], *, first_token: bool
) -> None:
    """Only what is computed as sentence-transformers computes it.

    Raises:
        ResourceError: It is something else.
    """
    kind = config.get("model_type")
    pooled = first_token or pooling.get("pooling_mode_mean_tokens", True)
    position = config.get("position_embedding_type", "absolute")
    if kind == "bert" and config.get("hidden_act") == "gelu" and pooled and position == "absolute":
        return
    raise ResourceError(
        f"the model in {folder} ({kind}) needs the extra 'models' of curator-text; install it."
    )


def _read_json(path: Path, *, required: bool = False) -> dict[str, Any]:
    if not path.is_file():
        if required:
            raise InputError(f"{path.parent} has no {path.name}, so it is no model; check --model.")
        return {}
    return json.loads(path.read_text(encoding="utf-8"))
