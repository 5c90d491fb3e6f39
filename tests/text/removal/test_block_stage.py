"""What signing and hashing have in common: the documents of a block."""

import pytest
from text_toys import load_all, write_invalid_parquet

from curator_engine.files.storage import list_names, write_atomic
from curator_engine.task import FileGroupTask
from curator_text.exact.hash_documents import HashDocuments
from curator_text.fuzzy.sign import SignDocuments
from curator_text.read.keep import KeepPolicy
from curator_text.removal.corpus import corpus_of


@pytest.mark.parametrize("kind", [SignDocuments, HashDocuments])
@pytest.mark.parametrize("field", ["text", "id", "site"])
def test_parquet_rows_that_are_no_utf8_are_no_documents(tmp, kind, field):
    path = write_invalid_parquet(f"{tmp}/x.parquet", field)
    task = FileGroupTask(data=[path], task_id="s", _metadata={"file_index": 0, "name": "x"})
    keep = KeepPolicy(kind="field", field="site")
    results = list(kind(path=f"{tmp}/blocks", id_field="id", keep=keep).process(task))
    for i, result in enumerate(results):
        result.task_id = f"s_{i}"
    corpus = corpus_of(f"{tmp}/blocks", results)
    assert load_all(corpus, "position").tolist() == [0, 2, 4, 5, 6, 7]
    assert load_all(corpus, "bad").tolist() == [1, 3]


@pytest.mark.parametrize("kind", [SignDocuments, HashDocuments])
def test_what_a_stopped_run_left_of_a_source_goes_before_it_is_done_again(ours, kind):
    for name in ("done_0.npz", "done_0.npy", "begun_0.npz", "begun_0.npy"):
        write_atomic(f"{ours}/{name}", b"")
    kind(path=ours).resume(frozenset({f"{ours}/done_0.npz"}))
    assert list_names(ours) == ["done_0.npy", "done_0.npz"]
