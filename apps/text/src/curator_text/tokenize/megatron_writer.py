"""Documents as tokens in the files that Megatron trains from, a pair for each batch; NeMo Curator's stage."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

import numpy as np

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import NodeInfo, WorkerMetadata
from curator_engine.stages.table_writer import TableWriter
from curator_engine.task import FileGroupTask, TableTask
from curator_text.tokenize.hub_tokenizer import load_tokenizer
from curator_text.tokenize.token_files import TYPES, write_tokens

_TWO_BYTES = 1 << 16
"""Tokens that NeMo Curator stores in two bytes, at most."""


@positional(
    "path",
    "write_kwargs",
    "fields",
    "mode",
    "append_mode_implemented",
    "model_identifier",
    "cache_dir",
    "hf_token",
    "text_field",
    "tokenization_batch_size",
    "append_eod",
    "transformers_init_kwargs",
    "name",
    "file_extension",
)
@dataclass(kw_only=True)
class MegatronTokenizerWriter(TableWriter):
    """Write the tokens of each batch of documents as a pair of files; documents without a text are counted and left out.

    Tokens are uint16 where the tokenizer has at most 65,536 of them, else int32.

    Example:
        >>> MegatronTokenizerWriter(
        ...     "tokens", model_identifier="openai-community/gpt2", append_eod=True
        ... )
    """

    fields: list[str] | None = None
    """Accepted, without effect: only tokens are written."""
    model_identifier: str
    """Folder or hub id of the model whose tokenizer it is."""
    cache_dir: str | None = None
    """Where what is downloaded lies."""
    hf_token: str | None = field(default=None, repr=False)
    """Token of the hub."""
    text_field: str = "text"
    """Column with the texts."""
    tokenization_batch_size: int = 1000
    """Texts at a time."""
    append_eod: bool = False
    """Put the tokenizer's end-of-text token after each document."""
    transformers_init_kwargs: dict[str, Any] = field(default_factory=dict[str, Any])
    """More for transformers, with which it loads the tokenizer."""
    endings = (".bin", ".idx")
    name: str = "megatron_tokenizer_writer"
    _tokenizer: Any = field(default=None, init=False, repr=False)

    @property
    def ending(self) -> str:
        """That of the tokens."""
        return ".bin"

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.text_field]

    def setup_on_node(
        self, node_info: NodeInfo | None = None, worker_metadata: WorkerMetadata | None = None
    ) -> None:
        """Download the tokenizer once, and look at it.

        Raises:
            SettingsError: It has no end-of-text token, and one is to be appended.
        """
        self._load()

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the tokenizer.

        Raises:
            ResourceError: transformers is not installed.
            InputError: There is no such tokenizer.
        """
        super().setup(worker_metadata)
        self._tokenizer = self._load()

    def teardown(self) -> None:
        """Let the tokenizer go."""
        self._tokenizer = None

    def _load(self) -> Any:
        tokenizer = load_tokenizer(
            self.model_identifier,
            cache_dir=self.cache_dir,
            token=self.hf_token,
            options=self.transformers_init_kwargs,
        )
        if self.append_eod and tokenizer.eos_token_id is None:
            raise SettingsError(
                f"the tokenizer of {self.model_identifier} has no end-of-text token; leave append_eod out."
            )
        return tokenizer

    def process(self, task: TableTask) -> FileGroupTask:
        """Write the two files of a batch."""
        texts: list[Any] = task.data.column(self.text_field).to_pylist()
        known = [text for text in texts if text is not None]
        if len(known) < len(texts):
            self.count_drops({"no text": len(texts) - len(known)})
        size = len(self._tokenizer)
        kind = "uint16" if size <= _TWO_BYTES else "int32"
        with self.file_of(task) as path:
            stem = path.removesuffix(".bin")
            with write_tokens(stem, kind=kind, form="megatron") as out:
                for tokens in self._tokens(known):
                    out.write(np.array(tokens, TYPES[kind]), np.array([len(tokens)]))
        eod = self._tokenizer.eos_token_id
        facts = {
            "format": "megatron",
            "file_prefix": stem,
            "num_tokens": out.tokens,
            "token_size": TYPES[kind].itemsize,
            "eod_token_id": -1 if eod is None else eod,
        }
        return FileGroupTask(
            data=[path, f"{stem}.idx"],
            dataset_name=task.dataset_name,
            _metadata={**task._metadata, **facts},
        )

    def _tokens(self, texts: list[str]) -> Iterator[list[int]]:
        """The tokens of each text."""
        end = [self._tokenizer.eos_token_id] if self.append_eod else []
        for some in batched(texts, self.tokenization_batch_size):
            found = self._tokenizer(list(some), add_special_tokens=False, verbose=False)
            for tokens in found["input_ids"]:
                yield [*tokens, *end]
