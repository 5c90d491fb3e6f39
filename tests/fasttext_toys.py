"""A tiny fastText model, written as its library does: two words, two labels, two dimensions, softmax."""

import struct
from pathlib import Path

MAGIC, VERSION, SOFTMAX, SUPERVISED, WORD, LABEL = 793712314, 12, 3, 3, 0, 1


def _matrix(rows: list[list[float]]) -> bytes:
    values = [value for row in rows for value in row]
    return struct.pack(f"<qq{len(values)}f", len(rows), len(rows[0]), *values)


def write_model(path: Path, labels: tuple[str, str], words: tuple[str, str]) -> str:
    """A model for which the first word speaks for the first label, with probability 1 / (1 + e^-4).

    Args:
        path: Where to write it.
        labels: Such as __label__hq and __label__cc.
        words: One for each.
    """
    settings = (2, 5, 1, 1, 5, 1, SOFTMAX, SUPERVISED, 0, 0, 0, 100)
    entries = b"".join(
        name.encode() + struct.pack("<xqb", 1, kind)
        for names, kind in ((words, WORD), (labels, LABEL))
        for name in names
    )
    unit = [[4.0, 0.0], [0.0, 4.0]]
    out = [[1.0, 0.0], [0.0, 1.0]]
    path.write_bytes(
        struct.pack("<ii12id", MAGIC, VERSION, *settings, 1e-4)
        + struct.pack("<iiiqq", 4, 2, 2, 2, -1)
        + entries
        + struct.pack("<?", False)
        + _matrix(unit)
        + struct.pack("<?", False)
        + _matrix(out)
    )
    return str(path)
