"""Settings in, ids of near-duplicates out; NeMo Curator's keywords are tested beside."""

from typing import Any

import pyarrow.parquet as pq
import pytest
from vector_toys import near_duplicates, similar_pairs, write_embeddings

from curator_engine.errors import SettingsError
from curator_engine.pipelines.semantic import EmbeddingSettings, EmbeddingWorkflow
from curator_engine.task import FileGroupTask
from curator_engine.vectors.ranking import RankingStrategy

POINTS = near_duplicates(60, 30)


def workflow(tmp_path, *, ranking=None, **settings):
    write_embeddings(tmp_path / "in", POINTS)
    given: dict[str, Any] = {
        "inputs": [str(tmp_path / "in")],
        "output": str(tmp_path / "out"),
        "n_clusters": 1,
    }
    return EmbeddingWorkflow(
        settings=EmbeddingSettings(**given | settings), ranking_strategy=ranking
    )


def test_settings_give_the_ids_that_comparing_all_with_all_gives(tmp_path):
    ranking = RankingStrategy(metadata_cols=["id"])
    workflow(tmp_path, ranking=ranking, eps=0.1).run()
    found = pq.read_table(tmp_path / "out/duplicates")["id"].to_pylist()
    assert found == sorted({j for _, j in similar_pairs(POINTS, 0.1)})


def test_clusters_lie_in_the_cache_that_is_given(tmp_path):
    workflow(tmp_path, cache=str(tmp_path / "cache")).run()
    assert (tmp_path / "cache/kmeans_results").is_dir()
    assert not (tmp_path / "out/kmeans_results").exists()


def test_a_limit_is_refused_as_it_has_no_effect(tmp_path):
    with pytest.raises(SettingsError, match="limit has no effect"):
        workflow(tmp_path, limit=5).run()


def test_tasks_are_refused_as_embeddings_are_read_from_the_input(tmp_path):
    with pytest.raises(SettingsError, match="not from tasks"):
        workflow(tmp_path).run(initial_tasks=[FileGroupTask(data=[str(tmp_path / "in/0.parquet")])])
