"""What a part holds of the documents that stay."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import corpus, deduplicate, removed, write_corpus, write_jsonl

from curator_engine.errors import StageError
from curator_text.dedup.index import load_index, part_bytes
from curator_text.fuzzy.index_blocks import ENDINGS, old_members
from curator_text.fuzzy.similarity import window_sets
from curator_text.removal.corpus import Corpus

ROWS = corpus(originals=20)


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    """The folder of an index, the blocks in it, and the rows that were kept."""
    folder = tmp_path_factory.mktemp("indexed")
    deduplicate(
        write_corpus(folder / "in", ROWS),
        folder / "out",
        id_field="id",
        save_index=str(folder / "index"),
    )
    blocks = load_index(str(folder / "index")).blocks()
    gone = removed(folder / "out")
    return folder / "index", Corpus("", tuple(blocks)), [r for r in ROWS if r["id"] not in gone]


def test_only_documents_that_stay_are_in_it(indexed):
    _, there, kept = indexed
    ids, _ = old_members(there, np.arange(there.count), with_sets=False)
    assert ids == [row["id"] for row in kept]


def test_their_sets_are_those_of_their_texts(indexed):
    _, there, kept = indexed
    numbers = np.array([1, 5, there.count - 1])
    _, sets = old_members(there, numbers, with_sets=True)
    want = window_sets(pa.array([kept[i]["text"] for i in numbers]), char_ngrams=24)
    assert sets.ends.tolist() == want.ends.tolist()
    assert sets.hashes.tolist() == want.hashes.tolist()


def test_no_number_gives_no_set(indexed):
    ids, sets = old_members(indexed[1], np.empty(0, np.int64), with_sets=True)
    assert (ids, len(sets.hashes), len(sets.ends)) == ([], 0, 0)


def test_ids_files_and_rows_are_a_table(indexed):
    folder, there, kept = indexed
    tables = [pq.read_table(there.path(block, ".ids")).to_pylist() for block in there.blocks]
    found = [row for rows in tables for row in rows]
    assert [row["id"] for row in found] == [row["id"] for row in kept]
    size = -(-len(ROWS) // 3)
    places = [divmod(ROWS.index(row), size) for row in kept]
    assert [(row["file"], row["row"]) for row in found] == [(f"{k}.jsonl", r) for k, r in places]
    assert not list(Path(folder).rglob("*.parquet")), (
        "an index below the input is not read as input"
    )


def test_the_size_is_that_of_the_files(indexed):
    folder, _, _ = indexed
    index = load_index(str(folder))
    there = sum(path.stat().st_size for path in (folder / "parts").rglob("*") if path.is_file())
    assert index.bytes == there


def test_a_file_that_is_gone_is_noticed(indexed):
    folder, there, _ = indexed
    index = load_index(str(folder))
    missing = [
        *there.blocks,
        there.blocks[0].__class__(**{**vars(there.blocks[0]), "task_id": "x"}),
    ]
    with pytest.raises(StageError, match=r"x\.npy is gone: one run at a time can add to an index"):
        part_bytes(index.folder(index.parts[0].name), missing, ENDINGS)


def test_texts_larger_than_a_slice_keep_their_sets(tmp_path):
    rows = [{"text": " ".join(map(str, range(k, k + 200_000)))} for k in range(0, 7 * 10**6, 10**6)]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    deduplicate(source, tmp_path / "out", save_index=str(tmp_path / "index"))
    there = Corpus("", tuple(load_index(str(tmp_path / "index")).blocks()))
    _, sets = old_members(there, np.arange(7), with_sets=True)
    want = window_sets(pa.array([row["text"] for row in rows]), char_ngrams=24)
    assert np.array_equal(sets.hashes, want.hashes)
    assert np.array_equal(sets.ends, want.ends)
