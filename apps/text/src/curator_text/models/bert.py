"""BERT encoders in numpy: sentence-transformers' folders of this kind without torch.

For MiniLM, BGE, E5, GTE and others whose `config.json` says `bert`. What it cannot run exactly, it
refuses, and names the extra that can. A text has the same vector, to the last bit, on every processor
and in every batch: `kernels/network_kernels.py` says how.
"""

import importlib
import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError, ResourceError
from curator_engine.vectors.matrix import Matrix, unit_rows

type Weights = dict[str, NDArray[np.float64]]

_DOUBLE_BITS = 53


class BertModel:
    """An encoder with mean or first-token pooling.

    Args:
        folder: With `config.json`, `model.safetensors` and `tokenizer.json`.

    Raises:
        InputError: A file is missing.
        ResourceError: Another kind of model, or tokenizers and safetensors are not installed.
    """

    def __init__(self, folder: Path) -> None:
        from curator_text.kernels import network_kernels

        config = _read_json(folder / "config.json", required=True)
        pooling = _read_json(folder / "1_Pooling" / "config.json")
        self._first_token = bool(pooling.get("pooling_mode_cls_token"))
        _refuse_others(folder, config, pooling, first_token=self._first_token)
        try:
            tokenizers: Any = importlib.import_module("tokenizers")
            safetensors: Any = importlib.import_module("safetensors.numpy")
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
            name.removeprefix("bert."): np.asarray(value, np.float64)
            for name, value in loaded.items()
        }
        for name in self._weights:
            if name.endswith(".weight") and (".dense." in name or ".self." in name):
                self._weights[name] = _exact(self._weights[name])
        self._heads = int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        longest = int(config["max_position_embeddings"])
        limits = _read_json(folder / "sentence_bert_config.json")
        self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(min(longest, limits.get("max_seq_length") or longest))
        self._tokenizer.no_padding()
        self._dims = int(config["hidden_size"])
        self._gelu = network_kernels.gelu_table()

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

    def _encode(self, ids: list[list[int]]) -> NDArray[np.float64]:
        """The vectors of some texts, whose tokens lie one behind the other: nothing is padding."""
        from curator_text.kernels import network_kernels

        offsets = np.concatenate(([0], np.cumsum([len(each) for each in ids])))
        places = np.concatenate([np.arange(len(each)) for each in ids])
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][np.concatenate(ids)]
        x += w["embeddings.position_embeddings.weight"][places]
        x += w["embeddings.token_type_embeddings.weight"][0]
        self._norm(x, "embeddings.LayerNorm")
        for layer in range(self._layers):
            x = self._layer(x, offsets, f"encoder.layer.{layer}")
        if self._first_token:
            return x[offsets[:-1]]
        out = np.empty((len(ids), self._dims))
        network_kernels.mean_rows(x, offsets, out)
        return out

    def _layer(
        self, x: NDArray[np.float64], offsets: NDArray[np.int64], name: str
    ) -> NDArray[np.float64]:
        from curator_text.kernels import network_kernels

        queries, keys, values = (
            self._dense(x, f"{name}.attention.self.{part}") for part in ("query", "key", "value")
        )
        seen = np.empty_like(x)
        for start, end in itertools.pairwise(offsets.tolist()):
            part = slice(start, end)
            seen[part] = self._attend(queries[part], keys[part], values[part])
        x = x + self._dense(seen, f"{name}.attention.output.dense")
        self._norm(x, f"{name}.attention.output.LayerNorm")
        wide = self._dense(x, f"{name}.intermediate.dense")
        network_kernels.gelu(wide, self._gelu)
        x = x + self._dense(wide, f"{name}.output.dense")
        self._norm(x, f"{name}.output.LayerNorm")
        return x

    def _attend(
        self,
        queries: NDArray[np.float64],
        keys: NDArray[np.float64],
        values: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Attention among the tokens of one text; all of shape (tokens, dims)."""
        from curator_text.kernels import network_kernels

        size = self._dims // self._heads
        split = np.empty((3, self._heads, len(queries), size))
        network_kernels.split_heads(queries, self._heads, split[0])
        network_kernels.split_heads(keys, self._heads, split[1])
        network_kernels.split_values(values, self._heads, split[2])
        scores = split[0] @ split[1].swapaxes(1, 2)
        network_kernels.shares(scores, size**-0.5)
        seen = np.empty_like(queries)
        network_kernels.join_heads(scores @ split[2], seen)
        return seen

    def _dense(self, x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        from curator_text.kernels import network_kernels

        rounded = np.empty_like(x)
        network_kernels.round_rows(x, network_kernels.ROW_BITS, rounded)
        return rounded @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, x: NDArray[np.float64], name: str) -> None:
        from curator_text.kernels import network_kernels

        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        network_kernels.norm_rows(x, weight, bias, self._epsilon)


def _exact(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of shape (out, in), rounded so that their products with rounded rows add up without rounding."""
    from curator_text.kernels.network_kernels import ROW_BITS

    most = float(np.abs(weight).sum(axis=1).max())
    bits = _DOUBLE_BITS - 1 - ROW_BITS - math.ceil(math.log2(max(most, 1e-9)))
    return np.ldexp(np.rint(np.ldexp(weight, bits)), -bits)


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
