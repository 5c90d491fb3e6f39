"""Signing: what is written for each block."""

import ctypes
import sys

import fake_rapids
import numpy as np
import pyarrow as pa
import pytest
from text_toys import load_all, sentence, write_jsonl

from curator_engine.task import FileGroupTask
from curator_text.fuzzy.lsh import band_keys
from curator_text.fuzzy.sign import SignDocuments
from curator_text.read.keep import KeepPolicy
from curator_text.removal.corpus import corpus_of
from curator_text.signatures.minhash import signatures

ROWS = [{"text": sentence(1)}, {"text": None}, {"text": "short"}, {"text": sentence(2)}]


@pytest.fixture
def signed(tmp):
    """A function that signs rows and gives the corpus."""

    def sign(rows, **settings):
        path = write_jsonl(f"{tmp}/x.jsonl", rows)
        task = FileGroupTask(
            data=[path], task_id="s", _metadata={"file_index": 0, "name": "x.jsonl"}
        )
        stage = SignDocuments(path=f"{tmp}/sign", num_bands=4, minhashes_per_band=2, **settings)
        results = list(stage.process(task))
        for i, result in enumerate(results):
            result.task_id = f"s_{i}"
        return corpus_of(f"{tmp}/sign", results)

    return sign


def test_a_block_counts_its_documents(signed):
    block = signed(ROWS).blocks[0]
    assert (block.documents, block.lines, block.no_text, block.short) == (3, 4, 1, 1)


def test_signatures_are_the_lower_halves_of_those_of_the_texts(signed):
    texts = [ROWS[0]["text"], ROWS[3]["text"]]
    want = signatures(pa.array(texts), num_hashes=8).astype(np.uint16)
    assert np.array_equal(signed(ROWS).signatures(np.array([0, 2])), want)


def test_a_document_without_windows_takes_no_room_for_a_signature(signed):
    corpus = signed(ROWS)
    assert corpus.table(corpus.blocks[0], ".npy").shape == (2, 8)


def test_signing_a_few_at_a_time_gives_what_all_at_once_give(signed, monkeypatch):
    rows = [{"text": sentence(i)} for i in range(7)]
    want = signatures(pa.array([row["text"] for row in rows]), num_hashes=8)
    monkeypatch.setattr("curator_text.fuzzy.sign._ROWS_AT_A_TIME", 24)
    corpus = signed(rows)
    assert np.array_equal(corpus.signatures(np.arange(7)), want.astype(np.uint16))
    (keys,) = corpus.bands(0, 4)
    assert np.array_equal(keys, band_keys(want, num_bands=4, minhashes_per_band=2))


def test_short_documents_have_no_keys(signed):
    corpus = signed(ROWS)
    assert corpus.load(corpus.blocks[0], "long").tolist() == [0, 2]


@pytest.mark.parametrize("letter", ["a", "é", "文", "😀"])
def test_a_document_has_windows_from_as_many_characters_as_one_has(signed, letter):
    corpus = signed([{"text": letter * n} for n in (6, 23, 24, 95, 96)])
    assert corpus.load(corpus.blocks[0], "long").tolist() == [2, 3, 4]


def test_copies_have_the_same_hash(signed):
    hashes = load_all(signed([ROWS[0], ROWS[3], ROWS[0]]), "hash")
    assert hashes[0].tolist() == hashes[2].tolist() != hashes[1].tolist()


def test_kinds_of_the_keep_field_are_told_with_the_places_of_the_first_values(signed, tmp):
    rows = [{"text": "a", "f": 1}, {"text": None}, {"text": "b", "f": "x"}, {"text": "c"}]
    corpus = signed(rows, keep=KeepPolicy(kind="field", field="f"))
    assert corpus.kinds() == {"number": f"{tmp}/x.jsonl, row 1", "text": f"{tmp}/x.jsonl, row 3"}
    assert corpus.order(corpus.blocks[0]).is_valid().to_pylist() == [True, True, False]


def test_signatures_do_not_depend_on_the_device(signed, monkeypatch):
    expected = signed(ROWS, method="curator").signatures(np.arange(3))
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    for module in fake_rapids.MODULES:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    found = signed(ROWS, method="curator", device="gpu").signatures(np.arange(3))
    assert np.array_equal(found, expected)
