"""Fingerprints see wording."""

import numpy as np
import pyarrow as pa
from text_toys import edited, sentence, windows

from curator_text.semantic.fingerprint import fingerprints


def cosine(a, b):
    one, other = fingerprints(pa.array([a, b]))
    return float(one @ other)


def test_equal_texts_have_equal_fingerprints_in_any_company():
    alone = fingerprints(pa.array([sentence(1)]))
    together = fingerprints(pa.array([sentence(2), sentence(1), ""]))
    assert np.array_equal(alone[0], together[1])


def test_the_cosine_is_about_that_of_the_sets_of_windows():
    text = sentence(3)
    for edits in (1, 5, 20, 60):
        a, b = windows(text, 5), windows(edited(text, edits), 5)
        exact = len(a & b) / (len(a) * len(b)) ** 0.5
        assert abs(cosine(text, edited(text, edits)) - exact) < 0.1


def test_case_does_not_count():
    assert cosine("Über Data", "über data") > 1 - 1e-6


def test_empty_and_tiny_texts_have_fingerprints_too():
    rows = fingerprints(pa.array(["", "", "a", "文"]))
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    assert np.array_equal(rows[0], rows[1])
    assert not np.array_equal(rows[0], rows[2])


def test_unrelated_texts_are_far_apart():
    rows = fingerprints(pa.array([sentence(i) for i in range(20)]))
    assert (np.tril(rows @ rows.T, -1)).max() < 0.6


def test_slices_and_large_strings_are_read_from_where_they_start():
    texts = pa.array(["x", sentence(1), sentence(2)], pa.large_string())
    assert np.array_equal(fingerprints(texts.slice(1)), fingerprints(texts)[1:])
