"""Files of pieces and of spans."""

from typing import Any

import numpy as np
from text_toys import rows_of, sentence, write_jsonl

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stages.files import FilePartitioner
from curator_text.pipelines.repeats import LinesWorkflow
from curator_text.read.keep import keep_rank
from curator_text.removal.corpus import corpus_of
from curator_text.repeats import pieces
from curator_text.repeats.hash_pieces import HashUnits
from curator_text.repeats.pieces import SPAN, count_pieces, pieces_of, records_of, save_spans
from curator_text.settings import LinesSettings


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
        for some, numbers in pieces_of(corpus, part, 4):
            assert np.all(some["key"] >> np.uint64(62) == part)
            found += numbers.tolist()
    assert sorted(found) == [0, 0, 2, 2, 4, 4]
    assert count_pieces(corpus) == 6


def test_the_records_of_a_block_are_those_of_its_documents(tmp_path):
    corpus = corpus_in(tmp_path)
    spans = np.zeros(3, SPAN)
    spans["number"], spans["start"] = [5, 2, 2], [1, 7, 3]
    save_spans(str(tmp_path / "spans.npy"), spans)
    assert records_of(str(tmp_path / "spans.npy"), SPAN, corpus, 0, old=0).tolist() == []
    assert records_of(str(tmp_path / "spans.npy"), SPAN, corpus, 1, old=0)["start"].tolist() == [
        3,
        7,
    ]
    assert records_of(str(tmp_path / "spans.npy"), SPAN, corpus, 2, old=0)["number"].tolist() == [5]


def test_documents_are_ranked_once_a_run(tmp_path, monkeypatch):
    ranked = []
    rank = keep_rank
    monkeypatch.setattr(pieces, "keep_rank", lambda keys: (ranked.append(0), rank(keys))[1])
    rows = [
        {"text": f"a line that stands in all documents\nand one of {i}" + i * "!"} for i in range(9)
    ]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    settings = LinesSettings(
        inputs=[source], output=str(tmp_path / "out"), keep="longest", max_times=1
    )
    LinesWorkflow(settings=settings, pieces_together=4).run()
    assert ranked == [0]
    texts = [row["text"] for row in rows_of(tmp_path / "out")]
    assert [text.startswith("a line") for text in texts] == 8 * [False] + [True]
