# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loop that counts letters by script. As `hash_kernels.py`; imported inside functions only."""

from curator_engine.compiled import kernel
from curator_text.kernels.hash_kernels import U8, U32
from curator_text.kernels.word_kernels import code_point


@kernel
def count_scripts(text, offsets, scripts, counts):
    """Add the letters of each document to counts[document, script]; `scripts` has a number per code point, 0 for none."""
    for d in range(len(offsets) - 1):
        at, end = offsets[d], offsets[d + 1]
        while at < end:
            if text[at] < U8(0x80):
                counts[d, scripts[text[at]]] += 1
                at += 1
            else:
                point, at = code_point(text, at)
                if point < U32(len(scripts)):
                    counts[d, scripts[point]] += 1
