"""The rows of `removed/` and `clusters/`."""

import numpy as np
import pyarrow as pa
import pytest
from text_toys import write_jsonl

from curator_engine.task import FileGroupTask
from curator_text.dedup.removed_tables import Verdict, tables_of
from curator_text.fuzzy.sign import SignDocuments
from curator_text.removal.corpus import corpus_of


@pytest.fixture
def tables(tmp):
    """Of four documents, of which the second and the fourth go for the first."""
    path = write_jsonl(f"{tmp}/x.jsonl", [{"text": letter} for letter in "abcd"])
    task = FileGroupTask(data=[path], task_id="s", _metadata={"file_index": 0, "name": "x.jsonl"})
    results = list(SignDocuments(path=f"{tmp}/sign").process(task))
    results[0].task_id = "s_0"
    corpus = corpus_of(f"{tmp}/sign", results)
    verdict = Verdict(kept=np.array([-1, 0, -1, 0]), similarity=np.array([np.nan, 0.9, np.nan, 1]))
    ids: pa.ChunkedArray = pa.chunked_array([["one", None, "three", "four"]])
    return tables_of(corpus, ids, np.arange(4), np.zeros(4, np.int64), verdict)


def test_a_document_that_goes_names_the_one_that_stays(tables):
    rows = tables[0].select(["id", "kept_id", "similarity"]).to_pylist()
    assert rows == [
        {"id": "x.jsonl:1", "kept_id": "one", "similarity": 0.9},
        {"id": "four", "kept_id": "one", "similarity": 1.0},
    ]


def test_a_cluster_has_the_documents_that_went_for_one(tables):
    (row,) = tables[1].select(["cluster_id", "size", "members"]).to_pylist()
    assert row == {"cluster_id": "one", "size": 3, "members": ["x.jsonl:1", "four"]}
