"""The steps that compare the rows of clusters, one by one."""

from importlib import import_module
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from vector_toys import near_duplicates

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.vectors.matrix import vector_column
from curator_engine.vectors.pairwise import PairwiseStage
from curator_engine.vectors.ranking import RankingStrategy

steps: Any = import_module("curator_engine.vectors.cluster_steps")
BY_ID = RankingStrategy(metadata_cols=["id"])


@pytest.fixture
def clusters(tmp_path):
    """Two clusters of twenty vectors."""
    for number in range(2):
        folder = tmp_path / "clusters" / f"centroid={number}"
        folder.mkdir(parents=True)
        points = near_duplicates(10, 10, dims=6)
        columns = {"id": list(range(20)), "embeddings": vector_column(points)}
        pq.write_table(pa.table(columns), folder / "a.parquet")
    return tmp_path


def test_the_two_steps_do_what_the_stage_of_both_does(clusters):
    given = str(clusters / "clusters")
    both = PairwiseStage(
        id_field="id",
        embedding_field="embeddings",
        input_path=given,
        output_path=str(clusters / "both"),
        ranking_strategy=BY_ID,
    )
    apart = [
        steps.ClusterWiseFilePartitioningStage(given),
        steps.CompareClusters("id", "embeddings", str(clusters / "apart"), BY_ID),
    ]
    Pipeline("both", stages=[both]).run(LocalExecutor())
    made = Pipeline("apart", stages=apart).run(LocalExecutor())
    assert [task._metadata["rows"] for task in made] == [20, 20]
    for number in range(2):
        one, other = (clusters / name / f"cluster_{number}.parquet" for name in ("both", "apart"))
        assert pq.read_table(one).equals(pq.read_table(other))


def test_options_for_cudf_are_refused_by_name():
    with pytest.raises(SettingsError, match="read_kwargs takes storage_options only"):
        steps.CompareClusters("id", "embeddings", "out", BY_ID, read_kwargs={"columns": []})
