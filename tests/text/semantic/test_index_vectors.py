"""Semantic deduplication with an index: what goes of the new is what goes of it in a run over everything."""

import json
import shutil
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from text_toys import command, removed, rows_of, table, write_jsonl

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.output_folder import take
from curator_text.dedup.forget_in_index import forget_in_index
from curator_text.dedup.index import load_index
from curator_text.pipelines.semantic import SemanticWorkflow
from curator_text.removal.forget_documents import Forgetting
from curator_text.semantic.index_vectors import VECTOR_FILES
from curator_text.settings import SemanticSettings


def semantic(source, out, index, *, blocksize=None, **more):
    """Run it over vectors that the rows have; the facts."""
    known = str(index) if index else None
    given: dict[str, Any] = {
        "id_field": "id",
        "eps": 0.05,
        "keep": "first",
        "embedding_field": "vector",
    } | more
    settings = SemanticSettings(
        inputs=[str(source)], output=str(out), against=known, save_index=known, **given
    )
    workflow = SemanticWorkflow(settings=settings)
    if blocksize:
        workflow.input_blocksize = blocksize
    return workflow.run(LocalExecutor()).metadata


def rows_near_each_other(count, dims=6):
    """Documents whose vectors lie about some directions, some of them near another one's."""
    draw = np.random.default_rng(7)
    centres = draw.normal(size=(8, dims))
    vectors = centres[draw.integers(8, size=count)] + 0.25 * draw.normal(size=(count, dims))
    rows = [vector.round(3).tolist() for vector in vectors]
    return [{"id": f"d{n}", "text": f"text {n}", "vector": vector} for n, vector in enumerate(rows)]


@pytest.mark.parametrize("rule", ["leaders", "any"])
def test_of_the_new_it_keeps_what_a_run_over_everything_keeps(tmp_path, rule):
    rows = rows_near_each_other(90)
    days = [rows[:40], rows[40:60], rows[60:]]
    # One cluster: which clusters there are follows the first run alone.
    more = {"rule": rule, "n_clusters": 1}
    semantic(write_jsonl(tmp_path / "all.jsonl", rows), tmp_path / "all", None, **more)
    whole, kept = removed(tmp_path / "all"), list[str]()
    found: dict[str, tuple[str, float]] = {}
    for k, day in enumerate(days):
        source = write_jsonl(tmp_path / f"in{k}" / "x.jsonl", day)
        semantic(source, tmp_path / f"out{k}", tmp_path / "index", blocksize=900, **more)
        kept += [row["id"] for row in rows_of(tmp_path / f"out{k}")]
        found |= removed(tmp_path / f"out{k}")
        # Nothing of the old files is needed any more.
        shutil.rmtree(tmp_path / f"in{k}")
    index = load_index(str(tmp_path / "index"))
    assert index.documents == len(kept)
    if rule == "leaders":
        assert found == whole
        assert kept == [row["id"] for row in rows if row["id"] not in whole]
    else:
        # A document that went is not in the index, and takes none with it.
        assert {*whole} >= {*found}
        assert all(found[gone][0] in kept or gone in whole for gone in found)


def test_later_runs_have_the_clusters_of_the_first(tmp_path):
    rows = rows_near_each_other(60)
    first = write_jsonl(tmp_path / "a.jsonl", rows[:50])
    again = [row | {"id": f"new-{row['id']}"} for row in rows[:20]]
    facts = semantic(first, tmp_path / "a", tmp_path / "index", n_clusters=4, keep="hard")
    second = write_jsonl(tmp_path / "b.jsonl", again + rows[50:])
    found = semantic(second, tmp_path / "b", tmp_path / "index", keep="hard")
    assert (facts["n_clusters"], found["n_clusters"]) == (4, 4)
    gone, kept = removed(tmp_path / "b"), {row["id"] for row in rows_of(tmp_path / "a")}
    # A copy lies in its original's cluster, so it is found there.
    assert all(gone[row["id"]][0] in kept for row in again)
    clusters = {row["cluster_id"]: row["file"] for row in table(tmp_path / "b", "clusters")}
    part = load_index(str(tmp_path / "index")).parts[0].name
    assert all(clusters[name] == f"index:{part}/a.jsonl" for name in clusters if name in kept)
    for index, more, said in (
        ("index", {"n_clusters": 5}, "has 4 clusters, not 5"),
        ("index", {"embedding_field": None}, "was made with embeddings=field vector"),
    ):
        with pytest.raises(SettingsError, match=said):
            semantic(second, tmp_path / "c", tmp_path / index, **more)
    short = write_jsonl(tmp_path / "s.jsonl", [{"id": "s", "text": "x", "vector": [1.0, 2.0]}])
    with pytest.raises(SettingsError, match="embeddings of 6 numbers, and these have 2"):
        semantic(short, tmp_path / "c", tmp_path / "index")
    semantic(first, tmp_path / "d", tmp_path / "other", n_clusters=2)
    words = ["--embedding-field", "vector", "-o", tmp_path / "e", "--against", tmp_path / "other"]
    _, _, said = command("semantic", second, *words, "--save-index", tmp_path / "index")
    assert "have different clusters" in said
    assert "give --eps as a number" in command("semantic", second, *words, "--eps", "auto")[2]


def test_forgotten_documents_leave_the_index(tmp_path):
    rows = rows_near_each_other(12)
    source, index = write_jsonl(tmp_path / "a.jsonl", rows), tmp_path / "index"
    semantic(source, tmp_path / "a", index, n_clusters=3, eps=1e-4)
    forgetting = Forgetting(ids=pa.array(["d0", "d4", "d5"]))
    with take(str(index), job="index", mode="resume"):
        forget_in_index(str(index), forgetting, {"semantic": VECTOR_FILES})
    assert forgetting.counts["index"] == 3
    again = write_jsonl(tmp_path / "b.jsonl", rows)
    semantic(again, tmp_path / "b", index, eps=1e-4)
    assert [row["id"] for row in rows_of(tmp_path / "b")] == ["d0", "d4", "d5"]


def test_the_command_says_what_is_in_the_index(tmp_path):
    texts = [{"text": f"{'words and more words ' * 9}{n % 2}"} for n in range(4)]
    source, index = write_jsonl(tmp_path / "a.jsonl", texts), tmp_path / "index"
    index.mkdir()
    words = ["--against", index, "--save-index", index, "--workers", "1", "--eps", "1e-6"]
    code, said, _ = command("semantic", source, "-o", tmp_path / "out", *words)
    assert (code, f"index in {index}: 2 documents" in said) == (0, True)
    new = write_jsonl(tmp_path / "b.jsonl", texts[:1])
    said = command("semantic", new, "-o", tmp_path / "o2", *words, "--json")[1]
    assert json.loads(said.splitlines()[-1])["removed"] == 1
    assert "against: " in command("semantic", new, "-o", tmp_path / "o3", *words, "--dry-run")[1]
