"""Files of pieces and of spans."""

from typing import Any

import numpy as np
from text_toys import sentence, write_jsonl

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stages.files import FilePartitioner
from curator_text.removal.corpus import corpus_of
from curator_text.repeats.hash_pieces import HashUnits
from curator_text.repeats.pieces import SPAN, count_pieces, pieces_of, save_spans, spans_of


def corpus_in(folder, files=3):
    for i in range(files):
        rows = [{"text": f"{sentence(i, 4)}\n{sentence(i, 5)}"}, {"text": "x"}]
        write_jsonl(folder / f"in/{i}.jsonl", rows)
    hashes = HashUnits(path=str(folder / "hash"), unit="line", least=2)
    stages = [FilePartitioner(file_paths=str(folder / "in")), hashes]
    found: Any = Pipeline("hash", stages=stages).run(LocalExecutor())
    return corpus_of(str(folder / "hash"), found)


def test_each_piece_is_in_one_range_with_the_number_of_its_document(tmp_path):
    corpus = corpus_in(tmp_path)
    found = []
    for part in range(4):
        for pieces, numbers in pieces_of(corpus, part, 4):
            assert np.all(pieces["key"] >> np.uint64(62) == part)
            found += numbers.tolist()
    assert sorted(found) == [0, 0, 2, 2, 4, 4]
    assert count_pieces(corpus) == 6


def test_the_spans_of_a_block_are_those_of_its_documents(tmp_path):
    corpus = corpus_in(tmp_path)
    spans = np.zeros(3, SPAN)
    spans["number"], spans["start"] = [5, 2, 2], [1, 7, 3]
    save_spans(str(tmp_path / "spans.npy"), spans)
    assert spans_of(str(tmp_path / "spans.npy"), corpus, 0).tolist() == []
    assert spans_of(str(tmp_path / "spans.npy"), corpus, 1)["start"].tolist() == [3, 7]
    assert spans_of(str(tmp_path / "spans.npy"), corpus, 2)["number"].tolist() == [5]
