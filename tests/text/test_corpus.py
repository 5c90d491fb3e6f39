"""Numbers of documents, and what is found by them."""

from typing import Any

import numpy as np
import pytest

from curator_text.corpus import Block, Corpus, load_corpus


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


def test_signatures_are_found_by_number(corpus, tmp):
    for i, each in enumerate(corpus.blocks):
        np.save(f"{tmp}/{each.task_id}.npy", np.full((each.documents, 2), i, np.uint32))
    assert corpus.signatures(np.array([2, 3, 8])).tolist() == [[0, 0], [1, 1], [2, 2]]


def test_blocks_of_an_index_come_first_and_lie_in_their_part(tmp_path):
    part = f"{tmp_path}/parts/1"
    corpus = Corpus(f"{tmp_path}/sign", (block(0, 0, 2, part=part, lines=0), block(0, 0, 3)))
    paths = [corpus.path(each, ".npy") for each in corpus.blocks]
    assert paths == [f"{part}/t0_0.npy", f"{tmp_path}/sign/t0_0.npy"]
    assert (corpus.old, corpus.count, corpus.first_lines) == (2, 5, [0, 0])
