"""Clusters of embeddings: the same however the work is shared out."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from vector_toys import near_duplicates, write_embeddings

from curator_engine.executors.local import LocalExecutor
from curator_engine.files.storage import write_atomic
from curator_engine.pipeline import Pipeline
from curator_engine.vectors.kmeans import AssignClusters, KMeansStage, cluster_table, load_centres

POINTS = near_duplicates(200, 50, dims=16)


def cluster(source, out, executor=None, **options):
    settings: dict[str, Any] = {"n_clusters": 5, "n_init": 3, **options}
    stage = KMeansStage(input_path=str(source), output_path=str(out), **settings)
    pipeline = Pipeline("kmeans", stages=[stage])
    pipeline.run(
        executor or LocalExecutor({"on_error": "quarantine"}),
        None,
        f"{out}.checkpoint",
        run_dir=f"{out}.run",
    )
    return pipeline


def labels(out):
    found = {}
    for path in Path(out).glob("centroid=*/*.parquet"):
        ids = pq.ParquetFile(path).read(["id"])["id"].to_pylist()
        found |= dict.fromkeys(ids, int(path.parent.name.partition("=")[2]))
    return found


def test_every_row_is_in_the_cluster_of_its_nearest_centre(tmp_path):
    write_embeddings(tmp_path / "in", POINTS)
    cluster(tmp_path / "in", tmp_path / "out")
    centres, found = load_centres(str(tmp_path / "out")), labels(tmp_path / "out")
    nearest = ((POINTS[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert found == dict(enumerate(nearest.tolist()))


@pytest.mark.parametrize(("files", "workers"), [(1, 1), (7, 1), (4, 2)])
def test_clusters_do_not_depend_on_files_and_workers(tmp_path, files, workers):
    write_embeddings(tmp_path / "a", POINTS, files=2)
    write_embeddings(tmp_path / "b", POINTS, files=files)
    cluster(tmp_path / "a", tmp_path / "one")
    cluster(tmp_path / "b", tmp_path / "other", LocalExecutor({"workers": workers}))
    assert labels(tmp_path / "one") == labels(tmp_path / "other")


@pytest.mark.ray
def test_a_pool_of_two_ranks_gives_the_same_clusters(tmp_path, ray_cluster):
    from curator_engine.executors.actor_pool import RayActorPoolExecutor

    write_embeddings(tmp_path / "in", POINTS)
    cluster(tmp_path / "in", tmp_path / "one")
    pool = RayActorPoolExecutor({"pool_size": 2}, show_progress=False)
    cluster(tmp_path / "in", tmp_path / "pool", pool)
    assert labels(tmp_path / "one") == labels(tmp_path / "pool")


def test_a_cluster_holds_id_embedding_metadata_and_distances(tmp_path):
    write_embeddings(tmp_path / "in", POINTS, stars=np.arange(250))
    cluster(tmp_path / "in", tmp_path / "out", metadata_fields=["stars"])
    path = next((tmp_path / "out").glob("centroid=*/*.parquet"))
    names = ["id", "stars", "embeddings", "l2_dist_to_cent", "cosine_dist_to_cent"]
    assert cluster_table([str(path)]).column_names == names


def test_rows_without_a_usable_embedding_go_to_quarantine(tmp_path):
    points = [*POINTS[:20].tolist(), [0.0] * 16, [float("nan")] * 16, [1.0]]
    write_embeddings(tmp_path / "in", points, files=1)
    pipeline = cluster(tmp_path / "in", tmp_path / "out", n_clusters=2)
    assert sorted(labels(tmp_path / "out")) == list(range(20))
    assert pipeline.last_run.rejected == 3


def test_a_file_that_is_no_parquet_goes_to_quarantine(tmp_path):
    write_embeddings(tmp_path / "in", POINTS[:20])
    (tmp_path / "in/x.parquet").write_bytes(b"no parquet")
    pipeline = cluster(tmp_path / "in", tmp_path / "out", n_clusters=2)
    assert (len(labels(tmp_path / "out")), pipeline.last_run.rejected) == (20, 1)


def test_a_run_that_stopped_goes_on_with_the_same_centres(tmp_path):
    write_embeddings(tmp_path / "in", POINTS)
    cluster(tmp_path / "in", tmp_path / "out")
    before, centres = labels(tmp_path / "out"), load_centres(str(tmp_path / "out"))
    for marker in list(Path(f"{tmp_path}/out.checkpoint").rglob("*.json"))[:2]:
        marker.unlink()
    cluster(tmp_path / "in", tmp_path / "out")
    assert labels(tmp_path / "out") == before
    assert np.array_equal(load_centres(str(tmp_path / "out")), centres)


def test_what_a_killed_run_left_is_removed(ours):
    stale = Path(ours, "out/centroid=3/stale.parquet")
    write_atomic(str(stale), b"")
    AssignClusters(output_path=f"{ours}/out").resume(frozenset())
    assert not stale.exists()
