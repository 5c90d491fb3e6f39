"""Fast signatures: against a slow reference, and against what theory says of them."""

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_text.kernels import window_kernels
from curator_text.signatures.minhash import hash_key, signatures

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(x):
    x = (x ^ x >> 33) * 0xFF51AFD7ED558CCD & MASK
    x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return x ^ x >> 33


def turn(x, bits):
    return (x << bits | x >> (64 - bits)) & MASK if bits else x


def window_hashes(text, width, key):
    """A cyclic polynomial of each window, from scratch."""
    span = min(width, len(text))
    values = [mix(ord(c) * GOLDEN & MASK ^ key) for c in text]
    hashes = set()
    for i in range(len(text) - span + 1):
        x = 0
        for j in range(span):
            x ^= turn(values[i + j], (span - 1 - j) % 64)
        hashes.add(mix(x))
    return hashes


def sketch(hashes, bins):
    """Fast similarity sketching as the paper defines it."""
    best = {}
    for r in range(2 * bins):
        if len(best) == bins:
            break
        found = {}
        for h in hashes:
            x = mix(h ^ r * GOLDEN & MASK) if r else h
            p = (x >> 32) * bins >> 32 if r < bins else r - bins
            found[p] = min(found.get(p, MASK), x & 0xFFFFFFFF)
        best = {**found, **best}
    return [best[p] for p in range(bins)]


def reference(text, width, bins, seed):
    if not text:
        return [0] * bins
    return sketch(window_hashes(text, width, int(hash_key(seed))), bins)


@pytest.mark.parametrize("width", [1, 5, 24, 70])
@pytest.mark.parametrize("seed", [42, -7])
def test_signatures_equal_the_reference(width, seed):
    texts = [
        "plain text of one byte per character " * 3,
        "Größe 日本語 😀 mixed " * 5,
        "ab",
        "é",
        "",
    ]
    got = signatures(pa.array(texts), char_ngrams=width, num_hashes=9, seed=seed)
    assert got.tolist() == [reference(text, width, 9, seed) for text in texts]


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.integers(1, 30))
def test_signatures_of_any_text_equal_the_reference(texts, width):
    got = signatures(pa.array(texts, pa.string()), char_ngrams=width, num_hashes=7)
    assert got.tolist() == [reference(text, width, 7, 42) for text in texts]


def test_golden_numbers():
    got = signatures(pa.array(["golden vectors stay as they are, always"]), num_hashes=4)
    assert got.tolist() == [[1206816626, 757576342, 1990377066, 525098065]]


@pytest.mark.parametrize("size", [2, 12, 100, 2000])
@pytest.mark.parametrize("method", ["fast", "curator"])
def test_agreement_has_the_mean_and_the_spread_that_theory_says(method, size):
    draw = random.Random(size)
    letters = draw.sample(range(0x4E00, 0x9FFF), size + size // 4)
    texts = pa.array(["".join(map(chr, letters[:size])), "".join(map(chr, letters[size // 4 :]))])
    exact = (size - size // 4) / (size + size // 4)
    agreed = [
        float(np.mean(s[0] == s[1]))
        for s in (signatures(texts, char_ngrams=1, seed=k, method=method) for k in range(100))
    ]
    error = (exact * (1 - exact) / 260) ** 0.5
    assert abs(np.mean(agreed) - exact) <= 4 * error / 100**0.5 + 1e-12
    assert np.std(agreed) <= 1.3 * error + 1e-12


def test_an_ascii_text_has_the_windows_that_it_has_within_another():
    ascii_text = "words that are the same in both of the texts, enough of them for windows"
    one, two = signatures(pa.array([ascii_text, f"{ascii_text}é"]), num_hashes=2000)
    assert np.mean(one == two) > 0.9


@pytest.mark.parametrize(
    "tail", [b"\xc3", b"\xe2", b"\xe2\x82", b"\xf0", b"\xf0\x9f", b"\xf0\x9f\x98"]
)
def test_a_character_that_is_cut_off_takes_nothing_from_the_next_text(tail):
    text = b"a text of some words, one of them cut " + tail
    alone = signatures(pa.array([text]).view(pa.string()))
    for after in (b"aaaa", b"\x80\x80\x80\x80"):
        followed = signatures(pa.array([text, after]).view(pa.string()))
        assert np.array_equal(followed[0], alone[0])


@pytest.mark.parametrize(
    "text", ["x" * 3000, "ab" * 2000, "a line that comes again\n" * 90, "." * 25]
)
def test_a_text_of_few_different_windows_is_signed_as_the_paper_says(text):
    found = signatures(pa.array([text]), num_hashes=32, char_ngrams=8)
    assert found[0].tolist() == reference(text, 8, 32, 42)


@pytest.mark.parametrize(("most", "count"), [(4, 3), (2, 9)])
def test_equal_hashes_are_put_together_if_few_are_different(most, count):
    hashes = np.array([5, 6, 5, 7, 7, 6, 5, 5, 6], np.uint64)
    found = window_kernels._once(hashes, len(hashes), most)
    assert found == count
    assert set(hashes[: int(found)].tolist()) == {5, 6, 7}
