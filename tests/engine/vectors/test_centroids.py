"""Centres of clusters."""

import subprocess
import sys

import numpy as np
import pytest

from curator_engine.device import has_gpu
from curator_engine.vectors import centroids
from curator_engine.vectors.centroids import (
    distances,
    fit_centres,
    labels_of,
    lloyd,
    nearest_centres,
)

RNG = np.random.default_rng(0)
CENTRES = 5 * RNG.normal(size=(4, 6))
TRUTH = RNG.integers(0, 4, 400)
POINTS = (CENTRES[TRUTH] + 0.1 * RNG.normal(size=(400, 6))).astype(np.float32)


def same_groups(a, b):
    return len(set(zip(a.tolist(), b.tolist(), strict=True))) == len(set(b.tolist()))


def test_well_separated_clusters_are_found():
    labels = nearest_centres(POINTS, fit_centres(POINTS, 4, n_init=5))
    assert same_groups(labels, TRUTH)


def test_the_same_points_and_seed_give_the_same_centres():
    assert np.array_equal(fit_centres(POINTS, 4, seed=3), fit_centres(POINTS, 4, seed=3))


def test_lloyds_rounds_find_the_clusters_too():
    centres = lloyd(POINTS, START, xp=np, rounds=20, tol=1e-4)
    assert np.allclose(
        centres, [POINTS[np.equal(TRUTH, k)].mean(axis=0) for k in range(4)], atol=1e-4
    )


START = np.stack([POINTS[np.equal(TRUTH, k)][0] for k in range(4)])


@pytest.mark.parametrize("rows", [7, 8192])
def test_lloyds_rounds_are_the_same_in_torch(monkeypatch, rows):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(centroids, "_ROWS_AT_A_TIME", rows)
    ours = lloyd(torch.from_numpy(POINTS), torch.from_numpy(START), xp=torch, rounds=20, tol=1e-4)
    theirs = lloyd(POINTS, START, xp=np, rounds=20, tol=1e-4)
    assert np.allclose(ours.numpy(), theirs, atol=1e-5)


def test_a_centre_that_loses_its_points_stays_where_it_was_in_torch():
    torch = pytest.importorskip("torch")
    start = torch.from_numpy(np.concatenate((POINTS[:1], np.full((1, 6), 1e3, np.float32))))
    moved = lloyd(torch.from_numpy(POINTS), start, xp=torch, rounds=5, tol=0)
    assert torch.equal(moved[1], start[1])


def test_torch_gives_each_point_the_centre_that_numpy_gives():
    torch = pytest.importorskip("torch")
    labels = labels_of(torch.from_numpy(POINTS), torch.from_numpy(START))
    assert labels.dtype == np.int64
    assert np.array_equal(labels, labels_of(POINTS, START))


def test_of_two_equal_centres_torch_takes_the_first():
    torch = pytest.importorskip("torch")
    twice = torch.from_numpy(np.concatenate((START, START)))
    assert labels_of(torch.from_numpy(POINTS), twice).max() < 4


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
def test_a_gpu_finds_the_clusters_too():
    centres = lloyd_on_gpu()
    assert np.allclose(centres, lloyd(POINTS, START, xp=np, rounds=20, tol=1e-4), atol=1e-4)
    labels = nearest_centres(POINTS, START, device="gpu")
    assert np.array_equal(labels, nearest_centres(POINTS, START))


def lloyd_on_gpu():
    import torch

    points, start = (torch.from_numpy(array).to("cuda") for array in (POINTS, START))
    return lloyd(points, start, xp=torch, rounds=20, tol=1e-4).cpu().numpy()


def test_a_centre_that_loses_its_points_stays_where_it_was():
    start = np.concatenate((POINTS[:1], np.full((1, 6), 1e3, np.float32)))
    assert np.array_equal(lloyd(POINTS, start, xp=np, rounds=5, tol=0)[1], start[1])


def test_one_centre_is_the_mean_and_needs_no_library():
    code = """if True:
        import sys, numpy as np
        from curator_engine.vectors.centroids import fit_centres
        assert fit_centres(np.array([[1, 2], [3, 4]], 'f4'), 1).tolist() == [[2, 3]]
        assert 'sklearn' not in sys.modules
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_there_are_no_more_centres_than_points():
    assert fit_centres(POINTS[:3], 10).shape == (3, 6)


def test_points_that_are_all_the_same_do_no_harm():
    centres = fit_centres(np.ones((50, 3), np.float32), 4)
    assert np.allclose(centres[nearest_centres(np.ones((1, 3), np.float32), centres)], 1)


def test_equal_points_have_equal_distances_however_they_are_batched():
    labels = nearest_centres(POINTS, POINTS[:4])
    whole = distances(POINTS, POINTS[:4], labels)
    alone = distances(POINTS[7:8], POINTS[:4], labels[7:8])
    assert [d[7] for d in whole] == [d[0] for d in alone]


def test_distances_are_euclidean_and_cosine():
    points = np.array([[0, 1]], np.float32)
    euclidean, cosine = distances(points, np.array([[2, 0]], np.float32), np.array([0]))
    assert (euclidean[0], cosine[0]) == (pytest.approx(5**0.5), pytest.approx(1.0))
