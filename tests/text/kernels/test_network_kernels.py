"""What a transformer computes between its products, against numpy and SciPy."""

import math

import numpy as np
import pytest

from curator_text.kernels import network_kernels as net


def test_gelu_is_x_times_the_share_of_a_normal_distribution_below_x():
    x = np.concatenate([np.linspace(-9, 9, 5001), [0.0, -8.0, 8.0, 1e6, -1e6]])
    got = x.copy()
    net.gelu(got, net.gelu_table())
    want = [v * 0.5 * math.erfc(-v / math.sqrt(2)) for v in x]
    assert np.abs(got - want).max() < 1e-11


def test_shares_are_the_softmax_of_each_row():
    scores = np.random.default_rng(0).normal(0, 20, (2, 3, 50))
    got = scores.copy()
    net.shares(got, 0.25)
    raised = np.exp(0.25 * (scores - scores.max(axis=2, keepdims=True)))
    assert np.abs(got - raised / raised.sum(axis=2, keepdims=True)).max() < 2**-26


def test_scores_that_are_far_below_the_largest_have_no_share():
    scores = np.array([[[0.0, -1e30, -5000.0]]])
    net.shares(scores, 1.0)
    assert scores.tolist() == [[[1.0, 0.0, 0.0]]]


def test_rows_of_a_norm_have_mean_zero_and_variance_one():
    x = np.random.default_rng(0).normal(3, 5, (4, 64))
    weight, bias = np.arange(64.0), np.ones(64)
    want = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True) * weight + bias
    net.norm_rows(x, weight, bias, 0.0)
    assert np.allclose(x, want)


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e-12, 1e30])
def test_rounded_rows_keep_so_many_bits_below_their_largest_number(scale):
    x = np.random.default_rng(0).normal(0, 1, (3, 40)) * np.array([[1.0], [1e-6], [0.0]]) * scale
    got = np.empty_like(x)
    net.round_rows(x, 25, got)
    error = np.abs(got - x).max(axis=1)
    assert (error <= np.abs(x).max(axis=1) * 2**-25).all()
    assert (got[0] != x[0]).any()


def test_products_of_rounded_queries_and_keys_are_the_same_in_any_order():
    draw = np.random.default_rng(0)
    rows = draw.normal(0, 1, (2, 7, 64)) * np.exp(draw.normal(0, 4, (2, 7, 64)))
    queries, keys = np.empty((2, 2, 7, 32))
    net.split_heads(rows[0], 2, queries)
    net.split_heads(rows[1], 2, keys)
    order = draw.permutation(32)
    products = queries[:, :, None, :] * keys[:, None, :, :]
    want = [[[math.fsum(p) for p in row] for row in head] for head in products]
    assert np.cumsum(products[..., order], axis=3)[..., -1].tolist() == want


def test_shares_of_rounded_values_add_up_the_same_in_any_order():
    draw = np.random.default_rng(0)
    rows, values = draw.normal(0, 3, (50, 8)), np.empty((2, 50, 4))
    net.split_values(rows, 2, values)
    scores = draw.normal(0, 5, (2, 1, 50))
    net.shares(scores, 1.0)
    products = scores[:, 0, :, None] * values
    want = [[math.fsum(column) for column in head.T] for head in products]
    assert np.cumsum(products[:, draw.permutation(50)], axis=1)[:, -1].tolist() == want


def test_heads_come_together_as_they_were_split():
    rows = np.arange(24.0).reshape(3, 8)
    heads, joined = np.empty((2, 3, 4)), np.empty((3, 8))
    net.split_values(rows, 2, heads)
    net.join_heads(heads, joined)
    assert joined.tolist() == rows.tolist()


def test_a_text_has_the_mean_of_its_rows():
    out = np.empty((2, 2))
    net.mean_rows(np.array([[1.0, 2], [3, 4], [7, 8]]), np.array([0, 2, 3]), out)
    assert out.tolist() == [[2.0, 3.0], [7.0, 8.0]]
