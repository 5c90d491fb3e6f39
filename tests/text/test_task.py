"""What tasks are to text."""

import numpy as np
import pyarrow as pa

from curator_text.task import DocumentBatch, LanceReadTask


def test_selecting_documents_keeps_the_class():
    batch = DocumentBatch(data=pa.table({"text": ["a", "b"]}))
    kept = batch.select(np.array([False, True]))
    assert isinstance(kept, DocumentBatch)
    assert kept.data.to_pydict() == {"text": ["b"]}


def test_fragments_are_known_by_their_dataset_and_version():
    task = LanceReadTask(path="a.lance", version=3, data=[0, 1])
    assert (task.num_items, task.validate(), task.content_stamp()) == (2, True, "3")
    assert task.source_key() == LanceReadTask(path="a.lance", version=4, data=[0, 1]).source_key()
    assert task.source_key() != LanceReadTask(path="a.lance", version=3, data=[0]).source_key()
    assert not LanceReadTask(path="a.lance", version=3).validate()
