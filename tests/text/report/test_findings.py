"""What a report finds in the tables of a run."""

from collections import Counter

import numpy as np
import pytest
from text_toys import (
    corpus,
    deduplicate,
    edited,
    removed,
    sentence,
    table,
    write_corpus,
    write_jsonl,
)

from curator_text.fuzzy.lsh import candidate_probability
from curator_text.removal.run_folder import open_run
from curator_text.report.findings import SIMILARITY_STEPS, find


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    deduplicate(write_corpus(folder / "in", corpus()), folder / "out", id_field="id")
    return folder / "out"


@pytest.fixture(scope="module")
def found(out):
    return find(open_run(str(out)))


def test_clusters_are_counted_by_size(out, found):
    sizes = Counter(row["size"] for row in table(out, "clusters"))
    counts = dict(found.sizes)
    assert [counts["2"], counts["3"], counts["4"]] == [sizes[2], sizes[3], sizes[4]]
    assert sum(counts.values()) == sizes.total()


def test_large_clusters_are_counted_by_powers_of_two(tmp_path):
    rows = [{"text": sentence(k)} for k, n in ((1, 5), (2, 8), (3, 9)) for _ in range(n)]
    deduplicate(write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out")
    sizes = find(open_run(str(tmp_path / "out"))).sizes
    assert [size for size in sizes if size[1]] == [("5-8", 2), ("9-16", 1)]


def test_removed_documents_are_counted_by_similarity(out, found):
    values = [similarity for _, similarity in removed(out).values()]
    steps = np.minimum(np.array(values) * SIMILARITY_STEPS, SIMILARITY_STEPS - 1).astype(int)
    assert found.removed == np.bincount(steps, minlength=SIMILARITY_STEPS).tolist()


def test_misses_are_estimated_from_what_was_found(out, found):
    chances = [
        candidate_probability(similarity, num_bands=32, minhashes_per_band=8)
        for _, similarity in removed(out).values()
    ]
    assert found.missed == pytest.approx(sum((1 - p) / p for p in chances), rel=0.05)


def test_without_similarities_misses_are_not_estimated(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(1)}] * 2)
    deduplicate(source, tmp_path / "out", verify=False)
    assert find(open_run(str(tmp_path / "out"))).missed is None


def test_examples_are_the_largest_and_the_least_similar(out, found):
    rows = table(out, "removed")
    least = min(rows, key=lambda row: row["similarity"])
    shown = {example.cluster_id: example for example in found.examples}
    assert max(row["size"] for row in table(out, "clusters")) == found.examples[0].size
    assert least["id"] in [member.id for member in shown[least["cluster_id"]].members]
    assert len(shown) <= 8


def test_an_example_shows_what_differs(found):
    near = next(m for e in found.examples for m in e.members if m.similarity < 1)
    assert {piece.kind for piece in near.pieces} >= {"deleted", "inserted"}


def test_an_input_that_is_gone_is_said_in_place_of_texts(tmp_path):
    source = tmp_path / "x.jsonl"
    write_jsonl(source, [{"text": sentence(1)}, {"text": edited(sentence(1), 1)}])
    deduplicate(str(source), tmp_path / "out", threshold=0.7)
    source.unlink()
    member = find(open_run(str(tmp_path / "out"))).examples[0].members[0]
    assert (member.pieces, "is gone" in member.trouble) == ([], True)


def test_alarming_losses_come_first(out, found):
    assert found.losses[0].is_alarming
    assert found.sources == len(found.losses) == 3


def test_a_run_that_removed_nothing_has_nothing_to_show(tmp_path):
    deduplicate(write_jsonl(tmp_path / "x.jsonl", [{"text": "a"}]), tmp_path / "out")
    found = find(open_run(str(tmp_path / "out")))
    assert (found.sizes, found.examples, sum(found.removed)) == ([], [], 0)
