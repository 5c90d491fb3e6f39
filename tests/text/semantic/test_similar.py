"""What goes in one cluster: the two rules."""

import numpy as np
import pytest
from text_toys import table, write_jsonl

from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.semantic_dedup import TextSemanticDeduplicationWorkflow

STEP = 0.1
EPS = 0.006


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Five documents, each similar enough to its neighbours only."""
    angles = np.arange(5) * STEP
    rows = [
        {"id": f"d{i}", "text": str(i), "v": [float(np.cos(a)), float(np.sin(a))]}
        for i, a in enumerate(angles)
    ]
    return write_jsonl(tmp_path_factory.mktemp("chain") / "x.jsonl", rows)


def removed(source, out, rule):
    TextSemanticDeduplicationWorkflow(
        input_path=source,
        output_path=str(out),
        precomputed_field="v",
        n_clusters=1,
        eps=EPS,
        keep="first",
        id_field="id",
        rule=rule,
    ).run(LocalExecutor())
    return {row["id"]: (row["kept_id"], row["similarity"]) for row in table(out, "removed")}


def test_leaders_go_by_what_stays(chain, tmp_path):
    gone = removed(chain, tmp_path, "leaders")
    similarity = pytest.approx(np.cos(STEP), abs=1e-6)
    assert gone == {"d1": ("d0", similarity), "d3": ("d2", similarity)}


def test_any_goes_by_all_that_comes_before(chain, tmp_path):
    gone = removed(chain, tmp_path, "any")
    assert {k: kept for k, (kept, _) in gone.items()} == {
        "d1": "d0",
        "d2": "d1",
        "d3": "d2",
        "d4": "d3",
    }


def test_a_removed_row_names_its_place_and_its_cluster(chain, tmp_path):
    removed(chain, tmp_path, "leaders")
    row = table(tmp_path, "removed")[0]
    assert (row["id"], row["file"], row["row"], row["component_id"]) == ("d1", "x.jsonl", 1, 0)


def test_clusters_list_what_was_removed(chain, tmp_path):
    removed(chain, tmp_path, "leaders")
    clusters = {row["cluster_id"]: row["members"] for row in table(tmp_path, "clusters")}
    assert clusters == {"d0": ["d1"], "d2": ["d3"]}
