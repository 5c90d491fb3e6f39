"""What fuzzy deduplication is expected to take: signing is tried on a sample of the input."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from curator_engine.files.listing import FileInfo
from curator_text.read.preflight import extrapolate
from curator_text.signatures.minhash import Method, signatures

_MEMORY_PER_DOCUMENT = 16
"""Bytes, if one document of six has a candidate."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run is expected to take, from a sample of the input."""

    files: int
    input_bytes: int
    """As they lie on disk."""
    documents: int
    seconds: float
    memory_bytes: int
    disk_bytes: int
    """In the cache and the output, while the run lasts."""


def estimate(
    files: Sequence[FileInfo],
    *,
    text_field: str,
    method: Method,
    num_bands: int,
    num_hashes: int,
    workers: int,
    memory: int | None = None,
    limit: int | None = None,
) -> Estimate:
    """What fuzzy deduplication is expected to take; loading the kernels does not count.

    Args:
        files: The input.
        text_field: Its field.
        method: How signatures are made.
        num_bands: Bands of the signatures.
        num_hashes: Rows of a signature.
        workers: Processes.
        memory: Bytes that they may take.
        limit: Documents that are read at most.
    """
    sign = partial(signatures, num_hashes=num_hashes, method=method)
    sign(pa.array(["a"]))
    extent = extrapolate(files, field=text_field, work=sign, limit=limit)
    per_document = 2 * num_hashes + 12 * num_bands + 60
    return Estimate(
        files=len(files),
        input_bytes=sum(file.size for file in files),
        documents=extent.documents,
        # Reading the members again, verifying and copying take about as long as signing.
        seconds=2 * extent.seconds / max(1, workers) + 1,
        memory_bytes=memory or workers * (400 << 20) + _MEMORY_PER_DOCUMENT * extent.documents,
        disk_bytes=extent.documents * per_document + 2 * extent.input_bytes,
    )
