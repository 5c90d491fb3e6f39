import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from curator_audio.speakers import clusters
from curator_audio.speakers.clusters import cluster_voices


def voices(labels, *, spread=0.3, dims=16, seed=0):
    draw = np.random.default_rng(seed)
    people = draw.normal(size=(max(labels) + 1, dims))
    people /= np.linalg.norm(people, axis=1, keepdims=True)
    vectors = people[labels] + draw.normal(size=(len(labels), dims)) * spread / np.sqrt(dims)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)


TRUTH = [0, 0, 1, 1, 0, 2, 2, 1, 0, 2] * 4


def test_each_person_is_a_cluster_numbered_by_appearance():
    assert cluster_voices(voices(TRUTH), threshold=0.6) == TRUTH
    assert cluster_voices(voices(TRUTH)[:0]) == []


def test_a_number_of_speakers_may_be_given():
    assert len(set(cluster_voices(voices(TRUTH), threshold=0.99, max_speakers=2))) == 2


def test_few_voices_go_to_others_that_are_similar_enough():
    apart, both = voices([*TRUTH, 3]), voices(TRUTH)
    assert set(cluster_voices(apart, threshold=0.6, min_voices=2)) == {0, 1, 2, 3}
    mixed = (both[0] + both[2])[None] / np.linalg.norm(both[0] + both[2])
    found = cluster_voices(np.concatenate([both, mixed]), threshold=0.9, min_voices=2)
    assert len(set(found)) == len(set(cluster_voices(both, threshold=0.9, min_voices=2)))


def test_a_voice_goes_to_the_speaker_it_is_most_like_in_the_end():
    first, second = np.eye(2, dtype=np.float32)
    near = np.stack([first, 0.9 * first + 0.436 * second, *([second] * 3)])
    settled = clusters._settled(near.astype(np.float32), np.array([0, 1, 1, 1, 1]))
    assert settled.tolist() == [0, 0, 1, 1, 1]


@pytest.mark.parametrize("seed", range(4))
def test_it_is_average_linkage(seed):
    vectors = voices([0, 1, 2, 3, 4] * 6, spread=1.2, seed=seed)
    tree = linkage(vectors.astype(np.float64), method="average", metric="cosine")
    expected = fcluster(tree, t=1 - 0.5, criterion="distance")
    found = cluster_voices(vectors, threshold=0.5)
    pairs = {(a, b) for a, b in zip(found, expected.tolist(), strict=True)}
    assert len(pairs) == len(set(found)) == len(set(expected.tolist()))


def test_many_voices_are_done_in_parts(monkeypatch):
    monkeypatch.setattr(clusters, "_MOST", 7)
    assert cluster_voices(voices(TRUTH), threshold=0.6) == TRUTH
