"""Signatures against a slow reference written with an independent murmur library."""

import mmh3
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.kernel_cache import cache_folder, kernels_are_cached
from curator_text.signatures import minhash
from curator_text.signatures.minhash import permutations, signatures, slices

TEXTS = [
    "The quick brown fox jumps over the lazy dog, and then some more text follows here. " * 3,
    "Größe und Überraschung: 日本語のテキスト混じり, 😀 and more ASCII text after it all. " * 3,
    "short",
    "äb",
    "",
    "exactly 24 characters ..",
    "x" * 25,
]


def reference(text, width, count, seed):
    a, b = permutations(seed, count)
    if not text:
        return [0] * count
    windows = {text[i : i + width].encode() for i in range(max(1, len(text) - width + 1))}
    hashes = [max(1, mmh3.hash(window, int(a[0]), signed=False)) for window in windows]
    return [min((int(x) * h + int(y)) % 2**32 for h in hashes) for x, y in zip(a, b, strict=True)]


@pytest.mark.parametrize("width", [1, 5, 8, 13, 24])
@pytest.mark.parametrize("seed", [42, 7])
def test_signatures_equal_the_reference(width, seed):
    got = signatures(pa.array(TEXTS), char_ngrams=width, num_hashes=9, seed=seed, method="curator")
    assert got.tolist() == [reference(text, width, 9, seed) for text in TEXTS]


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.integers(1, 30))
def test_signatures_of_any_text_equal_the_reference(texts, width):
    got = signatures(
        pa.array(texts, pa.string()), char_ngrams=width, num_hashes=3, method="curator"
    )
    assert got.tolist() == [reference(text, width, 3, 42) for text in texts]


def test_golden_numbers():
    got = signatures(
        pa.array(["golden vectors stay as they are, always"]), num_hashes=4, method="curator"
    )
    assert got.tolist() == [[478952936, 37502219, 56706322, 366856264]]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_slice_gives_the_signatures_of_its_rows(kind):
    array = pa.array(TEXTS, kind)
    assert np.array_equal(signatures(array[2:5]), signatures(array)[2:5])


def test_chunks_give_the_same_as_one_array():
    chunked = pa.chunked_array([TEXTS[:3], TEXTS[3:]])
    assert np.array_equal(signatures(chunked), signatures(pa.array(TEXTS)))


def test_no_texts_have_no_signatures():
    assert signatures(pa.array([], pa.string())).shape == (0, 260)


def test_nulls_are_refused():
    with pytest.raises(ValueError, match="1 texts are null; drop them first"):
        signatures(pa.array(["a", None]))


def test_a_width_below_one_is_refused():
    with pytest.raises(ValueError, match="must be at least 1"):
        signatures(pa.array(["a"]), char_ngrams=0)


def test_agreement_estimates_the_similarity():
    base = "".join(chr(97 + i * i % 26) for i in range(3000))
    other = base[:2400] + base[2400:].upper()
    sets = [{t[i : i + 24] for i in range(len(t) - 23)} for t in (base, other)]
    exact = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    got = [
        float(np.mean(s[0] == s[1]))
        for s in (signatures(pa.array([base, other]), seed=k) for k in range(20))
    ]
    error = (exact * (1 - exact) / 260) ** 0.5
    assert abs(np.mean(got) - exact) < 4 * error / 20**0.5


def test_permutations_are_within_their_ranges():
    a, b = permutations(1, 1000)
    assert a.min() >= 1
    assert a.max() < 2**31 - 1
    assert b.max() < 2**31 - 1


def test_kernels_are_cached_once_they_ran():
    signatures(pa.array(["a"]))
    assert kernels_are_cached("curator_text")
    assert cache_folder("curator_text").is_dir()


def test_documents_are_cut_into_runs_that_a_kernel_is_called_with_once():
    assert slices(np.array([3, 3, 3, 20, 1, 1]), most=8) == [(0, 2), (2, 3), (3, 6)]
    assert slices(np.zeros(0, np.int64)) == []


def test_a_signature_does_not_depend_on_the_runs(monkeypatch):
    texts = pa.array([f"the text with the number {i} " * 9 for i in range(20)])
    want = signatures(texts, num_hashes=16)
    monkeypatch.setattr(minhash, "slices", lambda work: [(i, i + 1) for i in range(len(work))])
    assert np.array_equal(signatures(texts, num_hashes=16), want)
