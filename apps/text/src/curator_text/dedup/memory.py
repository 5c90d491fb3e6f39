"""How large the pieces may be that a run of fuzzy deduplication has in memory.

The factors are estimates on the safe side: two workers with 1 GB took 673 MB for 400 MB of text, and 573 MB
for 8.2 GB. `test_memory.py` holds a run to its limit. What lies in memory per document that has a copy
or a candidate comes on top, about 100 bytes, and a kilobyte per document of the largest crowd.
"""

from dataclasses import dataclass

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Executor
from curator_engine.resources import usable_cpus
from curator_engine.stages.files import parse_size

_BASE, _PER_WORKER = 200_000_000, 90_000_000
"""Bytes of the process that the run starts in, and of each worker without any data."""
_PER_BLOCK_BYTE, _PER_PARTITION_BYTE = 9, 11
"""Bytes of memory per byte of a block that is signed, and of a partition that is verified."""
_PER_BUCKET_DOCUMENT = 64
"""Bytes of memory per document whose keys are sorted into buckets."""
_PER_PAIR = 64
"""Bytes of memory per candidate pair; a sixteenth of them have their signatures there as well."""
_LEAST_BLOCK, _MOST_BLOCK = 1 << 20, 8 << 20
_LEAST_PARTITION = 4 << 20
_MOST_BUCKET_DOCUMENTS = 1 << 24
_MOST_PAIRS = 1 << 22


@dataclass(frozen=True, kw_only=True)
class PieceSizes:
    """What one worker has in hand at a time."""

    block_bytes: int
    """Bytes of lines that are signed."""
    partition_bytes: int
    """Bytes of lines that are verified."""
    bucket_documents: int
    """Documents whose keys of one band are sorted into buckets."""
    pairs: int
    """Candidate pairs that are screened."""


def sizes_on(executor: Executor, memory: int | str | None, *, most: int) -> PieceSizes:
    """As `piece_sizes`, with as many workers as the executor has here.

    Raises:
        SettingsError: No size, or the memory is too small for so many workers.
    """
    is_local = isinstance(executor, LocalExecutor)
    workers = executor.options.workers if is_local else usable_cpus()
    return piece_sizes(None if memory is None else parse_size(memory), workers, most=most)


def piece_sizes(memory: int | None, workers: int, *, most: int) -> PieceSizes:
    """Sizes with which all processes together stay within the memory.

    Args:
        memory: Bytes; None for the largest pieces that are of use.
        workers: Worker processes.
        most: Bytes of the largest partition that is of use.

    Raises:
        SettingsError: The memory is too small for so many workers.
    """
    if memory is None:
        return PieceSizes(
            block_bytes=_MOST_BLOCK,
            partition_bytes=most,
            bucket_documents=_MOST_BUCKET_DOCUMENTS,
            pairs=_MOST_PAIRS,
        )
    fixed = _BASE + workers * _PER_WORKER
    each = (memory - fixed) // workers
    least = max(_LEAST_BLOCK * _PER_BLOCK_BYTE, _LEAST_PARTITION * _PER_PARTITION_BYTE)
    if each < least:
        needed = -(-(fixed + workers * least) // 1_000_000)
        raise SettingsError(
            f"{memory / 1e6:,.0f} MB of memory are too little for {workers} workers, which take "
            f"{needed:,} MB at least; use fewer workers."
        )
    return PieceSizes(
        block_bytes=min(_MOST_BLOCK, each // _PER_BLOCK_BYTE),
        partition_bytes=min(most, each // _PER_PARTITION_BYTE),
        bucket_documents=min(_MOST_BUCKET_DOCUMENTS, each // _PER_BUCKET_DOCUMENT),
        pairs=min(_MOST_PAIRS, each // _PER_PAIR),
    )
