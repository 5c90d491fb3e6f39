"""What an app of items gets where it says nothing of its own."""

import numpy as np
from picture_app import APP, PICTURES

from curator_engine.commands.item_app import stored
from curator_engine.files.output_folder import take
from curator_engine.items.item import Item
from curator_engine.items.stored_embeddings import write_embeddings


def test_the_first_of_the_table_stays():
    table = PICTURES.of([Item(uuid="b"), Item(uuid="a")], lambda _: {})
    assert APP.rank(table, "best") == ["b", "a"]


def test_a_page_that_cannot_be_made_is_a_line(tmp_path):
    assert "was not written" in str(APP.try_page(str(tmp_path)))


def test_an_embedding_that_cannot_be_used_is_left_out(tmp_path):
    vectors = np.array([[1, 0], [np.nan, 1]], np.float32)
    with take(str(tmp_path / "run"), job="curate"):
        write_embeddings(str(tmp_path / "run"), "clip", "0", ["a", "b"], vectors)
    ids, matrix = stored(str(tmp_path / "run"), "clip", {"a", "b"})
    assert (ids, matrix.tolist()) == (["a"], [[1.0, 0.0]])
