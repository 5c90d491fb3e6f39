"""The least that fuzzy deduplication can take: `python floor.py SOURCE OUT`.

It reads every text with Arrow, takes XXH3 of every window of 24 characters and writes all files again;
nothing that looks at all windows can do less.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from xxh3_kernels import hash_all_windows

from curator_engine.files.blocks import iter_blocks
from curator_engine.stages.jsonl import read_block
from curator_text.read.columns import utf8


def floor(source: str, out: str) -> None:
    """Read every text, hash each window of 24 characters once, write the files again."""
    Path(out).mkdir(parents=True)
    for path in sorted(Path(source).iterdir()):
        with (Path(out) / path.name).open("wb") as file:
            for _, data in iter_blocks(str(path)):
                texts = read_block(data, {"text": pa.string()}).table.column("text")
                hash_all_windows(*utf8(texts), np.uintp(24))
                file.write(data)


if __name__ == "__main__":
    floor(sys.argv[1], sys.argv[2])
