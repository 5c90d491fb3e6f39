"""Find pictures that are there twice: the same bytes, or other bytes that decode to the same pixels.

Equal pixels are proved by decoding in full. Only pictures of one size whose grey copies are nearly
equal are decoded for that.
"""

import hashlib
import io
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence

from curator_engine.errors import InputError
from curator_image.duplicates.fingerprint import parts_of, read_luma
from curator_image.read.picture import MAX_PIXELS, PictureError

EXACT_DUPLICATES = pa.schema(
    [
        pa.field("uuid", pa.string()),
        pa.field("kept_id", pa.string()),
        pa.field("how", pa.string()),
    ]
)
"""A row per picture that goes; how is bytes or pixels."""
_NEARLY = 2.0
"""Grey levels by which parts of equal pictures differ at most: decoders shrink in their own ways."""
_CELL, _GRID = 16, (0, 7, 27, 36, 56, 63)


def find_exact(
    fingerprints: pa.Table,
    order: Sequence[str],
    *,
    read: Callable[[str], bytes] | None = None,
) -> pa.Table:
    """Find the pictures that equal one that stays.

    Args:
        fingerprints: Of FINGERPRINTS; others of its rows are not looked at.
        order: Ids of the pictures to compare, by the right to stay.
        read: Gives a picture's bytes by its id; without it pixels are not compared.

    Returns:
        Of EXACT_DUPLICATES, in the given order.

    Raises:
        InputError: An id has no fingerprint.
    """
    rows = {uuid: row for row, uuid in enumerate(fingerprints.column("uuid").to_pylist())}
    sums: list[Any] = fingerprints.column("sha256").to_pylist()
    first: dict[bytes, str] = {}
    found: dict[str, dict[str, Any]] = {}
    left: list[tuple[str, int]] = []
    for uuid in order:
        if uuid not in rows:
            raise InputError(f"picture {uuid} has no fingerprint; run curate again.")
        kept = first.setdefault(sums[rows[uuid]], uuid)
        if kept != uuid:
            found[uuid] = {"uuid": uuid, "kept_id": kept, "how": "bytes"}
        else:
            left.append((uuid, rows[uuid]))
    if read is not None:
        pixels = _equal_pixels(fingerprints, left, read)
        for row in found.values():
            row["kept_id"] = pixels.get(row["kept_id"], row)["kept_id"]
        found |= pixels
    return pa.Table.from_pylist(
        [found[uuid] for uuid in order if uuid in found], schema=EXACT_DUPLICATES
    )


def pixel_hash(data: bytes) -> bytes:
    """A hash of all that a viewer shows: size, pixels of all frames, and the colour profile.

    Raises:
        PictureError: The bytes cannot be decoded.
    """
    digest = hashlib.sha256()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise PictureError("too many pixels")
                digest.update(image.info.get("icc_profile") or b"")
                for frame in ImageSequence.Iterator(image):
                    shown = ImageOps.exif_transpose(frame)
                    deep = shown.mode.startswith(("I", "F"))
                    shown = shown if deep else shown.convert("RGBA")
                    digest.update(f"{shown.mode} {shown.size}".encode())
                    digest.update(shown.tobytes())
        except Exception as error:
            raise PictureError(str(error)) from error
    return digest.digest()


def _equal_pixels(
    table: pa.Table, left: list[tuple[str, int]], read: Callable[[str], bytes]
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for group in _candidates(table, left):
        first: dict[bytes, str] = {}
        for uuid in group:
            try:
                kept = first.setdefault(pixel_hash(read(uuid)), uuid)
            except PictureError:
                continue  # What cannot be decoded in full equals none.
            if kept != uuid:
                found[uuid] = {"uuid": uuid, "kept_id": kept, "how": "pixels"}
    return found


def _candidates(table: pa.Table, left: list[tuple[str, int]]) -> Iterator[list[str]]:
    """Ids of pictures that may have equal pixels, in the given order; no id comes twice."""
    widths: list[Any] = table.column("width").to_pylist()
    heights: list[Any] = table.column("height").to_pylist()
    sizes: defaultdict[tuple[int, int], list[tuple[str, int]]] = defaultdict(list)
    for uuid, row in left:
        sizes[widths[row], heights[row]].append((uuid, row))
    for group in sizes.values():
        if len(group) > 1:
            yield from _alike(table, group)


def _alike(table: pa.Table, group: list[tuple[str, int]]) -> Iterator[list[str]]:
    """Those whose parts are nearly equally grey.

    They share a cell of a grid over six of the parts; a picture near a border of cells is in both.
    """
    parts = _parts(table, [row for _, row in group])
    cells: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for at, grey in enumerate(parts[:, _GRID]):
        around = zip((grey - _NEARLY) // _CELL, (grey + _NEARLY) // _CELL, strict=True)
        for cell in product(*({int(low), int(high)} for low, high in around)):
            cells[cell].append(at)
    parent = list(range(len(group)))
    for members in cells.values():
        for place, at in enumerate(members[1:], 1):
            before = members[:place]
            near = np.abs(parts[before] - parts[at]).max(axis=1) <= _NEARLY
            for other in np.flatnonzero(near)[:1]:
                parent[_root(parent, at)] = _root(parent, before[other])
    chains: defaultdict[int, list[str]] = defaultdict(list)
    for at, (uuid, _) in enumerate(group):
        chains[_root(parent, at)].append(uuid)
    yield from (chain for chain in chains.values() if len(chain) > 1)


def _root(parent: list[int], at: int) -> int:
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = parent[at]
    return at


def _parts(table: pa.Table, rows: list[int]) -> NDArray[np.float32]:
    """The mean grey of parts of pictures, shape (pictures, parts)."""
    stored: list[Any] = table.column("parts").take(pa.array(rows)).to_pylist()
    luma = table.column("luma")
    packed = [
        each or parts_of(read_luma(luma[row].as_py()))
        for each, row in zip(stored, rows, strict=True)
    ]
    return np.frombuffer(b"".join(packed), np.uint8).reshape(len(rows), -1).astype(np.float32)
