"""What a task is to text."""

import numpy as np
import pyarrow as pa

from curator_text.task import DocumentBatch


def test_selecting_documents_keeps_the_class():
    batch = DocumentBatch(data=pa.table({"text": ["a", "b"]}))
    kept = batch.select(np.array([False, True]))
    assert isinstance(kept, DocumentBatch)
    assert kept.data.to_pydict() == {"text": ["b"]}
