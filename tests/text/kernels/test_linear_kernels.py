"""Tokens, n-grams and the sums of their weights, against plain Python."""

import math

import numpy as np
import pyarrow as pa
import pytest

from curator_text.kernels import linear_kernels as kernels
from curator_text.read.columns import utf8


def tokens(text):
    data, place = np.frombuffer(text.encode(), np.uint8), np.empty(2, np.int64)
    found, at = [], 0
    while True:
        kernels.next_token(data, at, len(data), place)
        if place[0] == len(data):
            return found
        found.append(data[place[0] : place[1]].tobytes().decode())
        at = int(place[1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t", []),
        ("the cat's 2 hats", ["the", "cat", "'", "s", "2", "hats"]),
        ("a,b -- c", ["a", ",", "b", "-", "-", "c"]),
        ("naïve Straße", ["naïve", "Straße"]),
        ("слово и слово", ["слово", "и", "слово"]),
        ("文字です。", ["文", "字", "で", "す", "。"]),
        ("한국어 말", ["한국어", "말"]),
        ("ab\u00a0cd\u2003ef", ["ab", "cd", "ef"]),
        ("\u201chello\u201d \u2013 x", ["\u201c", "hello", "\u201d", "\u2013", "x"]),
        ("ok😀", ["ok", "😀"]),
    ],
)
def test_tokens(text, expected):
    assert tokens(text) == expected


def hashes(*texts, order=2, most=100):
    data, offsets = utf8(pa.array(texts, pa.large_string()))
    out, ends = np.empty(order * len(data) + 1, np.uint64), np.zeros(len(texts), np.int64)
    kernels.hash_ngrams(data, offsets, order, most, out, ends)
    return [set(part.tolist()) for part in np.split(out[: ends[-1]], ends[:-1])]


def test_ngrams_are_those_of_the_words_in_their_order():
    ab, ba, a, b = hashes("a b", "b a", "a", "b")
    assert len(ab) == 3
    assert ab & ba == a | b
    assert len(ab - ba) == 1


def test_a_mark_that_repeats_counts_once():
    few, many = hashes("a !", "a !!!!!!")
    assert few == many


def test_words_beyond_the_most_do_not_count():
    some, same = hashes("a b c d", "a b", most=2)
    assert some == same


def test_sums_are_those_of_the_weights_of_the_ngrams():
    texts = ["one two three one", "", "two, two"]
    data, offsets = utf8(pa.array(texts, pa.large_string()))
    weights = np.random.default_rng(0).integers(-99, 99, 1 << 10).astype(np.int16)
    sums, counts = np.zeros(3, np.int64), np.zeros(3, np.int64)
    shift = np.uint64(54)
    kernels.add_weights(data, offsets, 3, 100, shift, weights, sums, counts)
    out, ends = np.empty(3 * len(data), np.uint64), np.zeros(3, np.int64)
    kernels.hash_ngrams(data, offsets, 3, 100, out, ends)
    parts = np.split(out[: ends[-1]] >> shift, ends[:-1])
    assert counts.tolist() == [9, 0, 6]
    assert sums.tolist() == [int(weights[part.astype(int)].sum()) for part in parts]


def test_sigmoids_are_those_of_the_library_to_the_last_bits():
    values = np.array([*np.linspace(-40, 40, 1001), -1e9, 1e9])
    out = np.empty(len(values))
    kernels.sigmoids(values, out)
    expected = [1 / (1 + math.exp(-max(-700.0, min(700.0, x)))) for x in values]
    assert np.allclose(out, expected, rtol=1e-14, atol=0)


def test_the_logistic_fit_finds_the_line():
    values = np.linspace(-3, 3, 400)
    targets = 1 / (1 + np.exp(-(1.7 * values - 0.4)))
    line = np.array([1.0, 0.0])
    kernels.logistic_fit(values, targets, np.ones(400), 25, line)
    assert np.allclose(line, [1.7, -0.4])


def test_the_logistic_fit_does_not_run_away_where_the_kinds_part_wholly():
    values = np.concatenate((np.full(50, -9.0), np.full(50, 11.0)))
    targets, line = np.where(values > 0, 0.98, 0.02), np.array([1.0, 0.0])
    kernels.logistic_fit(values, targets, np.ones(100), 50, line)
    assert np.allclose(1 / (1 + np.exp(-(line[0] * values + line[1]))), targets, atol=1e-3)


def test_a_pass_moves_the_weights_of_what_was_seen_towards_its_label():
    places = np.array([3, 4, 3, 5], np.uint32)
    weights, squares, bias = np.zeros(8), np.zeros(8), np.zeros(2)
    labels, ends, order = np.array([1, 0]), np.array([2, 4]), np.arange(2)
    kernels.train(places, ends, order, labels, np.ones(2), 0.3, weights, squares, bias)
    assert weights[4] > 0 > weights[5]
    assert not weights[[0, 1, 2, 6, 7]].any()


def test_ngrams_are_found_where_they_stand():
    data, offsets = utf8(pa.array(["a new day", "a day, a new day"], pa.large_string()))
    out, ends = np.empty(100, np.uint64), np.zeros(2, np.int64)
    kernels.hash_ngrams(data[:9], offsets[:2], 2, 9, out, ends)
    wanted, shift = np.full(1 << 16, -1, np.int64), np.uint64(48)
    wanted[out[4] >> shift] = 0
    found = np.empty((10, 4), np.int64)
    count = kernels.find_ngrams(data, offsets, 2, 9, wanted, shift, found)
    spans = [(d, data[a:b].tobytes().decode()) for _, d, a, b in found[:count].tolist()]
    assert spans == [(0, "new day"), (1, "new day")]
