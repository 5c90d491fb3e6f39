"""The kernels that look for repeated parts of texts, against plain Python."""

import random

import numpy as np
import pyarrow as pa
import pytest
from repeat_toys import repeating_texts

from curator_text.kernels import repeat_kernels
from curator_text.read.columns import utf8
from curator_text.repeats.hash_pieces import HashUnits, HashWindows


def of(texts):
    return utf8(pa.array(texts, pa.large_string()))


def runs_of(texts, window):
    stage = HashWindows(path="", window=window)
    return [column.tolist() for column in stage.hashed(*of(texts))]


def test_the_runs_of_a_text_cover_each_window_once():
    texts = repeating_texts(1)
    covered = [
        (o, s + k) for _, _, o, s, n in zip(*runs_of(texts, 20), strict=True) for k in range(n)
    ]
    sizes = [len(text.encode()) for text in texts]
    assert covered == [(i, s) for i, size in enumerate(sizes) for s in range(size - 19)]


def test_equal_windows_have_equal_keys_wherever_they_stand():
    texts = repeating_texts(2)
    keys = {}
    for key, _, owner, start, count in zip(*runs_of(texts, 20), strict=True):
        for s in range(start, start + count):
            keys.setdefault(texts[owner].encode()[s : s + 20], set()).add(key)
    assert {len(found) for found in keys.values()} == {1}


def test_keys_are_spread_over_their_range():
    draw = random.Random(1)
    text = "".join(draw.choices("abcdefgh ", k=100_000))
    parts = np.bincount(np.array(runs_of([text], 200)[0], np.uint64) >> np.uint64(62), minlength=4)
    assert parts.min() > 0.8 * parts.max()


def test_equal_runs_have_equal_hashes_and_others_do_not():
    texts = repeating_texts(3)
    by_hash, by_bytes = {}, {}
    for _, other, owner, start, count in zip(*runs_of(texts, 20), strict=True):
        part = texts[owner].encode()[start : start + count + 19]
        by_hash.setdefault(other, set()).add(part)
        by_bytes.setdefault(part, set()).add(other)
    assert {len(found) for found in [*by_hash.values(), *by_bytes.values()]} == {1}


@pytest.mark.parametrize(("unit", "ends"), [("line", 1), ("paragraph", 2)])
def test_units_put_together_are_the_text(unit, ends):
    draw = random.Random(ends)
    texts = ["".join(draw.choices("ab \n\t\r", k=60)) for _ in range(50)]
    stage = HashUnits(path="", unit=unit, least=1)
    found = {i: [] for i in range(50)}
    for _, _, owner, start, size in zip(*map(list, stage.hashed(*of(texts))), strict=True):
        found[owner].append((int(start), int(size)))
    for i, text in enumerate(texts):
        units = [text[start : start + size] for start, size in found[i]]
        assert [each.strip() for each in units] == [
            each.strip() for each in _units(text, ends) if each.strip()
        ]
        assert all(text.find(each) >= 0 for each in units)


def _units(text, ends):
    if ends == 1:
        return text.split("\n")
    parts, feeds, start = [], 0, 0
    for at, character in enumerate(text):
        if character == "\n":
            feeds += 1
        elif character not in " \t\r":
            if feeds >= 2:
                parts.append(text[start:at])
                start = at
            feeds = 0
    return [*parts, text[start:]]


def test_spans_that_touch_are_joined():
    columns = [np.array(each) for each in ([0, 0, 0, 1], [0, 5, 20, 5], [5, 9, 22, 9])]
    out = [np.empty(4, np.int64) for _ in range(4)]
    count = repeat_kernels.join_spans(*columns, *out)
    assert [each[:count].tolist() for each in out] == [[0, 0, 1], [0, 20, 5], [9, 22, 9], [0, 2, 3]]


def test_spans_end_between_characters():
    text, offsets = of(["aßb文c"])
    starts, ends = np.array([0, 2, 2]), np.array([2, 4, 6])
    repeat_kernels.whole_characters(text, offsets, np.zeros(3, np.int64), starts, ends)
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [(0, 1), (3, 4), (3, 4)]
