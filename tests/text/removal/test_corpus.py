"""Numbers of documents, and what is found by them."""

from typing import Any

import numpy as np
import pytest

from curator_text.removal.corpus import Block, Corpus, known_corpus, load_corpus


def block(index, offset, documents, **facts):
    values: dict[str, Any] = {
        "task_id": f"t{index}_{offset}",
        "source": f"t{index}",
        "path": f"/in/{index}",
        "name": str(index),
        "size": 10,
        "lines": documents + 1,
        "stamp": "s",
        **dict.fromkeys(("bad", "lacking", "no_text", "short", "text_bytes"), 0),
        **dict.fromkeys(("span", "max_rows"), None),
        **facts,
    }
    return Block(file_index=index, offset=offset, documents=documents, **values)


@pytest.fixture
def corpus(tmp):
    return Corpus(tmp, (block(0, 0, 3), block(0, 10, 2, span=(10, 20)), block(1, 0, 4)))


def test_documents_are_numbered_through(corpus):
    assert (corpus.count, corpus.bases.tolist()) == (9, [0, 3, 5, 9])


def test_lines_are_numbered_within_a_file(corpus):
    assert corpus.first_lines == [0, 4, 0]


def test_a_saved_corpus_is_loaded_as_it_was(corpus, tmp):
    corpus.save(f"{tmp}/corpus.json")
    assert load_corpus(f"{tmp}/corpus.json") == corpus


def test_the_key_changes_with_the_content(corpus, tmp):
    other = Corpus(tmp, (*corpus.blocks[:2], block(1, 0, 4, stamp="new")))
    assert other.key != corpus.key


@pytest.mark.parametrize("kind", [np.uint16, np.uint32])
def test_signatures_are_found_by_number(corpus, tmp, kind):
    # Of whole rows, as earlier versions wrote them, the lower halves count.
    upper = 5 << 16 if kind is np.uint32 else 0
    for i, each in enumerate(corpus.blocks):
        np.save(f"{tmp}/{each.task_id}.npy", np.full((each.documents, 2), upper + i, kind))
    assert corpus.signatures(np.array([2, 3, 8])).tolist() == [[0, 0], [1, 1], [2, 2]]


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_keys_of_bands_are_rows_of_each_block(corpus, tmp, order):
    for i, each in enumerate(corpus.blocks):
        keys = np.array([[i], [10 + i]], np.uint64).repeat(each.documents, axis=1)
        np.save(f"{tmp}/{each.task_id}.keys.npy", np.array(keys, order=order))
    assert [rows.tolist() for rows in corpus.bands(1)] == [[[10] * 3], [[11] * 2], [[12] * 4]]
    assert [rows.shape for rows in corpus.bands(0, 2)] == [(2, 3), (2, 2), (2, 4)]


def test_a_block_without_long_documents_has_no_keys(tmp):
    there = Corpus(tmp, (block(0, 0, 3),))
    np.save(f"{tmp}/t0_0.keys.npy", np.empty((4, 0), np.uint64))
    assert [rows.tolist() for rows in there.bands(3)] == [[[]]]


def test_places_are_those_in_the_file_in_any_order(corpus, tmp):
    for each in corpus.blocks:
        rows = np.arange(each.documents)
        np.savez(
            f"{tmp}/{each.task_id}.npz", position=each.offset + rows, length=rows + 5, line=rows
        )
    places = {name: values.tolist() for name, values in corpus.places(np.array([8, 3, 0])).items()}
    assert places == {"position": [3, 10, 0], "length": [8, 5, 5], "line": [3, 4, 0]}
    assert corpus.names(np.array([8, 3, 0])).to_pylist() == ["1", "0", "0"]


def test_a_list_that_was_written_again_is_read_again(corpus, tmp):
    path = f"{tmp}/corpus.json"
    corpus.save(path)
    assert known_corpus(path).count == 9
    Corpus(tmp, corpus.blocks[:1]).save(path)
    assert known_corpus(path).count == 3


def test_blocks_of_an_index_come_first_and_lie_in_their_part(tmp_path):
    part = f"{tmp_path}/parts/1"
    corpus = Corpus(f"{tmp_path}/sign", (block(0, 0, 2, part=part, lines=0), block(0, 0, 3)))
    paths = [corpus.path(each, ".npy") for each in corpus.blocks]
    assert paths == [f"{part}/t0_0.npy", f"{tmp_path}/sign/t0_0.npy"]
    assert (corpus.old, corpus.count, corpus.first_lines) == (2, 5, [0, 0])
