"""Figures of scores whose labels are known."""

import numpy as np
import pytest

from curator_text.training.evaluate import auc, evaluate


def test_the_area_is_how_often_a_good_text_is_above_a_bad_one():
    draw = np.random.default_rng(0)
    labels = draw.integers(0, 2, 300)
    scores = np.round(np.clip(draw.normal(0.4 + 0.2 * labels, 0.2), 0, 1), 2)
    good, bad = np.sort(scores[labels == 1]), np.sort(scores[labels == 0])
    pairs = (good[:, None] > bad) + 0.5 * (good[:, None] == bad)
    assert auc(good, bad) == pytest.approx(pairs.mean())


def test_thresholds_and_curve():
    scores, labels = np.array([0.9, 0.8, 0.4, 0.6, 0.1]), np.array([1, 1, 1, 0, 0])
    found = evaluate(scores, labels)
    half = next(each for each in found["thresholds"] if each["threshold"] == 0.5)
    assert half == {"threshold": 0.5, "good_kept": 0.6667, "bad_kept": 0.5, "precision": 0.5714}
    assert found["curve"] == [[0.3333, 1.0], [0.6667, 1.0], [1.0, 0.75]]
    assert (found["accuracy"], found["good"], found["bad"]) == (0.6, 3, 2)


def test_a_threshold_that_keeps_nothing_has_no_precision():
    found = evaluate(np.array([0.2, 0.1]), np.array([1, 0]))
    assert found["thresholds"][-1]["precision"] is None
