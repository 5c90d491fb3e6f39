"""Finding repeated windows: held to a suffix array on real text."""

import random
import sysconfig
from pathlib import Path

import numpy as np
import pydivsufsort
from repeat_toys import substring_into, without
from text_toys import rows_of, write_jsonl

from curator_text.repeats.find_windows import parts_of

WINDOW = 60


def python_sources(count):
    """Sources of Python's own modules, some with a part of another one in them."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    names = ("json/decoder.py", "json/encoder.py", "json/scanner.py", "random.py", "bisect.py")
    texts = [(folder / name).read_text(encoding="utf-8") for name in names]
    draw = random.Random(1)
    for _ in range(count):
        one, other = draw.choice(texts), draw.choice(texts)
        at, start = draw.randrange(len(one)), draw.randrange(len(other))
        texts.append(one[:at] + other[start : start + draw.randrange(300)] + one[at:])
    return texts


def repeated_by_suffix_array(texts):
    """Bytes of windows that stand at an earlier place, by the common prefixes of sorted suffixes."""
    data = "\0".join(texts).encode() + b"\0"
    order = pydivsufsort.divsufsort(data)
    common = np.append(pydivsufsort.kasai(np.frombuffer(bytearray(data), np.uint8), order), 0)
    is_end = np.frombuffer(data, np.uint8) == 0
    owner, ends = np.cumsum(is_end) - is_end, np.flatnonzero(is_end)
    marks = [bytearray(len(text.encode())) for text in texts]
    begins = np.concatenate(([0], ends[:-1] + 1))
    start = 0
    for i in range(len(order)):
        if i + 1 < len(order) and common[i] >= WINDOW:
            continue
        group = [p for p in order[start : i + 1].tolist() if p + WINDOW <= ends[owner[p]]]
        for place in sorted(group)[1:]:
            at = place - begins[owner[place]]
            marks[owner[place]][at : at + WINDOW] = b"\1" * WINDOW
        start = i + 1
    return marks


def test_what_repeats_is_what_a_suffix_array_finds(tmp_path):
    texts = python_sources(12)
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    substring_into(source, tmp_path / "out", min_bytes=WINDOW, pieces_together=500)
    marks = repeated_by_suffix_array(texts)
    left = [without(text, mark) for text, mark in zip(texts, marks, strict=True)]
    assert [row["text"] for row in rows_of(tmp_path / "out")] == [t for t in left if t.strip()]
    assert sum(map(sum, marks)) > 50_000


def test_there_is_a_range_for_each_so_many_pieces():
    assert [parts_of(n, most=10) for n in (0, 10, 11, 100)] == [1, 1, 2, 10]
