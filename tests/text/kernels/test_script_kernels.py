"""Letters by script, against plain Python."""

import numpy as np
import pyarrow as pa

from curator_text.read.columns import utf8


def test_letters_are_counted_by_script():
    from curator_text.kernels import script_kernels

    texts = ["ab é \u0431", "", "中\U00020000x"]
    table = np.zeros(0x500, np.uint8)
    for char, number in (("a", 1), ("b", 1), ("é", 2), ("\u0431", 3), ("x", 1)):
        table[ord(char)] = number
    counts = np.zeros((3, 4), np.int64)
    text, offsets = utf8(pa.array(texts, pa.large_string()))
    script_kernels.count_scripts(text, offsets, table, counts)
    assert counts[:, 1:].tolist() == [[2, 1, 1], [0, 0, 0], [1, 0, 0]]
