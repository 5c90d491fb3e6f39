"""Semantic deduplication from files to files."""

import ctypes
import gzip
import json
from pathlib import Path
from typing import Any

import fake_rapids
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import corpus, removed, rows_of, table, write_corpus, write_jsonl
from vector_toys import near_duplicates, similar_pairs

from curator_engine.errors import InputError, SettingsError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.semantic_dedup import TextSemanticDeduplicationWorkflow
from curator_text.semantic.fingerprint import fingerprints

ROWS = corpus(30)


def deduplicate(source, out, *, workers=1, **settings):
    options: dict[str, Any] = {
        "model_identifier": "fingerprint",
        "n_clusters": None,
        "id_field": "id",
        "eps": 0.1,
        "rule": "leaders",
        "keep": "first",
        **settings,
    }
    workflow = TextSemanticDeduplicationWorkflow(input_path=source, output_path=str(out), **options)
    return workflow.run(LocalExecutor({"workers": workers, "on_error": "quarantine"})).metadata


def files(folder):
    skip = {"run.json", "events.jsonl", "files.parquet", "report.html"}
    return {
        p.relative_to(folder): p.read_bytes()
        for p in Path(folder).rglob("*")
        if p.is_file() and p.name not in skip and ".curator" not in p.parts
    }


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus"), ROWS)


@pytest.fixture(scope="module")
def out(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    deduplicate(source, folder)
    return folder


def leaders(points, eps):
    pairs, gone = similar_pairs(points, eps), {}
    for i in range(len(points)):
        near = [j for j in range(i) if (j, i) in pairs and j not in gone]
        if near:
            gone[i] = max(near, key=lambda j: (float(points[i] @ points[j]), -j))
    return gone


def test_the_answer_is_the_definition_applied_to_all_pairs(out):
    expected = leaders(fingerprints(pa.array([row["text"] for row in ROWS])), 0.1)
    ids = [row["id"] for row in ROWS]
    assert {k: kept for k, (kept, _) in removed(out).items()} == {
        ids[i]: ids[j] for i, j in expected.items()
    }


def test_kept_rows_are_all_others_in_order(out):
    assert rows_of(out) == [row for row in ROWS if row["id"] not in removed(out)]


@pytest.mark.parametrize(
    "settings",
    [{"workers": 2}, {"input_blocksize": 2000}, {"pairwise_batch_size": 7}],
    ids=lambda settings: next(iter(settings)),
)
def test_the_answer_does_not_depend_on_how_it_is_computed(source, out, tmp_path, settings):
    deduplicate(source, tmp_path, **settings)
    assert files(tmp_path) == files(out)


def write_points(path, points):
    rows = [{"id": f"d{i}", "text": str(i), "v": list(map(float, p))} for i, p in enumerate(points)]
    return write_jsonl(path, rows)


def test_clusters_find_what_brute_force_finds(tmp_path):
    points = near_duplicates(1000, 500, dims=48, seed=2)
    source = write_points(tmp_path / "x.jsonl", points)
    deduplicate(source, tmp_path / "out", precomputed_field="v", n_clusters=6, eps=0.03)
    exact = leaders(points, 0.03)
    found = {int(gone[1:]) for gone in removed(tmp_path / "out")}
    assert len(found & exact.keys()) >= 0.95 * len(exact)


@pytest.mark.parametrize("settings", [{"workers": 2}, {"input_blocksize": 20_000}], ids=str)
def test_clusters_are_the_same_however_they_are_computed(tmp_path, settings):
    source = write_points(tmp_path / "x.jsonl", near_duplicates(300, 200, dims=16))
    options: dict[str, Any] = {
        "precomputed_field": "v",
        "n_clusters": 4,
        "eps": 0.05,
        "keep": "hard",
    }
    deduplicate(source, tmp_path / "one", **options)
    deduplicate(source, tmp_path / "other", **{**options, **settings})
    assert files(tmp_path / "one") == files(tmp_path / "other")


@pytest.mark.parametrize(
    ("keep", "stays"),
    [("first", "a"), ("longest", "b"), ("field:n", "c"), ("newest:day", "a")],
)
def test_the_keep_policy_decides_which_one_stays(tmp_path, keep, stays):
    text = "one two three four five six seven eight nine ten eleven twelve"
    rows = [
        {"id": "a", "text": text, "n": 1, "day": "2024-05-01"},
        {"id": "b", "text": text + " .", "n": 2, "day": "2023-05-01"},
        {"id": "c", "text": text, "n": 3, "day": None},
    ]
    deduplicate(write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out", keep=keep)
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [stays]


def test_an_eps_may_be_found_in_the_data(tmp_path):
    rng = np.random.default_rng(0)
    base = rng.normal(size=(200, 64))
    points = np.concatenate((base, base[:60] + 0.05 * rng.normal(size=(60, 64))))
    source = write_points(tmp_path / "x.jsonl", points)
    facts = deduplicate(source, tmp_path / "out", precomputed_field="v", eps="auto")
    assert facts["num_duplicates"] == 60
    assert "the valley of the similarities" in facts["eps_reason"]


def test_a_second_run_with_another_eps_clusters_nothing_again(source, tmp_path):
    cache = str(tmp_path / "cache")
    deduplicate(source, tmp_path / "a", cache_path=cache, eps=0.3)
    before = {p: p.stat().st_mtime_ns for p in Path(cache).rglob("cluster_*.parquet")}
    deduplicate(source, tmp_path / "b", cache_path=cache, eps=0.1)
    assert {p: p.stat().st_mtime_ns for p in Path(cache).rglob("cluster_*.parquet")} == before
    deduplicate(source, tmp_path / "c", eps=0.1)
    assert files(tmp_path / "b") == files(tmp_path / "c")


def test_a_run_that_failed_goes_on_to_the_same_files(source, out, tmp_path):
    with pytest.raises(StageError, match=r"more than max_removed_ratio=0\.01"):
        deduplicate(source, tmp_path, max_removed_ratio=0.01)
    assert not (tmp_path / "data").exists()
    deduplicate(source, tmp_path)
    assert files(tmp_path) == files(out)


def test_bad_rows_go_to_quarantine_and_are_in_no_output(tmp_path):
    good = [{"text": "a", "v": [1.0, 0.0]}, {"text": "b", "v": [0.0, 1.0]}]
    bad = [{"text": "c", "v": [0.0, 0.0]}, {"text": "d", "v": [1.0]}, {"text": "e", "v": None}]
    source = write_jsonl(tmp_path / "x.jsonl", [*good, *bad])
    with Path(source).open("a", encoding="utf-8") as file:
        file.write('{"text": "f", "v": [NaN, 1]}\n{"text": "g", "v": [1,\n')
    facts = deduplicate(source, tmp_path / "out", precomputed_field="v", id_field=None)
    assert (facts["quarantined"], facts["num_documents"], facts["no_text"]) == (4, 3, 1)
    assert rows_of(tmp_path / "out") == [*good, bad[2]]


def test_rows_without_text_stay(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": None}, {"text": None}, {"text": "a"}])
    facts = deduplicate(source, tmp_path / "out", id_field=None)
    assert (facts["no_text"], len(rows_of(tmp_path / "out"))) == (2, 3)


def test_parquet_and_compressed_lines_keep_their_form(tmp_path):
    (tmp_path / "in").mkdir()
    with gzip.open(tmp_path / "in/a.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("".join(json.dumps(row) + "\n" for row in ROWS[:60]))
    pq.write_table(pa.Table.from_pylist(ROWS[60:]), tmp_path / "in/b.parquet", row_group_size=9)
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    kept = pq.read_table(tmp_path / "out/data/b.parquet")["id"].to_pylist()
    with gzip.open(tmp_path / "out/data/a.jsonl.gz", "rt", encoding="utf-8") as file:
        kept = [json.loads(line)["id"] for line in file] + kept
    assert kept == [row["id"] for row in ROWS if row["id"] not in removed(tmp_path / "out")]


def test_without_removal_it_only_says_what_would_go(source, out, tmp_path):
    deduplicate(source, tmp_path, eps=0.2)
    assert (tmp_path / "data").exists()
    deduplicate(source, tmp_path, perform_removal=False)
    assert not (tmp_path / "data").exists()
    assert table(tmp_path, "removed") == table(out, "removed")


def test_the_record_says_that_fingerprints_see_wording(out):
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["embeddings"] == "wording, not meaning"
    assert (record["facts"]["model"], record["facts"]["eps"]) == ("fingerprint", 0.1)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"eps": 2.0}, SettingsError, "eps=2.0 is not between 0 and 1"),
        ({"n_clusters": 0}, SettingsError, "n_clusters=0 is below 1"),
        ({"keep": "best"}, SettingsError, "keep='best' is not a policy"),
        ({"embedding_vllm_init_kwargs": {"a": 1}}, SettingsError, "vLLM, which is not used"),
        (
            {"hf_token": "t"},
            SettingsError,
            "hf_token is not offered: models are loaded with HF_TOKEN",
        ),
        (
            {"output_filetype": "parquet"},
            SettingsError,
            "output_filetype is not offered: data/ has",
        ),
        ({"read_kwargs": {"a": 1}}, SettingsError, "read_kwargs takes storage_options only"),
        ({"text_field": "body"}, InputError, "the text field 'body' is in none"),
        ({"precomputed_field": "v"}, InputError, "the embedding field 'v' is in none"),
    ],
)
def test_what_makes_no_sense_is_one_line(source, tmp_path, settings, error, message):
    with pytest.raises(error, match=message):
        deduplicate(source, tmp_path, **settings)


def test_a_gpu_that_the_executor_does_not_hand_out_is_left_alone(source, tmp_path, monkeypatch):
    deduplicate(source, tmp_path / "without")
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    deduplicate(source, tmp_path / "with")
    assert removed(tmp_path / "with") == removed(tmp_path / "without")
