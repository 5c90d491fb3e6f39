import numpy as np
import pytest

from curator_engine.items.stored_embeddings import write_embeddings
from curator_engine.vectors.matrix import unit_rows
from curator_image.duplicates.semantic import EMBEDDING, SemanticSearch


@pytest.fixture
def runs(tmp_path):
    """Two folders: a dog and two that are like it, and a boat."""
    vectors = unit_rows(np.array([[1, 0], [1, 0.1], [0.95, 0], [0, 1]], np.float32))
    for part, names in enumerate((["dog", "dog2"], ["dog3", "boat"])):
        rows = vectors[2 * part : 2 * part + 2]
        write_embeddings(str(tmp_path / f"{part}"), EMBEDDING, "0", names, rows)
    return [str(tmp_path / "0"), str(tmp_path / "1")]


def test_pictures_that_mean_the_same_go_in_the_order_of_the_right_to_stay(runs):
    search = SemanticSearch(runs, 0.05, device="cpu")
    found = search(["boat", "dog2", "unknown", "dog", "dog3"]).to_pylist()
    assert [(row["uuid"], row["kept_id"]) for row in found] == [("dog", "dog2"), ("dog3", "dog2")]
    assert found[0]["similarity"] == pytest.approx(0.995, abs=1e-3)
    assert search.said() == ["semantic: eps 0.05 was given"]


def test_without_vectors_nothing_goes(runs):
    search = SemanticSearch(["gone"], "auto", device="cpu")
    assert search(["dog"]).num_rows == 0
    assert search.said() == []
    assert SemanticSearch(runs, 0.05)([]).num_rows == 0
