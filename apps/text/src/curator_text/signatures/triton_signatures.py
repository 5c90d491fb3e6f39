"""MinHash signatures by Triton programs on a GPU: those of `minhash.py`, bit by bit.

Texts go to the device in batches that fit into a given memory, cut into chunks of windows; what a
program does with a chunk is `triton_kernels.py`'s. Triton comes with torch on Linux.
"""

import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.batch_size import BatchSize
from curator_text.read.columns import StringArray, join_chunks, utf8
from curator_text.signatures.minhash import Method, hash_key, permutations
from curator_text.signatures.minhash import signatures as cpu_signatures

type Tensor = Any

_BYTES_PER_BYTE = 24
"""Device memory for a byte of text, reckoned from what is made of it; ASCII takes far less. If it is
more, a batch that does not fit is cut."""
_BLOCK = {"fast": 512, "curator": 1024}
"""Windows per program."""
_EMPTY = (1 << 63) - 1
_LEAST_BYTES = 1 << 24


def has_triton() -> bool:
    """Whether Triton is installed."""
    return importlib.util.find_spec("triton") is not None


def triton_signatures(
    texts: StringArray,
    *,
    char_ngrams: int = 24,
    num_hashes: int = 260,
    seed: int = 42,
    method: Method = "fast",
    device: str = "cuda",
    memory_bytes: int = 1 << 30,
    block: int | None = None,
) -> NDArray[np.uint32]:
    """As `minhash.signatures`; texts that are no UTF-8, or too long, get theirs from the CPU.

    Args:
        texts: No nulls.
        char_ngrams: Characters per window.
        num_hashes: Rows of a signature.
        seed: Of the hash functions.
        method: fast or curator.
        device: As torch names it.
        memory_bytes: What a call takes of the device's memory, about, at most.
        block: Windows that a program looks at, a power of two; for tests and measurements.

    Raises:
        ValueError: A text is null, or a parameter is below 1.
    """
    array = texts if isinstance(texts, pa.Array) else join_chunks(texts)
    options: dict[str, Any] = {"char_ngrams": char_ngrams, "num_hashes": num_hashes, "seed": seed}
    if char_ngrams < 1 or num_hashes < 1 or not _is_utf8(array):
        return cpu_signatures(array, **options, method=method)
    options |= {"method": method, "device": device, "block": block or _BLOCK[method]}
    size = BatchSize(size=memory_bytes, unit="bytes", least=min(memory_bytes, _LEAST_BYTES))
    return size.call(lambda bytes_: _signed(array, bytes_, **options))


def _signed(
    array: Any,
    memory_bytes: int,
    *,
    char_ngrams: int,
    num_hashes: int,
    seed: int,
    method: Method,
    device: str,
    block: int,
) -> NDArray[np.uint32]:
    torch: Any = importlib.import_module("torch")
    text, offsets = utf8(array)
    out = np.zeros((len(array), num_hashes), np.uint32)
    cost = np.diff(offsets) * _BYTES_PER_BYTE + 12 * num_hashes + 64
    for start, end in _batches(cost, memory_bytes):
        if cost[start:end].sum() > memory_bytes:
            out[start:end] = cpu_signatures(
                array[start:end],
                char_ngrams=char_ngrams,
                num_hashes=num_hashes,
                seed=seed,
                method=method,
            )
            continue
        kept = np.flatnonzero(np.diff(offsets[start : end + 1])) + start
        if not len(kept):
            continue
        edges = np.append(offsets[kept], offsets[end]) - offsets[start]
        own = padded(text[offsets[start] : offsets[end]], device)
        chunks = Chunks(own, edges, char_ngrams, block)
        sign = sketches if method == "fast" else minima
        found = sign(chunks, num_hashes, seed)
        there = torch.empty(found.shape, dtype=found.dtype, pin_memory=device != "cpu")
        out[kept] = there.copy_(found).numpy().view(np.uint32)
    return out


def _is_utf8(array: Any) -> bool:
    """Whether the texts are valid."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _batches(cost: NDArray[np.int64], memory_bytes: int) -> Iterator[tuple[int, int]]:
    """Spans of documents that cost no more than the memory, or of one document."""
    total = np.concatenate(([0], np.cumsum(cost)))
    start = 0
    while start < len(cost):
        end = int(np.searchsorted(total, total[start] + memory_bytes, side="right")) - 1
        end = max(end, start + 1)
        yield start, end
        start = end


def padded(text: NDArray[np.uint8], device: str) -> Tensor:
    """The text on the device, in whole words and one more.

    It goes there from pinned memory, which torch keeps for the next time: three times as fast.
    """
    torch: Any = importlib.import_module("torch")
    size = len(text) + 8 - len(text) % 4
    out = torch.empty(size, dtype=torch.uint8, pin_memory=device != "cpu")
    out.numpy()[: len(text)] = text
    out[len(text) :] = 0
    return out.to(device, non_blocking=True)


class Chunks:
    """Documents on the device, cut into chunks of windows.

    Args:
        text: Theirs, as `padded` gives them.
        edges: Where they begin in it, and the end.
        width: Characters per window.
        block: Windows per chunk.
    """

    def __init__(self, text: Tensor, edges: NDArray[np.int64], width: int, block: int) -> None:
        torch: Any = importlib.import_module("torch")
        self.words, self.width, self.block = text.view(torch.int32), width, block
        self.text = text = text[: int(edges[-1])]
        self.ascii = not bool((text >= 0x80).any())
        base = edges
        self.begins = text
        if not self.ascii:
            self.begins = torch.nonzero((text & 0xC0) != 0x80).squeeze(1)
            base = torch.searchsorted(self.begins, self._sent(edges)).cpu().numpy()
        characters = np.diff(base)
        self.documents = len(characters)
        self.base, self.characters = self._sent(base[:-1]), self._sent(characters)
        self.end = self._sent(edges[1:])
        parts = (np.maximum(characters - width, 0) + block) // block
        owners = np.repeat(np.arange(self.documents), parts)
        within = np.arange(len(owners)) - (np.cumsum(parts) - parts)[owners]
        self.document = self._sent(owners.astype(np.int32))
        self.first = self._sent((within * block).astype(np.int32))

    def _sent(self, array: NDArray[Any]) -> Tensor:
        torch: Any = importlib.import_module("torch")
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.text.device)


def sketches(chunks: Chunks, bins: int, seed: int) -> Tensor:
    """Signatures of method `fast`, int32, shape (documents, bins)."""
    torch: Any = importlib.import_module("torch")
    kernels: Any = importlib.import_module("curator_text.signatures.triton_kernels")
    table = torch.full((chunks.documents, bins), _EMPTY, device=chunks.text.device)
    document, first = chunks.document, chunks.first
    for is_first in (True, False):
        if len(document):
            kernels.sketch_chunks[(len(document),)](
                *(chunks.text, chunks.begins, document, first, chunks.base, chunks.characters),
                *(table, chunks.width, bins, int(hash_key(seed))),
                is_first=is_first,
                plain=chunks.ascii,
                room=1 << max(0, bins - 1).bit_length(),
                block=chunks.block,
                num_warps=4,
            )
        if is_first:
            left = torch.nonzero((table == _EMPTY).any(1)[document.long()]).squeeze(1)
            document, first = document[left].contiguous(), first[left].contiguous()
    return (table & 0xFFFFFFFF).int()


def minima(chunks: Chunks, count: int, seed: int) -> Tensor:
    """Signatures of method `curator`, uint32, shape (documents, count)."""
    torch: Any = importlib.import_module("torch")
    kernels: Any = importlib.import_module("curator_text.signatures.triton_kernels")
    a, b = (
        torch.from_numpy(each.copy()).to(chunks.text.device) for each in permutations(seed, count)
    )
    device = chunks.text.device
    windows = (chunks.characters - chunks.width).clamp(min=0) + 1
    place_of = torch.nn.functional.pad(windows.cumsum(0), (1, 0))
    hashes = torch.empty(int(place_of[-1]), dtype=torch.int32, device=device).view(torch.uint32)
    table = torch.full((chunks.documents, count), -1, dtype=torch.int32, device=device)
    grid = (len(chunks.document),)
    kernels.murmur_chunks[grid](
        *(chunks.words, chunks.begins, chunks.document, chunks.first, chunks.base),
        *(chunks.characters, chunks.end, place_of, a, hashes, chunks.width),
        plain=chunks.ascii,
        block=chunks.block,
        num_warps=4,
    )
    kernels.minima_chunks[grid](
        *(hashes, chunks.document, chunks.first, place_of),
        *(a, b, table.view(torch.uint32), count),
        block=chunks.block,
        num_warps=1,
    )
    return table
