"""The most similar earlier vector of each, and what goes."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from vector_toys import near_duplicates, similar_pairs

from curator_engine.device import has_gpu
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.vectors import pairwise
from curator_engine.vectors.matrix import vector_column
from curator_engine.vectors.pairwise import (
    PairwiseStage,
    duplicates_of,
    keep_leaders,
    nearest_before,
    nearest_earlier,
)

POINTS = near_duplicates(150, 100, dims=12)


def by_hand(points):
    cosine = np.tril(points @ points.T, -1) + np.triu(np.full((len(points),) * 2, -2.0))
    return cosine.argmax(axis=1), cosine.max(axis=1)


@pytest.mark.parametrize("batch_size", [1, 7, 250, 1024])
def test_blocks_of_any_size_give_the_brute_force_answer(batch_size):
    index, score = nearest_earlier(POINTS, batch_size=batch_size)
    expected = by_hand(POINTS)
    assert np.array_equal(index[1:], expected[0][1:])
    assert np.allclose(score[1:], expected[1][1:], atol=1e-6)


def test_tiles_of_columns_give_the_same(monkeypatch):
    whole = nearest_earlier(POINTS, batch_size=64)
    monkeypatch.setattr(pairwise, "_TILE", 13)
    assert np.array_equal(nearest_earlier(POINTS, batch_size=64)[0], whole[0])


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1024])
@pytest.mark.parametrize("tile", [13, 16384])
def test_torch_gives_the_brute_force_answer(monkeypatch, batch_size, tile):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(pairwise, "_TILE", tile)
    index, score = nearest_before(torch.from_numpy(POINTS), xp=torch, batch_size=batch_size)
    expected = by_hand(POINTS)
    assert np.array_equal(index[1:], expected[0][1:])
    assert np.allclose(score[1:], expected[1][1:], atol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_of_equally_similar_vectors_torch_counts_the_first(batch_size):
    torch = pytest.importorskip("torch")
    points = torch.tensor([[1.0, 0], [1, 0], [0, 1], [1, 0], [1, 0]])
    index, _ = nearest_before(points, xp=torch, batch_size=batch_size)
    assert index[[1, 3, 4]].tolist() == [0, 0, 0]


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
def test_a_gpu_gives_the_brute_force_answer():
    index, score = nearest_earlier(POINTS, batch_size=64, device="gpu")
    expected = by_hand(POINTS)
    assert np.allclose(score[1:], expected[1][1:], atol=1e-5)
    # Where two are equally near but for rounding, either may be named.
    rows = np.arange(1, len(POINTS))
    assert np.allclose((POINTS[rows] * POINTS[index[1:]]).sum(axis=1), score[1:], atol=1e-5)


def test_the_first_vector_has_nothing_before_it():
    index, score = nearest_earlier(POINTS[:1])
    assert (index.tolist(), score.tolist()) == ([0], [0.0])


def test_of_equally_similar_vectors_the_first_counts():
    points = np.array([[1, 0], [1, 0], [0, 1], [1, 0]], np.float32)
    assert nearest_earlier(points, batch_size=2)[0][[1, 3]].tolist() == [0, 0]


def expected_leaders(points, eps):
    pairs, kept = similar_pairs(points, eps), {}
    for i in range(len(points)):
        near = [j for j in range(i) if (j, i) in pairs and j not in kept]
        if near:
            kept[i] = max(near, key=lambda j: (float(points[i] @ points[j]), -j))
    return kept


@pytest.mark.parametrize("eps", [0.01, 0.1, 0.4])
@pytest.mark.parametrize("cells", [1, 1 << 24])
def test_what_goes_is_similar_to_one_that_stays(monkeypatch, eps, cells):
    monkeypatch.setattr(pairwise, "_CELLS", cells)
    kept, _ = keep_leaders(POINTS, nearest_earlier(POINTS)[1], eps=eps)
    assert {i: k for i, k in enumerate(kept.tolist()) if k >= 0} == expected_leaders(POINTS, eps)


def test_a_chain_keeps_every_second_one():
    angles = np.arange(5) * 0.1
    points = np.stack((np.cos(angles), np.sin(angles)), axis=1).astype(np.float32)
    kept, _ = keep_leaders(points, nearest_earlier(points)[1], eps=0.006)
    assert kept.tolist() == [-1, 0, -1, 2, -1]


def compare(folder, out, **options):
    stage = PairwiseStage(input_path=str(folder), output_path=str(out), **options)
    pipeline = Pipeline("pairwise", stages=[stage])
    return pipeline.run(LocalExecutor({"workers": 2}), None, f"{out}.checkpoint")


def write_clusters(folder, points, clusters=2):
    for k in range(clusters):
        rows = np.arange(k, len(points), clusters)
        columns: dict[str, Any] = {
            "id": rows,
            "embeddings": vector_column(points[rows]),
            "cosine_dist_to_cent": rows / len(points),
            "stars": rows % 5,
        }
        table = pa.table(columns)
        (folder / f"centroid={k}").mkdir(parents=True)
        pq.write_table(table, folder / f"centroid={k}/a.parquet")


def test_a_table_per_cluster_with_the_columns_of_the_documents(tmp_path):
    write_clusters(tmp_path / "in", POINTS)
    paths = [task.data[0] for task in compare(tmp_path / "in", tmp_path / "out")]
    assert [path.rpartition("/")[2] for path in paths] == ["cluster_0.parquet", "cluster_1.parquet"]
    table = pq.read_table(paths[1])
    assert table.column_names == ["id", "max_id", "cosine_sim_score", "cluster"]
    assert set(table["cluster"].to_pylist()) == {1}


def test_rows_are_compared_in_the_order_of_the_ranking(tmp_path):
    from curator_engine.vectors.ranking import RankingStrategy

    write_clusters(tmp_path / "in", POINTS, clusters=1)
    ranking = RankingStrategy(metadata_cols=["stars"], ascending=False)
    task = compare(tmp_path / "in", tmp_path / "out", ranking_strategy=ranking)[0]
    ids = pq.read_table(task.data[0])["id"].to_pylist()
    assert ids == sorted(range(250), key=lambda i: (-(i % 5), i))


def test_duplicates_are_at_least_as_similar_as_asked(tmp_path):
    write_clusters(tmp_path / "in", POINTS, clusters=1)
    paths = [t.data[0] for t in compare(tmp_path / "in", tmp_path / "out", which_to_keep="easy")]
    expected = sorted({j for _, j in similar_pairs(POINTS, 0.05)})
    assert duplicates_of(paths, eps=0.05)["id"].to_pylist() == expected


def test_a_second_run_compares_nothing_again(tmp_path):
    write_clusters(tmp_path / "in", POINTS)
    first = compare(tmp_path / "in", tmp_path / "out")
    (tmp_path / "out/cluster_0.parquet").write_bytes(b"kept as it is")
    again = compare(tmp_path / "in", tmp_path / "out")
    assert [t.data for t in again] == [t.data for t in first]
    assert (tmp_path / "out/cluster_0.parquet").read_bytes() == b"kept as it is"


def test_no_clusters_are_no_work(tmp_path):
    assert compare(tmp_path / "in", tmp_path / "out") == []
