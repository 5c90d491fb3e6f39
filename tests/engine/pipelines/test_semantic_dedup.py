"""Embeddings in, ids of duplicates out."""

import json
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from vector_toys import near_duplicates, similar_pairs, write_embeddings

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipelines.semantic_dedup import SemanticDeduplicationWorkflow
from curator_engine.vectors.ranking import RankingStrategy

POINTS = near_duplicates(1500, 700, dims=64, seed=5)


def duplicates(source, out, executor=None, **options):
    settings: dict[str, Any] = {"n_clusters": 8, "eps": 0.03, "random_state": 1, **options}
    workflow = SemanticDeduplicationWorkflow(
        input_path=str(source), output_path=str(out), **settings
    )
    result = workflow.run(executor or LocalExecutor())
    ids = pq.read_table(out / "duplicates")["id"].to_pylist()
    assert result.get_metadata("num_duplicates") == len(ids)
    return ids


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embeddings")
    write_embeddings(folder, POINTS, stars=np.arange(len(POINTS)) % 7)
    return folder


def test_it_finds_what_comparing_all_with_all_finds(source, tmp_path):
    everything = duplicates(source, tmp_path / "one", n_clusters=1)
    clustered = duplicates(source, tmp_path / "many", n_clusters=8)
    in_pairs = {i for pair in similar_pairs(POINTS, 0.03) for i in pair}
    assert set(everything) <= in_pairs
    assert len(set(clustered) & in_pairs) >= 0.95 * len(everything)


def test_one_cluster_is_brute_force(source, tmp_path):
    ranking = RankingStrategy(metadata_cols=["id"])
    found = duplicates(source, tmp_path / "out", n_clusters=1, ranking_strategy=ranking)
    assert found == sorted({j for _, j in similar_pairs(POINTS, 0.03)})


def test_the_answer_does_not_depend_on_workers_and_batches(source, tmp_path):
    one = duplicates(source, tmp_path / "one")
    two = LocalExecutor({"workers": 2})
    assert duplicates(source, tmp_path / "two", two, pairwise_batch_size=100) == one


def test_the_ranking_decides_who_stays(source, tmp_path):
    hard = duplicates(source, tmp_path / "hard", n_clusters=1, which_to_keep="hard")
    easy = duplicates(source, tmp_path / "easy", n_clusters=1, which_to_keep="easy")
    assert hard != easy


def test_without_eps_it_only_compares(source, tmp_path):
    workflow = SemanticDeduplicationWorkflow(
        input_path=str(source), output_path=str(tmp_path), n_clusters=2
    )
    # A script of NeMo Curator may name a checkpoint; the run goes on without one.
    result = workflow.run(LocalExecutor(), None, tmp_path / "checkpoint")
    assert result.get_metadata("num_items") == len(POINTS)
    assert not (tmp_path / "duplicates").exists()


def test_another_input_is_clustered_anew(tmp_path):
    write_embeddings(tmp_path / "in", POINTS[:100])
    duplicates(tmp_path / "in", tmp_path / "out", n_clusters=2)
    write_embeddings(tmp_path / "in", POINTS[100:400])
    again = duplicates(tmp_path / "in", tmp_path / "out", n_clusters=2)
    assert again == duplicates(tmp_path / "in", tmp_path / "fresh", n_clusters=2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"eps": 0}, "eps=0 is not between 0 and 1"),
        ({"n_clusters": 0}, "n_clusters=0 is below 1"),
        ({"read_kwargs": {"a": 1}}, "read_kwargs takes storage_options only"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    settings: dict[str, Any] = {"n_clusters": 2, **options}
    with pytest.raises(SettingsError, match=message):
        SemanticDeduplicationWorkflow(input_path="x", output_path="y", **settings)


def test_the_record_says_what_was_asked_for_and_found(source, tmp_path):
    found = duplicates(source, tmp_path / "out", n_clusters=2)
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert (record["job"], record["status"]) == ("semantic_deduplication", "done")
    assert (record["settings"]["eps"], record["settings"]["n_clusters"]) == (0.03, 2)
    assert (record["facts"]["num_items"], record["facts"]["num_duplicates"]) == (
        len(POINTS),
        len(found),
    )


def test_a_folder_of_others_is_refused_and_left_alone(source, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is not the folder of a run"):
        duplicates(source, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_another_eps_begins_with_the_clusters_that_are_there(source, tmp_path):
    few = duplicates(source, tmp_path / "out", n_clusters=2, eps=0.01)
    [centres] = (tmp_path / "out/kmeans_results").glob("*.npy")
    before = centres.stat().st_mtime_ns
    many = duplicates(source, tmp_path / "out", n_clusters=2)
    assert len(few) < len(many)
    assert centres.stat().st_mtime_ns == before


def test_clusters_and_pairs_are_computed_where_they_are_told(source, tmp_path):
    workflow = SemanticDeduplicationWorkflow(
        input_path=str(source), output_path=str(tmp_path / "out"), n_clusters=2
    )
    workflow.run(LocalExecutor({"workers": 1}), LocalExecutor({"workers": 2}))
    workers = {name: report.stages[-1].workers for name, report in workflow.reports.items()}
    assert workers == {"kmeans": 1, "pairwise": 2}
