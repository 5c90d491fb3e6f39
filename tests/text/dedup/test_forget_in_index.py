"""Documents leave an index; what is left is as if they had never been added."""

import numpy as np
import pyarrow as pa
import pytest
from text_toys import deduplicate, sentence, write_jsonl

from curator_engine.files.output_folder import take
from curator_text.dedup.forget_in_index import forget_in_index
from curator_text.dedup.index import load_index
from curator_text.fuzzy.index_blocks import old_members
from curator_text.fuzzy.signed_part import SIGNED_FILES
from curator_text.removal.corpus import Corpus
from curator_text.removal.forget_documents import Forgetting

ROWS = [{"id": f"d{i}", "text": sentence(i, 4 if i % 5 == 0 else 60)} for i in range(20)]


def made(folder, rows):
    write_jsonl(folder / "in/a.jsonl", rows[: len(rows) // 2])
    write_jsonl(folder / "in/b.jsonl", rows[len(rows) // 2 :])
    deduplicate(str(folder / "in"), folder / "out", id_field="id", save_index=str(folder / "idx"))
    return str(folder / "idx")


def members(path):
    index = load_index(path)
    corpus = Corpus("", tuple(index.blocks()))
    ids, sets = old_members(corpus, np.arange(corpus.count), with_sets=True)
    return index.documents, ids, sets.hashes.tolist(), sets.ends.tolist()


@pytest.mark.parametrize("gone", [["d3"], ["d0", "d5", "d19"], [f"d{i}" for i in range(10)]])
def test_the_index_is_as_one_without_them(tmp_path, gone):
    path = made(tmp_path / "all", ROWS)
    forgetting = Forgetting(ids=pa.array(gone))
    with take(path, job="index", mode="resume"):
        forget_in_index(path, forgetting, {"fuzzy": SIGNED_FILES})
    assert forgetting.counts["index"] == len(gone)
    other = made(tmp_path / "some", [row for row in ROWS if row["id"] not in gone])
    assert members(path) == members(other)


def test_an_index_without_them_is_not_written(tmp_path):
    path = made(tmp_path, ROWS)
    before = load_index(path)
    with take(path, job="index", mode="resume"):
        forget_in_index(path, Forgetting(ids=pa.array(["x"])), {"fuzzy": SIGNED_FILES})
    assert load_index(path) == before
