"""Files of tokens, read by the description of their formats alone."""

import itertools
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.blend import BlendWorkflow
from curator_text.pipelines.tokenize import TokenizeWorkflow
from curator_text.token_settings import BlendSettings, TokenizeSettings


def make_tokens(folder: Any, rows: list[dict[str, Any]], **more: Any) -> str:
    """A finished run of tokenize over rows, by bytes."""
    source = Path(f"{folder}.jsonl")
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    settings = TokenizeSettings(inputs=[str(source)], output=str(folder), **more)
    TokenizeWorkflow(settings=settings).run(LocalExecutor())
    return str(folder)


def blend(inputs: list[Any], output: Any, *, executor: Any = None, **more: Any) -> dict[str, Any]:
    """The facts of a blend."""
    settings = BlendSettings(inputs=[str(each) for each in inputs], output=str(output), **more)
    return BlendWorkflow(settings=settings).run(executor or LocalExecutor()).metadata


def megatron_documents(prefix: Any, kind: Any = np.uint16) -> list[list[int]]:
    """What a .bin and an .idx hold, where each document is one sequence."""
    index, tokens = Path(f"{prefix}.idx").read_bytes(), np.fromfile(f"{prefix}.bin", kind)
    assert index[:9] == b"MMIDIDX\x00\x00"
    version, code, count, borders = struct.unpack("<QBQQ", index[9:34])
    assert (version, code, borders) == (1, {np.uint16: 8, np.int32: 4}[kind], count + 1)
    lengths = np.frombuffer(index, "<i4", count, 34)
    begins = np.frombuffer(index, "<i8", count, 34 + 4 * count)
    ends = np.frombuffer(index, "<i8", count + 1, 34 + 12 * count)
    assert ends.tolist() == list(range(count + 1))
    assert len(index) == 34 + 20 * count + 8
    size = np.dtype(kind).itemsize
    starts = (begins // size).tolist()
    return [tokens[s : s + n].tolist() for s, n in zip(starts, lengths.tolist(), strict=True)]


def shard_documents(prefix: Any) -> list[list[int]]:
    """What a .bin and an .npy hold."""
    kind = json.loads(Path(prefix).with_name("tokens.json").read_text())["token_type"]
    offsets = np.load(f"{prefix}.npy").tolist()
    tokens = np.fromfile(f"{prefix}.bin", kind)
    return [tokens[a:b].tolist() for a, b in itertools.pairwise(offsets)]


def folder_documents(folder: Any) -> list[list[int]]:
    """The documents of all files of tokens of a folder, in order."""
    prefixes = [path.with_suffix("") for path in sorted(Path(folder).glob("part-*.bin"))]
    read = [
        megatron_documents if prefix.with_suffix(".idx").exists() else shard_documents
        for prefix in prefixes
    ]
    return [doc for each, prefix in zip(read, prefixes, strict=True) for doc in each(prefix)]


def folder_rows(folder: Any) -> list[dict[str, Any]]:
    """The rows of all tables of documents of a folder, in order."""
    paths = sorted(Path(folder).glob("part-*.documents.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def text_of(tokens: list[int]) -> str:
    """The text that bytes and an end token spell."""
    assert tokens[-1] == 256
    return bytes(tokens[:-1]).decode()


def train_bpe(texts: list[str], *, size: int = 300) -> Any:
    """A tokenizer that is trained on texts, with an end token."""
    made: Any = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=size,
            initial_alphabet=alphabet,
            special_tokens=["<|endoftext|>"],
            show_progress=False,
        ),
    )
    return made
