"""Find recordings that are there twice: the same bytes, or other bytes that decode to the same samples.

Samples are equal if rate, channels and every number are: a WAV and the FLAC made of it are, a copy at
another rate, gain or depth is not.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError

EXACT_DUPLICATES = pa.schema(
    [
        pa.field("uuid", pa.string()),
        pa.field("kept_id", pa.string()),
        pa.field("how", pa.string()),
    ]
)
"""A row per recording that goes; how is bytes or samples."""
UNKNOWN = bytes(32)
"""In place of a hash that was not taken: it equals none."""


class SampleHash:
    """Hashes decoded samples block by block.

    Example:
        >>> made = SampleHash(rate=16_000, channels=1)
        >>> made.add(np.zeros((480, 1), np.float32))
        >>> made.digest().hex()[:8]
        '2d36c3b7'
    """

    def __init__(self, *, rate: int, channels: int) -> None:
        """Nothing so far.

        Args:
            rate: Samples per second of the recording.
            channels: Of the recording.
        """
        self._hash = hashlib.sha256(f"{rate} {channels}\n".encode())

    def add(self, block: NDArray[np.float32]) -> None:
        """Take the next samples, shape (samples, channels), as decoded: full scale is one."""
        # Adding nothing makes -0.0 the same as 0.0.
        self._hash.update(np.ascontiguousarray(block + np.float32(0), "<f4").tobytes())

    def digest(self) -> bytes:
        """32 bytes."""
        return self._hash.digest()


def find_exact(fingerprints: pa.Table, order: Sequence[str]) -> pa.Table:
    """Find the recordings that equal one that stays.

    Args:
        fingerprints: Of FINGERPRINTS; others of its rows are not looked at.
        order: Ids of the recordings to compare, by the right to stay.

    Returns:
        Of EXACT_DUPLICATES, in the given order.

    Raises:
        InputError: An id has no fingerprint.
    """
    columns = (fingerprints.column(name).to_pylist() for name in ("uuid", "sha256", "samples"))
    hashes = {uuid: both for uuid, *both in zip(*columns, strict=True)}
    first: dict[tuple[str, bytes], str] = {}
    found: list[dict[str, Any]] = []
    for uuid in order:
        if uuid not in hashes:
            raise InputError(f"recording {uuid} has no fingerprint; run curate again.")
        keys = dict(zip(("bytes", "samples"), hashes[uuid], strict=True))
        keys = {how: value for how, value in keys.items() if value not in (None, UNKNOWN)}
        how = next((how for how, value in keys.items() if (how, value) in first), None)
        if how is not None:
            found.append({"uuid": uuid, "kept_id": first[how, keys[how]], "how": how})
            continue
        for pair in keys.items():
            first[pair] = uuid
    return pa.Table.from_pylist(found, schema=EXACT_DUPLICATES)
