"""What the first step leaves of a block."""

import numpy as np
import pyarrow as pa
from clean_toys import toy_recipe

from curator_text.editing.edit_documents import EditDocuments
from curator_text.read.blocks_of_text import DocumentBlock
from curator_text.read.order_keys import no_keys
from curator_text.removal.array_files import load_arrays, load_table
from curator_text.removal.rewrite_documents import CHANGES_ENDING

NUMBERS = np.arange(4)


def write(tmp_path, texts):
    block = DocumentBlock(
        values=pa.array(texts),
        ids=pa.array([f"i{k}" for k in NUMBERS]),
        order=no_keys(4),
        position=10 * NUMBERS,
        length=NUMBERS + 1,
        line=NUMBERS,
        bad=np.array([35]),
        offset=0,
        size=40,
        lines=5,
        lacking=0,
        no_text=0,
    )
    stage = EditDocuments(path=str(tmp_path), editor=toy_recipe(), editor_key="")
    stage.write(f"{tmp_path}/b", block)
    return load_table(f"{tmp_path}/b.arrow").to_pydict()


def test_new_texts_are_those_of_documents_that_stay(tmp_path):
    rows = write(tmp_path, ["a", "xb", "x", ""])
    changes = load_table(f"{tmp_path}/b{CHANGES_ENDING}").to_pydict()
    assert changes == {"document": [1], "text": ["b"]}
    assert rows["number"] == [1, 2, 3]
    assert rows["rule"] == [None, "no_x", "empty"]
    assert (rows["id"], rows["position"]) == (["i1", "i2", "i3"], [10, 20, 30])
    assert (rows["before"], rows["after"], rows["n.no_x"]) == ([2, 1, 0], [1, 0, 0], [1, 1, 0])


def test_a_block_of_which_nothing_changes_has_its_files_too(tmp_path):
    rows = write(tmp_path, ["a", "b", "c", "d"])
    assert rows["id"] == []
    assert load_table(f"{tmp_path}/b{CHANGES_ENDING}").num_rows == 0
    assert load_arrays(f"{tmp_path}/b.npz")["bad"].tolist() == [35]
