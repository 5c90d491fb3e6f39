"""An eps from the similarities."""

import numpy as np

from curator_engine.vectors.choose_eps import FALLBACK_EPS, choose_eps, histogram, histogram_lines

RNG = np.random.default_rng(0)
BULK, NEAR = RNG.normal(0.68, 0.04, 2000), RNG.normal(0.97, 0.01, 300)


def counts(*parts):
    return histogram(np.concatenate(parts).clip(0, 1).astype(np.float32))


def test_the_cut_lies_between_the_peaks():
    choice = choose_eps(counts(BULK, NEAR))
    assert 0.05 < choice.eps < 0.2
    assert "the valley of the similarities is at" in choice.reason


def test_without_near_duplicates_there_is_no_valley():
    choice = choose_eps(counts(BULK))
    assert choice.eps == FALLBACK_EPS
    assert "no clear valley" in choice.reason


def test_a_flat_slope_is_no_valley():
    assert choose_eps(counts(np.linspace(0.5, 1, 5000))).eps == FALLBACK_EPS


def test_a_handful_of_documents_says_nothing():
    assert choose_eps(counts(BULK[:10], NEAR[:5])).eps == FALLBACK_EPS


def test_no_documents_fall_back_too():
    assert choose_eps(histogram(np.empty(0, np.float32))).eps == FALLBACK_EPS


def test_every_document_is_counted_once():
    found = histogram(np.array([-1.0, 0.0, 0.5, 0.759, 0.995, 1.0], np.float32))
    assert found.sum() == 6
    assert (found[0], found[25], found[49]) == (3, 1, 2)


def test_the_lines_show_the_counts_and_the_cut():
    lines = histogram_lines(counts(BULK, NEAR), 0.1)
    assert sum("1 - eps = 0.9000" in line for line in lines) == 1
    assert len(lines) == 26


def test_the_fallback_may_be_another():
    assert choose_eps(counts(BULK), fallback=0.05).eps == 0.05
