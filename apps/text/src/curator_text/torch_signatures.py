"""MinHash signatures as tensor code: those of `minhash.py`, bit by bit, on any device that torch has.

For machines whose GPU has torch and no RAPIDS. Documents go to the device in batches that fit into a
given memory. What a window's hash is, is `torch_windows.py`'s.
"""

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_text.minhash import Method, StringArray, hash_key, join_chunks, permutations, utf8
from curator_text.minhash import signatures as cpu_signatures
from curator_text.torch_windows import (
    GOLDEN,
    Tensor,
    lay_out,
    mix,
    murmur_hashes,
    rolling_hashes,
    signed,
)

_BYTES_PER_SLOT = 256
"""Device memory for a character and what is computed of its window: 245 were measured."""
_WINDOWS_PER_ROW = 32
_EMPTY = (1 << 63) - 1


def torch_signatures(
    texts: StringArray,
    *,
    char_ngrams: int = 24,
    num_hashes: int = 260,
    seed: int = 42,
    method: Method = "fast",
    device: str = "cuda",
    memory_bytes: int = 1 << 30,
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

    Raises:
        ValueError: A text is null, or a parameter is below 1.
    """
    torch: Any = importlib.import_module("torch")
    array = texts if isinstance(texts, pa.Array) else join_chunks(texts)
    options: dict[str, Any] = {"char_ngrams": char_ngrams, "num_hashes": num_hashes, "seed": seed}
    text, offsets = utf8(array)
    if char_ngrams < 1 or num_hashes < 1 or not is_utf8(array):
        return cpu_signatures(array, **options, method=method)
    out = np.zeros((len(array), num_hashes), np.uint32)
    cost = _cost(offsets, char_ngrams, num_hashes)
    for start, end in batches(cost, memory_bytes):
        if cost[start:end].sum() > memory_bytes:
            out[start:end] = cpu_signatures(array[start:end], **options, method=method)
            continue
        kept = np.flatnonzero(np.diff(offsets[start : end + 1])) + start
        if not len(kept):
            continue
        ends = np.append(offsets[kept], offsets[end]) - offsets[start]
        # Arrow's bytes are read-only, which torch's tensors are not.
        own = torch.from_numpy(text[offsets[start] : offsets[end]].copy()).to(device)
        edges = torch.from_numpy(ends).to(device)
        windows = lay_out(own, edges, char_ngrams)
        if method == "fast":
            hashes = rolling_hashes(own, windows, int(hash_key(seed)))
            signed_rows = _sketch(hashes, windows.document, len(kept), num_hashes, memory_bytes)
        else:
            a, b = permutations(seed, num_hashes)
            hashes = murmur_hashes(own, windows, int(a[0]))
            signed_rows = _affine_minima(hashes, windows.document, a, b, memory_bytes)
        out[kept] = signed_rows.cpu().numpy().view(np.uint32)
    return out


def is_utf8(array: Any) -> bool:
    """Whether the texts are valid."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _cost(offsets: NDArray[np.int64], width: int, num_hashes: int) -> NDArray[np.int64]:
    """Device memory for each document, in bytes."""
    slots = np.maximum(np.diff(offsets), width) + 1
    return slots * _BYTES_PER_SLOT + 32 * num_hashes


def batches(cost: NDArray[np.int64], memory_bytes: int) -> Iterator[tuple[int, int]]:
    """Spans of documents that cost no more than the memory, or of one document."""
    total = np.concatenate(([0], np.cumsum(cost)))
    start = 0
    while start < len(cost):
        end = int(np.searchsorted(total, total[start] + memory_bytes, side="right")) - 1
        end = max(end, start + 1)
        yield start, end
        start = end


def _sketch(
    hashes: Tensor, document: Tensor, documents: int, bins: int, memory_bytes: int
) -> Tensor:
    """Fast similarity sketching, int32, shape (documents, bins).

    A bin keeps the smallest of round and value together, so rounds need not go one by one: as many
    are looked at together as have been before, as long as they fit.
    """
    torch: Any = importlib.import_module("torch")
    best = torch.full((documents * bins,), _EMPTY, device=hashes.device)
    best, first, count = best.view(documents, bins), 0, 1
    while first < 2 * bins and len(hashes):
        rounds = torch.arange(first, first + count, device=hashes.device)[:, None]
        _fill(best, hashes, document, rounds)
        first += count
        left = (best == _EMPTY).any(1)[document]
        hashes, document = hashes[left], document[left]
        fit = memory_bytes // 2 // _BYTES_PER_SLOT // max(1, len(hashes))
        count = min(2 * bins - first, max(1, min(first, fit)))
    return (best & 0xFFFFFFFF).int()


def _fill(best: Tensor, hashes: Tensor, document: Tensor, rounds: Tensor) -> None:
    """Let the hashes fall into the bins in these rounds; `best` is round << 32 | value."""
    torch: Any = importlib.import_module("torch")
    bins = best.shape[1]
    x = torch.where(rounds > 0, mix(hashes ^ rounds * signed(GOLDEN)), hashes)
    place = torch.where(rounds < bins, ((x >> 32) & 0xFFFFFFFF) * bins >> 32, rounds - bins)
    value = x & 0xFFFFFFFF
    # The largest value means an empty bin in the first round, and counts as one less afterwards.
    value = torch.where(
        rounds > 0, value.clamp(max=0xFFFFFFFE), torch.where(value == 0xFFFFFFFF, _EMPTY, value)
    )
    value |= rounds << 32
    best.view(-1).scatter_reduce_(0, (document * bins + place).view(-1), value.view(-1), "amin")


def _affine_minima(
    hashes: Tensor,
    document: Tensor,
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
    memory_bytes: int,
) -> Tensor:
    """The minimum of (a * max(h, 1) + b) mod 2^32 over each document's hashes h, int32."""
    torch: Any = importlib.import_module("torch")
    device, low = hashes.device, -(1 << 31)
    factor, summand = (torch.from_numpy(x.view(np.int32).copy()).to(device) for x in (a, b))
    # With the first bit turned over, signed numbers are in the order of the unsigned ones.
    summand ^= low
    hashes = torch.where(hashes == 0, 1, hashes)
    sizes = torch.bincount(document)
    rows = (sizes + (_WINDOWS_PER_ROW - 1)) // _WINDOWS_PER_ROW
    of_row = torch.repeat_interleave(rows)
    first = torch.arange(len(of_row), device=device) - (rows.cumsum(0) - rows)[of_row]
    ends = sizes.cumsum(0)
    first = first * _WINDOWS_PER_ROW + (ends - sizes)[of_row]
    inside = torch.arange(_WINDOWS_PER_ROW, device=device)
    out = torch.full((len(sizes), len(a)), ~low, dtype=torch.int32, device=device)
    step = max(1, memory_bytes // 16 // (4 * _WINDOWS_PER_ROW * len(a)))
    for at in range(0, len(of_row), step):
        part = of_row[at : at + step]
        # A row that is not full has its document's last hash again.
        places = torch.minimum(first[at : at + step, None] + inside, ends[part, None] - 1)
        values = hashes[places][:, :, None] * factor
        values += summand
        minima = values.amin(1)
        out.scatter_reduce_(0, part[:, None].expand_as(minima), minima, "amin")
    return out ^ low
