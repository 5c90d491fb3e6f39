"""Encoders that vLLM runs.

Written against the documented interface of `vllm.LLM.embed`; it has not run on a GPU yet (docs/models.md).
"""

import importlib
from typing import Any

import numpy as np

from curator_engine.errors import InputError
from curator_engine.models.model_names import check_model_name
from curator_engine.vectors.matrix import Matrix, unit_rows


class VllmEncoder:
    """Vectors of texts, in vLLM's own batches.

    Args:
        name: Folder or hub id.
        options: Further arguments of `vllm.LLM`.

    Raises:
        InputError: There is no such model, or it cannot be read.
    """

    def __init__(self, name: str, **options: Any) -> None:
        check_model_name(name)
        library: Any = importlib.import_module("vllm")
        try:
            self._model: Any = library.LLM(model=name, **{"runner": "pooling", **options})
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"vllm cannot load the model {name!r} ({reason}); check --model."
            ) from error
        self._tokenizer: Any = self._model.get_tokenizer()
        self._longest = int(self._model.model_config.max_model_len)

    def embed(
        self, texts: list[str], *, batch_size: int, max_chars: int | None
    ) -> tuple[Matrix, int]:
        """Vectors of length one, shape (texts, dims), and how many texts were cut."""
        rows: list[Any] = []
        cut = 0
        for start in range(0, len(texts), batch_size):
            some = texts[start : start + batch_size]
            shown = [text[:max_chars] for text in some]
            ids: list[list[int]] = self._tokenizer(shown)["input_ids"]
            cut += sum(
                len(a) < len(b) or len(tokens) > self._longest
                for a, b, tokens in zip(shown, some, ids, strict=True)
            )
            prompts = [{"prompt_token_ids": tokens[: self._longest]} for tokens in ids]
            found = self._model.embed(prompts, use_tqdm=False)
            rows += [each.outputs.embedding for each in found]
        if not rows:
            return np.empty((0, 0), np.float32), 0
        return unit_rows(np.asarray(rows, np.float32)), cut
