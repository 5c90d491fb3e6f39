"""Texts whose signatures are easily got wrong."""

import random

import pyarrow as pa

TEXTS = [
    "The quick brown fox jumps over the lazy dog, and then some more text follows here. " * 3,
    "Größe und Überraschung: 日本語のテキスト混じり, 😀 and more ASCII text after it all. " * 3,
    "short",
    "äb",
    "",
    "exactly 24 characters ..",
    "x" * 25,
    "é",
    "",
]


def random_texts(count=200):
    """Texts of 400 characters on average, some of them short or empty."""
    draw = random.Random(3)
    sizes = [int(draw.expovariate(1 / 400)) for _ in range(count)]
    return pa.array(["".join(draw.choices("abcdefgh éü日😀 ", k=size)) for size in sizes])
