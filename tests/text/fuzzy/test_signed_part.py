"""The files of a block in the part of an index, with some documents and with all."""

import numpy as np
import pytest
from text_toys import deduplicate, sentence, write_jsonl

from curator_text.dedup.index import load_index
from curator_text.fuzzy.signed_part import SIGNED_FILES


@pytest.fixture(scope="module")
def block(tmp_path_factory):
    """A block of an index, and where its files begin."""
    folder = tmp_path_factory.mktemp("part")
    rows = [{"id": f"d{i}", "text": sentence(i, 1 if i == 1 else 60)} for i in range(4)]
    source = write_jsonl(folder / "in.jsonl", rows)
    deduplicate(source, folder / "out", id_field="id", save_index=str(folder / "index"))
    [found] = load_index(str(folder / "index")).blocks()
    return found, f"{found.part}/{found.task_id}"


@pytest.mark.parametrize("stays", [[0, 1, 2, 3], [1, 3], [0]])
def test_a_copy_has_the_documents_that_stay(block, tmp_path, stays):
    found, stem = block
    assert SIGNED_FILES.ids(stem).to_pylist() == ["d0", "d1", "d2", "d3"]
    mask = np.isin(np.arange(4), stays)
    made = SIGNED_FILES.without(stem, f"{tmp_path}/x", found, mask)
    assert (made.documents, made.short) == (len(stays), int(1 in stays))
    assert SIGNED_FILES.ids(f"{tmp_path}/x").to_pylist() == [f"d{i}" for i in stays]
    for ending in SIGNED_FILES.endings:
        assert (tmp_path / f"x{ending}").exists()
