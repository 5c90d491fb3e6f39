"""Fit a linear model: logistic regression by Adagrad, one document after the other, in the order of hashes.

Both kinds count alike, however many texts each has. The weights become whole numbers before the model is calibrated
and tested, so that what is measured is what is saved.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from curator_text.models.linear_model import LinearModel, quantised
from curator_text.training.examples import Examples
from curator_text.training.read_ngrams import Ngrams

RATE = 0.3
"""Step of Adagrad: of 0.02 to 0.5, what tells film reviews apart best."""
_NEWTON_STEPS = 25


def fit(examples: Examples, ngrams: Ngrams, *, epochs: int) -> tuple[LinearModel, list[float]]:
    """A model of the examples that are for training, calibrated on those held out.

    Args:
        examples: Of both kinds.
        ngrams: As they were made.
        epochs: Passes over the examples.

    Returns:
        The model, and the mean error of each pass.
    """
    from curator_text.kernels import linear_kernels

    weights, squares = np.zeros((2, 1 << ngrams.bits))
    bias, trained = np.zeros(2), examples.trained
    counts = np.bincount(examples.labels[trained], minlength=2)
    shares = len(trained) / (2.0 * np.maximum(counts, 1))
    errors = [
        float(
            linear_kernels.train(
                examples.places,
                examples.ends,
                trained,
                examples.labels,
                shares,
                RATE,
                weights,
                squares,
                bias,
            )
        )
        for _ in range(epochs)
    ]
    numbers, exponent = quantised(weights)
    model = LinearModel(
        weights=numbers,
        exponent=exponent,
        bias=float(bias[0]),
        order=ngrams.order,
        most=ngrams.most,
    )
    return _calibrated(model, examples), errors


def held_out_values(model: LinearModel, examples: Examples) -> tuple[Any, Any]:
    """The values and the labels of the examples that are held out."""
    mine = np.flatnonzero(examples.is_held_out)
    totals = np.concatenate(([0], np.cumsum(model.weights[examples.places], dtype=np.int64)))
    starts, ends = examples.starts[mine], examples.ends[mine]
    sums = totals[ends] - totals[starts]
    values = sums * np.ldexp(1.0, model.exponent) / np.sqrt(ends - starts) + model.bias
    return values, examples.labels[mine]


def _calibrated(model: LinearModel, examples: Examples) -> LinearModel:
    """The model with the slope and offset that make probabilities of its values (Platt 1999)."""
    from curator_text.kernels import linear_kernels

    values, labels = held_out_values(model, examples)
    bad, good = np.bincount(labels, minlength=2).tolist()
    # Targets a little within 0 and 1, as Platt has them, keep the slope finite where the kinds part wholly.
    targets = np.where(labels == 1, (good + 1) / (good + 2), 1 / (bad + 2))
    shares = np.where(labels == 1, 0.5 / good, 0.5 / bad)
    line = np.array([1.0, 0.0])
    linear_kernels.logistic_fit(values, targets, shares, _NEWTON_STEPS, line)
    if not (np.isfinite(line).all() and line[0] > 0):
        return model
    return replace(model, slope=float(line[0]), offset=float(line[1]))
